import type { ServiceLimits } from '../../domain/service/index.ts';

/** What a caller has left. */
export interface Measured {
  readonly allowed: boolean;
  /** Requests that would be let through at once now. */
  readonly remaining: number;
  /** Until the bucket is full again, or, when nothing is left, until the next one is let through; s. */
  readonly seconds: number;
}

/**
 * One token bucket for each caller of each service, by theoretical arrival times (GCRA, ITU-T I.371). What is refused costs
 * nothing. It is in memory: after a restart the bucket is full.
 */
export class Meter {
  readonly #due = new Map<string, number>();

  /** @param now ms since 1970 */
  take(key: string, { perSecond, burst }: Pick<ServiceLimits, 'perSecond' | 'burst'>, now: number): Measured {
    if (perSecond <= 0) return { allowed: true, remaining: Number.MAX_SAFE_INTEGER, seconds: 0 };
    const pause = 1_000 / perSecond;
    const slack = (Math.max(1, burst) - 1) * pause;
    const due = Math.max(this.#due.get(key) ?? 0, now);
    if (due - slack > now) return { allowed: false, remaining: 0, seconds: Math.max(1, Math.ceil((due - slack - now) / 1_000)) };
    const next = due + pause;
    this.#due.set(key, next);
    return { allowed: true, remaining: Math.max(0, Math.floor((now + slack - next) / pause + 1 + 1e-9)), seconds: Math.ceil((next - now) / 1_000) };
  }
}

/** Fields of draft-ietf-httpapi-ratelimit-headers-10: what holds, and what is left. */
export function rateHeaders({ perSecond, burst }: Pick<ServiceLimits, 'perSecond' | 'burst'>, { remaining, seconds }: Measured): Readonly<Record<string, string>> {
  if (perSecond <= 0) return {};
  const most = Math.max(1, burst);
  return { 'RateLimit-Policy': `"caller";q=${most};w=${Math.max(1, Math.ceil(most / perSecond))}`, 'RateLimit': `"caller";r=${remaining};t=${seconds}` };
}
