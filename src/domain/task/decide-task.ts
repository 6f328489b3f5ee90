import { accepted, nothing, refused } from '../decision.ts';
import type { Decision, RefusalCode } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import { addressKey } from '../envelope.ts';
import { own } from '../own.ts';
import type { CaseState, Task, TaskDecision } from '../case/state.ts';
import type { DecideAutomatically, DecideTask } from './commands.ts';
import { isOpenRun } from '../step/decide-step.ts';
import { aboveLimit, whyNot } from './may-decide.ts';
import { isEnough, standingApprovals } from './quorum.ts';
import { endOthers, hasSpoken, openTask } from './tasks.ts';
import { photosOf } from '../attachment/decide-attachment.ts';

/** The task has expired, and with it the other levels: what nobody decided in time is never approved. */
export function expiry(state: CaseState, task: Task): readonly AnyEvent[] {
  return [{
    type: 'TaskExpired', address: task.address,
    data: { taskId: task.taskId, dueAt: task.dueAt ?? '', outcome: task.onExpiry === 'reject' ? 'rejected' : 'expired' },
  }, ...endOthers(state, task, 'expired')];
}

/** Whether the deadline of an open task has passed, for the destructive purpose of a late decision. */
export function isOverdue(task: Task, at: string, graceUntil = ''): boolean {
  return task.dueAt !== undefined && at > task.dueAt && at > graceUntil;
}

/** Why this decision is refused, whatever the facts are. */
function refusalOf(state: CaseState, task: Task, command: DecideTask): RefusalCode | undefined {
  const mayNot = whyNot(state, task, command);
  if (mayNot !== undefined) return mayNot;
  // What was decided in time does not expire because somebody else comes late.
  if (task.held !== undefined) return 'task-held';
  if (isOverdue(task, command.at, command.graceUntil)) return 'task-overdue';
  if (task.claimedBy !== undefined && task.claimedBy !== command.person) return 'claimed-by-other';
  if (task.approvers.includes(command.person) || hasSpoken(task, command)) return 'decided-already';
  if (command.bulk === true && !task.bulk) return 'bulk-not-allowed';
  if (command.decision === 'rework' && (task.kind !== 'approval' || reworkCount(state, task) >= (task.maxRounds ?? Number.POSITIVE_INFINITY))) return 'rework-limit';
  return command.decision === 'approve' ? aboveLimit(task, command.limit) : undefined;
}

function reworkCount(state: CaseState, task: Task): number {
  return own(state.reworks, addressKey(task.address)) ?? 0;
}

/** What follows at once when an outcome stands: other levels end, a return for rework is counted. */
export function consequences(state: CaseState, task: Task, outcome: 'approved' | 'rejected' | 'rework'): readonly AnyEvent[] {
  if (outcome === 'approved') return [];
  const rework: AnyEvent = { type: 'ReworkRequested', address: task.address, data: { taskId: task.taskId, runId: task.runId, fromStep: task.address.stepId, round: reworkCount(state, task) + 1 } };
  return [...endOthers(state, task, outcome), ...(outcome === 'rework' ? [rework] : [])];
}

/** One person's decision on a task. Refusals are recorded; a late decision expires the task (fails closed). */
export function decideDecideTask(state: CaseState, command: DecideTask): Decision {
  if (own(state.tasks, command.taskId) === undefined) return refused(command.type, 'task-unknown');
  const task = openTask(state, command.taskId);
  if (task === undefined) return refused(command.type, 'task-not-open');
  const refusal = refusalOf(state, task, command);
  if (refusal !== undefined) return refused(command.type, refusal, refusal === 'task-overdue' ? expiry(state, task) : []);
  if (command.currentFactsHash !== task.factsHash) {
    return refused(command.type, 'facts-changed', [{ type: 'TaskVoided', address: task.address, data: { taskId: task.taskId, reason: 'facts-changed' } }]);
  }
  if (command.factsHash !== task.factsHash) return refused(command.type, 'facts-changed');
  if (command.decision === 'approve' && task.kind === 'evidence' && photosOf(state, { kind: 'task', id: task.taskId }).length < (task.photos ?? 1)) return refused(command.type, 'photos-missing');
  if (command.decision === 'reject' && task.kind === 'evidence' && (command.comment ?? '').trim() === '') return refused(command.type, 'reason-missing');
  const outcome = outcomeOf(state, task, command);
  if (outcome === 'members-unknown') return refused(command.type, 'members-unknown');
  const held = outcome !== undefined && task.holdSeconds > 0;
  const decided: AnyEvent = {
    type: 'Decided', address: task.address,
    data: {
      taskId: task.taskId, runId: task.runId, decision: command.decision, mode: 'person', channel: command.channel, authMethod: command.authMethod,
      factsHash: task.factsHash, ruleId: task.matrixRow ?? '', decider: command.person, ...(outcome === undefined ? {} : { outcome }),
      ...(task.levels > 1 ? { level: task.level } : {}),
      ...(command.onBehalfOf === undefined ? {} : { onBehalfOf: command.onBehalfOf.person }),
      ...(held ? { heldUntil: command.heldUntil ?? command.at } : {}),
    },
    personal: { name: command.name, ...(command.comment === undefined ? {} : { comment: command.comment }) },
  };
  return accepted(decided, ...(outcome === undefined || held ? [] : consequences(state, task, outcome)));
}

/** One rejection rejects; approvals have to be enough. */
function outcomeOf(state: CaseState, task: Task, command: DecideTask): 'approved' | 'rejected' | 'rework' | 'members-unknown' | undefined {
  if (command.decision !== 'approve') return command.decision === 'reject' ? 'rejected' : 'rework';
  const mine: TaskDecision = { person: command.person, decision: 'approve', role: task.role, at: command.at, ...(command.onBehalfOf === undefined ? {} : { onBehalfOf: command.onBehalfOf.person }) };
  const enough = isEnough(state, task, [...standingApprovals(task), mine], command.members, command.conflicts);
  return enough === undefined ? 'members-unknown' : enough ? 'approved' : undefined;
}

/** A rule of the policy decides without a person, for example inside the tolerance. */
export function decideDecideAutomatically(state: CaseState, command: DecideAutomatically): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  // What was approved about other facts is asked anew, and then the rule may decide.
  const stands = Object.values(state.tasks).some((t) => t.runId === command.runId && t.status !== 'voided' && (t.status !== 'approved' || t.factsHash === command.factsHash));
  if (stands) return refused(command.type, 'run-decided');
  if (own(state.autoDecided, command.runId) !== undefined) return nothing('decided');
  return accepted({
    type: 'Decided', address: run.address, policyVersion: command.policyVersion,
    data: {
      runId: command.runId, decision: 'approve', mode: 'auto', channel: 'policy', authMethod: 'none', factsHash: command.factsHash,
      ruleId: command.ruleId, decider: 'policy', outcome: 'approved',
    },
  });
}
