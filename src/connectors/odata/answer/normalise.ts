import type { Json, JsonObject } from '../../../domain/json.ts';
import type { ODataModel, StructuredType } from '../metadata/model.ts';
import { own } from '../metadata/model.ts';
import { isObject } from '../../../domain/json.ts';
import { fromWire } from '../values/wire.ts';

/** A list as it came from one answer. */
export interface Page { readonly entities: readonly Json[]; readonly count?: number; readonly next?: string }

/**
 * An entity in the one form that V2 and V4 have with us: its properties, `@odata.etag` where there is one, and what was
 * expanded; decimals and Edm.Int64 as text, dates as ISO 8601.
 */
export function entityOf(value: Json, type: StructuredType | undefined, model: ODataModel): Json {
  if (!isObject(value)) return value;
  const result: Record<string, Json> = {};
  const metadata = value['__metadata'];
  const etag = value['@odata.etag'] ?? value['@etag'] ?? (isObject(metadata) ? metadata['etag'] : undefined);
  if (typeof etag === 'string') result['@odata.etag'] = etag;
  for (const [name, member] of Object.entries(value)) {
    if (name === '__metadata' || name.includes('@')) continue;
    if (isObject(member) && member['__deferred'] !== undefined) continue;
    const property = type === undefined ? undefined : own(type.properties, name);
    const navigation = type === undefined ? undefined : own(type.navigation, name);
    const target = own(model.types, property?.type ?? navigation?.type ?? '');
    const list = Array.isArray(member) ? member as readonly Json[] : isObject(member) && Array.isArray(member['results']) ? member['results'] as readonly Json[] : undefined;
    if (list !== undefined) result[name] = list.map((each) => (target === undefined && !isObject(each) ? fromWire(each, property?.type ?? '') : entityOf(each, target, model)));
    else result[name] = isObject(member) ? entityOf(member, target, model) : fromWire(member, property?.type ?? '');
  }
  return result;
}

/** What V2 has in `d`, V4 has at the top. */
export function unwrapped(body: Json, model: ODataModel): Json {
  return model.version === '2.0' && isObject(body) && body['d'] !== undefined ? body['d'] : body;
}

/** A list of an answer; undefined when it is none. `__next` and `__count` are V2's. */
export function pageOf(body: Json, type: StructuredType | undefined, model: ODataModel): Page | undefined {
  const inner = unwrapped(body, model);
  const list = Array.isArray(inner) ? inner as readonly Json[] : isObject(inner) ? inner[model.version === '2.0' ? 'results' : 'value'] : undefined;
  if (!Array.isArray(list)) return undefined;
  const about: JsonObject = isObject(inner) ? inner : {};
  const count = about['@odata.count'] ?? about['@count'] ?? about['__count'];
  const next = about['@odata.nextLink'] ?? about['@nextLink'] ?? about['__next'];
  return {
    entities: (list as readonly Json[]).map((each) => entityOf(each, type, model)),
    ...(count === undefined ? {} : { count: Number(count) }), ...(typeof next === 'string' ? { next } : {}),
  };
}
