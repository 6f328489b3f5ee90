import { Temporal } from 'temporal-polyfill';
import { isDecimalText, plainDecimal, roomOf } from '../../domain/contract/index.ts';
import type { Json } from '../../domain/json.ts';
import { DriverError } from '../driver.ts';

/** What a parameter is; `digits` and `places` of a numeric as the column has them. */
export type ParameterType = { readonly kind: 'text' | 'integer' | 'boolean' | 'date' | 'instant' | 'uuid' | 'json' } | { readonly kind: 'numeric'; readonly digits: number; readonly places: number };

const PLAIN = ['text', 'integer', 'boolean', 'date', 'instant', 'uuid', 'json'] as const;
const mostDigits = 65;
const mostPlaces = 30;

/** `numeric(18,9)`, `text`; undefined for what is none. */
export function readType(text: string): ParameterType | undefined {
  const plain = PLAIN.find((each) => each === text);
  if (plain !== undefined) return { kind: plain };
  const [, digits, places] = /^numeric\((\d{1,2}),(\d{1,2})\)$/.exec(text) ?? [];
  if (digits === undefined || places === undefined) return undefined;
  const type = { kind: 'numeric', digits: Number(digits), places: Number(places) } as const;
  return type.digits >= 1 && type.digits <= mostDigits && type.places <= Math.min(mostPlaces, type.digits) ? type : undefined;
}

const INT_64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/**
 * A value of the document as the text that goes to the server, which casts it there: never a float, never rounded.
 * @throws DriverError with what to do
 */
export function wireText(type: ParameterType, value: Json, at: string): string {
  const wrong = (what: string): never => { throw new DriverError(`The value at ${at} is ${what}.`, at); };
  switch (type.kind) {
    case 'text':
      if (typeof value !== 'string') return wrong('no text; give one, or map it to one');
      return value.includes('\0') ? wrong('a text with a zero character, which databases do not keep') : value;
    case 'integer': {
      const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? value : wrong('no whole number; write one of at most 19 digits');
      const whole = BigInt(text);
      return whole < INT_64.least || whole > INT_64.most ? wrong('larger than a whole number of 64 bits') : whole.toString();
    }
    case 'numeric': {
      const text = typeof value === 'string' && isDecimalText(value) ? value : typeof value === 'number' && Number.isSafeInteger(value) ? plainDecimal(String(value)) : undefined;
      if (text === undefined) return wrong('no decimal number as text; write it like "12.500"');
      const { digits, places } = roomOf(text);
      if (places > type.places) return wrong(`a number with ${places} decimals, and the column keeps ${type.places}; round it in the mapping, where it is seen`);
      if (digits > type.digits - type.places) return wrong(`a number with ${digits} digits before the point, and the column keeps ${type.digits - type.places}`);
      return text;
    }
    case 'boolean': return typeof value === 'boolean' ? (value ? '1' : '0') : wrong('neither true nor false');
    case 'date': return typeof value === 'string' && isDay(value) ? value : wrong('no day of the calendar; write it like 2026-11-30');
    case 'instant': return instantText(value, wrong);
    case 'uuid': return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : wrong('no UUID');
    case 'json': return JSON.stringify(value);
  }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const microsecond = 1_000n;

/** `2026-11-30 07:15:00.123456`, UTC. */
function instantText(value: Json, wrong: (what: string) => never): string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}/.test(value)) return wrong('no time; write it like 2026-11-30T08:15:00+01:00');
  if (!/(Z|z|[+-]\d{2}:?\d{2})$/.test(value)) return wrong('a time without a zone, which could be any of 24 hours; write it like 2026-11-30T08:15:00+01:00');
  let instant: Temporal.Instant;
  try {
    instant = Temporal.Instant.from(value);
  } catch (error) {
    if (error instanceof RangeError) return wrong('no time that there is; write it like 2026-11-30T08:15:00+01:00');
    throw error;
  }
  if (instant.epochNanoseconds % microsecond !== 0n) return wrong('a time finer than a microsecond, which databases do not keep');
  return instant.toString({ smallestUnit: 'microsecond' }).replace('T', ' ').replace('Z', '');
}

/** A time as a database wrote it (`2026-11-30 07:15:00.5`, UTC where `zoned`) as RFC 3339 has it. */
export function timeText(text: string, zoned: boolean): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:[+-]00(?::?00)?)?$/.exec(text) ?? [];
  if (day === undefined || time === undefined) return text;
  return `${day}T${time.includes('.') ? time.replace(/0+$/, '').replace(/\.$/, '') : time}${zoned ? 'Z' : ''}`;
}
