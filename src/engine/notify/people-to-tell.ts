import type { AccountStore, UserRecord } from '../../ledger/accounts-port.ts';

/** A person who can be told, as the notifier sees it. */
export interface Reader { readonly userId: string; readonly pseudonym: string;
  /** Sign-in name. */
  readonly account: string;
  readonly name: string; readonly email: string | undefined; readonly roles: readonly string[]; readonly sites: readonly string[] }

/** Who is there to be told. */
export interface Readers {
  /** Who holds the role at the site. */
  withRole(role: string, site: string): Promise<readonly Reader[]>;
  byPseudonym(pseudonym: string): Promise<Reader | undefined>;
  byAccount(name: string): Promise<Reader | undefined>;
  byId(userId: string): Promise<Reader | undefined>;
}

/** How long what was read is good for, ms: a burst of tasks asks many times. */
const freshMs = 2_000;

/** The accounts as readers. */
export class AccountReaders implements Readers {
  readonly #accounts: AccountStore;
  readonly #pseudonym: (userId: string) => string;
  #known: { readonly until: number; readonly readers: Promise<readonly Reader[]> } | undefined;

  constructor(accounts: AccountStore, pseudonym: (userId: string) => string) {
    this.#accounts = accounts;
    this.#pseudonym = pseudonym;
  }

  async withRole(role: string, site: string): Promise<readonly Reader[]> {
    return (await this.#all()).filter((reader) => reader.roles.includes(role) && (reader.sites.includes('*') || reader.sites.includes(site)));
  }
  async byPseudonym(pseudonym: string): Promise<Reader | undefined> {
    return (await this.#all()).find((reader) => reader.pseudonym === pseudonym);
  }
  async byAccount(name: string): Promise<Reader | undefined> {
    return (await this.#all()).find((reader) => reader.account.toLowerCase() === name.toLowerCase());
  }
  async byId(userId: string): Promise<Reader | undefined> {
    return (await this.#all()).find((reader) => reader.userId === userId);
  }

  #all(): Promise<readonly Reader[]> {
    const now = performance.now();
    if (this.#known !== undefined && this.#known.until > now) return this.#known.readers;
    const readers = this.#accounts.listUsers().then((users) => users.filter((user) => !user.disabled).map((user) => this.#reader(user)));
    // What could not be read is not believed.
    readers.catch(() => { this.#known = undefined; });
    this.#known = { until: now + freshMs, readers };
    return readers;
  }

  #reader(user: UserRecord): Reader {
    return { userId: user.id, pseudonym: this.#pseudonym(user.id), account: user.name, name: user.displayName, email: (user as { readonly email?: string }).email, roles: user.roles, sites: user.sites };
  }
}
