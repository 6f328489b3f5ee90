import type { Address } from '../envelope.ts';
import type { EncodedMessage } from '../events.ts';

export type ForkCommand = ArriveBranch | EndGathering;

/** A message has come to a gather: the first of its fork waits for the others, every further one ends there. */
export interface ArriveBranch {
  readonly type: 'ArriveBranch';
  readonly runId: string; readonly forkId: string;
  /** How many branches are waited for; all when absent. */
  readonly need?: number;
  /** Where those of the fork gather that have come, when that is another address of the same step: its id in another version of its template. */
  readonly at?: Address;
  readonly message: EncodedMessage;
}
/** Ends a gathering with what has come; its holder completes in the same commit. */
export interface EndGathering {
  readonly type: 'EndGathering';
  readonly runId: string;
  /** Runs that the merged message was made of: another one may have come meanwhile. */
  readonly merged: readonly string[];
  readonly outcome: 'complete' | 'partial';
  /** Voids what of the fork is still under way. */
  readonly cancelOthers: boolean;
}
