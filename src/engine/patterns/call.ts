import type { CaseCommand, CaseState, Effect, Json, JsonObject } from '../../domain/index.ts';
import { addressKey } from '../../domain/index.ts';
import { systemWatch } from '../../connectors/resilience/system-watch.ts';
import { nextDelay, parseRetryAfter } from '../../connectors/resilience/backoff.ts';
import type { RetryPolicy } from '../../connectors/resilience/backoff.ts';
import { classify } from '../../connectors/rest/classify.ts';
import { sendRequest } from '../../connectors/rest/http-json.ts';
import type { HttpResult } from '../../connectors/rest/http-json.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { hashJson, idempotencyKey } from '../support/hashing.ts';
import { CallGate } from './call-gate.ts';
import { asText, ConfigError, positive } from './typed.ts';

/** Config of a `call` node; `credentials.token` is a bearer token and never leaves this process but to the system. */
export interface CallConfig {
  readonly system: string; readonly service: string; readonly operation: string; readonly method: string; readonly url: string; readonly urlType: string;
  readonly headers?: readonly { readonly name: string; readonly value: string; readonly valueType: string }[];
  readonly body: string; readonly bodyType: string; readonly timeoutSeconds: number | string; readonly idempotencyHeader: string;
  readonly recovery: 'same-key' | 'query' | 'safe' | 'none'; readonly queryUrl: string; readonly queryUrlType: string;
  readonly maxAttempts: number | string; readonly maxMinutes: number | string; readonly baseDelaySeconds: number | string; readonly maxDelaySeconds: number | string;
  readonly recordAs: string; readonly milestone: string; readonly concurrency?: number | string; readonly circuitFailures?: number | string; readonly openSeconds?: number | string;
  readonly tokenVariable?: string;
  readonly credentials?: { readonly token?: string };
}

/** A request as the ledger keeps it: without credentials. */
interface StoredRequest extends JsonObject { readonly method: string; readonly url: string; readonly headers: { readonly [name: string]: string }; readonly body: Json }

const methodsWithoutBody = new Set(['GET', 'HEAD', 'DELETE']);

/** Said something that counts, be it a refusal. */
function isAnswer(result: HttpResult): boolean {
  return result.kind === 'response' && result.status < 500 && result.status !== 429 && result.status !== 408;
}

function parseBody(result: HttpResult & { kind: 'response' }): Json {
  if (result.truncated || result.text === '') return result.text === '' ? null : result.text.slice(0, 4_096);
  try {
    return JSON.parse(result.text) as Json;
  } catch (error) {
    return { text: result.text.slice(0, 4_096), notJson: (error as Error).message };
  }
}

function currentEffect(state: CaseState, runId: string): Effect | undefined {
  return Object.values(state.effects).filter((e) => e.runId === runId).reduce<Effect | undefined>((a, b) => (a === undefined || b.generation > a.generation ? b : a), undefined);
}

/** How often the case has come to this address, this run included. */
function visitOf(step: StepContext): number {
  const here = Object.values(step.state.runs).filter((run) => addressKey(run.address) === addressKey(step.address));
  return here.findIndex((run) => run.runId === step.runId) + 1;
}

/** Calls another system over HTTP with JSON: intention first, then the request, retried under one idempotency key (PROTOCOL §3). */
export function callPattern(config: CallConfig): StepPattern {
  if (!config.url) throw new ConfigError('This call has no URL; say where the system is, and deploy.');
  if (config.recovery === 'query' && !config.queryUrl) throw new ConfigError('This call is to ask the system what became of it, but has no query URL; give it one, and deploy.');
  const own: RetryPolicy = {
    maxAttempts: Math.round(positive(config.maxAttempts, 8)), maxElapsedMs: positive(config.maxMinutes, 1_440) * 60_000,
    baseDelayMs: positive(config.baseDelaySeconds, 2) * 1_000, maxDelayMs: positive(config.maxDelaySeconds, 300) * 1_000,
  };
  const timeoutMs = positive(config.timeoutSeconds, 30) * 1_000;
  const method = (config.method || 'POST').toUpperCase();
  const recovery = config.recovery || (method === 'GET' || method === 'HEAD' ? 'safe' : 'same-key');
  const system = config.system || 'system';

  /** A retry node right in front says how often and for how long; else the node itself does. */
  function policyFor(step: StepContext): RetryPolicy {
    return step.policyAbove()?.retry ?? own;
  }

  async function buildRequest(step: StepContext): Promise<StoredRequest> {
    const url = asText(await step.evaluate(config.url ?? '', config.urlType ?? 'str'));
    const headers: { [name: string]: string } = { accept: 'application/json' };
    for (const header of config.headers ?? []) {
      const value = asText(await step.evaluate(header.value, header.valueType));
      if (/^authorization$/i.test(header.name)) throw new ConfigError('Put credentials into the node\'s token field, not into its headers: headers stand in the ledger.');
      if (/[\r\n]/.test(value)) throw new ConfigError(`The header "${header.name}" holds a line break.`);
      headers[header.name.toLowerCase()] = value;
    }
    const hasBody = !methodsWithoutBody.has(method) && config.body !== undefined && config.body !== '';
    const body = hasBody ? await step.evaluate(config.body, config.bodyType ?? 'msg') : undefined;
    if (hasBody) headers['content-type'] ??= 'application/json';
    return { method, url, headers, body: (body === undefined ? null : JSON.parse(JSON.stringify(body))) as Json };
  }

  /** Intention and key, durable before anything leaves. False when a guard stopped it. */
  async function intend(step: StepContext, gate: CallGate, generation: number): Promise<boolean> {
    const request = await buildRequest(step);
    const result = await step.commit((state) => [...gate.opened, {
      type: 'IntendEffect', effectId: step.newId(), runId: step.runId, generation,
      idempotencyKey: idempotencyKey(step.ledgerId, step.caseId, addressKey(step.address), visitOf(step), generation),
      requestHash: hashJson(request), system, service: config.service ?? '', operation: config.operation || `${method} ${system}`, recovery, request,
      callId: step.newId(), at: step.now(), guards: step.guards(state), exceptionId: step.newId(),
    }]);
    return !result.events.some((event) => event.type === 'GuardBreached');
  }

  function send(step: StepContext, effect: Effect, request: StoredRequest): Promise<HttpResult> {
    const headers: { [name: string]: string } = { ...request.headers };
    if (effect.recovery !== 'safe' || config.idempotencyHeader) headers[(config.idempotencyHeader || 'Idempotency-Key').toLowerCase()] = effect.idempotencyKey;
    if (config.credentials?.token) headers['authorization'] = `Bearer ${config.credentials.token}`;
    return watched(step, () => sendRequest({ method: request.method, url: request.url, headers, body: request.body === null ? undefined : JSON.stringify(request.body), timeoutMs, clock: step.clock }));
  }

  async function watched(step: StepContext, send: () => Promise<HttpResult>): Promise<HttpResult> {
    systemWatch.started(system, step.circuits.one(system)?.limit ?? 0);
    let answered = false;
    try {
      const result = await send();
      answered = isAnswer(result);
      return result;
    } finally {
      systemWatch.ended(system, answered);
    }
  }

  /** Makes the started call and commits what came of it, with what follows. */
  async function call(step: StepContext, gate: CallGate, effect: Effect): Promise<void> {
    const request = effect.request as StoredRequest | undefined;
    if (request === undefined || effect.openCallId === undefined) throw new ConfigError('The request of this call was erased; it cannot be sent again.');
    const callId = effect.openCallId;
    const started = performance.now();
    const result = await send(step, effect, request);
    gate.end(isAnswer(result) ? 'answered' : 'failed');
    const durationMs = Math.round(performance.now() - started);
    const { outcome, errorClass, hopeless } = classify(result, effect.recovery === 'safe', { repeated: effect.lastOutcome === 'unknown' });
    const response: JsonObject | undefined = result.kind === 'response' ? { status: result.status, body: parseBody(result) } : undefined;
    const end: CaseCommand = {
      type: 'EndCall', effectId: effect.effectId, callId, outcome, durationMs,
      ...(errorClass === undefined ? {} : { errorClass }), ...(result.kind === 'response' ? { httpStatus: result.status } : { error: result.message }),
      ...(response === undefined ? {} : { response }),
    };
    if (outcome === 'success') return succeed(step, response ?? {}, [end]);
    if (outcome === 'permanent') return rejected(step, effect, response ?? { error: result.kind === 'failure' ? result.message : '' }, [end]);
    const retryAfterMs = result.kind === 'response' ? parseRetryAfter(result.headers['retry-after'], step.clock.now()) : undefined;
    const unknown = outcome === 'unknown' || effect.lastOutcome === 'unknown';
    await later(step, effect, callId, [end], { unknown, hopeless: hopeless === true, retryAfterMs: unknown ? settled(effect, retryAfterMs) : retryAfterMs, reason: errorClass ?? outcome, ...(result.kind === 'response' ? { status: result.status } : {}) });
  }

  /** A system is not asked what became of a call while it may still be working on it: "not there" would only mean "not yet". */
  function settled(effect: Effect, retryAfterMs: number | undefined): number | undefined {
    return effect.recovery === 'query' ? Math.max(timeoutMs, retryAfterMs ?? 0) : retryAfterMs;
  }

  /** What follows a call without an answer that counts: a retry, a dead letter, or a person. */
  async function later(step: StepContext, effect: Effect, callId: string, before: readonly CaseCommand[], why: { readonly unknown: boolean; readonly hopeless: boolean; readonly retryAfterMs: number | undefined; readonly reason: string; readonly status?: number }): Promise<void> {
    if (why.unknown && effect.recovery === 'none') return askPerson(step, effect, before);
    const elapsed = step.clock.now() - Date.parse(effect.roundStartedAt);
    const hopeless = why.hopeless || (!why.unknown && step.policyAbove()?.verdict(why.status, why.reason) === 'permanent');
    const delay = hopeless ? undefined : nextDelay(policyFor(step), effect.callsInRound, elapsed, why.retryAfterMs, Math.random);
    if (delay === undefined) {
      await step.commit([...before, { type: 'DeadLetter', effectId: effect.effectId, deadLetterId: step.newId(), reason: why.reason }]);
      return;
    }
    const dueAt = new Date(step.clock.now() + delay).toISOString();
    await step.commit([...before, { type: 'ScheduleRetry', effectId: effect.effectId, callId, dueAt }]);
    systemWatch.retryAt(system, dueAt);
    step.count('retries_scheduled');
  }

  function askPerson(step: StepContext, effect: Effect, before: readonly CaseCommand[]): Promise<void> {
    return step.raise({
      class: 'outcome-unknown', severity: 'high', queue: 'integration', code: 'outcome-unknown', effectId: effect.effectId, system,
      message: `It is not known whether "${effect.operation}" happened at ${system}, and the system cannot be asked. Look there, then say whether it happened.`,
    }, before);
  }

  async function succeed(step: StepContext, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    const body = response['body'] ?? null;
    const message = { ...step.message(), payload: body, statusCode: response['status'] ?? 200 };
    await step.complete([{ port: 0, message }], (state) => {
      const record = config.recordAs ? [step.factsCommand(state, config.recordAs, body)] : [];
      const reach: readonly CaseCommand[] = config.milestone ? [{ type: 'ReachMilestone', runId: step.runId, milestone: config.milestone, covers: [], factsHash: step.hashFacts(state, []) }] : [];
      return [...before, ...record, ...reach];
    });
  }

  async function rejected(step: StepContext, effect: Effect, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    if (step.isWired(1)) {
      const message = { ...step.message(), payload: response['body'] ?? null, statusCode: response['status'] ?? 0 };
      return step.complete([{ port: 1, message }], before);
    }
    await step.raise({
      class: 'call-rejected', severity: 'high', queue: 'integration', code: 'call-rejected', effectId: effect.effectId, system, detail: { response },
      message: `${system} refused "${effect.operation}" for good${typeof response['status'] === 'number' ? ` (HTTP ${response['status']})` : ''}. Correct the case and retry, or cancel it.`,
    }, before);
  }

  /** An unknown outcome: asked again by key, by a query, or by a person; never guessed (PROTOCOL §3). */
  async function resolveUnknown(step: StepContext, gate: CallGate, effect: Effect): Promise<boolean> {
    if (effect.recovery === 'none') {
      await askPerson(step, effect, []);
      return false;
    }
    if (!await gate.enter(effect)) return false;
    if (effect.recovery !== 'query') {
      await step.commit([{ type: 'StartCall', effectId: effect.effectId, callId: step.newId() }]);
      return true;
    }
    const url = asText(await step.evaluate(config.queryUrl ?? '', config.queryUrlType ?? 'str')).replaceAll('{key}', encodeURIComponent(effect.idempotencyKey));
    const result = await sendRequest({
      method: 'GET', url, timeoutMs, body: undefined, clock: step.clock,
      headers: { accept: 'application/json', ...(config.credentials?.token ? { authorization: `Bearer ${config.credentials.token}` } : {}) },
    });
    gate.end(isAnswer(result) ? 'answered' : 'failed');
    if (result.kind === 'response' && (result.status === 200 || result.status === 404)) {
      const happened = result.status === 200;
      await step.commit([{
        type: 'ResolveOutcome', effectId: effect.effectId, method: 'query', outcome: happened ? 'happened' : 'not-happened',
        ...(happened ? { response: { status: 200, body: parseBody(result) } } : {}),
      }]);
      return true;
    }
    await later(step, effect, step.newId(), [], { unknown: true, hopeless: false, retryAfterMs: undefined, reason: 'query-failed' });
    return false;
  }

  async function turns(step: StepContext, gate: CallGate): Promise<void> {
    for (let turn = 0; turn < 6; turn++) {
      const effect = currentEffect(step.state, step.runId);
      if (effect === undefined) {
        if (gate.waits || !await gate.enter(undefined) || !await intend(step, gate, 1)) return;
        continue;
      }
      switch (effect.state) {
        case 'calling': {
          const fresh = turn > 0;
          if (fresh) return call(step, gate, effect);
          // The process ended while this call was under way.
          await step.commit([{ type: 'EndCall', effectId: effect.effectId, callId: effect.openCallId ?? '', outcome: effect.recovery === 'safe' ? 'transient' : 'unknown', errorClass: 'interrupted', durationMs: 0 }]);
          break;
        }
        case 'intended':
          if (!await gate.enter(effect)) return;
          if (effect.notHappened === true) {
            if (!await intend(step, gate, effect.generation + 1)) return;
          } else await step.commit([{ type: 'StartCall', effectId: effect.effectId, callId: step.newId() }]);
          break;
        case 'waiting':
          // What only waited for the circuit goes on when it lets calls through, before its time.
          if (effect.dueAt !== undefined && effect.dueAt > step.now() && !(effect.putOff === true && !step.circuits.isOpen(system))) {
            step.wakeAt(effect.dueAt);
            return;
          }
          if (effect.lastOutcome === 'unknown') {
            if (!await resolveUnknown(step, gate, effect)) return;
          } else {
            if (!await gate.enter(effect)) return;
            if (effect.notHappened !== true) await step.commit([{ type: 'StartCall', effectId: effect.effectId, callId: step.newId() }]);
            else if (!await intend(step, gate, effect.generation + 1)) return;
          }
          break;
        case 'unknown':
          if (effect.recovery === 'query' && effect.callsInRound > 0) {
            // Interrupted just now; after a replay it may be asked at once.
            return later(step, effect, step.newId(), [], { unknown: true, hopeless: false, retryAfterMs: settled(effect, undefined), reason: 'interrupted' });
          }
          if (!await resolveUnknown(step, gate, effect)) return;
          break;
        case 'dead': return;
        case 'known':
          if (effect.lastOutcome === 'success') return succeed(step, effect.response ?? {}, []);
          // A person decided to try again after a refusal: a new operation under a new key.
          if (step.resolvedException('call-rejected') === undefined) return rejected(step, effect, effect.response ?? {}, []);
          if (!await gate.enter(undefined) || !await intend(step, gate, effect.generation + 1)) return;
      }
    }
    throw new ConfigError('The call did not come to rest; see its events.');
  }

  return {
    async run(step) {
      const gate = new CallGate(step, system, policyFor(step).maxElapsedMs);
      try {
        await turns(step, gate);
      } finally {
        gate.end('lost');
      }
    },
  };
}
