import type { Json, JsonObject } from '../../domain/json.ts';
import { interpret, type DataType } from './datatypes.ts';
import type { EdgeStatus, MetricView, RebirthReason } from './host-types.ts';
import type { PayloadMetric, Quality } from './payload.ts';

interface Kept {
  readonly type: DataType;
  readonly alias: string | undefined;
  /** Undefined while none is known, or when it is too large to be kept. */
  value: Json | undefined;
  /** Tells whether a value is the same as before. */
  print: string | undefined;
  quality: Quality;
  at: number;
}

/** What one metric of a message says. */
export interface Reading {
  readonly metric: string;
  readonly type: DataType;
  readonly value: Json;
  readonly previous?: Json;
  readonly known: boolean;
  readonly changed: boolean;
  readonly quality: Quality;
  readonly historical: boolean;
  readonly at: number;
  readonly index: number;
  readonly properties?: JsonObject;
}

/** A metric that could not be taken, with what it asks for. */
export interface Unread { readonly metric: string; readonly reason: string; readonly rebirth?: RebirthReason }

const KEPT_CHARACTERS = 4_096;

/** An edge node or a device: what its birth certificate named, and how that stands. */
export class Owner {
  status: EdgeStatus = 'unknown';
  /** Epoch milliseconds of the last change of `status`. */
  since: number;
  #metrics = new Map<string, Kept>();
  #names = new Map<string, string>();

  constructor(now: number) {
    this.since = now;
  }

  get size(): number {
    return this.#metrics.size;
  }

  value(name: string): Json | undefined {
    const kept = this.#metrics.get(name);
    return kept === undefined || kept.quality !== 'good' ? undefined : kept.value;
  }

  /** The name that the alias stands for; aliases are unique within an edge node (tck-id-payloads-alias-uniqueness). */
  nameOf(alias: string): string | undefined {
    return this.#names.get(alias);
  }

  /** A birth certificate names everything anew. Values that were known serve to see what has changed meanwhile. */
  born(metrics: readonly PayloadMetric[], now: number, at: number): { readonly readings: readonly Reading[]; readonly unread: readonly Unread[] } {
    const before = this.#metrics;
    this.#metrics = new Map();
    this.#names = new Map();
    this.status = 'online';
    this.since = at;
    const unread: Unread[] = [];
    const readings = metrics.flatMap((metric, index): readonly Reading[] => {
      const { name, type } = metric;
      if (name === undefined || type === undefined || type === 'Unknown') {
        unread.push({ metric: name ?? `number ${index + 1}`, reason: 'a metric without a name or a known data type' });
        return [];
      }
      const kept: Kept = this.#metrics.get(name) ?? { type, alias: metric.alias, ...remembered(before.get(name), type), quality: 'good', at };
      this.#metrics.set(name, kept);
      if (metric.alias !== undefined) this.#names.set(metric.alias, name);
      return this.#take(name, kept, metric, { now, at, index, unread });
    });
    return { readings, unread };
  }

  /** Data of what the birth certificate named. */
  data(metrics: readonly PayloadMetric[], now: number, at: number): { readonly readings: readonly Reading[]; readonly unread: readonly Unread[] } {
    const unread: Unread[] = [];
    const readings = metrics.flatMap((metric, index): readonly Reading[] => {
      const name = metric.name ?? (metric.alias === undefined ? undefined : this.#names.get(metric.alias));
      const kept = name === undefined ? undefined : this.#metrics.get(name);
      if (name === undefined || kept === undefined) {
        unread.push(name === undefined
          ? { metric: `alias ${metric.alias ?? 'none'}`, reason: 'an alias that its birth certificate does not name', rebirth: 'unknown-alias' }
          : { metric: name, reason: 'a metric that its birth certificate does not name', rebirth: 'unknown-metric' });
        return [];
      }
      if (metric.type !== undefined && metric.type !== kept.type) {
        unread.push({ metric: name, reason: `a ${metric.type}, where its birth certificate says ${kept.type}`, rebirth: 'type-change' });
        return [];
      }
      return this.#take(name, kept, metric, { now, at, index, unread });
    });
    return { readings, unread };
  }

  /** tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale and its like. */
  gone(status: 'offline' | 'unknown', at: number): void {
    if (this.status !== status) this.since = at;
    this.status = status;
    for (const kept of this.#metrics.values()) {
      if (kept.quality !== 'stale') kept.at = at;
      kept.quality = 'stale';
    }
  }

  view(most: number): { readonly metrics: readonly MetricView[]; readonly more: number } {
    const metrics = [...this.#metrics].slice(0, most).map(([name, { type, value, quality, at }]): MetricView => ({ name, type, value: value ?? null, quality, at }));
    return { metrics, more: this.#metrics.size - metrics.length };
  }

  #take(name: string, kept: Kept, metric: PayloadMetric, { at, index, unread }: { readonly now: number; readonly at: number; readonly index: number; readonly unread: Unread[] }): readonly Reading[] {
    const read = metric.isNull || metric.raw === undefined ? { ok: true as const, value: null } : interpret(metric.raw, kept.type);
    if (!read.ok) {
      kept.quality = 'bad';
      unread.push({ metric: name, reason: read.reason });
      return [];
    }
    const text = JSON.stringify(read.value);
    const print = text.length <= KEPT_CHARACTERS ? text : fingerprint(text);
    const time = metric.timestamp ?? at;
    const reading: Reading = {
      metric: name, type: kept.type, value: read.value, known: kept.print !== undefined, changed: kept.print !== print,
      ...(kept.value === undefined ? {} : { previous: kept.value }),
      quality: metric.quality, historical: metric.historical, at: time, index,
      ...(metric.properties === undefined ? {} : { properties: metric.properties }),
    };
    if (!metric.historical) {
      kept.value = text.length <= KEPT_CHARACTERS ? read.value : undefined;
      kept.print = print;
      kept.quality = metric.quality;
      kept.at = time;
    }
    return [reading];
  }
}

/** What is known of a metric from before its new birth; nothing of one that is of another type now. */
function remembered(before: Kept | undefined, type: DataType): Pick<Kept, 'value' | 'print'> {
  return before === undefined || before.type !== type ? { value: undefined, print: undefined } : { value: before.value, print: before.print };
}

/** FNV-1a over a text that is too long to be kept, with its length. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return `#${text.length}:${hash}`;
}
