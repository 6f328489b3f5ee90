import { accepted, nothing, refused } from '../decision.ts';
import type { Decision, RefusalCode } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { EventData } from '../events.ts';
import type { CaseException, CaseState } from '../case/state.ts';
import type { RaiseException, ResolveException } from '../case/commands.ts';
import { own } from '../own.ts';
import { decideSkipUndo, isAboutUndo } from '../compensation/decide-compensation.ts';
import { isOpenRun } from '../step/decide-step.ts';

/** One open exception per subject (run or token) and code: a storm stays one exception. */
export function decideRaiseException(state: CaseState, command: RaiseException): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  const same = Object.values(state.exceptions).find((e) =>
    e.status === 'open' && e.class === command.class && e.code === command.code && e.runId === command.runId && e.tokenId === command.tokenId);
  if (same !== undefined) return nothing('raised');
  if (command.tokenId !== undefined && own(state.tokens, command.tokenId)?.state !== 'live') return nothing('token-gone');
  if (command.runId !== undefined && !isOpenRun(own(state.runs, command.runId))) return nothing('run-gone');
  return accepted({
    type: 'ExceptionRaised',
    ...(command.address === undefined ? {} : { address: command.address }),
    ...(command.tokenId === undefined ? {} : { tokenId: command.tokenId }),
    data: {
      exceptionId: command.exceptionId, class: command.class, severity: command.severity, queue: command.queue, code: command.code,
      ...(command.runId === undefined ? {} : { runId: command.runId }),
      ...(command.tokenId === undefined ? {} : { tokenId: command.tokenId }),
      ...(command.effectId === undefined ? {} : { effectId: command.effectId }),
      ...(command.system === undefined ? {} : { system: command.system }),
      ...classified(command),
    },
    content: {
      message: command.message,
      ...(command.detail === undefined ? {} : { detail: command.detail }),
      ...(command.payload === undefined ? {} : { payload: command.payload }),
    },
  });
}

/** What the class of the node says beyond queue and severity. */
function classified(command: RaiseException): Pick<EventData['ExceptionRaised'], 'priority' | 'category' | 'amount' | 'currency' | 'dueAt' | 'calendar' | 'resolutions'> {
  const { priority, category, amount, currency, dueAt, calendar, resolutions } = command;
  return {
    ...(priority === undefined ? {} : { priority }), ...(category === undefined ? {} : { category }), ...(amount === undefined ? {} : { amount }),
    ...(currency === undefined ? {} : { currency }), ...(dueAt === undefined ? {} : { dueAt }), ...(calendar === undefined ? {} : { calendar }),
    ...(resolutions === undefined || resolutions.length === 0 ? {} : { resolutions }),
  };
}

/** A class that declares its codes takes no other, and each only as it is declared. */
function undeclared(found: CaseException, command: ResolveException): RefusalCode | undefined {
  if (found.resolutions === undefined || command.along !== undefined) return undefined;
  const declared = found.resolutions.find(({ code }) => code === command.code);
  if (declared === undefined) return 'resolution-undeclared';
  if (declared.outcomes.length > 0 && !declared.outcomes.includes(command.outcome)) return 'resolution-outcome';
  return declared.reason && (command.note ?? '').trim() === '' ? 'resolution-needs-note' : undefined;
}

/** Retry of a token voids it and issues a successor with a new id (PROTOCOL §2.4). */
export function decideResolveException(state: CaseState, command: ResolveException): Decision {
  const found = own(state.exceptions, command.exceptionId);
  if (found === undefined) return refused(command.type, 'exception-unknown');
  if (found.status !== 'open') return refused(command.type, 'exception-resolved');
  if (command.outcome === 'cancel' && state.compensating !== undefined) return refused(command.type, 'compensating');
  const unfit = undeclared(found, command);
  if (unfit !== undefined) return refused(command.type, unfit);
  const skipsUndo = command.outcome === 'continue' && state.status === 'open' && isAboutUndo(state, found);
  const token = own(state.tokens, found.tokenId);
  const run = own(state.runs, found.runId);
  const holdsToken = token?.state === 'live';
  const holdsRun = isOpenRun(run);
  if (command.outcome === 'acknowledged' && state.status === 'open' && (holdsToken || holdsRun)) return refused(command.type, 'outcome-not-possible');
  if ((command.outcome === 'retry' || command.outcome === 'continue') && !holdsToken && !holdsRun) return refused(command.type, 'outcome-not-possible');
  const reissue = holdsToken && !skipsUndo && (command.outcome === 'retry' || command.outcome === 'continue');
  const event: AnyEvent = {
    type: 'ExceptionResolved', ...(token === undefined ? {} : { address: token.from }), ...(run === undefined ? {} : { address: run.address }), reasonCode: command.code,
    data: {
      exceptionId: command.exceptionId, code: command.code, outcome: command.outcome,
      tokens: reissue
        ? [{ tokenId: command.successorTokenId, port: token.port, wire: token.wire, target: token.target, replaces: token.tokenId }]
        : [],
      ...(command.along === undefined ? {} : { along: command.along }),
    },
    ...(command.note === undefined ? {} : { content: { note: command.note } }),
    ...(command.name === undefined ? {} : { personal: { name: command.name } }),
  };
  return skipsUndo ? decideSkipUndo(state, command, event) : accepted(event);
}
