import type { LedgerHealth } from '../port.ts';
import type { WriterEvents } from './writer-client.ts';

/** Groups whose latency is remembered. */
const window = 256;

/** Keeps what operators want to know about the ledger; fed by the writer. */
export class HealthMonitor implements WriterEvents {
  #state: LedgerHealth['state'] = 'ready';
  #reason: string | undefined;
  #lastPosition = 0;
  #checkpointSize = 0;
  #checkpointAt: string | undefined;
  readonly #latencies: number[] = [];
  #next = 0;
  readonly #listeners = new Set<() => void>();

  get isSuspended(): boolean { return this.#state === 'suspended'; }

  committed(lastPosition: number, ms?: number): void {
    this.#lastPosition = lastPosition;
    if (ms === undefined) return;
    this.#latencies[this.#next] = ms;
    this.#next = (this.#next + 1) % window;
  }

  checkpoint(size: number, at: string): void {
    this.#checkpointSize = size;
    this.#checkpointAt = at;
  }

  suspended(reason: string): void { this.#change('suspended', reason); }
  resumed(): void { this.#change('ready', undefined); }
  closed(): void { this.#change('closed', undefined); }

  read(queuedCommits: number, queuedBytes: number): LedgerHealth {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      state: this.#state, ...(this.#reason === undefined ? {} : { reason: this.#reason }), queuedCommits, queuedBytes,
      lastPosition: this.#lastPosition, checkpointSize: this.#checkpointSize,
      ...(this.#checkpointAt === undefined ? {} : { checkpointAt: this.#checkpointAt }), commitMs: { p50: at(0.5), p99: at(0.99) },
    };
  }

  /** Returns the unsubscribe function. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  whenSuspended(): Promise<void> {
    return new Promise((resolve) => {
      const off = this.onChange(() => {
        if (!this.isSuspended) return;
        off();
        resolve();
      });
    });
  }

  #change(state: LedgerHealth['state'], reason: string | undefined): void {
    this.#state = state;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener();
  }
}
