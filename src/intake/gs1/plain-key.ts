/** Keys that stand alone, without an AI: EAN-8, UPC-A, EAN-13, ITF-14 and the bare digits of an SSCC. */
import { aiNamed } from './ai-table.ts';
import { isFailure, readElement } from './element.ts';
import { failure, type Gs1Element, type Gs1Failure } from './types.ts';

/** True for the lengths that a bare key can have. */
export function isPlainKeyLength(length: number): boolean {
  return length === 8 || length === 12 || length === 13 || length === 14 || length === 18;
}

/** Reads `text[start…]`, digits only, as a GTIN (padded to 14 digits) or an SSCC. */
export function readPlainKey(text: string, start: number, referenceYear: number): readonly Gs1Element[] | Gs1Failure {
  const length = text.length - start;
  const spec = aiNamed(length === 18 ? '00' : '01');
  if (spec === undefined || !isPlainKeyLength(length)) return failure('not-gs1', start, `A GS1 key of ${length} digits does not exist.`);
  const value = length === 18 ? text.slice(start) : text.slice(start).padStart(14, '0');
  const element = readElement(spec, value, 0, value.length, referenceYear);
  return isFailure(element) ? failure(element.code, text.length - 1, element.message) : [element];
}
