import type { EncodedMessage, UndoKind } from '../events.ts';

export type CompensationCommand = RegisterCompensation | CompensateCase;

/** A step says how it is undone. */
export interface RegisterCompensation {
  readonly type: 'RegisterCompensation';
  readonly runId: string; readonly how: UndoKind; readonly name: string; readonly message: EncodedMessage;
  readonly role?: string; readonly photos?: number; readonly question?: string;
}
/** Cancels what is under way and runs the registered undos, last first; then the case closes with the outcome. At once when there are none. */
export interface CompensateCase {
  readonly type: 'CompensateCase';
  readonly outcome: string;
  /** The run that asks for it, when it is a step; it completes. */
  readonly runId?: string; readonly note?: string; readonly releaseClaims?: boolean; readonly at: string;
}
