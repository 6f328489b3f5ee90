/** Looks again and again, and at once when it is asked for; one look after the other. */
export class Looks {
  readonly #everyMs: number;
  readonly #look: () => Promise<void>;
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** `look` never rejects: what it could not do, the next one does. */
  constructor(everyMs: number, look: () => Promise<void>) {
    this.#everyMs = everyMs;
    this.#look = look;
  }

  start(): void {
    this.#timer = setInterval(() => { void this.now(); }, this.#everyMs);
    this.#timer.unref();
    void this.now();
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  now(): Promise<void> {
    return this.#looking = this.#looking.then(this.#look);
  }
}
