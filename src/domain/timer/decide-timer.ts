import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseState } from '../case/state.ts';
import type { CancelTimer, ScheduleTimer } from '../case/commands.ts';
import { own } from '../own.ts';
import { isOpenRun } from '../step/decide-step.ts';

/** Sets a timer, or moves it: the last time that was said holds. */
export function decideScheduleTimer(state: CaseState, command: ScheduleTimer): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  const standing = own(state.timers, command.timerId);
  if (standing !== undefined && standing.runId === command.runId && standing.dueAt === command.dueAt) return nothing('scheduled');
  // An id that another run of the case has given its timer: that one must not go on waiting for it.
  const taken = standing === undefined || standing.runId === command.runId ? [] : [{ type: 'TimerCancelled', data: { timerId: standing.timerId } } satisfies AnyEvent];
  return accepted(...taken, {
    type: 'TimerScheduled', address: run.address,
    data: {
      timerId: command.timerId, runId: command.runId, purpose: command.purpose, dueAt: command.dueAt, destructive: command.destructive,
      ...(command.calendar === undefined ? {} : { calendar: command.calendar }),
    },
  });
}

export function decideCancelTimer(state: CaseState, command: CancelTimer): Decision {
  const timer = own(state.timers, command.timerId);
  if (timer === undefined) return nothing('no-timer');
  const run = own(state.runs, timer.runId);
  return accepted({ type: 'TimerCancelled', ...(run === undefined ? {} : { address: run.address }), data: { timerId: timer.timerId } });
}

/** What ends the timers of a run that ends. */
export function timersOf(state: CaseState, runId: string): readonly AnyEvent[] {
  return Object.values(state.timers).filter((timer) => timer.runId === runId).map((timer): AnyEvent => ({ type: 'TimerCancelled', data: { timerId: timer.timerId } }));
}
