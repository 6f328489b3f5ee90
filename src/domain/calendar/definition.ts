/** Days of the week as a calendar names them, Monday first (ISO 8601). */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A time of day on the clock of the calendar's zone, `HH:MM` from 00:00 to 24:00. */
export type ClockTime = string;
/** A date in the calendar's zone, `YYYY-MM-DD`. */
export type CalendarDate = string;

/** Working time that begins on a day. When `to` is not after `from`, it ends on the next day: `22:00` to `06:00`. */
export interface Shift {
  readonly from: ClockTime;
  readonly to: ClockTime;
}

/** No work from the first to the last day, all day; or, on each of these days, between two times only. */
export interface Closure {
  readonly from: CalendarDate;
  /** Last day; the first when absent. */
  readonly to?: CalendarDate;
  /** Part of the day: with `end`. */
  readonly start?: ClockTime;
  readonly end?: ClockTime;
  readonly name?: string;
}

/** Work that the week does not have: it counts even on a holiday or in a closure. */
export interface Opening extends Shift {
  readonly date: CalendarDate;
  readonly name?: string;
}

/**
 * When a site works. Times are wall-clock times of the zone; over a change of clocks the time that really passes counts: a shift
 * from 22:00 to 06:00 has 7 hours in the night in which clocks go forward, 9 in which they go back. A time that does not exist is
 * moved forward by what the clock skips, of one that comes twice the first is taken (Temporal's *compatible*).
 */
export interface CalendarDefinition {
  readonly id: string;
  /** Changes with everything that a deadline depends on; events name it. */
  readonly version: string;
  /** IANA time zone. */
  readonly timeZone: string;
  readonly weekly: { readonly [day in Weekday]?: readonly Shift[] };
  readonly closures: readonly Closure[];
  /** Public holidays of a year, as closures; asked for a year at a time. */
  readonly holidays: (year: number) => readonly Closure[];
  readonly openings: readonly Opening[];
  /** Hours of a working day, for durations in days. */
  readonly hoursPerDay: number;
}
