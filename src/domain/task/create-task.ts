import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { CaseState, Task } from '../case/state.ts';
import type { EventData } from '../events.ts';
import { own } from '../own.ts';
import { isOpenRun } from '../step/decide-step.ts';
import type { CreateTask } from './commands.ts';

/** Ends after which a run is not asked about any more. */
const final: ReadonlySet<Task['status']> = new Set(['rejected', 'rework', 'withdrawn', 'expired']);

/**
 * What speaks against the task: another one at its level that is open, was decided or has expired; or that the run has its end.
 * A voided task does not count. All levels are asked anew only when one was voided, or was approved about other facts.
 */
function standing(state: CaseState, command: CreateTask): 'task-open' | 'decided' | undefined {
  const sequence = command.sequence ?? 1;
  const level = command.level ?? 1;
  const tasks = Object.values(state.tasks).filter((task) => task.runId === command.runId);
  const asks = (command.kind ?? 'approval') === 'approval';
  const approvals = asks ? tasks.filter((task) => task.kind === 'approval') : [];
  const same = tasks.find((task) => (task.sequence === sequence || !asks || task.kind !== 'approval') && task.level === level && task.status !== 'voided');
  if (same !== undefined) return same.status === 'open' ? 'task-open' : 'decided';
  if (approvals.some((task) => final.has(task.status) || task.sequence > sequence)) return 'decided';
  const before = approvals.filter((task) => task.sequence < sequence);
  if (before.some((task) => task.status === 'open')) return 'task-open';
  if (before.length === 0 || approvals.some((task) => task.sequence === sequence)) return undefined;
  const last = Math.max(...before.map((task) => task.sequence));
  const moved = before.some((task) => task.sequence === last && (task.status === 'voided' || task.factsHash !== command.factsHash));
  return moved ? undefined : 'decided';
}

/** Members of the event that are there only when they say something. */
function options(command: CreateTask): Partial<EventData['TaskCreated']> {
  const { kind, photos, sequence, levels, matrixRow, quorumOf, eligibleCount, amount, currency, requesters, requesterUnknown, holdSeconds, bulk, calendar, assignee, remindAt, maxRounds } = command;
  return {
    ...(kind === undefined || kind === 'approval' ? {} : { kind }), ...(photos === undefined ? {} : { photos }),
    ...(sequence === undefined || sequence === 1 ? {} : { sequence }), ...(levels === undefined || levels === 1 ? {} : { levels }),
    ...(matrixRow === undefined ? {} : { matrixRow }), ...(quorumOf === undefined || quorumOf === 'count' ? {} : { quorumOf }),
    ...(eligibleCount === undefined ? {} : { eligibleCount }), ...(amount === undefined ? {} : { amount }), ...(currency === undefined ? {} : { currency }),
    ...(requesters === undefined || requesters.length === 0 ? {} : { requesters }), ...(requesterUnknown === true ? { requesterUnknown } : {}),
    ...(holdSeconds === undefined || holdSeconds <= 0 ? {} : { holdSeconds }), ...(bulk === true ? { bulk } : {}), ...(calendar === undefined ? {} : { calendar }),
    ...(assignee === undefined ? {} : { assignee }), ...(remindAt === undefined ? {} : { remindAt }), ...(maxRounds === undefined ? {} : { maxRounds }),
  };
}

export function decideCreateTask(state: CaseState, command: CreateTask): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  const run = own(state.runs, command.runId);
  if (!isOpenRun(run)) return refused(command.type, 'run-not-open');
  const current = standing(state, command);
  if (current !== undefined) return nothing(current);
  if (own(state.autoDecided, command.runId) !== undefined) return nothing('decided');
  return accepted({
    type: 'TaskCreated', address: run.address, policyVersion: command.policyVersion,
    data: {
      taskId: command.taskId, runId: command.runId, level: command.level ?? 1, role: command.role, quorum: command.quorum, createdAt: command.at,
      ...(command.dueAt === undefined ? {} : { dueAt: command.dueAt }),
      onExpiry: command.onExpiry, covers: command.covers, factsHash: command.factsHash, unknownOperatorRole: command.unknownOperatorRole, ...options(command),
    },
    content: { title: command.title, question: command.question, shown: command.shown, ...(command.why === undefined ? {} : { why: command.why }) },
  });
}
