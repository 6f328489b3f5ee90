/** Outcome of a piece of work: undefined when it is durable, else why it is not acknowledged. */
export type Settle = (error: Error | undefined) => void;

interface Entry { settled: boolean; error: Error | undefined; readonly settle: Settle }

/**
 * Lets acknowledgements go in the order in which the messages came (MQTT 5 §4.6, MQTT-4.6.0-2),
 * however their commits overtake each other. One for each connection. Work that failed is skipped.
 */
export class OrderedAcks {
  /** Empty before `#head`: what is acknowledged is let go at once. */
  #queue: (Entry | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#queue.length - this.#head;
  }

  add(work: Promise<void>, settle: Settle): void {
    const entry: Entry = { settled: false, error: undefined, settle };
    this.#queue.push(entry);
    work.then(
      () => this.#done(entry, undefined),
      (error: unknown) => this.#done(entry, error instanceof Error ? error : new Error(String(error))),
    );
  }

  #done(entry: Entry, error: Error | undefined): void {
    entry.settled = true;
    entry.error = error;
    let next = this.#queue[this.#head];
    while (next?.settled === true) {
      this.#queue[this.#head] = undefined;
      this.#head += 1;
      next.settle(next.error);
      next = this.#queue[this.#head];
    }
    if (this.#head > 1_024 || this.#head === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
