import type { ConnectionOptions } from 'node:tls';
import type { IClientOptions, IConnackPacket } from 'mqtt';
import { MqttIntakeError } from './errors.ts';
import { explainFailure, thrownOut, withoutPassword } from './connection-texts.ts';
import { limitedLog, type LimitedLog } from '../limited-log.ts';
import type { MqttConnection } from './mqtt-connection.ts';
import type { Delivery, OutgoingMessage } from './outgoing.ts';
import { ScanRouter } from './scan-router.ts';
import { SourceStates } from './source-states.ts';
import { Subscriptions } from './subscriptions.ts';
import { defaultInFlightBound, type InFlightBound, type PublishProperties, type ScanAttachment, type ScanMessage, type ScanSource, type ScanSubscription, type SourceCounters, type SourceProblem, type SourceState } from './scan-source.ts';

export type BrokerTls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername' | 'ALPNProtocols'>;

export interface MqttClientSourceOptions {
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://…`, `wss://…`. */
  readonly url: string;
  /** Stable over restarts: the broker's session, with what is unacknowledged, belongs to it. */
  readonly clientId: string;
  readonly user?: string;
  readonly password?: string;
  /** What Node's `tls.connect` takes, for `mqtts` and `wss`. */
  readonly tls?: BrokerTls;
  /** How long the broker keeps scans for us while we are away (MQTT 5 §3.1.2.11.2); 7 days by default. */
  readonly sessionExpirySeconds?: number;
  /** 30 by default; 0 sends no pings (MQTT 5 §3.1.2.10). */
  readonly keepaliveSeconds?: number;
  /** `auto` (default): MQTT 5, and 3.1.1 where the broker knows no better. */
  readonly protocol?: 'auto' | 5 | 4;
  /** Shares the messages with the other clients of this group (MQTT 5 §4.8.2); the order per device is lost then. */
  readonly sharedGroup?: string;
  /** How long a refused subscription waits until it is asked for again, ms; a minute by default. */
  readonly resubscribeMs?: number;
  readonly bound?: InFlightBound;
  readonly handoverMs?: number;
  /** Waits between attempts to connect: from `minMs` (250), doubled up to `maxMs` (30,000), with full jitter. */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  /** Takes what comes for nobody (a node was removed, its scans were still queued); resolves when that is durable. */
  readonly onUnrouted?: (message: ScanMessage) => Promise<void>;
  /**
   * The broker had no session of ours: what it kept for us is gone, and what came until our topics were subscribed again was
   * never ours. Epoch milliseconds; `from` 0: this source has not heard the broker before.
   */
  readonly onNewSession?: (from: number, to: number) => void;
  readonly log?: (level: 'info' | 'warn', text: string) => void;
}

const RESUBSCRIBE_MS = 60_000;
const BACKOFF = { minMs: 250, maxMs: 30_000 };
/** A connection that the broker ends sooner was hardly one … */
const SHORT_MS = 5_000;
/** … and so many of them in a row have a reason that does not go away by itself. */
const MANY_SHORT = 3;
/** mqtt.js and brokers allow 65,535; more than our bound would only lie in memory. */
const MAX_RECEIVE_MAXIMUM = 65_535;

/**
 * Scans from an outside broker over one connection and one session, shared by all nodes of the process that use it.
 * Speaks MQTT 5, or 3.1.1 where the broker knows no better. Each message comes once, and the router hands it
 * to every node that takes it. Filters that overlap only in part can bring a message twice; transport ids fold it.
 */
export class MqttClientSource implements ScanSource {
  readonly kind = 'outside';
  readonly #options: MqttClientSourceOptions;
  readonly #router: ScanRouter;
  readonly #warn: LimitedLog;
  readonly #states = new SourceStates({ kind: 'connecting', reason: 'Connecting to the broker.' });
  #connection: MqttConnection | undefined;
  readonly #subscriptions: Subscriptions;
  #protocolVersion: 4 | 5;
  #attempt = 0;
  #connects = 0;
  #connectedAt = 0;
  /** Connections in a row that came about and were ended soon after. */
  #short = 0;
  #logged = '';
  #heardAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #reading = true;
  #closed = false;
  /** False when the last connection found no session at the broker: what it kept for us is gone. */
  sessionPresent: boolean | undefined;

  constructor(options: MqttClientSourceOptions) {
    if (!/^(mqtts?|tcp|tls|ssl|wss?):\/\/\S+$/.test(options.url)) {
      throw new MqttIntakeError('url', `"${options.url}" is no address of a broker; write it like mqtt://broker.example:1883.`);
    }
    if (options.sharedGroup !== undefined && !/^[^/+#]+$/.test(options.sharedGroup)) { // MQTT-4.8.2-2
      throw new MqttIntakeError('shared-group', `"${options.sharedGroup}" is no name of a group; leave out /, + and #.`);
    }
    this.#options = options;
    this.#protocolVersion = options.protocol === 4 ? 4 : 5;
    this.#warn = limitedLog((level, text) => this.#log(level, text));
    this.#router = new ScanRouter({
      onChange: (added) => this.#subscriptions.changed(added),
      ...(options.handoverMs === undefined ? {} : { handoverMs: options.handoverMs }),
    });
    this.#subscriptions = new Subscriptions({
      session: `${options.clientId} ${withoutPassword(options.url)}`,
      filters: () => this.#router.filters(),
      ...(options.sharedGroup === undefined ? {} : { sharedGroup: options.sharedGroup }),
      resubscribeMs: options.resubscribeMs ?? RESUBSCRIBE_MS,
      onRefused: () => {
        if (this.state.kind === 'connected') this.#states.set(this.#connectedState());
      },
      log: (level, text) => this.#log(level, text),
    });
  }

  get state(): SourceState {
    return this.#states.state;
  }

  get protocolVersion(): 4 | 5 {
    return this.#protocolVersion;
  }

  /** When the broker was last heard, epoch milliseconds; 0 before the first time. */
  get heardAt(): number {
    return this.#connection !== undefined && this.state.kind === 'connected' ? this.#connection.heardAt : this.#heardAt;
  }

  get inFlight(): { readonly messages: number; readonly bytes: number } {
    return this.#connection?.inFlight ?? { messages: 0, bytes: 0 };
  }

  get counters(): SourceCounters {
    return { ...this.#router.counters, connects: this.#connects };
  }

  get lastProblem(): SourceProblem | undefined {
    return this.#states.lastProblem;
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

  filters(): readonly string[] {
    return [...new Set(this.#router.filters())];
  }

  publish(topic: string, payload: string, { correlationData, expirySeconds }: PublishProperties = {}): boolean {
    if (this.state.kind !== 'connected' || this.#connection === undefined) return false;
    const properties = this.#protocolVersion === 5 ? {
      ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
      ...(expirySeconds === undefined ? {} : { messageExpiryInterval: expirySeconds }),
    } : {};
    this.#connection.client.publish(topic, payload, { qos: 0, retain: false, ...(Object.keys(properties).length === 0 ? {} : { properties }) });
    return true;
  }

  takes(topic: string): boolean {
    return this.#router.wants(topic);
  }

  send(message: OutgoingMessage, timeoutMs: number): Promise<Delivery> {
    if (this.state.kind !== 'connected' || this.#connection === undefined) return Promise.resolve({ kind: 'not-sent', reason: this.state.reason ?? 'There is no connection to the broker.' });
    return this.#connection.send(message, timeoutMs);
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
    this.#subscriptions.close();
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
        onConnect: (connack, connection) => this.#onConnect(connack, connection),
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
      ...(tls as Partial<IClientOptions> | undefined), // mqtt.js hands it to tls.connect as it is
    };
  }

  #onConnect(connack: IConnackPacket, connection: MqttConnection): void {
    this.#attempt = 0;
    this.#connects += 1;
    this.#connectedAt = Date.now();
    const resumed = connack.sessionPresent;
    if (this.sessionPresent === true && !resumed) {
      this.#log('warn', 'The broker has forgotten our session; scans that it kept for us while we were away are lost at the broker. Let it persist sessions.');
    }
    this.sessionPresent = resumed;
    this.#states.set(this.#connectedState());
    const heardBefore = this.#heardAt;
    this.#subscriptions.connected(connection, resumed).then(() => {
      if (!resumed && this.#connection === connection) this.#options.onNewSession?.(heardBefore, Date.now());
    }, (error: unknown) => { this.#log('warn', `The topics could not be subscribed: ${String(error)}`); });
  }

  #connectedState(): SourceState {
    const { refused } = this.#subscriptions;
    return { kind: 'connected', ...(refused.length === 0 ? {} : { refused }) };
  }

  #onClose(error: Error | undefined, connection: MqttConnection): void {
    if (this.#connection !== connection) return;
    const was = this.state.kind === 'connected';
    if (was) this.#heardAt = connection.heardAt;
    this.#connection = undefined;
    this.#subscriptions.disconnected();
    if (this.#closed) return;
    const failure = explainFailure(this.#options.url, error, this.#options.clientId);
    if (failure.unsupportedVersion && this.#protocolVersion === 5 && this.#options.protocol !== 5) {
      this.#protocolVersion = 4;
      this.#log('info', 'The broker does not speak MQTT 5; going on with MQTT 3.1.1.');
      void this.#connect();
      return;
    }
    const brief = was && Date.now() - this.#connectedAt < SHORT_MS;
    this.#short = brief ? this.#short + 1 : 0;
    const { reason, refused } = this.#short >= MANY_SHORT && !failure.refused ? thrownOut(this.#options.url, this.#options.clientId) : failure;
    if (was && !brief) this.#logged = '';
    if (reason !== this.#logged) this.#log('warn', reason);
    this.#logged = reason;
    this.#states.set({ kind: refused ? 'refused' : 'disconnected', reason });
    const { minMs, maxMs } = this.#options.reconnect ?? BACKOFF;
    const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(this.#attempt, this.#short), 20));
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

  #log(level: 'info' | 'warn', text: string): void {
    this.#options.log?.(level, text);
  }
}
