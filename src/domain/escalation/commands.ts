import type { LadderSubject, PauseReason, RungSpec, Watched } from './ladder.ts';

/** The escalation step makes its policy the case's; the subjects that are there get their ladders with it. */
export interface ArmEscalation {
  readonly type: 'ArmEscalation';
  readonly runId: string; readonly watch: Watched; readonly steps: readonly string[]; readonly until?: string; readonly rungs: readonly RungSpec[]; readonly calendarId?: string;
}
export interface StartLadder {
  readonly type: 'StartLadder';
  readonly ladderId: string; readonly armId: string; readonly subject: LadderSubject; readonly at: string;
  /** When each rung is due, in their order. */
  readonly dues: readonly string[];
  /** `name@version` by which they were worked out. */
  readonly calendar?: string;
  /** Ids that the step of the subject has in other versions of its template: the policy may name it by one of them. */
  readonly stepIds?: readonly string[];
}
/** Deadlines are judged by `at` (PROTOCOL §7). */
export interface EscalateLadder {
  readonly type: 'EscalateLadder';
  readonly ladderId: string; readonly rung: number; readonly at: string;
  /** After a standstill or a jump of the clock: what ends something waits until then. */
  readonly graceUntil?: string;
  /** Of the exception that this rung may raise. */
  readonly exceptionId: string;
}
/** `left`: of each rung to come, ms in its own time. */
export interface PauseLadder { readonly type: 'PauseLadder'; readonly ladderId: string; readonly reason: PauseReason; readonly at: string; readonly left: readonly number[] }
/** `dues`: of each rung to come. */
export interface ResumeLadder { readonly type: 'ResumeLadder'; readonly ladderId: string; readonly dues: readonly string[] }
/** A person stops the clocks of the case's ladders; its work may go on. */
export interface PauseCase { readonly type: 'PauseCase'; readonly by: string; readonly reason: string; readonly note?: string; readonly name?: string; readonly at: string }
export interface ResumeCase { readonly type: 'ResumeCase'; readonly by: string; readonly reason: string; readonly note?: string; readonly name?: string }

export type EscalationCommand = ArmEscalation | StartLadder | EscalateLadder | PauseLadder | ResumeLadder | PauseCase | ResumeCase;
