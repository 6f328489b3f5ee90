import type { LineSettings } from '../driver.ts';

/** What a broker hands over, and holds for this consumer until it is settled or the connection ends. */
export interface Delivery {
  /** '' when its sender gave none. */
  readonly messageId: string;
  /** The broker has handed it over before. */
  readonly redelivered: boolean;
  /** Of the body, in small letters; '' when nothing is said. */
  readonly encoding: string;
  readonly bytes: Buffer;
  /** The broker hands it over anew, here or elsewhere: settling it changes nothing any more. */
  gone(): boolean;
  /** It is done with: the broker forgets it. */
  accept(): void;
  /** It is not wanted: the broker moves it to its dead letters, where the queue has a place for them, and forgets it otherwise. */
  reject(): void;
}

/** Why nothing comes: one sentence. `mend`: not before somebody mends something. */
export interface QueueProblem { readonly message: string; readonly mend: boolean }

/** What is taken, from where. */
export interface SubscriptionOptions {
  readonly settings: LineSettings;
  /** Queue of AMQP 0-9-1, address of 1.0. */
  readonly queue: string;
  /** Most messages that are handed over and not settled. */
  readonly prefetch: number;
  readonly connectMs: number;
  readonly onDelivery: (delivery: Delivery) => void;
}

/** One connection that takes messages of one queue. */
export interface Subscription {
  /** Resolves when it is at its end, by itself or by `close`. */
  readonly ended: Promise<QueueProblem>;
  /** No further message is handed over; those that were can still be settled. */
  stop(): Promise<void>;
  /** What was settled reaches the broker first; what was not goes back to the queue. */
  close(): Promise<void>;
}

/** @throws SecretError, RangeError */
export type Subscribe = (options: SubscriptionOptions) => Promise<Subscription | QueueProblem>;

/** Waits for it no longer than this, ms. */
const CLOSE_MS = 5_000;

/** A broker that does not answer does not hold a deploy up. */
export async function orNotAtAll(work: Promise<unknown>, { clock }: LineSettings): Promise<void> {
  let timer: object | undefined;
  await Promise.race([work.catch(() => undefined), new Promise((resolve) => { timer = clock.setTimeout(() => { resolve(undefined); }, CLOSE_MS); })]);
  clock.clearTimeout(timer);
}
