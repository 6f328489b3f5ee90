import type { Task } from '../api/types.ts';
import { isToday } from '../locales/times.ts';

/** How soon a task is to be decided. */
export type Urgency = 'overdue' | 'hour' | 'today' | 'later' | 'none';

const HOUR_MS = 60 * 60_000;

export function urgencyOf(task: Pick<Task, 'dueAt' | 'site'>, now: number): Urgency {
  if (task.dueAt === null) return 'none';
  const left = Date.parse(task.dueAt) - now;
  if (left < 0) return 'overdue';
  if (left < HOUR_MS) return 'hour';
  return isToday(task.dueAt, now, task.site) ? 'today' : 'later';
}

/** A row of the inbox: the heading of a group, or a task. */
export type InboxRow = { readonly kind: 'group'; readonly urgency: Urgency } | { readonly kind: 'task'; readonly task: Task };

/** Tasks in the order in which they came (most urgent first), under headings. */
export function grouped(tasks: readonly Task[], now: number): InboxRow[] {
  const rows: InboxRow[] = [];
  let group: Urgency | undefined;
  for (const task of tasks) {
    const urgency = urgencyOf(task, now);
    if (urgency !== group) rows.push({ kind: 'group', urgency });
    group = urgency;
    rows.push({ kind: 'task', task });
  }
  return rows;
}
