import { hasValidCheckDigit, isDigits } from '../../domain/gs1/check-digit.ts';
import { shown } from './place.ts';

/** Lengths of the keys that end with a check digit, by their names in the code lists. */
const LENGTHS: Readonly<Record<string, readonly number[]>> = { 'gtin-12': [12], 'gtin-13': [13], 'gtin-14': [14], gtin: [8, 12, 13, 14], gln: [13], sscc: [18, 20] };

/** What is wrong with a GS1 key, if it is one. An SSCC may come with its application identifier 00. */
export function gs1Problem(scheme: string, value: string): string | undefined {
  const lengths = Object.hasOwn(LENGTHS, scheme) ? LENGTHS[scheme] : undefined;
  if (lengths === undefined || value === '') return undefined;
  if (!isDigits(value) || !lengths.includes(value.length)) return `${shown(value)} is no ${scheme.toUpperCase()}, which has ${lengths.join(' or ')} digits.`;
  if (value.length === 20 && !value.startsWith('00')) return `${shown(value)} has 20 digits and does not begin with 00, as an SSCC with its application identifier does.`;
  return hasValidCheckDigit(value) ? undefined : `${shown(value)} is no ${scheme.toUpperCase()}: its check digit is wrong.`;
}
