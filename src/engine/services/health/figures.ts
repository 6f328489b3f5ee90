import type { CallOutcome } from '../../../domain/events.ts';
import { withAmount } from '../../../domain/service/index.ts';
import type { Amounts, ServiceCost } from '../../../domain/service/index.ts';
import { binOf, latencyBins } from './latency.ts';

/** Length of a slice, ms. */
export const SLICE_MS = 900_000;
/** A day. */
const MOST_SLICES = 96;
const MOST_FAILURES = 12;

/** What was counted of the calls of one service at one system. */
export interface Counted {
  success: number; transient: number; permanent: number; unknown: number;
  retries: number; deadLetters: number;
  /** Calls by the time they took; see latency.ts. */
  bins: number[];
}
/** A quarter of an hour; `at` is its beginning divided by its length. */
export interface Slice extends Counted { readonly at: number }

/** A call without success; what was said is in its case. */
export interface Failure {
  readonly at: string; readonly caseId: string; readonly effectId: string; readonly callId: string;
  readonly operation: string; readonly outcome: Exclude<CallOutcome, 'success'>; readonly errorClass: string | null; readonly httpStatus: number | null;
}

/** Figures of one service at one system; plain data, kept as they are. */
export interface Figures {
  /** `family/name@1.2.3`, or a node's own word. */
  readonly service: string;
  readonly system: string;
  /** Since this was counted from; `total` only grows. */
  readonly since: string;
  readonly total: Counted & { durationMs: number };
  readonly slices: Slice[];
  /** The newest first. */
  readonly failures: Failure[];
  cost: Amounts;
  lastAt: string;
}

const nothing = (): Counted => ({ success: 0, transient: 0, permanent: 0, unknown: 0, retries: 0, deadLetters: 0, bins: latencyBins() });

export function newFigures(service: string, system: string, at: string): Figures {
  return { service, system, since: at, total: { ...nothing(), durationMs: 0 }, slices: [], failures: [], cost: {}, lastAt: at };
}

/** @param now ms since 1970 */
function sliceAt({ slices }: Figures, now: number): Slice {
  const at = Math.floor(now / SLICE_MS);
  // A clock that went back counts into what is newest.
  const last = slices.at(-1);
  if (last !== undefined && last.at >= at) return last;
  const slice = { at, ...nothing() };
  slices.push(slice);
  while (slices.length > MOST_SLICES || slices[0]!.at <= at - MOST_SLICES) slices.shift();
  return slice;
}

export interface Ended { readonly outcome: CallOutcome; readonly durationMs: number; readonly now: number; readonly failure: Omit<Failure, 'outcome' | 'at'> }

export function countCall(figures: Figures, { outcome, durationMs, now, failure }: Ended): void {
  const bin = binOf(durationMs);
  for (const counted of [figures.total, sliceAt(figures, now)]) {
    counted[outcome] += 1;
    counted.bins[bin] = (counted.bins[bin] ?? 0) + 1;
  }
  figures.total.durationMs += durationMs;
  figures.lastAt = new Date(now).toISOString();
  if (outcome === 'success') return;
  figures.failures.unshift({ ...failure, outcome, at: figures.lastAt });
  if (figures.failures.length > MOST_FAILURES) figures.failures.pop();
}

export function countOther(figures: Figures, what: 'retries' | 'deadLetters', now: number): void {
  for (const counted of [figures.total, sliceAt(figures, now)]) counted[what] += 1;
}

export function addCost(figures: Figures, cost: ServiceCost): void {
  figures.cost = withAmount(figures.cost, cost);
}

/** All slices that begin after this, together. */
export function countedSince({ slices }: Pick<Figures, 'slices'>, from: number): Counted {
  const sum = nothing();
  for (const slice of slices) {
    if ((slice.at + 1) * SLICE_MS <= from) continue;
    for (const name of ['success', 'transient', 'permanent', 'unknown', 'retries', 'deadLetters'] as const) sum[name] += slice[name];
    for (const [bin, count] of slice.bins.entries()) sum.bins[bin] = (sum.bins[bin] ?? 0) + count;
  }
  return sum;
}

export function callsOf({ success, transient, permanent, unknown }: Counted): number {
  return success + transient + permanent + unknown;
}
