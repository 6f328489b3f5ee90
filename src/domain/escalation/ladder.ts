import type { Severity } from '../events.ts';

/** What a ladder watches over. */
export type Watched = 'case' | 'task' | 'exception';

/** What happens on a rung. `raise`: another role may decide as well, an exception becomes one step more severe. `reject`: the policy rejects what is open. */
export type RungAction = 'remind' | 'notify' | 'reassign' | 'raise' | 'reject' | 'exception';

/** A rung as it is configured: its time is counted from the start of the ladder. */
export interface RungSpec {
  readonly value: number; readonly unit: 'minutes' | 'hours' | 'days'; readonly working: boolean;
  readonly action: RungAction;
  /** Who is told, decides instead, or decides as well. */
  readonly role?: string;
  /** `exception`: what is raised. */
  readonly code?: string; readonly queue?: string; readonly severity?: Severity;
}

/** A rung of a ladder that runs. */
export interface Rung {
  readonly dueAt: string; readonly working: boolean; readonly action: RungAction;
  readonly role?: string; readonly code?: string; readonly queue?: string; readonly severity?: Severity;
}

/** The rung that comes next, as readers and timers need it. Rungs count from 1. */
export interface NextRung { readonly rung: number; readonly dueAt: string; readonly action: RungAction }

/** A policy of the case: every subject of its kind gets a ladder. */
export interface Arm {
  readonly armId: string;
  readonly watch: Watched;
  /** Steps whose tasks or exceptions count; empty: of all. */
  readonly steps: readonly string[];
  /** The milestone that ends it. */
  readonly until?: string;
  readonly rungs: readonly RungSpec[];
  /** Node of the calendar; absent when all time counts. */
  readonly calendarId?: string;
  /** `instance/stepId` of the node. */
  readonly address: string;
}

export interface LadderSubject { readonly kind: Watched; readonly id: string }

export interface Ladder {
  readonly ladderId: string;
  readonly armId: string;
  readonly subject: LadderSubject;
  readonly until?: string;
  readonly startedAt: string;
  readonly rungs: readonly Rung[];
  /** Index of the rung that comes next. */
  readonly next: number;
  readonly calendarId?: string;
  readonly address: string;
  /** Its time stands still; what was left of each rung to come, ms in the rung's own time. */
  readonly paused?: { readonly at: string; readonly reason: PauseReason; readonly left: readonly number[] };
}

/** `requester`: a question waits for its answer; `person`: somebody paused the case. */
export type PauseReason = 'requester' | 'person';
export type LadderEnd = 'milestone' | 'subject-ended' | 'done' | 'compensating';

/** It ends something, so it waits for the grace period after a standstill (PROTOCOL §7). */
export function isDestructive(action: RungAction): boolean {
  return action === 'reject';
}

export function nextOf(ladder: Pick<Ladder, 'rungs' | 'next'>): NextRung | undefined {
  const rung = ladder.rungs[ladder.next];
  return rung === undefined ? undefined : { rung: ladder.next + 1, dueAt: rung.dueAt, action: rung.action };
}

/** The rungs once the time of the ladder runs on: those to come are due then, in their order. */
export function rungsDue({ rungs, next }: Pick<Ladder, 'rungs' | 'next'>, dues: readonly string[]): readonly Rung[] {
  return rungs.map((rung, index) => (index < next ? rung : { ...rung, dueAt: dues[index - next] ?? rung.dueAt }));
}
