import type { Json } from '../../domain/json.ts';
import { readDate, writeDate } from '../../domain/mapping/dates.ts';
import type { Layout, LayoutField } from './layout.ts';

/** A value, or one phrase that says why there is none. */
export type FieldValue = { readonly value: Json | undefined } | { readonly problem: string };

const DECIMAL = /^-?\d{1,30}(\.\d{1,12})?$/;

/** The text of a field as its value: decimals are text, exact to the last digit. Blank is nothing. */
export function readField(text: string, field: LayoutField, layout: Layout): FieldValue {
  const plain = text.trim();
  if (field.is !== undefined) return plain === field.is ? { value: undefined } : { problem: `"${plain}" should be "${field.is}"` };
  if (plain === '') return field.required ? { problem: 'it is missing' } : { value: undefined };
  switch (field.as) {
    case 'text': return { value: plain };
    case 'decimal': case 'integer': {
      const value = decimalOf(plain, field, layout);
      return value === undefined ? { problem: `"${plain}" is no ${field.as === 'integer' ? 'whole number' : `number with "${layout.decimal}"`}` } : { value };
    }
    case 'date': case 'date-time': {
      const read = readDate(plain, field.format, layout.zone, field.as);
      return 'value' in read ? { value: read.value } : { problem: `"${plain}" is no ${field.as} of the form ${field.format}${read.problem === 'time-twice' || read.problem === 'time-skipped' ? ': the clock changes then, and it is not known which hour is meant' : ''}` };
    }
  }
}

/** The sign stands in front or, as SAP writes it, behind. */
function decimalOf(text: string, { as, scale }: LayoutField, { decimal }: Layout): string | undefined {
  const [, front = '', digits = '', behind = ''] = /^([+-]?)\s*(.*?)([+-]?)$/.exec(text) ?? [];
  if (front !== '' && behind !== '') return undefined;
  const minus = front === '-' || behind === '-' ? '-' : '';
  if (scale !== undefined) {
    if (!/^\d{1,42}$/.test(digits)) return undefined;
    const padded = digits.padStart(scale + 1, '0');
    return checked(`${minus}${padded.slice(0, padded.length - scale)}${scale === 0 ? '' : `.${padded.slice(-scale)}`}`);
  }
  if (as === 'integer') return /^\d{1,30}$/.test(digits) ? checked(minus + digits) : undefined;
  const other = decimal === ',' ? '.' : ',';
  const grouped = new RegExp(`^\\d{1,3}(\\${other}\\d{3})+(\\${decimal}\\d+)?$`);
  const ungrouped = grouped.test(digits) ? digits.replaceAll(other, '') : digits;
  return new RegExp(`^\\d+(\\${decimal}\\d+)?$`).test(ungrouped) ? checked(minus + ungrouped.replace(decimal, '.')) : undefined;
}

/** Without zeros in front; minus zero is zero. */
function checked(text: string): string | undefined {
  const trimmed = text.replace(/^(-?)0+(?=\d)/, '$1');
  const plain = /^-0(\.0*)?$/.test(trimmed) ? trimmed.slice(1) : trimmed;
  return DECIMAL.test(plain) ? plain : undefined;
}

/** A value as the text of its field; of a file of fixed widths as wide as it is. */
export function writeField(value: Json | undefined, field: LayoutField, layout: Layout): { readonly text: string } | { readonly problem: string } {
  const plain = plainText(value, field, layout);
  if ('problem' in plain || layout.format === 'csv') return plain;
  const { text } = plain;
  if (text.length > field.width) return { problem: `"${text}" has more than ${field.width} characters` };
  const isNumber = field.as === 'decimal' || field.as === 'integer';
  if (!isNumber || text === '') return { text: text.padEnd(field.width) };
  if (field.fill === 'blanks') return { text: text.padStart(field.width) };
  return { text: text.startsWith('-') ? `-${text.slice(1).padStart(field.width - 1, '0')}` : text.padStart(field.width, '0') };
}

function plainText(value: Json | undefined, field: LayoutField, layout: Layout): { readonly text: string } | { readonly problem: string } {
  if (field.is !== undefined) return { text: field.is };
  if (value === undefined || value === null || value === '') return field.required ? { problem: 'it is missing' } : { text: '' };
  if (typeof value !== 'string') return { problem: 'it has to be a text; quantities and amounts are decimal text, so that nobody rounds' };
  // eslint-disable-next-line no-control-regex -- a character that no file holds
  if (/[\r\n\u0000]/.test(value)) return { problem: 'it holds a line break' };
  switch (field.as) {
    case 'text': return { text: value };
    case 'integer': return /^-?\d{1,30}$/.test(value) ? { text: value } : { problem: `"${value}" is no whole number` };
    case 'decimal': return scaled(value, field, layout);
    case 'date': case 'date-time': {
      const written = writeDate(value, field.format, layout.zone);
      return 'value' in written ? { text: written.value } : { problem: `"${value}" is no ${field.as} that can be written as ${field.format}` };
    }
  }
}

function scaled(value: string, { scale }: LayoutField, { decimal }: Layout): { readonly text: string } | { readonly problem: string } {
  if (!DECIMAL.test(value)) return { problem: `"${value}" is no decimal number such as 12.50` };
  if (scale === undefined) return { text: value.replace('.', decimal) };
  const [whole = '', fraction = ''] = value.split('.');
  if (/[1-9]/.test(fraction.slice(scale))) return { problem: `"${value}" has more than ${scale} decimals; round it before` };
  const digits = `${whole.replace('-', '')}${fraction.slice(0, scale).padEnd(scale, '0')}`.replace(/^0+(?=\d)/, '');
  return { text: `${whole.startsWith('-') ? '-' : ''}${digits}` };
}
