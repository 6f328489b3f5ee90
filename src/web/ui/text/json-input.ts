import type { JsonObject } from '../api/types.ts';

/** What is wrong with a JSON text, and where: line and column count from 1. */
export interface JsonProblem { readonly message: string; readonly line: number; readonly column: number }
export interface JsonInput { readonly object?: JsonObject; readonly problem?: JsonProblem }

const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANKS = /[ \t\r\n]*/y;

/** Where a text stops being JSON (RFC 8259); browsers' own messages name the place only sometimes. */
function faultIn(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const sign = (expected: string): boolean => {
    take(BLANKS);
    if (text[at] !== expected) return false;
    at += 1;
    return true;
  };
  const members = (end: string, member: () => boolean): boolean => {
    if (sign(end)) return true;
    do {
      if (!member()) return false;
    } while (sign(','));
    return sign(end);
  };
  const value = (): boolean => {
    if (sign('{')) return members('}', () => { take(BLANKS); return take(STRING) && sign(':') && value(); });
    if (sign('[')) return members(']', value);
    return take(STRING) || take(SCALAR);
  };
  if (value()) take(BLANKS);
  return at;
}

function placeOf(text: string): { readonly line: number; readonly column: number } {
  const before = text.slice(0, faultIn(text)).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Reads a JSON object that a person typed; `problem` says why it is none, and where. */
export function parseObject(text: string): JsonInput {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { object: value as JsonObject };
    return { problem: { message: '{ … }', line: 1, column: 1 } };
  } catch (error) {
    const { message } = error as SyntaxError;
    return { problem: { message: message.replace(/^JSON\.parse: /, '').replace(/, .{0,16}".*is not valid JSON$| in JSON at position.*$| at position.*$| at line \d+ column \d+.*$/s, ''), ...placeOf(text) } };
  }
}
