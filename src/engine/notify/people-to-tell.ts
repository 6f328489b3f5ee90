import { isActive } from '../../domain/delegation/index.ts';
import { holdsRole } from '../../domain/directory/index.ts';
import type { Ledger } from '../../ledger/port.ts';
import { delegationOf } from '../directory/delegations.ts';
import type { Directory, Member } from '../directory/directory.ts';

/** A person who can be told, as the directory knows it. */
export type Reader = Member;

/** Who is there to be told. */
export interface Readers {
  /** Who holds the role at the site. */
  withRole(role: string, site: string): Promise<readonly Reader[]>;
  /** Who acts at the instant for one of these people in the role at the site, because they are away. */
  actingFor(people: readonly Reader[], role: string, site: string, at: string): Promise<readonly Reader[]>;
  byPseudonym(pseudonym: string): Promise<Reader | undefined>;
  byAccount(name: string): Promise<Reader | undefined>;
  byId(userId: string): Promise<Reader | undefined>;
}

/** How long the delegations that were read are good for, ms: a burst of tasks asks many times. */
const freshMs = 2_000;
const mostLiving = 10_000;

/** The directory as readers; asked anew each time, because nodes of the flows may bring another one. */
export class DirectoryReaders implements Readers {
  readonly #directory: () => Directory;
  readonly #ledger: Ledger;
  #delegations: { readonly until: number; readonly all: ReturnType<Ledger['livingDelegations']> } | undefined;

  constructor(directory: () => Directory, ledger: Ledger) {
    this.#directory = directory;
    this.#ledger = ledger;
  }

  withRole(role: string, site: string): Promise<readonly Reader[]> {
    return this.#directory().members(role, site);
  }

  async actingFor(people: readonly Reader[], role: string, site: string, at: string): Promise<readonly Reader[]> {
    const away = new Set(people.map(({ pseudonym }) => pseudonym));
    const given = (await this.#living(at)).map(delegationOf).filter((each) => away.has(each.from) && isActive(each, at) && holdsRole({ roles: each.roles, sites: each.sites, disabled: false }, role, site));
    const found = await Promise.all([...new Set(given.map(({ to }) => to))].filter((to) => !away.has(to)).map((to) => this.byPseudonym(to)));
    return found.filter((reader): reader is Reader => reader !== undefined);
  }

  async byPseudonym(pseudonym: string): Promise<Reader | undefined> {
    return (await this.#directory().people()).find((reader) => reader.pseudonym === pseudonym);
  }
  async byAccount(name: string): Promise<Reader | undefined> {
    return (await this.#directory().people()).find((reader) => reader.account.toLowerCase() === name.toLowerCase());
  }
  byId(userId: string): Promise<Reader | undefined> {
    return this.#directory().person(userId);
  }

  #living(at: string): ReturnType<Ledger['livingDelegations']> {
    const now = performance.now();
    if (this.#delegations !== undefined && this.#delegations.until > now) return this.#delegations.all;
    const all = this.#ledger.livingDelegations(at, mostLiving);
    const own = this.#delegations = { until: now + freshMs, all };
    all.catch(() => { if (this.#delegations === own) this.#delegations = undefined; });
    return all;
  }
}
