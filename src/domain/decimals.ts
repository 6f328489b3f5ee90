import Big from 'big.js';

/**
 * Exact decimals in expressions: what comes and goes is decimal text, so that a quantity or an amount is never a float.
 * A JSON number is taken as it is written. Anything else throws with a sentence; nobody counts on with a guess.
 */

/** At most 30 digits before and 12 after the point: more is a slip, and no quantity or amount. */
const DECIMAL = /^-?\d{1,30}(\.\d{1,12})?$/;
const mostPlaces = 12;

function operand(value: unknown): Big {
  if (isDecimal(value)) return new Big(typeof value === 'string' ? value.trim() : value);
  if (value === undefined || value === null || value === '') throw new TypeError('A value is missing where a decimal number is needed.');
  throw new TypeError(`${JSON.stringify(value).slice(0, 40)} is no decimal number; it must be written like 1250.00.`);
}

function placesOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostPlaces) return value;
  throw new TypeError(`${JSON.stringify(value) ?? 'Nothing'} is no number of decimal places; it must be a whole number from 0 to ${mostPlaces}.`);
}

const operands = (values: readonly unknown[]): readonly Big[] => values.flat(Infinity).map(operand);

/** Sum of all values and lists of values; of none `0`. */
export function plus(...values: readonly unknown[]): string {
  return operands(values).reduce((sum, each) => sum.plus(each), new Big(0)).toFixed();
}

/** The first value less all others. */
export function minus(first: unknown, ...others: readonly unknown[]): string {
  return operands(others).reduce((rest, each) => rest.minus(each), operand(first)).toFixed();
}

/** Product of all values and lists of values; of none `1`. */
export function times(...values: readonly unknown[]): string {
  return operands(values).reduce((product, each) => product.times(each), new Big(1)).toFixed();
}

/** Quotient, rounded half away from zero to so many places. */
export function divide(dividend: unknown, divisor: unknown, places: unknown = 6): string {
  const by = operand(divisor);
  if (by.eq(0)) throw new RangeError('Nothing can be divided by zero.');
  // A constructor of its own: places and rounding are settings of big.js's constructor, not of a division.
  const Exact = Big();
  Exact.DP = placesOf(places);
  Exact.RM = Big.roundHalfUp;
  return new Exact(operand(dividend)).div(new Exact(by)).toFixed();
}

/** -1, 0 or 1: whether the first is below, equal to or above the second. */
export function compare(one: unknown, other: unknown): -1 | 0 | 1 {
  return operand(one).cmp(operand(other));
}

export function absolute(value: unknown): string {
  return operand(value).abs().toFixed();
}

/** With exactly so many places, rounded half away from zero: `rounded("2.5", 2)` is `2.50`. */
export function rounded(value: unknown, places: unknown): string {
  return operand(value).round(placesOf(places), Big.roundHalfUp).toFixed(placesOf(places));
}

/** The value that none of the others is below, or above. */
function outermost(values: readonly unknown[], beats: (one: Big, best: Big) => boolean): string {
  const [first, ...others] = operands(values);
  if (first === undefined) throw new TypeError('There is no value to choose from; give at least one decimal number.');
  return others.reduce((best, each) => (beats(each, best) ? each : best), first).toFixed();
}

export function least(...values: readonly unknown[]): string {
  return outermost(values, (one, best) => one.lt(best));
}

export function greatest(...values: readonly unknown[]): string {
  return outermost(values, (one, best) => one.gt(best));
}

/** Whether the other functions can count with it. */
export function isDecimal(value: unknown): value is string | number {
  return typeof value === 'string' ? DECIMAL.test(value.trim()) : typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e15;
}

/** By the names that expressions have them under: `$plus("0.1", "0.2")`. */
export const decimalFunctions = { plus, minus, times, divide, compare, absolute, rounded, least, greatest, isDecimal } as const;
