import type { Ladder, RungSpec } from '../../domain/index.ts';
import { once } from '../support/reporting.ts';
import { unitMs } from '../work-calendar.ts';
import type { WorkCalendar } from '../work-calendar.ts';

function later(iso: string, ms: number): string {
  return new Date(Date.parse(iso) + ms).toISOString();
}

/** A calendar that a deploy took away, or that has no such time, must not hold up what a ladder belongs to: all time counts then, and the log says so. */
function counted<T>(calendar: WorkCalendar | undefined, wanted: boolean, byCalendar: (calendar: WorkCalendar) => T, byAllTime: () => T): T {
  if (!wanted) return byAllTime();
  try {
    if (calendar !== undefined) return byCalendar(calendar);
    once('ladder-calendar', 'A ladder counts working time, and its calendar is not there (any more): all time counts until it is deployed again.');
  } catch (error) {
    once('ladder-calendar', `A ladder cannot be counted by its calendar, so all time counts: ${String(error)}`);
  }
  return byAllTime();
}

/** When each rung is due that is counted from `at`. One whose time comes before that of the rung before it waits for that. */
export function duesFrom(rungs: readonly RungSpec[], at: string, calendar: WorkCalendar | undefined): readonly string[] {
  return rungs.map(({ value, unit, working }) => counted(calendar, working, (by) => by.due(at, { value, unit, working }).dueAt, () => later(at, value * unitMs[unit])));
}

/** What is left of each rung to come, ms in its own time. */
export function leftAt(ladder: Ladder, at: string, calendar: WorkCalendar | undefined): readonly number[] {
  return ladder.rungs.slice(ladder.next).map(({ dueAt, working }) => {
    if (dueAt <= at) return 0;
    return Math.max(0, Math.round(counted(calendar, working, (by) => by.between(at, dueAt), () => Date.parse(dueAt) - Date.parse(at))));
  });
}

/** When the rungs to come are due that had so much left. Without its calendar a ladder is moved by as long as it stood still. */
export function duesAfterPause(ladder: Ladder, at: string, calendar: WorkCalendar | undefined): readonly string[] {
  const { paused } = ladder;
  if (paused === undefined) return [];
  return ladder.rungs.slice(ladder.next).map(({ dueAt, working }, index) => {
    const left = paused.left[index] ?? 0;
    // What was overdue before stays overdue: a pause makes no time good again.
    if (left === 0) return dueAt <= paused.at ? dueAt : at;
    const moved = (): string => (working ? later(dueAt > paused.at ? dueAt : paused.at, Date.parse(at) - Date.parse(paused.at)) : later(at, left));
    return counted(calendar, working, (by) => by.add(at, left), moved);
  });
}
