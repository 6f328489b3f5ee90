import type { Priority } from '../domain/events.ts';

/** An open exception becomes one step more urgent in this time. */
export const ageingMs = 24 * 3_600_000;

/**
 * When an exception is as urgent as can be: in as many days as its priority is below 1, or when it is due if that is sooner.
 * It does not depend on the time of asking, so lists in its order have pages; {@link priorityAt} is told from it.
 */
export function urgentAt(raisedAt: string, priority: Priority, dueAt: string | undefined): string {
  const aged = new Date(Date.parse(raisedAt) + (priority - 1) * ageingMs).toISOString();
  return dueAt !== undefined && dueAt < aged ? dueAt : aged;
}

/** Priority with ageing at a time, ISO 8601: 1 the most urgent, 5 the least. */
export function priorityAt(urgent: string, now: string): Priority {
  const left = Math.ceil((Date.parse(urgent) - Date.parse(now)) / ageingMs) + 1;
  return Math.min(5, Math.max(1, left)) as Priority;
}
