import Big from 'big.js';
import type { Json } from '../../domain/json.ts';

/** A number as its digits stand on the wire: never rounded by passing through a float of ours. */
export class WireNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type WithSource = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;
// ECMAScript "JSON.parse source text access": in V8 since 11.4, not in TypeScript's libraries yet.
const { parse, rawJSON } = JSON as unknown as { parse(text: string, reviver: WithSource): unknown; rawJSON(text: string): object };

/**
 * Reads JSON without losing a digit: a whole number that a double holds stays a number; every other number is decimal
 * text, `40.0` as `"40"`, `1e-7` as `"0.0000001"`. `revive` sees objects after their members.
 *
 * @throws SyntaxError for what is no JSON
 */
export function readExactJson(text: string, revive: (value: { [key: string]: unknown }) => unknown = (value) => value): Json {
  const read = parse(text, (_key, value, context) => {
    if (typeof value === 'number') return exactNumber(context.source ?? String(value));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? revive(value as { [key: string]: unknown }) : value;
  });
  return read as Json;
}

/** A number where that is exact, else decimal text; zeros at the end of a float mean nothing and go. */
export function exactNumber(source: string): number | string {
  if (/^-?\d+$/.test(source)) {
    const whole = Number(source);
    return Number.isSafeInteger(whole) ? whole : source;
  }
  return plainDecimal(source).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

const mostPlaces = 400;

/** Without an exponent. Zeros at the end stay: they say how exactly it was meant. @throws SyntaxError */
export function plainDecimal(text: string): string {
  if (/^-?\d+(\.\d+)?$/.test(text)) return text;
  const exponent = /^[+-]?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,5}))?$/.exec(text);
  if (exponent === null || Math.abs(Number(exponent[2] ?? 0)) > mostPlaces) throw new SyntaxError(`"${text.slice(0, 40)}" is no decimal number.`);
  return new Big(text).toFixed();
}

/** JSON text of a value; a `WireNumber` anywhere in it becomes exactly its digits. */
export function writeExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (each instanceof WireNumber ? rawJSON(each.text) : each));
}
