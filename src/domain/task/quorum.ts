import type { CaseState, Task, TaskDecision } from '../case/state.ts';
import type { Acting } from './commands.ts';
import { eligible } from './may-decide.ts';
import { involvedIn } from './tasks.ts';

/** Approvals that count: who touched the case since, or is not known to be another person, does not any more. */
export function standingApprovals(task: Task): readonly TaskDecision[] {
  const approvals = task.decisions.filter((each) => each.decision === 'approve');
  // Who says that work is done decides nothing, so nothing speaks against it afterwards.
  return task.kind === 'approval' ? approvals.filter((each) => !(task.discounted ?? []).includes(each.person)) : approvals;
}

/** Whether these approvals are enough, judged by who holds the role at this moment. Undefined when nobody can say. */
export function isEnough(state: CaseState, task: Task, approvals: readonly TaskDecision[], members: readonly string[] | undefined, conflicts?: Acting['conflicts']): boolean | undefined {
  if (task.quorumOf === 'count') return approvals.length >= task.quorum;
  if (members === undefined) return undefined;
  const agreed = new Set(approvals.flatMap(involvedIn));
  return approvals.length > 0 && eligible(state, task, members, conflicts).every((member) => agreed.has(member));
}

/** How the quorum stands: who has agreed, who could still, and whether that can be enough. */
export function quorumOutlook(state: CaseState, task: Task, members: readonly string[], conflicts?: Acting['conflicts']): { readonly agreed: number; readonly needed: number; readonly left: readonly string[]; readonly reachable: boolean } {
  const approvals = standingApprovals(task);
  const spoke = new Set(task.decisions.flatMap(involvedIn));
  const left = eligible(state, task, members, conflicts).filter((member) => !spoke.has(member));
  const needed = task.quorumOf === 'all' ? approvals.length + left.length : task.quorum;
  return { agreed: approvals.length, needed: Math.max(1, needed), left, reachable: approvals.length + left.length >= Math.max(1, needed) };
}
