import type { ReservationClaim, ToldRequest } from '../events.ts';
import type { Json } from '../json.ts';

/** The run waits for an event of this name and key; a timeout is a timer beside it. */
export interface AwaitEvent {
  readonly type: 'AwaitEvent';
  readonly runId: string; readonly name: string; readonly keyHash: string; readonly key: string; readonly at: string; readonly dueAt?: string;
}

/** An event has come, or was kept, that a run waits for. */
export interface CorrelateEvent {
  readonly type: 'CorrelateEvent';
  readonly runId: string; readonly signalId: string; readonly name: string; readonly keyHash: string; readonly broadcast: boolean;
  /** Makes it happen once: for one run of all, or for one time in each case when it is for every case. */
  readonly claim: ReservationClaim;
  readonly key?: string; readonly data?: Json; readonly at: string;
  /** The request of another system that it is, when that is recorded with it, and what its caller is told. */
  readonly request?: ToldRequest; readonly answer?: Json;
  /** After a standstill or a jump of the clock: timeouts before this have not passed yet (PROTOCOL §7). */
  readonly graceUntil?: string;
}

/** The run waits no longer; refused when its event has come. */
export interface EndWait { readonly type: 'EndWait'; readonly runId: string }

export type WaitCommand = AwaitEvent | CorrelateEvent | EndWait;
