/**
 * A light MQTT 3.1.1 load publisher: QoS 1 straight on sockets, several messages in flight, its own book of what was
 * acknowledged, resend with DUP after a lost connection. mqtt.js would need more of two shared cores than the broker.
 *
 * `node bench/publisher.ts --url mqtt://127.0.0.1:1883 --count 20000 --rate max` prints one line of JSON (PublishSummary).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DeviceConnection } from '../src/cli/simulate/wire/device-connection.ts';
import { Latencies, type LatencySummary } from '../src/cli/simulate/wire/latencies.ts';

export interface PublishOptions {
  readonly url: string;
  /** Of all connections together, messages a second; `max` is as fast as acknowledgements come. */
  readonly rate?: number | 'max';
  /** Ends after so many messages, or… */
  readonly count?: number;
  /** …after so many seconds of sending; then it waits for the acknowledgements. */
  readonly seconds?: number;
  /** Topic of message `i`, or one for all. */
  readonly topic?: string | ((i: number) => string);
  /** Body of message `i`; default: a Waybill scan of an SSCC of its own, with `id` = `transportId(i)`. */
  readonly payload?: (i: number) => string | Uint8Array;
  /** Name of message `i` in the book of acknowledged ones; default `<run>-<i>`. */
  readonly transportId?: (i: number) => string;
  /** Unacknowledged messages per connection; default 64. */
  readonly inflight?: number;
  /** Default 1. Message `i` goes over connection `i % connections`. */
  readonly connections?: number;
  /** Appends the transport id of every acknowledged message as a line. */
  readonly ackedFile?: string;
  /** Called for every acknowledgement. */
  readonly onAcked?: (transportId: string, i: number) => void;
  /** Prefix of client and transport ids; default from process id and time. */
  readonly run?: string;
  /** Ends the run, with what is unacknowledged left so. */
  readonly signal?: AbortSignal;
  /** Gives up when nothing was acknowledged for so long, in ms; default 60,000. */
  readonly patienceMs?: number;
  readonly user?: string;
  readonly password?: string;
}

export interface PublishSummary {
  readonly sent: number;
  readonly acked: number;
  readonly unacked: number;
  readonly resent: number;
  readonly reconnects: number;
  /** From the first message to the last acknowledgement. */
  readonly seconds: number;
  /** Acknowledged messages a second. */
  readonly rate: number;
  /** From the first sending to the acknowledgement, ms. */
  readonly latencyMs: LatencySummary;
  /** With a rate: how late the last message was sent, ms; a large figure says that the rate was not reached. */
  readonly behindMs: number;
  /** Why it ended before all was acknowledged. */
  readonly failure?: string;
}

/** How often a paced run looks what is due, ms. */
const TICK_MS = 2;

/** Publishes and resolves when everything is acknowledged, or when it gave up (see `failure`). */
export async function publish(options: PublishOptions): Promise<PublishSummary> {
  const publisher = new Publisher(options);
  return publisher.run();
}

/** One run; `ackedCount` can be looked at while it goes on. */
export class Publisher {
  readonly #options: PublishOptions;
  readonly #run: string;
  readonly #latencies = new Latencies();
  readonly #connections: DeviceConnection[];
  readonly #limit: number;
  readonly #seconds: number;
  #next = 0;
  #ackedCount = 0;
  #startedAt = 0;
  #sendingDone = false;
  #lastAckAt = 0;
  #behindMs = 0;
  #lines: string[] = [];
  readonly #file: number | undefined;

  constructor(options: PublishOptions) {
    if (options.count === undefined && options.seconds === undefined) throw new RangeError('publish needs count or seconds');
    this.#options = options;
    this.#run = options.run ?? `load-${process.pid}-${Date.now().toString(36)}`;
    this.#limit = options.count ?? Infinity;
    this.#seconds = options.seconds ?? Infinity;
    this.#file = options.ackedFile === undefined ? undefined : openSync(options.ackedFile, 'a');
    this.#connections = Array.from({ length: options.connections ?? 1 }, (_, index) => new DeviceConnection({
      url: options.url,
      clientId: `${this.#run}-c${index}`,
      maxInFlight: options.inflight ?? 64,
      onAck: (i, sentAt) => this.#onAck(i, sentAt),
      onRoom: () => this.#fill(),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.password === undefined ? {} : { password: options.password }),
    }));
  }

  get ackedCount(): number {
    return this.#ackedCount;
  }

  async run(): Promise<PublishSummary> {
    await Promise.all(this.#connections.map((connection) => connection.open(this.#options.signal)));
    this.#startedAt = performance.now();
    this.#lastAckAt = this.#startedAt;
    const failure = await this.#sendAndWait();
    const elapsed = (this.#lastAckAt - this.#startedAt) / 1_000;
    for (const connection of this.#connections) connection.close();
    this.#flush();
    if (this.#file !== undefined) closeSync(this.#file);
    const reconnects = sum(this.#connections, (connection) => connection.reconnects);
    return {
      sent: this.#next,
      acked: this.#ackedCount,
      unacked: this.#next - this.#ackedCount,
      resent: sum(this.#connections, (connection) => connection.resent),
      reconnects,
      seconds: round(elapsed, 3),
      rate: elapsed > 0 ? round(this.#ackedCount / elapsed, 1) : 0,
      latencyMs: this.#latencies.summary(),
      behindMs: round(this.#behindMs, 1),
      ...(failure === undefined ? {} : { failure }),
    };
  }

  #sendAndWait(): Promise<string | undefined> {
    const patience = this.#options.patienceMs ?? 60_000;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        this.#fill();
        if (this.#lines.length > 0) this.#flush();
        const now = performance.now();
        if (this.#sendingDone && this.#ackedCount === this.#next) finish(undefined);
        else if (this.#options.signal?.aborted === true) finish('stopped');
        else if (now - this.#lastAckAt > patience && this.#next > this.#ackedCount) finish(`nothing was acknowledged for ${patience} ms`);
      }, TICK_MS);
      const finish = (failure: string | undefined): void => {
        clearInterval(timer);
        resolve(failure);
      };
      this.#fill();
    });
  }

  /** Sends what is due and has room. */
  #fill(): void {
    if (this.#sendingDone || this.#startedAt === 0) return;
    const elapsed = (performance.now() - this.#startedAt) / 1_000;
    const { rate } = this.#options;
    if (elapsed >= this.#seconds) {
      this.#sendingDone = true;
      return;
    }
    const due = rate === undefined || rate === 'max' ? Infinity : Math.floor(rate * elapsed) + 1;
    const until = Math.min(this.#limit, due);
    while (this.#next < until) {
      const connection = this.#connections[this.#next % this.#connections.length] as DeviceConnection;
      if (!connection.hasRoom) break;
      this.#send(connection, this.#next);
      this.#next += 1;
    }
    if (typeof rate === 'number') this.#behindMs = Math.max(0, (elapsed - this.#next / rate) * 1_000);
    if (this.#next >= this.#limit) this.#sendingDone = true;
  }

  #send(connection: DeviceConnection, i: number): void {
    const { topic, payload } = this.#options;
    connection.send(
      i,
      typeof topic === 'function' ? topic(i) : (topic ?? 'acme/dc-1/receiving/dock-1/scan'),
      payload?.(i) ?? defaultPayload(this.#transportId(i), i),
    );
  }

  #transportId(i: number): string {
    return this.#options.transportId?.(i) ?? `${this.#run}-${i}`;
  }

  #onAck(i: number, sentAt: number): void {
    const now = performance.now();
    this.#latencies.add(now - sentAt);
    this.#lastAckAt = now;
    this.#ackedCount += 1;
    const { onAcked } = this.#options;
    if (this.#file === undefined && onAcked === undefined) return;
    const id = this.#transportId(i);
    onAcked?.(id, i);
    if (this.#file !== undefined) this.#lines.push(id);
  }

  #flush(): void {
    if (this.#file === undefined || this.#lines.length === 0) return;
    writeSync(this.#file, `${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}

/** A scan in Waybill's own form with an SSCC that belongs to `i` alone (GS1 General Specifications §7.9: check digit). */
export function defaultPayload(transportId: string, i: number): string {
  return `{"id":"${transportId}","code":"(00)${ssccOf(i)}","device":"load-${i % 16}","operator":"op-${i % 8}"}`;
}

/** An SSCC with extension digit 3 and the serial reference `i`; valid check digit. */
export function ssccOf(i: number): string {
  const body = `39501101${String(i).padStart(9, '0')}`;
  let total = 0;
  for (let at = 0; at < 17; at += 1) total += (body.charCodeAt(at) - 48) * (at % 2 === 0 ? 3 : 1);
  return body + String((10 - (total % 10)) % 10);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      rate: { type: 'string', default: 'max' },
      count: { type: 'string' },
      seconds: { type: 'string' },
      topic: { type: 'string' },
      inflight: { type: 'string', default: '64' },
      connections: { type: 'string', default: '1' },
      acked: { type: 'string' },
      run: { type: 'string' },
      patience: { type: 'string' },
      user: { type: 'string' },
      password: { type: 'string' },
    },
  });
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  const summary = await publish({
    url: values.url,
    rate: values.rate === 'max' ? 'max' : Number(values.rate),
    inflight: Number(values.inflight),
    connections: Number(values.connections),
    signal: stop.signal,
    ...(values.count === undefined && values.seconds === undefined ? { count: 1_000 } : {}),
    ...(values.count === undefined ? {} : { count: Number(values.count) }),
    ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
    ...(values.topic === undefined ? {} : { topic: values.topic }),
    ...(values.acked === undefined ? {} : { ackedFile: values.acked }),
    ...(values.run === undefined ? {} : { run: values.run }),
    ...(values.patience === undefined ? {} : { patienceMs: Number(values.patience) }),
    ...(values.user === undefined ? {} : { user: values.user }),
    ...(values.password === undefined ? {} : { password: values.password }),
  });
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  if (summary.failure !== undefined && summary.failure !== 'stopped') process.exitCode = 1;
}

if (import.meta.main) await main();
