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
