import type { FieldKind } from './map-types.ts';
import type { EdiFault } from './types.ts';

/** Text of a message as a value of a document; a problem when it is none. */
export type Converted = { readonly value: string } | { readonly fault: EdiFault; readonly problem: string };

const two = (number: number): string => String(number).padStart(2, '0');

/** X12 has years of two digits in old releases: 50 to 99 are of the last century (as in X12's own guidance for DT of six). */
function dateOf(digits: string): string | undefined {
  const whole = digits.length === 6 ? `${Number(digits.slice(0, 2)) >= 50 ? '19' : '20'}${digits}` : digits;
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(whole) ?? [];
  if (year === undefined || month === undefined || day === undefined || year === '0000') return undefined;
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) ? `${year}-${month}-${day}` : undefined;
}

/** Local time: neither standard says here of which zone. */
function timeOf(digits: string): string | undefined {
  const [, hour = '', minute = '', second, fraction] = /^(\d\d)(\d\d)(\d\d)?(\d{1,2})?$/.exec(digits) ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return undefined;
  return `${hour}:${minute}${second === undefined ? '' : `:${second}`}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Decimal text without a sign that says nothing, leading zeros or a bare point. */
function decimalOf(text: string): string | undefined {
  const [, sign = '', whole = '', fraction] = /^([+-]?)(\d{0,30})(?:[.,](\d{0,15}))?$/.exec(text.trim()) ?? [];
  if (whole === '' && (fraction ?? '') === '') return undefined;
  const places = fraction === undefined || fraction === '' ? '' : `.${fraction}`;
  const number = `${whole.replace(/^0+(?=\d)/, '') || '0'}${places}`;
  return sign === '-' && /[1-9]/.test(number) ? `-${number}` : number;
}

/** Reads a text as the map says. */
export function toValue(text: string, kind: FieldKind): Converted {
  switch (kind) {
    case 'text':
    case 'dtm': return { value: text };
    case 'decimal': {
      const value = decimalOf(text);
      return value === undefined ? { fault: 'number', problem: 'is no decimal number' } : { value };
    }
    case 'implied2': {
      if (!/^-?\d{1,30}$/.test(text)) return { fault: 'number', problem: 'is no whole number of hundredths' };
      const digits = text.replace('-', '').padStart(3, '0');
      const value = decimalOf(`${text.startsWith('-') ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`);
      return value === undefined ? { fault: 'number', problem: 'is no whole number of hundredths' } : { value };
    }
    case 'date6':
    case 'date': {
      const value = dateOf(text);
      return value === undefined ? { fault: 'date', problem: 'is no date of the calendar, written as CCYYMMDD' } : { value };
    }
    case 'time': {
      const value = timeOf(text);
      return value === undefined ? { fault: 'time', problem: 'is no time, written as HHMM or HHMMSS' } : { value };
    }
  }
}

/** Text for a message. A problem when the value is not what the map takes. */
export function toText(value: string, kind: FieldKind, decimalMark = '.'): Converted {
  switch (kind) {
    case 'text':
    case 'dtm': return { value };
    case 'decimal': return /^-?\d{1,30}(\.\d{1,15})?$/.test(value) ? { value: value.replace('.', decimalMark) } : { fault: 'number', problem: 'is no decimal number; write it like 12.50' };
    case 'implied2': {
      const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d{1,28})(?:\.(\d{1,2}))?$/.exec(value) ?? [];
      if (whole === '') return { fault: 'number', problem: 'is no decimal number with at most two decimals' };
      return { value: `${sign}${`${whole}${fraction.padEnd(2, '0')}`.replace(/^0+(?=\d)/, '')}` };
    }
    case 'date6':
    case 'date': return /^\d{4}-\d\d-\d\d$/.test(value) && dateOf(value.replaceAll('-', '')) !== undefined ? { value: value.replaceAll('-', '').slice(kind === 'date6' ? 2 : 0) } : { fault: 'date', problem: 'is no date; write it like 2026-03-01' };
    case 'time': {
      const digits = value.replace(/[:.]/g, '');
      return /^\d\d:\d\d(:\d\d(\.\d{1,2})?)?$/.test(value) && timeOf(digits) !== undefined ? { value: digits } : { fault: 'time', problem: 'is no time; write it like 14:05' };
    }
  }
}

/** EDIFACT DTM: value and format (2379) as members of the document. */
export function fromDtm(value: string, format: string): Readonly<Record<string, string>> | undefined {
  const day = (text: string): string | undefined => dateOf(text);
  switch (format) {
    case '101':
    case '102': {
      const date = value.length === (format === '101' ? 6 : 8) ? day(value) : undefined;
      return date === undefined ? undefined : { date };
    }
    case '203':
    case '204': {
      const date = day(value.slice(0, 8));
      const time = timeOf(value.slice(8));
      return date === undefined || time === undefined || value.length !== (format === '203' ? 12 : 14) ? undefined : { date, time };
    }
    case '718': {
      const date = day(value.slice(0, 8));
      const until = day(value.slice(-8));
      return date === undefined || until === undefined || !/^\d{8}-?\d{8}$/.test(value) ? undefined : { date, until };
    }
    default: return undefined;
  }
}

/** Value and format of a DTM for members of a document; a problem when they are no dates. */
export function toDtm(members: Readonly<Record<string, unknown>>): { readonly value: string; readonly format: string } | { readonly fault: EdiFault; readonly problem: string } | undefined {
  const { date, time, until } = members;
  if (date === undefined) return undefined;
  const written = [toText(String(date), 'date'), ...(time === undefined ? [] : [toText(String(time), 'time')]), ...(until === undefined ? [] : [toText(String(until), 'date')])];
  const texts: string[] = [];
  for (const each of written) {
    if ('fault' in each) return each;
    texts.push(each.value);
  }
  const value = texts.join('');
  return { value, format: until !== undefined ? '718' : time === undefined ? '102' : value.length === 12 ? '203' : '204' };
}

export const isoDate = (at: Date): string => `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
