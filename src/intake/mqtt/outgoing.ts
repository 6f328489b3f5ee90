import type { IClientPublishOptions, MqttClient } from 'mqtt';

/** A message to another system: QoS 1, not retained. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** For MQTT 5; left out where the connection speaks 3.1.1. */
  readonly contentType?: string;
  readonly userProperties?: Readonly<Record<string, string>>;
}

/** What became of it. */
export type Delivery =
  /** The broker has it (PUBACK). */
  | { readonly kind: 'acknowledged' }
  /** It never left. */
  | { readonly kind: 'not-sent'; readonly reason: string }
  /** The broker says no, by a reason code (MQTT 5 §3.4.2.1). */
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string }
  /** It left, and nobody answered. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Reason codes of a PUBACK that say no, in words. */
const REASONS: Readonly<Record<number, string>> = {
  0x80: 'without a reason', 0x83: 'for a reason of its own', 0x87: 'because this user may not send there', 0x90: 'because of the topic', 0x91: 'because the number of the message is in use', 0x97: 'because a quota is used up', 0x99: 'because of what the message holds',
};
/** MQTT 5 §3.2.2.3.3: what a server that says nothing takes at once. */
const NO_LIMIT = 65_535;

/** Sends over one connection, never more unacknowledged messages than the broker takes (MQTT 5 §4.9). */
export class Outgoing {
  readonly #client: MqttClient;
  #room: number;
  #waiting: (() => void)[] = [];
  readonly #ends = new Set<() => void>();
  #closed = false;

  constructor(client: MqttClient, receiveMaximum = NO_LIMIT) {
    this.#client = client;
    this.#room = receiveMaximum;
  }

  async send(message: OutgoingMessage, timeoutMs: number): Promise<Delivery> {
    const until = Date.now() + timeoutMs;
    while (this.#room === 0 && !this.#closed) {
      if (!await this.#turn(until)) return { kind: 'not-sent', reason: 'The broker is busy with earlier messages.' };
    }
    if (this.#closed || !this.#client.connected) return { kind: 'not-sent', reason: 'The connection to the broker is gone.' };
    this.#room -= 1;
    return this.#publish(message, Math.max(1, until - Date.now()));
  }

  /** The connection is over: what was not acknowledged may have arrived. */
  close(): void {
    this.#closed = true;
    for (const end of [...this.#ends]) end();
    this.#wake();
  }

  #publish({ topic, payload, contentType, userProperties }: OutgoingMessage, timeoutMs: number): Promise<Delivery> {
    const properties = this.#client.options.protocolVersion === 5
      ? { ...(contentType === undefined ? {} : { contentType }), ...(userProperties === undefined ? {} : { userProperties: { ...userProperties } }) } : {};
    const options: IClientPublishOptions = { qos: 1, retain: false, properties };
    return new Promise((resolve) => {
      const settle = (delivery: Delivery): void => {
        clearTimeout(timer);
        this.#ends.delete(end);
        resolve(delivery);
      };
      const end = (): void => settle({ kind: 'unknown', reason: 'The connection broke before the broker acknowledged the message.' });
      const timer = setTimeout(() => settle({ kind: 'unknown', reason: `The broker has not acknowledged the message within ${timeoutMs} ms.` }), timeoutMs);
      this.#ends.add(end);
      this.#client.publish(topic, Buffer.from(payload), options, (error) => {
        this.#room += 1;
        this.#wake();
        settle(deliveryOf(error));
      });
    });
  }

  #turn(until: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, until - Date.now()));
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

function deliveryOf(error: (Error & { readonly code?: unknown }) | null | undefined): Delivery {
  if (error === null || error === undefined) return { kind: 'acknowledged' };
  if (typeof error.code !== 'number') return { kind: 'unknown', reason: error.message };
  // 0x10: nobody has subscribed to the topic, which is no business of the sender
  if (error.code < 0x80) return { kind: 'acknowledged' };
  return { kind: 'refused', code: error.code, reason: `The broker refuses the message ${REASONS[error.code] ?? `with the reason code ${error.code}`}.` };
}
