import { configure } from 'safe-stable-stringify';

const stringify = configure({ strict: true, circularValue: Error });

/** Stands for a value that is not written by the short way. */
const unusual = Symbol('unusual');
/** Deeper values are left to the library, which knows cycles. */
const maxDepth = 64;

/**
 * JSON text with keys in the order of their UTF-16 code units, without white space. Plain objects go through JSON.stringify,
 * as they are when their keys are in order already, which is some times faster; everything else through safe-stable-stringify.
 * @returns undefined for what has no JSON form at all
 * @throws Error for NaN, infinities, BigInt, functions and cycles
 */
export function stableJson(value: unknown): string | undefined {
  const ordered = inOrder(value, 0);
  return ordered === unusual ? stringify(value) : JSON.stringify(ordered);
}

/** The value, or a copy, with all keys in order. */
function inOrder(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean': return value;
    case 'number': return Number.isFinite(value) ? value : unusual;
    case 'object': break;
    default: return unusual;
  }
  if (value === null) return null;
  if (depth > maxDepth) return unusual;
  return Array.isArray(value) ? itemsInOrder(value, depth) : membersInOrder(value as Readonly<Record<string, unknown>>, depth);
}

function itemsInOrder(items: readonly unknown[], depth: number): unknown {
  if (Object.getPrototypeOf(items) !== Array.prototype || 'toJSON' in items) return unusual;
  let copy: unknown[] | undefined;
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i];
    const ordered = inOrder(item, depth + 1);
    if (ordered === unusual) return unusual;
    if (copy !== undefined) copy.push(ordered);
    else if (ordered !== item) copy = [...items.slice(0, i), ordered];
  }
  return copy ?? items;
}

function membersInOrder(object: Readonly<Record<string, unknown>>, depth: number): unknown {
  if (Object.getPrototypeOf(object) !== Object.prototype || 'toJSON' in object) return unusual;
  const keys = Object.keys(object);
  let sorted = true;
  let changed: Map<string, unknown> | undefined;
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i]!;
    if (i > 0 && key < keys[i - 1]!) sorted = false;
    const member = object[key];
    if (member === undefined) continue; // left out by either way
    const ordered = inOrder(member, depth + 1);
    if (ordered === unusual) return unusual;
    if (ordered !== member) (changed ??= new Map()).set(key, ordered);
  }
  if (sorted && changed === undefined) return object;
  return copyInOrder(object, sorted ? keys : keys.sort(), changed);
}

function copyInOrder(object: Readonly<Record<string, unknown>>, keys: readonly string[], changed: ReadonlyMap<string, unknown> | undefined): unknown {
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    // An object puts keys that are numbers first, whatever the order in which they come; and this one key is none.
    if (isDigit(key.charCodeAt(0)) || key === '__proto__') return unusual;
    copy[key] = changed?.has(key) === true ? changed.get(key) : object[key];
  }
  return copy;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
