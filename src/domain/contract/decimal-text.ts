/**
 * Decimals as contracts have them: text, with at most so many digits before and behind the point. Pure text work, so that
 * nothing can be lost on the way.
 */

const DECIMAL = /^(-?)0*(\d+)(?:\.(\d+))?$/;
/** `2.5e-3` and the like, as JSON may write a number (RFC 8259, 6). */
const WRITTEN = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** A larger exponent is a slip, and no quantity or amount. */
const MOST_EXPONENT = 40;
/** So many digits survive in a JSON number of any language (IEEE 754 double). */
export const SAFE_DIGITS = 15;

/** How much room a decimal has: digits before the point, places behind it. */
export interface DecimalRoom { readonly digits: number; readonly places: number }

export function isDecimalText(text: string): boolean {
  return DECIMAL.test(text);
}

/** What of the room a decimal takes; zeros that say nothing do not count. */
export function roomOf(text: string): DecimalRoom {
  const [, , whole = '', part = ''] = DECIMAL.exec(text) ?? [];
  return { digits: whole === '0' ? 0 : whole.length, places: part.replace(/0+$/, '').length };
}

/** Digits that say something: those that a float would have to keep. */
export function significantDigits(text: string): number {
  const [, , whole = '', part = ''] = DECIMAL.exec(text) ?? [];
  return (whole + part).replace(/^0+/, '').replace(/0+$/, '').length;
}

/** The same number without zeros behind its last place that a contract has no room for. */
export function cutZeros(text: string, places: number): string {
  const point = text.indexOf('.');
  if (point < 0 || text.length - point - 1 <= places) return text;
  const cut = text.slice(0, point + 1 + places);
  return cut.endsWith('.') ? cut.slice(0, -1) : cut;
}

/** A number as JSON wrote it, as plain decimal text of the same value; undefined when its exponent is absurd. */
export function plainDecimal(written: string): string | undefined {
  const [matched, sign = '', whole = '', part = '', exponent = '0'] = WRITTEN.exec(written) ?? [];
  if (matched === undefined) return undefined;
  const shift = Number(exponent);
  if (Math.abs(shift) > MOST_EXPONENT) return undefined;
  const digits = whole + part;
  const point = whole.length + shift;
  const left = (point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0')).replace(/^0+(?=\d)/, '');
  const right = point < 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  return `${sign}${left}${right === '' ? '' : `.${right}`}`;
}
