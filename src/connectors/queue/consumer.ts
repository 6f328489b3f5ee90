import type { LineSettings } from '../driver.ts';
import type { AmqpVersion } from './binding.ts';
import { IN_CLEAR, isInClear } from './broker.ts';
import { subscribe091 } from './subscribe-0-9-1.ts';
import { subscribe10 } from './subscribe-1-0.ts';
import type { Delivery, QueueProblem, Subscribe, Subscription } from './subscription.ts';

export interface ConsumerOptions {
  readonly settings: LineSettings;
  readonly version: AmqpVersion;
  /** Queue of AMQP 0-9-1, address of 1.0. */
  readonly queue: string;
  readonly prefetch: number;
  readonly connectMs: number;
  /** Settles the delivery when all of it is durable; never rejects. */
  readonly take: (delivery: Delivery) => Promise<void>;
  /** Undefined: messages can come. */
  readonly onState: (problem: QueueProblem | undefined) => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Longest waits before the next try, ms: at first, and while the broker stays away; when somebody has to mend something. */
const SOON = 500;
const LATE = 30_000;
const MEND = 60_000;

/** Takes messages of a queue as long as it is open: connects anew whenever the connection is lost, after a wait with jitter. */
export class QueueConsumer {
  readonly #options: ConsumerOptions;
  readonly #subscribe: Subscribe;
  readonly #under = new Set<Promise<void>>();
  #subscription: Subscription | undefined;
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: ConsumerOptions, subscribe: Subscribe = options.version === '1.0' ? subscribe10 : subscribe091) {
    this.#options = options;
    this.#subscribe = subscribe;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * No further message is taken; those under way are settled or go back to the queue.
   * @param letGo ends what waits for a ledger that takes nothing
   */
  async close(letGo: () => void): Promise<void> {
    this.#closed = true;
    await this.#subscription?.stop();
    letGo();
    await Promise.all(this.#under);
    await this.#subscription?.close();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { onState } = this.#options;
    for (let failures = 0; !this.#closed;) {
      const opened = await this.#open();
      let problem: QueueProblem;
      if ('ended' in opened) {
        failures = 0;
        this.#subscription = opened;
        // Closed while it connected.
        if (this.#closed as boolean) await opened.close();
        else onState(undefined);
        problem = await opened.ended;
        this.#subscription = undefined;
      } else problem = opened;
      if (this.#closed as boolean) return;
      onState(problem);
      await this.#wait(problem.mend ? MEND : Math.min(LATE, SOON * 2 ** Math.min(failures, 10)));
      failures += 1;
    }
  }

  async #open(): Promise<Subscription | QueueProblem> {
    const { settings, queue, prefetch, connectMs } = this.#options;
    if (isInClear(settings)) return { message: IN_CLEAR, mend: true };
    try {
      return await this.#subscribe({ settings, queue, prefetch, connectMs, onDelivery: (delivery) => { this.#take(delivery); } });
    } catch (error) {
      // Secrets, or files of certificates, that are not there.
      return { message: error instanceof Error ? error.message : String(error), mend: true };
    }
  }

  #take(delivery: Delivery): void {
    // What comes after the end goes back with the connection.
    if (this.#closed) return;
    const work = this.#options.take(delivery).finally(() => this.#under.delete(work));
    this.#under.add(work);
  }

  /** Half of it is certain, so that a broker that comes back is not met by everybody at once, nor at full speed by anybody. */
  #wait(ms: number): Promise<void> {
    const { settings: { clock }, random } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, ms / 2 + random() * (ms / 2));
      this.#wake = () => {
        clock.clearTimeout(timer);
        resolve();
      };
      if (this.#closed) this.#wake();
    });
  }
}
