import type { ErrorWithSubackPacket, MqttClient } from 'mqtt';
import { minimalFilters } from './topic-filter.ts';

/** A topic that the broker does not give us. */
export interface RefusedFilter {
  readonly filter: string;
  /** One sentence that says what to do. */
  readonly reason: string;
}

/** What subscriptions need of a connection. */
export interface SubscribingConnection { readonly client: Pick<MqttClient, 'connected' | 'options' | 'subscribeAsync' | 'unsubscribeAsync'> }

export interface SubscriptionsOptions {
  /** Names the session at the broker, which outlives this object. */
  readonly session: string;
  /** What the nodes want now. */
  readonly filters: () => readonly string[];
  readonly sharedGroup?: string;
  /** How long a refused one waits until it is asked for again, ms. */
  readonly resubscribeMs: number;
  /** `refused` has changed. */
  readonly onRefused: () => void;
  readonly log: (level: 'info' | 'warn', text: string) => void;
}

/** A connection that breaks so often while the same filter is asked for was ended because of it. */
const BREAKS = 2;

/**
 * Brings what a broker's session is subscribed to to what the nodes want. Every filter is subscribed at QoS 1; one that
 * another covers is not subscribed by itself, unless the broker refuses the wider one. What is refused does not keep the
 * others from their messages, and is asked for again after a while, not at once.
 */
export class Subscriptions {
  /** What each session of this process has, so that a redeploy asks for no more than what changed. */
  static readonly #sessions = new Map<string, Set<string>>();
  readonly #options: SubscriptionsOptions;
  readonly #held: Set<string>;
  readonly #refused = new Map<string, string>();
  /** Refused ones whose time to be asked for again has come. */
  readonly #due = new Set<string>();
  readonly #breaks = new Map<string, number>();
  #connection: SubscribingConnection | undefined;
  #asking: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    const known = Subscriptions.#sessions.get(options.session);
    this.#held = known ?? new Set();
    if (known === undefined) Subscriptions.#sessions.set(options.session, this.#held);
  }

  get refused(): readonly RefusedFilter[] {
    return [...this.#refused].map(([filter, reason]) => ({ filter, reason }));
  }

  /**
   * Resolves when the broker has answered for all topics, or the connection is gone.
   * @param resumed the broker still had the session, with its subscriptions
   */
  connected(connection: SubscribingConnection, resumed: boolean): Promise<void> {
    this.#connection = connection;
    if (!resumed) this.#held.clear();
    return this.#sync();
  }

  /** Some brokers answer a topic that is not allowed by ending the connection; asking again at once would be a loop. */
  disconnected(): void {
    this.#connection = undefined;
    const filter = this.#asking;
    if (filter === undefined) return;
    this.#asking = undefined;
    const breaks = (this.#breaks.get(filter) ?? 0) + 1;
    this.#breaks.set(filter, breaks);
    if (breaks >= BREAKS) this.#refuse(filter, 'it ends the connection when it is asked for it');
  }

  /** The nodes want something else. What they want anew is asked for at once, even if it was refused before. */
  changed(added?: string): void {
    if (added !== undefined && this.#refused.has(added)) this.#due.add(added);
    void this.#sync();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#connection = undefined;
    this.#asking = undefined;
  }

  /** One run at a time. */
  #sync(): Promise<void> {
    this.#again = true;
    return this.#running ??= this.#syncAll().finally(() => { this.#running = undefined; });
  }

  async #syncAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#syncOnce();
    }
  }

  async #syncOnce(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    const all = this.#options.filters();
    for (const filter of this.#refused.keys()) {
      if (!all.includes(filter) && this.#refused.delete(filter)) this.#options.onRefused();
    }
    const wanted = minimalFilters(all.filter((filter) => !this.#refused.has(filter) || this.#due.has(filter)));
    for (const filter of wanted) {
      if (this.#held.has(this.#subscription(filter))) continue;
      const refusal = await this.#subscribe(connection, filter);
      if (this.#connection !== connection || !connection.client.connected) return;
      this.#due.delete(filter);
      if (refusal !== undefined) {
        this.#refuse(filter, refusal);
        this.#again = true; // what this one covered is asked for by itself
        return;
      }
      this.#held.add(this.#subscription(filter));
      if (this.#refused.delete(filter)) this.#options.onRefused();
    }
    const keep = new Set(wanted.map((filter) => this.#subscription(filter)));
    for (const subscription of [...this.#held]) {
      if (keep.has(subscription)) continue;
      await connection.client.unsubscribeAsync(subscription).catch((error: unknown) => {
        this.#options.log('warn', `The subscription to ${subscription} could not be ended: ${String(error)}`);
      });
      if (this.#connection !== connection) return;
      this.#held.delete(subscription);
    }
  }

  #subscription(filter: string): string {
    return this.#options.sharedGroup === undefined ? filter : `$share/${this.#options.sharedGroup}/${filter}`;
  }

  /** Why the broker refuses, or undefined. */
  async #subscribe(connection: SubscribingConnection, filter: string): Promise<string | undefined> {
    this.#asking = filter;
    try {
      // rh 1: retained messages only for a subscription that is new (MQTT 5 §3.8.3.1)
      const [grant] = await connection.client.subscribeAsync(this.#subscription(filter), connection.client.options.protocolVersion === 5 ? { qos: 1, rh: 1 } : { qos: 1 });
      if (grant === undefined || grant.qos === 1) return undefined;
      return `it grants QoS ${grant.qos} and not 1`;
    } catch (error) {
      const code = (error as Partial<ErrorWithSubackPacket>).packet?.granted[0];
      if (typeof code === 'number') return refusal(code);
      return error instanceof Error ? error.message : String(error);
    } finally {
      // of a connection that broke meanwhile `disconnected` has yet to know what was asked
      if (this.#connection === connection && connection.client.connected) {
        this.#asking = undefined;
        this.#breaks.delete(filter);
      }
    }
  }

  #refuse(filter: string, why: string): void {
    const sentence = `The broker refuses the subscription to "${this.#subscription(filter)}" (${why}). Allow it to the user of the broker node, or change the topic pattern.`;
    const news = this.#refused.get(filter) !== sentence;
    this.#refused.set(filter, sentence);
    if (news) {
      this.#options.log('warn', sentence);
      this.#options.onRefused();
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#askAgain(), this.#options.resubscribeMs);
  }

  #askAgain(): void {
    this.#breaks.clear();
    for (const filter of this.#refused.keys()) this.#due.add(filter);
    void this.#sync();
  }
}

/** SUBACK reason codes (MQTT 5 §3.9.3), 3.1.1 knows 128 alone. */
const REFUSALS: Readonly<Record<number, string>> = {
  128: 'it does not say why',
  131: 'it does not support it',
  135: 'not allowed',
  143: 'it takes no such topic filter',
  151: 'a quota is used up',
  158: 'it does not support shared subscriptions',
  162: 'it does not support wildcards',
};

function refusal(code: number): string {
  return REFUSALS[code] ?? `reason code ${code}`;
}
