import type { StepPattern } from '../api.ts';
import { StepRefused } from '../step-context.ts';
import type { StepContext } from '../step-context.ts';
import { EVENT_NAME } from '../events/event-problem.ts';
import { dueAfter } from './due.ts';
import { asText, ConfigError } from './typed.ts';

/** Config of a `wait for event` node that waits. */
export interface WaitForEventConfig {
  readonly eventName: string; readonly key: string; readonly keyType: string;
  /** 0 waits without an end. */
  readonly timeout: number | string; readonly timeoutUnit: 'minutes' | 'hours' | 'days'; readonly working: boolean; readonly calendar: string;
  readonly recordAs: string;
}

const output = { came: 0, timedOut: 1 } as const;

/** Holds the case until an event with its key comes, or came before and was kept; a timeout has its own output. */
export function waitForEventPattern(config: WaitForEventConfig): StepPattern {
  if (!EVENT_NAME.test(config.eventName ?? '')) throw new ConfigError('This node has no event to wait for; name one in letters, digits, dots, dashes and underscores, and deploy.');
  if (!config.key) throw new ConfigError('This node has no key; say which value of the case the event must carry, and deploy.');
  const timeout = Number(config.timeout ?? 0);
  if (config.working === true && timeout > 0 && !config.calendar) throw new ConfigError('Working time needs a calendar; choose one, or count all time, and deploy.');

  async function begin(step: StepContext): Promise<void> {
    const key = asText(await step.evaluate(config.key, config.keyType ?? 'facts'));
    if (key === '' || key.length > 256) {
      return step.raise({
        class: 'business', severity: 'high', queue: 'engineer', code: 'event-key-missing',
        message: `The case has no usable value for the key of the event "${config.eventName}"; correct the facts so that it has 1 to 256 characters, and retry.`,
      });
    }
    const at = step.now();
    const due = timeout > 0 ? dueAfter(step, at, { value: timeout, unit: config.timeoutUnit ?? 'hours', working: config.working === true }, config.calendar) : undefined;
    await step.commit([
      ...(due === undefined ? [] : [{ type: 'ScheduleTimer' as const, timerId: step.newId(), runId: step.runId, purpose: 'timeout', destructive: true, ...due }]),
      { type: 'AwaitEvent', runId: step.runId, name: config.eventName, keyHash: step.eventKeyHash(config.eventName, key), key, at, ...(due === undefined ? {} : { dueAt: due.dueAt }) },
    ]);
  }

  /** An event that came at the same instant wins: it is taken, so this case has it. */
  async function timeOut(step: StepContext): Promise<void> {
    try {
      await step.complete([{ port: output.timedOut }], [{ type: 'EndWait', runId: step.runId }]);
    } catch (error) {
      // Its coming calls this step once more.
      if (!(error instanceof StepRefused && error.code === 'event-came')) throw error;
    }
  }

  return {
    async run(step) {
      const wait = step.state.waits[step.runId];
      if (wait?.signalId !== undefined) {
        const { key, data } = wait.event ?? { key: '', data: null };
        const message = { ...step.message(), payload: data, event: { id: wait.signalId, name: wait.name, key, data } };
        return step.complete([{ port: output.came, message }], (state) => (config.recordAs ? [step.factsCommand(state, config.recordAs, data)] : []));
      }
      if (step.resolvedException()?.outcome === 'continue') return timeOut(step);
      if (wait === undefined) return begin(step);
      if (wait.dueAt === undefined) return;
      const now = step.now();
      if (wait.dueAt < now && step.graceUntil() < now) return timeOut(step);
      step.wakeAt(wait.dueAt);
    },
  };
}
