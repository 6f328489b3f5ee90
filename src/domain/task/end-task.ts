import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import { own } from '../own.ts';
import { governanceProcess } from '../own-process.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseState, Task } from '../case/state.ts';
import type { ExpireTask, RecallDecision, ReleaseDecision, RemindTask, VoidTask, WithdrawTask } from './commands.ts';
import { consequences, expiry, isOverdue } from './decide-task.ts';
import { isEnough, standingApprovals } from './quorum.ts';
import { endOthers, openTask, touchedBy } from './tasks.ts';

/** A decision that was made in time and is held does not expire, nor does a task whose question is with the requester. */
export function decideExpireTask(state: CaseState, command: ExpireTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return nothing('not-open');
  if (task.held !== undefined) return nothing('held');
  return isOverdue(task, command.at) ? accepted(...expiry(state, task)) : nothing('not-due');
}

export function decideVoidTask(state: CaseState, command: VoidTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return nothing('not-open');
  return accepted({ type: 'TaskVoided', address: task.address, data: { taskId: task.taskId, reason: command.reason } });
}

export function decideRemindTask(state: CaseState, command: RemindTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined || task.held !== undefined || task.info !== undefined || task.remindAt === undefined || task.reminded === true) return nothing('no-reminder');
  return command.at < task.remindAt ? nothing('not-due') : accepted({ type: 'TaskReminded', address: task.address, data: { taskId: task.taskId } });
}

function recalled(task: Task, outcome: 'approved' | 'rejected' | 'rework', by: string): AnyEvent {
  return { type: 'DecisionRecalled', address: task.address, data: { taskId: task.taskId, by, outcome, ...(task.dueAt === undefined ? {} : { dueAt: task.dueAt }) } };
}

/** Takes back one's own last word within its time: the task stands as before it. */
export function decideRecallDecision(state: CaseState, command: RecallDecision): Decision {
  if (own(state.tasks, command.taskId) === undefined) return refused(command.type, 'task-unknown');
  const task = openTask(state, command.taskId);
  if (task?.held === undefined) return refused(command.type, 'not-held');
  if (task.held.decider !== command.person) return refused(command.type, 'recall-not-yours');
  if (command.at > task.held.until) return refused(command.type, 'recall-too-late');
  return accepted(recalled(task, task.held.outcome, command.person));
}

/** Lets a held outcome stand, about the facts as they are and with approvals that still count (PROTOCOL §8). */
export function decideReleaseDecision(state: CaseState, command: ReleaseDecision): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return nothing('not-open');
  if (command.currentFactsHash !== task.factsHash) return accepted({ type: 'TaskVoided', address: task.address, data: { taskId: task.taskId, reason: 'facts-changed' } });
  if (task.held === undefined) {
    const lowered = task.quorumOf === 'all' && command.members !== undefined && !isOverdue(task, command.at) && isEnough(state, task, standingApprovals(task), command.members, command.conflicts) === true;
    return lowered ? accepted({ type: 'DecisionReleased', address: task.address, data: { taskId: task.taskId, outcome: 'approved' } }) : nothing('not-held');
  }
  if (command.at < task.held.until) return nothing('not-due');
  const { outcome, decider } = task.held;
  // Who touched the case since, does not count any more, and whoever is left decides on. All who held the role agreed when it was decided.
  const short = (task.discounted ?? []).includes(decider) || (task.quorumOf === 'count' && standingApprovals(task).length < task.quorum);
  if (outcome === 'approved' && short) return accepted(recalled(task, outcome, 'policy'));
  return accepted({ type: 'DecisionReleased', address: task.address, data: { taskId: task.taskId, outcome } }, ...consequences(state, task, outcome));
}

/** Whether the person may take the question back: who asked for it, or who manages the site. What governance asks about them they do not take back. */
export function mayWithdraw(state: CaseState, task: Task, { person, roles }: Pick<WithdrawTask, 'person' | 'roles'>): boolean {
  const [touched, manages] = [touchedBy(state, task).includes(person), roles.includes(task.unknownOperatorRole)];
  return state.process === governanceProcess ? manages && !touched : manages || touched;
}

/** Takes a question back before it is decided. */
export function decideWithdrawTask(state: CaseState, command: WithdrawTask): Decision {
  if (own(state.tasks, command.taskId) === undefined) return refused(command.type, 'task-unknown');
  const task = openTask(state, command.taskId);
  if (task === undefined) return refused(command.type, 'task-not-open');
  if (!mayWithdraw(state, task, command)) return refused(command.type, 'withdraw-not-yours');
  return accepted(
    { type: 'TaskWithdrawn', address: task.address, data: { taskId: task.taskId, by: command.person }, content: { reason: command.reason } },
    ...endOthers(state, task, 'withdrawn'),
  );
}
