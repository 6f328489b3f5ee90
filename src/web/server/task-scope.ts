import type { TaskCount, TaskFilter, TaskRow } from '../../ledger/port.ts';
import type { RolesAtSites, TaskStanding } from '../../engine/people/task-reach.ts';
import type { Caller } from './auth/authenticate.ts';
import type { Services } from './operation.ts';
import { inScope } from './permissions.ts';

/** Which tasks the caller sees in lists: of their roles, of those whom they stand in for, and given to them; some see all of their sites. */
export interface TaskScope {
  /** What the ledger is asked for; it is narrowed to the caller's sites besides. */
  readonly filter: Pick<TaskFilter, 'roles' | 'also'>;
  standing(row: TaskRow): TaskStanding;
  /** A row that the ledger gave may be of another directory than the role was found in. */
  sees(row: TaskRow): boolean;
  counts(count: TaskCount): boolean;
  mayDecide(row: TaskRow): boolean;
  /** For whom the caller has the task: nobody when they have it of their own. */
  forWhom(row: TaskRow): TaskStanding['delegators'];
}

/** People see the tasks of their roles; some see all of their sites. */
export function seesByRole(caller: Caller, { role, also_role: also }: Pick<TaskRow, 'role' | 'also_role'>): boolean {
  return caller.permissions.has('tasks.read-all') || [role, also].some((each) => each !== null && caller.identity.roles.includes(each));
}

/** Of this moment: a delegation that is over is not in it. */
export async function taskScopeOf(caller: Caller, { waybill }: Pick<Services, 'waybill'>): Promise<TaskScope> {
  const { person, held, delegated, standing } = await waybill.taskReach(caller.identity);
  const all = caller.permissions.has('tasks.read-all');
  const covers = ({ roles, sites }: RolesAtSites, { role, also_role: also, site }: TaskCount): boolean => (roles.includes(role) || (also !== null && roles.includes(also))) && inScope(sites, site);
  return {
    filter: all ? {} : { roles: caller.identity.roles, also: { grants: [...held, ...delegated], assignee: person } },
    standing,
    sees: (row) => {
      if (seesByRole(caller, row) || row.assignee === person) return true;
      const { own, delegators } = standing(row);
      return own || delegators.length > 0;
    },
    counts: (count) => inScope(caller.identity.sites, count.site) && (seesByRole(caller, count) || count.assignee === person
      || held.some((each) => covers(each, count)) || delegated.some((each) => covers(each, count) && (count.assignee === null || count.assignee === each.person))),
    mayDecide: (row) => {
      if (row.status !== 'open' || !caller.permissions.has('tasks.decide')) return false;
      const { own, delegators } = standing(row);
      return own || delegators.length > 0;
    },
    forWhom: (row) => {
      const { own, delegators } = standing(row);
      return own || row.assignee === person ? [] : delegators;
    },
  };
}
