import type { StepContext } from '../step-context.ts';
import { unitMs } from '../work-calendar.ts';
import { ConfigError } from './typed.ts';

/** Length of time as forms have it. `working`: counted while the calendar is open only. */
export interface Duration { readonly value: number; readonly unit: 'minutes' | 'hours' | 'days'; readonly working: boolean }

/** What a duration may be at most, ms: ten years. */
const longestMs = 10 * 366 * unitMs.days;

/** Milliseconds of elapsed time; undefined when the value is no length of time from 0 to ten years. */
export function elapsedMs(duration: Duration): number | undefined {
  const ms = duration.value * unitMs[duration.unit];
  return Number.isFinite(ms) && ms >= 0 && ms <= longestMs ? ms : undefined;
}

/** When a duration from `fromIso` on is over. @throws ConfigError when working time has no calendar to be counted by */
export function dueAfter(step: StepContext, fromIso: string, duration: Duration, calendarId: string | undefined): { readonly dueAt: string; readonly calendar?: string } {
  const ms = elapsedMs(duration);
  if (ms === undefined) throw new ConfigError(`${String(duration.value)} ${duration.unit} is no length of time; give a number from 0 on, at most ten years.`);
  if (!duration.working) return { dueAt: new Date(Date.parse(fromIso) + ms).toISOString() };
  return calendarOf(step, calendarId).due(fromIso, duration);
}

/** @throws ConfigError when there is no such calendar */
export function calendarOf(step: StepContext, calendarId: string | undefined): NonNullable<ReturnType<StepContext['calendar']>> {
  const calendar = calendarId === undefined || calendarId === '' ? undefined : step.calendar(calendarId);
  if (calendar === undefined) throw new ConfigError('Working time needs a calendar, and the one that this node names is not there or cannot be used; choose a calendar that works, deploy, and retry.');
  return calendar;
}
