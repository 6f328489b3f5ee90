import type { EncodedMessage, IssuedToken } from '../events.ts';
import type { Guard } from '../guard.ts';
import type { RetryPolicy } from './backoff.ts';

export type RetryCommand = FailAttempt | HoldToken | ReplayToken;

/** What becomes of a token that is given up: dead letter, or successors at output *gave up*. */
export interface GivingUp {
  readonly deadLetterId: string;
  readonly reroute?: { readonly tokens: readonly IssuedToken[]; readonly message: EncodedMessage };
}

/** An attempt at delivering a token that is under a retry policy failed: error, stall, or an answer that counts as failed. */
export interface FailAttempt extends GivingUp {
  readonly type: 'FailAttempt';
  readonly tokenId: string; readonly attempt: number;
  /** `permanent`: no further attempt makes sense. */
  readonly outcome: 'transient' | 'permanent';
  readonly errorClass: string; readonly error: string; readonly httpStatus?: number; readonly system?: string;
  /** The other side asked to wait so long. */
  readonly retryAfterMs?: number;
  readonly policy: RetryPolicy;
  /** Uniform in [0, 1). */
  readonly random: number;
  /** When the attempt left, and now. */
  readonly startedAt: string; readonly at: string;
  /** The answer that failed. */
  readonly answer?: EncodedMessage;
}

/** A token cannot leave because the circuit of its system is open: it waits, and no attempt is counted. */
export interface HoldToken extends GivingUp {
  readonly type: 'HoldToken';
  readonly tokenId: string; readonly dueAt: string; readonly at: string; readonly system: string; readonly policy: RetryPolicy;
}

/** A person sends a dead letter again, as it was or with another message; guards as for `ReplayEffect`. */
export interface ReplayToken {
  readonly type: 'ReplayToken';
  readonly deadLetterId: string; readonly tokenId: string; readonly person: string;
  readonly guards: readonly Guard[];
  readonly message?: EncodedMessage; readonly batchId?: string;
  /** The circuit of the system is open and the caller does not want to wait for it. */
  readonly circuitOpen?: boolean;
}
