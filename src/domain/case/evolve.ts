import type { AnyEvent, Envelope } from '../envelope.ts';
import { discount, touched } from './touched.ts';
import { evolveTask } from '../task/evolve-task.ts';
import type { CaseState, Effect, Lineage, Run, Token } from './state.ts';
import { compensationEnded, compensationIssued, compensationRegistered, dropped } from '../compensation/evolve-compensation.ts';
import { branchArrived, branchesEnded, gathered } from '../fork/evolve-fork.ts';
import { inherited, lineage } from '../fork/lineage.ts';
import { isOpenRun } from '../step/decide-step.ts';
import { evolveEscalation } from '../escalation/evolve-escalation.ts';
import { mergePatch } from '../merge-patch.ts';
import { exceptionRaised, exceptionResolved, exceptionWorked } from '../exception/evolve-exception.ts';
import { own } from '../own.ts';
import { evolveRetry, noLongerWaiting, putToken, voided, withoutOwnMessage } from '../retry/evolve-retry.ts';
import type { IssuedToken } from '../events.ts';

/** An event with what `evolve` needs of its envelope. */
export type CaseEvent = AnyEvent & Pick<Envelope, 'epoch' | 'recordedAt' | 'site' | 'streamId'> & Partial<Pick<Envelope, 'rootCaseId' | 'parentCaseId' | 'legalEntity'>>;

const nowhere = { instance: '', stepId: '' };

function putRun(state: CaseState, run: Run): CaseState {
  return { ...state, runs: { ...state.runs, [run.runId]: run } };
}
function changeRun(state: CaseState, runId: string, change: Partial<Run>): CaseState {
  const run = state.runs[runId];
  return run === undefined ? state : putRun(state, { ...run, ...change });
}
/** A run that has ended stays ended, whatever comes late about it. */
function changeOpenRun(state: CaseState, runId: string, change: Partial<Run>): CaseState {
  return isOpenRun(state.runs[runId]) ? changeRun(state, runId, change) : state;
}
/** The effect waits for no timer (any more). */
function withoutTimer(state: CaseState, effectId: string): CaseState {
  const effect = state.effects[effectId];
  if (effect === undefined) return state;
  const { dueAt: _due, putOff: _putOff, ...rest } = effect;
  return { ...state, effects: { ...state.effects, [effectId]: rest } };
}
function changeEffect(state: CaseState, effectId: string, change: Partial<Effect>): CaseState {
  const effect = state.effects[effectId];
  return effect === undefined ? state : { ...state, effects: { ...state.effects, [effectId]: { ...effect, ...change } } };
}

function issue(tokens: readonly IssuedToken[], event: CaseEvent, issuedBy: string, hops: number, from: Lineage): { [tokenId: string]: Token } {
  const issued: { [tokenId: string]: Token } = {};
  for (const t of tokens) {
    issued[t.tokenId] = {
      tokenId: t.tokenId, state: 'live', issuedBy, from: event.address ?? nowhere, port: t.port, wire: t.wire, target: t.target,
      attempt: 1, epoch: event.epoch, uncleanEpochs: 0, hops,
      ...(t.fork === undefined ? from : lineage([...from.forks ?? [], t.fork], from.compensation)),
    };
  }
  return issued;
}

function opened(state: CaseState, event: CaseEvent & { type: 'CaseOpened' }): CaseState {
  const d = event.data;
  return {
    ...state, status: 'open', caseId: event.streamId, process: d.process, template: d.template, site: event.site,
    ...(event.legalEntity === undefined ? {} : { legalEntity: event.legalEntity }),
    rootCaseId: event.rootCaseId ?? event.streamId, ...(event.parentCaseId === undefined ? {} : { parentCaseId: event.parentCaseId }),
    configHash: d.configHash, documentHash: d.documentHash, openedAt: event.recordedAt, operators: d.operators, operatorUnknown: d.operatorUnknown, claims: d.reservations,
    ...(event.content === undefined ? {} : { document: event.content.document, title: event.content.title, keys: event.content.businessKeys }),
  };
}

function scanned(state: CaseState, event: CaseEvent & { type: 'ScanRecorded' }): CaseState {
  const { operator, operatorUnknown, repeat, admission } = event.data;
  const fields = event.content?.scan;
  const next: CaseState = {
    ...state,
    tasks: discount(state, operator, operatorUnknown && !state.operatorUnknown),
    operators: operator === undefined || state.operators.includes(operator) ? state.operators : [...state.operators, operator],
    operatorUnknown: state.operatorUnknown || operatorUnknown,
    ...(repeat === 'first' && fields !== undefined ? { origin: fields } : {}),
  };
  return admission?.edited === true ? touched(next, admission.by) : next;
}

function factsRecorded(state: CaseState, event: CaseEvent & { type: 'FactsRecorded' | 'FactsCorrected' }): CaseState {
  const by = event.type === 'FactsCorrected' ? event.data.by : undefined;
  const { document, ...rest } = by === undefined ? state : touched(state, by);
  const next = { ...rest, documentHash: event.data.afterHash };
  // A document that lacks an erased patch would pass for the facts as they are now: better none.
  return document === undefined || event.content === undefined ? next : { ...next, document: mergePatch(document, event.content.patch) };
}

function completed(state: CaseState, event: CaseEvent & { type: 'StepCompleted' }): CaseState {
  const { runId, tokens, hops, joins } = event.data;
  const known = state.runs[runId];
  const messages = event.content === undefined ? {} : { messages: event.content.messages };
  const run: Run = known === undefined
    ? { runId, address: event.address ?? nowhere, nodeType: 'intake', state: 'completed', enteredAt: event.recordedAt, hops: 0, uncleanEpochs: 0, epoch: event.epoch, ...messages }
    : { ...withoutMessage(known), state: 'completed', ...messages };
  return forget({ ...putRun(withoutWait(state, runId), run), tokens: { ...state.tokens, ...issue(tokens, event, runId, hops, inherited(known, joins)) } }, runId);
}

/** A run that has ended waits for nothing. */
function withoutWait(state: CaseState, runId: string): CaseState {
  if (!Object.hasOwn(state.waits, runId)) return state;
  const { [runId]: _wait, ...waits } = state.waits;
  return { ...state, waits };
}

function withoutMessage(run: Run): Run {
  const { message: _message, ...rest } = run;
  return rest;
}

/**
 * Lets go of views that nothing can ask for any more once a run is completed: what its token carried, and what its
 * effects sent and got. They stay in the ledger; a case in memory stays small.
 */
function forget(state: CaseState, runId: string): CaseState {
  const issuer = own(state.runs, own(state.tokens, runId)?.issuedBy ?? '');
  const spent = issuer?.messages !== undefined && Object.values(state.tokens).every((token) =>
    token.issuedBy !== issuer.runId || (token.state === 'consumed' && own(state.runs, token.tokenId)?.state === 'completed'));
  let next = withoutOwnMessage(state, runId);
  if (spent) {
    const { messages: _messages, ...rest } = issuer;
    next = putRun(next, rest);
  }
  for (const effect of Object.values(state.effects)) {
    if (effect.runId !== runId || (effect.request === undefined && effect.response === undefined)) continue;
    const { request: _request, response: _response, ...rest } = effect;
    next = { ...next, effects: { ...next.effects, [effect.effectId]: rest } };
  }
  return next;
}

function entered(state: CaseState, event: CaseEvent & { type: 'StepEntered' }): CaseState {
  const { runId, nodeType, attempt } = event.data;
  const token = state.tokens[runId];
  const address = event.address ?? nowhere;
  const withRun = putRun(state, {
    runId, address, nodeType, state: 'pending', enteredAt: event.recordedAt, hops: token?.hops ?? 0, uncleanEpochs: 0, epoch: event.epoch, ...inherited(token),
    ...(event.content === undefined ? {} : { message: event.content.message }),
  });
  if (token === undefined) return withRun;
  const { retry: _retry, ...rest } = token;
  return putToken(withRun, { ...rest, state: 'consumed', consumedBy: address, consumedAttempt: attempt });
}

function intended(state: CaseState, event: CaseEvent & { type: 'EffectIntended' }): CaseState {
  const d = event.data;
  const effect: Effect = {
    effectId: d.effectId, runId: d.runId, generation: d.generation, idempotencyKey: d.idempotencyKey, requestHash: d.requestHash,
    system: d.system, service: d.service, operation: d.operation, recovery: d.recovery, state: 'intended', intendedAt: event.recordedAt,
    calls: 0, callsInRound: 0, roundStartedAt: event.recordedAt, ...(event.content === undefined ? {} : { request: event.content.request }),
  };
  return changeOpenRun({ ...state, effects: { ...state.effects, [d.effectId]: effect } }, d.runId, { state: 'effect-intended' });
}

function callStarted(state: CaseState, event: CaseEvent & { type: 'CallStarted' }): CaseState {
  const effect = state.effects[event.data.effectId];
  if (effect === undefined) return state;
  return changeEffect(withoutTimer(state, effect.effectId), effect.effectId, {
    state: 'calling', openCallId: event.data.callId, calls: effect.calls + 1, callsInRound: effect.callsInRound + 1,
  });
}

function callEnded(state: CaseState, event: CaseEvent & { type: 'CallEnded' }): CaseState {
  const { effectId, outcome } = event.data;
  const effect = state.effects[effectId];
  if (effect === undefined) return state;
  const { openCallId: _open, ...rest } = effect;
  const known = outcome === 'success' || outcome === 'permanent';
  const next: Effect = {
    ...rest, state: known ? 'known' : outcome === 'unknown' ? 'unknown' : 'intended',
    // A transient failure after an unknown outcome leaves the outcome unknown.
    lastOutcome: outcome === 'transient' && effect.lastOutcome === 'unknown' ? 'unknown' : outcome,
    ...(event.content?.response === undefined ? {} : { response: event.content.response }),
  };
  const changed = { ...state, effects: { ...state.effects, [effectId]: next } };
  return known ? changeOpenRun(changed, effect.runId, { state: 'effect-known' }) : changed;
}

function outcomeResolved(state: CaseState, event: CaseEvent & { type: 'OutcomeResolved' }): CaseState {
  const { effectId, outcome } = event.data;
  const effect = state.effects[effectId];
  if (effect === undefined) return state;
  const happened = outcome === 'happened';
  const changed = changeEffect(withoutTimer(state, effectId), effectId, {
    state: happened ? 'known' : 'intended', lastOutcome: happened ? 'success' : 'transient',
    ...(happened ? {} : { notHappened: true as const }),
    ...(event.content?.response === undefined ? {} : { response: event.content.response }),
  });
  return happened ? changeOpenRun(changed, effect.runId, { state: 'effect-known' }) : changed;
}

function closed(state: CaseState, event: CaseEvent & { type: 'CaseClosed' }): CaseState {
  const tokens = { ...state.tokens };
  for (const t of Object.values(tokens)) if (t.state === 'live') tokens[t.tokenId] = voided(t);
  const runs = { ...state.runs };
  const cancelled = new Set(event.data.cancelledRuns);
  for (const r of Object.values(runs)) {
    if (isOpenRun(r)) runs[r.runId] = { ...r, state: cancelled.has(r.runId) ? 'void' : 'completed' };
  }
  const tasks = { ...state.tasks };
  for (const { held: _held, info: _info, ...t } of Object.values(tasks)) if (t.status === 'open') tasks[t.taskId] = { ...t, status: 'voided' };
  const { compensating: _compensating, ...rest } = state;
  return { ...rest, compensations: dropped(state), status: 'closed', outcome: event.data.outcome, claims: event.data.released === undefined ? state.claims : [], closedAt: event.recordedAt, tokens, runs, tasks, timers: {}, waits: {}, ladders: {} };
}

/** A run that was ended without a result: its calls are not made again. */
function voidedRun(state: CaseState, runId: string): CaseState {
  let effects = state.effects;
  for (const effect of Object.values(effects)) {
    if (effect.runId !== runId || (effect.state !== 'waiting' && effect.state !== 'dead')) continue;
    const { dueAt: _due, deadLetterId: _dead, ...rest } = effect;
    effects = { ...effects, [effect.effectId]: { ...rest, state: 'intended' } };
  }
  return changeRun(withoutWait({ ...state, effects }, runId), runId, { state: 'void' });
}

/** `evolve(state, event) → state` of a case; relies on what stands in leaves, views on content when it is there. */
export function evolve(before: CaseState, event: CaseEvent): CaseState {
  const state = { ...before, version: before.version + 1 };
  switch (event.type) {
    case 'CaseOpened': return opened(state, event);
    case 'ScanRecorded': return scanned(state, event);
    case 'FactsRecorded':
    case 'FactsCorrected': return factsRecorded(state, event);
    case 'ServiceAnswered': {
      const { runId, status, refusal } = event.data;
      return { ...state, answer: { runId, status, refusal, at: event.recordedAt, ...(event.content === undefined ? {} : { body: event.content.body }) } };
    }
    case 'MilestoneReached': return { ...state, milestones: { ...state.milestones, [event.data.milestone]: event.data } };
    case 'CaseClosed': return closed(state, event);
    case 'StepEntered': return entered(state, event);
    case 'StepResumed': return changeRun(state, event.data.runId, { epoch: event.epoch, uncleanEpochs: event.data.uncleanEpochs });
    case 'StepCompleted': return completed(state, event);
    case 'StepVoided': return voidedRun(state, event.data.runId);
    case 'TokenResent': {
      const token = state.tokens[event.data.tokenId];
      return token === undefined ? state : putToken(state, { ...noLongerWaiting(token), attempt: event.data.attempt, epoch: event.epoch, uncleanEpochs: event.data.uncleanEpochs });
    }
    case 'TokenRetryScheduled':
    case 'TokenDeadLettered':
    case 'TokenRerouted': return evolveRetry(state, event);
    case 'TokenReplayed': return event.data.by === undefined ? evolveRetry(state, event) : touched(evolveRetry(state, event), event.data.by);
    case 'TokenVoided': {
      const token = state.tokens[event.data.tokenId];
      return token === undefined ? state : putToken(state, voided(token));
    }
    case 'TokenLate': {
      const token = state.tokens[event.data.tokenId];
      return token === undefined ? state : putToken(state, { ...token, late: true });
    }
    case 'NodeFailed': {
      const token = state.tokens[event.data.tokenId];
      return token === undefined ? state : putToken(state, { ...token, failed: true });
    }
    case 'QuantityReserved': return { ...state, holds: { ...state.holds, [event.data.claimId]: event.data } };
    case 'QuantityReleased': {
      const { [event.data.claimId]: _released, ...holds } = state.holds;
      return { ...state, holds };
    }
    case 'TimerScheduled': {
      const { timerId, runId, purpose, dueAt, destructive } = event.data;
      return { ...state, timers: { ...state.timers, [timerId]: { timerId, runId, purpose, dueAt, destructive } } };
    }
    case 'TimerCancelled': {
      const { [event.data.timerId]: _cancelled, ...timers } = state.timers;
      return { ...state, timers };
    }
    case 'EventAwaited': return { ...state, waits: { ...state.waits, [event.data.runId]: event.data } };
    case 'EventWaitEnded': return withoutWait(state, event.data.runId);
    case 'EventCorrelated': {
      const wait = state.waits[event.data.runId];
      if (wait === undefined) return state;
      return { ...state, waits: { ...state.waits, [wait.runId]: { ...wait, signalId: event.data.signalId, ...(event.content === undefined ? {} : { event: event.content }) } } };
    }
    case 'EffectIntended': return intended(state, event);
    case 'CallStarted': return callStarted(state, event);
    case 'CallEnded': return callEnded(state, event);
    case 'RetryScheduled': return changeEffect(withoutTimer(state, event.data.effectId), event.data.effectId, { state: 'waiting', dueAt: event.data.dueAt, ...(event.data.reason === undefined ? {} : { putOff: true }) });
    case 'DeadLettered': return changeEffect(withoutTimer(state, event.data.effectId), event.data.effectId, { state: 'dead', deadLetterId: event.data.deadLetterId });
    case 'Replayed': {
      const effect = state.effects[event.data.effectId];
      return effect === undefined ? state : changeEffect(state, effect.effectId, {
        state: effect.lastOutcome === 'unknown' ? 'unknown' : 'intended', callsInRound: 0, roundStartedAt: event.recordedAt, requestHash: event.data.requestHash,
        ...(event.content?.request === undefined ? {} : { request: event.content.request }),
      });
    }
    case 'OutcomeResolved': return outcomeResolved(state, event);
    case 'ExceptionRaised': return exceptionRaised(state, event);
    case 'ExceptionResolved': return exceptionResolved(state, event);
    case 'ExceptionAssigned':
    case 'ExceptionReleased':
    case 'Reclassified':
    case 'Merged':
    case 'Unmerged':
    case 'Linked':
    case 'Reopened': return exceptionWorked(state, event);
    case 'PhotoAttached': return { ...state, attachments: { ...state.attachments, [event.data.attachmentId]: event.data } };
    case 'PhotoErased': {
      const photo = state.attachments[event.data.attachmentId];
      return photo === undefined ? state : { ...state, attachments: { ...state.attachments, [photo.attachmentId]: { ...photo, erased: true } } };
    }
    case 'BranchArrived': return branchArrived(state, event);
    case 'BranchesEnded': return branchesEnded(state, event);
    case 'Gathered': return gathered(state, event);
    case 'CompensationRegistered': return compensationRegistered(state, event);
    case 'CompensationStarted': return { ...state, compensating: { outcome: event.data.outcome, order: event.data.order, releaseClaims: event.data.releaseClaims } };
    case 'CompensationIssued': return compensationIssued(state, event);
    case 'Compensated': return compensationEnded(state, event);
    default: return evolveTask(evolveEscalation(state, event), event);
  }
}
