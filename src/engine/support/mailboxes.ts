/** One mailbox per key: what is given to it runs one after the other (PROTOCOL §5). Empty mailboxes cost nothing. */
export class Mailboxes {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    const tail = mine.then(noop, noop);
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return mine;
  }

  get size(): number {
    return this.#tails.size;
  }
}

function noop(): void {
  // The outcome belongs to the caller of run(); the tail only keeps the order.
}
