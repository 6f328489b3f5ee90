import { setTimeout as sleep } from 'node:timers/promises';
import type { PositionOf } from '../positions.ts';
import type { Waybill } from '../api.ts';

/** Notes that wait for a ledger that takes nothing just now: the first ones. */
const MOST_NOTES = 500;
/** How often the ledger is told that a broker is still heard: a gap begins so much too early at most. */
const HEARD_EVERY_MS = 60_000;
const AGAIN_MS = 500;

type Log = (level: 'info' | 'warn', text: string) => void;

/** When the other side was last heard, epoch milliseconds; undefined while there is no connection. */
export type HeardAt = () => number | undefined;

/**
 * What a connection writes besides cases: gaps, and until when it has heard the other side. One after the other, so that
 * *heard until* is never later than a gap that is not recorded: killed in between, the next process begins its gap there.
 */
export class LedgerNotes {
  readonly #waybill: Waybill;
  readonly #position: PositionOf;
  readonly #log: Log;
  readonly #queue: (() => Promise<unknown>)[] = [];
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #closed = false;

  constructor(waybill: Waybill, position: PositionOf, log: Log) {
    this.#waybill = waybill;
    this.#position = position;
    this.#log = log;
  }

  /** Calls `start` once the ledger has said until when an earlier process heard the other side. */
  begin(heardAt: HeardAt, start: (heardBefore: number | undefined) => void): void {
    this.#timer = setInterval(() => {
      const at = heardAt();
      if (at !== undefined) this.heard(at);
    }, HEARD_EVERY_MS);
    this.#timer.unref();
    this.add(async () => {
      const known = (await this.#waybill.nodes.lastPosition(this.#position))?.['heardAt'];
      if (!this.#closed) start(typeof known === 'number' ? known : undefined);
    });
  }

  /** `from` 0: not known since when. Times are epoch milliseconds. */
  gap({ source, reason, from, to }: { readonly source: string; readonly reason: string; readonly from: number; readonly to: number }): void {
    const { site, what } = this.#position;
    this.add(() => this.#waybill.nodes.recordGap({ site, what, source, reason, ...(from > 0 ? { fromTime: new Date(from).toISOString() } : {}), toTime: new Date(to).toISOString() }));
  }

  heard(heardAt: number): void {
    this.add(() => {
      this.#count += 1;
      return this.#waybill.nodes.keepPosition(this.#position, this.#count, { heardAt });
    });
  }

  add(act: () => Promise<unknown>): void {
    if (this.#queue.length >= MOST_NOTES) {
      this.#log('warn', 'More gaps and refusals than can wait for the ledger; this one stands in the log only.');
      return;
    }
    this.#queue.push(act);
    this.#working ??= this.#work().finally(() => { this.#working = undefined; });
  }

  /** Writes what waits, as far as the ledger takes it now. */
  async close(heardAt: number | undefined): Promise<void> {
    clearInterval(this.#timer);
    if (heardAt !== undefined) this.heard(heardAt);
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let act = this.#queue[0]; act !== undefined; act = this.#queue[0]) {
      const { state } = this.#waybill;
      if (state === 'closed' || state === 'refusing') return;
      if (state !== 'ready') {
        if (this.#closed) return;
        await sleep(AGAIN_MS, undefined, { ref: false });
        continue;
      }
      try {
        await act();
      } catch (error) {
        if (!this.#closed && error instanceof Error && error.name === 'LedgerError') {
          await sleep(AGAIN_MS, undefined, { ref: false });
          continue;
        }
        this.#log('warn', `A gap or a refusal could not be recorded: ${error instanceof Error ? error.message : String(error)}`);
      }
      this.#queue.shift();
    }
  }
}
