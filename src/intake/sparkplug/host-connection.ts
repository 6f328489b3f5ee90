import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { IClientOptions, IPublishPacket, ISubscriptionGrant, MqttClient } from 'mqtt';
import { BrokerEnded, explainFailure, SourceStates, type BrokerTls, type SourceProblem, type SourceState } from '../mqtt/index.ts';
import { readState, stateText } from './state-message.ts';
import { stateTopic } from './topics.ts';

/** A broker, for a connection besides the one that scans come over. */
export interface OwnConnection {
  readonly url: string;
  readonly tls?: BrokerTls;
  readonly user?: string;
  readonly password?: string;
  readonly protocol: 'auto' | 5 | 4;
  readonly keepaliveSeconds: number;
  /** To the broker in this process: no network between. */
  readonly open?: () => Duplex;
}

export interface HostConnectionOptions {
  readonly broker: OwnConnection;
  readonly hostId: string;
  readonly filters: () => readonly string[];
  /** A message of an edge node, or whatever else comes; STATE of other hosts among it. */
  readonly onMessage: (topic: string, payload: Uint8Array, retained: boolean) => void;
  /** Subscribed, and said to be online. `offlineSince`: when our id was last said to be offline, or an earlier run of ours began; of the first connection only. */
  readonly onOnline: (offlineSince: number | undefined) => void;
  /** `heardAt`: when the broker was last heard. */
  readonly onOffline: (heardAt: number) => void;
  readonly clock: () => number;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  /** How long the broker's own copy of our STATE is waited for at the first connection, ms. */
  readonly retainedMs?: number;
}

const BACKOFF = { minMs: 250, maxMs: 30_000 };
const RETAINED_MS = 300;
/** Our certificate is not given out more often than this, whoever says that we are offline, ms. */
const REPUBLISH_MS = 100;
/** A subscription that was refused is asked for again after so long, ms. */
const REFUSED_MS = 60_000;
const LAST_WORD_MS = 1_000;

/**
 * The MQTT side of a host application: each connection has a will and a birth certificate with one and the same new
 * time, begins clean, subscribes first and says that it is online then (Sparkplug 3.0 §5.3).
 */
export class HostConnection {
  readonly #options: HostConnectionOptions;
  readonly #states = new SourceStates({ kind: 'connecting', reason: 'Connecting to the broker.' });
  readonly #clientId: string;
  readonly #topic: string;
  #client: MqttClient | undefined;
  #version: 4 | 5;
  #timestamp = 0;
  #heardAt = 0;
  #online = false;
  /** Our birth certificate is at the broker: from then on we may send commands. */
  #born = false;
  #first = true;
  #offlineSince: number | undefined;
  #republishedAt = 0;
  #republish: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #reading = true;
  #held: (() => void) | undefined;
  #ping: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
    this.#topic = stateTopic(options.hostId);
    this.#version = options.broker.protocol === 4 || options.broker.open !== undefined ? 4 : 5;
    // not the same in two processes: they would take the connection from each other for ever
    this.#clientId = `waybill-host-${options.hostId}-${randomBytes(4).toString('hex')}`;
  }

  get state(): SourceState {
    return this.#states.state;
  }

  get lastProblem(): SourceProblem | undefined {
    return this.#states.lastProblem;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  onState(listener: (state: SourceState) => void): () => void {
    return this.#states.on(listener);
  }

  start(): void {
    if (this.#client === undefined && this.#timer === undefined && !this.#closed) void this.#connect();
  }

  /** More filters, once connected. */
  subscribeMore(): void {
    const client = this.#client;
    if (client === undefined || !this.#online) return;
    client.subscribe([...this.#options.filters()], { qos: 1, ...(this.#version === 5 ? { rh: 1 } : {}) }, (error, granted) => {
      if (client === this.#client) this.#granted(error, granted);
    });
  }

  /** QoS 0, not retained (tck-id-topics-ncmd-mqtt). False when there is no connection. */
  send(topic: string, payload: Uint8Array): boolean {
    if (!this.#born || this.#client === undefined) return false;
    this.#client.publish(topic, Buffer.from(payload), { qos: 0, retain: false });
    return true;
  }

  /** `false`: reads nothing more of the connection until `true`. The broker then drops what it must: the sequence shows it. */
  setReading(reading: boolean): void {
    this.#reading = reading;
    if (!reading) return;
    clearInterval(this.#ping);
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  /** Says that the host is offline (tck-id-host-topic-phid-death-payload-timestamp-disconnect-clean), then disconnects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#republish);
    this.setReading(true);
    const client = this.#client;
    if (client !== undefined && this.#born) {
      const death = stateText({ online: false, timestamp: Math.max(this.#options.clock(), this.#timestamp) });
      await within(LAST_WORD_MS, client.publishAsync(this.#topic, death, { qos: 1, retain: true }));
    }
    const { connected } = client ?? {};
    if (client !== undefined) await within(LAST_WORD_MS, client.endAsync(connected !== true));
    this.#states.set({ kind: 'closed', reason: 'The connection to the broker was closed.' });
  }

  async #connect(): Promise<void> {
    this.#timer = undefined;
    const mqtt = await import('mqtt'); // loaded when it is needed
    if (this.#closed) return;
    this.#timestamp = Math.max(this.#options.clock(), this.#timestamp);
    const { url, open } = this.#options.broker;
    try {
      const client = open === undefined ? mqtt.connect(url, this.#clientOptions()) : new mqtt.MqttClient(() => open() as unknown as MqttClient['stream'], this.#clientOptions());
      this.#client = client;
      this.#attach(client);
    } catch (error) {
      this.#states.set({ kind: 'refused', reason: `The broker connection cannot be set up: ${error instanceof Error ? error.message : String(error)}` });
    }
  }

  #clientOptions(): IClientOptions {
    const { user, password, tls, keepaliveSeconds } = this.#options.broker;
    return {
      clientId: this.#clientId,
      clean: true, // tck-id-message-flow-phid-sparkplug-clean-session-311, -50
      protocolVersion: this.#version,
      ...(this.#version === 4 ? { protocolId: 'MQTT' as const } : { properties: { sessionExpiryInterval: 0 } }),
      will: { topic: this.#topic, payload: Buffer.from(stateText({ online: false, timestamp: this.#timestamp })), qos: 1, retain: true },
      keepalive: keepaliveSeconds,
      connectTimeout: 10_000,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      ...(user === undefined || user === '' ? {} : { username: user }),
      ...(password === undefined || password === '' ? {} : { password }),
      ...(tls as Partial<IClientOptions> | undefined),
    };
  }

  #attach(client: MqttClient): void {
    let failure: Error | undefined;
    client.handleMessage = (packet, done) => this.#receive(client, packet, done);
    client.on('packetreceive', () => { this.#heardAt = this.#options.clock(); });
    client.on('error', (error) => { failure = error; });
    client.on('disconnect', (packet) => { failure = new BrokerEnded(packet.reasonCode ?? 0); });
    client.on('connect', () => {
      // tck-id-message-flow-phid-sparkplug-subscription: before our own STATE
      client.subscribe([this.#topic, ...this.#options.filters()], { qos: 1 }, (error, granted) => {
        if (client === this.#client && this.#granted(error, granted)) this.#birth(client);
      });
    });
    client.once('close', () => this.#onClose(client, failure));
  }

  #granted(error: Error | null, granted: readonly ISubscriptionGrant[] | undefined): boolean {
    const refused = (granted ?? []).filter(({ qos }) => Number(qos) >= 128).map(({ topic }) => topic);
    if (error === null && refused.length === 0) return true;
    const topics = refused.length === 0 ? this.#options.filters().join(', ') : refused.join(', ');
    this.#states.set({ kind: 'refused', reason: `The broker does not give us ${topics}; allow it to the user of the broker node, who must also write ${this.#topic}.` });
    // a right that was added later is used without a deploy
    const client = this.#client;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { client?.end(); }, REFUSED_MS);
    return false;
  }

  #birth(client: MqttClient): void {
    this.#attempt = 0;
    this.#publishBirth(client, () => {
      this.#born = true;
      if (this.#first) this.#timer = setTimeout(() => { this.#nowOnline(client); }, this.#options.retainedMs ?? RETAINED_MS);
      else this.#nowOnline(client);
    });
  }

  /** tck-id-host-topic-phid-birth-required, -qos, -retain, -payload-timestamp. */
  #publishBirth(client: MqttClient, done?: () => void): void {
    client.publish(this.#topic, stateText({ online: true, timestamp: this.#timestamp }), { qos: 1, retain: true }, (error) => {
      if (client !== this.#client || this.#closed) return;
      if (error == null) done?.();
      else this.#states.set({ kind: 'refused', reason: `The broker does not take ${this.#topic} from us (${error.message}); allow it to the user of the broker node.` });
    });
  }

  #nowOnline(client: MqttClient): void {
    this.#timer = undefined;
    if (client !== this.#client || this.#closed) return;
    this.#online = true;
    this.#states.set({ kind: 'connected' });
    this.#options.onOnline(this.#first ? this.#offlineSince : undefined);
    this.#first = false;
  }

  #receive(client: MqttClient, packet: IPublishPacket, done: () => void): void {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload, 'utf8') : packet.payload;
    if (client === this.#client && !this.#closed) {
      if (packet.topic === this.#topic) this.#ownState(client, payload, packet.retain);
      else this.#options.onMessage(packet.topic, payload, packet.retain);
    }
    if (this.#reading || this.#closed) done();
    else this.#hold(client, done);
  }

  #ownState(client: MqttClient, payload: Uint8Array, retained: boolean): void {
    const state = readState(payload);
    const ours = state?.online === true && state.timestamp === this.#timestamp;
    if (this.#first && !this.#online && state !== undefined && !ours && state.timestamp !== this.#timestamp) this.#offlineSince = Math.max(this.#offlineSince ?? 0, state.timestamp);
    if (ours) return;
    if (state?.online === true) {
      if (!retained) this.#options.log('warn', `Another host application calls itself ${this.#options.hostId} at this broker; give each one a host id of its own.`);
      return;
    }
    // tck-id-message-flow-hid-sparkplug-state-message-delivered
    const wait = this.#republishedAt + REPUBLISH_MS - Date.now();
    if (this.#republish !== undefined) return;
    const again = (): void => {
      this.#republish = undefined;
      this.#republishedAt = Date.now();
      if (client === this.#client && client.connected && !this.#closed) this.#publishBirth(client);
    };
    if (wait <= 0) again();
    else this.#republish = setTimeout(again, wait);
  }

  /** Nothing is read while the ledger takes nothing; the connection is kept by pings of our own. */
  #hold(client: MqttClient, done: () => void): void {
    this.#held = done;
    const { keepalive } = client;
    if (!keepalive) return;
    this.#ping = setInterval(() => {
      client.sendPing();
      client.reschedulePing(true);
    }, keepalive * 500);
  }

  #onClose(client: MqttClient, error: Error | undefined): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#held = undefined;
    clearInterval(this.#ping);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const was = this.#online;
    this.#online = false;
    this.#born = false;
    if (was) this.#options.onOffline(this.#heardAt);
    if (this.#closed) return;
    const failure = explainFailure(this.#options.broker.url, error, this.#clientId);
    if (failure.unsupportedVersion && this.#version === 5 && this.#options.broker.protocol !== 5) {
      this.#version = 4;
      void this.#connect();
      return;
    }
    if (this.state.kind !== 'refused' || error !== undefined) {
      if (failure.reason !== this.state.reason) this.#options.log('warn', failure.reason);
      this.#states.set({ kind: failure.refused ? 'refused' : 'disconnected', reason: failure.reason });
    }
    const { minMs, maxMs } = this.#options.reconnect ?? BACKOFF;
    const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(this.#attempt, 20));
    this.#attempt += 1;
    this.#timer = setTimeout(() => { void this.#connect(); }, minMs + Math.random() * Math.max(0, ceiling - minMs));
  }
}

/** Waits for a last act, but not for ever, and not for its success. */
async function within(ms: number, act: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, ms); });
  await Promise.race([act.then(() => undefined, () => undefined), late]);
  clearTimeout(timer);
}
