import { accepted, nothing, refused } from '../decision.ts';
import type { Decision, RefusalCode } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseException, CaseState } from '../case/state.ts';
import type { AssignException, NoteException, ReclassifyException, ReleaseException, ReopenException } from '../case/commands.ts';
import { own } from '../own.ts';
import { isOpenRun } from '../step/decide-step.ts';

/** Events about an exception stand at the address of what it is about. */
export function placeOf(state: CaseState, exception: CaseException): Pick<AnyEvent, 'address'> {
  const address = own(state.runs, exception.runId)?.address ?? own(state.tokens, exception.tokenId)?.from;
  return address === undefined ? {} : { address };
}

/** The open exception with this id, or why there is none. A closed case may still have open ones: they are evidence until somebody has seen to them. */
export function openException(state: CaseState, exceptionId: string): CaseException | RefusalCode {
  const found = own(state.exceptions, exceptionId);
  if (found === undefined) return 'exception-unknown';
  return found.status === 'open' ? found : 'exception-resolved';
}

/** Who works on it; somebody else's is taken over only when that is said, so that two people at the same instant notice each other. */
export function decideAssignException(state: CaseState, command: AssignException): Decision {
  const found = openException(state, command.exceptionId);
  if (typeof found === 'string') return refused(command.type, found);
  if (found.assignee === command.assignee) return nothing('assigned');
  if (found.assignee !== undefined && !command.takeOver) return refused(command.type, 'assigned-to-other');
  return accepted({ type: 'ExceptionAssigned', ...placeOf(state, found), data: { exceptionId: found.exceptionId, assignee: command.assignee } });
}

export function decideReleaseException(state: CaseState, command: ReleaseException): Decision {
  const found = openException(state, command.exceptionId);
  if (typeof found === 'string') return refused(command.type, found);
  if (found.assignee === undefined) return nothing('not-assigned');
  return accepted({ type: 'ExceptionReleased', ...placeOf(state, found), data: { exceptionId: found.exceptionId } });
}

/** Another class, severity, queue or priority; the resolution codes stay those of the node that raised it. */
export function decideReclassifyException(state: CaseState, command: ReclassifyException): Decision {
  const found = openException(state, command.exceptionId);
  if (typeof found === 'string') return refused(command.type, found);
  const category = command.category ?? found.category ?? '';
  const severity = command.severity ?? found.severity;
  const queue = command.queue ?? found.queue;
  const priority = command.priority ?? found.priority;
  if (category === (found.category ?? '') && severity === found.severity && queue === found.queue && priority === found.priority) return nothing('same');
  return accepted({
    type: 'Reclassified', ...placeOf(state, found),
    data: {
      exceptionId: found.exceptionId, ...(category === '' ? {} : { category }), severity, queue, priority,
      ...(found.dueAt === undefined ? {} : { dueAt: found.dueAt }), raisedAt: found.raisedAt,
    },
    ...(command.reason === undefined ? {} : { content: { reason: command.reason } }),
  });
}

/** While the case is open: holds the step again when that is still at work, and is a follow-up otherwise. */
export function decideReopenException(state: CaseState, command: ReopenException): Decision {
  const found = own(state.exceptions, command.exceptionId);
  if (found === undefined) return refused(command.type, 'exception-unknown');
  if (state.status !== 'open') return refused(command.type, 'case-closed');
  if (found.status === 'open') return refused(command.type, 'exception-open');
  const run = own(state.runs, found.runId);
  return accepted({
    type: 'Reopened', ...placeOf(state, found), data: { exceptionId: found.exceptionId, ...(isOpenRun(run) ? { runId: run.runId } : {}) }, content: { reason: command.reason },
  });
}

/** A note is evidence: a resolved exception and a closed case take it as well. */
export function decideNoteException(state: CaseState, command: NoteException): Decision {
  const found = own(state.exceptions, command.exceptionId);
  if (found === undefined) return refused(command.type, 'exception-unknown');
  return accepted({
    type: 'ExceptionNoted', ...placeOf(state, found), data: { exceptionId: found.exceptionId, noteId: command.noteId },
    content: { note: command.note }, personal: { name: command.name },
  });
}
