import type { Caller } from '../auth/authenticate.ts';
import { inScope } from '../permissions.ts';
import type { Batch } from './batch.ts';
import { allowedBits, bit } from './topics.ts';

/** Most case ids that one change names. */
export const MAX_CASE_IDS = 50;

/** What of a batch somebody may hear. */
export interface Heard { bits: number; readonly caseIds: Set<string>; more: boolean }

export function nothingHeard(): Heard {
  return { bits: 0, caseIds: new Set(), more: false };
}

/** A kind of listener: all with the same key hear the same, so it is worked out once for them. */
export interface Audience {
  readonly key: string;
  /** Topics that it may hear of at all. */
  readonly bits: number;
  hear(batch: Batch): Heard;
}

/**
 * @param caseId only changes of this case
 * @param more roles of tasks that the caller sees beyond the roles of the account
 */
export function audienceOf(caller: Caller, caseId: string | undefined, more: readonly string[]): Audience {
  const { sites } = caller.identity;
  const roles = [...new Set([...caller.identity.roles, ...more])];
  const bits = allowedBits(caller.permissions);
  const allTasks = caller.permissions.has('tasks.read-all');
  return {
    bits,
    key: JSON.stringify([bits, allTasks ? '*' : roles, sites, caseId]),
    hear: (batch) => {
      const heard = nothingHeard();
      for (const [site, changes] of batch.sites) {
        // What is about the instance as a whole stands under its default site; all may know that something changed there.
        const here = inScope(sites, site) ? changes.bits & bits : changes.bits & bits & bit.system;
        if (here === 0) continue;
        const tasks = allTasks || changes.roles === undefined || roles.some((role) => changes.roles?.has(role) === true);
        const shown = tasks ? here : here & ~bit.tasks;
        if (caseId !== undefined) {
          const own = changes.cases.get(caseId) ?? (changes.more ? shown : 0);
          heard.bits |= own & shown;
          if ((own & shown) !== 0) heard.caseIds.add(caseId);
          continue;
        }
        heard.bits |= shown;
        if ((bits & bit.cases) === 0 || !inScope(sites, site)) continue;
        heard.more ||= changes.more;
        for (const id of changes.cases.keys()) {
          if (heard.caseIds.size >= MAX_CASE_IDS) {
            heard.more = true;
            break;
          }
          heard.caseIds.add(id);
        }
      }
      return heard;
    },
  };
}
