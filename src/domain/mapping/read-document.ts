import type { Json } from '../json.ts';
import { plainDecimal, SAFE_DIGITS, significantDigits } from '../contract/index.ts';

/** A number with more digits than a float keeps: it came as a float, so nobody knows whether it is what was sent. */
export interface ImpreciseNumber { readonly at: string; readonly value: string }

const WHOLE = /^-?\d{1,15}$/;

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/**
 * Reads JSON without making floats: whole numbers of at most 15 digits are numbers, all others are text with every digit that
 * was written. @throws SyntaxError as JSON.parse does
 */
export function readDocument(text: string): Json {
  const keep: Reviver = (_key, value, context) => {
    if (typeof value !== 'number') return value;
    const source = context?.source ?? String(value);
    return WHOLE.test(source) ? value : plainDecimal(source) ?? source;
  };
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown) as Json;
}

/**
 * The same of a value that is read already, such as `msg.payload`: fractions become text. A float of more than 15 digits is
 * named, since digits may be gone.
 */
export function exactDocument(value: Json): { readonly document: Json; readonly imprecise: readonly ImpreciseNumber[] } {
  const imprecise: ImpreciseNumber[] = [];
  const exact = (here: Json, at: string): Json => {
    if (typeof here === 'number') {
      if (Number.isInteger(here) && Math.abs(here) < 1e15) return Object.is(here, -0) ? 0 : here;
      const plain = plainDecimal(String(here)) ?? String(here);
      if (significantDigits(plain) > SAFE_DIGITS || plain.replace(/^-|\..*$/g, '').length > SAFE_DIGITS) imprecise.push({ at, value: plain });
      return plain;
    }
    if (typeof here !== 'object' || here === null) return here;
    if (Array.isArray(here)) return (here as readonly Json[]).map((each, index) => exact(each, `${at}/${index}`));
    return Object.fromEntries(Object.entries(here).map(([name, each]) => [name, exact(each as Json, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)]));
  };
  return { document: exact(value, ''), imprecise };
}
