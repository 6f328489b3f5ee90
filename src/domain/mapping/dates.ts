import { Temporal } from 'temporal-polyfill';
import type { MappingProblemCode } from './problem.ts';
import { readsOffset, readsTime, tokensOf } from './date-format.ts';

/** What a date was read to, or why not. */
export type ReadDate = { readonly value: string } | { readonly problem: MappingProblemCode; readonly values: Readonly<Record<string, string>> };

interface Parts { year: number; month: number; day: number; hour: number; minute: number; second: number; millisecond: number; offset?: string }

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}:?\d{2})?)?$/;
const ODATA_V2 = /^\/Date\((-?\d{1,15})([+-]\d{4})?\)\/$/;

/** Reads a date or time as its format says, and writes it as RFC 3339 has it: times with the offset of their zone. */
export function readDate(text: string, format: string, zone: string | undefined, as: 'date' | 'date-time'): ReadDate {
  const wrong = (problem: MappingProblemCode, more: Readonly<Record<string, string>> = {}): ReadDate => ({ problem, values: { value: text, format, zone: zone ?? '', ...more } });
  const instant = instantOf(text, format);
  if (instant === 'no') return wrong('date-form');
  if (instant !== undefined) {
    if (zone === undefined && as === 'date') return wrong('zone-missing');
    return { value: written(Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone ?? 'UTC'), as) };
  }
  const parts = format === 'iso' ? isoParts(text) : format === 'odata-v2' ? epochParts(text) : formatParts(text, format);
  if (parts === undefined) return wrong('date-form');
  if (!isReal(parts)) return wrong('date-unreal');
  const hasTime = format === 'iso' ? text.length > 10 : format === 'odata-v2' || readsTime(format);
  if (as === 'date' && (!hasTime || (parts.offset === undefined && zone === undefined))) return { value: dayOf(parts) };
  if (!hasTime) return wrong('zone-missing');
  return zoned(parts, zone, as, wrong);
}

/** Milliseconds since 1970 where the format counts them; `no` when it does and the text does not fit. */
function instantOf(text: string, format: string): number | 'no' | undefined {
  if (format !== 'unix-seconds' && format !== 'unix-milliseconds') return undefined;
  if (!/^-?\d{1,14}$/.test(text)) return 'no';
  return Number(text) * (format === 'unix-seconds' ? 1_000 : 1);
}

function zoned(parts: Parts, zone: string | undefined, as: 'date' | 'date-time', wrong: (code: MappingProblemCode) => ReadDate): ReadDate {
  const { offset, ...plain } = parts;
  if (offset !== undefined) {
    const time = Temporal.PlainDateTime.from(plain).toZonedDateTime(offset);
    return { value: written(zone === undefined ? time : time.withTimeZone(zone), as) };
  }
  if (zone === undefined) return wrong('zone-missing');
  const local = Temporal.PlainDateTime.from(plain);
  try {
    return { value: written(local.toZonedDateTime(zone, { disambiguation: 'reject' }), as) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // an hour that a clock change leaves out, or has twice
    return wrong(local.toZonedDateTime(zone, { disambiguation: 'earlier' }).toPlainDateTime().equals(local) ? 'time-twice' : 'time-skipped');
  }
}

const two = (value: number): string => String(value).padStart(2, '0');
const dayOf = ({ year, month, day }: { readonly year: number; readonly month: number; readonly day: number }): string => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;

function written(time: Temporal.ZonedDateTime, as: 'date' | 'date-time'): string {
  if (as === 'date') return dayOf(time);
  const offset = time.timeZoneId === 'UTC' || time.timeZoneId === '+00:00' ? 'Z' : time.offset.slice(0, 6);
  return `${dayOf(time)}T${two(time.hour)}:${two(time.minute)}:${two(time.second)}${time.millisecond === 0 ? '' : `.${String(time.millisecond).padStart(3, '0')}`}${offset}`;
}

function isoParts(text: string): Parts | undefined {
  const [matched, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = RFC_3339.exec(text.trim()) ?? [];
  if (matched === undefined) return undefined;
  return made({ year, month, day, hour, minute, second, millisecond: fraction.slice(0, 3).padEnd(3, '0') }, offset);
}

/** OData V2 counts Edm.DateTime as if it were in UTC, and means no zone at all; with an offset it is Edm.DateTimeOffset. */
function epochParts(text: string): Parts | undefined {
  const [matched, milliseconds, minutes] = ODATA_V2.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const time = Temporal.Instant.fromEpochMilliseconds(Number(milliseconds)).toZonedDateTimeISO('UTC');
  const { year, month, day, hour, minute, second, millisecond } = time;
  return { year, month, day, hour, minute, second, millisecond, ...(minutes === undefined ? {} : { offset: '+00:00' }) };
}

function formatParts(text: string, format: string): Parts | undefined {
  const tokens = tokensOf(format);
  const pattern = tokens.map((token) => token === 'Z' ? '(Z|[+-]\\d{2}:?\\d{2})' : token.length > 1 && /^(YYYY|MM|DD|HH|mm|ss|SSS)$/.test(token) ? `(\\d{${token.length}})` : token.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('');
  const found = new RegExp(`^${pattern}$`).exec(text.trim());
  if (found === null) return undefined;
  const read: Record<string, string> = {};
  tokens.filter((token) => /^(YYYY|MM|DD|HH|mm|ss|SSS|Z)$/.test(token)).forEach((token, index) => { read[token] = found[index + 1]!; });
  return made({ year: read['YYYY'], month: read['MM'], day: read['DD'], hour: read['HH'], minute: read['mm'], second: read['ss'], millisecond: read['SSS'] }, readsOffset(format) ? read['Z'] : undefined);
}

function made(read: Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond', string | undefined>>, offset: string | undefined): Parts {
  const number = (text: string | undefined): number => Number(text ?? 0);
  const exact = offset === undefined ? undefined : /^z$/i.test(offset) ? '+00:00' : offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
  return {
    year: number(read.year), month: number(read.month), day: number(read.day), hour: number(read.hour), minute: number(read.minute), second: number(read.second), millisecond: number(read.millisecond),
    ...(exact === undefined ? {} : { offset: exact }),
  };
}

function isReal({ year, month, day, hour, minute, second, offset }: Parts): boolean {
  const days = [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1]! && hour <= 23 && minute <= 59 && second <= 59
    && (offset === undefined || (Number(offset.slice(1, 3)) <= 23 && Number(offset.slice(4)) <= 59));
}

/** Writes an RFC 3339 date or time in another form; a time in the zone that is named, else in its own. */
export function writeDate(text: string, format: string, zone: string | undefined): ReadDate {
  const wrong = (problem: MappingProblemCode): ReadDate => ({ problem, values: { value: text, format, zone: zone ?? '' } });
  const parts = isoParts(text);
  if (parts === undefined) return wrong('date-form');
  if (!isReal(parts)) return wrong('date-unreal');
  const hasTime = text.trim().length > 10;
  const local = format === 'odata-v2' || readsTime(format);
  if (!hasTime && format.startsWith('unix')) return wrong('zone-missing');
  if (hasTime && parts.offset === undefined) return wrong('zone-missing');
  // a day alone stays that day, whatever the zone
  const { offset = '+00:00', ...plain } = parts;
  const own = Temporal.PlainDateTime.from(plain).toZonedDateTime(offset);
  if (format === 'unix-seconds') return { value: String(Math.floor(own.epochMilliseconds / 1_000)) };
  if (format === 'unix-milliseconds') return { value: String(own.epochMilliseconds) };
  if (hasTime && local && zone === undefined && !readsOffset(format)) return wrong('zone-missing');
  const time = !hasTime || zone === undefined ? own : own.withTimeZone(zone);
  if (format === 'iso') return { value: written(time, hasTime ? 'date-time' : 'date') };
  if (format === 'odata-v2') return { value: `/Date(${time.toPlainDateTime().toZonedDateTime('UTC').epochMilliseconds})/` };
  return { value: tokensOf(format).map((token) => tokenText(token, time)).join('') };
}

function tokenText(token: string, time: Temporal.ZonedDateTime): string {
  switch (token) {
    case 'YYYY': return String(time.year).padStart(4, '0');
    case 'MM': return two(time.month);
    case 'DD': return two(time.day);
    case 'HH': return two(time.hour);
    case 'mm': return two(time.minute);
    case 'ss': return two(time.second);
    case 'SSS': return String(time.millisecond).padStart(3, '0');
    case 'Z': return time.offset.slice(0, 6) === '+00:00' ? 'Z' : time.offset.slice(0, 6);
    default: return token;
  }
}
