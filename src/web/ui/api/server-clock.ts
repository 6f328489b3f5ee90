/**
 * The server's time on a device whose clock is wrong: deadlines are the server's, so countdowns follow its
 * clock. Every answer carries the time in `Date` (RFC 9110 §6.6.1, whole seconds).
 */

/** Below this a difference is the line's delay or the cut seconds, not a wrong clock. */
const TOLERATED_MS = 2_000;
/** An answer that took longer says too little about when the server wrote its date. */
const MAX_ROUND_TRIP_MS = 4_000;

let offset = 0;

/** Learns from an answer: `started` and `ended` are `Date.now()` around the request. */
export function learnServerTime(dateHeader: string | null, started: number, ended: number): void {
  const date = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
  if (!Number.isFinite(date) || ended < started || ended - started > MAX_ROUND_TRIP_MS) return;
  // The date is cut to the second: on average half a second late.
  const difference = date + 500 - (started + ended) / 2;
  if (Math.abs(difference - offset) > TOLERATED_MS) offset = Math.abs(difference) <= TOLERATED_MS ? 0 : difference;
}

/** Milliseconds since the epoch by the server's clock, as well as it is known. */
export function serverNow(): number {
  return Date.now() + offset;
}
