/**
 * RFID tags: the two 96-bit EPC schemes of a receiving dock, SSCC-96 and SGTIN-96, from the hexadecimal EPC memory
 * (GS1 EPC Tag Data Standard 2.2 §14.6.1 and §14.6.2).
 */
import { withCheckDigit } from '../../domain/gs1/check-digit.ts';
import { aiNamed } from './ai-table.ts';
import { isFailure, readElement } from './element.ts';
import { summarize } from './summary.ts';
import { failure, type Gs1Element, type Gs1Result } from './types.ts';

const SGTIN_96 = 0x30n;
const SSCC_96 = 0x31n;

/** Company prefix bits by partition 0–6 (tables 14-2 and 14-6); its digits are 12 minus the partition. */
const PREFIX_BITS = [40, 37, 34, 30, 27, 24, 20] as const;

function bits(epc: bigint, from: number, count: number): bigint {
  return (epc >> BigInt(96 - from - count)) & ((1n << BigInt(count)) - 1n);
}

/** Reads 24 hexadecimal digits of EPC memory. */
export function parseEpc96(hex: string, referenceYear: number): Gs1Result {
  if (!/^[0-9a-fA-F]{24}$/.test(hex)) return failure('not-gs1', 0, 'The tag does not hold a 96-bit EPC.');
  const epc = BigInt(`0x${hex}`);
  const header = bits(epc, 0, 8);
  const partition = Number(bits(epc, 11, 3));
  const prefixBits = PREFIX_BITS[partition];
  if ((header !== SGTIN_96 && header !== SSCC_96) || prefixBits === undefined) {
    return failure('not-gs1', 0, 'The tag holds neither an SGTIN-96 nor an SSCC-96.');
  }
  const prefixDigits = 12 - partition;
  const prefix = bits(epc, 14, prefixBits).toString().padStart(prefixDigits, '0');
  const restDigits = (header === SSCC_96 ? 17 : 13) - prefixDigits;
  const rest = bits(epc, 14 + prefixBits, (header === SSCC_96 ? 58 : 44) - prefixBits).toString().padStart(restDigits, '0');
  if (prefix.length > prefixDigits || rest.length > restDigits) return failure('bad-character', 0, 'The tag holds a number that is too large for its scheme.');
  // the first digit of the reference is the extension or indicator digit and stands before the prefix
  const key = withCheckDigit(rest.charAt(0) + prefix + rest.slice(1));
  const elements = header === SSCC_96 ? [element('00', key, referenceYear)] : [element('01', key, referenceYear), element('21', bits(epc, 58, 38).toString(), referenceYear)];
  return summarize('epc', undefined, elements);
}

function element(ai: string, value: string, referenceYear: number): Gs1Element {
  const spec = aiNamed(ai);
  if (spec === undefined) throw new TypeError(`AI table: ${ai} is missing`);
  const read = readElement(spec, value, 0, value.length, referenceYear);
  if (isFailure(read)) throw new TypeError(`EPC decoding made an invalid AI ${ai}`);
  return read;
}
