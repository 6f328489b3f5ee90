import type { AccountStore } from '../ledger/accounts-port.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { once } from './support/reporting.ts';

/** How long an answer about an operator is believed, ms. */
const believedMs = 5_000;
const most = 10_000;

export interface Operator {
  readonly pseudonym: string | undefined;
  /** No account is behind it: segregation of duties then fails closed (PROTOCOL §4). */
  readonly unknown: boolean;
}

const nobody: Operator = { pseudonym: undefined, unknown: true };

/** Ties the badge or name that a device sends to an account, so that one person is one pseudonym at dock and inbox. */
export class Operators {
  readonly #accounts: AccountStore | undefined;
  readonly #pseudonyms: Pseudonyms;
  readonly #known = new Map<string, { readonly operator: Operator; readonly until: number }>();

  constructor(accounts: AccountStore | undefined, pseudonyms: Pseudonyms) {
    this.#accounts = accounts;
    this.#pseudonyms = pseudonyms;
  }

  async resolve(badge: string | undefined): Promise<Operator> {
    if (badge === undefined || badge === '') return nobody;
    const now = performance.now();
    const known = this.#known.get(badge);
    if (known !== undefined && known.until > now) return known.operator;
    const userId = await this.#userId(badge);
    const operator: Operator = { pseudonym: this.#pseudonyms.person(userId ?? `badge:${badge}`), unknown: userId === undefined };
    if (this.#known.size >= most) this.#known.clear();
    this.#known.set(badge, { operator, until: now + believedMs });
    return operator;
  }

  async #userId(badge: string): Promise<string | undefined> {
    try {
      const user = await this.#accounts?.findUserByBadge(badge) ?? await this.#accounts?.findUserByName(badge);
      return user?.id;
    } catch (error) {
      once('operators', `The accounts could not be read; the operator of a scan counts as unknown: ${String(error)}`);
      return undefined;
    }
  }
}
