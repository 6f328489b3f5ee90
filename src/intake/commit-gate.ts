export interface CommitGateOptions {
  readonly accepting: () => boolean;
  readonly onAccepting: (listener: (accepting: boolean) => void) => () => void;
  /** Waits between tries: from `minMs`, doubled up to `maxMs`. */
  readonly minMs?: number;
  readonly maxMs?: number;
}

/**
 * Holds messages back while the ledger takes none, and lets them go in the order in which they were held, so that one
 * device's scans do not overtake each other. Opens when the engine accepts again, or by time to try.
 */
export class CommitGate {
  readonly #options: CommitGateOptions;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #unlisten: () => void;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #shut = false;
  #closed = false;

  constructor(options: CommitGateOptions) {
    this.#options = options;
    this.#minMs = options.minMs ?? 100;
    this.#maxMs = options.maxMs ?? 5_000;
    this.#unlisten = options.onAccepting((accepting) => {
      if (accepting) this.#open();
    });
  }

  /** Undefined when the way is free; else a promise that resolves when it is worth another try, or at `close()`. */
  wait(): Promise<void> | undefined {
    if (this.#closed || (!this.#shut && this.#options.accepting())) return undefined;
    return new Promise((resolve) => { this.#waiting.push(resolve); });
  }

  /** The ledger took nothing: nobody tries again before a while, each failure in a row longer. */
  failed(): void {
    if (this.#shut || this.#closed) return;
    this.#shut = true;
    const ms = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#shut = false;
      if (this.#options.accepting()) this.#open();
    }, ms);
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Wakes everybody for good. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#open();
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#shut = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
