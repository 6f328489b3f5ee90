import { type AiComponent, type AiSpec } from './ai-table.ts';
import { hasValidCheckDigit } from '../../domain/gs1/check-digit.ts';
import { gs1Date } from './dates.ts';
import { failure, type Gs1Element, type Gs1ErrorCode, type Gs1Failure } from './types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Character classes: 1 digit, 2 in both sets beyond digits, 4 in set 82 alone, 8 in set 39 alone (GS1 General Specifications §7.11). */
const CLASS = new Uint8Array(128);
for (const c of '0123456789') CLASS[c.charCodeAt(0)] = 1;
for (const c of '-/ABCDEFGHIJKLMNOPQRSTUVWXYZ') CLASS[c.charCodeAt(0)] = 2;
for (const c of '!"%&\'()*+,.:;<=>?_abcdefghijklmnopqrstuvwxyz') CLASS[c.charCodeAt(0)] = 4;
CLASS['#'.charCodeAt(0)] = 8;
const ADMITTED = { n: 1, y: 1 | 2 | 8, x: 1 | 2 | 4 } as const;

/** Offset of the first character of `text[start, end)` that is not in the set, or -1. */
function firstForeign(text: string, start: number, end: number, charset: 'n' | 'x' | 'y'): number {
  const admitted = ADMITTED[charset];
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 127 || ((CLASS[code] ?? 0) & admitted) === 0) return i;
  }
  return -1;
}

function withoutLeadingZeros(digits: string): string {
  let i = 0;
  while (i < digits.length - 1 && digits.charCodeAt(i) === 48) i += 1;
  return i === 0 ? digits : digits.slice(i);
}

/** '001500' with three decimals is '1.500'. */
function withDecimals(digits: string, decimals: number): string {
  if (decimals === 0) return withoutLeadingZeros(digits);
  const padded = digits.padStart(decimals + 1, '0');
  return `${withoutLeadingZeros(padded.slice(0, -decimals))}.${padded.slice(-decimals)}`;
}

/** What is wrong with a part that has a meaning of its own, to complete the sentence. Digits have been seen to be digits. */
function wrongPart(check: NonNullable<AiComponent['check']>, text: string, at: number, stop: number): readonly [Gs1ErrorCode, string] | undefined {
  const pair = (from: number): number => Number(text.slice(from, from + 2));
  switch (check) {
    case 'time': return pair(at) > 23 || (stop - at > 2 && pair(at + 2) > 59) ? ['bad-date', 'does not hold a time of day'] : undefined;
    case 'minutes': return pair(at) > 59 ? ['bad-date', 'does not hold minutes and seconds'] : undefined;
    case 'pieces': return pair(at) === 0 || pair(at) > pair(at + 2) ? ['bad-character', 'is piece of a total that does not have it'] : undefined;
    case 'flag': return text.charCodeAt(at) > 49 ? ['bad-character', 'is neither 0 nor 1'] : undefined;
    case 'hyphen': return text.charCodeAt(at) === 45 ? undefined : ['bad-character', 'has something else than a minus sign at its end'];
    default: return undefined;
  }
}

/** Reads `text[start, end)` as the data of `spec`. */
export function readElement(spec: AiSpec, text: string, start: number, end: number, referenceYear: number): Gs1Element | Gs1Failure {
  const length = end - start;
  if (length < spec.min) return failure('truncated', end, `AI ${spec.ai} (${spec.title}) needs ${spec.min} characters and has ${length}.`);
  if (length > spec.max) {
    return failure('too-long', start + spec.max, `AI ${spec.ai} (${spec.title}) holds at most ${spec.max} characters and has ${length}.`);
  }
  const element: Mutable<Gs1Element> = { ai: spec.ai, title: spec.title, value: text.slice(start, end) };
  let at = start;
  for (const part of spec.components) {
    const stop = Math.min(end, at + part.max);
    if (stop === at && part.min === 0) continue;
    if (stop - at < (part.whole === true ? part.max : part.min)) return failure('truncated', stop, `AI ${spec.ai} (${spec.title}) ends too soon.`);
    const foreign = firstForeign(text, at, stop, part.charset);
    if (foreign !== -1) return failure('bad-character', foreign, `AI ${spec.ai} (${spec.title}) has a character that it may not hold.`);
    if (part.check === 'digit' && !hasValidCheckDigit(text, at, stop)) {
      return failure('bad-check-digit', stop - 1, `The check digit of AI ${spec.ai} (${spec.title}) is wrong.`);
    }
    if (part.check === 'date' || part.check === 'date-with-day') {
      const date = gs1Date(text, at, referenceYear, part.check === 'date');
      if (date === undefined) return failure('bad-date', at, `AI ${spec.ai} (${spec.title}) does not hold a date.`);
      element.date ??= date;
    }
    const wrong = part.check === undefined ? undefined : wrongPart(part.check, text, at, stop);
    if (wrong !== undefined) return failure(wrong[0], at, `AI ${spec.ai} (${spec.title}) ${wrong[1]}.`);
    if (part.check === 'currency') element.currency = text.slice(at, stop);
    at = stop;
  }
  if (at < end) return failure('too-long', at, `AI ${spec.ai} (${spec.title}) has more data than it may hold.`);
  if (spec.decimals !== undefined) element.decimal = withDecimals(element.currency === undefined ? element.value : element.value.slice(3), spec.decimals);
  else if (spec.count === true) element.decimal = withoutLeadingZeros(element.value);
  if (spec.unit !== undefined) element.unit = spec.unit;
  return element;
}

/** True for the failure of the two. */
export function isFailure(result: Gs1Element | Gs1Failure): result is Gs1Failure {
  return 'ok' in result;
}
