import type { Json, JsonObject } from './json.ts';

/** JSON Pointer (RFC 6901): `/lines/0/item`; the empty text is the whole document. */

/** The reference tokens of a pointer (§3, §4) that is known to be one. */
export function pointerParts(pointer: string): readonly string[] {
  return pointer === '' ? [] : pointer.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function isPointer(text: string): boolean {
  return text === '' || (text.startsWith('/') && !/~(?![01])/.test(text));
}

/** The pointer that leads through these names and places. */
export function pointerOf(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** What the parts lead to; undefined when nothing stands there. Only what the document itself has counts, not what every object inherits. */
export function atParts(document: Json | undefined, parts: readonly string[]): Json | undefined {
  let here: Json | undefined = document;
  for (const part of parts) {
    if (typeof here !== 'object' || here === null) return undefined;
    if (Array.isArray(here)) here = /^(0|[1-9]\d*)$/.test(part) ? (here as readonly Json[])[Number(part)] : undefined;
    else here = Object.hasOwn(here, part) ? (here as JsonObject)[part] : undefined;
  }
  return here;
}

/** What stands at a pointer; undefined when nothing does. */
export function atPointer(document: Json | undefined, pointer: string): Json | undefined {
  return atParts(document, pointerParts(pointer));
}

/** A copy with `value` at the pointer; objects on the way are made. Lists are entered, not made longer. */
export function withPointer(document: Json, pointer: string, value: Json): Json {
  const put = (at: Json | undefined, rest: readonly string[]): Json => {
    const [token, ...further] = rest;
    if (token === undefined) return value;
    if (Array.isArray(at)) return (at as readonly Json[]).map((each, index) => (String(index) === token ? put(each, further) : each));
    const members = typeof at === 'object' && at !== null ? at as JsonObject : {};
    return Object.fromEntries([...Object.entries(members).filter(([name]) => name !== token), [token, put(Object.hasOwn(members, token) ? members[token] : undefined, further)]]);
  };
  return put(document, pointerParts(pointer));
}
