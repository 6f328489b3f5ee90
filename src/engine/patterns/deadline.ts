import type { StepContext } from '../step-context.ts';
import { dueAfter } from './due.ts';
import { ConfigError } from './typed.ts';

/** How long something may take, as forms have it; 0 or blank is for ever. */
export interface Deadline {
  readonly deadline: number | string; readonly deadlineUnit: 'minutes' | 'hours' | 'days';
  /** Counted while the calendar is open only. */
  readonly working?: boolean; readonly calendar?: string;
}

/** @throws ConfigError when working time has no calendar to be counted by */
export function checkDeadline(config: Deadline): void {
  if (Number(config.deadline) > 0 && config.working === true && !config.calendar) throw new ConfigError('Working time needs a calendar; choose one, or count all time, and deploy.');
}

/** When it is due, from now; undefined without a deadline. */
export function dueOf(step: StepContext, config: Deadline): { readonly dueAt: string; readonly calendar?: string } | undefined {
  const value = Number(config.deadline);
  return value > 0 ? dueAfter(step, step.now(), { value, unit: config.deadlineUnit ?? 'hours', working: config.working === true }, config.calendar) : undefined;
}
