import { readLiteral } from './literal.ts';
import type { Literal } from './literal.ts';

/** One end of an interval; undefined: without end. */
export interface Bound { readonly value: Literal; readonly open: boolean }

/** One simple test: equal to a literal, or within an interval. */
export type SimpleTest =
  | { readonly kind: 'equal'; readonly value: Literal }
  | { readonly kind: 'interval'; readonly from: Bound | undefined; readonly to: Bound | undefined };

/**
 * A cell of a condition (DMN 1.3 §10.3.1.2, grammar rules 7 to 18). `feel` is what is richer than literals and intervals: it is
 * evaluated by the FEEL interpreter and cannot be looked at for gaps and overlaps.
 */
export type CellTest =
  | { readonly kind: 'any' }
  | { readonly kind: 'tests'; readonly negated: boolean; readonly tests: readonly SimpleTest[] }
  | { readonly kind: 'feel'; readonly text: string };

/** Where a text stands: how deep in brackets, and whether the innermost has had its `..` and so is an interval. */
class Brackets {
  readonly #intervals: boolean[] = [];
  get isOutside(): boolean {
    return this.#intervals.length === 0;
  }
  see(c: string, next: string | undefined): void {
    const last = this.#intervals.length - 1;
    if (c === '.' && next === '.' && last >= 0) this.#intervals[last] = true;
    // An interval may end with a turned bracket, `[1..5[`, and begin with one, `]1..5]`.
    else if (this.#intervals[last] === true ? '[])'.includes(c) : c === ')' || (c === ']' && last >= 0)) this.#intervals.pop();
    else if ('([]'.includes(c)) this.#intervals.push(false);
  }
}

/** Splits at commas that stand outside of quotes and brackets. */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  const brackets = new Brackets();
  let inQuotes = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (inQuotes) {
      if (c === '\\') i += 1;
      else if (c === '"') inQuotes = false;
    } else if (c === '"') inQuotes = true;
    else if (c === ',' && brackets.isOutside) {
      parts.push(text.slice(from, i));
      from = i + 1;
    } else brackets.see(c, text[i + 1]);
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim());
}

/** Values of parameters by name. */
export type Names = ReadonlyMap<string, Literal>;

function literalOrName(text: string, names: Names): Literal | undefined {
  return readLiteral(text) ?? names.get(text.trim());
}

function simpleTest(text: string, names: Names): SimpleTest | undefined {
  const [, operator, operand] = /^(<=|>=|<|>|=)\s*(.+)$/s.exec(text) ?? [];
  if (operator !== undefined && operand !== undefined) {
    const value = literalOrName(operand, names);
    if (value === undefined) return undefined;
    if (operator === '=') return { kind: 'equal', value };
    const bound = { value, open: operator === '<' || operator === '>' };
    return operator.startsWith('<') ? { kind: 'interval', from: undefined, to: bound } : { kind: 'interval', from: bound, to: undefined };
  }
  // `(1..5]`, and with turned brackets `]1..5[`, which says the same as `(1..5)`.
  const [, left, low, high, right] = /^([[(\]])(.+?)\.\.(.+)([\])[])$/s.exec(text) ?? [];
  if (left !== undefined && low !== undefined && high !== undefined) {
    const from = literalOrName(low, names);
    const to = literalOrName(high, names);
    if (from === undefined || to === undefined) return undefined;
    return { kind: 'interval', from: { value: from, open: left !== '[' }, to: { value: to, open: right !== ']' } };
  }
  const value = literalOrName(text, names);
  return value === undefined ? undefined : { kind: 'equal', value };
}

/** Reads a cell of a condition. What it does not know is left to FEEL. */
export function readCellTest(cell: string, names: Names): CellTest {
  const text = cell.trim();
  if (text === '' || text === '-') return { kind: 'any' };
  const [, inner] = /^not\s*\((.*)\)$/s.exec(text) ?? [];
  const parts = splitList(inner ?? text);
  const tests = parts.map((part) => simpleTest(part, names));
  return tests.every((test): test is SimpleTest => test !== undefined) ? { kind: 'tests', negated: inner !== undefined, tests } : { kind: 'feel', text };
}
