import { accepted, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import { own } from '../own.ts';
import type { CaseState } from '../case/state.ts';
import type { RecordNotice } from '../case/commands.ts';

/** What was told is recorded as it was, twice when it was told twice: no state follows from it. */
export function decideRecordNotice(state: CaseState, command: RecordNotice): Decision {
  if (state.status === 'absent') return refused(command.type, 'case-absent');
  const task = command.taskId === undefined ? undefined : own(state.tasks, command.taskId);
  const exception = command.exceptionId === undefined ? undefined : own(state.exceptions, command.exceptionId);
  if (command.taskId !== undefined && task === undefined) return refused(command.type, 'task-unknown');
  if (command.exceptionId !== undefined && exception === undefined) return refused(command.type, 'exception-unknown');
  return accepted({
    type: 'TaskNotified', ...(task === undefined ? {} : { address: task.address }),
    data: {
      ...(task === undefined ? {} : { taskId: task.taskId }), ...(exception === undefined ? {} : { exceptionId: exception.exceptionId }),
      channel: command.channel, purpose: command.purpose, cause: command.cause, ok: command.ok,
      ...(command.recipients === undefined ? {} : { recipients: command.recipients }), ...(command.reason === undefined ? {} : { reason: command.reason }),
    },
  });
}
