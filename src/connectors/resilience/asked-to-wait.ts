import { parseRetryAfter } from './backoff.ts';

type Headers = { readonly [name: string]: string | undefined };

/** Longest that a header is believed, ms: a system that says more is asked again after that. */
const longestMs = 86_400_000;
/** Smallest number that means an instant (seconds since 1970) and not a span of time. */
const leastInstant = 1_000_000_000;

/**
 * Until when a system wants no further call of ours, ms since 1970; undefined when it says nothing of the kind. `Retry-After`
 * counts with 429 and 503 (RFC 6585 §4, RFC 9110 §15.6.4); `RateLimit` in its newest form and in the older ones
 * (draft-ietf-httpapi-ratelimit-headers), and `X-RateLimit-*`, when nothing is left of the quota.
 */
export function askedToWaitUntil(status: number, headers: Headers, now: number): number | undefined {
  const waits: number[] = [];
  if (status === 429 || status === 503) {
    const after = parseRetryAfter(headers['retry-after'], now);
    if (after !== undefined) waits.push(after);
  }
  for (const { remaining, resetMs } of [...newest(headers['ratelimit']), ...older(headers, now)]) if (remaining <= 0 && resetMs > 0) waits.push(resetMs);
  return waits.length === 0 ? undefined : now + Math.min(longestMs, Math.max(...waits));
}

interface Left { readonly remaining: number; readonly resetMs: number }

/** `"default";r=0;t=30, "daily";r=12;t=3600` (draft-ietf-httpapi-ratelimit-headers-10 §4), or `limit=10, remaining=0, reset=7` (-04). */
function newest(header: string | undefined): readonly Left[] {
  if (header === undefined || header.length > 2_000) return [];
  if (/\bremaining\s*=/.test(header)) return leftOf(/\bremaining\s*=\s*(\d+)/.exec(header)?.[1], /\breset\s*=\s*(\d+)/.exec(header)?.[1]);
  return header.split(',').flatMap((item) => leftOf(/;\s*r\s*=\s*(\d+)/.exec(item)?.[1], /;\s*t\s*=\s*(\d+)/.exec(item)?.[1]));
}

/** One header each; the reset in seconds from now, or as an instant. */
function older(headers: Headers, now: number): readonly Left[] {
  return ['ratelimit', 'x-ratelimit', 'x-rate-limit'].flatMap((prefix) => leftOf(headers[`${prefix}-remaining`], headers[`${prefix}-reset`]).map(({ remaining, resetMs }) => {
    const seconds = resetMs / 1_000;
    return { remaining, resetMs: seconds >= leastInstant ? seconds * 1_000 - now : resetMs };
  }));
}

function leftOf(remaining: string | undefined, seconds: string | undefined): readonly Left[] {
  const left = /^\s*\d+/.test(remaining ?? '') ? Number.parseInt(remaining ?? '', 10) : undefined;
  const reset = /^\s*\d+(\.\d+)?\s*$/.test(seconds ?? '') ? Number(seconds) : undefined;
  return left === undefined || reset === undefined ? [] : [{ remaining: left, resetMs: reset * 1_000 }];
}
