import type { ODataModel, StructuredType, TypeOf } from './model.ts';
import { own, shortName } from './model.ts';

/** What a definition counts on and the service does not have any more; `names`: what has to be used for it to matter. */
export interface Change { readonly names: readonly string[]; readonly message: string }

/** Compares the metadata of a definition with those of the service now. What is new over there breaks nothing. */
export function changesOf(expected: ODataModel, now: ODataModel): readonly Change[] {
  const changes: Change[] = [];
  for (const kind of ['sets', 'singletons'] as const) {
    for (const name of Object.keys(expected[kind])) if (own<unknown>(now[kind], name) === undefined) changes.push({ names: [name], message: `the entity set "${name}" is gone` });
  }
  for (const [name, type] of Object.entries(expected.types)) {
    const other = own(now.types, name);
    if (other === undefined) changes.push({ names: [name], message: `the type "${shortName(name)}" is gone` });
    else changes.push(...typeChanges(shortName(name), type, other));
  }
  for (const operation of expected.operations) {
    const other = now.operations.find((each) => each.name === operation.name && each.bound?.type === operation.bound?.type);
    if (other === undefined) {
      changes.push({ names: [operation.name, operation.importName ?? operation.name], message: `the ${operation.kind} "${shortName(operation.name)}" is gone` });
      continue;
    }
    for (const parameter of operation.parameters) {
      const same = other.parameters.find((each) => each.name === parameter.name);
      if (same === undefined) changes.push({ names: [parameter.name], message: `the parameter "${parameter.name}" of "${shortName(operation.name)}" is gone` });
    }
  }
  return changes;
}

function typeChanges(name: string, expected: StructuredType, now: StructuredType): readonly Change[] {
  const changes: Change[] = [];
  for (const [property, facets] of Object.entries(expected.properties)) {
    const other = own(now.properties, property);
    if (other === undefined) changes.push({ names: [property], message: `the property "${property}" of "${name}" is gone` });
    else {
      const message = facetChange(facets, other);
      if (message !== undefined) changes.push({ names: [property], message: `the property "${property}" of "${name}" ${message}` });
    }
  }
  for (const navigation of Object.keys(expected.navigation)) {
    if (own(now.navigation, navigation) === undefined) changes.push({ names: [navigation], message: `the navigation "${navigation}" of "${name}" is gone` });
  }
  if (expected.key.join() !== now.key.join()) changes.push({ names: expected.key, message: `the key of "${name}" is ${now.key.join(', ')} now` });
  return changes;
}

function facetChange(expected: TypeOf, now: TypeOf): string | undefined {
  if (expected.type !== now.type || expected.collection !== now.collection) return `is ${now.collection === true ? 'a list of ' : ''}${now.type} now, and was ${expected.type}`;
  if (now.maxLength !== undefined && (expected.maxLength === undefined || now.maxLength < expected.maxLength)) return `keeps ${now.maxLength} characters now`;
  if (now.scale !== undefined && expected.scale !== undefined && now.scale < expected.scale) return `keeps ${now.scale} decimals now`;
  return undefined;
}
