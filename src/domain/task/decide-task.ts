import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import { own } from '../own.ts';
import type { CaseState, Task } from '../case/state.ts';
import type { ClaimTask, CreateTask, DecideAutomatically, DecideTask, ExpireTask, OpenTask, ReleaseTask, VoidTask } from '../case/commands.ts';
import { isOpenRun } from '../step/decide-step.ts';
import { photosOf } from '../attachment/decide-attachment.ts';

/** The task of the run at a level (any level when absent) that is open, was decided or has expired: there is no second one beside it. A voided task does not count. */
function standingTask(state: CaseState, runId: string, level?: number): Task | undefined {
  return Object.values(state.tasks).find((t) => t.runId === runId && t.status !== 'voided' && (level === undefined || t.level === level));
}

export function decideCreateTask(state: CaseState, command: CreateTask): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  const run = own(state.runs, command.runId);
  if (!isOpenRun(run)) return refused(command.type, 'run-not-open');
  const level = command.level ?? 1;
  const current = standingTask(state, command.runId, level);
  if (current !== undefined) return nothing(current.status === 'open' ? 'task-open' : 'decided');
  if (own(state.autoDecided, command.runId) !== undefined) return nothing('decided');
  return accepted({
    type: 'TaskCreated', address: run.address, policyVersion: command.policyVersion,
    data: {
      taskId: command.taskId, runId: command.runId, level, role: command.role, quorum: command.quorum, createdAt: command.at,
      ...(command.dueAt === undefined ? {} : { dueAt: command.dueAt }),
      onExpiry: command.onExpiry, covers: command.covers, factsHash: command.factsHash, unknownOperatorRole: command.unknownOperatorRole,
      ...(command.kind === undefined || command.kind === 'approval' ? {} : { kind: command.kind }),
      ...(command.photos === undefined ? {} : { photos: command.photos }),
    },
    content: { title: command.title, question: command.question, shown: command.shown },
  });
}

function openTask(state: CaseState, taskId: string): Task | undefined {
  const task = own(state.tasks, taskId);
  return state.status === 'open' && task?.status === 'open' ? task : undefined;
}

function expired(task: Task): AnyEvent {
  return {
    type: 'TaskExpired', address: task.address,
    data: { taskId: task.taskId, dueAt: task.dueAt ?? '', outcome: task.onExpiry === 'reject' ? 'rejected' : 'expired' },
  };
}

/** May this person decide? Segregation of duties counts every operator who touched the case (PROTOCOL §4). */
function whyNot(state: CaseState, task: Task, person: string, roles: readonly string[]): 'requester-may-not-decide' | 'operator-unknown' | 'role-missing' | undefined {
  // Who says that work is done decides nothing: the one who scanned may as well do it.
  if (task.kind !== 'approval') return roles.includes(task.role) ? undefined : 'role-missing';
  if (state.operators.includes(person)) return 'requester-may-not-decide';
  if (state.operatorUnknown) return roles.includes(task.unknownOperatorRole) ? undefined : 'operator-unknown';
  return roles.includes(task.role) ? undefined : 'role-missing';
}

/** One person's decision on a task. Refusals are recorded; a late decision expires the task (fails closed). */
export function decideDecideTask(state: CaseState, command: DecideTask): Decision {
  if (own(state.tasks, command.taskId) === undefined) return refused(command.type, 'task-unknown');
  const task = openTask(state, command.taskId);
  if (task === undefined) return refused(command.type, 'task-not-open');
  const mayNot = whyNot(state, task, command.person, command.roles);
  if (mayNot !== undefined) return refused(command.type, mayNot);
  if (task.dueAt !== undefined && command.at > task.dueAt && command.at > (command.graceUntil ?? '')) return refused(command.type, 'task-overdue', [expired(task)]);
  if (task.claimedBy !== undefined && task.claimedBy !== command.person) return refused(command.type, 'claimed-by-other');
  if (task.approvers.includes(command.person)) return refused(command.type, 'decided-already');
  if (command.currentFactsHash !== task.factsHash) {
    return refused(command.type, 'facts-changed', [{ type: 'TaskVoided', address: task.address, data: { taskId: task.taskId, reason: 'facts-changed' } }]);
  }
  if (command.factsHash !== task.factsHash) return refused(command.type, 'facts-changed');
  if (command.decision === 'approve' && task.kind === 'evidence' && photosOf(state, { kind: 'task', id: task.taskId }).length < (task.photos ?? 1)) return refused(command.type, 'photos-missing');
  const standing = task.approvers.filter((approver) => !(task.discounted ?? []).includes(approver));
  const outcome = command.decision === 'reject' ? 'rejected' : standing.length + 1 >= task.quorum ? 'approved' : undefined;
  return accepted({
    type: 'Decided', address: task.address,
    data: {
      taskId: task.taskId, runId: task.runId, decision: command.decision, mode: 'person', channel: command.channel, authMethod: command.authMethod,
      factsHash: task.factsHash, ruleId: '', decider: command.person, ...(outcome === undefined ? {} : { outcome }),
    },
    personal: { name: command.name, ...(command.comment === undefined ? {} : { comment: command.comment }) },
  });
}

/** A rule of the policy decides without a person, for example inside the tolerance. */
export function decideDecideAutomatically(state: CaseState, command: DecideAutomatically): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (standingTask(state, command.runId) !== undefined) return refused(command.type, 'run-decided');
  if (own(state.autoDecided, command.runId) !== undefined) return nothing('decided');
  return accepted({
    type: 'Decided', address: run.address, policyVersion: command.policyVersion,
    data: {
      runId: command.runId, decision: 'approve', mode: 'auto', channel: 'policy', authMethod: 'none', factsHash: command.factsHash,
      ruleId: command.ruleId, decider: 'policy', outcome: 'approved',
    },
  });
}

export function decideExpireTask(state: CaseState, command: ExpireTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return nothing('not-open');
  if (task.dueAt === undefined || command.at <= task.dueAt) return nothing('not-due');
  return accepted(expired(task));
}

export function decideVoidTask(state: CaseState, command: VoidTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return nothing('not-open');
  return accepted({ type: 'TaskVoided', address: task.address, data: { taskId: task.taskId, reason: command.reason } });
}

export function decideOpenTask(state: CaseState, command: OpenTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined || task.openedBy.includes(command.person)) return nothing('seen');
  return accepted({ type: 'TaskOpened', address: task.address, data: { taskId: task.taskId, person: command.person } });
}

export function decideClaimTask(state: CaseState, command: ClaimTask): Decision {
  const task = openTask(state, command.taskId);
  if (task === undefined) return refused(command.type, own(state.tasks, command.taskId) === undefined ? 'task-unknown' : 'task-not-open');
  const mayNot = whyNot(state, task, command.person, command.roles);
  if (mayNot !== undefined) return refused(command.type, mayNot);
  if (task.approvers.includes(command.person)) return refused(command.type, 'decided-already');
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
