import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { ResolveException } from '../case/commands.ts';
import type { CompensateCase, RegisterCompensation } from './commands.ts';
import type { CaseException, CaseState, Compensation } from '../case/state.ts';
import { own } from '../own.ts';
import { effectPending } from '../effect/effect-pending.ts';
import { endsWithoutTokens, isOpenRun } from '../step/decide-step.ts';
import { amountsGivenBack } from '../task/decide-amount.ts';
import { voidWork } from '../step/void-work.ts';

/** Run of the undo of a compensation; one for each, for ever, so that it cannot be issued twice. */
export function undoRunIdOf(compensationId: string): string {
  return `${compensationId}:undo`;
}

/** What is registered and was not run, last first. */
export function registeredUndos(state: CaseState): readonly Compensation[] {
  return Object.values(state.compensations).filter((one) => one.status === 'registered').sort((a, b) => b.order - a.order);
}

/** The undo that is at work; there is never more than one. */
export function currentUndo(state: CaseState): Compensation | undefined {
  return Object.values(state.compensations).find((one) => one.status === 'running');
}

export function decideRegisterCompensation(state: CaseState, command: RegisterCompensation): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (state.compensating !== undefined) return refused(command.type, 'compensating');
  if (own(state.compensations, run.runId) !== undefined) return nothing('registered');
  return accepted({
    type: 'CompensationRegistered', address: run.address,
    data: {
      compensationId: run.runId, how: command.how,
      ...(command.role === undefined ? {} : { role: command.role }), ...(command.photos === undefined ? {} : { photos: command.photos }),
    },
    content: { name: command.name, message: command.message, ...(command.question === undefined ? {} : { question: command.question }) },
  });
}

/** What starts the next undo, or closes the case when none is left. */
function goOn(state: CaseState, next: Compensation | undefined): readonly AnyEvent[] {
  if (next !== undefined) {
    return [{ type: 'CompensationIssued', address: next.address, data: { compensationId: next.compensationId, runId: undoRunIdOf(next.compensationId) } }];
  }
  const { outcome, releaseClaims } = state.compensating ?? { outcome: 'cancelled', releaseClaims: false };
  return [...amountsGivenBack(state, releaseClaims), {
    type: 'CaseClosed',
    data: { outcome, cancelledTokens: [], cancelledRuns: [], ...(releaseClaims && state.claims.length > 0 ? { released: state.claims } : {}) },
  }];
}

/** Voids what is live and begins with the last undo; `undefined` when nothing is registered. Refused while an effect is pending. */
export function compensated(state: CaseState, command: Omit<CompensateCase, 'type'>, type: string): Decision | undefined {
  if (state.compensating !== undefined) return refused(type, 'compensating');
  const undos = registeredUndos(state);
  const [first] = undos;
  if (first === undefined) return undefined;
  if (Object.values(state.effects).some(effectPending)) return refused(type, 'effect-open');
  const run = own(state.runs, command.runId);
  if (command.runId !== undefined && !isOpenRun(run)) return refused(type, 'run-not-open');
  const others = voidWork(state, (of) => of.runId === undefined || of.runId !== command.runId, 'case-cancelled');
  const started: AnyEvent = {
    type: 'CompensationStarted', ...(run === undefined ? {} : { address: run.address }),
    data: {
      outcome: command.outcome, order: undos.map((one) => one.compensationId), cancelledTokens: others.tokens, cancelledRuns: others.runs,
      releaseClaims: command.releaseClaims === true,
    },
    ...(command.note === undefined ? {} : { content: { note: command.note } }),
  };
  return accepted(...others.events, ...(run === undefined ? [] : endsWithoutTokens(state, run)), started, ...goOn(state, first));
}

export function decideCompensateCase(state: CaseState, command: CompensateCase): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  return compensated(state, command, command.type) ?? nothing('nothing-registered');
}

/** The exception is about the undo that is at work. */
export function isAboutUndo(state: CaseState, found: CaseException): boolean {
  const current = currentUndo(state);
  if (current === undefined) return false;
  const about = [own(state.runs, found.runId), own(state.tokens, found.tokenId), own(state.runs, own(state.effects, found.effectId)?.runId)];
  return about.some((one) => one?.compensation === current.compensationId);
}

/** A person lets an undo be: what of it is under way is voided, the reason recorded; the next one follows. Refused while an effect is pending. */
export function decideSkipUndo(state: CaseState, command: ResolveException, resolved: AnyEvent): Decision {
  const current = currentUndo(state);
  if (current === undefined) return refused(command.type, 'outcome-not-possible');
  const others = voidWork(state, (of) => of.compensation === current.compensationId, 'undo-skipped');
  if (others.left.length > 0) return refused(command.type, 'effect-open');
  const events = others.events.filter((event) => event.type !== 'ExceptionResolved' || event.data.exceptionId !== command.exceptionId);
  return accepted(resolved, ...events, {
    type: 'Compensated', address: current.address, reasonCode: command.code,
    data: { compensationId: current.compensationId, outcome: 'skipped', reason: command.code, ...(command.by === undefined ? {} : { by: command.by }) },
    ...(command.note === undefined ? {} : { content: { note: command.note } }),
  });
}

/** An undo is over when nothing of it is under way any more: it is marked done, the next one begins, and after the last the case closes. */
export function undosGoOn(state: CaseState): readonly AnyEvent[] {
  if (state.status !== 'open' || state.compensating === undefined) return [];
  const current = currentUndo(state);
  if (current === undefined) return goOn(state, registeredUndos(state)[0]);
  const underWay = Object.values(state.tokens).some((token) => token.state === 'live' && token.compensation === current.compensationId)
    || Object.values(state.runs).some((run) => isOpenRun(run) && run.compensation === current.compensationId);
  if (underWay) return [];
  const hands = Object.values(state.tasks).find((task) => task.runId === current.undoRunId && task.status === 'approved')?.approvers.at(-1);
  return [
    { type: 'Compensated', address: current.address, data: { compensationId: current.compensationId, outcome: 'done', ...(hands === undefined ? {} : { by: hands }) } },
    ...goOn(state, registeredUndos(state)[0]),
  ];
}
