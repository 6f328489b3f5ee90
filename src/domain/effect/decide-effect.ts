import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseState, Effect, Run } from '../case/state.ts';
import type { DeadLetter, EndCall, IntendEffect, ReplayEffect, ResolveOutcome, ScheduleRetry, StartCall } from '../case/commands.ts';
import { breachOf } from '../guard.ts';
import { own } from '../own.ts';
import { effectPending } from './effect-pending.ts';
import { isOpenRun } from '../step/decide-step.ts';

/** Generations of one operation of a run have these in common. */
function isSameOperation(a: Pick<Effect, 'runId' | 'system' | 'operation'>, b: Pick<Effect, 'runId' | 'system' | 'operation'>): boolean {
  return a.runId === b.runId && a.system === b.system && a.operation === b.operation;
}

function at(state: CaseState, effect: Effect): Pick<AnyEvent, 'address'> {
  const run = state.runs[effect.runId];
  return run === undefined ? {} : { address: run.address };
}

/** The effect, when its case and run are open and no later generation has taken its place. */
function activeEffect(state: CaseState, effectId: string): Effect | undefined {
  const effect = own(state.effects, effectId);
  if (effect === undefined || state.status !== 'open' || !isOpenRun(state.runs[effect.runId])) return undefined;
  return Object.values(state.effects).some((e) => isSameOperation(e, effect) && e.generation > effect.generation) ? undefined : effect;
}

/** False only when it is known that the effect did not happen; before that its generation must not be raised (PROTOCOL §3). */
function mayHaveHappened(effect: Effect): boolean {
  return effectPending(effect) || effect.lastOutcome === 'success';
}

/** An amount changed after the decision ends in an exception, not in the other system (PROTOCOL §2.9, §8). */
function breachedGuard(state: CaseState, run: Run, command: IntendEffect): readonly AnyEvent[] | undefined {
  const breach = breachOf(state, command.guards);
  if (breach === undefined) return undefined;
  const { code, ...data } = breach;
  const { milestone, reason, differentFrom } = data;
  const messages = {
    'missing': `This call needs "${milestone}", which the case has not reached; nothing was sent.`,
    'facts-changed': `The facts that "${milestone}" covers have changed since, so nothing was sent. Put back what was approved and retry, or cancel the case.`,
    'same-person': `This call needs "${milestone}" and "${differentFrom ?? ''}" by different people, and they are not; nothing was sent.`,
  };
  return [
    { type: 'GuardBreached', address: run.address, data },
    {
      type: 'ExceptionRaised', address: run.address,
      data: { exceptionId: command.exceptionId, class: 'guard-breached', severity: 'high', queue: 'engineer', runId: run.runId, code },
      content: { message: messages[reason] },
    },
  ];
}

/** Intention and key are durable before the request leaves (PROTOCOL §3). Also starts the first call. */
export function decideIntendEffect(state: CaseState, command: IntendEffect): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  if (own(state.effects, command.effectId) !== undefined) return nothing('intended');
  const others = Object.values(state.effects).filter((e) => isSameOperation(e, command));
  if (others.some((e) => e.generation >= command.generation)) return nothing('intended');
  if (others.some(mayHaveHappened)) return refused(command.type, 'effect-open');
  const breach = breachedGuard(state, run, command);
  if (breach !== undefined) return accepted(...breach);
  return accepted(
    {
      type: 'EffectIntended', address: run.address,
      data: {
        effectId: command.effectId, runId: command.runId, generation: command.generation, idempotencyKey: command.idempotencyKey,
        requestHash: command.requestHash, system: command.system, service: command.service, operation: command.operation, recovery: command.recovery,
      },
      content: { request: command.request },
    },
    { type: 'CallStarted', address: run.address, data: { callId: command.callId, effectId: command.effectId, callNumber: 1 } },
  );
}

export function decideStartCall(state: CaseState, command: StartCall): Decision {
  const effect = activeEffect(state, command.effectId);
  if (effect === undefined) return refused(command.type, 'effect-unknown');
  if (effect.state !== 'intended' && effect.state !== 'waiting' && effect.state !== 'unknown') return refused(command.type, 'effect-open');
  // What may have happened is asked again only where this cannot do it twice; never guessed (PROTOCOL §3).
  if (effect.lastOutcome === 'unknown' && effect.recovery !== 'same-key' && effect.recovery !== 'safe') return refused(command.type, 'effect-open');
  return accepted({ type: 'CallStarted', ...at(state, effect), data: { callId: command.callId, effectId: effect.effectId, callNumber: effect.calls + 1 } });
}

export function decideEndCall(state: CaseState, command: EndCall): Decision {
  const effect = own(state.effects, command.effectId);
  if (effect === undefined) return refused(command.type, 'effect-unknown');
  if (effect.openCallId !== command.callId) return nothing('call-ended');
  const { response, error, exchanges } = command;
  const content = response === undefined && error === undefined && exchanges === undefined ? undefined
    : { ...(response === undefined ? {} : { response }), ...(error === undefined ? {} : { error }), ...(exchanges === undefined ? {} : { exchanges }) };
  return accepted({
    type: 'CallEnded', ...at(state, effect),
    data: {
      callId: command.callId, effectId: command.effectId, outcome: command.outcome, durationMs: command.durationMs,
      ...(command.errorClass === undefined ? {} : { errorClass: command.errorClass }),
      ...(command.httpStatus === undefined ? {} : { httpStatus: command.httpStatus }),
    },
    ...(content === undefined ? {} : { content }),
  });
}

export function decideScheduleRetry(state: CaseState, command: ScheduleRetry): Decision {
  const effect = activeEffect(state, command.effectId);
  if (effect === undefined) return refused(command.type, 'effect-unknown');
  // What waits already is put off when nothing may leave at its time.
  const putOff = effect.state === 'waiting' && command.reason !== undefined;
  if (effect.state !== 'intended' && effect.state !== 'unknown' && !putOff) return nothing('not-waiting');
  return accepted({
    type: 'RetryScheduled', ...at(state, effect),
    data: { callId: command.callId, effectId: effect.effectId, callNumber: effect.calls, dueAt: command.dueAt, ...(command.reason === undefined ? {} : { reason: command.reason }) },
  });
}

export function decideDeadLetter(state: CaseState, command: DeadLetter): Decision {
  const effect = activeEffect(state, command.effectId);
  if (effect === undefined) return refused(command.type, 'effect-unknown');
  if (effect.state === 'dead') return nothing('dead');
  if (effect.state === 'known' || effect.state === 'calling') return refused(command.type, 'effect-open');
  return accepted({
    type: 'DeadLettered', ...at(state, effect), reasonCode: command.reason,
    data: { deadLetterId: command.deadLetterId, effectId: effect.effectId, reason: command.reason },
  });
}

/** A replay keeps the idempotency key (PROTOCOL §3). */
export function decideReplayEffect(state: CaseState, command: ReplayEffect): Decision {
  const effect = Object.values(state.effects).find((e) => e.deadLetterId === command.deadLetterId);
  if (effect === undefined) return refused(command.type, 'effect-unknown');
  if (activeEffect(state, effect.effectId) === undefined || effect.state !== 'dead') return refused(command.type, 'effect-not-replayable');
  if (command.circuitOpen === true) return refused(command.type, 'circuit-open');
  const edited = command.request !== undefined && command.requestHash !== effect.requestHash;
  // An edit under the same key would be another request under a used key; only what never reached the system may be edited.
  if (edited && effect.lastOutcome === 'unknown') return refused(command.type, 'effect-not-replayable');
  const mayNot = edited ? whyNoEdit(state, command) : undefined;
  if (mayNot !== undefined) return refused(command.type, mayNot);
  return accepted({
    type: 'Replayed', ...at(state, effect),
    data: {
      deadLetterId: command.deadLetterId, effectId: effect.effectId, edited, requestHash: edited ? command.requestHash : effect.requestHash,
      ...(command.batchId === undefined ? {} : { batchId: command.batchId }),
    },
    ...(edited && command.request !== undefined ? { content: { request: command.request } } : {}),
  });
}

/** An edit must not carry other facts past a guard, nor come from somebody who touched the case. */
export function whyNoEdit(state: CaseState, command: Pick<ReplayEffect, 'person' | 'guards'>): 'requester-may-not-decide' | 'facts-changed' | 'edit-needs-approval' | undefined {
  if (state.operators.includes(command.person)) return 'requester-may-not-decide';
  for (const guard of command.guards) {
    const reached = own(state.milestones, guard.milestone);
    if (reached === undefined || reached.factsHash !== guard.factsHash) return 'facts-changed';
    if (reached.covers.length > 0) return 'edit-needs-approval';
  }
  return undefined;
}

export function decideResolveOutcome(state: CaseState, command: ResolveOutcome): Decision {
  const effect = activeEffect(state, command.effectId);
  if (effect === undefined) return refused(command.type, 'effect-unknown');
  if (effect.lastOutcome !== 'unknown' || effect.state === 'known' || effect.state === 'calling') return refused(command.type, 'effect-not-unknown');
  return accepted({
    type: 'OutcomeResolved', ...at(state, effect),
    data: { effectId: effect.effectId, method: command.method, outcome: command.outcome },
    ...(command.response === undefined ? {} : { content: { response: command.response } }),
  });
}
