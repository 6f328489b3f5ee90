import { isPointer, pointerParts } from '../../domain/json-pointer.ts';

/** JSON pointers (RFC 6901), compiled once. */

/** The reference tokens of a pointer (§3, §4); throws RangeError when the pointer is not one. */
export function pointerTokens(pointer: string): readonly string[] {
  if (!isPointer(pointer)) throw new RangeError(`"${pointer}" is not a JSON pointer (RFC 6901)`);
  return pointerParts(pointer);
}

/** What the tokens lead to, or undefined; only own members are followed. */
export function resolvePointer(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    value = (value as Record<string, unknown>)[token];
  }
  return value;
}
