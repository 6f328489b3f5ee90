import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { CaseState } from '../case/state.ts';
import type { LinkException, MergeException, UnmergeException } from '../case/commands.ts';
import { own } from '../own.ts';
import { openException, placeOf } from './decide-exception-work.ts';

/**
 * Joins a like exception to a main one, which may be in another case. Groups are one level deep, so there are neither
 * chains nor circles: the main one is not merged itself, and nothing is merged into the one that joins.
 */
export function decideMergeException(state: CaseState, command: MergeException): Decision {
  const found = openException(state, command.exceptionId);
  if (typeof found === 'string') return refused(command.type, found);
  const { exceptionId: into, caseId: intoCase } = command.into;
  if (into === found.exceptionId) return refused(command.type, 'merge-itself');
  if (found.mergedInto?.exceptionId === into) return nothing('merged');
  // What is known of the main one from outside may be old; in the same case it is known better.
  const main = own(state.exceptions, into);
  const isOpen = main === undefined ? command.into.open : main.status === 'open';
  const isMerged = main === undefined ? command.into.merged : main.mergedInto !== undefined;
  if (!isOpen) return refused(command.type, 'main-resolved');
  const hasOthers = command.isMain || Object.values(state.exceptions).some((e) => e.status === 'open' && e.mergedInto?.exceptionId === found.exceptionId);
  if (isMerged || hasOthers || found.mergedInto !== undefined) return refused(command.type, 'merge-chain');
  return accepted({ type: 'Merged', ...placeOf(state, found), data: { exceptionId: found.exceptionId, into, intoCase } });
}

export function decideUnmergeException(state: CaseState, command: UnmergeException): Decision {
  const found = openException(state, command.exceptionId);
  if (typeof found === 'string') return refused(command.type, found);
  if (found.mergedInto === undefined) return command.reason === 'person' ? refused(command.type, 'not-merged') : nothing('not-merged');
  return accepted({ type: 'Unmerged', ...placeOf(state, found), data: { exceptionId: found.exceptionId, reason: command.reason } });
}

/** Says that two exceptions have to do with each other; each is still resolved on its own. */
export function decideLinkException(state: CaseState, command: LinkException): Decision {
  const found = own(state.exceptions, command.exceptionId);
  if (found === undefined) return refused(command.type, 'exception-unknown');
  if (command.other === found.exceptionId) return refused(command.type, 'link-itself');
  if (found.links?.includes(command.other) === true || own(state.exceptions, command.other)?.links?.includes(found.exceptionId) === true) return nothing('linked');
  return accepted({ type: 'Linked', ...placeOf(state, found), data: { exceptionId: found.exceptionId, other: command.other } });
}
