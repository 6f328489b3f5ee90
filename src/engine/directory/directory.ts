import type { ConflictingDuties, Limit, Money } from '../../domain/directory/index.ts';
import { holdsRole, limitFor } from '../../domain/directory/index.ts';

/** A person who can act here: an enabled account, with the roles and sites that the directory gives it. */
export interface Member {
  /** Account id. */
  readonly userId: string;
  /** How the ledger names the person. */
  readonly pseudonym: string;
  /** For people. */
  readonly name: string;
  /** Sign-in name. */
  readonly account: string;
  readonly email?: string;
  readonly roles: readonly string[];
  readonly sites: readonly string[];
}

/** Somebody for whom another person may act at an instant. */
export interface Delegator {
  readonly delegationId: string;
  readonly member: Member;
  /** Roles that are delegated, as the delegator holds them now. */
  readonly roles: readonly string[];
  /** Sites that are delegated, and that the delegator has; `*` for all. */
  readonly sites: readonly string[];
  readonly until: string;
}

/** Where the people of a directory come from. */
export interface PeopleSource {
  /** All enabled people; may be some seconds old. */
  people(): Promise<readonly Member[]>;
  /** One of them as of now; undefined when there is none, or the account is disabled. */
  person(userId: string): Promise<Member | undefined>;
  /** One sentence when the source cannot be read as it is; what it had before stays in use. */
  readonly problem: string | undefined;
}

/** Conflicting duties and limits, beyond those that the source itself has. */
export interface Duties {
  readonly conflicts: readonly ConflictingDuties[];
  readonly limits: readonly Limit[];
}

/** Delegations as the directory asks for them. */
export interface DelegationLookup {
  /** Delegations to a person (pseudonym) that are active at an instant. */
  activeTo(pseudonym: string, at: string): Promise<readonly { readonly delegationId: string; readonly from: string; readonly roles: readonly string[]; readonly sites: readonly string[]; readonly toTime: string }[]>;
}

function sharedSites(one: readonly string[], other: readonly string[]): readonly string[] {
  return one.includes('*') ? other : other.includes('*') ? one : one.filter((site) => other.includes(site));
}

/** The one place that answers who may. Roles are those that hold now; a delegate acts for the delegator only as far as that person could. */
export class Directory {
  readonly #source: PeopleSource;
  readonly #duties: () => Duties;
  readonly #delegations: DelegationLookup;

  constructor(source: PeopleSource, duties: () => Duties, delegations: DelegationLookup) {
    this.#source = source;
    this.#duties = duties;
    this.#delegations = delegations;
  }

  /** Why the source cannot be read as it is; undefined when all is well. */
  get problem(): string | undefined {
    return this.#source.problem;
  }

  people(): Promise<readonly Member[]> {
    return this.#source.people();
  }
  person(userId: string): Promise<Member | undefined> {
    return this.#source.person(userId);
  }

  /** Who holds a role at a site. */
  async members(role: string, site: string): Promise<readonly Member[]> {
    return (await this.#source.people()).filter((member) => holdsRole({ ...member, disabled: false }, role, site));
  }

  /** Whether the person (account id) holds the role at the site, as of now. */
  async holds(userId: string, role: string, site: string): Promise<boolean> {
    const member = await this.#source.person(userId);
    return member !== undefined && holdsRole({ ...member, disabled: false }, role, site);
  }

  /** Everybody for whom the person (account id) may act in the role at the site: those who delegated it, and hold it still. */
  async delegatorsFor(userId: string, { role, site, at }: { readonly role: string; readonly site: string; readonly at: string }): Promise<readonly Delegator[]> {
    return (await this.standsInFor(userId, at)).filter((each) => holdsRole({ ...each, disabled: false }, role, site));
  }

  /** Everybody for whom the person (account id) may act at an instant, with the roles and sites in which. */
  async standsInFor(userId: string, at: string): Promise<readonly Delegator[]> {
    const delegate = await this.#source.person(userId);
    if (delegate === undefined) return [];
    const given = await this.#delegations.activeTo(delegate.pseudonym, at);
    if (given.length === 0) return [];
    const people = new Map((await this.#source.people()).map((member) => [member.pseudonym, member]));
    const found: Delegator[] = [];
    for (const { delegationId, from, roles, sites, toTime } of given) {
      const known = people.get(from);
      const member = known === undefined ? undefined : await this.#source.person(known.userId);
      if (member === undefined) continue;
      found.push({ delegationId, member, roles: roles.filter((each) => member.roles.includes(each)), sites: sharedSites(sites, member.sites), until: toTime });
    }
    return found;
  }

  /** Up to how much the person decides in the role; undefined when there is no limit. */
  limitOf(member: Member, role: string): Money | undefined {
    return limitFor(this.#duties().limits, member.account, role);
  }

  /** Pairs of roles that one person may not act in within one case. */
  conflicts(): readonly ConflictingDuties[] {
    return this.#duties().conflicts;
  }

  /** Every role that somebody holds, by name. */
  async roles(): Promise<readonly string[]> {
    return [...new Set((await this.#source.people()).flatMap((member) => member.roles))].sort();
  }

  /** Of these roles, those that nobody holds at the site (or, without one, anywhere). */
  async unheld(roles: readonly string[], site?: string): Promise<readonly string[]> {
    const people = await this.#source.people();
    return [...new Set(roles)].filter((role) => !people.some((member) => (site === undefined ? member.roles.includes(role) : holdsRole({ ...member, disabled: false }, role, site))));
  }
}
