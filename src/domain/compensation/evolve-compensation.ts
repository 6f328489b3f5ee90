import type { CaseEvent } from '../case/evolve.ts';
import type { CaseState, Compensation } from '../case/state.ts';
import { own } from '../own.ts';

const nowhere = { instance: '', stepId: '' };

function put(state: CaseState, compensation: Compensation): CaseState {
  return { ...state, compensations: { ...state.compensations, [compensation.compensationId]: compensation } };
}

export function compensationRegistered(state: CaseState, event: CaseEvent & { type: 'CompensationRegistered' }): CaseState {
  const { compensationId, how, role, photos } = event.data;
  return put(state, {
    compensationId, address: event.address ?? nowhere, how, order: Object.keys(state.compensations).length + 1, status: 'registered',
    ...(role === undefined ? {} : { role }), ...(photos === undefined ? {} : { photos }), ...(event.content ?? {}),
  });
}

/** The undo is a run of its own at the node that registered it: with hops of its own, in no fork. */
export function compensationIssued(state: CaseState, event: CaseEvent & { type: 'CompensationIssued' }): CaseState {
  const { compensationId, runId } = event.data;
  const known = own(state.compensations, compensationId);
  if (known === undefined) return state;
  const run = {
    runId, address: event.address ?? known.address, nodeType: 'waybill-compensate', state: 'pending' as const, enteredAt: event.recordedAt, hops: 0, uncleanEpochs: 0,
    epoch: event.epoch, compensation: compensationId, ...(known.message === undefined ? {} : { message: known.message }),
  };
  return put({ ...state, runs: { ...state.runs, [runId]: run } }, { ...known, status: 'running', undoRunId: runId });
}

export function compensationEnded(state: CaseState, event: CaseEvent & { type: 'Compensated' }): CaseState {
  const { compensationId, outcome, by, reason } = event.data;
  const known = own(state.compensations, compensationId);
  if (known === undefined) return state;
  const { message: _message, ...rest } = known;
  return put(state, { ...rest, status: outcome, ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) });
}

/** A case that closes without having been undone lets go of what was registered. */
export function dropped(state: CaseState): CaseState['compensations'] {
  if (!Object.values(state.compensations).some((one) => one.status === 'registered')) return state.compensations;
  return Object.fromEntries(Object.entries(state.compensations).map(([id, one]) => {
    if (one.status !== 'registered') return [id, one];
    const { message: _message, ...rest } = one;
    return [id, { ...rest, status: 'dropped' as const }];
  }));
}
