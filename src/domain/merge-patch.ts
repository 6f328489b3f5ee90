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

/** A merge patch that puts `value` at a dot path. */
export function patchAt(path: string, value: Json): JsonObject {
  const parts = path.split('.').filter((p) => p !== '');
  return parts.reduceRight<Json>((inner, part) => ({ [part]: inner }), value) as JsonObject;
}
