import { exceeds } from '../approval/money.ts';
import type { Money } from '../approval/money.ts';
import type { CaseState, Task } from '../case/state.ts';
import type { RefusalCode } from '../decision.ts';
import { conflictBetween } from '../directory/index.ts';
import type { Acting } from './commands.ts';
import { involvedIn, levelsOf, touchedBy } from './tasks.ts';

/** Duties that a person did in the case, in person or through a delegate: the roles of the tasks when they were decided. */
function dutiesOf(state: CaseState, person: string): readonly string[] {
  return Object.values(state.tasks).filter((task) => task.kind === 'approval' && task.status !== 'voided')
    .flatMap((task) => task.decisions.filter((each) => involvedIn(each).includes(person)).map((each) => each.role));
}

function inConflict(state: CaseState, task: Task, person: string, conflicts: NonNullable<Acting['conflicts']>): boolean {
  if (conflicts.length === 0) return false;
  return conflictBetween(conflicts, [task.role], dutiesOf(state, person)) !== undefined;
}

function decidedOtherLevel(state: CaseState, task: Task, person: string): boolean {
  return levelsOf(state, task.runId, task.sequence).some((other) => other.taskId !== task.taskId && other.decisions.some((each) => involvedIn(each).includes(person)));
}

/** What of a person's part in the case speaks against a decision, whatever roles they hold. */
function entangled(state: CaseState, task: Task, person: string, conflicts: NonNullable<Acting['conflicts']>): 'touched' | 'other-level' | 'duties' | undefined {
  if (touchedBy(state, task).includes(person)) return 'touched';
  if (decidedOtherLevel(state, task, person)) return 'other-level';
  return inConflict(state, task, person, conflicts) ? 'duties' : undefined;
}

/** Whether nobody knows who is behind the case, so that only the role for that decides (PROTOCOL §4). */
export function decidesForUnknown(state: CaseState, task: Task): boolean {
  return state.operatorUnknown || task.requesterUnknown;
}

/**
 * May this person decide, alone or for somebody? Segregation of duties counts everybody who touched the case, and looks at
 * the delegate and the delegator alike (PROTOCOL §4, §8).
 */
export function whyNot(state: CaseState, task: Task, acting: Acting): RefusalCode | undefined {
  const { person, onBehalfOf, conflicts = [] } = acting;
  const roles = onBehalfOf?.roles ?? acting.roles;
  const unknown = decidesForUnknown(state, task) && task.kind === 'approval';
  const without = onBehalfOf !== undefined ? 'delegation-missing' : unknown ? 'operator-unknown' : 'role-missing';
  const held = roles.includes(unknown ? task.unknownOperatorRole : task.role) || (!unknown && task.alsoRole !== undefined && roles.includes(task.alsoRole));
  if (onBehalfOf?.person === person) return 'delegation-self-approval';
  // Who says that work is done decides nothing: the one who scanned may as well do it.
  if (task.kind !== 'approval') return held ? undefined : without;
  const part = entangled(state, task, person, conflicts);
  if (part === 'touched') return 'requester-may-not-decide';
  const behind = onBehalfOf === undefined ? undefined : entangled(state, task, onBehalfOf.person, conflicts);
  if (behind === 'touched') return 'delegation-self-approval';
  if (!held) return without;
  if (part === 'other-level' || behind === 'other-level') return 'level-decided-by-same-person';
  if (part === 'duties' || behind === 'duties') return 'duties-conflict';
  if (task.assignee !== undefined && task.assignee !== (onBehalfOf?.person ?? person)) return 'task-assigned-to-other';
  return undefined;
}

/** Why the amount is not this person's to approve. */
export function aboveLimit(task: Task, limit: Money | undefined): RefusalCode | undefined {
  if (limit === undefined || task.amount === undefined || task.currency === undefined) return undefined;
  const above = exceeds({ amount: task.amount, currency: task.currency }, limit);
  return above === undefined ? 'limit-not-comparable' : above ? 'limit-exceeded' : undefined;
}

/** Of those who hold the role, who may decide or has decided this task. */
export function eligible(state: CaseState, task: Task, members: readonly string[], conflicts: NonNullable<Acting['conflicts']> = []): readonly string[] {
  return members.filter((member) => entangled(state, task, member, conflicts) === undefined && (task.assignee === undefined || task.assignee === member));
}
