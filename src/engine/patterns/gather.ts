import { gatheringKey, heldGathering, isOpenRun, ripeness } from '../../domain/index.ts';
import type { CaseCommand, CaseState, Gathering } from '../../domain/index.ts';
import type { ForkPlace } from '../../domain/events.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { decodeMessage } from '../support/message-codec.ts';
import { checkDeadline, dueOf } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { positive } from './typed.ts';

/** Config of a `gather` node. */
export interface GatherConfig extends Deadline {
  readonly waitFor: 'all' | 'count'; readonly count: number | string;
  /** What becomes of branches that are still under way when it goes on without them. */
  readonly others: 'cancel' | 'finish';
  /** `msg.payload`: an object by branch, or a list in the order of arrival. */
  readonly merge: 'object' | 'array';
  /** Step id of the parallel whose branches it gathers; the nearest when blank. */
  readonly parallel: string;
}

/** Another branch came while this one was being merged; its arrival starts the run again. */
class Moved extends Error {}

const timerOf = (runId: string): string => `${runId}:gather`;

/** Joins the branches of a fork: the first to come waits for the others; goes on once (PROTOCOL §2.3). */
export function gatherPattern(config: GatherConfig): StepPattern {
  checkDeadline(config);
  const need = config.waitFor === 'count' ? Math.round(positive(config.count, 1)) : undefined;

  /** The fork that this message came from: the nearest, or that of the named parallel. */
  function placeOf(state: CaseState, runId: string): ForkPlace | undefined {
    const forks = state.runs[runId]?.forks ?? [];
    return config.parallel ? forks.findLast((place) => state.runs[place.forkId]?.address.stepId === config.parallel) : forks.at(-1);
  }

  /** This run is going to hold the gathering, and takes care of its timeout. */
  function willHold(state: CaseState, step: StepContext, forkId: string): boolean {
    const known = state.gatherings[gatheringKey(step.address, forkId)];
    return known === undefined || (known.status === 'open' && !isOpenRun(state.runs[known.holder]));
  }

  async function arrive(step: StepContext, { forkId }: ForkPlace): Promise<void> {
    // Only who holds the gathering needs its deadline.
    const due = willHold(step.state, step, forkId) ? dueOf(step, config) : undefined;
    const message = step.encodedMessage();
    await step.commit((state): readonly CaseCommand[] => [
      ...(due === undefined || !willHold(state, step, forkId) ? []
        : [{ type: 'ScheduleTimer', timerId: timerOf(step.runId), runId: step.runId, purpose: 'gather-timeout', destructive: true, ...due } as const]),
      { type: 'ArriveBranch', runId: step.runId, forkId, message, ...(need === undefined ? {} : { need }) },
    ]);
  }

  function merged(gathering: Gathering, outcome: 'complete' | 'partial'): object {
    const messages = gathering.arrived.map(({ branch }) => ({ branch, message: decodeMessage(gathering.messages?.[branch] ?? '{"v":1,"p":{}}') }));
    const payload = config.merge === 'array'
      ? messages.map(({ message }) => message['payload'] ?? null)
      : Object.fromEntries(messages.map(({ branch, message }) => [branch, message['payload'] ?? null]));
    return { ...messages[0]?.message, payload, gather: { outcome, branches: messages.map(({ branch }) => branch), of: gathering.of } };
  }

  async function goOn(step: StepContext, gathering: Gathering, outcome: 'complete' | 'partial'): Promise<void> {
    const runs = gathering.arrived.map((one) => one.runId);
    try {
      await step.complete([{ port: outcome === 'complete' ? 0 : 1, message: merged(gathering, outcome) }], (state) => {
        const now = heldGathering(state, step.runId);
        if (now === undefined || now.arrived.length !== runs.length || now.arrived.some((one, i) => one.runId !== runs[i])) throw new Moved();
        return [{ type: 'EndGathering', runId: step.runId, merged: runs, outcome, cancelOthers: config.others !== 'finish' }];
      }, { joins: gathering.forkId });
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
    }
  }

  return {
    async run(step) {
      if (heldGathering(step.state, step.runId) === undefined) {
        const place = placeOf(step.state, step.runId);
        if (place === undefined) return noFork(step, config.parallel);
        await arrive(step, place);
      }
      const gathering = heldGathering(step.state, step.runId);
      if (gathering === undefined) return;
      const timer = step.state.timers[timerOf(step.runId)];
      const outcome = ripeness(gathering) ?? (timer !== undefined && timer.dueAt < step.now() ? 'partial' : undefined);
      if (outcome !== undefined) await goOn(step, gathering, outcome);
    },
  };
}

/** What came of no fork has nothing to wait for. A person may send it on as it is. */
async function noFork(step: StepContext, parallel: string): Promise<void> {
  if (step.resolvedException('no-fork')?.outcome === 'continue') return step.complete([{ port: 0 }]);
  await step.raise({
    class: 'node-error', severity: 'high', queue: 'engineer', code: 'no-fork',
    message: parallel
      ? `This message did not come out of the parallel "${parallel}", so there is nothing to gather. Wire the gather behind it, or choose another parallel; or let the message go on as it is.`
      : 'This message came out of no parallel, so there is nothing to gather. Put a parallel in front of the gather; or let the message go on as it is.',
  });
}
