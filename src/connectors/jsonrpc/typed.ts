import Big from 'big.js';
import type { Json } from '../../domain/json.ts';
import { DriverError } from '../driver.ts';
import type { WireNumber } from './exact-json.ts';

/** What a binding says a value is on the wire. */
export const WIRE_TYPES = ['decimal', 'float', 'integer', 'text', 'boolean', 'date', 'datetime', 'timedelta', 'bytes'] as const;
export type WireType = typeof WIRE_TYPES[number];

/** A value with the type that it has for the other side; each dialect writes it in its own way. */
export class Typed {
  readonly type: 'decimal' | 'float' | 'date' | 'datetime' | 'timedelta' | 'bytes';
  /** Decimal text, `2026-11-29`, `2026-11-29T14:05:51.326868Z`, seconds as decimal text, base64. */
  readonly text: string;
  constructor(type: Typed['type'], text: string) {
    this.type = type;
    this.text = text;
  }
}

/** What is sent: JSON with typed values in it. */
export type WireValue = string | number | boolean | null | Typed | WireNumber | readonly WireValue[] | { readonly [key: string]: WireValue };

const decimalText = /^-?\d{1,30}(\.\d{1,20})?$/;
const dateText = /^(\d{4})-(\d{2})-(\d{2})$/;
const datetimeText = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Gives a value its type. Nothing stays nothing.
 * @param at where it comes from, for the message @throws DriverError with one sentence
 */
export function typed(value: Json, type: WireType, at: string): WireValue {
  if (value === null) return null;
  switch (type) {
    case 'decimal': return new Typed('decimal', decimal(value, at));
    case 'float': return new Typed('float', float(value, at));
    case 'integer': return integer(value, at);
    case 'text': return text(value, at);
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(value, at, 'has to be true or false');
      return value;
    case 'date': return new Typed('date', date(value, at));
    case 'datetime': return new Typed('datetime', datetime(value, at));
    case 'timedelta': return new Typed('timedelta', decimal(value, at));
    case 'bytes':
      if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0) throw wrong(value, at, 'has to be base64');
      return new Typed('bytes', value);
  }
}

function decimal(value: Json, at: string): string {
  if (typeof value === 'string' && decimalText.test(value)) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw wrong(value, at, 'has to be a decimal number as text, such as "12.50"');
}

/** The system keeps a double: what a double does not hold to the last digit is refused instead of rounded. */
function float(value: Json, at: string): string {
  const exact = decimal(value, at);
  if (!new Big(String(Number(exact))).eq(exact)) throw wrong(value, at, 'has more digits than the system can keep; round it to 15 digits');
  return exact;
}

function integer(value: Json, at: string): number {
  const whole = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof whole === 'number' && Number.isSafeInteger(whole)) return whole;
  throw wrong(value, at, 'has to be a whole number');
}

function text(value: Json, at: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw wrong(value, at, 'has to be text');
}

function date(value: Json, at: string): string {
  const parts = typeof value === 'string' ? dateText.exec(value) : null;
  if (parts !== null && isDay(value as string)) return value as string;
  throw wrong(value, at, 'has to be a calendar date such as 2026-11-29, without a time: which day a moment falls on depends on the place');
}

/** In UTC, as Tryton and Odoo keep moments. */
function datetime(value: Json, at: string): string {
  const parts = typeof value === 'string' ? datetimeText.exec(value) : null;
  if (parts === null || !isDay(parts[1] ?? '')) throw wrong(value, at, 'has to be a moment such as 2026-11-29T14:05:00+01:00');
  const [, day, time, seconds = '00', fraction = '', zone] = parts;
  if (zone === undefined) throw wrong(value, at, 'has no time zone; write one behind it, such as +01:00 or Z: two sites would mean two moments');
  const moment = Date.parse(`${day}T${time}:${seconds}${zone}`);
  if (Number.isNaN(moment)) throw wrong(value, at, 'is no moment that there is');
  const whole = new Date(moment).toISOString().slice(0, 19);
  return `${whole}${/[1-9]/.test(fraction) ? `.${fraction.padEnd(6, '0')}` : ''}Z`;
}

/** 2026-02-30 is none. */
function isDay(text: string): boolean {
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

function wrong(value: Json, at: string, must: string): DriverError {
  return new DriverError(`${at}: ${JSON.stringify(value)?.slice(0, 60) ?? 'nothing'} ${must}.`, at.startsWith('/document') ? at.slice('/document'.length) : undefined);
}
