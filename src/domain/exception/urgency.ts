import type { Priority } from '../events.ts';

/** An open exception becomes one step more urgent in this time. */
export const ageingMs = 24 * 3_600_000;

/**
 * When an exception is as urgent as can be: in as many days as its priority is below 1, or when it is due if that is sooner.
 * It does not depend on the time of asking, so lists in its order have pages; {@link priorityAt} is told from it.
 * All times are milliseconds since 1970.
 */
export function urgentAt(raisedAt: number, priority: Priority, dueAt: number | undefined): number {
  const aged = raisedAt + (priority - 1) * ageingMs;
  return dueAt !== undefined && dueAt < aged ? dueAt : aged;
}

/** Priority with ageing at a time: 1 the most urgent, 5 the least. */
export function priorityAt(urgent: number, now: number): Priority {
  return Math.min(5, Math.max(1, Math.ceil((urgent - now) / ageingMs) + 1)) as Priority;
}
