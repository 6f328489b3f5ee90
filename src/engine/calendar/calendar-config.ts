import type { CalendarDefinition, Closure, Opening, Shift } from '../../domain/calendar/index.ts';
import { WEEKDAYS } from '../../domain/calendar/index.ts';
import type { HolidayPlace } from './holidays.ts';

/** Configuration of a calendar node. It may come from a hand-made flow: every list may be anything. */
export interface CalendarConfig {
  readonly name: string;
  /** IANA zone; '' is the zone of the instance. */
  readonly timeZone: string;
  readonly weekly: object;
  /** ISO 3166 code; '' takes no public holidays. */
  readonly country: string;
  readonly state: string;
  readonly region: string;
  readonly bankHolidays: boolean;
  readonly closures: readonly object[];
  readonly openings: readonly object[];
  readonly hoursPerDay: number;
}

/** Where the holidays come from; undefined when the calendar has none. */
export function placeOfHolidays(config: CalendarConfig): HolidayPlace | undefined {
  const { country, state, region, bankHolidays } = config;
  return country === '' ? undefined : { country, state, region, bank: bankHolidays };
}

/** The calendar that a configuration describes, right or wrong; what is wrong is found by `calendarFinding`. */
export function definitionOf(config: CalendarConfig, given: { readonly id: string; readonly version: string; readonly timeZone: string; readonly holidays: CalendarDefinition['holidays'] }): CalendarDefinition {
  const weekly = config.weekly as Readonly<Record<string, unknown>>;
  return {
    id: given.id, version: given.version, timeZone: config.timeZone === '' ? given.timeZone : config.timeZone, holidays: given.holidays, hoursPerDay: Number(config.hoursPerDay),
    weekly: Object.fromEntries(WEEKDAYS.map((day) => [day, rows(weekly[day]).map(shiftOf)])),
    closures: rows(config.closures).map(closureOf),
    openings: rows(config.openings).map((row): Opening => ({ ...shiftOf(row), date: text(row['date']), ...named(row) })),
  };
}

type Row = Readonly<Record<string, unknown>>;

function rows(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.map((row: unknown) => (typeof row === 'object' && row !== null ? row as Row : {})) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function shiftOf(row: Row): Shift {
  return { from: text(row['from']), to: text(row['to']) };
}

function closureOf(row: Row): Closure {
  const optional = (name: 'to' | 'start' | 'end'): Partial<Closure> => (text(row[name]) === '' ? {} : { [name]: text(row[name]) });
  return { from: text(row['from']), ...optional('to'), ...optional('start'), ...optional('end'), ...named(row) };
}

function named(row: Row): { readonly name?: string } {
  return text(row['name']) === '' ? {} : { name: text(row['name']) };
}
