import type { Json, JsonObject } from '../../domain/json.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import { OpenApiError } from './openapi-error.ts';
import { isObject } from '../../domain/json.ts';
import { listOf, objectOf } from './read.ts';
import { pointerIn } from './references.ts';

/** Keywords of OpenAPI, or of a document's own, that say nothing to a check. */
const dropped = new Set(['discriminator', 'xml', 'externalDocs', 'example', '$schema', '$id', '$anchor', '$comment', 'nullable', 'readOnly', 'writeOnly', 'deprecated']);
/** Formats that are checked; others are words for people. */
const formats = new Set(['date', 'date-time', 'time', 'duration', 'email', 'uuid', 'uri', 'uri-reference', 'hostname', 'ipv4', 'ipv6', 'int32', 'int64', 'json-pointer', 'regex']);
const inOne = ['not', 'if', 'then', 'else', 'items', 'contains', 'additionalProperties', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties', 'contentSchema'];
const inList = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const inMap = ['properties', 'patternProperties', 'dependentSchemas'];
const deepest = 100;

/**
 * Schemas of one document as contracts of their own: JSON Schema 2020-12, complete in itself. What a schema refers to is
 * brought along under `$defs`; what OpenAPI 3.0 says otherwise (`nullable`, exclusive bounds as truth values) is rewritten.
 */
export class Contracts {
  readonly #document: JsonObject;
  readonly #old: boolean;

  constructor(document: JsonObject) {
    this.#document = document;
    this.#old = String(document['openapi']).startsWith('3.0');
  }

  /** @param direction what stands in a request has no fields that only the system writes @throws OpenApiError */
  contract(schema: Json, at: string, direction: 'request' | 'answer'): JsonObject | boolean {
    const bundle = new Bundle(this.#document, this.#old, direction);
    const root = bundle.convert(schema, at, 0);
    if (typeof root === 'boolean') return root;
    const definitions = bundle.definitions();
    return Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions };
  }
}

class Bundle {
  readonly #document: JsonObject;
  readonly #old: boolean;
  readonly #hidden: 'readOnly' | 'writeOnly';
  readonly #names = new Map<string, string>();
  readonly #made = new Map<string, JsonObject | boolean>();

  constructor(document: JsonObject, old: boolean, direction: 'request' | 'answer') {
    this.#document = document;
    this.#old = old;
    this.#hidden = direction === 'request' ? 'readOnly' : 'writeOnly';
  }

  definitions(): JsonObject {
    return Object.fromEntries(this.#made);
  }

  convert(schema: Json, at: string, depth: number): JsonObject | boolean {
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) throw new OpenApiError('There should be a schema.', at);
    if (depth > deepest) throw new OpenApiError(`The schema is nested more than ${deepest} times.`, at);
    if (schema['$dynamicRef'] !== undefined || schema['$recursiveRef'] !== undefined) throw new OpenApiError('It refers dynamically, which is not read; refer by "$ref".', at);
    const reference = schema['$ref'] === undefined ? undefined : { $ref: `#/$defs/${this.#refer(pointerIn(schema['$ref'], `${at}/$ref`), `${at}/$ref`, depth)}` };
    // Before OpenAPI 3.1 nothing counts beside a reference.
    if (reference !== undefined && this.#old) return reference;
    const out: { [keyword: string]: Json } = { ...reference };
    for (const [keyword, value] of Object.entries(schema)) {
      if (dropped.has(keyword) || keyword === '$ref' || keyword === '$defs' || keyword.startsWith('x-')) continue;
      out[keyword] = this.#keyword(keyword, value, `${at}/${keyword}`, depth);
    }
    return this.#finished(schema, out);
  }

  #keyword(keyword: string, value: Json, at: string, depth: number): Json {
    if (inOne.includes(keyword)) return this.convert(value, at, depth + 1);
    if (inList.includes(keyword)) return listOf(value).map((each, index) => this.convert(each, `${at}/${index}`, depth + 1));
    if (inMap.includes(keyword)) return Object.fromEntries(Object.entries(objectOf(value)).map(([name, each]) => [name, this.convert(each, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1)]));
    return value;
  }

  #finished(from: JsonObject, out: { [keyword: string]: Json }): JsonObject {
    if (from['example'] !== undefined && out['examples'] === undefined) out['examples'] = [from['example']];
    if (!Array.isArray(out['examples'])) delete out['examples'];
    if (typeof out['format'] === 'string' && !formats.has(out['format'])) delete out['format'];
    if (this.#old) this.#fromOld(from, out);
    const hidden = Object.entries(objectOf(from['properties'])).filter(([, member]) => objectOf(member)[this.#hidden] === true).map(([name]) => name);
    if (hidden.length > 0 && Array.isArray(out['required'])) out['required'] = listOf(out['required']).filter((name) => !hidden.includes(String(name)));
    return out;
  }

  /** OpenAPI 3.0 is JSON Schema of draft 5 with words of its own. */
  #fromOld(from: JsonObject, out: { [keyword: string]: Json }): void {
    for (const [bound, exclusive] of [['minimum', 'exclusiveMinimum'], ['maximum', 'exclusiveMaximum']] as const) {
      if (typeof out[exclusive] !== 'boolean') continue;
      if (out[exclusive] && out[bound] !== undefined) {
        out[exclusive] = out[bound];
        delete out[bound];
      } else delete out[exclusive];
    }
    if (from['nullable'] !== true || out['type'] === undefined) return;
    out['type'] = [...Array.isArray(out['type']) ? listOf(out['type']) : [out['type']], 'null'];
    if (Array.isArray(out['enum']) && !listOf(out['enum']).includes(null)) out['enum'] = [...listOf(out['enum']), null];
  }

  /** The name under which what is at the pointer is brought along. */
  #refer(pointer: string, at: string, depth: number): string {
    const known = this.#names.get(pointer);
    if (known !== undefined) return known;
    const target = atPointer(this.#document, pointer);
    if (target === undefined) throw new OpenApiError(`It refers to "#${pointer}", where nothing is.`, at);
    const wanted = (pointer.split('/').at(-1) ?? 'schema').replace(/[^A-Za-z0-9._-]/g, '_') || 'schema';
    const taken = new Set(this.#names.values());
    let name = wanted;
    for (let i = 2; taken.has(name); i++) name = `${wanted}_${i}`;
    // Named before it is converted: it may refer to itself.
    this.#names.set(pointer, name);
    this.#made.set(name, this.convert(target, pointer, depth + 1));
    return name;
  }
}
