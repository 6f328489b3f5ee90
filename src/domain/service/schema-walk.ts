import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { pointerOf } from '../json-pointer.ts';

/** JSON Schema (2020-12): keywords whose value is a schema, a list of schemas, or schemas by name. Everything else holds no schema. */
const ONE = ['items', 'contains', 'not', 'if', 'then', 'else', 'additionalProperties', 'unevaluatedItems', 'unevaluatedProperties', 'propertyNames', 'contentSchema'] as const;
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const;
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'] as const;


/** A schema within a schema, with the JSON Pointer from the outermost one. */
export interface SchemaPlace {
  readonly at: string;
  readonly schema: JsonObject;
}

/** Every schema in a schema, itself first. What stands under `const`, `enum`, `default` or `examples` is data and none. */
export function* schemasIn(schema: Json | undefined, at = ''): Generator<SchemaPlace> {
  if (!isObject(schema)) return;
  yield { at, schema };
  for (const keyword of ONE) yield* schemasIn(schema[keyword], `${at}/${keyword}`);
  for (const keyword of LISTS) {
    const list = schema[keyword];
    if (Array.isArray(list)) for (const [i, each] of (list as readonly Json[]).entries()) yield* schemasIn(each, `${at}/${keyword}/${i}`);
  }
  for (const keyword of NAMED) {
    const named = schema[keyword];
    if (isObject(named)) for (const [name, each] of Object.entries(named)) yield* schemasIn(each, `${at}/${keyword}${pointerOf(name)}`);
  }
}
