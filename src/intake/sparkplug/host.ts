import { EdgeNode, type Arrived } from './edge-node.ts';
import { SparkplugPayloadError } from './errors.ts';
import type { EdgeNodeView, GapReason, HostCounters, HostEffect, HostLimits, HostOptions, RebirthReason } from './host-types.ts';
import { Owner, type Reading, type Unread } from './owner.ts';
import { decodePayload, defaultPayloadLimits, type PayloadMetric, type SparkplugPayload } from './payload.ts';
import type { EdgeTopic } from './topics.ts';

export const defaultHostLimits: HostLimits = { edgeNodes: 200, metrics: 20_000, waitingBytes: 4_194_304, payload: defaultPayloadLimits };

const BD_SEQ = 'bdSeq';
const ASK_EVERY_MS = 5_000;
const ASK_AT_MOST_EVERY_MS = 300_000;
/** After so long without trouble the first step counts again. */
const CALM_MS = 600_000;
/** Messages of an edge node that came before its birth certificate. */
const MOST_EARLY = 256;
/** Half of the ring of sequence numbers: farther ahead is behind. */
const HALF = 128;

/**
 * A Sparkplug 3.0 host application without its connection: what edge nodes send, in; what is to be done, out. Knows no
 * clock and no timer: times come in, and `nextDue` says when `tick` wants to be called. Never throws on what comes in.
 */
export class SparkplugHost {
  readonly #options: HostOptions;
  readonly #nodes = new Map<string, EdgeNode>();
  /** Those for which time alone will decide something. */
  readonly #due = new Set<EdgeNode>();
  readonly #counters = { messages: 0, reports: 0, refused: 0, rebirths: 0, gaps: 0, late: 0, oldDeaths: 0 };
  #lastAt: number | undefined;
  #onlineSince = 0;
  #effects: HostEffect[] = [];

  constructor(options: HostOptions) {
    this.#options = options;
  }

  get counters(): HostCounters {
    return { ...this.#counters, ...(this.#lastAt === undefined ? {} : { lastAt: this.#lastAt }) };
  }

  view(): readonly EdgeNodeView[] {
    return [...this.#nodes.values()].map((node) => node.view()).sort((one, other) => (`${one.group}/${one.edgeNode}` < `${other.group}/${other.edgeNode}` ? -1 : 1));
  }

  summary(): { readonly known: number; readonly online: number } {
    let online = 0;
    for (const node of this.#nodes.values()) if (node.born) online += 1;
    return { known: this.#nodes.size, online };
  }

  /** The connection stands. Edge nodes that were online are asked to report anew, unless they do so by themselves in time. */
  connected(now: number): readonly HostEffect[] {
    this.#onlineSince = now;
    for (const node of this.#nodes.values()) {
      if (node.own.status === 'unknown' && node.birthAt > 0) this.#plan(node, 'host-online', now + this.#options.reorderMs);
    }
    return this.#done();
  }

  /** All that was known over this connection is stale (§5.4). */
  disconnected(now: number): readonly HostEffect[] {
    for (const node of this.#nodes.values()) {
      if (node.waiting.size > 0) this.#giveUp(node, 'sequence', now, false);
      this.#closeMissing(node, now);
      if (node.born) node.gone('unknown', now);
      node.early = [];
      node.rebirth = undefined;
    }
    return this.#done();
  }

  /** @param retained the broker gave out a message that it had kept: it says nothing about now, and must not be there */
  receive(topic: EdgeTopic, bytes: Uint8Array, retained: boolean, now: number): readonly HostEffect[] {
    this.#counters.messages += 1;
    this.#lastAt = now;
    const source = `${topic.group}/${topic.edgeNode}`;
    if (retained) {
      this.#refuse(source, 'retained', `The broker had kept a ${topic.type} of ${source} and gave it out again; Sparkplug forbids the retain flag there.`);
      return this.#done();
    }
    try {
      this.#take({ topic, payload: decodePayload(bytes, this.#options.limits.payload), at: now, bytes: bytes.length });
    } catch (error) {
      if (!(error instanceof SparkplugPayloadError)) throw error;
      this.#refuse(source, error.code, `A ${topic.type} of ${source}${topic.device === undefined ? '' : `/${topic.device}`} cannot be read: the payload holds ${error.message}.`);
    }
    return this.#done();
  }

  /** Does what has become due. */
  tick(now: number): readonly HostEffect[] {
    for (const node of [...this.#due]) {
      if (node.waitingSince !== undefined && now >= node.waitingSince + this.#options.reorderMs) this.#giveUp(node, 'sequence', now);
      if (node.rebirth !== undefined && now >= node.rebirth.due) this.#ask(node, node.rebirth.reason, now);
    }
    return this.#done();
  }

  /** When something will have become due; undefined when nothing will. */
  nextDue(): number | undefined {
    let due: number | undefined;
    for (const node of this.#due) {
      const one = Math.min(node.rebirth?.due ?? Infinity, node.waitingSince === undefined ? Infinity : node.waitingSince + this.#options.reorderMs);
      if (one === Infinity) this.#due.delete(node);
      else if (due === undefined || one < due) due = one;
    }
    return due;
  }

  #take(message: Arrived): void {
    const { topic, at } = message;
    const node = this.#node(topic, at);
    if (node === undefined) return;
    if (topic.type === 'NBIRTH') this.#nodeBirth(node, message);
    else if (topic.type === 'NDEATH') this.#nodeDeath(node, message.payload, at);
    else if (!node.born) this.#early(node, message);
    else this.#inOrder(node, message);
  }

  #node({ group, edgeNode }: EdgeTopic, now: number): EdgeNode | undefined {
    const key = `${group}/${edgeNode}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    if (this.#nodes.size >= this.#options.limits.edgeNodes && !this.#forgetOne()) {
      this.#refuse(key, 'too-many-edge-nodes', `The edge node ${key} is not taken in: ${this.#options.limits.edgeNodes} edge nodes are known already. Name the groups that matter in the node, or raise the limit.`);
      return undefined;
    }
    const node = new EdgeNode(group, edgeNode, now);
    this.#nodes.set(key, node);
    return node;
  }

  /** Makes room at the cost of an edge node that never showed a birth certificate. */
  #forgetOne(): boolean {
    for (const [key, node] of this.#nodes) {
      if (node.birthAt > 0 || node.missing !== undefined || node.early.length > 0) continue;
      this.#due.delete(node);
      return this.#nodes.delete(key);
    }
    return false;
  }

  /** §6.4.19: a session begins, or is told anew. */
  #nodeBirth(node: EdgeNode, { payload, at }: Arrived): void {
    const room = this.#options.limits.metrics - this.#size() + node.size;
    if (payload.metrics.length > room) {
      this.#refuse(node.source, 'too-many-metrics', `The edge node ${node.source} names ${payload.metrics.length} metrics, where there is room for ${Math.max(0, room)}; raise the limit of the node, or let the edge node send less.`);
      return;
    }
    const early = node.early.filter((message) => isAfter(message.payload, payload));
    node.early = node.early.filter((message) => !early.includes(message));
    this.#closeMissing(node, at);
    node.early = [];
    node.takeWaiting();
    node.rebirth = undefined;
    node.bdSeq = bdSeqOf(payload);
    node.birthAt = payload.timestamp ?? at;
    node.seq = payload.seq ?? 0;
    node.lastAt = node.birthAt;
    for (const device of node.devices.values()) device.gone('offline', at); // until their own birth certificates
    this.#emit(node, undefined, payload, node.own.born(payload.metrics, at, node.birthAt), true, at);
    for (const message of early) this.#inOrder(node, message);
  }

  #nodeDeath(node: EdgeNode, payload: SparkplugPayload, now: number): void {
    const bdSeq = bdSeqOf(payload);
    if (node.own.status === 'offline') {
      this.#counters.oldDeaths += 1;
      return;
    }
    if (node.own.status === 'unknown') {
      // nothing of this session was seen since our own connection stands
      if (node.birthAt === 0 || node.missing !== undefined) this.#gap(node.source, 'death-without-birth', Math.max(this.#onlineSince, 0), now);
      node.missing = undefined;
      node.early = [];
      node.gone('offline', now);
      return;
    }
    if (bdSeq !== undefined && node.bdSeq !== undefined && bdSeq !== node.bdSeq) {
      this.#counters.oldDeaths += 1; // the will of an earlier connection, later than the birth of this one
      return;
    }
    if (node.waiting.size > 0) this.#giveUp(node, 'sequence', now, false);
    this.#closeMissing(node, now);
    node.gone('offline', now);
    if (bdSeq === undefined) this.#plan(node, 'death-unnamed', now); // which session is over it does not say
  }

  #early(node: EdgeNode, message: Arrived): void {
    if (node.early.length >= MOST_EARLY || this.#waitingBytes() + message.bytes > this.#options.limits.waitingBytes) this.#missed(node, node.early.shift() ?? message);
    node.early.push(message);
    if (node.rebirth === undefined) this.#plan(node, 'no-birth', message.at + this.#options.reorderMs);
  }

  #missed(node: EdgeNode, { topic, at, payload }: Arrived): void {
    if (topic.type === 'NDATA' || topic.type === 'DDATA') node.missing ??= { reason: 'no-birth', from: payload.timestamp ?? at };
  }

  #inOrder(node: EdgeNode, message: Arrived): void {
    const { seq } = message.payload;
    const ahead = seq === undefined ? 0 : node.ahead(seq);
    if (ahead === 0) {
      this.#apply(node, message);
      this.#drain(node);
      return;
    }
    if (ahead >= HALF && !isLater(message, node)) {
      this.#counters.late += 1;
      return;
    }
    if (this.#waitingBytes() + message.bytes > this.#options.limits.waitingBytes) {
      this.#giveUp(node, 'too-many-waiting', message.at);
      this.#apply(node, message);
      return;
    }
    node.waiting.set(seq as number, message);
    this.#due.add(node);
    node.waitingSince ??= message.at; // tck-id-operational-behavior-host-reordering-start
  }

  #drain(node: EdgeNode): void {
    for (let next = node.next(); next !== undefined; next = node.next()) this.#apply(node, next);
    if (node.waiting.size === 0) node.waitingSince = undefined; // tck-id-operational-behavior-host-reordering-success
  }

  /** What was missing will not come: what waits is taken as it is, the hole is recorded, and the edge node is to report anew. */
  #giveUp(node: EdgeNode, reason: 'sequence' | 'too-many-waiting', now: number, ask = true): void {
    const waiting = node.takeWaiting();
    const [first] = waiting;
    this.#gap(node.source, reason, node.lastAt, first?.payload.timestamp ?? first?.at ?? now);
    for (const message of waiting) this.#apply(node, message);
    if (ask) this.#ask(node, 'sequence', now);
  }

  #apply(node: EdgeNode, { topic, payload, at }: Arrived): void {
    if (payload.seq !== undefined) node.seq = payload.seq;
    node.lastAt = payload.timestamp ?? at;
    if (topic.device === undefined) {
      this.#emit(node, undefined, payload, node.own.data(payload.metrics, at, node.lastAt), false, at);
      return;
    }
    const device = node.devices.get(topic.device);
    if (topic.type === 'DBIRTH') this.#deviceBirth(node, topic.device, payload, at);
    else if (topic.type === 'DDEATH') device?.gone('offline', node.lastAt); // tck-id-…-ddeath-devices-offline
    else if (device?.status === 'online') this.#emit(node, topic.device, payload, device.data(payload.metrics, at, node.lastAt), false, at);
    else this.#unknown(node, 'unknown-device', at);
  }

  #deviceBirth(node: EdgeNode, id: string, payload: SparkplugPayload, now: number): void {
    const device = node.devices.get(id) ?? new Owner(now);
    const room = this.#options.limits.metrics - this.#size() + device.size;
    if (payload.metrics.length + 1 > room) {
      this.#refuse(node.source, 'too-many-metrics', `The device ${node.source}/${id} names ${payload.metrics.length} metrics, where there is room for ${Math.max(0, room - 1)}; raise the limit of the node, or let the edge node send less.`);
      return;
    }
    node.devices.set(id, device);
    this.#emit(node, id, payload, device.born(payload.metrics, now, payload.timestamp ?? now), true, now);
  }

  #emit(node: EdgeNode, device: string | undefined, payload: SparkplugPayload, { readings, unread }: { readonly readings: readonly Reading[]; readonly unread: readonly Unread[] }, fromBirth: boolean, now: number): void {
    const owner = device === undefined ? node.own : node.devices.get(device);
    const session = { birthAt: node.birthAt, ...(node.bdSeq === undefined ? {} : { bdSeq: node.bdSeq }) };
    for (const reading of readings) {
      if (device === undefined && reading.metric === BD_SEQ) continue; // it names the session, and is no value of the plant
      this.#counters.reports += 1;
      this.#effects.push({
        kind: 'report',
        report: {
          group: node.group, edgeNode: node.name, ...(device === undefined ? {} : { device }), ...reading, fromBirth, session,
          ...(payload.seq === undefined ? {} : { seq: payload.seq }),
          ...(payload.timestamp === undefined ? {} : { sentAt: payload.timestamp }),
          beside: (metric) => owner?.value(metric),
        },
      });
    }
    for (const one of unread) {
      this.#refuse(node.source, one.rebirth ?? 'value', `${node.source}${device === undefined ? '' : `/${device}`} sends for ${one.metric} ${one.reason}.`);
      if (one.rebirth !== undefined) this.#unknown(node, one.rebirth, now);
    }
  }

  #unknown(node: EdgeNode, reason: RebirthReason, now: number): void {
    node.missing ??= { reason: 'not-in-birth', from: node.lastAt };
    this.#ask(node, reason, now);
  }

  #closeMissing(node: EdgeNode, now: number): void {
    for (const message of node.early) this.#missed(node, message);
    if (node.missing !== undefined) this.#gap(node.source, node.missing.reason, node.missing.from, now);
    node.missing = undefined;
  }

  #gap(source: string, reason: GapReason, from: number, to: number): void {
    this.#counters.gaps += 1;
    this.#effects.push({ kind: 'gap', source, reason, from: Math.min(from, to), to });
  }

  #refuse(source: string, code: string, message: string): void {
    this.#counters.refused += 1;
    this.#effects.push({ kind: 'refused', source, code, message });
  }

  #plan(node: EdgeNode, reason: RebirthReason, due: number): void {
    if (!this.#options.rebirth) return;
    node.rebirth ??= { due, reason };
    this.#due.add(node);
  }

  /** Asks, unless that was done a moment ago; again and more and more seldom while no birth certificate comes. */
  #ask(node: EdgeNode, reason: RebirthReason, now: number): void {
    if (!this.#options.rebirth) return;
    this.#due.add(node);
    const free = node.lastAskedAt === undefined ? now : node.lastAskedAt + node.askEveryMs;
    if (now < free) {
      node.rebirth = { due: free, reason };
      return;
    }
    const calm = node.lastAskedAt === undefined || now - node.lastAskedAt > CALM_MS;
    node.askEveryMs = calm ? ASK_EVERY_MS : Math.min(ASK_AT_MOST_EVERY_MS, node.askEveryMs * 2);
    node.lastAskedAt = now;
    node.rebirth = { due: now + node.askEveryMs, reason };
    this.#counters.rebirths += 1;
    this.#effects.push({ kind: 'rebirth', group: node.group, edgeNode: node.name, reason });
  }

  #size(): number {
    let size = 0;
    for (const node of this.#nodes.values()) size += node.size;
    return size;
  }

  #waitingBytes(): number {
    let bytes = 0;
    for (const node of this.#nodes.values()) bytes += node.waitingBytes;
    return bytes;
  }

  #done(): readonly HostEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

/** The number that ties a death certificate to a birth (tck-id-payloads-ndeath-bdseq). */
function bdSeqOf({ metrics }: SparkplugPayload): string | undefined {
  const raw = metrics.find(({ name }: PayloadMetric) => name === BD_SEQ)?.raw;
  return raw?.kind === 'long' || raw?.kind === 'int' ? String(raw.value) : undefined;
}

/** A message that came before its birth certificate, but was sent after it. */
function isAfter(message: SparkplugPayload, birth: SparkplugPayload): boolean {
  return message.timestamp !== undefined && birth.timestamp !== undefined && message.timestamp >= birth.timestamp;
}

/** By its number it is behind, by its time it is ahead: more than half a ring of messages is missing. */
function isLater({ payload }: Arrived, node: EdgeNode): boolean {
  return payload.timestamp !== undefined && payload.timestamp > node.lastAt;
}
