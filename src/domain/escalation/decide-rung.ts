import { accepted, nothing } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseException, CaseState, Task } from '../case/state.ts';
import type { Severity } from '../events.ts';
import { priorityOf } from '../exception/priority-of.ts';
import { own } from '../own.ts';
import { consequences } from '../task/decide-task.ts';
import type { EscalateLadder } from './commands.ts';
import { isDestructive, nextOf } from './ladder.ts';
import type { Ladder, Rung } from './ladder.ts';
import { placeOf } from './decide-escalation.ts';

const severities: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

/** One step up; critical stays critical. */
export function moreSevere(severity: Severity): Severity {
  return severities[Math.min(severities.indexOf(severity) + 1, severities.length - 1)] ?? 'critical';
}

/** The open tasks that a rung is about; one whose decision stands but for its recall is decided. */
function tasksOf(state: CaseState, ladder: Ladder): readonly Task[] {
  const all = Object.values(state.tasks).filter((task) => task.status === 'open' && task.held === undefined);
  if (ladder.subject.kind === 'exception') return [];
  return ladder.subject.kind === 'case' ? all : all.filter((task) => task.taskId === ladder.subject.id);
}

function exceptionsOf(state: CaseState, ladder: Ladder): readonly CaseException[] {
  const found = ladder.subject.kind === 'exception' ? own(state.exceptions, ladder.subject.id) : undefined;
  return found?.status === 'open' ? [found] : [];
}

/** A reminder tells nobody when a later one is due as well: people get one, not as many as a standstill has left. */
function isCoalesced(ladder: Ladder, index: number, at: string): boolean {
  return ladder.rungs[index]?.action === 'remind' && ladder.rungs.slice(index + 1).some((rung) => rung.action === 'remind' && rung.dueAt <= at);
}

function rejected(state: CaseState, task: Task): readonly AnyEvent[] {
  if (task.kind !== 'approval') return [];
  return [{
    type: 'Decided', address: task.address,
    data: {
      taskId: task.taskId, runId: task.runId, decision: 'reject', mode: 'auto', channel: 'policy', authMethod: 'none', factsHash: task.factsHash, ruleId: 'escalation', decider: 'policy', outcome: 'rejected',
      level: task.level,
    },
    personal: { name: 'policy' },
  }, ...consequences(state, task, 'rejected')];
}

function reassigned(task: Task, role: string | undefined): readonly AnyEvent[] {
  if (role === undefined || (task.role === role && task.assignee === undefined)) return [];
  return [{ type: 'Reassigned', address: task.address, data: { taskId: task.taskId, by: 'policy', toRole: role }, content: { reason: 'escalation' } }];
}

function reclassified(exception: CaseException, severity: Severity): readonly AnyEvent[] {
  if (severity === exception.severity) return [];
  const { exceptionId, category, queue, raisedAt, dueAt } = exception;
  return [{
    type: 'Reclassified',
    data: { exceptionId, severity, queue, priority: Math.min(exception.priority, priorityOf(severity)) as CaseException['priority'], raisedAt, ...(category === undefined ? {} : { category }), ...(dueAt === undefined ? {} : { dueAt }) },
    content: { reason: 'escalation' },
  }];
}

/** What a rung changes, beside being on record; in the same commit, so that it is never half done. */
function changes(state: CaseState, ladder: Ladder, rung: Rung, exceptionId: string): readonly AnyEvent[] {
  const tasks = tasksOf(state, ladder);
  switch (rung.action) {
    case 'remind':
    case 'notify': return [];
    case 'reassign': return tasks.flatMap((task) => reassigned(task, rung.role));
    // The role beside the task's own stands in `Escalated`.
    case 'raise': return exceptionsOf(state, ladder).flatMap((exception) => reclassified(exception, moreSevere(exception.severity)));
    // Two levels of one asking end together: the second has nothing left to decide.
    case 'reject': return [...new Map(tasks.map((task) => [`${task.runId}/${task.kind}`, task])).values()].flatMap((task) => rejected(state, task));
    case 'exception': return [{
      type: 'ExceptionRaised', address: placeOf(ladder),
      data: { exceptionId, class: 'business', severity: rung.severity ?? 'high', queue: rung.queue ?? 'site-manager', code: `escalated:${rung.code ?? 'overdue'}` },
      content: { message: ladder.until === undefined ? 'What a person was to do is overdue.' : `The case has not reached the milestone "${ladder.until}" in its time.` },
    }];
  }
}

/** Whether the time of a rung that rejects this task is over, though nobody may have looked yet. */
export function isRejectedBy(state: CaseState, taskId: string, at: string, graceUntil: string | undefined): boolean {
  const task = own(state.tasks, taskId);
  if (task?.status !== 'open' || task.kind !== 'approval' || task.held !== undefined || at <= (graceUntil ?? '')) return false;
  return Object.values(state.ladders).some((ladder) => ladder.paused === undefined && (ladder.subject.kind === 'case' || ladder.subject.id === taskId)
    && ladder.rungs.some((rung, index) => index >= ladder.next && rung.action === 'reject' && rung.dueAt < at));
}

/** One rung, once, in its order; not before its time, not while the time stands still. */
export function decideEscalateLadder(state: CaseState, command: EscalateLadder): Decision {
  const ladder = own(state.ladders, command.ladderId);
  if (state.status !== 'open' || ladder === undefined || ladder.paused !== undefined) return nothing('not-running');
  const rung = ladder.rungs[ladder.next];
  if (rung === undefined || ladder.next + 1 !== command.rung) return nothing('not-next');
  if (rung.dueAt > command.at) return nothing('not-due');
  if (isDestructive(rung.action) && command.at <= (command.graceUntil ?? '')) return nothing('grace');
  const coalesced = isCoalesced(ladder, ladder.next, command.at);
  const next = nextOf({ ...ladder, next: ladder.next + 1 });
  const base = {
    ladderId: ladder.ladderId, rung: command.rung, action: rung.action, dueAt: rung.dueAt,
    ...(rung.role === undefined ? {} : { role: rung.role }), ...(coalesced ? { coalesced: true as const } : {}), ...(next === undefined ? {} : { next }),
  };
  const place = { address: placeOf(ladder) };
  const about: AnyEvent[] = coalesced ? [] : [
    ...tasksOf(state, ladder).map((task): AnyEvent => ({ type: 'Escalated', ...place, data: { ...base, taskId: task.taskId } })),
    ...exceptionsOf(state, ladder).map((exception): AnyEvent => ({ type: 'Escalated', ...place, data: { ...base, exceptionId: exception.exceptionId, severity: rung.action === 'raise' ? moreSevere(exception.severity) : exception.severity } })),
  ];
  return accepted(...(about.length > 0 ? about : [{ type: 'Escalated', ...place, data: base } as AnyEvent]), ...(coalesced ? [] : changes(state, ladder, rung, command.exceptionId)));
}
