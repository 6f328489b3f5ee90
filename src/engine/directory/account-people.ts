import type { AccountStore, UserRecord } from '../../ledger/accounts-port.ts';
import type { Pseudonyms } from '../support/hashing.ts';
import type { Member, PeopleSource } from './directory.ts';

/** How long the list of all people is believed, ms: the command line changes accounts without telling. */
const believedMs = 2_000;

/** The accounts of this home as people; with OIDC, an account has the roles of its groups since the last sign-in. */
export class AccountPeople implements PeopleSource {
  readonly problem = undefined;
  readonly #accounts: AccountStore | undefined;
  readonly #pseudonyms: Pick<Pseudonyms, 'person'>;
  #kept: { readonly people: Promise<readonly Member[]>; readonly until: number } | undefined;

  constructor(accounts: AccountStore | undefined, pseudonyms: Pick<Pseudonyms, 'person'>) {
    this.#accounts = accounts;
    this.#pseudonyms = pseudonyms;
  }

  /** Accounts were changed in this process. */
  forget(): void {
    this.#kept = undefined;
  }

  people(): Promise<readonly Member[]> {
    const now = performance.now();
    if (this.#kept !== undefined && now < this.#kept.until) return this.#kept.people;
    const people = this.#read();
    const own = { people, until: now + believedMs };
    this.#kept = own;
    people.catch(() => { if (this.#kept === own) this.#kept = undefined; });
    return people;
  }

  async person(userId: string): Promise<Member | undefined> {
    const user = await this.#accounts?.getUser(userId);
    return user === undefined || user.disabled ? undefined : this.#member(user);
  }

  async #read(): Promise<readonly Member[]> {
    const users = await this.#accounts?.listUsers() ?? [];
    return users.filter(({ disabled }) => !disabled).map((user) => this.#member(user));
  }

  #member(user: UserRecord): Member {
    const { id, name, displayName, roles, sites, email } = user;
    return { userId: id, pseudonym: this.#pseudonyms.person(id), name: displayName, account: name, ...(email === undefined ? {} : { email }), roles, sites };
  }
}
