/** How a failed call is tried again. */
export interface RetryPolicy {
  /** Calls in all, the first included. */
  readonly maxAttempts: number;
  /** No new call later than this after the first, ms. */
  readonly maxElapsedMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * Delay before the next call: exponential back-off with full jitter (uniform in [0, min(max, base·2^(n-1))]),
 * never earlier than the other side's `Retry-After`. Undefined: give up.
 * @param calls calls made so far in this round, at least 1
 * @param elapsedMs since the first call of this round
 * @param random uniform in [0, 1)
 */
export function nextDelay(policy: RetryPolicy, calls: number, elapsedMs: number, retryAfterMs: number | undefined, random: () => number): number | undefined {
  if (calls >= policy.maxAttempts) return undefined;
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** Math.min(30, calls - 1));
  const delay = Math.max(Math.round(random() * ceiling), retryAfterMs ?? 0);
  return elapsedMs + delay > policy.maxElapsedMs ? undefined : delay;
}

/** The three forms of an HTTP date begin with the day's name (RFC 9110 §5.6.7); `Date.parse` alone takes "-5" for a date as well. */
const httpDate = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/** `Retry-After` of RFC 9110 §10.2.3 in ms: seconds or an HTTP date. Undefined when absent or unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000;
  // The asctime form names no zone; every HTTP date is in GMT.
  const at = httpDate.test(value) ? Date.parse(/GMT\s*$/.test(value) ? value : `${value} GMT`) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
