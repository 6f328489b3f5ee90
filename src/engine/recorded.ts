import type { AnyEvent } from '../domain/index.ts';

/** One commit as those hear of it who show what is there now (inbox, console). Nothing in it is copied: it costs nothing when nobody listens. */
export interface Recorded {
  /** Position of the commit's last event. */
  readonly position: number;
  readonly site: string;
  /** Absent for what belongs to no case. */
  readonly caseId?: string;
  readonly events: readonly AnyEvent[];
  /** Role that works a task of the case. */
  readonly roleOf?: (taskId: string) => string | undefined;
  /** Whether a task of the case was given to one person, whatever role they hold. */
  readonly isAssigned?: (taskId: string) => boolean;
}
