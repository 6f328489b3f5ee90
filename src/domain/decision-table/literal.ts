import Big from 'big.js';
import type { ColumnType } from './table.ts';

/** A constant of a cell: numbers as exact decimal text, dates as `YYYY-MM-DD`. */
export type Literal =
  | { readonly type: 'number'; readonly value: string }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'date'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' };

const number = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?$/;
const quoted = /^"((?:[^"\\]|\\.)*)"$/;
const date = /^(?:date\(\s*"(\d{4}-\d{2}-\d{2})"\s*\)|@"(\d{4}-\d{2}-\d{2})")$/;

/** Whether the text is a day that the calendar has. */
export function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined || month < 1 || month > 12) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= ([31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0);
}

/** A decimal in its shortest exact form; undefined when the text is none. */
export function decimal(text: string): string | undefined {
  return number.test(text) ? new Big(text).toFixed() : undefined;
}

/** Reads a FEEL literal (DMN 1.3 §10.3.1.2); a bare word is none. */
export function readLiteral(text: string): Literal | undefined {
  const trimmed = text.trim();
  const value = decimal(trimmed);
  if (value !== undefined) return { type: 'number', value };
  const [, words] = quoted.exec(trimmed) ?? [];
  if (words !== undefined) return readQuoted(words);
  const [, called, at] = date.exec(trimmed) ?? [];
  const day = called ?? at;
  if (day !== undefined) return isDay(day) ? { type: 'date', value: day } : undefined;
  if (trimmed === 'true' || trimmed === 'false') return { type: 'boolean', value: trimmed === 'true' };
  return trimmed === 'null' ? { type: 'null' } : undefined;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function readQuoted(text: string): Literal {
  return { type: 'string', value: text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_all, code: string) => (code.startsWith('u') && code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : escapes[code] ?? code)) };
}

/** FEEL text of a literal. */
export function writeLiteral(literal: Literal): string {
  switch (literal.type) {
    case 'number': return literal.value;
    case 'string': return JSON.stringify(literal.value);
    case 'date': return `date("${literal.value}")`;
    case 'boolean': return String(literal.value);
    case 'null': return 'null';
  }
}

/** Which literals fit a column. */
export function fitsType(literal: Literal, type: ColumnType): boolean {
  return literal.type === 'null' || literal.type === (type === 'decimal' ? 'number' : type);
}
