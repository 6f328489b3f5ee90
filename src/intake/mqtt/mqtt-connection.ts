import { connect, type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import { BrokerEnded } from './connection-texts.ts';
import { InFlight } from './in-flight.ts';
import { OrderedAcks } from './ordered-acks.ts';
import { Outgoing, type Delivery, type OutgoingMessage } from './outgoing.ts';
import { Pubacks } from './pubacks.ts';
import type { InFlightBound, ScanMessage } from './scan-source.ts';

export interface MqttConnectionOptions {
  readonly url: string;
  readonly client: IClientOptions;
  readonly bound: InFlightBound;
  readonly reading: boolean;
  readonly dispatch: (message: ScanMessage) => Promise<void>;
  readonly onConnect: (connack: IConnackPacket, connection: MqttConnection) => void;
  /** Called once, when the connection is over or never came about. */
  readonly onClose: (error: Error | undefined, connection: MqttConnection) => void;
  /** A message that stays unacknowledged. */
  readonly onNotTaken: (topic: string, error: Error) => void;
}

/** Given to mqtt.js for every message; one for all, because an error notes the stack that it is made in, which costs more than the message. */
const deferred = new Error('deferred');

/**
 * One network connection to an outside broker. mqtt.js acknowledges QoS 1 when `handleMessage` calls back without an
 * error, one message at a time; with an error it sends nothing and goes on with the next (mqtt.js #549, #697; kept by
 * a contract test). So every message is called back at once with an error, many are in flight, and the PUBACKs are
 * written here after the commit, in the order in which the messages came (MQTT-4.6.0-2).
 */
export class MqttConnection {
  readonly client: MqttClient;
  readonly #options: MqttConnectionOptions;
  readonly #acks = new OrderedAcks();
  readonly #inFlight: InFlight;
  readonly #pubacks = new Pubacks(() => this.client.stream);
  #reading: boolean;
  #closed = false;
  #outgoing: Outgoing | undefined;
  #held: ((error?: Error) => void) | undefined;
  #ping: NodeJS.Timeout | undefined;
  #onDrained: (() => void) | undefined;
  /** When the broker was last heard, epoch milliseconds; 0 before. */
  heardAt = 0;

  constructor(options: MqttConnectionOptions) {
    this.#options = options;
    this.#reading = options.reading;
    this.#inFlight = new InFlight(options.bound, () => this.#regulate());
    let failure: Error | undefined;
    // every connection has a client of its own: what an old one still does cannot reach the new one's stream
    this.client = connect(options.url, { ...options.client, reconnectPeriod: 0, resubscribe: false, queueQoSZero: false, log: () => undefined });
    this.client.handleMessage = (packet, done) => this.#receive(packet, done);
    this.client.on('packetreceive', () => { this.heardAt = Date.now(); });
    this.client.on('connect', (connack) => {
      this.#outgoing = new Outgoing(this.client, connack.properties?.receiveMaximum);
      options.onConnect(connack, this);
    });
    this.client.on('error', (error) => { failure = error; });
    this.client.on('disconnect', (packet) => {
      failure = new BrokerEnded(packet.reasonCode ?? 0);
    });
    this.client.once('close', () => {
      this.#closed = true;
      this.#outgoing?.close();
      clearInterval(this.#ping);
      this.#held = undefined;
      options.onClose(failure, this);
    });
  }

  get inFlight(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#inFlight.messages, bytes: this.#inFlight.bytes };
  }

  send(message: OutgoingMessage, timeoutMs: number): Promise<Delivery> {
    return this.#outgoing?.send(message, timeoutMs) ?? Promise.resolve({ kind: 'not-sent', reason: 'There is no connection to the broker yet.' });
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    this.#regulate();
  }

  /** Resolves when nothing is in flight, or after `timeoutMs`. */
  drained(timeoutMs: number): Promise<void> {
    if (this.#inFlight.messages === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Disconnects; the session, with what is unacknowledged, stays at the broker. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.client.end(!this.client.connected, {}, () => resolve());
    });
  }

  #receive(packet: IPublishPacket, done: (error?: Error) => void): void {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload, 'utf8') : packet.payload;
    const message = this.#messageOf(packet, payload);
    const bytes = payload.length + packet.topic.length;
    this.#inFlight.take(bytes);
    this.#acks.add(this.#options.dispatch(message), (error) => {
      this.#inFlight.release(bytes);
      if (error !== undefined) this.#options.onNotTaken(packet.topic, error);
      else if (packet.qos === 1) this.#acknowledge(packet.messageId);
      if (this.#inFlight.messages === 0) {
        this.#onDrained?.();
        this.#onDrained = undefined;
      }
    });
    if (this.#stopped) this.#hold(done);
    else done(deferred);
  }

  #messageOf({ topic, qos, dup, retain, messageId: packetId, properties }: IPublishPacket, payload: Buffer): ScanMessage {
    const gone = (): boolean => qos > 0 && this.#closed;
    const message: ScanMessage = { topic, payload, qos, dup, retain, packetId, truncated: false, gone };
    if (properties === undefined) return message;
    const { responseTopic, correlationData } = properties;
    return {
      ...message, properties: beside(properties),
      ...(responseTopic === undefined ? {} : { responseTopic }), ...(correlationData === undefined ? {} : { correlationData }),
    };
  }

  #acknowledge(packetId: number | undefined): void {
    if (this.#closed || packetId === undefined) return; // the broker sends it again
    this.#pubacks.add(packetId);
  }

  get #stopped(): boolean {
    return !this.#reading || this.#inFlight.full;
  }

  #regulate(): void {
    if (this.#stopped || this.#held === undefined) return;
    const done = this.#held;
    this.#held = undefined;
    clearInterval(this.#ping);
    done(deferred);
  }

  /**
   * Keeps the pump of mqtt.js waiting, which stops the reading of the socket. The broker's PINGRESP is then not read
   * either, so pings go out by our own clock and mqtt.js's watch for the answer is wound up again; a connection that
   * is really dead is noticed by TCP.
   */
  #hold(done: (error?: Error) => void): void {
    this.#held = done;
    const { keepalive } = this.client;
    if (!keepalive) return;
    this.#ping = setInterval(() => {
      if (this.#closed) return;
      this.client.sendPing();
      this.client.reschedulePing(true);
    }, keepalive * 500);
  }
}

function beside({ contentType, userProperties }: NonNullable<IPublishPacket['properties']>): NonNullable<ScanMessage['properties']> {
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(userProperties === undefined ? {} : { userProperties: { ...userProperties } as Readonly<Record<string, string | readonly string[]>> }),
  };
}
