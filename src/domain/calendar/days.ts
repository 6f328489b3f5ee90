import type { Temporal } from 'temporal-polyfill';
import type { CalendarDefinition, Closure, Opening, Shift } from './definition.ts';
import { WEEKDAYS } from './definition.ts';
import { dateAt, instantOf, minutesOf, MINUTES_PER_DAY } from './clock-time.ts';
import { united, within, without } from './spans.ts';
import type { Span } from './spans.ts';

/** A day of the calendar's zone: where it begins and ends, and when work is done in it. */
export interface WorkingDay extends Span {
  readonly date: Temporal.PlainDate;
  readonly open: readonly Span[];
  /** Milliseconds of work. */
  readonly total: number;
}

/** Days kept for each calendar: five years and more, some hundred bytes each. */
const mostDays = 2_000;

/** The days of one definition, computed once each. */
export class Days {
  readonly #definition: CalendarDefinition;
  readonly #days = new Map<string, WorkingDay>();
  readonly #holidays = new Map<number, readonly Closure[]>();
  readonly #openings = new Map<string, Opening[]>();
  readonly #single = new Map<string, Closure[]>();
  readonly #ranges: Closure[] = [];

  constructor(definition: CalendarDefinition) {
    this.#definition = definition;
    for (const opening of definition.openings) listed(this.#openings, opening.date).push(opening);
    for (const closure of definition.closures) {
      if (closure.to === undefined || closure.to === closure.from) listed(this.#single, closure.from).push(closure);
      else this.#ranges.push(closure);
    }
  }

  /** The day in which an instant is. Where clocks go back over midnight, the hour that comes twice belongs to the later day. */
  at(epochMs: number): WorkingDay {
    let day = this.day(dateAt(epochMs, this.#definition.timeZone));
    while (day.to <= epochMs) day = this.day(day.date.add({ days: 1 }));
    return day;
  }

  day(date: Temporal.PlainDate): WorkingDay {
    const key = date.toString();
    let day = this.#days.get(key);
    if (day !== undefined) return day;
    if (this.#days.size >= mostDays) this.#days.clear();
    this.#days.set(key, day = this.#compute(date));
    return day;
  }

  #compute(date: Temporal.PlainDate): WorkingDay {
    const { timeZone } = this.#definition;
    const before = date.subtract({ days: 1 });
    const from = instantOf(date, 0, timeZone);
    const to = instantOf(date, MINUTES_PER_DAY, timeZone);
    const weekly = [...this.#shifts(before), ...this.#shifts(date)];
    const extra = [...this.#extra(before), ...this.#extra(date)];
    const open = united(within([...without(weekly, this.#closed(date)), ...extra], from, to));
    return { date, from, to, open, total: open.reduce((sum, span) => sum + span.to - span.from, 0) };
  }

  #shifts(date: Temporal.PlainDate): Span[] {
    const weekday = WEEKDAYS[date.dayOfWeek - 1] ?? 'mon';
    return (this.#definition.weekly[weekday] ?? []).map((shift) => this.#span(date, shift));
  }

  #extra(date: Temporal.PlainDate): Span[] {
    return (this.#openings.get(date.toString()) ?? []).map((opening) => this.#span(date, opening));
  }

  #span(date: Temporal.PlainDate, shift: Shift): Span {
    const { timeZone } = this.#definition;
    const from = minutesOf(shift.from) ?? 0;
    const to = minutesOf(shift.to) ?? 0;
    return { from: instantOf(date, from, timeZone), to: instantOf(date, to > from ? to : to + MINUTES_PER_DAY, timeZone) };
  }

  /** What is closed on a date, whenever the shift began: a holiday begins and ends at midnight. */
  #closed(date: Temporal.PlainDate): Span[] {
    const { timeZone } = this.#definition;
    const key = date.toString();
    const holidays = this.#holidaysOf(date.year);
    const fitting = [...this.#single.get(key) ?? [], ...[...this.#ranges, ...holidays].filter(({ from, to = from }) => from <= key && key <= to)];
    return fitting.map(({ start, end }) => ({ from: instantOf(date, minutesOf(start ?? '') ?? 0, timeZone), to: instantOf(date, minutesOf(end ?? '') ?? MINUTES_PER_DAY, timeZone) }));
  }

  /** Those of the year and of its neighbours: one that lasts several days may begin in the year before. */
  #holidaysOf(year: number): readonly Closure[] {
    let found = this.#holidays.get(year);
    if (found === undefined) this.#holidays.set(year, found = [...this.#definition.holidays(year - 1), ...this.#definition.holidays(year)]);
    return found;
  }
}

function listed<T>(map: Map<string, T[]>, key: string): T[] {
  let list = map.get(key);
  if (list === undefined) map.set(key, list = []);
  return list;
}

const known = new WeakMap<CalendarDefinition, Days>();

/** The days of a definition; the same object gives the same days. */
export function daysOf(definition: CalendarDefinition): Days {
  let days = known.get(definition);
  if (days === undefined) known.set(definition, days = new Days(definition));
  return days;
}
