/** The one entrance: whatever a scanner sends for a GS1 symbol, in any of the forms that are met on a dock. */
import { isDigits } from '../../domain/gs1/check-digit.ts';
import { looksLikeUri, readDigitalLink } from './digital-link.ts';
import { readBracketed, readElementString } from './element-string.ts';
import { isPlainKeyLength, readPlainKey } from './plain-key.ts';
import { summarize } from './summary.ts';
import { failure, type Gs1Element, type Gs1Failure, type Gs1Form, type Gs1Options, type Gs1Result } from './types.ts';

/** The most that a QR Code 40-L holds in alphanumeric mode; longer input is no symbol. */
const MAX_LENGTH = 4_296;

/**
 * How ISO/IEC 15424 symbology identifiers are to be read (GS1 General Specifications §5.1.2): `ai` carries element
 * strings, `key` one bare key, `open` is a carrier of anything (a Digital Link, a bare SSCC in Code 128).
 */
const SYMBOLOGIES: ReadonlyMap<string, 'ai' | 'key' | 'open'> = new Map([
  [']C1', 'ai'], // GS1-128
  [']d2', 'ai'], // GS1 DataMatrix
  [']Q3', 'ai'], // GS1 QR Code
  [']e0', 'ai'], // GS1 DataBar, GS1 Composite
  [']J1', 'ai'], // GS1 DotCode
  [']E0', 'key'], // EAN-13, UPC-A, UPC-E
  [']E4', 'key'], // EAN-8
  [']I0', 'key'], // ITF
  [']I1', 'key'], // ITF-14 with its check digit
  [']C0', 'open'], // Code 128
  [']Q1', 'open'], // QR Code
  [']d1', 'open'], // Data Matrix
  [']J0', 'open'], // DotCode
]);

function read(text: string, start: number, carrier: 'ai' | 'key' | 'open', referenceYear: number): [Gs1Form, readonly Gs1Element[] | Gs1Failure] {
  if (text.charCodeAt(start) === 0x28) return ['bracketed', readBracketed(text, start, referenceYear)];
  if (carrier === 'ai') return ['element-string', readElementString(text, start, referenceYear)];
  if (isDigits(text, start) && (carrier === 'key' || isPlainKeyLength(text.length - start))) {
    return ['plain-key', readPlainKey(text, start, referenceYear)];
  }
  if (carrier === 'key') return ['plain-key', failure('bad-character', start, 'The bar code should hold digits only.')];
  if (looksLikeUri(text, start)) return ['digital-link', readDigitalLink(text, start, referenceYear)];
  const first = text.charCodeAt(start);
  if (first !== 0x1d && !(first >= 48 && first <= 57)) return ['element-string', failure('not-gs1', start, 'This is not a GS1 code.')];
  return ['element-string', readElementString(text, start, referenceYear)];
}

/**
 * Parses one scanned code. Never throws; linear in its length.
 *
 * @param code what the scanner sent, without its own line end
 * @param options the year from which two-digit years are judged, and substitutes for FNC1
 */
export function parseGs1(code: string, options: Gs1Options): Gs1Result {
  if (code.length > MAX_LENGTH) return failure('too-long', MAX_LENGTH, `A code holds at most ${MAX_LENGTH} characters.`);
  let text = code;
  for (const substitute of options.fnc1Substitutes ?? []) {
    if (substitute !== '' && text.includes(substitute)) text = text.replaceAll(substitute, '\x1d');
  }
  let start = 0;
  let symbology: string | undefined;
  let carrier: 'ai' | 'key' | 'open' = 'open';
  if (text.charCodeAt(0) === 0x5d) {
    symbology = text.slice(0, 3);
    const known = SYMBOLOGIES.get(symbology);
    if (known === undefined) return failure('not-gs1', 0, 'The symbology identifier is not one that carries GS1 data.');
    carrier = known;
    start = 3;
  }
  if (start >= text.length) return failure('empty', start, 'The code is empty.');
  const [form, elements] = read(text, start, carrier, options.referenceYear);
  if ('ok' in elements) return elements;
  if (elements.length === 0) return failure('empty', start, 'The code is empty.');
  return summarize(form, symbology, elements);
}
