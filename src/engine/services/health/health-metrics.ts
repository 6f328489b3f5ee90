import type { EngineMetrics } from '../../api.ts';
import { metricLabel } from '../../support/metric-label.ts';
import { LATENCY_BOUNDS } from './latency.ts';
import type { ServiceHealthRow } from './health-view.ts';
import type { Figures } from './figures.ts';

/** Bounds of the histogram, seconds: a part of those that are counted. */
const SHOWN_MS: readonly number[] = [10, 50, 100, 300, 1_000, 3_000, 10_000, 30_000];
const STATES = { 'closed': 0, 'half-open': 1, 'open': 2 } as const;

/** The figures of services for Prometheus. Labels are service and system alone; there are no more rows than the book keeps. */
export function healthMetrics(figures: readonly Figures[], rows: readonly ServiceHealthRow[]): Pick<EngineMetrics, 'counters' | 'gauges' | 'histograms'> {
  const counters: Record<string, number> = {};
  const gauges: Record<string, number> = {};
  const histograms: { name: string; labels: string; bounds: readonly (readonly [number, number])[]; count: number; sum: number }[] = [];
  for (const { service, system, total, cost } of figures) {
    const labels = `service="${metricLabel(service)}",system="${metricLabel(system)}"`;
    for (const outcome of ['success', 'transient', 'permanent', 'unknown'] as const) counters[`service_calls{${labels},outcome="${outcome}"}`] = total[outcome];
    counters[`service_retries{${labels}}`] = total.retries;
    counters[`service_dead_letters{${labels}}`] = total.deadLetters;
    for (const [currency, amount] of Object.entries(cost)) counters[`service_cost{${labels},currency="${currency}"}`] = Number(amount);
    const upTo = (ms: number): number => total.bins.reduce((sum, calls, bin) => sum + ((LATENCY_BOUNDS[bin] ?? Number.POSITIVE_INFINITY) <= ms ? calls : 0), 0);
    histograms.push({
      name: 'service_call_seconds', labels, bounds: SHOWN_MS.map((ms) => [ms / 1_000, upTo(ms)] as const), count: total.bins.reduce((a, b) => a + b, 0), sum: total.durationMs / 1_000,
    });
  }
  for (const { service, system, deadLetters, unknown, waiting, quota, circuit, stopped } of rows) {
    const labels = `service="${metricLabel(service)}",system="${metricLabel(system)}"`;
    gauges[`service_dead_letters_open{${labels}}`] = deadLetters;
    gauges[`service_outcomes_unknown{${labels}}`] = unknown;
    gauges[`service_calls_waiting{${labels}}`] = waiting;
    gauges[`service_stopped{${labels}}`] = stopped === null ? 0 : 1;
    if (quota !== null) gauges[`service_quota_used_ratio{${labels}}`] = Math.round((quota.used / quota.calls) * 10_000) / 10_000;
    if (circuit !== null) gauges[`system_circuit_state{system="${metricLabel(system)}"}`] = STATES[circuit.state];
  }
  return { counters, gauges, histograms };
}
