import { date, evaluate, isFunction, unaryTest } from 'feelin';
import type { Json } from '../json.ts';
import type { Literal } from './literal.ts';

/** What the FEEL interpreter made of a cell; `problem` says in its words what it could not do. */
export type FeelResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Values that cells may use, by name: inputs of the row and parameters. */
export type FeelContext = Readonly<Record<string, Literal>>;

/** A decision must come out the same when it is looked at again: the day has to be an input. */
const clock = /\b(?:now|today)\s*\(/;

function plain(literal: Literal): unknown {
  switch (literal.type) {
    case 'null': return null;
    case 'number': return Number(literal.value);
    case 'date': return date(literal.value);
    default: return literal.value;
  }
}

function run<T>(cell: string, work: () => { readonly value: T; readonly warnings: readonly { readonly message: string }[] }): FeelResult<T> {
  if (clock.test(cell)) return { ok: false, problem: 'it asks for the time of day; give the day as an input' };
  try {
    const { value, warnings } = work();
    const [warning] = warnings;
    return warning === undefined ? { ok: true, value } : { ok: false, problem: warning.message };
  } catch (error) {
    // feelin's own SyntaxError; anything else it throws is as much a cell that cannot be evaluated.
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

function contextOf(context: FeelContext): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).map(([name, literal]) => [name, plain(literal)]));
}

/** Whether a value passes a unary test; a test that comes to null does not let it pass (DMN 1.3 §7.3.3). */
export function feelTest(cell: string, value: Literal, context: FeelContext): FeelResult<boolean> {
  const result = run(cell, () => unaryTest(cell, { ...contextOf(context), '?': plain(value) }));
  return result.ok ? { ok: true, value: result.value === true } : result;
}

/** Value of an expression as JSON. */
export function feelValue(cell: string, context: FeelContext): FeelResult<Json> {
  const result = run(cell, () => evaluate(cell, contextOf(context)));
  if (!result.ok) return result;
  if (isFunction(result.value)) return { ok: false, problem: 'it is a function, not a value' };
  const text = JSON.stringify(result.value);
  return text === undefined ? { ok: false, problem: 'it has no value' } : { ok: true, value: JSON.parse(text) as Json };
}
