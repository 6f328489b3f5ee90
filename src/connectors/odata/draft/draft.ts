import type { Json, JsonObject } from '../../../domain/json.ts';
import type { Authentication, IdempotencyPlace, ServiceDefinition, ServiceOperation } from '../../../domain/service/index.ts';
import type { BatchBinding, Expand, OperationBinding, SingleBinding } from '../binding.ts';
import { hashOfModel } from '../metadata/read.ts';
import type { ODataModel } from '../metadata/model.ts';
import { MetadataError, own, typeOfSet } from '../metadata/model.ts';
import { presetOf } from '../presets/presets.ts';
import { operationOf } from '../request/build.ts';
import { contractOf } from './schema.ts';

export interface DraftOptions {
  /** `family/name`. */
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly system: string;
  /** Path of the service below the system's address. */
  readonly path: string;
  readonly preset?: string;
  /** What is wanted, by the names that operations get. */
  readonly operations: Readonly<Record<string, OperationBinding>>;
  /** Where the idempotency key of an operation lives: a text property of what it makes. What is named here comes before what the preset says. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly authentication?: Authentication;
  /** Day (ISO 8601) of the first entry of the changelog. */
  readonly date: string;
}

export interface Drafted {
  readonly definition: ServiceDefinition & { readonly changelog: readonly Json[] };
  /** What the author has to look at, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * A draft of a service from the metadata of a system: contracts from the types, keys where the preset knows a place for
 * them, and only the part of the metadata that the operations need.
 *
 * @throws MetadataError when a binding names what the metadata do not have, or DriverError
 */
export function draftService(model: ODataModel, options: DraftOptions): Drafted {
  const preset = presetOf(options.preset);
  if (options.preset !== undefined && preset === undefined) throw new MetadataError(`There is no preset "${options.preset}" for OData.`);
  const notes: string[] = [...preset?.notes ?? []];
  const operations: Record<string, ServiceOperation> = {};
  for (const [name, binding] of Object.entries(options.operations)) {
    const writes = writesBy(binding, model);
    const place = binding.do === 'create' ? placeOf(binding.entitySet, own(options.keys ?? {}, name), model) ?? own(preset?.idempotency ?? {}, binding.entitySet) : undefined;
    if (writes && place === undefined) notes.push(`"${name}" has no place for an idempotency key yet: name a field of the system that keeps one, and a query that finds it; until then an unknown outcome asks a person.`);
    operations[name] = {
      title: name, effect: writes ? 'writes' : 'reads', ...contractOf(binding, model), binding: binding as unknown as JsonObject,
      ...(place === undefined ? {} : { idempotency: place }), recovery: { by: writes ? 'none' : 'safe' },
    };
    if (place?.in === 'field' && binding.do === 'create') operations[name] = { ...operations[name], recovery: byKey(name, binding.entitySet, place, operations, model) };
  }
  const metadata = partOf(model, Object.values(options.operations));
  return {
    notes,
    definition: {
      id: options.id, version: '0.1.0', title: options.title, owner: options.owner, system: options.system, protocol: 'odata', ...(options.preset === undefined ? {} : { preset: options.preset }), objects: [], operations,
      authentication: options.authentication ?? { kind: 'basic' }, limits: { concurrency: 4, perSecond: 5, burst: 10 }, timeouts: { connectMs: 5_000, headersMs: 30_000, totalMs: 60_000 },
      retry: { maxAttempts: 8, maxMinutes: 1_440, baseDelaySeconds: 2, maxDelaySeconds: 300 }, circuit: { failures: 5, openSeconds: 30 }, classification: 'internal',
      binding: { path: options.path, metadata: metadata as unknown as JsonObject },
      changelog: [{ version: '0.1.0', date: options.date, changes: [`Made from OData ${model.version} metadata with hash ${hashOfModel(model).slice(0, 16)}.`] }],
    },
  };
}

/** The property as the place of a key. @throws MetadataError when the set has no such text property */
function placeOf(entitySet: string, property: string | undefined, model: ODataModel): IdempotencyPlace | undefined {
  if (property === undefined) return undefined;
  const facets = own(typeOfSet(model, entitySet)?.properties ?? {}, property);
  if (facets?.type !== 'Edm.String') throw new MetadataError(`"${property}" of "${entitySet}" cannot keep an idempotency key: it is ${facets === undefined ? 'not in the metadata' : `of the type ${facets.type}`}; name a text property.`);
  return { in: 'field', name: `/${property}`, ...(facets.maxLength === undefined ? {} : { maxLength: Math.min(facets.maxLength, 1_000) }) };
}

/** Adds the query that finds what was made under a key, and gives the recovery that asks it. */
function byKey(name: string, entitySet: string, place: IdempotencyPlace, operations: Record<string, ServiceOperation>, model: ODataModel): ServiceOperation['recovery'] {
  const binding: OperationBinding = { do: 'query', entitySet, filter: { property: place.name.slice(1), from: '/key' }, top: 2 };
  const operation = `${name}-by-key`;
  operations[operation] ??= {
    title: `What "${name}" made under a key`, effect: 'reads', ...contractOf(binding, model), request: { type: 'object', required: ['key'], properties: { key: { type: 'string' } }, additionalProperties: false },
    binding: binding as unknown as JsonObject, recovery: { by: 'safe' },
  };
  return { by: 'query', operation, document: { key: '{key}' }, found: '/value/0' };
}

function writesBy(binding: OperationBinding, model: ODataModel): boolean {
  if (binding.do === 'batch') return binding.requests.some((part) => writesBy(part as SingleBinding, model));
  return binding.do === 'call' ? operationOf(binding, model).kind === 'action' : binding.do !== 'read' && binding.do !== 'query';
}

/** The part of the metadata that bindings need: the metadata of a whole ERP have no place in a definition. */
export function partOf(model: ODataModel, bindings: readonly OperationBinding[]): ODataModel {
  const singles = bindings.flatMap((binding) => (binding.do === 'batch' ? (binding as BatchBinding).requests as readonly SingleBinding[] : [binding]));
  const names = new Set(singles.flatMap((binding) => (binding.entitySet === undefined ? [] : [binding.entitySet])));
  const operations = model.operations.filter((each) => singles.some((binding) => binding.do === 'call' && (binding.operation === each.name || binding.operation === each.importName)));
  const types = new Set<string>();
  // A document goes as deep as contracts describe it; what is expanded, as deep as it is expanded.
  const add = (type: string, expand: readonly Expand[], deep: number): void => {
    const found = own(model.types, type);
    if (found === undefined) return;
    types.add(type);
    for (const { type: inner } of Object.values(found.properties)) if (!types.has(inner)) add(inner, [], 0);
    for (const each of expand) add(own(found.navigation, typeof each === 'string' ? each : each.navigation)?.type ?? '', typeof each === 'string' ? [] : each.expand ?? [], 0);
    if (deep > 0) for (const { type: below } of Object.values(found.navigation)) add(below, [], deep - 1);
  };
  for (const binding of singles) {
    const set = own(model.sets, binding.entitySet ?? '') ?? own(model.singletons, binding.entitySet ?? '');
    if (set !== undefined) add(set.type, 'expand' in binding ? binding.expand ?? [] : [], binding.do === 'create' ? 2 : 0);
  }
  for (const { parameters, returns } of operations) for (const { type } of [...parameters, ...(returns === undefined ? [] : [returns])]) add(type, [], 0);
  const kept = <T>(record: Readonly<Record<string, T>>, which: ReadonlySet<string>): Readonly<Record<string, T>> => Object.fromEntries(Object.entries(record).filter(([name]) => which.has(name)));
  const partTypes = kept(model.types, types);
  const used = new Set([...Object.values(partTypes).flatMap((type) => Object.values(type.properties).map((each) => each.type)), ...operations.flatMap((each) => each.parameters.map((parameter) => parameter.type))]);
  return { version: model.version, types: partTypes, enums: kept(model.enums, used), sets: kept(model.sets, names), singletons: kept(model.singletons, names), operations, ...(model.jsonBatch === true ? { jsonBatch: true } : {}) };
}
