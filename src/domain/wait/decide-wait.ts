import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseState } from '../case/state.ts';
import { own } from '../own.ts';
import { isOpenRun } from '../step/decide-step.ts';
import type { AwaitEvent, CorrelateEvent, EndWait } from './commands.ts';

/** A run waits for one event in its life. */
export function decideAwaitEvent(state: CaseState, command: AwaitEvent): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (own(state.waits, command.runId) !== undefined) return nothing('awaited');
  return accepted({
    type: 'EventAwaited', address: run.address,
    data: { runId: command.runId, name: command.name, keyHash: command.keyHash, since: command.at, ...(command.dueAt === undefined ? {} : { dueAt: command.dueAt }) },
    content: { key: command.key },
  });
}

/** The first event that fits ends the waiting, unless its time was over before: the deadline is judged by `at` (PROTOCOL §7). */
export function decideCorrelateEvent(state: CaseState, command: CorrelateEvent): Decision {
  const run = own(state.runs, command.runId);
  const wait = own(state.waits, command.runId);
  if (state.status !== 'open' || !isOpenRun(run) || wait === undefined || wait.signalId !== undefined) return nothing('not-waiting');
  if (wait.name !== command.name || wait.keyHash !== command.keyHash) return nothing('not-waiting');
  if (wait.dueAt !== undefined && command.at > wait.dueAt && command.at > (command.graceUntil ?? '')) return nothing('timed-out');
  return accepted({
    type: 'EventCorrelated', address: run.address,
    data: { runId: command.runId, signalId: command.signalId, broadcast: command.broadcast, claim: command.claim, ...(command.request === undefined ? {} : { request: command.request }) },
    ...(command.data === undefined || command.key === undefined ? {} : { content: { key: command.key, data: command.data, ...(command.answer === undefined ? {} : { answer: command.answer }) } }),
  });
}

export function decideEndWait(state: CaseState, command: EndWait): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (own(state.waits, command.runId)?.signalId !== undefined) return refused(command.type, 'event-came');
  const [ended] = waitOf(state, command.runId);
  return ended === undefined ? nothing('not-waiting') : accepted({ ...ended, address: run.address });
}

/** What ends the waiting of a run that ends without its event. */
export function waitOf(state: CaseState, runId: string): readonly AnyEvent[] {
  const wait = own(state.waits, runId);
  return wait === undefined || wait.signalId !== undefined ? [] : [{ type: 'EventWaitEnded', data: { runId } }];
}
