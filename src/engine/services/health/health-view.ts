import { quotaState } from '../../../domain/service/index.ts';
import type { Amounts, ServiceCost } from '../../../domain/service/index.ts';
import type { CircuitView } from '../../circuits.ts';
import type { Callers, ServiceCaller } from '../../governance/service-views.ts';
import type { Limits } from '../limits.ts';
import type { ServiceStop, ServiceStops } from '../stops.ts';
import type { KnownService, ServiceSource } from '../source.ts';
import { callsOf, countedSince, SLICE_MS } from './figures.ts';
import type { Counted, Failure, Figures } from './figures.ts';
import { amountsOfTemplates } from './template-costs.ts';
import type { TemplateCostRow } from './template-costs.ts';
import { healthKey } from './health-book.ts';
import type { HealthBook } from './health-book.ts';
import { LATENCY_BOUNDS, percentile } from './latency.ts';

export const TREND_HOURS = 12;
const DAY_MS = 86_400_000;

/** A quarter of an hour of the drawn line; times ISO 8601, null where there was no call. */
export interface TrendPoint { readonly at: string; readonly calls: number; readonly failed: number; readonly p50: number | null; readonly p95: number | null }

export interface QuotaView { readonly used: number; readonly calls: number; readonly per: 'hour' | 'day'; readonly resetsAt: string }

/** How a service at a system of this site is doing; figures of the last 24 hours unless they say otherwise. */
export interface ServiceHealthRow {
  readonly id: string;
  /** `family/name@1.2.3`, a node's own word, or '' where the node has none. */
  readonly service: string;
  readonly system: string;
  readonly title: string | null;
  readonly owner: string | null;
  /** Where it is in its life; null: the catalogue does not have it. */
  readonly status: KnownService['status'] | null;
  readonly sunset: string | null;
  readonly successor: string | null;
  /** Not called at the moment, by whose word, and why. */
  readonly stopped: ServiceStop | null;
  readonly calls: number;
  readonly success: number;
  readonly refused: number;
  readonly again: number;
  readonly unanswered: number;
  readonly retries: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly trend: readonly TrendPoint[];
  readonly circuit: CircuitView | null;
  /** Waiting for their place by the rate limit, in this process. */
  readonly waiting: number;
  readonly pausedUntil: string | null;
  readonly quota: QuotaView | null;
  /** Open now. */
  readonly deadLetters: number;
  readonly unknown: number;
  readonly lastFailure: Failure | null;
  readonly perCall: ServiceCost | null;
  readonly cost: Amounts;
  readonly since: string | null;
  readonly callers: number;
}

/** A row with what is behind it. */
export interface ServiceHealthDetail extends ServiceHealthRow {
  /** Upper bound of each bin in ms, null for the last, and how many calls took that long. */
  readonly histogram: readonly { readonly upToMs: number | null; readonly calls: number }[];
  readonly failures: readonly Failure[];
  readonly calledBy: readonly ServiceCaller[];
  readonly limits: { readonly concurrency: number; readonly perSecond: number; readonly burst: number } | null;
}

export interface ServiceHealthList {
  readonly at: string;
  /** Figures of before the start are still being counted from the ledger. */
  readonly counting: boolean;
  readonly rows: readonly ServiceHealthRow[];
  readonly templates: readonly TemplateCostRow[];
}

export interface HealthSources {
  readonly book: HealthBook;
  readonly services: ServiceSource;
  readonly limits: Limits;
  readonly stops: ServiceStops;
  readonly circuit: (system: string) => CircuitView | undefined;
  /** Who calls what by the running flows. */
  readonly callers: Callers;
  readonly now: number;
}

interface Pair { readonly service: string; readonly system: string }

export const rowId = ({ service, system }: Pair): string => Buffer.from(healthKey(service, system)).toString('base64url');

/** The calling nodes by the row that their calls are counted in. */
function callersByRow(callers: Callers): ReadonlyMap<string, { readonly pair: Pair; readonly callers: readonly ServiceCaller[] }> {
  const found = new Map<string, { pair: Pair; callers: ServiceCaller[] }>();
  for (const [service, of] of callers) {
    for (const caller of of) {
      const key = healthKey(service, caller.system);
      const row = found.get(key) ?? { pair: { service, system: caller.system }, callers: [] };
      row.callers.push(caller);
      found.set(key, row);
    }
  }
  return found;
}

function trendOf(figures: Figures | undefined, now: number): readonly TrendPoint[] {
  const last = Math.floor(now / SLICE_MS);
  const bySlice = new Map(figures?.slices.map((slice) => [slice.at, slice]));
  return Array.from({ length: (TREND_HOURS * 3_600_000) / SLICE_MS }, (_, i) => {
    const at = last - (TREND_HOURS * 3_600_000) / SLICE_MS + 1 + i;
    const slice = bySlice.get(at);
    return {
      at: new Date(at * SLICE_MS).toISOString(), calls: slice === undefined ? 0 : callsOf(slice), failed: slice === undefined ? 0 : callsOf(slice) - slice.success,
      p50: slice === undefined ? null : percentile(slice.bins, 0.5), p95: slice === undefined ? null : percentile(slice.bins, 0.95),
    };
  });
}

function rowOf(pair: Pair, callers: number, open: { readonly dead: number; readonly unknown: number } | undefined, { book, services, limits, stops, circuit, now }: HealthSources): ServiceHealthRow & { readonly day: Counted } {
  const figures = book.one(pair.service, pair.system);
  const day = countedSince(figures ?? { slices: [] }, now - DAY_MS);
  const known = services.service(pair.service);
  const limit = known === undefined ? undefined : limits.view(`${known.definition.id} ${pair.system}`, now);
  const quota = known?.definition.limits.quota;
  const state = quota === undefined ? undefined : quotaState(quota, limit?.use, now);
  return {
    ...pair, id: rowId(pair), day,
    title: known?.definition.title ?? null, owner: known?.definition.owner ?? null, status: known?.status ?? null, sunset: known?.sunset ?? null, successor: known?.successor ?? null, stopped: stops.of(pair.service) ?? null,
    calls: callsOf(day), success: day.success, refused: day.permanent, again: day.transient, unanswered: day.unknown, retries: day.retries,
    p50: percentile(day.bins, 0.5), p95: percentile(day.bins, 0.95), p99: percentile(day.bins, 0.99), trend: trendOf(figures, now),
    circuit: circuit(pair.system) ?? null, waiting: (limit?.waiting ?? 0) + stops.waiting(pair.service), pausedUntil: limit?.pausedUntil ?? null,
    quota: quota === undefined || state === undefined ? null : { used: state.used, calls: quota.calls, per: quota.per, resetsAt: new Date(state.resetsAt).toISOString() },
    deadLetters: open?.dead ?? 0, unknown: open?.unknown ?? 0, lastFailure: figures?.failures[0] ?? null,
    perCall: known?.definition.cost ?? null, cost: figures?.cost ?? {}, since: figures?.since ?? null, callers,
  };
}

/** Every service at every system that running flows call, or that was called: what needs somebody first. */
export function serviceHealth(sources: HealthSources): ServiceHealthList {
  const callers = callersByRow(sources.callers);
  const open = sources.book.open();
  const pairs = new Map<string, Pair>(sources.book.figures().map(({ service, system }) => [healthKey(service, system), { service, system }]));
  for (const [key, { pair }] of callers) if (!pairs.has(key)) pairs.set(key, pair);
  const rows = [...pairs].map(([key, pair]) => {
    const { day: _day, ...row } = rowOf(pair, callers.get(key)?.callers.length ?? 0, open.get(key), sources);
    return row;
  });
  const trouble = (row: ServiceHealthRow): number => (row.stopped !== null || (row.circuit !== null && row.circuit.state !== 'closed') ? 4 : 0) + (row.unknown > 0 ? 2 : 0) + (row.deadLetters > 0 ? 1 : 0);
  rows.sort((a, b) => trouble(b) - trouble(a) || (a.title ?? a.service).localeCompare(b.title ?? b.service) || a.system.localeCompare(b.system));
  return { at: new Date(sources.now).toISOString(), counting: sources.book.behind, rows, templates: amountsOfTemplates(sources.book.templateCosts()) };
}

/** One row with what is behind it; undefined when there is none of this id. */
export function serviceHealthOf(id: string, sources: HealthSources): ServiceHealthDetail | undefined {
  const callers = callersByRow(sources.callers);
  const pair = [...sources.book.figures(), ...[...callers.values()].map((each) => each.pair)].find((each) => rowId(each) === id);
  if (pair === undefined) return undefined;
  const key = healthKey(pair.service, pair.system);
  const calledBy = callers.get(key)?.callers ?? [];
  const { day, ...row } = rowOf({ service: pair.service, system: pair.system }, calledBy.length, sources.book.open().get(key), sources);
  const limits = sources.services.service(pair.service)?.definition.limits;
  return {
    ...row, calledBy, failures: sources.book.one(pair.service, pair.system)?.failures ?? [],
    histogram: day.bins.map((calls, bin) => ({ upToMs: LATENCY_BOUNDS[bin] ?? null, calls })),
    limits: limits === undefined ? null : { concurrency: limits.concurrency, perSecond: limits.perSecond, burst: limits.burst },
  };
}
