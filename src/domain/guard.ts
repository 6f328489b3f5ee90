import type { CaseState } from './case/state.ts';
import { own } from './own.ts';
import { involvedIn } from './task/tasks.ts';

/** A milestone that a step requires, with the hash of the facts it covers as they are now. */
export interface Guard {
  readonly milestone: string;
  /** Undefined when the case has not reached it. */
  readonly factsHash: string | undefined;
  /** Another milestone, which other people must have reached. */
  readonly differentFrom?: string;
}

export type BreachReason = 'missing' | 'facts-changed' | 'same-person';
/** `differentFrom`: only when the same people reached both. */
export interface Breach { readonly milestone: string; readonly reason: BreachReason; readonly code: string; readonly differentFrom?: string }

/** The first guard that does not hold, or undefined. Milestones that nobody is known to have reached are never of different people. */
export function breachOf(state: CaseState, guards: readonly Guard[]): Breach | undefined {
  for (const { milestone, factsHash, differentFrom } of guards) {
    const reached = own(state.milestones, milestone);
    if (reached === undefined) return { milestone, reason: 'missing', code: `milestone-missing:${milestone}` };
    if (reached.factsHash !== factsHash) return { milestone, reason: 'facts-changed', code: `facts-changed:${milestone}` };
    if (differentFrom === undefined) continue;
    const others = own(state.milestones, differentFrom)?.by ?? [];
    const people = reached.by ?? [];
    if (people.length > 0 && others.length > 0 && !people.some((person) => others.includes(person))) continue;
    return { milestone, reason: 'same-person', code: `same-person:${milestone}:${differentFrom}`, differentFrom };
  }
  return undefined;
}

/** Who approved in a run, in their own name or another's: pseudonyms. */
export function peopleOf(state: CaseState, runId: string): readonly string[] {
  const asked = Object.values(state.tasks).filter((task) => task.runId === runId);
  const last = Math.max(0, ...asked.map((task) => task.sequence));
  const people = asked.filter((task) => task.sequence === last && task.status === 'approved').flatMap((task) => task.decisions
    .filter((decision) => decision.decision === 'approve' && task.discounted?.includes(decision.person) !== true)
    .flatMap(involvedIn));
  return [...new Set(people)].sort();
}
