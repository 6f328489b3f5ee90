import type { CaseCommand, CaseState, Effect, JsonObject } from '../../domain/index.ts';
import { addressKey } from '../../domain/index.ts';
import type { CallOutcome } from '../../domain/events.ts';
import { nextDelay } from '../../connectors/resilience/backoff.ts';
import type { RetryPolicy } from '../../connectors/resilience/backoff.ts';
import { systemWatch } from '../../connectors/resilience/system-watch.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { hashJson, idempotencyKey } from '../support/hashing.ts';
import { CallGate } from './call-gate.ts';
import { ConfigError } from './typed.ts';

/** What came of one attempt. */
export interface Attempt {
  readonly outcome: CallOutcome;
  readonly errorClass?: string;
  /** Of a transient failure: that no later attempt would end otherwise. */
  readonly hopeless?: boolean;
  /** What the other side said; recorded with the call. */
  readonly response?: JsonObject;
  readonly httpStatus?: number;
  readonly error?: string;
  /** What was on the wire, masked; recorded with the call. */
  readonly exchanges?: readonly JsonObject[];
  readonly retryAfterMs?: number;
  /** The other side said something that counts, be it a refusal: its circuit stays closed. */
  readonly answered: boolean;
  /** How often and how long this kind of failure is tried again, where it is not as the node says. */
  readonly policy?: RetryPolicy;
}

/** What the other side says of an effect of unknown outcome. */
export type Asked = { readonly kind: 'happened'; readonly response: JsonObject } | { readonly kind: 'not-happened' } | { readonly kind: 'silent' };

/** What a governed step does to another system, and how it is made sure that it does it once. */
export interface EffectKind {
  readonly system: string; readonly service: string; readonly operation: string;
  readonly recovery: Effect['recovery'];
  /** How long an attempt may be at work over there, ms. */
  readonly timeoutMs: number;
  readonly policy: RetryPolicy;
  /** When the call of a run may go by the limits of the service, ms since 1970; not after now: at once, and it counts. */
  admit?(step: StepContext, id: string, now: number): number;
  /** Ends the step of a new call whose service is stopped and does not want it to wait; true when it did. */
  stopped?(step: StepContext): Promise<boolean>;
  /** The request as the ledger keeps it, without credentials; undefined when it has ended the step itself: nothing is sent. */
  request(step: StepContext): Promise<JsonObject | undefined>;
  attempt(step: StepContext, effect: Effect, request: JsonObject): Promise<Attempt>;
  /** For recovery `query`. */
  ask?(step: StepContext, effect: Effect, request: JsonObject): Promise<{ readonly asked: Asked; readonly answered: boolean }>;
  /** The effect is done: ends the step. */
  succeed(step: StepContext, response: JsonObject, before: readonly CaseCommand[]): Promise<void>;
  /** Refused for good: ends the step, or raises the exception `rejectedCode`. */
  reject(step: StepContext, effect: Effect, response: JsonObject, before: readonly CaseCommand[]): Promise<void>;
  readonly rejectedCode: string;
  /** One sentence for a person: nobody knows, and nobody can be asked. */
  unknownMessage(effect: Effect): string;
}

/** The effect of a run that counts: of its highest generation. */
export function currentEffect(state: CaseState, runId: string): Effect | undefined {
  return Object.values(state.effects).filter((e) => e.runId === runId).reduce<Effect | undefined>((a, b) => (a === undefined || b.generation > a.generation ? b : a), undefined);
}

/** How often the case has come to this address, this run included. */
function visitOf(step: StepContext): number {
  const here = Object.values(step.state.runs).filter((run) => addressKey(run.address) === addressKey(step.address));
  return here.findIndex((run) => run.runId === step.runId) + 1;
}

/** Has one effect on another system: intention first, then the attempts, retried under one idempotency key (PROTOCOL §3). */
export function effectPattern(kind: EffectKind): StepPattern {
  return {
    async run(step) {
      if (await kind.stopped?.(step) === true) return;
      const gate = new CallGate(step, kind, policyFor(kind, step).maxElapsedMs, kind.admit?.bind(undefined, step));
      try {
        await turns(kind, step, gate);
      } finally {
        gate.end('lost');
      }
    },
  };
}

/** A retry node right in front says how often and for how long; else the node itself does. */
function policyFor(kind: EffectKind, step: StepContext): RetryPolicy {
  return step.policyAbove()?.retry ?? kind.policy;
}

/** Intention and key, durable before anything leaves. False when a guard stopped it, or there is nothing to send. */
async function intend(kind: EffectKind, step: StepContext, gate: CallGate, generation: number): Promise<boolean> {
  const { system, service, operation, recovery } = kind;
  const request = await kind.request(step);
  if (request === undefined) return false;
  const result = await step.commit((state) => [...gate.opened, {
    type: 'IntendEffect', effectId: step.newId(), runId: step.runId, generation,
    idempotencyKey: idempotencyKey(step.ledgerId, step.caseId, addressKey(step.address), visitOf(step), generation),
    requestHash: hashJson(request), system, service, operation, recovery, request, callId: step.newId(), at: step.now(), guards: step.guards(state), exceptionId: step.newId(),
  }]);
  return !result.events.some((event) => event.type === 'GuardBreached');
}

async function watched(kind: EffectKind, step: StepContext, send: () => Promise<Attempt>): Promise<Attempt> {
  systemWatch.started(kind.system, step.circuits.one(kind.system)?.limit ?? 0);
  let answered = false;
  try {
    const result = await send();
    ({ answered } = result);
    return result;
  } finally {
    systemWatch.ended(kind.system, answered);
  }
}

function requestOf(effect: Effect): JsonObject {
  if (effect.request === undefined) throw new ConfigError('The request of this call was erased; it cannot be sent again.');
  return effect.request;
}

/** Makes the started call and commits what came of it, with what follows. */
async function call(kind: EffectKind, step: StepContext, gate: CallGate, effect: Effect): Promise<void> {
  const request = requestOf(effect);
  const callId = effect.openCallId ?? '';
  const started = performance.now();
  const attempt = await watched(kind, step, () => kind.attempt(step, effect, request));
  gate.end(attempt.answered ? 'answered' : 'failed');
  const { outcome, errorClass, httpStatus, error, response, exchanges } = attempt;
  const end: CaseCommand = {
    type: 'EndCall', effectId: effect.effectId, callId, outcome, durationMs: Math.round(performance.now() - started),
    ...(errorClass === undefined ? {} : { errorClass }), ...(httpStatus === undefined ? {} : { httpStatus }), ...(error === undefined ? {} : { error }), ...(response === undefined ? {} : { response }),
    ...(exchanges === undefined || exchanges.length === 0 ? {} : { exchanges }),
  };
  if (outcome === 'success') return kind.succeed(step, response ?? {}, [end]);
  if (outcome === 'permanent') return kind.reject(step, effect, response ?? { error: error ?? '' }, [end]);
  const unknown = outcome === 'unknown' || effect.lastOutcome === 'unknown';
  await later(kind, step, effect, callId, [end], {
    unknown, hopeless: attempt.hopeless === true, retryAfterMs: unknown ? settled(kind, effect, attempt.retryAfterMs) : attempt.retryAfterMs, reason: errorClass ?? outcome,
    ...(httpStatus === undefined ? {} : { status: httpStatus }), ...(attempt.policy === undefined ? {} : { policy: attempt.policy }),
  });
}

/** A system is not asked what became of a call while it may still be working on it: "not there" would only mean "not yet". */
function settled(kind: EffectKind, effect: Effect, retryAfterMs: number | undefined): number | undefined {
  return effect.recovery === 'query' ? Math.max(kind.timeoutMs, retryAfterMs ?? 0) : retryAfterMs;
}

interface Why { readonly unknown: boolean; readonly hopeless: boolean; readonly retryAfterMs: number | undefined; readonly reason: string; readonly status?: number; readonly policy?: RetryPolicy }

/** What follows a call without an answer that counts: a retry, a dead letter, or a person. */
async function later(kind: EffectKind, step: StepContext, effect: Effect, callId: string, before: readonly CaseCommand[], why: Why): Promise<void> {
  if (why.unknown && effect.recovery === 'none') return askPerson(kind, step, effect, before);
  const elapsed = step.clock.now() - Date.parse(effect.roundStartedAt);
  const hopeless = why.hopeless || (!why.unknown && step.policyAbove()?.verdict(why.status, why.reason) === 'permanent');
  const delay = hopeless ? undefined : nextDelay(why.policy ?? policyFor(kind, step), effect.callsInRound, elapsed, why.retryAfterMs, Math.random);
  if (delay === undefined) {
    await step.commit([...before, { type: 'DeadLetter', effectId: effect.effectId, deadLetterId: step.newId(), reason: why.reason }]);
    return;
  }
  const dueAt = new Date(step.clock.now() + delay).toISOString();
  await step.commit([...before, { type: 'ScheduleRetry', effectId: effect.effectId, callId, dueAt }]);
  systemWatch.retryAt(kind.system, dueAt);
  step.count('retries_scheduled');
}

function askPerson(kind: EffectKind, step: StepContext, effect: Effect, before: readonly CaseCommand[]): Promise<void> {
  return step.raise({ class: 'outcome-unknown', severity: 'high', queue: 'integration', code: 'outcome-unknown', effectId: effect.effectId, system: kind.system, message: kind.unknownMessage(effect) }, before);
}

/** An unknown outcome: asked again by key, by a query, or by a person; never guessed (PROTOCOL §3). */
async function resolveUnknown(kind: EffectKind, step: StepContext, gate: CallGate, effect: Effect): Promise<boolean> {
  if (effect.recovery === 'none') {
    await askPerson(kind, step, effect, []);
    return false;
  }
  if (!await gate.enter(effect)) return false;
  if (effect.recovery !== 'query' || kind.ask === undefined) {
    await step.commit([{ type: 'StartCall', effectId: effect.effectId, callId: step.newId() }]);
    return true;
  }
  const { asked, answered } = await kind.ask(step, effect, requestOf(effect));
  gate.end(answered ? 'answered' : 'failed');
  if (asked.kind !== 'silent') {
    await step.commit([{ type: 'ResolveOutcome', effectId: effect.effectId, method: 'query', outcome: asked.kind, ...(asked.kind === 'happened' ? { response: asked.response } : {}) }]);
    return true;
  }
  await later(kind, step, effect, step.newId(), [], { unknown: true, hopeless: false, retryAfterMs: undefined, reason: 'query-failed' });
  return false;
}

async function turns(kind: EffectKind, step: StepContext, gate: CallGate): Promise<void> {
  const start = (effect: Effect): Promise<unknown> => step.commit([{ type: 'StartCall', effectId: effect.effectId, callId: step.newId() }]);
  for (let turn = 0; turn < 6; turn++) {
    const effect = currentEffect(step.state, step.runId);
    if (effect === undefined) {
      if (gate.waits || !await gate.enter(undefined) || !await intend(kind, step, gate, 1)) return;
      continue;
    }
    switch (effect.state) {
      case 'calling':
        if (turn > 0) return call(kind, step, gate, effect);
        // The process ended while this call was under way.
        await step.commit([{ type: 'EndCall', effectId: effect.effectId, callId: effect.openCallId ?? '', outcome: effect.recovery === 'safe' ? 'transient' : 'unknown', errorClass: 'interrupted', durationMs: 0 }]);
        break;
      case 'intended':
        if (!await gate.enter(effect)) return;
        if (effect.notHappened !== true) await start(effect);
        else if (!await intend(kind, step, gate, effect.generation + 1)) return;
        break;
      case 'waiting':
        // What only waited for the circuit goes on when it lets calls through, before its time.
        if (effect.dueAt !== undefined && effect.dueAt > step.now() && !(effect.putOff === true && !step.circuits.isOpen(kind.system))) {
          step.wakeAt(effect.dueAt);
          return;
        }
        if (effect.lastOutcome === 'unknown') {
          if (!await resolveUnknown(kind, step, gate, effect)) return;
        } else {
          if (!await gate.enter(effect)) return;
          if (effect.notHappened !== true) await start(effect);
          else if (!await intend(kind, step, gate, effect.generation + 1)) return;
        }
        break;
      case 'unknown':
        if (effect.recovery === 'query' && effect.callsInRound > 0) {
          // Interrupted just now; after a replay it may be asked at once.
          return later(kind, step, effect, step.newId(), [], { unknown: true, hopeless: false, retryAfterMs: settled(kind, effect, undefined), reason: 'interrupted' });
        }
        if (!await resolveUnknown(kind, step, gate, effect)) return;
        break;
      case 'dead': return;
      case 'known':
        if (effect.lastOutcome === 'success') return kind.succeed(step, effect.response ?? {}, []);
        // A person decided to try again after a refusal: a new operation under a new key.
        if (step.resolvedException(kind.rejectedCode) === undefined) return kind.reject(step, effect, effect.response ?? {}, []);
        if (!await gate.enter(undefined) || !await intend(kind, step, gate, effect.generation + 1)) return;
    }
  }
  throw new ConfigError('The call did not come to rest; see its events.');
}
