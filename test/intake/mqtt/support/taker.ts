import type { ScanMessage, ScanSource, ScanSubscription } from '../../../../src/intake/mqtt/index.ts';

export interface Taken {
  readonly message: ScanMessage;
  readonly text: string;
  readonly commit: () => void;
  readonly fail: (error: Error) => void;
}

/** Takes messages and commits them when the test says so, or by itself after `delayMs`. */
export class Taker {
  readonly taken: Taken[] = [];
  readonly #delayMs: number | undefined;
  #watchers: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(delayMs?: number) {
    this.#delayMs = delayMs;
  }

  get texts(): readonly string[] {
    return this.taken.map(({ text }) => text);
  }

  readonly onMessage = (message: ScanMessage): Promise<void> =>
    new Promise((resolve, reject) => {
      this.taken.push({ message, text: Buffer.from(message.payload).toString('utf8'), commit: resolve, fail: reject });
      if (this.#delayMs !== undefined) setTimeout(resolve, this.#delayMs);
      this.#look();
    });

  subscribe(source: ScanSource, filter = '+/+/+/+/scan', extra: Partial<ScanSubscription> = {}): ReturnType<ScanSource['subscribe']> {
    return source.subscribe({ key: 'test/scan-in-1', filter, qos: 1, onMessage: this.onMessage, ...extra });
  }

  /** Resolves when at least so many messages were taken. */
  count(n: number): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push({ holds: () => this.taken.length >= n, resolve });
      this.#look();
    });
  }

  #look(): void {
    this.#watchers = this.#watchers.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve();
      return false;
    });
  }
}
