import { keyOf, type PlcTag } from './plc-tags.ts';
import type { PlcCounter } from './plc-recorder.ts';
import { isGood, statusName } from '../tags/tags.ts';
import { MOST_AHEAD_MS, type TagReading } from '../triggers/index.ts';
import { plainValue } from '../tags/values.ts';
import type { WatchedBatch } from '../subscription/watched.ts';
import type { DataValue } from 'node-opcua-client';

/** What a notification says in the words of the node. */
export interface BatchReading {
  readonly readings: readonly TagReading[];
  /** The server dropped values before one of these. */
  readonly overflow?: { readonly fromMs: number; readonly toMs: number };
  /** A time in it is not the value's own: it would be another one the next time. */
  readonly unsteady: boolean;
}

interface Watched { readonly names: readonly string[]; lastAt: number; bad: string | undefined; ahead: boolean; overflow: boolean }

/** Reads values into tags; says once of each what is wrong with it, and counts. */
export class PlcReader {
  readonly #byKey = new Map<string, Watched>();
  readonly #count: (name: PlcCounter, by: number) => void;
  readonly #say: (text: string) => void;
  /** By name of a tag: values that are not newer came from the server's history already, and come once more as they were queued. */
  until: { readonly [tag: string]: number } = {};
  readonly counters = { values: 0, bad: 0, notNumbers: 0, future: 0, overflows: 0 };

  constructor(tags: readonly PlcTag[], count: (name: PlcCounter, by: number) => void, say: (text: string) => void) {
    this.#count = count;
    this.#say = say;
    for (const tag of tags) {
      const key = keyOf(tag);
      this.#byKey.set(key, { names: [...this.#byKey.get(key)?.names ?? [], tag.name], lastAt: 0, bad: undefined, ahead: false, overflow: false });
    }
  }

  /** Of each tag that is not as it should be now, one sentence. */
  get problems(): readonly string[] {
    return [...this.#byKey.values()].flatMap((watched) => {
      const name = watched.names[0] ?? '';
      return [...(watched.bad === undefined ? [] : [badText(name, watched.bad)]), ...(watched.ahead ? [`The time of the tag "${name}" is in the future; until its clock is set, its events have the time at which they arrive.`] : [])];
    });
  }

  read({ values, publishedAt, receivedAt }: WatchedBatch): BatchReading {
    const readings: TagReading[] = [];
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    let unsteady = false;
    for (const { key, value, overflow } of values) {
      const watched = this.#byKey.get(key);
      if (watched === undefined) continue;
      const at = timeOf(value, publishedAt);
      const good = isGood(value.statusCode);
      const plain = plainValue(value.value as unknown as Parameters<typeof plainValue>[0]);
      this.#judge(watched, good ? undefined : statusName(value.statusCode), at - receivedAt);
      if (typeof plain === 'number' && !Number.isFinite(plain)) this.counters.notNumbers += 1;
      if (watched.ahead) unsteady = true;
      if (overflow) {
        this.counters.overflows += 1;
        from = Math.min(from, watched.lastAt === 0 ? at : watched.lastAt);
        to = Math.max(to, at);
      }
      watched.lastAt = at;
      for (const tag of watched.names) if (at > (this.until[tag] ?? 0)) readings.push({ tag, good, at, receivedAt, ...(plain === undefined ? {} : { value: plain }) });
    }
    this.counters.values += values.length;
    this.#count('plc_values', values.length);
    return { readings, unsteady, ...(to === 0 ? {} : { overflow: { fromMs: from, toMs: to } }) };
  }

  #judge(watched: Watched, bad: string | undefined, aheadMs: number): void {
    const name = watched.names[0] ?? '';
    if (bad !== undefined) this.counters.bad += 1;
    if (bad !== watched.bad) {
      watched.bad = bad;
      if (bad !== undefined) this.#say(badText(name, bad));
    }
    const ahead = aheadMs > MOST_AHEAD_MS;
    if (ahead) this.counters.future += 1;
    if (ahead && !watched.ahead) this.#say(`The time of the tag "${name}" is ${Math.round(aheadMs / 1_000)} s in the future; until its clock is set, its events have the time at which they arrive.`);
    watched.ahead = ahead;
  }
}

function badText(name: string, status: string): string {
  return `The tag "${name}" has no good value (${status}); its events wait until it has.`;
}

/** When it came to be: by its source, else by the server, else when it was published. Epoch milliseconds. */
function timeOf(value: DataValue, publishedAt: number): number {
  for (const time of [value.sourceTimestamp, value.serverTimestamp] as readonly unknown[]) {
    if (time instanceof Date && time.getTime() > 0) return time.getTime();
  }
  return publishedAt;
}
