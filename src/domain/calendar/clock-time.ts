import { Temporal } from 'temporal-polyfill';

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

export const MINUTES_PER_DAY = 1_440;

/** Minutes since midnight of a time of day, or undefined when it is none. */
export function minutesOf(time: string): number | undefined {
  return CLOCK.test(time) ? Number(time.slice(0, 2)) * 60 + Number(time.slice(3)) : undefined;
}

/** A date that exists, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= Temporal.PlainDate.from({ year, month, day: 1 }).daysInMonth;
}

/** An IANA time zone that this machine knows; offsets such as `+02:00` are none. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.PlainDate.from('2020-01-01').toZonedDateTime(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Milliseconds since 1970 of an ISO time. @throws RangeError when it is none */
export function epochOf(iso: string): number {
  return Temporal.Instant.from(iso).epochMilliseconds;
}

/** ISO 8601 in UTC with milliseconds, as all times of events are. */
export function isoOf(epochMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toString({ fractionalSecondDigits: 3 });
}

/** The date that the clock of the zone shows. */
export function dateAt(epochMs: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** The instant at which the clock of the zone shows so many minutes after midnight of a date. */
export function instantOf(date: Temporal.PlainDate, minutes: number, timeZone: string): number {
  const day = minutes >= MINUTES_PER_DAY ? date.add({ days: Math.floor(minutes / MINUTES_PER_DAY) }) : date;
  const inDay = minutes % MINUTES_PER_DAY;
  return day.toPlainDateTime({ hour: Math.floor(inDay / 60), minute: inDay % 60 }).toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
}
