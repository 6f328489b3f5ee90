export { nextDelay } from '../../domain/retry/backoff.ts';
export type { RetryPolicy } from '../../domain/retry/backoff.ts';

/** The three forms of an HTTP date begin with the day's name (RFC 9110 §5.6.7); `Date.parse` alone takes "-5" for a date as well. */
const httpDate = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/** No system is waited for longer than a year. */
const longestMs = 365 * 86_400_000;

/** `Retry-After` of RFC 9110 §10.2.3 in ms: seconds or an HTTP date. Undefined when absent or unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Math.min(longestMs, Number(value) * 1_000);
  // The asctime form names no zone; every HTTP date is in GMT.
  const at = httpDate.test(value) ? Date.parse(/GMT\s*$/.test(value) ? value : `${value} GMT`) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(longestMs, Math.max(0, at - now));
}
