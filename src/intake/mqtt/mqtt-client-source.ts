import type { IClientOptions, IConnackPacket } from 'mqtt';
import { MqttIntakeError } from './errors.ts';
import { explainFailure } from './connection-texts.ts';
import { limitedLog, type LimitedLog } from './limited-log.ts';
import type { MqttConnection } from './mqtt-connection.ts';
import { ScanRouter } from './scan-router.ts';
import { SourceStates } from './source-states.ts';
import { minimalFilters } from './topic-filter.ts';
import { defaultInFlightBound, type InFlightBound, type ScanAttachment, type ScanMessage, type ScanSource, type ScanSubscription, type SourceState } from './scan-source.ts';

export interface MqttClientSourceOptions {
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://…`, `wss://…`. */
  readonly url: string;
  /** Stable over restarts: the broker's session, with what is unacknowledged, belongs to it. */
  readonly clientId: string;
  readonly user?: string;
  readonly password?: string;
  readonly tls?: { readonly ca?: string | Buffer; readonly cert?: string | Buffer; readonly key?: string | Buffer };
  /** How long the broker keeps scans for us while we are away (MQTT 5 §3.1.2.11.2); 7 days by default. */
  readonly sessionExpirySeconds?: number;
  readonly keepaliveSeconds?: number;
  readonly bound?: InFlightBound;
  readonly handoverMs?: number;
  /** Waits between attempts to connect: from `minMs` (250), doubled up to `maxMs` (30,000), with full jitter. */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  /** Takes what comes for nobody (a node was removed, its scans were still queued); resolves when that is durable. */
  readonly onUnrouted?: (message: ScanMessage) => Promise<void>;
  readonly log?: (level: 'info' | 'warn', text: string) => void;
}

const BACKOFF = { minMs: 250, maxMs: 30_000 };
/** mqtt.js and brokers allow 65,535; more than our bound would only lie in memory. */
const MAX_RECEIVE_MAXIMUM = 65_535;

/**
 * Scans from an outside broker over one connection and one session, shared by all nodes of the process that use it.
 * Speaks MQTT 5, or 3.1.1 where the broker knows no better. Every filter is subscribed at QoS 1; a filter that
 * another one covers is not subscribed by itself, so each message comes once and the router hands it to every node
 * that takes it. Filters that overlap only in part can bring a message twice; transport ids fold it.
 */
export class MqttClientSource implements ScanSource {
  readonly kind = 'outside';
  readonly #options: MqttClientSourceOptions;
  readonly #router: ScanRouter;
  readonly #warn: LimitedLog;
  readonly #states = new SourceStates({ kind: 'connecting', reason: 'Connecting to the broker.' });
  #connection: MqttConnection | undefined;
  #subscribed = new Set<string>();
  #protocolVersion: 4 | 5 = 5;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #reading = true;
  #closed = false;
  #syncing = false;
  #resync = false;
  /** False when the last connection found no session at the broker: what it kept for us is gone. */
  sessionPresent: boolean | undefined;

  constructor(options: MqttClientSourceOptions) {
    if (!/^(mqtts?|tcp|tls|ssl|wss?):\/\/\S+$/.test(options.url)) {
      throw new MqttIntakeError('url', `"${options.url}" is no address of a broker; write it like mqtt://broker.example:1883.`);
    }
    this.#options = options;
    this.#warn = limitedLog((level, text) => this.#log(level, text));
    this.#router = new ScanRouter({
      onChange: () => { void this.#sync(); },
      ...(options.handoverMs === undefined ? {} : { handoverMs: options.handoverMs }),
    });
  }

  get state(): SourceState {
    return this.#states.state;
  }

  get protocolVersion(): 4 | 5 {
    return this.#protocolVersion;
  }

  get inFlight(): { readonly messages: number; readonly bytes: number } {
    return this.#connection?.inFlight ?? { messages: 0, bytes: 0 };
  }

  onState(listener: (state: SourceState) => void): () => void {
    return this.#states.on(listener);
  }

  /** Connects, and connects again whenever the connection is lost, until `close()`. Attach the takers first. */
  start(): void {
    if (this.#connection === undefined && this.#timer === undefined && !this.#closed) void this.#connect();
  }

  subscribe(subscription: ScanSubscription): ScanAttachment {
    return this.#router.add(subscription);
  }

  publish(topic: string, payload: string): boolean {
    if (this.state.kind !== 'connected' || this.#connection === undefined) return false;
    this.#connection.client.publish(topic, payload, { qos: 0, retain: false });
    return true;
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    this.#connection?.setReading(reading);
  }

  /** Stops reading, waits at most `drainMs` for what is in flight, disconnects. Subscriptions and session stay. */
  async close(drainMs = 2_000): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    connection?.setReading(false);
    if (this.state.kind === 'connected') await connection?.drained(drainMs);
    this.#router.close();
    await connection?.end();
    this.#states.set({ kind: 'closed', reason: 'The connection to the broker was closed.' });
  }

  async #connect(): Promise<void> {
    this.#timer = undefined;
    const { MqttConnection: Connection } = await import('./mqtt-connection.ts'); // mqtt.js is loaded when it is needed
    if (this.#closed) return;
    const bound = this.#options.bound ?? defaultInFlightBound;
    try {
      this.#connection = new Connection({
        url: this.#options.url,
        client: this.#clientOptions(bound),
        bound,
        reading: this.#reading,
        dispatch: (message) => this.#dispatch(message),
        onConnect: (connack) => this.#onConnect(connack),
        onClose: (error, connection) => this.#onClose(error, connection),
        onNotTaken: (topic, error) => {
          if (!this.#closed && !(error instanceof MqttIntakeError && error.code === 'closed')) this.#warn('not-taken', `A scan on ${topic} was not taken and stays with the broker: ${error.message}`);
        },
      });
    } catch (error) {
      this.#states.set({ kind: 'refused', reason: `The broker connection cannot be set up: ${error instanceof Error ? error.message : String(error)}` });
    }
  }

  #clientOptions(bound: InFlightBound): IClientOptions {
    const { clientId, user, password, tls, sessionExpirySeconds = 604_800, keepaliveSeconds = 30 } = this.#options;
    return {
      clientId,
      clean: false,
      protocolVersion: this.#protocolVersion,
      keepalive: keepaliveSeconds,
      connectTimeout: 10_000,
      ...(user === undefined || user === '' ? {} : { username: user }),
      ...(password === undefined || password === '' ? {} : { password }),
      ...(this.#protocolVersion === 5
        ? { properties: { sessionExpiryInterval: sessionExpirySeconds, receiveMaximum: Math.min(bound.messages, MAX_RECEIVE_MAXIMUM) } }
        : {}),
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls?.key === undefined ? {} : { key: tls.key }),
    };
  }

  #onConnect(connack: IConnackPacket): void {
    this.#attempt = 0;
    const resumed = connack.sessionPresent;
    if (this.sessionPresent === true && !resumed) {
      this.#log('warn', 'The broker has forgotten our session; scans that it kept for us while we were away are lost at the broker. Let it persist sessions.');
    }
    this.sessionPresent = resumed;
    if (!resumed) this.#subscribed = new Set();
    this.#states.set({ kind: 'connected' });
    void this.#sync();
  }

  #onClose(error: Error | undefined, connection: MqttConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.#closed) return;
    const failure = explainFailure(this.#options.url, error);
    if (failure.unsupportedVersion && this.#protocolVersion === 5) {
      this.#protocolVersion = 4;
      this.#log('info', 'The broker does not speak MQTT 5; going on with MQTT 3.1.1.');
      void this.#connect();
      return;
    }
    this.#states.set({ kind: failure.refused ? 'refused' : 'disconnected', reason: failure.reason });
    const { minMs, maxMs } = this.#options.reconnect ?? BACKOFF;
    const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(this.#attempt, 20));
    this.#attempt += 1;
    this.#timer = setTimeout(() => { void this.#connect(); }, minMs + Math.random() * Math.max(0, ceiling - minMs));
  }

  #dispatch(message: ScanMessage): Promise<void> {
    return this.#router.dispatch(message).then(undefined, async (error: unknown) => {
      const { onUnrouted } = this.#options;
      if (error instanceof MqttIntakeError && error.code === 'unrouted' && onUnrouted !== undefined) {
        await onUnrouted(message);
        return;
      }
      throw error;
    });
  }

  /** Brings the broker's subscriptions to what the nodes want now; one run at a time. */
  async #sync(): Promise<void> {
    if (this.#syncing) {
      this.#resync = true;
      return;
    }
    this.#syncing = true;
    try {
      do {
        this.#resync = false;
        await this.#syncOnce();
      } while (this.#resync && !this.#closed);
    } finally {
      this.#syncing = false;
    }
  }

  async #syncOnce(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.state.kind !== 'connected' || this.#closed) return;
    const wanted = minimalFilters(this.#router.filters());
    for (const filter of wanted) {
      if (this.#subscribed.has(filter)) continue;
      const granted = await this.#subscribeOne(connection, filter);
      if (this.#connection !== connection) return;
      if (!granted) return;
      this.#subscribed.add(filter);
    }
    for (const filter of [...this.#subscribed]) {
      if (wanted.includes(filter)) continue;
      await connection.client.unsubscribeAsync(filter).catch((error: unknown) => {
        this.#log('warn', `The subscription to ${filter} could not be ended: ${String(error)}`);
      });
      if (this.#connection !== connection) return;
      this.#subscribed.delete(filter);
    }
  }

  async #subscribeOne(connection: MqttConnection, filter: string): Promise<boolean> {
    try {
      // rh 1: retained messages only for a subscription that is new (MQTT 5 §3.8.3.1)
      const [grant] = await connection.client.subscribeAsync(filter, this.#protocolVersion === 5 ? { qos: 1, rh: 1 } : { qos: 1 });
      if (grant !== undefined && grant.qos !== 1) throw new Error(`it grants QoS ${grant.qos} and not 1`);
      return true;
    } catch (error) {
      if (this.#connection === connection && connection.client.connected) {
        this.#states.set({
          kind: 'refused',
          reason: `The broker refuses the subscription to "${filter}" (${error instanceof Error ? error.message : String(error)}). Allow it to the user of the broker node, or change the topic pattern.`,
        });
      }
      return false;
    }
  }

  #log(level: 'info' | 'warn', text: string): void {
    this.#options.log?.(level, text);
  }
}
