import type { Json, JsonObject } from '../json.ts';
import { atPointer, isPointer, pointerOf } from '../json-pointer.ts';
import { isObject } from '../json.ts';

/**
 * How a contract has changed at a place: `narrower` allows less than before, `wider` more; `unclear` is both, or cannot be
 * told from the schemas.
 */
export interface ContractChange {
  /** JSON Pointer into the schema. */
  readonly at: string;
  readonly how: 'narrower' | 'wider' | 'unclear';
  /** One sentence. */
  readonly message: string;
}

type Schema = Json | undefined;

/** Both roots, for what refers into them, and the pairs of references that were followed: a definition is told once. */
interface Pair { readonly before: Schema; readonly after: Schema; readonly seen: Set<string> }

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] as const;
const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'] as const;
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'] as const;
/** What is there or not, and if it changed nobody can say which of both allows more. */
const OPAQUE = ['pattern', 'format', 'multipleOf', 'uniqueItems', 'not', 'if', 'then', 'else', 'allOf', 'contains', 'patternProperties', 'propertyNames', 'dependentSchemas', 'dependentRequired', 'unevaluatedItems', 'unevaluatedProperties', 'contentEncoding', 'contentMediaType', 'contentSchema', '$dynamicRef'] as const;

/** JSON with members in order, so that equal values have equal texts. */
function text(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(text).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? '';
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${text(value[name])}`).join(',')}}`;
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value as readonly Json[] : []);

/** A schema without a reference of its own; what cannot be followed stays as it is. */
function resolved(root: Schema, schema: Schema): Schema {
  let at = schema;
  for (let hops = 0; hops < 20 && isObject(at) && typeof at['$ref'] === 'string' && at['$ref'].startsWith('#'); hops += 1) {
    const pointer = at['$ref'].slice(1);
    const found: Schema = isPointer(pointer) ? atPointer(root, pointer) : undefined;
    if (found === undefined) return at;
    const { $ref: _reference, ...beside } = at;
    at = Object.keys(beside).length === 0 || !isObject(found) ? found : { ...found, ...beside };
  }
  return at;
}

function typesOf({ type }: JsonObject): ReadonlySet<string> {
  if (type === undefined) return new Set(TYPES);
  const named = new Set(Array.isArray(type) ? (type as readonly Json[]).map(String) : [String(type)]);
  if (named.has('number')) named.add('integer');
  return named;
}

function* types(before: JsonObject, after: JsonObject, at: string): Generator<ContractChange> {
  const [was, is] = [typesOf(before), typesOf(after)];
  const [gone, came] = [[...was].filter((each) => !is.has(each)), [...is].filter((each) => !was.has(each))];
  const said = `the type was ${text(before['type']) || 'anything'} and is ${text(after['type']) || 'anything'}`;
  if (gone.length > 0 && came.length > 0) yield { at, how: 'unclear', message: said };
  else if (gone.length > 0) yield { at, how: 'narrower', message: said };
  else if (came.length > 0) yield { at, how: 'wider', message: said };
}

const valuesOf = (schema: JsonObject): readonly string[] | undefined => (Object.hasOwn(schema, 'const') ? [text(schema['const'])] : Array.isArray(schema['enum']) ? listOf(schema['enum']).map(text) : undefined);

function* values(before: JsonObject, after: JsonObject, at: string): Generator<ContractChange> {
  const [was, is] = [valuesOf(before), valuesOf(after)];
  if (was === undefined && is !== undefined) yield { at, how: 'narrower', message: `only ${is.slice(0, 8).join(', ')} may stand there now` };
  else if (was !== undefined && is === undefined) yield { at, how: 'wider', message: 'any value may stand there now' };
  if (was === undefined || is === undefined) return;
  const [gone, came] = [was.filter((each) => !is.includes(each)), is.filter((each) => !was.includes(each))];
  if (gone.length > 0) yield { at, how: 'narrower', message: `${gone.slice(0, 8).join(', ')} may no longer stand there` };
  if (came.length > 0) yield { at, how: 'wider', message: `${came.slice(0, 8).join(', ')} may stand there as well` };
}

function* bounds(before: JsonObject, after: JsonObject, at: string): Generator<ContractChange> {
  for (const [keywords, none] of [[LEAST, Number.NEGATIVE_INFINITY], [MOST, Number.POSITIVE_INFINITY]] as const) {
    for (const keyword of keywords) {
      const [was, is] = [before[keyword], after[keyword]].map((value) => (typeof value === 'number' ? value : none)) as [number, number];
      if (was === is) continue;
      const narrower = none < 0 ? is > was : is < was;
      yield { at, how: narrower ? 'narrower' : 'wider', message: `"${keyword}" was ${before[keyword] === undefined ? 'not said' : String(was)} and is ${after[keyword] === undefined ? 'not said' : String(is)}` };
    }
  }
  for (const keyword of OPAQUE) {
    const [was, is] = [before[keyword], after[keyword]];
    if (text(was) === text(is)) continue;
    yield { at, how: was === undefined ? 'narrower' : is === undefined ? 'wider' : 'unclear', message: `"${keyword}" ${was === undefined ? 'was added' : is === undefined ? 'was taken out' : 'was changed'}` };
  }
}

function* alternatives(before: JsonObject, after: JsonObject, at: string): Generator<ContractChange> {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const [was, is] = [before[keyword], after[keyword]];
    if (text(was) === text(is)) continue;
    const place = `${at}/${keyword}`;
    if (was === undefined || is === undefined) {
      yield { at: place, how: was === undefined ? 'narrower' : 'wider', message: `"${keyword}" ${was === undefined ? 'was added' : 'was taken out'}` };
      continue;
    }
    const [old, fresh] = [listOf(was).map(text), listOf(is).map(text)];
    const [gone, came] = [old.filter((each) => !fresh.includes(each)).length, fresh.filter((each) => !old.includes(each)).length];
    const how = gone > 0 && came > 0 ? 'unclear' : gone > 0 ? 'narrower' : 'wider';
    yield { at: place, how, message: how === 'unclear' ? 'forms were changed' : `${how === 'narrower' ? gone : came} of the forms ${how === 'narrower' ? 'may no longer stand there' : 'are new'}` };
  }
}

const isClosed = ({ additionalProperties, unevaluatedProperties }: JsonObject): boolean => additionalProperties === false || unevaluatedProperties === false;
const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {});

function* members(before: JsonObject, after: JsonObject, at: string, pair: Pair): Generator<ContractChange> {
  const [was, is] = [listOf(before['required']), listOf(after['required'])];
  for (const name of is) if (!was.includes(name)) yield { at: `${at}${pointerOf('properties', String(name))}`, how: 'narrower', message: 'it is required now' };
  for (const name of was) if (!is.includes(name)) yield { at: `${at}${pointerOf('properties', String(name))}`, how: 'wider', message: 'it may be missing now' };
  const [old, fresh] = [propertiesOf(before), propertiesOf(after)];
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    const place = `${at}${pointerOf('properties', name)}`;
    if (!Object.hasOwn(fresh, name)) yield { at: place, how: isClosed(after) ? 'narrower' : 'wider', message: 'the contract says nothing of it any more' };
    else if (Object.hasOwn(old, name)) yield* between(old[name], fresh[name], place, pair);
    else if (isClosed(before)) yield { at: place, how: 'wider', message: 'it is new' };
  }
  const [closedBefore, closedAfter] = [isClosed(before), isClosed(after)];
  if (closedBefore !== closedAfter) yield { at, how: closedAfter ? 'narrower' : 'wider', message: closedAfter ? 'no other members are allowed now' : 'other members are allowed now' };
  else if (isObject(before['additionalProperties']) || isObject(after['additionalProperties'])) yield* between(before['additionalProperties'] ?? true, after['additionalProperties'] ?? true, `${at}/additionalProperties`, pair);
}

function* elements(before: JsonObject, after: JsonObject, at: string, pair: Pair): Generator<ContractChange> {
  if (before['items'] !== undefined || after['items'] !== undefined) yield* between(before['items'] ?? true, after['items'] ?? true, `${at}/items`, pair);
  const [old, fresh] = [listOf(before['prefixItems']), listOf(after['prefixItems'])];
  for (let i = 0; i < Math.max(old.length, fresh.length); i += 1) yield* between(old[i] ?? true, fresh[i] ?? true, `${at}/prefixItems/${i}`, pair);
}

function* between(before: Schema, after: Schema, at: string, pair: Pair): Generator<ContractChange> {
  const [was, is] = [resolved(pair.before, before), resolved(pair.after, after)];
  if (text(was) === text(is) && !text(was).includes('"$ref"')) return;
  const references = [before, after].map((each) => (isObject(each) && typeof each['$ref'] === 'string' ? each['$ref'] : ''));
  if (references.some((each) => each !== '')) {
    // Every circle of schemas goes through a reference.
    const both = references.join(' ');
    if (pair.seen.has(both)) return;
    pair.seen.add(both);
  }
  if (was === false || is === false) {
    if (was !== is) yield { at, how: is === false ? 'narrower' : 'wider', message: is === false ? 'nothing may stand there now' : 'something may stand there now' };
    return;
  }
  const [old, fresh] = [was, is].map((each) => (isObject(each) ? each : {})) as [JsonObject, JsonObject];
  yield* types(old, fresh, at);
  yield* values(old, fresh, at);
  yield* bounds(old, fresh, at);
  yield* alternatives(old, fresh, at);
  yield* members(old, fresh, at, pair);
  yield* elements(old, fresh, at, pair);
}

/** What changed between two contracts (JSON Schema 2020-12): words for people, such as titles and descriptions, do not count. */
export function contractChanges(before: Schema, after: Schema): readonly ContractChange[] {
  return [...between(before ?? true, after ?? true, '', { before, after, seen: new Set() })];
}
