import { decodePayload, edgeTopic, interpret, reportOpening, ReportTrigger, reportFilter, SparkplugPayloadError, type EdgeTopic, type MetricReport, type PayloadMetric, type SparkplugPayload } from '../../intake/sparkplug/index.ts';
import type { Json } from '../../domain/json.ts';
import { openingOf, takingOf, type SparkplugInNodeConfig } from './sparkplug-in-node.ts';

export interface TriedReport {
  readonly metrics: readonly { readonly name: string; readonly type: string; readonly value: string; readonly note?: string }[];
  readonly seq?: number;
  readonly timestamp?: number;
  readonly outcomes: readonly ({ readonly ok: true; readonly title: string; readonly facts: Readonly<Record<string, unknown>> } | { readonly ok: false; readonly message: string })[];
}

const SHOWN = 500;
/** Whoever sent a payload that came without its topic. */
const UNNAMED = { group: 'group', edgeNode: 'edge-node', device: 'device' };
const MOST_SHOWN = 200;

/** Reads a payload as a sparkplug in node with this configuration would, as if every value were new; records nothing. Throws RangeError when it cannot be read. */
export function tryPayload(config: SparkplugInNodeConfig, site: { readonly enterprise: string; readonly id: string }, text: string, topicName: string, now: number): TriedReport {
  const payload = read(text);
  const topic = topicName === '' ? undefined : edgeTopic(topicName);
  if (topicName !== '' && topic === undefined) throw new RangeError(`"${topicName}" is no topic of an edge node; write it like spBv1.0/Plant1/DDATA/Line4/Scanner1.`);
  const values = new Map<string, Json>();
  const metrics = payload.metrics.map((metric) => shownMetric(metric, values));
  const matches = topic === undefined ? reportFilter({ ...takingOf(config).filter, groups: [], edgeNodes: '', devices: '' }) : reportFilter(takingOf(config).filter);
  const trigger = new ReportTrigger({ ...takingOf(config).trigger, forMs: 0, atStart: true });
  const outcomes = payload.metrics.flatMap((metric, index): TriedReport['outcomes'] => {
    const report = reportOf(metric, index, payload, topic, values, now);
    if (report === undefined || !matches(report)) return [];
    const { events, trouble } = trigger.take(report, now);
    if (trouble !== undefined) return [{ ok: false, message: `${report.metric} ${trouble}.` }];
    return events.map((event) => {
      const opened = reportOpening(event, openingOf(config, site), now);
      return opened.ok ? { ok: true, title: opened.opening.title, facts: opened.opening.message.payload } : { ok: false, message: opened.message };
    });
  });
  return {
    metrics: metrics.slice(0, MOST_SHOWN), outcomes: outcomes.slice(0, MOST_SHOWN),
    ...(payload.seq === undefined ? {} : { seq: payload.seq }), ...(payload.timestamp === undefined ? {} : { timestamp: payload.timestamp }),
  };
}

function reportOf(metric: PayloadMetric, index: number, payload: SparkplugPayload, topic: EdgeTopic | undefined, values: ReadonlyMap<string, Json>, now: number): MetricReport | undefined {
  const value = metric.name === undefined ? undefined : values.get(metric.name);
  if (metric.name === undefined || value === undefined) return undefined;
  return {
    ...(topic ?? UNNAMED), metric: metric.name,
    type: metric.type ?? 'Unknown', value, known: false, changed: true, quality: metric.quality, historical: metric.historical, fromBirth: false,
    at: metric.timestamp ?? payload.timestamp ?? now, session: { birthAt: 0 }, index, ...(metric.properties === undefined ? {} : { properties: metric.properties }),
    beside: (name) => values.get(name),
  };
}

function shownMetric(metric: PayloadMetric, values: Map<string, Json>): TriedReport['metrics'][number] {
  const name = metric.name ?? `alias ${metric.alias ?? '?'}`;
  const type = metric.type ?? (metric.raw === undefined ? undefined : GUESSED[metric.raw.kind]) ?? 'Unknown';
  const note = metric.name === undefined ? 'its name stands in the birth certificate' : metric.type === undefined ? 'its data type stands in the birth certificate' : undefined;
  const noted = note === undefined ? {} : { note };
  if (metric.isNull || metric.raw === undefined) return { name, type, value: 'null', ...noted };
  const interpreted = interpret(metric.raw, type);
  if (!interpreted.ok) return { name, type, value: '', note: interpreted.reason };
  if (metric.name !== undefined) values.set(metric.name, interpreted.value);
  return { name, type, value: JSON.stringify(interpreted.value).slice(0, SHOWN), ...noted };
}

const GUESSED = { int: 'UInt32', long: 'UInt64', float: 'Float', double: 'Double', boolean: 'Boolean', string: 'String', bytes: 'Bytes', dataset: 'DataSet', template: 'Template', properties: 'PropertySet' } as const;

/** Hexadecimal or base64: what reads as the first and is no payload may be the second. */
function read(text: string): SparkplugPayload {
  const plain = text.replace(/\s+/g, '');
  const ways = [...(/^(0x)?([0-9a-f]{2})+$/i.test(plain) ? [Buffer.from(plain.replace(/^0x/i, ''), 'hex')] : []), ...(/^[A-Za-z0-9+/_-]+={0,2}$/.test(plain) ? [Buffer.from(plain, 'base64')] : [])];
  if (ways.length === 0) throw new RangeError('This is neither base64 nor hexadecimal.');
  let problem: SparkplugPayloadError | undefined;
  for (const bytes of ways) {
    try {
      return decodePayload(bytes);
    } catch (error) {
      if (!(error instanceof SparkplugPayloadError)) throw error;
      problem ??= error;
    }
  }
  throw new RangeError(`This is no Sparkplug payload: it holds ${problem?.message ?? 'nothing'}.`);
}
