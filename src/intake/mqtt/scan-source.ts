import type { Delivery, OutgoingMessage } from './outgoing.ts';
import type { RefusedFilter } from './subscriptions.ts';

/**
 * Where scans come from: an outside broker (`MqttClientSource`) or the embedded one (`EmbeddedBroker.source`).
 * Both promise the same: the sender's acknowledgement goes out only after the promise of `onMessage` resolved.
 */
export interface ScanSource {
  readonly kind: 'outside' | 'embedded';
  /** Attaches a taker of messages; it stays attached over reconnects until `close()`. */
  subscribe(subscription: ScanSubscription): ScanAttachment;
  /** Sends to a display: QoS 0, not retained. False when there is no connection now; the text is then dropped. */
  publish(topic: string, payload: string, properties?: PublishProperties): boolean;
  /** True for a topic whose messages are taken in. */
  takes(topic: string): boolean;
  /** Sends to another system, QoS 1: resolves when the broker has said something, or the time is up. Never rejects. */
  send(message: OutgoingMessage, timeoutMs: number): Promise<Delivery>;
  /** What the connection speaks; undefined where there is none. */
  readonly protocolVersion: 4 | 5 | undefined;
  /** `false`: takes in nothing more until `true`; what is in flight stays unacknowledged. */
  setReading(reading: boolean): void;
  readonly state: SourceState;
  /** What is held unacknowledged now. */
  readonly inFlight: { readonly messages: number; readonly bytes: number };
  /** Topic filters of the nodes that take messages, or are about to be back. */
  filters(): readonly string[];
  readonly counters: SourceCounters;
  /** The last thing that was wrong, whether it still is or not. */
  readonly lastProblem: SourceProblem | undefined;
  /** Called on every change of `state`. Returns the unsubscribe function. */
  onState(listener: (state: SourceState) => void): () => void;
}

/** Of MQTT 5 (§3.3.2.3); a connection of MQTT 3.1.1 leaves them out. */
export interface PublishProperties {
  readonly correlationData?: Uint8Array;
  readonly expirySeconds?: number;
}

/** What came in since the source was made. */
export interface SourceCounters {
  readonly received: number;
  /** Of these, sent before. */
  readonly redelivered: number;
  /** Recorded or put aside: acknowledged, or about to be. */
  readonly durable: number;
  readonly bytes: number;
  /** Connections that were made; the embedded broker has none to make. */
  readonly connects?: number;
  /** Epoch milliseconds. */
  readonly lastAt?: number;
}

export interface SourceProblem {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: string;
}

export interface SourceState {
  readonly kind: 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';
  /** One sentence that says what is wrong and what to do; absent when connected. */
  readonly reason?: string;
  /** While connected: topics that the broker does not give us. */
  readonly refused?: readonly RefusedFilter[];
}

/** What a taker makes of a topic: its own, one that nobody else should swallow unseen, or not its business. */
export type TopicClaim = 'own' | 'stray' | 'none';

export interface ScanSubscription {
  /** Names the taker over redeploys: a message that its closed predecessor gave back goes to the successor. */
  readonly key: string;
  /** MQTT topic filter (MQTT 5 §4.7). */
  readonly filter: string;
  readonly qos: 1;
  /**
   * Finer than the filter. A message goes to every taker that says `own`; when none does, to the first that
   * says `stray`, so that one site's scans are not another's quarantine. Default: what matches the filter is `own`.
   */
  readonly claim?: (topic: string) => TopicClaim;
  /**
   * Takes one message. Resolves when it is durable: only then is it acknowledged. Rejects: never acknowledged,
   * the broker or the device keeps it; with `MqttIntakeError` code `detached` it is offered to the successor.
   * Called in arrival order per sender; may be called again before it resolved.
   */
  readonly onMessage: (message: ScanMessage) => Promise<void>;
}

export interface ScanAttachment {
  /**
   * Detaches without ending the broker's session.
   * @param removed true when no successor will come; false on a mere redeploy: messages wait for the successor
   */
  close(removed: boolean): void;
}

/** A device of the register that signed in at the embedded broker. */
export interface MessageSender { readonly deviceId: string; readonly kind: string }

export interface ScanMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  /** Sent before (MQTT 5 §3.3.1.1). Not a key for deduplication. */
  readonly dup: boolean;
  /** A stored copy, not an event that just happened (MQTT 5 §3.3.1.3). */
  readonly retain: boolean;
  /** Undefined for QoS 0. */
  readonly packetId: number | undefined;
  /** Who signed in for the connection that it came over; only the embedded broker knows. */
  readonly sender?: MessageSender;
  /** The payload is only the head of a packet larger than the broker takes. */
  readonly truncated: boolean;
  /** Where its sender waits for an answer, and what it knows the answer by (MQTT 5 §3.3.2.3.5, §3.3.2.3.6). */
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  /** What MQTT 5 says beside the payload (§3.3.2.3); absent with 3.1.1. */
  readonly properties?: { readonly contentType?: string; readonly userProperties?: Readonly<Record<string, string | readonly string[]>> };
  /** The connection is gone and the sender will deliver it again: a message that is not recorded yet can be let go. */
  gone(): boolean;
}

/** Bound of what a source holds unacknowledged. Above it reading stops; below half it goes on. */
export interface InFlightBound { readonly messages: number; readonly bytes: number }

export const defaultInFlightBound: InFlightBound = { messages: 2_000, bytes: 8 * 1024 * 1024 };
