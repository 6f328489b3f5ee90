import type { Money } from './money.ts';
import { moneyProblem } from './money.ts';
import { ROLE } from './role.ts';

/** Who may what: the rules alone, whatever the people come from. */

/** A person as far as these rules look. */
export interface Person {
  readonly roles: readonly string[];
  /** Site ids, or `*` for all of them. */
  readonly sites: readonly string[];
  readonly disabled: boolean;
}

/** Up to how much somebody decides in a role. `person` is absent where it holds for everybody in the role. */
export interface Limit extends Money {
  readonly role: string;
  readonly person?: string;
}

/** Two roles that one person may not hold together in one case. */
export type ConflictingDuties = readonly [string, string];

export function worksAt(sites: readonly string[], site: string): boolean {
  return sites.includes('*') || sites.includes(site);
}

/** A person holds a role at a site when the account is enabled, has the role, and the site. */
export function holdsRole(person: Person, role: string, site: string): boolean {
  return !person.disabled && person.roles.includes(role) && worksAt(person.sites, site);
}

/** What is set for the person in the role, else for the role; undefined when there is no limit. */
export function limitFor(limits: readonly Limit[], person: string, role: string): Money | undefined {
  // Sign-in names are one name in capitals and in small letters.
  const found = limits.find((limit) => limit.role === role && limit.person?.toLowerCase() === person.toLowerCase()) ?? limits.find((limit) => limit.role === role && limit.person === undefined);
  return found === undefined ? undefined : { amount: found.amount, currency: found.currency };
}

/** The first pair of conflicting duties with one role on each side; undefined when there is none. */
export function conflictBetween(conflicts: readonly ConflictingDuties[], roles: readonly string[], others: readonly string[]): ConflictingDuties | undefined {
  return conflicts.find(([a, b]) => (roles.includes(a) && others.includes(b)) || (roles.includes(b) && others.includes(a)));
}

/** The first thing that is wrong with duties and limits, in one sentence that says what to mend. */
export function dutiesProblem(conflicts: readonly ConflictingDuties[], limits: readonly Limit[]): string | undefined {
  for (const [a, b] of conflicts) {
    const wrong = [a, b].find((role) => !ROLE.test(role));
    if (wrong !== undefined) return `Conflicting duties: "${wrong}" is no role; write small letters, digits and dashes.`;
    if (a === b) return `Conflicting duties: ${a} conflicts with itself; name two roles.`;
  }
  const seen = new Set<string>();
  for (const limit of limits) {
    if (!ROLE.test(limit.role)) return `Limits: "${limit.role}" is no role; write small letters, digits and dashes.`;
    const wrong = moneyProblem(limit);
    if (wrong !== undefined) return `Limits of ${limit.role}: ${wrong}`;
    const key = `${limit.role}\0${limit.person?.toLowerCase() ?? ''}`;
    if (seen.has(key)) return `Limits: ${limit.role}${limit.person === undefined ? '' : ` of ${limit.person}`} has two limits; keep one.`;
    seen.add(key);
  }
  return undefined;
}
