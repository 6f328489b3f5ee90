import { stableJson } from './stable-json.ts';

/**
 * Canonical JSON text: keys sorted by UTF-16 code units, no white space, ECMAScript number and string
 * forms (RFC 8785 §3.2). Members that are undefined are left out.
 * @throws Error for what JSON cannot say: NaN, infinities, BigInt, functions, cycles, lone surrogates (RFC 8785 §3.2.2.2)
 */
export function canonicalJson(value: unknown): string {
  const text = stableJson(value);
  if (text === undefined) throw new Error('undefined has no JSON form');
  // JSON.stringify writes a lone surrogate as \udXXX, so only then is a closer look needed.
  if (text.includes('\\ud') && !wellFormed(value)) throw new Error('the text holds a lone surrogate');
  return text;
}

function wellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && wellFormed(member));
}
