import type { Recorded } from '../../../engine/api.ts';
import { bit, rolesOf, topicsOf } from './topics.ts';

/** Cases that a batch tells apart; what is beyond is told without names. */
const MAX_CASES = 2_000;

/** What changed at a site. */
interface SiteChanges {
  bits: number;
  /** Topics by case. */
  readonly cases: Map<string, number>;
  /** Roles whose tasks changed; undefined for all. */
  roles: Set<string> | undefined;
  /** More cases changed than are named. */
  more: boolean;
}

/** Commits of a short time put together, by site. */
export class Batch {
  position = 0;
  readonly sites = new Map<string, SiteChanges>();
  /** Accounts or delegations changed: somebody may see other things now. */
  rights = false;

  add(recorded: Recorded): void {
    const bits = topicsOf(recorded);
    if (recorded.caseId === undefined && (bits & (bit.accounts | bit.tasks)) !== 0) this.rights = true;
    if (recorded.position > this.position) this.position = recorded.position;
    const site = this.#site(recorded.site);
    site.bits |= bits;
    if ((bits & bit.tasks) !== 0 && site.roles !== undefined) {
      const roles = rolesOf(recorded);
      if (roles === undefined) site.roles = undefined;
      else for (const role of roles) site.roles.add(role);
    }
    if (recorded.caseId === undefined) return;
    const known = site.cases.get(recorded.caseId);
    if (known !== undefined || site.cases.size < MAX_CASES) site.cases.set(recorded.caseId, (known ?? 0) | bits);
    else site.more = true;
  }

  /** Something that is in no commit, for everybody. */
  addSystem(position: number): void {
    if (position > this.position) this.position = position;
    this.#site('').bits |= bit.system;
  }

  get isEmpty(): boolean {
    return this.sites.size === 0;
  }

  #site(name: string): SiteChanges {
    let site = this.sites.get(name);
    if (site === undefined) this.sites.set(name, site = { bits: 0, cases: new Map(), roles: new Set(), more: false });
    return site;
  }
}
