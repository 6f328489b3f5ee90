import type { AccountStore } from '../ledger/accounts-port.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { once } from './support/reporting.ts';

const refreshMs = 5_000;

/** Ties the badge that a device sends to an account, so that one person is one pseudonym at dock and inbox. */
export class Operators {
  readonly #accounts: AccountStore | undefined;
  readonly #pseudonyms: Pseudonyms;
  #byBadge = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(accounts: AccountStore | undefined, pseudonyms: Pseudonyms) {
    this.#accounts = accounts;
    this.#pseudonyms = pseudonyms;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => { void this.refresh(); }, refreshMs);
    this.#timer.unref();
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  async refresh(): Promise<void> {
    if (this.#accounts === undefined) return;
    try {
      const users = await this.#accounts.listUsers();
      const next = new Map<string, string>();
      for (const user of users) {
        next.set(user.name.toLowerCase(), user.id);
        if (user.badge !== undefined) next.set(user.badge.toLowerCase(), user.id);
      }
      this.#byBadge = next;
    } catch (error) {
      once('operators', `The accounts could not be read; operators are matched with what is known: ${String(error)}`);
    }
  }

  /** An operator that no account knows, or none at all, is unknown: segregation of duties then fails closed (PROTOCOL §4). */
  resolve(operator: string | undefined): { readonly pseudonym: string | undefined; readonly unknown: boolean } {
    if (operator === undefined || operator === '') return { pseudonym: undefined, unknown: true };
    const account = this.#byBadge.get(operator.toLowerCase());
    return { pseudonym: this.#pseudonyms.person(account ?? `badge:${operator}`), unknown: account === undefined };
  }
}
