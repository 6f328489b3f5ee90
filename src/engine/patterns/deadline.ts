import type { StepContext } from '../step-context.ts';

/** How long something may take, as forms have it; 0 or blank is for ever. */
export interface Deadline {
  readonly deadline: number | string; readonly deadlineUnit: 'minutes' | 'hours' | 'days';
}

const unitMs = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

/** When it is due, from now; undefined without a deadline. */
export function dueOf(step: StepContext, config: Deadline): { readonly dueAt: string; readonly calendar?: string } | undefined {
  const value = Number(config.deadline);
  if (!(value > 0)) return undefined;
  return { dueAt: new Date(Date.parse(step.now()) + value * unitMs[config.deadlineUnit ?? 'hours']).toISOString() };
}
