import { addressKey, gatheringKey, heldGathering, isOpenRun, ripeness } from '../../domain/index.ts';
import type { Address, CaseCommand, CaseState, Gathering, Run } from '../../domain/index.ts';
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
  function placeOf(step: StepContext): ForkPlace | undefined {
    const { state } = step;
    const forks = state.runs[step.runId]?.forks ?? [];
    return config.parallel ? forks.findLast((place) => idsOf(step, state.runs[place.forkId]).includes(config.parallel)) : forks.at(-1);
  }

  /** This run is going to hold the gathering, and takes care of its timeout. */
  function willHold(state: CaseState, step: StepContext, forkId: string): boolean {
    const known = gatheringOf(state, step, forkId);
    return known === undefined || (known.status === 'open' && !isOpenRun(state.runs[known.holder]));
  }

  async function arrive(step: StepContext, { forkId }: ForkPlace): Promise<void> {
    // Only who holds the gathering needs its deadline.
    const due = willHold(step.state, step, forkId) ? dueOf(step, config) : undefined;
    const message = step.encodedMessage();
    await step.commit((state): readonly CaseCommand[] => [
      ...(due === undefined || !willHold(state, step, forkId) ? []
        : [{ type: 'ScheduleTimer', timerId: timerOf(step.runId), runId: step.runId, purpose: 'gather-timeout', destructive: true, ...due } as const]),
      { type: 'ArriveBranch', runId: step.runId, forkId, message, ...(need === undefined ? {} : { need }), ...atOther(state, step, forkId) },
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
        const place = placeOf(step);
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

const idsOf = (step: StepContext, run: Run | undefined): readonly string[] => (run === undefined ? [] : step.idsAt(run.address));

/** The gathering of a fork at this step: where the run was recorded, else at another address of the step. */
function gatheringOf(state: CaseState, step: StepContext, forkId: string): Gathering | undefined {
  const here = state.gatherings[gatheringKey(step.address, forkId)];
  if (here !== undefined) return here;
  const elsewhere = step.otherAddresses();
  return Object.values(state.gatherings).find((one) => one.forkId === forkId && elsewhere.includes(addressKey(one.address)));
}

/** Branches that came before and after the step was given another id come together where the first one did. */
function atOther(state: CaseState, step: StepContext, forkId: string): { readonly at?: Address } {
  const there = gatheringOf(state, step, forkId)?.address;
  return there === undefined || addressKey(there) === addressKey(step.address) ? {} : { at: there };
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
