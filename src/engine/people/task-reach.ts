import { holdsRole } from '../../domain/directory/index.ts';
import type { TaskRow } from '../../ledger/port.ts';
import type { PersonIdentity } from '../api.ts';
import type { Delegator, Directory, Member } from '../directory/directory.ts';
import type { StepRegistry } from '../step-registry.ts';
import type { Pseudonyms } from '../support/hashing.ts';

/** Roles at sites; `*` for all of them. */
export interface RolesAtSites { readonly roles: readonly string[]; readonly sites: readonly string[] }

/** How somebody stands to one task, by its directory. */
export interface TaskStanding {
  /** Holds a role that decides it. */
  readonly own: boolean;
  /** For whom they may decide it: nobody but the assignee where it was given to one person. */
  readonly delegators: readonly { readonly userId: string; readonly name: string }[];
}

/** Which tasks are somebody's, and for whom, at this moment: what lists ask the ledger for, and how its rows are judged. */
export interface TaskReach {
  /** Pseudonym. */
  readonly person: string;
  /** By the directories that running flows name, beyond the roles of the account. */
  readonly held: readonly RolesAtSites[];
  /** Of those who delegated them. */
  readonly delegated: readonly (RolesAtSites & { readonly person: string })[];
  standing(row: Pick<TaskRow, 'address' | 'role' | 'also_role' | 'site' | 'assignee'>): TaskStanding;
}

interface Known { readonly member: Member | undefined; readonly delegators: readonly Delegator[]; readonly named: boolean }

/** Looks once into every directory that a running flow names, and into the one of flows that name none. */
export async function taskReachOf(by: PersonIdentity, at: string, { registry, directory, pseudonyms }: {
  readonly registry: StepRegistry; readonly directory: (nodeId?: string) => Directory; readonly pseudonyms: Pick<Pseudonyms, 'person'>;
}): Promise<TaskReach> {
  const nodes = new Set(['', ...[...registry.all()].map((step) => step.registration.directory ?? '')]);
  const known = new Map(await Promise.all([...nodes].map(async (nodeId): Promise<[string, Known]> => {
    const asked = directory(nodeId);
    const [member, delegators] = await Promise.all([nodeId === '' ? undefined : asked.person(by.userId), asked.standsInFor(by.userId, at)]);
    return [nodeId, { member, delegators, named: nodeId !== '' }];
  })));
  const all = [...known.values()];
  const unnamed: Known = known.get('') ?? { member: undefined, delegators: [], named: false };
  return {
    person: pseudonyms.person(by.userId),
    held: all.flatMap(({ member }) => (member === undefined ? [] : [{ roles: member.roles, sites: member.sites }])),
    delegated: all.flatMap(({ delegators }) => delegators.map(({ member, roles, sites }) => ({ person: member.pseudonym, roles, sites }))),
    standing: (row) => {
      const { member, delegators, named } = known.get(registry.byAddress(row.address)?.registration.directory ?? '') ?? unnamed;
      const holds = (role: string | null): boolean => role !== null && (named ? member !== undefined && holdsRole({ ...member, disabled: false }, role, row.site) : by.roles.includes(role));
      const people = new Map(delegators.filter((each) => [row.role, row.also_role].some((role) => role !== null && holdsRole({ ...each, disabled: false }, role, row.site)) && (row.assignee === null || row.assignee === each.member.pseudonym))
        .map(({ member: { userId, name } }) => [userId, { userId, name }]));
      return { own: holds(row.role) || holds(row.also_role), delegators: [...people.values()] };
    },
  };
}
