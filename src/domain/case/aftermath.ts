import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import { undosGoOn } from '../compensation/decide-compensation.ts';
import { laddersEnded } from '../escalation/decide-escalation.ts';
import { branchesEnded } from '../fork/decide-fork.ts';
import { evolve } from './evolve.ts';
import type { CaseEvent } from './evolve.ts';
import type { CaseState } from './state.ts';

/** The control state after events that are not recorded yet: what `evolve` reads of the envelope plays no part in it. */
function after(state: CaseState, events: readonly AnyEvent[]): CaseState {
  const envelope = { epoch: 0, recordedAt: state.openedAt, site: state.site, streamId: state.caseId };
  let next = state;
  for (const event of events) next = evolve(next, { ...event, ...envelope } as CaseEvent);
  return next;
}

/**
 * What follows of itself from what was decided, in the same commit, so that no end of the process can come between:
 * a gathering whose last missing branch has ended, an undo that is over and the next one, the close after the last, a ladder that has nothing left to wait for.
 */
export function withAftermath(state: CaseState, decision: Decision): Decision {
  if (decision.events.length === 0) return decision;
  const gathers = Object.keys(state.gatherings).length > 0 || decision.events.some((event) => event.type === 'BranchArrived');
  const climbs = Object.keys(state.ladders).length > 0;
  if (state.compensating === undefined && !gathers && !climbs) return decision;
  const next = after(state, decision.events);
  if (next.status !== 'open') return decision;
  const follows = [...branchesEnded(next), ...undosGoOn(next), ...laddersEnded(next)];
  return follows.length === 0 ? decision : { ...decision, events: [...decision.events, ...follows] };
}
