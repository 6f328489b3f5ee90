import type { CalendarDefinition } from '../../../src/domain/calendar/index.ts';
import { WEEKDAYS } from '../../../src/domain/calendar/index.ts';

/** What the clock on the wall of a zone shows in every minute of some days, read with Intl. */
export class Walk {
  readonly start: number;
  readonly walls: string[] = [];
  readonly first = new Map<string, number>();

  /** @param from ms since 1970, a whole minute; the walk begins two days before it and ends two days after `to` */
  constructor(timeZone: string, from: number, to: number) {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
    this.start = from - 2 * 86_400_000;
    const minutes = (to + 2 * 86_400_000 - this.start) / 60_000;
    for (let minute = 0; minute < minutes; minute += 1) {
      const wall = format.format(this.start + minute * 60_000);
      this.walls.push(wall);
      if (!this.first.has(wall)) this.first.set(wall, minute);
    }
  }
}

/**
 * Working time by walking through minutes and reading the clock on the wall: slow, and it shares nothing with the calendar.
 * A boundary is the first minute at which the wall shows it; one that the wall never shows comes as much after the last minute before
 * it as it says.
 */
export class Reference {
  readonly #from: number;
  readonly #walls: readonly string[];
  readonly #first: ReadonlyMap<string, number>;
  readonly #open: boolean[];

  constructor(calendar: CalendarDefinition, walk: Walk) {
    this.#from = walk.start;
    this.#walls = walk.walls;
    this.#first = walk.first;
    this.#open = this.#walls.map(() => false);
    this.#fill(calendar);
  }

  #fill(calendar: CalendarDefinition): void {
    const dates = [...new Set(this.#walls.map((wall) => wall.slice(0, 10)))];
    const set = (from: number, to: number, open: boolean): void => {
      for (let minute = Math.max(0, from); minute < Math.min(to, this.#open.length); minute += 1) this.#open[minute] = open;
    };
    for (const date of dates) {
      const weekday = WEEKDAYS[(new Date(`${date}T12:00Z`).getUTCDay() + 6) % 7] ?? 'mon';
      for (const { from, to } of calendar.weekly[weekday] ?? []) set(this.#at(date, from), this.#at(to > from ? date : dayAfter(date), to), true);
    }
    for (const { from, to = from, start = '00:00', end = '24:00' } of [...calendar.closures, ...calendar.holidays(Number(dates[5]?.slice(0, 4)))]) {
      for (const date of dates) if (from <= date && date <= to) set(this.#at(date, start), this.#at(date, end), false);
    }
    for (const { date, from, to } of calendar.openings) if (dates.includes(date)) set(this.#at(date, from), this.#at(to > from ? date : dayAfter(date), to), true);
  }

  /** Minute of the walk at which the wall first shows a time. */
  #at(date: string, time: string): number {
    if (time === '24:00') return this.#at(dayAfter(date), '00:00');
    const wanted = `${date} ${time}`;
    const shown = this.#first.get(wanted);
    if (shown !== undefined) return shown;
    if (wanted < (this.#walls[0] ?? '')) return -1;
    // Skipped, or beyond the walk: as long after the last minute before it as the clock says.
    let before = 0;
    for (const [index, wall] of this.#walls.entries()) if (wall < wanted) before = index; else break;
    const wallMinutes = (wall: string): number => Date.parse(`${wall.replace(' ', 'T')}Z`) / 60_000;
    return before + wallMinutes(wanted) - wallMinutes(this.#walls[before] ?? wanted);
  }

  isOpen(epochMs: number): boolean {
    return this.#open[Math.floor((epochMs - this.#from) / 60_000)] ?? false;
  }

  between(from: number, to: number): number {
    let sum = 0;
    for (let minute = from; minute < to; minute += 60_000) if (this.isOpen(minute)) sum += 60_000;
    return sum;
  }
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T12:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** Every change of clocks of a zone from 2020 to 2035: the first minute of the new offset, found by Intl. */
export function changesOfClocks(timeZone: string): number[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const offset = (at: number): string => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const changes: number[] = [];
  const end = Date.UTC(2036, 0, 1);
  for (let day = Date.UTC(2020, 0, 1); day < end; day += 86_400_000) {
    if (offset(day) === offset(day + 86_400_000)) continue;
    let low = day;
    let high = day + 86_400_000;
    while (high - low > 60_000) {
      const middle = low + Math.floor((high - low) / 120_000) * 60_000;
      if (offset(middle) === offset(low)) low = middle; else high = middle;
    }
    changes.push(high);
  }
  return changes;
}
