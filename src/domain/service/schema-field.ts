import type { Json, JsonObject } from '../json.ts';
import { atPointer, isPointer, pointerParts } from '../json-pointer.ts';
import { isObject } from '../json.ts';

/** How many references are followed from one place: a chain of them may be a circle. */
const MOST_REFERENCES = 20;

/** What `#/$defs/order` leads to within a schema. */
function referred(root: Json, reference: Json | undefined): Json | undefined {
  const pointer = typeof reference === 'string' && reference.startsWith('#') ? reference.slice(1) : undefined;
  return pointer !== undefined && isPointer(pointer) ? atPointer(root, pointer) : undefined;
}

/** A schema and all that hold beside it: what it refers to, its `allOf`. */
function* together(root: Json, schema: Json | undefined, depth = 0): Generator<JsonObject> {
  if (!isObject(schema) || depth > MOST_REFERENCES) return;
  yield schema;
  yield* together(root, referred(root, schema['$ref']), depth + 1);
  if (Array.isArray(schema['allOf'])) for (const each of schema['allOf'] as readonly Json[]) yield* together(root, each, depth + 1);
}

/** Keywords by which a schema may allow more than its `properties` say. */
const ALLOWING = ['anyOf', 'oneOf', 'if', 'patternProperties', 'dependentSchemas'] as const;

/** The schemas that say what stands at one member of a document; `closed` when none does, and nothing may stand there. */
function membersOf(root: Json, schemas: readonly JsonObject[], name: string): { readonly found: readonly JsonObject[]; readonly closed: boolean } {
  const found: JsonObject[] = [];
  let closed = false;
  for (const schema of schemas) {
    const { properties, prefixItems, items, additionalProperties, unevaluatedProperties } = schema;
    const position = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : undefined;
    const inList = position === undefined ? undefined : (Array.isArray(prefixItems) ? (prefixItems as readonly Json[])[position] : undefined) ?? items;
    const named = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    const member = named ?? inList;
    if (member === false) closed = true;
    if (member !== undefined) found.push(...together(root, member));
    else if (additionalProperties === false || unevaluatedProperties === false) closed = true;
  }
  return { found, closed: closed && !schemas.some((schema) => ALLOWING.some((keyword) => Object.hasOwn(schema, keyword))) };
}

/** What a schema says of the place that a JSON Pointer names: the schemas that hold there; undefined when nothing may stand there. */
export function fieldSchemas(schema: Json | undefined, pointer: string): readonly JsonObject[] | undefined {
  if (schema === undefined || schema === false || !isPointer(pointer)) return undefined;
  let at: readonly JsonObject[] = [...together(schema, schema)];
  for (const part of pointerParts(pointer)) {
    const { found, closed } = membersOf(schema, at, part);
    if (closed && found.length === 0) return undefined;
    at = found;
  }
  return at;
}
