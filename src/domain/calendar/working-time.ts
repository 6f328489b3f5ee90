import type { CalendarDefinition } from './definition.ts';
import { epochOf, isoOf } from './clock-time.ts';
import { daysOf } from './days.ts';
import type { WorkingDay } from './days.ts';

/** A calendar that does not open for so many days never opens. */
const longestRest = 800;
/** No deadline is further away than this. */
const longestSearch = 36_525;

export class CalendarError extends Error {
  override readonly name = 'CalendarError';
  readonly code: 'no-working-time' | 'too-far' | 'duration-invalid';

  constructor(code: CalendarError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The first instant at which so much work has been done since an instant; the instant itself when it is nothing. Work that ends with a
 * shift ends then, not with the start of the next one.
 *
 * @param durationMs whole milliseconds, not negative
 * @throws CalendarError when the calendar does not have so much working time
 */
export function addWorkingTime(calendar: CalendarDefinition, fromIso: string, durationMs: number): string {
  if (!Number.isSafeInteger(durationMs) || durationMs < 0) throw new CalendarError('duration-invalid', `A duration of ${durationMs} ms is none: give whole milliseconds, 0 or more.`);
  const from = epochOf(fromIso);
  if (durationMs === 0) return isoOf(from);
  let left = durationMs;
  for (const day of daysFrom(calendar, from)) {
    if (day.from >= from && day.total < left) {
      left -= day.total;
      continue;
    }
    for (const span of day.open) {
      const start = Math.max(span.from, from);
      if (span.to <= start) continue;
      if (left <= span.to - start) return isoOf(start + left);
      left -= span.to - start;
    }
  }
  throw new CalendarError('too-far', `Calendar ${calendar.id} does not have so much working time in a hundred years.`);
}

/** Milliseconds of work between two instants; negative when the second is the earlier one. */
export function workingTimeBetween(calendar: CalendarDefinition, fromIso: string, toIso: string): number {
  const from = epochOf(fromIso);
  const to = epochOf(toIso);
  return to < from ? 0 - between(calendar, to, from) : between(calendar, from, to);
}

function between(calendar: CalendarDefinition, from: number, to: number): number {
  const days = daysOf(calendar);
  let sum = 0;
  for (let day = days.at(from); day.from < to; day = days.day(day.date.add({ days: 1 }))) {
    if (day.from >= from && day.to <= to) sum += day.total;
    else for (const span of day.open) sum += Math.max(0, Math.min(span.to, to) - Math.max(span.from, from));
  }
  return sum;
}

export function isWorking(calendar: CalendarDefinition, iso: string): boolean {
  const at = epochOf(iso);
  return daysOf(calendar).at(at).open.some((span) => span.from <= at && at < span.to);
}

/** The first working instant from an instant on; undefined when there is none within more than two years. */
export function nextWorking(calendar: CalendarDefinition, iso: string): string | undefined {
  const at = epochOf(iso);
  const days = daysOf(calendar);
  let day = days.at(at);
  for (let rest = 0; rest <= longestRest; rest += 1, day = days.day(day.date.add({ days: 1 }))) {
    const span = day.open.find(({ to }) => to > at);
    if (span !== undefined) return isoOf(Math.max(span.from, at));
  }
  return undefined;
}

/** The days from an instant on. @throws CalendarError when none of many has working time */
function* daysFrom(calendar: CalendarDefinition, from: number): Generator<WorkingDay> {
  const days = daysOf(calendar);
  let day = days.at(from);
  let rest = 0;
  for (let searched = 0; searched < longestSearch; searched += 1) {
    rest = day.total === 0 ? rest + 1 : 0;
    if (rest > longestRest) throw new CalendarError('no-working-time', `Calendar ${calendar.id} has no working time after ${day.date.subtract({ days: rest - 1 }).toString()}: give it shifts or openings, or end its closures.`);
    yield day;
    day = days.day(day.date.add({ days: 1 }));
  }
}
