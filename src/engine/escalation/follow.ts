import { addressOf, isToClimb, pauseOf } from '../../domain/escalation/decide-escalation.ts';
import type { Address, AnyEvent, Arm, CaseCommand, CaseState, LadderSubject } from '../../domain/index.ts';
import type { WorkCalendar } from '../work-calendar.ts';
import { duesAfterPause, duesFrom, leftAt } from './ladder-time.ts';

/** What is known of calendars and ids. */
export interface LadderMeans { readonly calendar: (nodeId: string) => WorkCalendar | undefined; readonly newId: () => string; readonly idsAt: (address: Address) => readonly string[] }

/** Subjects that events may have brought a ladder for. */
function subjectsOf(state: CaseState, events: readonly AnyEvent[]): readonly LadderSubject[] {
  const subjects: LadderSubject[] = [];
  for (const event of events) {
    if (event.type === 'TaskCreated') subjects.push({ kind: 'task', id: event.data.taskId });
    if (event.type === 'ExceptionRaised' || event.type === 'Reopened' || event.type === 'Unmerged') subjects.push({ kind: 'exception', id: event.data.exceptionId });
    if (event.type !== 'EscalationArmed') continue;
    subjects.push({ kind: 'case', id: state.caseId }, ...Object.keys(state.tasks).map((id): LadderSubject => ({ kind: 'task', id })), ...Object.keys(state.exceptions).map((id): LadderSubject => ({ kind: 'exception', id })));
  }
  return subjects;
}

function start(arm: Arm, subject: LadderSubject, at: string, means: LadderMeans, stepIds: readonly string[]): CaseCommand {
  const calendar = arm.calendarId === undefined ? undefined : means.calendar(arm.calendarId);
  return { type: 'StartLadder', ladderId: means.newId(), armId: arm.armId, subject, at, dues: duesFrom(arm.rungs, at, calendar), ...(calendar === undefined ? {} : { calendar: calendar.label }), ...(stepIds.length === 0 ? {} : { stepIds }) };
}

/** What is to be done about ladders after these events, which led to this state: they start, stand still and go on with what they belong to. */
export function ladderCommands(state: CaseState, events: readonly AnyEvent[], at: string, means: LadderMeans): readonly CaseCommand[] {
  const arms = Object.values(state.arms);
  if (state.status !== 'open' || arms.length === 0) return [];
  const commands: CaseCommand[] = [];
  for (const subject of subjectsOf(state, events)) {
    const address = addressOf(state, subject);
    const stepIds = address === undefined ? [] : means.idsAt(address).filter((id) => id !== address.stepId);
    for (const arm of arms) if (isToClimb(state, arm, subject, stepIds)) commands.push(start(arm, subject, at, means, stepIds));
  }
  for (const ladder of Object.values(state.ladders)) {
    const reason = pauseOf(state, ladder);
    const calendar = ladder.calendarId === undefined ? undefined : means.calendar(ladder.calendarId);
    if (reason !== undefined && ladder.paused === undefined) commands.push({ type: 'PauseLadder', ladderId: ladder.ladderId, reason, at, left: leftAt(ladder, at, calendar) });
    if (reason === undefined && ladder.paused !== undefined) commands.push({ type: 'ResumeLadder', ladderId: ladder.ladderId, dues: duesAfterPause(ladder, at, calendar) });
  }
  return commands;
}
