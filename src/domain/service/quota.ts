import type { ServiceLimits } from './service.ts';

export type Quota = NonNullable<ServiceLimits['quota']>;

/** Calls of one site to one service in one window. */
export interface QuotaUse {
  /** Where the window begins; milliseconds since 1970. */
  readonly since: number;
  readonly calls: number;
}

const LENGTH = { hour: 3_600_000, day: 86_400_000 } as const;

/** Windows lie fixed on the hours and days of UTC, so that every process of a site, and whoever asks later, means the same one. */
export function quotaWindow({ per }: Pick<Quota, 'per'>, now: number): { readonly since: number; readonly until: number } {
  const length = LENGTH[per];
  const since = Math.floor(now / length) * length;
  return { since, until: since + length };
}

/** What stands of a quota at a moment. */
export interface QuotaState {
  readonly used: number;
  readonly left: number;
  /** When the next window begins; milliseconds since 1970. */
  readonly resetsAt: number;
}

/** Calls of another window do not count; a clock that went back does not give back what was used. */
function standing(quota: Quota, use: QuotaUse | undefined, now: number): QuotaUse {
  const { since } = quotaWindow(quota, now);
  return use === undefined || use.since < since ? { since, calls: 0 } : use;
}

export function quotaState(quota: Quota, use: QuotaUse | undefined, now: number): QuotaState {
  const { since, calls } = standing(quota, use, now);
  return { used: calls, left: Math.max(0, quota.calls - calls), resetsAt: quotaWindow(quota, Math.max(since, now)).until };
}

/** Takes one call of a quota; `taken` false leaves the use as it was, and the call waits until `resetsAt`. */
export function takeQuota(quota: Quota, use: QuotaUse | undefined, now: number): { readonly taken: boolean; readonly use: QuotaUse; readonly resetsAt: number } {
  const before = standing(quota, use, now);
  const { left, resetsAt } = quotaState(quota, use, now);
  return left === 0 ? { taken: false, use: before, resetsAt } : { taken: true, use: { ...before, calls: before.calls + 1 }, resetsAt };
}
