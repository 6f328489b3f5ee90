import type { Priority, Severity } from '../events.ts';

const bySeverity: Readonly<Record<Severity, Priority>> = { critical: 1, high: 2, medium: 3, low: 4 };

/** Priority of an exception for which no rule says one. */
export function priorityOf(severity: Severity): Priority {
  return bySeverity[severity];
}
