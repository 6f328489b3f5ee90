import type { EdgeNodeView, RebirthReason } from './host-types.ts';
import { Owner } from './owner.ts';
import type { SparkplugPayload } from './payload.ts';
import type { EdgeTopic } from './topics.ts';

/** A message that was read, and when it came. */
export interface Arrived { readonly topic: EdgeTopic; readonly payload: SparkplugPayload; readonly at: number; readonly bytes: number }

const RING = 256;
const MOST_METRICS_SHOWN = 200;
const MOST_DEVICES_SHOWN = 100;

/** What is known of one edge node: its session, its sequence, and what it and its devices have named. */
export class EdgeNode {
  readonly group: string;
  readonly name: string;
  readonly own: Owner;
  readonly devices = new Map<string, Owner>();
  /** `bdSeq` of the birth certificate: the will of the same connection carries it. */
  bdSeq: string | undefined;
  birthAt = 0;
  /** Sequence number of the last message that was taken in its order. */
  seq = 0;
  /** Time of that message. */
  lastAt = 0;
  /** By sequence number: came before their turn. */
  readonly waiting = new Map<number, Arrived>();
  waitingSince: number | undefined;
  /** Came before the birth certificate. */
  early: Arrived[] = [];
  /** Since when something of it is missing that a new birth will mend. */
  missing: { readonly reason: 'no-birth' | 'not-in-birth'; readonly from: number } | undefined;
  /** When a rebirth is to be asked for, and why. */
  rebirth: { readonly due: number; readonly reason: RebirthReason } | undefined;
  lastAskedAt: number | undefined;
  askEveryMs = 0;

  constructor(group: string, name: string, now: number) {
    this.group = group;
    this.name = name;
    this.own = new Owner(now);
  }

  get source(): string {
    return `${this.group}/${this.name}`;
  }

  get born(): boolean {
    return this.own.status === 'online';
  }

  /** Metrics and devices. */
  get size(): number {
    let size = this.own.size + this.devices.size;
    for (const device of this.devices.values()) size += device.size;
    return size;
  }

  get waitingBytes(): number {
    let bytes = 0;
    for (const { bytes: more } of this.waiting.values()) bytes += more;
    for (const { bytes: more } of this.early) bytes += more;
    return bytes;
  }

  /** How many places a message is ahead of its turn: 0 is its turn, 255 the message that was taken last once more. */
  ahead(seq: number): number {
    return (seq - this.seq - 1 + 2 * RING) % RING;
  }

  /** The next message in order, if it waits. */
  next(): Arrived | undefined {
    const seq = (this.seq + 1) % RING;
    const message = this.waiting.get(seq);
    this.waiting.delete(seq);
    return message;
  }

  /** All that wait, in their order; none waits any more. */
  takeWaiting(): readonly Arrived[] {
    const all = [...this.waiting].sort(([one], [other]) => this.ahead(one) - this.ahead(other)).map(([, message]) => message);
    this.waiting.clear();
    this.waitingSince = undefined;
    return all;
  }

  /** The session is over: everything is stale from then on. */
  gone(status: 'offline' | 'unknown', at: number): void {
    this.own.gone(status, at);
    for (const device of this.devices.values()) device.gone(status, at);
    this.waiting.clear();
    this.waitingSince = undefined;
    this.rebirth = undefined;
  }

  view(): EdgeNodeView {
    return {
      group: this.group, edgeNode: this.name, status: this.own.status, since: this.own.since,
      ...(this.bdSeq === undefined ? {} : { bdSeq: this.bdSeq }),
      ...this.own.view(MOST_METRICS_SHOWN),
      devices: [...this.devices].slice(0, MOST_DEVICES_SHOWN).map(([id, device]) => ({ id, status: device.status, since: device.since, ...device.view(MOST_METRICS_SHOWN) })),
      waiting: this.waiting.size + this.early.length,
      ...(this.lastAskedAt === undefined ? {} : { rebirthAsked: this.lastAskedAt }),
    };
  }
}
