import type { CaseState, Lineage } from '../case/state.ts';
import { effectPending } from '../effect/effect-pending.ts';
import type { AnyEvent } from '../envelope.ts';
import { timersOf } from '../timer/decide-timer.ts';
import { isOpenRun } from './decide-step.ts';

/** What was voided by name, and which runs were not because a call of theirs is under way or its outcome is unknown. */
export interface VoidedWork { readonly events: readonly AnyEvent[]; readonly tokens: readonly string[]; readonly runs: readonly string[]; readonly left: readonly string[] }

/**
 * Voids live tokens and open runs, with their tasks, timers and exceptions. A run whose effect is pending is never cut off:
 * it is left to end (PROTOCOL §3).
 * @param reason code, recorded with each
 */
export function voidWork(state: CaseState, which: (of: Lineage & { readonly runId?: string }) => boolean, reason: string): VoidedWork {
  const tokens = Object.values(state.tokens).filter((token) => token.state === 'live' && which(token));
  const open = Object.values(state.runs).filter((run) => isOpenRun(run) && which(run));
  const pending = new Set(Object.values(state.effects).filter(effectPending).map((effect) => effect.runId));
  const runs = open.filter((run) => !pending.has(run.runId));
  const runIds = new Set(runs.map((run) => run.runId));
  const tokenIds = new Set(tokens.map((token) => token.tokenId));
  const events: AnyEvent[] = [];
  for (const task of Object.values(state.tasks)) {
    if (task.status === 'open' && runIds.has(task.runId)) events.push({ type: 'TaskVoided', address: task.address, data: { taskId: task.taskId, reason } });
  }
  for (const run of runs) events.push(...timersOf(state, run.runId));
  for (const e of Object.values(state.exceptions)) {
    if (e.status !== 'open' || !(runIds.has(e.runId ?? '') || tokenIds.has(e.tokenId ?? ''))) continue;
    events.push({ type: 'ExceptionResolved', data: { exceptionId: e.exceptionId, code: reason, outcome: 'acknowledged', tokens: [] } });
  }
  for (const token of tokens) events.push({ type: 'TokenVoided', address: token.from, tokenId: token.tokenId, data: { tokenId: token.tokenId, reason } });
  for (const run of runs) events.push({ type: 'StepVoided', address: run.address, data: { runId: run.runId, reason } });
  return { events, tokens: [...tokenIds], runs: [...runIds], left: open.filter((run) => !runIds.has(run.runId)).map((run) => run.runId) };
}
