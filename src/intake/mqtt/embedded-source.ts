import type { Aedes, Client, PublishPacket } from 'aedes';
import { InFlight } from './in-flight.ts';
import { OrderedAcks } from './ordered-acks.ts';
import { ScanRouter } from './scan-router.ts';
import { SourceStates } from './source-states.ts';
import { defaultInFlightBound, type InFlightBound, type MessageSender, type ScanAttachment, type ScanMessage, type ScanSource, type ScanSubscription, type SourceCounters, type SourceProblem, type SourceState } from './scan-source.ts';
import { MqttIntakeError } from './errors.ts';
import type { LimitedLog } from '../limited-log.ts';
import type { Delivery, OutgoingMessage } from './outgoing.ts';
import type { PacketGuard } from './packet-guard.ts';

export interface EmbeddedSourceOptions {
  readonly maxPacketBytes: number;
  readonly scanTopics?: readonly string[];
  readonly handoverMs?: number;
  readonly bound?: InFlightBound;
  readonly warn: LimitedLog;
  readonly onQos0: () => void;
  /** Device that signed in for a client. */
  readonly senderOf?: (client: Client | null) => MessageSender | undefined;
  /** Whether a client may publish what no intake takes. */
  readonly mayPublish?: (client: Client | null, topic: string) => boolean;
}

/**
 * Scans from devices of the embedded broker, taken in `authorizePublish`: whoever publishes one gets no PUBACK, and the
 * broker reads nothing more of its connection than the chunk it has, before the scan is durable. Above the bound the
 * sockets of all devices are left unread. A QoS 0 scan is taken in the same way, only that nobody is told.
 */
export class EmbeddedSource implements ScanSource {
  readonly kind = 'embedded';
  readonly #aedes: Aedes;
  readonly #options: EmbeddedSourceOptions;
  readonly #router: ScanRouter;
  readonly #inFlight: InFlight;
  readonly #acks = new WeakMap<Client, OrderedAcks>();
  readonly #guards = new Set<PacketGuard>();
  readonly #states = new SourceStates({ kind: 'connecting' });
  #reading = true;
  #onDrained: (() => void) | undefined;

  constructor(aedes: Aedes, options: EmbeddedSourceOptions) {
    this.#aedes = aedes;
    this.#options = options;
    this.#router = new ScanRouter({
      expected: options.scanTopics ?? [],
      ...(options.handoverMs === undefined ? {} : { handoverMs: options.handoverMs }),
    });
    this.#inFlight = new InFlight(options.bound ?? defaultInFlightBound, () => this.#regulate());
    aedes.authorizePublish = (client, packet, done) => this.#authorize(client, packet, done);
  }

  get state(): SourceState {
    return this.#states.state;
  }

  get counters(): SourceCounters {
    return this.#router.counters;
  }

  get lastProblem(): SourceProblem | undefined {
    return this.#states.lastProblem;
  }

  onState(listener: (state: SourceState) => void): () => void {
    return this.#states.on(listener);
  }

  /** Messages and bytes that are held unacknowledged. */
  get inFlight(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#inFlight.messages, bytes: this.#inFlight.bytes };
  }

  subscribe(subscription: ScanSubscription): ScanAttachment {
    return this.#router.add(subscription);
  }

  filters(): readonly string[] {
    return [...new Set(this.#router.filters())];
  }

  wants(topic: string): boolean {
    return this.#router.wants(topic);
  }

  takes(topic: string): boolean {
    return this.#router.wants(topic);
  }

  publish(topic: string, payload: string): boolean {
    if (this.state.kind !== 'connected') return false;
    this.#aedes.publish(
      { cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false },
      (error) => {
        if (error !== undefined && error !== null) this.#options.warn('display', `A text for ${topic} could not be sent: ${error.message}`);
      },
    );
    return true;
  }

  /** The embedded broker speaks MQTT 3.1.1. */
  readonly protocolVersion = 4;

  /** What a node of this process takes is recorded before it counts as sent; others get it as from any device. */
  async send({ topic, payload }: OutgoingMessage, timeoutMs: number): Promise<Delivery> {
    if (this.state.kind !== 'connected') return { kind: 'not-sent', reason: this.state.reason ?? 'The broker of this process does not run.' };
    const late = Promise.withResolvers<Delivery>();
    const timer = setTimeout(() => late.resolve({ kind: 'unknown', reason: `The broker has not taken the message within ${timeoutMs} ms.` }), timeoutMs);
    try {
      return await Promise.race([this.#deliver(topic, Buffer.from(payload)), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #deliver(topic: string, payload: Buffer): Promise<Delivery> {
    try {
      if (this.#router.wants(topic)) await this.#router.dispatch({ topic, payload, qos: 1, dup: false, retain: false, packetId: undefined, truncated: false, gone: () => false });
    } catch (error) {
      return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
    }
    return new Promise((resolve) => {
      this.#aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, (error) => {
        resolve(error === undefined || error === null ? { kind: 'acknowledged' } : { kind: 'unknown', reason: error.message });
      });
    });
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    this.#regulate();
  }

  addGuard(guard: PacketGuard): void {
    this.#guards.add(guard);
    if (this.#stopped) guard.stopReading();
  }

  forgetGuard(guard: PacketGuard): void {
    this.#guards.delete(guard);
  }

  opened(): void {
    this.#states.set({ kind: 'connected' });
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

  close(): void {
    this.#router.close();
    this.#states.set({ kind: 'closed', reason: 'The broker was stopped.' });
  }

  get #stopped(): boolean {
    return !this.#reading || this.#inFlight.full;
  }

  #regulate(): void {
    const stopped = this.#stopped;
    for (const guard of this.#guards) {
      if (stopped) guard.stopReading();
      else guard.resumeReading();
    }
  }

  #authorize(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const { topic } = packet;
    if (topic.startsWith('$')) {
      done(new Error('topics that begin with $ are the broker\'s own'));
      return;
    }
    if (!this.#router.wants(topic)) {
      if (this.#options.mayPublish?.(client, topic) !== false) return done(null);
      this.#options.warn('other-station', `${client?.id ?? 'A device'} published to ${topic}, which is none of its station's topics; it was disconnected.`);
      return done(new Error('not a topic of the device\'s station'));
    }
    const sender = this.#options.senderOf?.(client);
    const message = toMessage(client, packet, this.#options.maxPacketBytes, sender === undefined ? undefined : { deviceId: sender.deviceId, kind: sender.kind });
    if (message.qos === 0) this.#options.onQos0();
    packet.retain = false; // a scan is an event: the broker is not to repeat it to whoever subscribes later
    const bytes = message.payload.length + topic.length;
    this.#inFlight.take(bytes);
    this.#acksOf(client).add(this.#router.dispatch(message), (error) => {
      this.#inFlight.release(bytes);
      if (error !== undefined && !stays(error)) this.#options.warn('not-taken', `A scan of ${client?.id ?? 'a device'} was not taken and stays with the device: ${error.message}`);
      if (client === null || !client.closed) done(error === undefined ? null : error); // an error ends the connection, without PUBACK
      if (this.#inFlight.messages === 0) {
        this.#onDrained?.();
        this.#onDrained = undefined;
      }
    });
  }

  #acksOf(client: Client | null): OrderedAcks {
    if (client === null) return new OrderedAcks();
    let acks = this.#acks.get(client);
    if (acks === undefined) {
      acks = new OrderedAcks();
      this.#acks.set(client, acks);
    }
    return acks;
  }
}

function toMessage(client: Client | null, packet: PublishPacket, maxPacketBytes: number, sender: MessageSender | undefined): ScanMessage {
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload, 'utf8') : packet.payload;
  return {
    topic: packet.topic,
    payload,
    qos: packet.qos,
    dup: packet.dup,
    retain: false, // of a PUBLISH to a broker the flag is a wish, not a sign of age (MQTT 3.1.1 §3.3.1.3)
    packetId: packet.messageId,
    ...(sender === undefined ? {} : { sender }),
    truncated: payload.length >= maxPacketBytes,
    gone: () => packet.qos > 0 && client !== null && client.closed,
  };
}

/** The device or the broker went away first: nothing is lost, and nothing is to be mended. */
function stays(error: Error): boolean {
  return error instanceof MqttIntakeError && error.code === 'closed';
}
