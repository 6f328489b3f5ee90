import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { Address, AnyEvent } from '../envelope.ts';
import type { CaseException, CaseState } from '../case/state.ts';
import { own } from '../own.ts';
import { isOpenRun } from '../step/decide-step.ts';
import type { ArmEscalation, EscalationCommand, PauseCase, PauseLadder, ResumeCase, ResumeLadder, StartLadder } from './commands.ts';
import { decideEscalateLadder } from './decide-rung.ts';
import { nextOf, rungsDue } from './ladder.ts';
import type { Arm, Ladder, LadderEnd, LadderSubject } from './ladder.ts';

function decideArmEscalation(state: CaseState, command: ArmEscalation): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (own(state.arms, command.runId) !== undefined) return nothing('armed');
  const { watch, steps, until, rungs, calendarId } = command;
  return accepted({
    type: 'EscalationArmed', address: run.address,
    data: { armId: command.runId, watch, steps, rungs, ...(until === undefined ? {} : { until }), ...(calendarId === undefined ? {} : { calendarId }) },
  });
}

/** Whether what a ladder is about still waits. */
export function isWaiting(state: CaseState, { kind, id }: LadderSubject): boolean {
  if (kind === 'case') return state.status === 'open';
  if (kind === 'task') return own(state.tasks, id)?.status === 'open';
  const exception = own(state.exceptions, id);
  return exception?.status === 'open' && exception.mergedInto === undefined;
}

/** Where the subject of a ladder rests. */
export function addressOf(state: CaseState, { kind, id }: LadderSubject): Address | undefined {
  if (kind === 'task') return own(state.tasks, id)?.address;
  const exception = own(state.exceptions, id);
  if (exception === undefined) return undefined;
  return own(state.runs, exception.runId)?.address ?? own(state.tokens, exception.tokenId)?.from;
}

/** Exceptions that ladders raise are not watched by ladders: they would climb for ever. */
export function isRaisedByLadder(exception: Pick<CaseException, 'code' | 'runId' | 'tokenId'>): boolean {
  return exception.runId === undefined && exception.tokenId === undefined && exception.code.startsWith('escalated:');
}

/**
 * Whether this subject is to have a ladder of this policy now.
 * @param stepIds ids of its step in other versions of the template
 */
export function isToClimb(state: CaseState, arm: Arm, subject: LadderSubject, stepIds: readonly string[] = []): boolean {
  if (arm.watch !== subject.kind || state.status !== 'open' || state.compensating !== undefined || !isWaiting(state, subject)) return false;
  if (arm.until !== undefined && own(state.milestones, arm.until) !== undefined) return false;
  if (Object.values(state.ladders).some((ladder) => ladder.armId === arm.armId && ladder.subject.id === subject.id)) return false;
  if (subject.kind === 'case') return true;
  const exception = own(state.exceptions, subject.id);
  if (subject.kind === 'exception' && exception !== undefined && isRaisedByLadder(exception)) return false;
  return arm.steps.length === 0 || [addressOf(state, subject)?.stepId ?? '', ...stepIds].some((id) => arm.steps.includes(id));
}

function decideStartLadder(state: CaseState, command: StartLadder): Decision {
  const arm = own(state.arms, command.armId);
  if (arm === undefined || own(state.ladders, command.ladderId) !== undefined || !isToClimb(state, arm, command.subject, command.stepIds)) return nothing('not-to-climb');
  const rungs = arm.rungs.map(({ value: _value, unit: _unit, ...rung }, index) => ({ ...rung, dueAt: command.dues[index] ?? command.at }));
  const next = nextOf({ rungs, next: 0 });
  if (next === undefined) return nothing('no-rungs');
  return accepted({
    type: 'LadderStarted', address: placeOf(arm),
    data: {
      ladderId: command.ladderId, armId: arm.armId, subject: command.subject, startedAt: command.at, rungs, next, ...(arm.until === undefined ? {} : { until: arm.until }),
      ...(arm.calendarId === undefined ? {} : { calendarId: arm.calendarId }), ...(command.calendar === undefined ? {} : { calendar: command.calendar }),
    },
  });
}

/** The address of the node that armed it. */
export function placeOf({ address }: Pick<Arm, 'address'>): { readonly instance: string; readonly stepId: string } {
  const at = address.indexOf('/');
  return { instance: address.slice(0, at), stepId: address.slice(at + 1) };
}

function decidePauseLadder(state: CaseState, command: PauseLadder): Decision {
  const ladder = own(state.ladders, command.ladderId);
  if (state.status !== 'open' || ladder === undefined || ladder.paused !== undefined) return nothing('not-running');
  return accepted({ type: 'LadderPaused', address: placeOf(ladder), data: { ladderId: ladder.ladderId, reason: command.reason, at: command.at, left: command.left } });
}

function decideResumeLadder(state: CaseState, command: ResumeLadder): Decision {
  const ladder = own(state.ladders, command.ladderId);
  if (state.status !== 'open' || ladder?.paused === undefined) return nothing('not-paused');
  const next = nextOf({ ...ladder, rungs: rungsDue(ladder, command.dues) });
  if (next === undefined) return nothing('not-paused');
  return accepted({ type: 'LadderResumed', address: placeOf(ladder), data: { ladderId: ladder.ladderId, dues: command.dues, next } });
}

function decidePauseCase(state: CaseState, command: PauseCase): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  if (state.paused !== undefined) return refused(command.type, 'case-paused');
  return accepted({
    type: 'CasePaused', data: { by: command.by, reason: command.reason, at: command.at },
    ...(command.note === undefined ? {} : { content: { note: command.note } }), ...(command.name === undefined ? {} : { personal: { name: command.name } }),
  });
}

function decideResumeCase(state: CaseState, command: ResumeCase): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  if (state.paused === undefined) return refused(command.type, 'case-not-paused');
  return accepted({
    type: 'CaseResumed', data: { by: command.by, reason: command.reason },
    ...(command.note === undefined ? {} : { content: { note: command.note } }), ...(command.name === undefined ? {} : { personal: { name: command.name } }),
  });
}

/** Commands about escalation; undefined for all others. */
export function decideEscalation(state: CaseState, command: EscalationCommand): Decision {
  switch (command.type) {
    case 'ArmEscalation': return decideArmEscalation(state, command);
    case 'StartLadder': return decideStartLadder(state, command);
    case 'EscalateLadder': return decideEscalateLadder(state, command);
    case 'PauseLadder': return decidePauseLadder(state, command);
    case 'ResumeLadder': return decideResumeLadder(state, command);
    case 'PauseCase': return decidePauseCase(state, command);
    case 'ResumeCase': return decideResumeCase(state, command);
  }
}

function endOf(state: CaseState, ladder: Ladder): LadderEnd | undefined {
  if (state.compensating !== undefined) return 'compensating';
  if (ladder.until !== undefined && own(state.milestones, ladder.until) !== undefined) return 'milestone';
  if (!isWaiting(state, ladder.subject)) return 'subject-ended';
  return ladder.next >= ladder.rungs.length ? 'done' : undefined;
}

/** Ladders that have nothing left to wait for, in the commit that made it so. The close of the case ends the others without a word. */
export function laddersEnded(state: CaseState): readonly AnyEvent[] {
  return Object.values(state.ladders).flatMap((ladder): readonly AnyEvent[] => {
    const reason = endOf(state, ladder);
    return reason === undefined ? [] : [{ type: 'LadderEnded', address: placeOf(ladder), data: { ladderId: ladder.ladderId, reason } }];
  });
}

/** Why the time of a ladder stands still now. */
export function pauseOf(state: CaseState, { subject }: Pick<Ladder, 'subject'>): 'requester' | 'person' | undefined {
  const asked = (taskId: string): boolean => own(state.tasks, taskId)?.info !== undefined && own(state.tasks, taskId)?.status === 'open';
  if (subject.kind === 'task' ? asked(subject.id) : subject.kind === 'case' && Object.keys(state.tasks).some(asked)) return 'requester';
  return state.paused === undefined ? undefined : 'person';
}

