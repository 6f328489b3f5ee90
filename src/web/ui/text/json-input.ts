import type { JsonObject } from '../api/types.ts';

/** What is wrong with a JSON text, and where: line and column count from 1. */
export interface JsonProblem { readonly message: string; readonly line: number; readonly column: number }
export interface JsonInput { readonly object?: JsonObject; readonly problem?: JsonProblem }

/** Place of a fault as an engine's message names it: `at position 12`, or `line 2 column 3` (Firefox); the end when it names none. */
function placeOf(message: string, text: string): { readonly line: number; readonly column: number } {
  const named = /line (\d+) column (\d+)/.exec(message);
  if (named !== null) return { line: Number(named[1]), column: Number(named[2]) };
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position).split('\n');
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
    return { problem: { message: message.replace(/^JSON\.parse: /, '').replace(/ in JSON at position.*$| at position.*$| at line \d+ column \d+.*$/s, ''), ...placeOf(message, text) } };
  }
}
