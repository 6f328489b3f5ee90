import type { CalendarDefinition, Closure, Shift, Weekday } from './definition.ts';
import { WEEKDAYS } from './definition.ts';
import { isDate, isZone, minutesOf, MINUTES_PER_DAY } from './clock-time.ts';
import { nextWorking } from './working-time.ts';

/** What is wrong with a calendar, with what a sentence about it needs. */
export interface CalendarFinding {
  readonly code: keyof typeof sentences;
  readonly values: Readonly<Record<string, string>>;
}

/** Entries of one list; more are a mistake, or a way to make the engine slow. */
const mostEntries = 1_000;
const mostShifts = 12;

const sentences = {
  'zone-unknown': 'The time zone "{zone}" is unknown; take an IANA name such as Europe/Berlin.',
  'hours-per-day': 'A working day of {hours} hours is none; it has more than 0 and at most 24 hours.',
  'time-invalid': 'In {where}, "{time}" is no time of day; write it from 00:00 to 24:00.',
  'date-invalid': 'In {where}, "{date}" is no date; write it as 2026-12-24.',
  'shift-empty': 'A shift of {where} begins and ends at {time}; for work around the clock write 00:00 to 24:00.',
  'shift-start-late': 'A shift of {where} begins at 24:00; let it begin at 00:00 of the next day.',
  'shifts-overlap': 'The shifts {first} and {second} overlap; let one end before the other begins.',
  'closure-backwards': 'The closure from {from} to {to} ends before it begins; swap the dates.',
  'closure-part': 'The closure on {from} needs both times, and the first before the second; leave both blank for all day.',
  'too-many': 'There are {count} entries in {where}; at most {most} are possible.',
  'no-working-time': 'The calendar has no working time: give at least one day a shift.',
  'never-opens': 'The calendar has no working time in the next two years: end a closure, or give it shifts.',
} as const;

/**
 * The first thing that is wrong.
 *
 * @param at with it, the calendar must also open in the two years that follow
 */
export function calendarFinding(calendar: CalendarDefinition, at?: string): CalendarFinding | undefined {
  return zoneFinding(calendar) ?? weekFinding(calendar) ?? closuresFinding(calendar.closures) ?? openingsFinding(calendar) ?? emptyFinding(calendar, at);
}

/** One sentence that says what to mend; undefined when the calendar is right. */
export function calendarProblem(calendar: CalendarDefinition, at?: string): string | undefined {
  const found = calendarFinding(calendar, at);
  return found === undefined ? undefined : calendarSentence(found);
}

export function calendarSentence({ code, values }: CalendarFinding): string {
  return sentences[code].replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? '');
}

function finding(code: CalendarFinding['code'], values: CalendarFinding['values'] = {}): CalendarFinding {
  return { code, values };
}

function zoneFinding({ timeZone, hoursPerDay }: CalendarDefinition): CalendarFinding | undefined {
  if (!isZone(timeZone)) return finding('zone-unknown', { zone: timeZone });
  return hoursPerDay > 0 && hoursPerDay <= 24 ? undefined : finding('hours-per-day', { hours: String(hoursPerDay) });
}

/** Minutes since Monday 00:00; a shift may reach into the next week. */
interface WeekSpan { readonly from: number; readonly to: number; readonly label: string }

function weekFinding({ weekly }: CalendarDefinition): CalendarFinding | undefined {
  const spans: WeekSpan[] = [];
  for (const [index, day] of WEEKDAYS.entries()) {
    const shifts = weekly[day] ?? [];
    if (shifts.length > mostShifts) return finding('too-many', { where: day, count: String(shifts.length), most: String(mostShifts) });
    for (const shift of shifts) {
      const wrong = shiftFinding(shift, day);
      if (wrong !== undefined) return wrong;
      spans.push(weekSpan(shift, day, index * MINUTES_PER_DAY));
    }
  }
  return overlap(spans);
}

function shiftFinding({ from, to }: Shift, where: string): CalendarFinding | undefined {
  for (const time of [from, to]) if (minutesOf(time) === undefined) return finding('time-invalid', { where, time });
  if (from === '24:00') return finding('shift-start-late', { where });
  return from === to ? finding('shift-empty', { where, time: from }) : undefined;
}

function weekSpan({ from, to }: Shift, day: Weekday, midnight: number): WeekSpan {
  const start = minutesOf(from) ?? 0;
  const end = minutesOf(to) ?? 0;
  return { from: midnight + start, to: midnight + (end > start ? end : end + MINUTES_PER_DAY), label: `${day} ${from}–${to}` };
}

function overlap(spans: readonly WeekSpan[]): CalendarFinding | undefined {
  const ordered = [...spans].sort((a, b) => a.from - b.from);
  const first = ordered[0];
  if (first === undefined) return undefined;
  const week = WEEKDAYS.length * MINUTES_PER_DAY;
  const around = [...ordered.slice(1), { ...first, from: first.from + week, to: first.to + week }];
  const [hit] = around.flatMap((next, index) => {
    const before = ordered[index];
    return before !== undefined && before.to > next.from ? [{ before, next }] : [];
  });
  return hit === undefined ? undefined : finding('shifts-overlap', { first: hit.before.label, second: hit.next.label });
}

function closuresFinding(closures: readonly Closure[]): CalendarFinding | undefined {
  if (closures.length > mostEntries) return finding('too-many', { where: 'closures', count: String(closures.length), most: String(mostEntries) });
  for (const { from, to = from, start, end } of closures) {
    for (const date of [from, to]) if (!isDate(date)) return finding('date-invalid', { where: 'closures', date });
    if (to < from) return finding('closure-backwards', { from, to });
    if (start === undefined && end === undefined) continue;
    for (const time of [start, end]) if (time !== undefined && minutesOf(time) === undefined) return finding('time-invalid', { where: 'closures', time });
    if (start === undefined || end === undefined || start >= end) return finding('closure-part', { from });
  }
  return undefined;
}

function openingsFinding({ openings }: CalendarDefinition): CalendarFinding | undefined {
  if (openings.length > mostEntries) return finding('too-many', { where: 'openings', count: String(openings.length), most: String(mostEntries) });
  for (const opening of openings) {
    if (!isDate(opening.date)) return finding('date-invalid', { where: 'openings', date: opening.date });
    const wrong = shiftFinding(opening, opening.date);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function emptyFinding(calendar: CalendarDefinition, at: string | undefined): CalendarFinding | undefined {
  const shifts = WEEKDAYS.some((day) => (calendar.weekly[day] ?? []).length > 0);
  if (!shifts && calendar.openings.length === 0) return finding('no-working-time');
  return at === undefined || nextWorking(calendar, at) !== undefined ? undefined : finding('never-opens');
}
