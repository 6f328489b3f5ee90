import { decidesForUnknown } from '../../domain/index.ts';
import type { CaseState, Money, Task } from '../../domain/index.ts';
import type { Acting } from '../../domain/task/commands.ts';
import { exceeds } from '../../domain/approval/money.ts';
import { holdsRole, worksAt } from '../../domain/directory/index.ts';
import type { PersonIdentity } from '../api.ts';
import type { Delegator, Directory, Member } from '../directory/directory.ts';
import type { Pseudonyms } from '../support/hashing.ts';

/** A person with what the directory says of them at this moment, for one task. */
export interface ActingPerson extends Acting {
  readonly person: string; readonly roles: readonly string[];
  readonly conflicts: readonly (readonly [string, string])[];
  readonly limit?: Money;
  readonly members?: readonly string[];
}

/** Role that has to be held for a task as the case is now. */
export function roleOf(state: CaseState, task: Task): string {
  return decidesForUnknown(state, task) && task.kind === 'approval' ? task.unknownOperatorRole : task.role;
}

export interface ActingRequest { readonly by: PersonIdentity; readonly state: CaseState; readonly task: Task; readonly at: string; readonly onBehalfOf?: string }

/**
 * Who acts, in what roles, and for whom. Where a directory node is named, roles are what it says, whatever the session had.
 * A delegation is looked up at the time of the command: who no longer stands in for anybody decides nothing for them.
 */
export class ActingPeople {
  readonly #pseudonyms: Pick<Pseudonyms, 'person'>;
  /** Directory of the node at an address; `named`: it is one of the flow's own. */
  readonly #directoryAt: (address: Task['address']) => { readonly directory: Directory; readonly named: boolean };

  constructor(pseudonyms: Pick<Pseudonyms, 'person'>, directoryAt: (address: Task['address']) => { readonly directory: Directory; readonly named: boolean }) {
    this.#pseudonyms = pseudonyms;
    this.#directoryAt = directoryAt;
  }

  directory(task: Task): Directory {
    return this.#directoryAt(task.address).directory;
  }

  /** Roles of the person for the task: by the directory that it names, else by the account. */
  async #roles(by: PersonIdentity, task: Task, site: string): Promise<readonly string[]> {
    const { directory, named } = this.#directoryAt(task.address);
    if (!named) return by.roles;
    const member = await directory.person(by.userId);
    return member !== undefined && worksAt(member.sites, site) ? member.roles : [];
  }

  /** Everybody for whom the person may decide the task: each once, however many delegations they gave. */
  async delegators({ by, state, task, at }: ActingRequest): Promise<readonly Delegator[]> {
    const role = roleOf(state, task);
    const asked = task.alsoRole === undefined || (task.kind === 'approval' && decidesForUnknown(state, task)) ? [role] : [role, task.alsoRole];
    const found = new Map<string, Delegator>();
    for (const each of await this.directory(task).standsInFor(by.userId, at)) {
      if (!asked.some((one) => holdsRole({ ...each, disabled: false }, one, state.site))) continue;
      const known = found.get(each.member.userId);
      found.set(each.member.userId, known === undefined ? each : { ...known, roles: [...new Set([...known.roles, ...each.roles])] });
    }
    return [...found.values()];
  }

  async of(request: ActingRequest): Promise<ActingPerson> {
    const { by, state, task } = request;
    const directory = this.directory(task);
    const roles = await this.#roles(by, task, state.site);
    const role = roleOf(state, task);
    const own = roles.includes(role) || (task.alsoRole !== undefined && roles.includes(task.alsoRole));
    const delegator = request.onBehalfOf === undefined && own ? undefined : await this.#delegator(request);
    const behind = delegator?.member ?? (request.onBehalfOf === undefined ? await directory.person(by.userId) ?? this.#own(by) : undefined);
    const limit = behind === undefined ? undefined : limitIn(directory, behind, task, own && delegator === undefined ? heldOf(roles, role, task) : heldOf(delegator?.roles ?? [role], role, task));
    return {
      person: this.#pseudonyms.person(by.userId), roles, conflicts: directory.conflicts(),
      ...(limit === undefined ? {} : { limit }),
      ...(task.quorumOf === 'all' ? { members: (await directory.members(role, state.site)).map(({ pseudonym }) => pseudonym) } : {}),
      ...(delegator !== undefined ? { onBehalfOf: { person: delegator.member.pseudonym, roles: delegator.roles } }
        : request.onBehalfOf === undefined ? {} : { onBehalfOf: { person: this.#pseudonyms.person(request.onBehalfOf), roles: [] } }),
    };
  }

  /** The delegator that was named; without one, the only one there is. */
  async #delegator(request: ActingRequest): Promise<Delegator | undefined> {
    const all = await this.delegators(request);
    if (request.onBehalfOf !== undefined) return all.find(({ member }) => member.userId === request.onBehalfOf);
    return all.length === 1 ? all[0] : undefined;
  }

  #own({ userId, name, roles, sites }: PersonIdentity): Member {
    return { userId, pseudonym: this.#pseudonyms.person(userId), name, account: name, roles, sites };
  }
}

/** Roles in which the person decides the task: its own, and the one that it was raised to. */
function heldOf(roles: readonly string[], role: string, { alsoRole }: Task): readonly string[] {
  return [role, ...(alsoRole === undefined ? [] : [alsoRole])].filter((each) => roles.includes(each));
}

/** Limit in the role in which the person may decide most of this task; undefined when one of them has none. */
function limitIn(directory: Directory, member: Member, { amount, currency }: Task, roles: readonly string[]): Money | undefined {
  if (amount === undefined || currency === undefined) return undefined;
  const limits = roles.map((role) => directory.limitOf(member, role));
  const enough = limits.findIndex((limit) => limit === undefined || exceeds({ amount, currency }, limit) === false);
  return limits[Math.max(0, enough)];
}
