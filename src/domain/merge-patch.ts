import type { Json, JsonObject } from './json.ts';

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON merge patch, RFC 7396 §2. Never mutates; drops `__proto__` keys. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result: { [key: string]: Json } = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue;
    if (value === null) delete result[key];
    else if (isObject(value)) {
      const current = result[key];
      result[key] = mergePatch(isObject(current) ? current : {}, value);
    } else result[key] = value;
  }
  return result;
}

/**
 * The merge patch that makes `to` of `from`; undefined where none does: a merge patch cannot set null, nor a key named
 * `__proto__`. The order of keys may come out otherwise.
 */
export function mergePatchBetween(from: JsonObject, to: JsonObject): JsonObject | undefined {
  const patch: { [key: string]: Json } = {};
  for (const key of Object.keys(from)) {
    if (Object.hasOwn(to, key)) continue;
    if (key === '__proto__') return undefined;
    patch[key] = null;
  }
  for (const [key, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    if (before === value) continue;
    if (key === '__proto__') return undefined;
    if (isObject(value) && isObject(before)) {
      const inner = mergePatchBetween(before, value);
      if (inner === undefined) return undefined;
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (JSON.stringify(before) !== JSON.stringify(value)) {
      // an object where none was is merged into an empty one: the same, since it holds no null
      if (holdsNull(value)) return undefined;
      patch[key] = value;
    }
  }
  return patch;
}

/** Whether a merge patch would take something of it for a removal. Arrays are set whole, whatever they hold. */
function holdsNull(value: Json): boolean {
  return value === null || (isObject(value) && Object.entries(value).some(([key, inner]) => key === '__proto__' || holdsNull(inner)));
}

/** Value at a dot path of a document, undefined when there is none. */
export function valueAt(document: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = document;
  for (const part of path.split('.')) {
    if (Array.isArray(value)) value = /^\d+$/.test(part) ? (value as readonly Json[])[Number(part)] : undefined;
    else if (isObject(value)) value = Object.hasOwn(value, part) ? value[part] : undefined;
    else return undefined;
  }
  return value;
}

/**
 * A merge patch that puts `value` at a dot path; an empty path merges an object into the document itself.
 * A merge patch cannot reach into an array (RFC 7396 §1): a part that names an index replaces the array by an object.
 * @throws TypeError for an empty path and a value that is no object
 */
export function patchAt(path: string, value: Json): JsonObject {
  const parts = path.split('.').filter((p) => p !== '');
  const patch = parts.reduceRight<Json>((inner, part) => ({ [part]: inner }), value);
  if (!isObject(patch)) throw new TypeError('A value that replaces a whole document must be an object; give the path of a fact.');
  return patch;
}
