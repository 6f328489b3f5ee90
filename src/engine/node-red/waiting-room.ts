import { LedgerError } from '../../ledger/port.ts';
import type { Waybill } from '../api.ts';

/** How soon a work that waits is tried again, ms. */
const retryMs = 500;

/**
 * Where messages of plain nodes wait while the ledger takes no commits or flows are being deployed. Plain nodes send
 * without an end, so the places are counted: whoever finds none gets the error at once, and the flow's catch nodes see it.
 */
export class WaitingRoom {
  readonly #places: number;
  #taken = 0;

  constructor(places = 2_000) {
    this.#places = places;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Does the work, again and again while the ledger cannot take it. @throws what the work throws, when waiting does not help or no place is free */
  async whenTaken<T>(waybill: Pick<Waybill, 'state'>, work: () => Promise<T>): Promise<T> {
    let waits = false;
    try {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          const passing = error instanceof LedgerError && (error.code === 'unavailable' || error.code === 'queue-full');
          if (!passing || waybill.state === 'closed' || waybill.state === 'refusing') throw error;
          if (!waits) {
            if (this.#taken >= this.#places) throw new LedgerError(error.code, `${error.message} ${this.#places} messages wait already, so this one was not taken.`, { cause: error });
            waits = true;
            this.#taken += 1;
          }
          await new Promise((resolve) => { setTimeout(resolve, retryMs); });
        }
      }
    } finally {
      if (waits) this.#taken -= 1;
    }
  }
}
