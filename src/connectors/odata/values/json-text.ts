import Big from 'big.js';

import type { Json } from '../../../domain/json.ts';

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * Parses JSON so that no number loses a digit: what is no whole number that a double holds exactly comes as text, as it was
 * written, without an exponent. A property of Edm.Double is made a number again by its type.
 *
 * @throws SyntaxError
 */
export function parseExactJson(text: string): Json {
  const reviver: Reviver = (_key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value) && !/[.eE]/.test(source)) return value;
    return withoutExponent(source);
  };
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Json;
}

/** At most so many digits are written out; more is no quantity and no amount. */
const mostDigits = 400;

/** `1.5E-3` as `0.0015`; other texts as they are. */
export function withoutExponent(number: string): string {
  const exponent = /[eE]([+-]?\d+)$/.exec(number)?.[1];
  return exponent === undefined || Math.abs(Number(exponent)) > mostDigits ? number : new Big(number).toFixed();
}

interface RawJson { rawJSON(text: string): unknown }

/** A decimal as a number of JSON with all its digits, for systems that take no text. */
export function exactNumber(decimal: string): unknown {
  return (JSON as unknown as RawJson).rawJSON(decimal);
}
