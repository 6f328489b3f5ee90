import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { instantOf } from '../support/instants.ts';
import { calendarOf, dueAfter } from './due.ts';
import { asText, ConfigError } from './typed.ts';

/** Config of a `wait until` node. */
export interface WaitUntilConfig {
  readonly mode: 'time' | 'duration' | 'opening';
  readonly until: string; readonly untilType: string;
  readonly duration: string; readonly durationType: string; readonly durationUnit: 'minutes' | 'hours' | 'days';
  readonly working: boolean; readonly calendar: string;
  readonly whenPast: 'go-on' | 'exception';
}

const code = { unreadable: 'time-unreadable', past: 'time-passed' } as const;

interface Due { readonly dueAt: string; readonly calendar?: string }

/** Holds the case until a time has come; the time is worked out once, when the case arrives, and stands in the ledger. */
export function waitUntilPattern(config: WaitUntilConfig): StepPattern {
  if (config.mode === 'time' && !config.until) throw new ConfigError('This node has no time to wait for; say until when, and deploy.');
  if (config.mode === 'opening' && !config.calendar) throw new ConfigError('This node waits for the opening of a calendar and names none; choose one, and deploy.');
  if (config.mode === 'duration' && config.working === true && !config.calendar) throw new ConfigError('Working time needs a calendar; choose one, or count all time, and deploy.');

  const unreadable = (step: StepContext, message: string): Promise<void> => step.raise({ class: 'business', severity: 'high', queue: 'engineer', code: code.unreadable, message });

  /** The time; undefined when there is none, and that was raised. */
  async function due(step: StepContext): Promise<Due | undefined> {
    const now = step.now();
    if (config.mode === 'opening') {
      const calendar = calendarOf(step, config.calendar);
      const dueAt = calendar.nextOpening(now);
      if (dueAt !== undefined) return { dueAt, calendar: calendar.label };
      await unreadable(step, 'The calendar does not open again within the time it can see; give it working days, deploy, and retry.');
      return undefined;
    }
    if (config.mode === 'duration') {
      const value = await step.evaluate(config.duration, config.durationType ?? 'num');
      const length = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
      if (Number.isFinite(length) && length >= 0) return dueAfter(step, now, { value: length, unit: config.durationUnit, working: config.working === true }, config.calendar);
      await unreadable(step, `"${asText(value).slice(0, 80)}" is no length of time; correct the facts to a number from 0 on, and retry.`);
      return undefined;
    }
    const value = await step.evaluate(config.until, config.untilType ?? 'str');
    const dueAt = instantOf(value, step.timeZone());
    if (dueAt !== undefined) return { dueAt };
    await unreadable(step, `"${asText(value).slice(0, 80)}" is no time; correct the facts to a date such as 2026-03-31 or a time such as 2026-03-31T06:00:00+02:00, and retry.`);
    return undefined;
  }

  return {
    async run(step) {
      const goesOn = step.resolvedException()?.outcome === 'continue';
      const timer = Object.values(step.state.timers).find((one) => one.runId === step.runId);
      if (goesOn || (timer !== undefined && timer.dueAt <= step.now())) return step.complete([{ port: 0 }]);
      if (timer !== undefined) return step.wakeAt(timer.dueAt);
      const at = await due(step);
      if (at === undefined) return;
      if (at.dueAt > step.now()) {
        await step.commit([{ type: 'ScheduleTimer', timerId: step.newId(), runId: step.runId, purpose: 'wait', destructive: false, ...at }]);
        return;
      }
      if (config.whenPast !== 'exception' || config.mode !== 'time') return step.complete([{ port: 0 }]);
      await step.raise({
        class: 'business', severity: 'medium', queue: 'clerk', code: code.past,
        message: `The time to wait for, ${at.dueAt}, has passed already. Correct the facts and retry, continue to go on at once, or cancel the case.`,
      });
    },
  };
}
