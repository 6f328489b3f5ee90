/** Quantities as decimal strings with at most six decimals, counted exactly in millionths. */

const DECIMAL = /^-?\d{1,12}(\.\d{1,6})?$/;

/** The millionths that `text` stands for, or undefined when it is no such decimal. */
export function toMillionths(text: unknown): bigint | undefined {
  if (typeof text !== 'string' || !DECIMAL.test(text)) return undefined;
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const value = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return negative ? -value : value;
}

/** The shortest decimal string of so many millionths. */
export function fromMillionths(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${magnitude / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
}
