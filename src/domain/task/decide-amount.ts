import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import { own } from '../own.ts';
import type { CaseState } from '../case/state.ts';
import type { AccumulateAmount, ReleaseAmount, RequestReversal } from './commands.ts';
import { isOpenRun } from '../step/decide-step.ts';
import { isApproved, touchedBy } from './tasks.ts';

/** Counts the amount of a case in a sum over several. A step that runs again asks again; its amount must not count twice. */
export function decideAccumulateAmount(state: CaseState, command: AccumulateAmount): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (own(state.amounts, command.claimId) !== undefined) return nothing('accumulated');
  const { type: _type, ...data } = command;
  return accepted({ type: 'AmountAccumulated', address: run.address, data });
}

export function decideReleaseAmount(state: CaseState, command: ReleaseAmount): Decision {
  const held = own(state.amounts, command.claimId);
  return held === undefined ? nothing('released') : accepted({ type: 'AmountReleased', data: { claimId: held.claimId, scope: held.scope, keyHash: held.keyHash } });
}

/** What a case that ends gives back: amounts that were not approved, or all of them when nothing came of it. */
export function amountsGivenBack(state: CaseState, all: boolean): readonly AnyEvent[] {
  return Object.values(state.amounts).filter((each) => all || !isApproved(state, each.runId))
    .map((each): AnyEvent => ({ type: 'AmountReleased', data: { claimId: each.claimId, scope: each.scope, keyHash: each.keyHash } }));
}

/** After the step has acted: a case of its own undoes what was approved, once. Evidence, so that a closed case takes it. */
export function decideRequestReversal(state: CaseState, command: RequestReversal): Decision {
  const task = own(state.tasks, command.taskId);
  if (task === undefined) return refused(command.type, 'task-unknown');
  const may = command.roles.includes(task.role) || command.roles.includes(task.unknownOperatorRole) || touchedBy(state, task).includes(command.person);
  if (!may) return refused(command.type, 'role-missing');
  if (task.kind !== 'approval' || task.status !== 'approved' || !isApproved(state, task.runId) || own(state.runs, task.runId)?.state !== 'completed') return refused(command.type, 'not-approved');
  if (Object.values(state.reversals).some((each) => own(state.tasks, each.taskId)?.runId === task.runId)) return refused(command.type, 'reversed-already');
  return accepted({
    type: 'ReversalRequested', address: task.address,
    data: { taskId: task.taskId, reversalCaseId: command.reversalCaseId, by: command.person, at: command.at, stepId: task.address.stepId }, content: { reason: command.reason },
  });
}
