import { addressKey } from '../envelope.ts';
import type { CaseEvent } from '../case/evolve.ts';
import type { CaseState } from '../case/state.ts';
import { rungsDue } from './ladder.ts';
import type { Ladder } from './ladder.ts';

function change(state: CaseState, ladderId: string, by: (ladder: Ladder) => Ladder): CaseState {
  const ladder = state.ladders[ladderId];
  return ladder === undefined ? state : { ...state, ladders: { ...state.ladders, [ladderId]: by(ladder) } };
}

function resumed({ paused: _paused, ...ladder }: Ladder, dues: readonly string[]): Ladder {
  return { ...ladder, rungs: rungsDue(ladder, dues) };
}

/** A rung that raises the level lets another role decide beside the task's own. */
function escalated(state: CaseState, event: CaseEvent & { type: 'Escalated' }): CaseState {
  const { ladderId, rung, action, taskId, role } = event.data;
  const next = change(state, ladderId, (ladder) => ({ ...ladder, next: rung }));
  const task = action === 'raise' && role !== undefined && taskId !== undefined ? next.tasks[taskId] : undefined;
  return task === undefined || role === undefined ? next : { ...next, tasks: { ...next.tasks, [task.taskId]: { ...task, alsoRole: role } } };
}

/** What events about escalation do to a case; all others leave it as it is. */
export function evolveEscalation(state: CaseState, event: CaseEvent): CaseState {
  switch (event.type) {
    case 'EscalationArmed': return { ...state, arms: { ...state.arms, [event.data.armId]: { ...event.data, address: event.address === undefined ? '/' : addressKey(event.address) } } };
    case 'LadderStarted': {
      const { next: _next, calendar: _calendar, ...ladder } = event.data;
      return { ...state, ladders: { ...state.ladders, [ladder.ladderId]: { ...ladder, next: 0, address: event.address === undefined ? '/' : addressKey(event.address) } } };
    }
    case 'Escalated': return escalated(state, event);
    case 'LadderPaused': return change(state, event.data.ladderId, (ladder) => ({ ...ladder, paused: { at: event.data.at, reason: event.data.reason, left: event.data.left } }));
    case 'LadderResumed': return change(state, event.data.ladderId, (ladder) => resumed(ladder, event.data.dues));
    case 'LadderEnded': {
      const { [event.data.ladderId]: _ended, ...ladders } = state.ladders;
      return { ...state, ladders };
    }
    case 'CasePaused': return { ...state, paused: event.data };
    case 'CaseResumed': {
      const { paused: _paused, ...rest } = state;
      return rest;
    }
    default: return state;
  }
}
