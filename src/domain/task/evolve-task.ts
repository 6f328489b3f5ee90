import { addressKey } from '../envelope.ts';
import type { CaseEvent } from '../case/evolve.ts';
import type { CaseState, Task } from '../case/state.ts';
import { touched } from '../case/touched.ts';

const nowhere = { instance: '', stepId: '' };

function putTask(state: CaseState, task: Task): CaseState {
  return { ...state, tasks: { ...state.tasks, [task.taskId]: task } };
}
function change(state: CaseState, taskId: string, by: (task: Task) => Task): CaseState {
  const task = state.tasks[taskId];
  return task === undefined ? state : putTask(state, by(task));
}
/** A claim ends with its release, and with the decision of the person who held it, so that others can make up the quorum. */
function unclaimed(task: Task): Task {
  const { claimedBy: _claimed, ...rest } = task;
  return rest;
}
/** Nothing is held or asked any more. */
function settled(task: Task): Task {
  const { held: _held, info: _info, ...rest } = task;
  return rest;
}
function ended(status: Task['status']): (task: Task) => Task {
  return (task) => ({ ...settled(task), status });
}

function created(state: CaseState, event: CaseEvent & { type: 'TaskCreated' }): CaseState {
  const d = event.data;
  return putTask(state, {
    taskId: d.taskId, runId: d.runId, address: event.address ?? nowhere, kind: d.kind ?? 'approval', level: d.level, status: 'open', sequence: d.sequence ?? 1, levels: d.levels ?? 1,
    role: d.role, quorum: d.quorum, quorumOf: d.quorumOf ?? 'count', requesters: d.requesters ?? [], requesterUnknown: d.requesterUnknown ?? false, holdSeconds: d.holdSeconds ?? 0, bulk: d.bulk ?? false,
    ...(d.matrixRow === undefined ? {} : { matrixRow: d.matrixRow }), ...(d.amount === undefined ? {} : { amount: d.amount }), ...(d.currency === undefined ? {} : { currency: d.currency }),
    ...(d.maxRounds === undefined ? {} : { maxRounds: d.maxRounds }), ...(d.assignee === undefined ? {} : { assignee: d.assignee }), ...(d.remindAt === undefined ? {} : { remindAt: d.remindAt }), ...(d.calendar === undefined ? {} : { calendar: d.calendar }),
    ...(d.dueAt === undefined ? {} : { dueAt: d.dueAt }), onExpiry: d.onExpiry, covers: d.covers, factsHash: d.factsHash,
    unknownOperatorRole: d.unknownOperatorRole, approvers: [], decisions: [], openedBy: [], ...(d.photos === undefined ? {} : { photos: d.photos }),
  });
}

function decided(state: CaseState, event: CaseEvent & { type: 'Decided' }): CaseState {
  const d = event.data;
  if (d.taskId === undefined) return d.outcome === undefined || d.outcome === 'rework' ? state : { ...state, autoDecided: { ...state.autoDecided, [d.runId]: d.outcome } };
  return change(state, d.taskId, (task) => {
    const next: Task = {
      ...unclaimed(task), ...(d.decision === 'approve' ? { approvers: [...task.approvers, d.decider] } : {}),
      decisions: [...task.decisions, { person: d.decider, decision: d.decision, role: task.role, at: event.recordedAt, ...(d.onBehalfOf === undefined ? {} : { onBehalfOf: d.onBehalfOf }) }],
    };
    if (d.outcome === undefined) return next;
    return d.heldUntil === undefined ? ended(d.outcome)(next) : { ...unreminded(next), held: { until: d.heldUntil, outcome: d.outcome, decider: d.decider } };
  });
}

/** A reminder has its time once. */
function unreminded({ remindAt: _remindAt, ...task }: Task): Task {
  return task;
}

/** As if the held decision had not been made. */
function recalled(task: Task): Task {
  const { held, discounted, ...rest } = task;
  if (held === undefined) return task;
  // What does not count is the word that is taken back, not the one that may be given instead.
  const still = (discounted ?? []).filter((person) => person !== held.decider);
  return { ...rest, ...(still.length === 0 ? {} : { discounted: still }), approvers: task.approvers.filter((person) => person !== held.decider), decisions: task.decisions.filter((each) => each.person !== held.decider) };
}

function reassigned(task: Task, { toRole, toPerson }: { readonly toRole?: string; readonly toPerson?: string }): Task {
  const { assignee: _assignee, ...rest } = unclaimed(task);
  return toRole === undefined ? { ...rest, ...(toPerson === undefined ? {} : { assignee: toPerson }) } : { ...rest, role: toRole };
}

function asked(event: CaseEvent & { type: 'InfoRequested' }): (task: Task) => Task {
  const { infoId, by, to } = event.data;
  return ({ dueAt, remindAt, ...task }) => ({
    ...task, info: {
      infoId, by, askedAt: event.recordedAt, ...(to === undefined ? {} : { to }), ...(dueAt === undefined ? {} : { pausedDueAt: dueAt }),
      ...(remindAt === undefined || task.reminded === true ? {} : { pausedRemindAt: remindAt }),
    },
  });
}

/** The time that was left runs on. */
function answered({ info: _info, ...task }: Task, { dueAt, remindAt }: { readonly dueAt?: string; readonly remindAt?: string }): Task {
  return { ...task, ...(dueAt === undefined ? {} : { dueAt }), ...(remindAt === undefined ? {} : { remindAt }) };
}

/** A rejected amount counts no more, and an approval that is reversed has its evidence. */
function counted(state: CaseState, event: CaseEvent): CaseState {
  switch (event.type) {
    case 'ReworkRequested': {
      const key = event.address === undefined ? event.data.fromStep : addressKey(event.address);
      return { ...state, reworks: { ...state.reworks, [key]: event.data.round } };
    }
    case 'ReversalRequested': return { ...state, reversals: { ...state.reversals, [event.data.taskId]: event.data } };
    case 'AmountAccumulated': {
      const { claimId, runId, scope, keyHash, amount, currency, at, total } = event.data;
      return { ...state, amounts: { ...state.amounts, [claimId]: { claimId, runId, scope, keyHash, amount, currency, at, total } } };
    }
    case 'AmountReleased': {
      const { [event.data.claimId]: _released, ...amounts } = state.amounts;
      return { ...state, amounts };
    }
    default: return state;
  }
}

/** What events about tasks do to a case; all others leave it as it is. */
export function evolveTask(state: CaseState, event: CaseEvent): CaseState {
  switch (event.type) {
    case 'TaskCreated': return created(state, event);
    case 'TaskOpened': return change(state, event.data.taskId, (task) => ({ ...task, openedBy: [...task.openedBy, event.data.person] }));
    case 'TaskClaimed': return change(state, event.data.taskId, (task) => ({ ...task, claimedBy: event.data.claimant }));
    case 'TaskReleased': return change(state, event.data.taskId, unclaimed);
    case 'Decided': return decided(state, event);
    case 'DecisionRecalled': return change(state, event.data.taskId, recalled);
    case 'DecisionReleased': return change(state, event.data.taskId, ended(event.data.outcome));
    case 'Reassigned': return change(state, event.data.taskId, (task) => reassigned(task, event.data));
    case 'InfoRequested': return change(state, event.data.taskId, asked(event));
    case 'InfoAnswered': return touched(change(state, event.data.taskId, (task) => answered(task, event.data)), event.data.by);
    case 'TaskReminded': return change(state, event.data.taskId, (task) => ({ ...unreminded(task), reminded: true }));
    case 'TaskExpired': return change(state, event.data.taskId, ended('expired'));
    case 'TaskVoided': return change(state, event.data.taskId, ended('voided'));
    case 'TaskWithdrawn': return change(state, event.data.taskId, (task) => ({ ...ended('withdrawn')(task), withdrawnBy: event.data.by }));
    default: return counted(state, event);
  }
}
