import { Temporal } from 'temporal-polyfill';

/** Years within which a time may lie: what is farther away is a slip of the keyboard or seconds taken for milliseconds. */
const years = { from: 1971, to: 2200 } as const;

function within(epochMilliseconds: number): string | undefined {
  if (!Number.isFinite(epochMilliseconds) || Math.abs(epochMilliseconds) > 8.64e15) return undefined;
  const at = new Date(Math.round(epochMilliseconds));
  return at.getUTCFullYear() < years.from || at.getUTCFullYear() > years.to ? undefined : at.toISOString();
}

/**
 * The instant that a value names, as ISO 8601 UTC; undefined when it names none.
 * - a number, or a Date: milliseconds since 1970
 * - ISO 8601 with `Z`, an offset or a zone in brackets: that instant
 * - ISO 8601 without one: the clock on the wall of `zone`; an hour that the change of clocks leaves out is the one after it, one that comes twice is the first
 * - a day alone: its beginning in `zone`
 */
export function instantOf(value: unknown, zone: string): string | undefined {
  if (value instanceof Date) return within(value.getTime());
  if (typeof value === 'number') return within(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return within(Temporal.PlainDate.from(text).toZonedDateTime({ timeZone: zone }).epochMilliseconds);
    if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}(:?\d{2}){0,2}/.test(text)) return undefined;
    if (/(Z|[+-]\d{2}(:?\d{2})?)(\[.*\])?$/i.test(text.slice(10))) return within(Temporal.Instant.from(text).epochMilliseconds);
    return within(Temporal.PlainDateTime.from(text).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
