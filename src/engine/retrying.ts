import { addressKey } from '../domain/index.ts';
import type { AnyEvent, CaseState } from '../domain/index.ts';
import type { RetryingRow } from '../ledger/port.ts';

/** Messages of one retry node that did not get through so far. */
export interface RetryingHere {
  /** Waiting for their next attempt. */
  readonly waiting: number;
  /** When the first of them is tried again, ISO 8601. */
  readonly nextAt: string | undefined;
  /** Given up: waiting for a person. */
  readonly dead: number;
}

const nobody: RetryingHere = { waiting: 0, nextAt: undefined, dead: 0 };

/** Who waits where for another attempt, kept as events come: for the status of nodes. */
export class Retrying {
  /** By address: token id to the time of its next attempt, undefined for a dead letter. */
  readonly #here = new Map<string, Map<string, string | undefined>>();
  readonly #addressOf = new Map<string, string>();

  restore(rows: readonly RetryingRow[]): void {
    for (const row of rows) this.#put(row.address, row.token_id, row.due_at ?? undefined);
  }

  /** @param state the case after the event's commit */
  see(state: CaseState, event: AnyEvent): void {
    switch (event.type) {
      case 'TokenRetryScheduled':
        if (event.address !== undefined) this.#put(addressKey(event.address), event.data.tokenId, event.data.dueAt);
        break;
      case 'TokenDeadLettered':
        if (event.address !== undefined) this.#put(addressKey(event.address), event.data.tokenId, undefined);
        break;
      case 'TokenResent': case 'TokenRetryEnded': case 'TokenReplayed': case 'TokenRerouted': case 'TokenVoided': this.#drop(event.data.tokenId); break;
      case 'ExceptionResolved': for (const token of event.data.tokens) this.#drop(token.replaces); break;
      case 'CaseClosed': if (this.#addressOf.size > 0) for (const tokenId of Object.keys(state.tokens)) this.#drop(tokenId); break;
      default: break;
    }
  }

  /** @param addresses of one step: its own and those that it took over */
  at(addresses: readonly string[]): RetryingHere {
    const dues = addresses.flatMap((address) => [...this.#here.get(address)?.values() ?? []]);
    if (dues.length === 0) return nobody;
    const times = dues.filter((dueAt) => dueAt !== undefined);
    return { waiting: times.length, nextAt: times.reduce<string | undefined>((first, at) => (first === undefined || at < first ? at : first), undefined), dead: dues.length - times.length };
  }

  #put(address: string, tokenId: string, dueAt: string | undefined): void {
    let here = this.#here.get(address);
    if (here === undefined) this.#here.set(address, here = new Map());
    here.set(tokenId, dueAt);
    this.#addressOf.set(tokenId, address);
  }
  #drop(tokenId: string): void {
    const address = this.#addressOf.get(tokenId);
    if (address === undefined) return;
    this.#addressOf.delete(tokenId);
    const here = this.#here.get(address);
    here?.delete(tokenId);
    if (here?.size === 0) this.#here.delete(address);
  }
}
