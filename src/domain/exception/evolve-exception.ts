import type { CaseEvent } from '../case/evolve.ts';
import type { CaseException, CaseState, Run } from '../case/state.ts';
import { putToken, voided } from '../retry/evolve-retry.ts';
import { priorityOf } from './priority-of.ts';

type EventOf<T extends CaseEvent['type']> = CaseEvent & { type: T };

function put(state: CaseState, exception: CaseException): CaseState {
  return { ...state, exceptions: { ...state.exceptions, [exception.exceptionId]: exception } };
}

export function exceptionRaised(state: CaseState, event: EventOf<'ExceptionRaised'>): CaseState {
  const { exceptionId, class: cls, code, severity, queue, priority, category, system, runId, tokenId, effectId, dueAt, resolutions } = event.data;
  return put(state, {
    exceptionId, class: cls, code, status: 'open', severity, queue, priority: priority ?? priorityOf(severity), raisedAt: event.recordedAt,
    ...(runId === undefined ? {} : { runId }), ...(tokenId === undefined ? {} : { tokenId }), ...(effectId === undefined ? {} : { effectId }),
    ...(category === undefined ? {} : { category }), ...(system === undefined ? {} : { system }), ...(dueAt === undefined ? {} : { dueAt }),
    ...(resolutions === undefined ? {} : { resolutions }),
  });
}

export function exceptionResolved(state: CaseState, event: EventOf<'ExceptionResolved'>): CaseState {
  const { exceptionId, outcome, tokens } = event.data;
  const found = state.exceptions[exceptionId];
  if (found === undefined) return state;
  let next = put(state, { ...found, status: 'resolved', outcome });
  for (const t of tokens) {
    const old = next.tokens[t.replaces];
    if (old === undefined) continue;
    const { retry: _retry, ...rest } = old;
    next = putToken(next, voided(old));
    // A person who sends a case on that went round in a loop grants it as many hops again.
    const hops = found.class === 'hop-limit' ? 0 : old.hops;
    next = putToken(next, { ...rest, tokenId: t.tokenId, state: 'live', attempt: 1, epoch: event.epoch, uncleanEpochs: 0, hops });
  }
  const run: Run | undefined = found.runId === undefined ? undefined : next.runs[found.runId];
  return run === undefined ? next : { ...next, runs: { ...next.runs, [run.runId]: { ...run, uncleanEpochs: 0 } } };
}

function without<K extends keyof CaseException>(exception: CaseException, ...names: readonly K[]): Omit<CaseException, K> {
  const rest = { ...exception };
  for (const name of names) delete rest[name];
  return rest;
}

/** What people do to an exception beside resolving it. */
export function exceptionWorked(state: CaseState, event: EventOf<'ExceptionAssigned' | 'ExceptionReleased' | 'Reclassified' | 'Merged' | 'Unmerged' | 'Linked' | 'Reopened'>): CaseState {
  const found = state.exceptions[event.data.exceptionId];
  if (found === undefined) return state;
  switch (event.type) {
    case 'ExceptionAssigned': return put(state, { ...found, assignee: event.data.assignee });
    case 'ExceptionReleased': return put(state, without(found, 'assignee'));
    case 'Reclassified': {
      const { category, severity, queue, priority } = event.data;
      return put(state, { ...without(found, 'category'), severity, queue, priority, ...(category === undefined ? {} : { category }) });
    }
    case 'Merged': return put(state, { ...found, mergedInto: { exceptionId: event.data.into, caseId: event.data.intoCase } });
    case 'Unmerged': return put(state, without(found, 'mergedInto'));
    case 'Linked': return put(state, { ...found, links: [...found.links ?? [], event.data.other] });
    case 'Reopened': return put(state, { ...without(found, 'outcome', 'mergedInto'), status: 'open' });
  }
}
