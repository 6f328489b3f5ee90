import type { CaseState, Task } from '../case/state.ts';
import type { AnyEvent } from '../envelope.ts';
import { own } from '../own.ts';
import type { Acting } from './commands.ts';

/** The task, while it can still be decided. */
export function openTask(state: CaseState, taskId: string): Task | undefined {
  const task = own(state.tasks, taskId);
  return state.status === 'open' && task?.status === 'open' ? task : undefined;
}

/** Everybody who is named by a decision: who decided, and for whom. */
export function involvedIn({ person, onBehalfOf }: { readonly person: string; readonly onBehalfOf?: string }): readonly string[] {
  return onBehalfOf === undefined ? [person] : [person, onBehalfOf];
}

/** Whether the person, or the one they act for, is named by a decision on the task already. */
export function hasSpoken(task: Task, { person, onBehalfOf }: Pick<Acting, 'person' | 'onBehalfOf'>): boolean {
  return task.decisions.some((each) => involvedIn(each).some((named) => named === person || named === onBehalfOf?.person));
}

/** Everybody who took part in what is to be decided, and so decides nothing (PROTOCOL §4). */
export function touchedBy(state: CaseState, task: Task): readonly string[] {
  return [...state.operators, ...task.requesters];
}

/** Tasks of the same asking of the same run, without the voided ones: its levels. */
export function levelsOf(state: CaseState, runId: string, sequence: number): readonly Task[] {
  return Object.values(state.tasks).filter((task) => task.runId === runId && task.sequence === sequence && task.kind === 'approval' && task.status !== 'voided');
}

/** Events that end the other levels, which have nothing left to decide. */
export function endOthers(state: CaseState, task: Task, reason: string): readonly AnyEvent[] {
  if (task.kind !== 'approval') return [];
  return Object.values(state.tasks).filter((other) => other.runId === task.runId && other.taskId !== task.taskId && other.kind === 'approval' && other.status === 'open')
    .map((other): AnyEvent => ({ type: 'TaskVoided', address: other.address, data: { taskId: other.taskId, reason } }));
}

/** Whether the run has its approval: a rule gave it, or every level of the last asking did. */
export function isApproved(state: CaseState, runId: string): boolean {
  if (own(state.autoDecided, runId) === 'approved') return true;
  const tasks = Object.values(state.tasks).filter((task) => task.runId === runId && task.kind === 'approval');
  const last = Math.max(0, ...tasks.map((task) => task.sequence));
  const levels = levelsOf(state, runId, last);
  return levels.length > 0 && levels.length >= (levels[0]?.levels ?? 1) && levels.every((task) => task.status === 'approved');
}
