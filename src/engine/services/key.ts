import type { Json } from '../../domain/json.ts';
import type { IdempotencyPlace } from '../../domain/service/index.ts';
import { keyFor } from '../../connectors/idempotency-key.ts';
import { atPointer, withPointer } from '../../domain/json-pointer.ts';

/** The document with the key at its place, where that is a field. */
export function withKey(document: Json, place: IdempotencyPlace | undefined, key: string): Json {
  return place?.in === 'field' ? withPointer(document, place.name, keyFor(place, key)) : document;
}

/** The request of the query that asks what became of a call: `{key}` is the key, a text `{/pointer}` what stands there in the request. */
export function queryDocument(template: Json, key: string, request: Json): Json {
  if (typeof template === 'string') {
    const pointer = /^\{(\/.*)\}$/s.exec(template)?.[1];
    return pointer === undefined ? template.replaceAll('{key}', key) : atPointer(request, pointer) ?? null;
  }
  if (Array.isArray(template)) return (template as readonly Json[]).map((each) => queryDocument(each, key, request));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, queryDocument(value, key, request)]));
}

/** Whether an answer to such a query says that the call happened. */
export function saysHappened(answer: Json, found: string | undefined): boolean {
  return holdsAnything(found === undefined ? answer : atPointer(answer, found));
}

/** OData and many others wrap a list into an object. */
function holdsAnything(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object') return true;
  const inner = Object.entries(value).filter(([name]) => !name.startsWith('@'));
  const [only] = inner;
  if (inner.length === 1 && only !== undefined && ['value', 'items', 'results', 'd', 'data'].includes(only[0])) return holdsAnything(only[1]);
  return inner.length > 0;
}
