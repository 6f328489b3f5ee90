import type { Json } from '../../domain/json.ts';

type Value = Json | undefined;

const isObject = (value: Value): value is { readonly [name: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);
const isInstant = (value: Value): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value);

function shown(value: Value): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** `{ "$any": true }`, `$absent`, `$matches`, `$not`, `$in`, `$has`: undefined when `expected` is no such thing. */
function special(actual: Value, expected: { readonly [name: string]: Json }, path: string): readonly string[] | undefined {
  const [[name, argument] = []] = Object.entries(expected);
  switch (name) {
    case '$any': return actual === undefined || actual === null ? [`${path}: expected anything, was ${shown(actual)}`] : [];
    case '$absent': return actual === undefined || actual === null ? [] : [`${path}: expected nothing, was ${shown(actual)}`];
    case '$matches': return typeof actual === 'string' && new RegExp(String(argument), 'u').test(actual) ? [] : [`${path}: expected a text like /${String(argument)}/, was ${shown(actual)}`];
    case '$not': return differences(actual, argument as Json, path).length > 0 ? [] : [`${path}: was ${shown(actual)}, which it must not be`];
    case '$in': return (argument as readonly Json[]).some((each) => differences(actual, each, path).length === 0) ? [] : [`${path}: expected one of ${shown(argument)}, was ${shown(actual)}`];
    case '$has': return Array.isArray(actual) && actual.some((each: Json) => differences(each, argument as Json, path).length === 0) ? [] : [`${path}: expected a list that has ${shown(argument)}, was ${shown(actual)}`];
    default: return undefined;
  }
}

/** In what `actual` is not as `expected`, one line each; members that are not expected do not count, lists do as a whole. */
export function differences(actual: Value, expected: Json, path: string): readonly string[] {
  if (isObject(expected)) {
    const found = special(actual, expected, path);
    if (found !== undefined) return found;
    if (!isObject(actual)) return [`${path}: expected ${shown(expected)}, was ${shown(actual)}`];
    return Object.entries(expected).flatMap(([name, value]) => differences(actual[name], value, path === '' ? name : `${path}.${name}`));
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path}: expected ${shown(expected)}, was ${shown(actual)}`];
    if (actual.length !== expected.length) return [`${path}: expected ${expected.length} items, were ${actual.length}: ${shown(actual)}`];
    return expected.flatMap((each: Json, i) => differences(actual[i] as Json, each, `${path}[${i}]`));
  }
  if (isInstant(expected) && isInstant(actual)) {
    return Date.parse(expected) === Date.parse(actual) ? [] : [`${path}: expected ${expected}, was ${actual}`];
  }
  if (expected === null) return actual === null || actual === undefined ? [] : [`${path}: expected nothing, was ${shown(actual)}`];
  return actual === expected ? [] : [`${path}: expected ${shown(expected)}, was ${shown(actual)}`];
}

export function fits(actual: Value, expected: Json): boolean {
  return differences(actual, expected, '').length === 0;
}

export { shown };
