/** How a failed call or attempt is tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  /** No new attempt later than this after the first, ms. */
  readonly maxElapsedMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * Delay before the next attempt: exponential back-off with full jitter (uniform in [0, min(max, base·2^(n-1))]),
 * never earlier than the other side's `Retry-After`. Undefined: give up.
 * @param calls attempts made so far in this round, at least 1
 * @param elapsedMs since the first attempt of this round
 * @param random uniform in [0, 1)
 */
export function nextDelay(policy: RetryPolicy, calls: number, elapsedMs: number, retryAfterMs: number | undefined, random: () => number): number | undefined {
  if (calls >= policy.maxAttempts) return undefined;
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** Math.min(30, calls - 1));
  const delay = Math.max(Math.round(random() * ceiling), retryAfterMs ?? 0);
  return elapsedMs + delay > policy.maxElapsedMs ? undefined : delay;
}
