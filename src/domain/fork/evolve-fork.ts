import type { CaseEvent } from '../case/evolve.ts';
import type { CaseState, Gathering } from '../case/state.ts';
import { own } from '../own.ts';
import { gatheringKey } from './lineage.ts';

const nowhere = { instance: '', stepId: '' };

function put(state: CaseState, gathering: Gathering): CaseState {
  return { ...state, gatherings: { ...state.gatherings, [gatheringKey(gathering.address, gathering.forkId)]: gathering } };
}

export function branchArrived(state: CaseState, event: CaseEvent & { type: 'BranchArrived' }): CaseState {
  const { forkId, branch, of, need, runId, holder, late } = event.data;
  if (late === true) return state;
  const address = event.address ?? nowhere;
  const known = own(state.gatherings, gatheringKey(address, forkId));
  const before = known?.arrived ?? [];
  // A later message of the same branch counts in the place of the earlier one.
  const arrived = before.some((one) => one.branch === branch) ? before.map((one) => (one.branch === branch ? { branch, runId } : one)) : [...before, { branch, runId }];
  const { [branch]: _earlier, ...others } = known?.messages ?? {};
  const messages = event.content === undefined ? others : { ...others, [branch]: event.content.message };
  return put(state, { forkId, address, holder, of, need, arrived, status: known?.status ?? 'open', ...(Object.keys(messages).length === 0 ? {} : { messages }) });
}

export function branchesEnded(state: CaseState, event: CaseEvent & { type: 'BranchesEnded' }): CaseState {
  const known = own(state.gatherings, gatheringKey(event.address ?? nowhere, event.data.forkId));
  return known === undefined ? state : put(state, { ...known, status: 'ended' });
}

/** The messages have been merged; they stay in the ledger. */
export function gathered(state: CaseState, event: CaseEvent & { type: 'Gathered' }): CaseState {
  const known = own(state.gatherings, gatheringKey(event.address ?? nowhere, event.data.forkId));
  if (known === undefined) return state;
  const { messages: _messages, ...rest } = known;
  return put(state, { ...rest, status: event.data.outcome, ...(event.data.cancelled ? { cancelled: true as const } : {}) });
}
