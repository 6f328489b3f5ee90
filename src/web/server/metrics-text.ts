import type { EngineMetrics } from '../../engine/api.ts';

const NAME = /^([A-Za-z_][\w.:-]*)(\{[^\n]*\})?$/;

/** `name` or `name{label="value"}` as a metric name of ours with its labels; undefined when it cannot be one. */
function metric(name: string, suffix: string): { readonly family: string; readonly sample: string } | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const plain = match[1]!.replace(/[^A-Za-z0-9_:]/g, '_').replace(/^waybill_/, '').replace(new RegExp(`${suffix}$`), '');
  const family = `waybill_${plain}${suffix}`;
  return { family, sample: `${family}${match[2] ?? ''}` };
}

/** Figures in the Prometheus text format 0.0.4; samples of one family stand together under one TYPE line. */
export function metricsText(metrics: EngineMetrics, state: string): string {
  const families = new Map<string, { readonly type: string; readonly lines: string[] }>();
  const add = (name: string, type: 'counter' | 'gauge', value: number): void => {
    const found = metric(name, type === 'counter' ? '_total' : '');
    if (found === undefined || !Number.isFinite(value)) return;
    const family = families.get(found.family) ?? { type, lines: [] };
    family.lines.push(`${found.sample} ${value}`);
    families.set(found.family, family);
  };
  add('ready', 'gauge', state === 'ready' ? 1 : 0);
  for (const [name, value] of Object.entries(metrics.counters)) add(name, 'counter', value);
  for (const [name, value] of Object.entries(metrics.gauges)) add(name, 'gauge', value);
  for (const { name, labels, bounds, count, sum } of metrics.histograms ?? []) {
    const family = `waybill_${name}`;
    const { lines } = families.get(family) ?? families.set(family, { type: 'histogram', lines: [] }).get(family)!;
    lines.push(...bounds.map(([bound, within]) => `${family}_bucket{${labels},le="${bound}"} ${within}`), `${family}_bucket{${labels},le="+Inf"} ${count}`, `${family}_sum{${labels}} ${sum}`, `${family}_count{${labels}} ${count}`);
  }
  const { ledger } = metrics;
  if (ledger !== undefined) {
    add('ledger_ready', 'gauge', ledger.state === 'ready' ? 1 : 0);
    add('ledger_queued_commits', 'gauge', ledger.queuedCommits);
    add('ledger_queued_bytes', 'gauge', ledger.queuedBytes);
    add('ledger_last_position', 'gauge', ledger.lastPosition);
    add('ledger_checkpoint_size', 'gauge', ledger.checkpointSize);
    add('ledger_commit_milliseconds{quantile="0.5"}', 'gauge', ledger.commitMs.p50);
    add('ledger_commit_milliseconds{quantile="0.99"}', 'gauge', ledger.commitMs.p99);
  }
  return [...families].map(([family, { type, lines }]) => `# TYPE ${family} ${type}\n${lines.join('\n')}\n`).join('');
}
