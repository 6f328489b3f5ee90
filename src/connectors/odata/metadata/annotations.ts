import type { Json } from '../../../domain/json.ts';
import { isObject } from '../../../domain/json.ts';
import type { DraftModel, Writable } from './draft-model.ts';
import type { EntitySet } from './model.ts';

export type AnnotationValue = Json;

/** An annotation at its target (`Ns.Type/property`, `Ns.Container/Set`), its term with the full namespace. */
export interface Annotation { readonly target: string; readonly term: string; readonly value: AnnotationValue }

const CORE = 'Org.OData.Core.V1.';
const CAPABILITIES = 'Org.OData.Capabilities.V1.';
const MEASURES = 'Org.OData.Measures.V1.';
const COMMON = 'com.sap.vocabularies.Common.v1.';

/** Carries over what matters to a caller; all other annotations are for user interfaces and are left out. */
export function applyAnnotations(draft: DraftModel): void {
  for (const { target, term, value } of draft.annotations) {
    const slash = target.indexOf('/');
    const [owner, member] = slash < 0 ? [target, undefined] : [target.slice(0, slash), target.slice(slash + 1)];
    if (draft.containers.has(owner)) {
      if (member === undefined) aboutService(draft, term, value);
      else {
        const set = draft.sets.get(member);
        if (set !== undefined) aboutSet(set, term, value);
      }
      continue;
    }
    const type = draft.types.get(owner);
    if (type === undefined) continue;
    if (member === undefined) {
      if (isLabel(term) && typeof value === 'string') type.label ??= value;
      continue;
    }
    const property = type.properties.get(member);
    if (property === undefined) continue;
    if (term === `${CORE}Computed`) { if (value !== false) property.computed = true; }
    else if (term === `${CORE}ComputedDefaultValue`) { if (value !== false) property.hasDefault = true; }
    else if (term === `${CORE}Immutable`) { if (value !== false) property.immutable = true; }
    else if (term === `${CORE}Permissions`) { if (value === 'Read' || value === 'Org.OData.Core.V1.Permission/Read') property.computed = true; }
    else if (term === `${MEASURES}Unit` || term === `${MEASURES}ISOCurrency`) { if (isObject(value) && typeof value['$Path'] === 'string') property.unit = value['$Path']; }
    else if (isLabel(term) && typeof value === 'string') property.label ??= value;
  }
}

const isLabel = (term: string): boolean => term === `${COMMON}Label` || term === `${CORE}Description`;

function aboutService(draft: DraftModel, term: string, value: AnnotationValue): void {
  if (term !== `${CAPABILITIES}BatchSupport` || !isObject(value)) return;
  const formats = value['SupportedFormats'];
  if (Array.isArray(formats) && formats.includes('application/json')) draft.jsonBatch = true;
}

function aboutSet(set: Writable<EntitySet>, term: string, value: AnnotationValue): void {
  if (term === `${CORE}OptimisticConcurrency`) set.etag = true;
  else if (isLabel(term) && typeof value === 'string') set.label ??= value;
  else if (isObject(value)) {
    if (term === `${CAPABILITIES}InsertRestrictions` && value['Insertable'] === false) set.creatable = false;
    if (term === `${CAPABILITIES}UpdateRestrictions` && value['Updatable'] === false) set.updatable = false;
    if (term === `${CAPABILITIES}DeleteRestrictions` && value['Deletable'] === false) set.deletable = false;
  }
}
