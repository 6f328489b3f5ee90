/** Plays a plan against a broker: devices with connections of their own, their outages, and the book of it. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceConnection } from '../wire/device-connection.ts';
import { Latencies } from '../wire/latencies.ts';
import type { Device, LineCut } from './fleet.ts';
import type { SitePlan } from './plan.ts';
import { eventLine } from './site-event.ts';
import type { SiteEvent } from './site-event.ts';
import { Tally } from './tally.ts';

export interface RunnerOptions {
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** Simulated seconds in one real one. */
  readonly speed: number;
  readonly plan: SitePlan;
  readonly cuts: readonly LineCut[];
  /** Part of the client ids, so that two runs never take each other's sessions. */
  readonly name: string;
  /** Messages that were scanned and are not acknowledged, of all devices together; above it the day waits. */
  readonly maxOutstanding: number;
  readonly connectTimeoutMs: number;
  /** How long nothing may be acknowledged at the end. */
  readonly drainTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Unacknowledged messages of one device; handheld scanners have few, a tunnel and a device that comes back more. */
const IN_FLIGHT = 50;
const TICK_MS = 5;
/** Before the day has begun, waiting would help nobody: the address is wrong, or the broker is not started. */
const NOBODY_THERE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET']);
/** Connections that are opened at the same time. */
const OPEN_AT_ONCE = 20;

class SimulatedDevice {
  /** What was scanned and has not left: out of reach, no line, or too much in flight. */
  readonly queue: SiteEvent[] = [];
  #head = 0;
  readonly #spans: Device['offline'];
  #span = 0;
  offlineSeen = 0;
  readonly connection: DeviceConnection<SiteEvent>;

  constructor(device: Device, connection: DeviceConnection<SiteEvent>) {
    this.#spans = device.offline;
    this.connection = connection;
  }

  get waiting(): number {
    return this.queue.length - this.#head;
  }

  push(event: SiteEvent): void {
    this.queue.push(event);
  }

  /** Out of reach at this moment of the simulated time. */
  isOffline(at: number): boolean {
    while (this.#span < this.#spans.length && (this.#spans[this.#span] as { to: number }).to <= at) this.#span += 1;
    const span = this.#spans[this.#span];
    if (span === undefined || span.from > at) return false;
    this.offlineSeen = this.#span + 1;
    return true;
  }

  /** Sends what there is room for. */
  flush(onSent: () => void): void {
    while (this.#head < this.queue.length && this.connection.hasRoom) {
      const event = this.queue[this.#head] as SiteEvent;
      this.#head += 1;
      this.connection.send(event, event.topic, event.payload);
      onSent();
    }
    if (this.#head === this.queue.length || this.#head > 1_000) {
      this.queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  rest(): readonly SiteEvent[] {
    return this.queue.slice(this.#head);
  }
}

/** One run. Its figures can be looked at while it goes on. */
export class SiteRunner {
  readonly tally = new Tally();
  readonly latencies = new Latencies();
  readonly #options: RunnerOptions;
  readonly #devices: SimulatedDevice[];
  readonly #sites: ReadonlyMap<string, readonly SimulatedDevice[]>;
  /** Devices that have something to send. */
  readonly #busy = new Set<SimulatedDevice>();
  readonly #hash = createHash('sha256');
  #hashed: string[] = [];
  readonly #nobody = new AbortController();
  #startedAt = 0;
  #simNow = 0;
  #outstanding = 0;
  #lastAckAt = 0;
  #second = { at: 0, acks: 0 };
  #cuts = 0;
  peakPerSecond = 0;
  behindSeconds = 0;
  planDone = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const sites = new Map<string, SimulatedDevice[]>();
    this.#devices = options.plan.fleet.map((device) => {
      const simulated: SimulatedDevice = new SimulatedDevice(device, new DeviceConnection<SiteEvent>({
        url: options.url, clientId: `${options.name}-${device.site}-${device.name}`, maxInFlight: IN_FLIGHT,
        ...(options.user === undefined ? {} : { user: options.user }), ...(options.password === undefined ? {} : { password: options.password }),
        onAck: (event, sentAt) => this.#onAck(event, sentAt),
        onRoom: () => { if (simulated.waiting > 0) this.#busy.add(simulated); },
        onResent: (event) => this.tally.onResent(event),
        onError: ({ code }) => { if (this.#startedAt === 0 && NOBODY_THERE.has(code ?? '')) this.#nobody.abort(); },
      }));
      const ofSite = sites.get(device.site) ?? [];
      ofSite.push(simulated);
      sites.set(device.site, ofSite);
      return simulated;
    });
    this.#sites = sites;
  }

  get planHash(): string {
    this.#foldHash();
    return this.#hash.copy().digest('hex');
  }
  get outstanding(): number { return this.#outstanding; }
  get connected(): number { return this.#devices.filter(({ connection }) => connection.connected).length; }
  get devices(): number { return this.#devices.length; }
  get reconnects(): number { return this.#devices.reduce((sum, { connection }) => sum + connection.reconnects, 0); }
  get lineCuts(): number { return this.#cuts; }
  get devicesOffline(): number { return this.#devices.reduce((sum, { offlineSeen }) => sum + offlineSeen, 0); }
  /** Milliseconds of the simulated time. */
  get simulatedMs(): number { return this.#simNow; }

  /** Resolves when all is acknowledged, or nothing has been for too long, or it was stopped. @throws Error when the broker cannot be reached at first */
  async run(): Promise<void> {
    await this.#open();
    this.#startedAt = performance.now();
    this.#lastAckAt = this.#startedAt;
    const events = this.#options.plan.events[Symbol.iterator]();
    const cuts = [...this.#options.cuts];
    let next = events.next();
    while (!(next.done ?? false) && !this.#options.signal.aborted) {
      this.#simNow = (performance.now() - this.#startedAt) * this.#options.speed;
      while (cuts[0] !== undefined && cuts[0].at <= this.#simNow) this.#cutLine(cuts.shift() as LineCut);
      while (next.done !== true && next.value.at <= this.#simNow && this.#outstanding < this.#options.maxOutstanding) {
        this.#take(next.value);
        next = events.next();
      }
      this.behindSeconds = next.done === true ? 0 : Math.max(0, (this.#simNow - next.value.at) / this.#options.speed / 1_000);
      this.#flush(false);
      await sleep(TICK_MS);
    }
    this.planDone = next.done === true;
    await this.#drain();
    this.#end();
  }

  async #open(): Promise<void> {
    const timeout = AbortSignal.any([this.#options.signal, this.#nobody.signal, AbortSignal.timeout(this.#options.connectTimeoutMs)]);
    try {
      for (let from = 0; from < this.#devices.length; from += OPEN_AT_ONCE) {
        await Promise.all(this.#devices.slice(from, from + OPEN_AT_ONCE).map(({ connection }) => connection.open(timeout)));
      }
    } catch (error) {
      for (const { connection } of this.#devices) connection.close();
      throw this.#devices.map(({ connection }) => connection.lastError).find((each) => each !== undefined) ?? error;
    }
  }

  #take(event: SiteEvent): void {
    const device = this.#devices[event.device.index] as SimulatedDevice;
    this.tally.onPlanned(event);
    this.#outstanding += 1;
    this.#hashed.push(eventLine(event));
    if (this.#hashed.length >= 1_000) this.#foldHash();
    device.push(event);
    this.#busy.add(device);
  }

  #foldHash(): void {
    if (this.#hashed.length === 0) return;
    this.#hash.update(this.#hashed.join(''));
    this.#hashed = [];
  }

  /** @param atEnd devices that are out of reach come back */
  #flush(atEnd: boolean): void {
    for (const device of this.#busy) {
      if (!atEnd && device.isOffline(this.#simNow)) continue;
      device.flush(() => this.tally.onSent());
      if (device.waiting === 0) this.#busy.delete(device);
    }
  }

  #cutLine(cut: LineCut): void {
    this.#cuts += 1;
    const devices = this.#sites.get(cut.site) ?? [];
    for (const { connection } of devices) connection.cut();
    setTimeout(() => { for (const { connection } of devices) connection.mend(); }, cut.ms / this.#options.speed);
  }

  #onAck(event: SiteEvent, sentAt: number): void {
    const now = performance.now();
    this.#outstanding -= 1;
    this.#lastAckAt = now;
    this.latencies.add(now - sentAt);
    this.tally.onAcknowledged(event);
    const second = Math.floor((now - this.#startedAt) / 1_000);
    if (this.#second.at !== second) this.#second = { at: second, acks: 0 };
    this.#second.acks += 1;
    this.peakPerSecond = Math.max(this.peakPerSecond, this.#second.acks);
  }

  async #drain(): Promise<void> {
    this.#lastAckAt = performance.now();
    // when it was stopped, what is still in the devices stays there
    const stopped = this.#options.signal.aborted;
    const left = (): number => (stopped ? this.#devices.reduce((sum, { connection }) => sum + connection.unacked, 0) : this.#outstanding);
    for (const { connection } of this.#devices) connection.mend();
    while (left() > 0 && performance.now() - this.#lastAckAt < this.#options.drainTimeoutMs) {
      if (!stopped) this.#flush(true);
      await sleep(TICK_MS * 4);
    }
  }

  #end(): void {
    for (const device of this.#devices) {
      for (const event of device.connection.unackedItems()) this.tally.onOutstanding(event);
      for (const event of device.rest()) this.tally.onNeverSent(event);
      device.connection.close();
    }
  }
}
