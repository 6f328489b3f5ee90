import { MqttIntakeError } from './errors.ts';
import { compileTopicFilter } from './topic-filter.ts';
import type { ScanAttachment, ScanMessage, ScanSubscription, SourceCounters, TopicClaim } from './scan-source.ts';

/** How long a message waits for a node that a deploy is just replacing, in ms. */
export const DEFAULT_HANDOVER_MS = 30_000;

interface Taker {
  readonly key: string;
  readonly filter: string;
  readonly claim: (topic: string) => TopicClaim;
  readonly onMessage: (message: ScanMessage) => Promise<void>;
}

interface Parting { readonly taker: Taker; readonly timer: NodeJS.Timeout }

/**
 * Brings each message of one connection to the nodes that take it, once each, however many subscriptions it matched.
 * Remembers nodes that a redeploy took away until they are back, so that nothing is acknowledged in between.
 */
export class ScanRouter {
  readonly #takers = new Map<string, Taker>();
  readonly #parting = new Map<string, Parting>();
  readonly #expected: readonly ((topic: string) => boolean)[];
  readonly #handoverMs: number;
  readonly #onChange: (added?: string) => void;
  readonly #counters = { received: 0, redelivered: 0, durable: 0, bytes: 0, lastAt: undefined as number | undefined };
  #waiting: (() => void)[] = [];
  #closed = false;

  /**
   * @param options.expected filters whose messages are never let go unseen, even before a node takes them
   * @param options.onChange called when `filters()` may have changed, with the filter of a node that came
   */
  constructor(options: { readonly handoverMs?: number; readonly expected?: readonly string[]; readonly onChange?: (added?: string) => void } = {}) {
    this.#handoverMs = options.handoverMs ?? DEFAULT_HANDOVER_MS;
    this.#expected = (options.expected ?? []).map(compileTopicFilter);
    this.#onChange = options.onChange ?? (() => undefined);
  }

  add(subscription: ScanSubscription): ScanAttachment {
    const matches = compileTopicFilter(subscription.filter);
    const taker: Taker = {
      key: subscription.key,
      filter: subscription.filter,
      claim: subscription.claim ?? ((topic) => (matches(topic) ? 'own' : 'none')),
      onMessage: (message) => subscription.onMessage(message),
    };
    this.#forgetParting(taker.key);
    this.#takers.set(taker.key, taker);
    this.#changed(taker.filter);
    return { close: (removed) => this.#remove(taker, removed) };
  }

  get counters(): SourceCounters {
    const { lastAt, ...counts } = this.#counters;
    return { ...counts, ...(lastAt === undefined ? {} : { lastAt }) };
  }

  /** Filters of the nodes that are there or about to be back. */
  filters(): readonly string[] {
    return [...this.#takers.values(), ...[...this.#parting.values()].map(({ taker }) => taker)].map(({ filter }) => filter);
  }

  /** True when a message of the topic must not be acknowledged before somebody took it. */
  wants(topic: string): boolean {
    for (const taker of this.#takers.values()) {
      if (taker.claim(topic) !== 'none') return true;
    }
    for (const { taker } of this.#parting.values()) {
      if (taker.claim(topic) !== 'none') return true;
    }
    return this.#expected.some((matches) => matches(topic));
  }

  /**
   * Resolves when every node that takes the topic has made the message durable.
   * Rejects with `unrouted` when nobody took it in the handover time, `closed` when the source closed or the sender
   * will deliver it again, or with what a node failed with.
   */
  dispatch(message: ScanMessage): Promise<void> {
    const counters = this.#counters;
    counters.received += 1;
    counters.bytes += message.payload.length;
    counters.lastAt = Date.now();
    if (message.dup) counters.redelivered += 1;
    return this.#dispatch(message).then(() => { counters.durable += 1; });
  }

  #dispatch(message: ScanMessage): Promise<void> {
    const [only, other] = this.#owners(message.topic);
    if (only !== undefined && other === undefined && this.#parting.size === 0) {
      return only.onMessage(message).then(undefined, (error: unknown) => {
        if (isDetached(error)) return this.#deliver(message, new Set([only.key]));
        throw error;
      });
    }
    return this.#deliver(message, new Set());
  }

  close(): void {
    this.#closed = true;
    for (const key of [...this.#parting.keys()]) this.#forgetParting(key);
    this.#takers.clear();
    this.#wake();
  }

  async #deliver(message: ScanMessage, owed: Set<string>): Promise<void> {
    const served = new Set<string>();
    for (const { taker } of this.#parting.values()) {
      if (taker.claim(message.topic) === 'own') owed.add(taker.key);
    }
    const until = Date.now() + this.#handoverMs;
    for (;;) {
      if (this.#closed || message.gone()) throw new MqttIntakeError('closed', 'The message stays with its sender.');
      const takers = this.#owners(message.topic).filter(({ key }) => !served.has(key));
      const results = await Promise.allSettled(takers.map((taker) => taker.onMessage(message)));
      for (const [index, result] of results.entries()) {
        const { key } = takers[index] as Taker;
        if (result.status === 'fulfilled') {
          served.add(key);
          owed.delete(key);
        } else if (isDetached(result.reason)) {
          owed.add(key);
        } else {
          throw result.reason;
        }
      }
      for (const key of owed) {
        // its successor takes other topics, or a stray message found its owner
        if (served.size > 0 && !this.#parting.has(key) && this.#takers.get(key)?.claim(message.topic) !== 'own') owed.delete(key);
      }
      if (owed.size === 0 && served.size > 0) return;
      if (!(await this.#change(until))) {
        if (served.size > 0) return;
        throw new MqttIntakeError('unrouted', `No scan in node takes messages from the topic "${message.topic}".`);
      }
    }
  }

  #owners(topic: string): readonly Taker[] {
    const owners: Taker[] = [];
    let stray: Taker | undefined;
    for (const taker of this.#takers.values()) {
      const claim = taker.claim(topic);
      if (claim === 'own') owners.push(taker);
      else if (claim === 'stray') stray ??= taker;
    }
    return owners.length > 0 || stray === undefined ? owners : [stray];
  }

  #remove(taker: Taker, removed: boolean): void {
    if (this.#takers.get(taker.key) !== taker) return; // its successor came first
    this.#takers.delete(taker.key);
    if (!removed && !this.#closed) {
      const timer = setTimeout(() => {
        this.#forgetParting(taker.key);
        this.#changed();
      }, this.#handoverMs);
      this.#parting.set(taker.key, { taker, timer });
    }
    this.#changed();
  }

  #forgetParting(key: string): void {
    clearTimeout(this.#parting.get(key)?.timer);
    this.#parting.delete(key);
  }

  #changed(added?: string): void {
    this.#wake();
    if (!this.#closed) this.#onChange(added);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** True after the next change of takers, false when the time is up. */
  #change(until: number): Promise<boolean> {
    return new Promise((resolve) => {
      const left = until - Date.now();
      if (left <= 0) {
        resolve(false);
        return;
      }
      const timer = setTimeout(() => resolve(false), left);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}

export function isDetached(error: unknown): boolean {
  return error instanceof MqttIntakeError && error.code === 'detached';
}
