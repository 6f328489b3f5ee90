import type { CaseCommand, CaseState } from '../../domain/index.ts';
import type { StepContext } from '../step-context.ts';

/** A milestone that covers no facts, reached by this run; nothing where the node names none. */
export function reached(step: StepContext, state: CaseState, milestone: string | undefined): readonly CaseCommand[] {
  return milestone ? [{ type: 'ReachMilestone', runId: step.runId, milestone, covers: [], factsHash: step.hashFacts(state, []) }] : [];
}
