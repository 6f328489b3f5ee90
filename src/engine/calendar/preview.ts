import type { CalendarDefinition, Closure } from '../../domain/calendar/index.ts';
import { addWorkingTime, calendarFinding, calendarSentence, dateAt, daysOf, epochOf } from '../../domain/calendar/index.ts';
import type { CalendarFinding } from '../../domain/calendar/index.ts';
import type { HolidayPlace } from './holidays.ts';

/** A day as the form of a calendar shows it; times are on the clock of the zone. */
export interface PreviewDay {
  readonly date: string;
  readonly open: readonly { readonly from: string; readonly to: string }[];
  /** Minutes of work that really pass. */
  readonly minutes: number;
  /** Names of what closes it, or part of it. */
  readonly closed: readonly string[];
}

export interface CalendarPreview {
  /** What is wrong; then there is nothing else. */
  readonly finding?: { readonly code: CalendarFinding['code'] | 'place-unknown'; readonly values: Readonly<Record<string, string>> };
  /** The same as a sentence. */
  readonly problem?: string;
  readonly timeZone?: string;
  /** When so many hours of work from now on are over, on the clock of the zone. */
  readonly due?: { readonly hours: number; readonly date: string; readonly time: string };
  readonly week?: readonly PreviewDay[];
  /** The next public holidays. */
  readonly holidays?: readonly { readonly date: string; readonly name: string }[];
}

const hours = 4;
const days = 7;
const holidaysShown = 5;

/**
 * What a configuration that is being edited would mean.
 *
 * @param unknownPlace its place of holidays, when there is no such place
 */
export function previewCalendar(definition: CalendarDefinition, unknownPlace: HolidayPlace | undefined, now: string): CalendarPreview {
  if (unknownPlace !== undefined) {
    const { country, state, region } = unknownPlace;
    return { finding: { code: 'place-unknown', values: { place: [country, state, region].filter((part) => part !== '').join(' / ') } }, problem: 'There are no public holidays for this place; choose it again.' };
  }
  const finding = calendarFinding(definition, now);
  if (finding !== undefined) return { finding, problem: calendarSentence(finding) };
  const due = onTheClock(epochOf(addWorkingTime(definition, now, hours * 3_600_000)), definition.timeZone);
  return { timeZone: definition.timeZone, due: { hours, ...due }, week: weekOf(definition, now), holidays: nextHolidays(definition, now) };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function onTheClock(epochMs: number, timeZone: string): { readonly date: string; readonly time: string } {
  let format = formats.get(timeZone);
  if (format === undefined) formats.set(timeZone, format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }));
  const [date = '', time = ''] = format.format(epochMs).split(' ');
  return { date, time };
}

function weekOf(definition: CalendarDefinition, now: string): readonly PreviewDay[] {
  const first = dateAt(epochOf(now), definition.timeZone);
  return Array.from({ length: days }, (_none, index) => {
    const day = daysOf(definition).day(first.add({ days: index }));
    const date = day.date.toString();
    const closures = [...definition.closures, ...definition.holidays(day.date.year - 1), ...definition.holidays(day.date.year)];
    return {
      date, minutes: Math.round(day.total / 60_000), closed: closures.filter((closure) => covers(closure, date)).map(({ name = '' }) => name),
      open: day.open.map(({ from, to }) => ({ from: onTheClock(from, definition.timeZone).time, to: to === day.to ? '24:00' : onTheClock(to, definition.timeZone).time })),
    };
  });
}

function covers({ from, to = from }: Closure, date: string): boolean {
  return from <= date && date <= to;
}

function nextHolidays(definition: CalendarDefinition, now: string): readonly { readonly date: string; readonly name: string }[] {
  const today = dateAt(epochOf(now), definition.timeZone);
  return [...definition.holidays(today.year), ...definition.holidays(today.year + 1)]
    .filter(({ from, to = from }) => to >= today.toString()).slice(0, holidaysShown).map(({ from, name = '' }) => ({ date: from, name }));
}
