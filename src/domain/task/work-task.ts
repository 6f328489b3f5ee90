import { accepted, nothing, refused } from '../decision.ts';
import type { Decision, RefusalCode } from '../decision.ts';
import { own } from '../own.ts';
import type { CaseState, Task } from '../case/state.ts';
import type { AnswerInfo, ClaimTask, CommentTask, OpenTask, ReassignTask, ReleaseTask, RequestInfo } from './commands.ts';
import { expiry, isOverdue } from './decide-task.ts';
import { whyNot } from './may-decide.ts';
import { hasSpoken, openTask, touchedBy } from './tasks.ts';

function notOpen(state: CaseState, command: { readonly type: string; readonly taskId: string }): Decision {
  return refused(command.type, own(state.tasks, command.taskId) === undefined ? 'task-unknown' : 'task-not-open');
}

export function decideOpenTask(state: CaseState, command: OpenTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined || task.openedBy.includes(command.person)) return nothing('seen');
  return accepted({ type: 'TaskOpened', address: task.address, data: { taskId: task.taskId, person: command.person } });
}

export function decideClaimTask(state: CaseState, command: ClaimTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return notOpen(state, command);
  const mayNot = whyNot(state, task, command);
  if (mayNot !== undefined) return refused(command.type, mayNot);
  if (task.held !== undefined) return refused(command.type, 'task-held');
  if (hasSpoken(task, command)) return refused(command.type, 'decided-already');
  if (task.claimedBy === command.person) return nothing('claimed');
  if (task.claimedBy !== undefined) return refused(command.type, 'claimed-by-other');
  return accepted({ type: 'TaskClaimed', address: task.address, data: { taskId: task.taskId, claimant: command.person } });
}

export function decideReleaseTask(state: CaseState, command: ReleaseTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined || task.claimedBy === undefined) return nothing('not-claimed');
  if (task.claimedBy !== command.person) return refused(command.type, 'claimed-by-other');
  return accepted({ type: 'TaskReleased', address: task.address, data: { taskId: task.taskId } });
}

/** Why the task may not be given to that person or role. */
function assigneeProblem(state: CaseState, task: Task, { toRole, toPerson }: ReassignTask): 'assignee-touched-case' | 'assignee-lacks-role' | 'reassign-needs-role' | 'role-nobody-holds' | undefined {
  if (toRole !== undefined) return toRole.held ? undefined : 'role-nobody-holds';
  if (toPerson === undefined) return 'reassign-needs-role';
  if (touchedBy(state, task).includes(toPerson.person)) return 'assignee-touched-case';
  if (!toPerson.holdsRole) return 'assignee-lacks-role';
  return task.quorum > 1 || task.quorumOf === 'all' ? 'reassign-needs-role' : undefined;
}

/** By the role for unknown operators, with no part in the case; a rule does as much. */
function manages(state: CaseState, task: Task, command: ReassignTask): boolean {
  return command.byRule === true || (command.roles.includes(task.unknownOperatorRole) && !touchedBy(state, task).includes(command.person));
}

/** Why this person may not give it away: the one it was given to gives it on; whose it is not takes it back only as a manager. */
function mayNotReassign(state: CaseState, task: Task, command: ReassignTask): RefusalCode | undefined {
  if (manages(state, task, command)) return undefined;
  const mayNot = whyNot(state, task, command);
  if (mayNot !== undefined) return mayNot;
  return command.toRole === undefined ? undefined : 'reassign-not-allowed';
}

/**
 * Gives the task to one person of its role, which whoever decides it may do; or to another role, which is for who manages the
 * site or a rule: else the one who is asked could choose who is asked instead.
 */
export function decideReassignTask(state: CaseState, command: ReassignTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return notOpen(state, command);
  const mayNot = mayNotReassign(state, task, command);
  if (mayNot !== undefined) return refused(command.type, mayNot);
  if (task.held !== undefined) return refused(command.type, 'task-held');
  if (command.byRule !== true && isOverdue(task, command.at, command.graceUntil)) return refused(command.type, 'task-overdue', expiry(state, task));
  if (task.claimedBy !== undefined && task.claimedBy !== command.person && !manages(state, task, command)) return refused(command.type, 'claimed-by-other');
  const problem = assigneeProblem(state, task, command);
  if (problem !== undefined) return refused(command.type, problem);
  const same = command.toRole === undefined ? task.assignee === command.toPerson?.person : task.assignee === undefined && task.role === command.toRole.role;
  if (same) return nothing('assigned');
  return accepted({
    type: 'Reassigned', address: task.address,
    data: {
      taskId: task.taskId, by: command.byRule === true ? 'policy' : command.person,
      ...(command.toRole === undefined ? {} : { toRole: command.toRole.role }), ...(command.toPerson === undefined || command.toRole !== undefined ? {} : { toPerson: command.toPerson.person }),
    },
    content: { reason: command.reason }, ...(command.name === undefined ? {} : { personal: { name: command.name } }),
  });
}

/** Who may decide asks who wanted it; meanwhile the deadline stands still. */
export function decideRequestInfo(state: CaseState, command: RequestInfo): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return notOpen(state, command);
  const mayNot = whyNot(state, task, command);
  if (mayNot !== undefined) return refused(command.type, mayNot);
  if (task.held !== undefined) return refused(command.type, 'task-held');
  if (isOverdue(task, command.at, command.graceUntil)) return refused(command.type, 'task-overdue', expiry(state, task));
  if (task.info !== undefined) return refused(command.type, 'question-open');
  if (command.to === command.person) return refused(command.type, 'answer-not-yours');
  return accepted({
    type: 'InfoRequested', address: task.address,
    data: { taskId: task.taskId, infoId: command.infoId, by: command.person, ...(command.to === undefined ? {} : { to: command.to }) }, content: { question: command.question },
  });
}

/** Who answers has taken part in the case from then on. The time that was left runs on. */
export function decideAnswerInfo(state: CaseState, command: AnswerInfo): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return notOpen(state, command);
  if (task.info === undefined) return refused(command.type, 'no-question');
  const { to, by } = task.info;
  const asked = to === command.person || (to === undefined && touchedBy(state, task).includes(command.person)) || command.roles.includes(task.unknownOperatorRole);
  if (!asked || by === command.person) return refused(command.type, 'answer-not-yours');
  return accepted({
    type: 'InfoAnswered', address: task.address,
    data: { taskId: task.taskId, infoId: task.info.infoId, by: command.person, ...(task.info.pausedDueAt === undefined ? {} : { dueAt: command.dueAt ?? task.info.pausedDueAt }),
      ...(command.remindAt === undefined || task.info.pausedRemindAt === undefined ? {} : { remindAt: command.remindAt }) },
    content: { answer: command.answer },
  });
}

export function decideCommentTask(state: CaseState, command: CommentTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return notOpen(state, command);
  return accepted({ type: 'TaskCommented', address: task.address, data: { taskId: task.taskId, by: command.person }, personal: { name: command.name, comment: command.comment } });
}
