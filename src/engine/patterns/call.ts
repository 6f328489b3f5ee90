import type { CaseCommand, Effect, Json, JsonObject } from '../../domain/index.ts';
import { parseRetryAfter } from '../../connectors/resilience/backoff.ts';
import { classify, isAnswer } from '../../connectors/rest/classify.ts';
import { sendRequest } from '../../connectors/rest/http-json.ts';
import type { HttpResult } from '../../connectors/rest/http-json.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { mappedAnswer, mappedRequest, stepMapping } from '../mapping/step-mapping.ts';
import { effectPattern } from './effect-run.ts';
import type { Asked, Attempt } from './effect-run.ts';
import { reached } from './milestone.ts';
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
  /** Mappings of what is sent and of what comes back; none: as it is. */
  readonly mapRequest?: unknown; readonly mapAnswer?: unknown;
  readonly credentials?: { readonly token?: string };
}

/** A request as the ledger keeps it: without credentials. */
interface StoredRequest extends JsonObject { readonly method: string; readonly url: string; readonly headers: { readonly [name: string]: string }; readonly body: Json }

const methodsWithoutBody = new Set(['GET', 'HEAD', 'DELETE']);

function parseBody(result: HttpResult & { kind: 'response' }): Json {
  if (result.truncated || result.text === '') return result.text === '' ? null : result.text.slice(0, 4_096);
  try {
    return JSON.parse(result.text) as Json;
  } catch (error) {
    return { text: result.text.slice(0, 4_096), notJson: (error as Error).message };
  }
}

/** Calls another system over HTTP with JSON; intention, retries and unknown outcomes are {@link effectPattern}'s. */
export function callPattern(config: CallConfig): StepPattern {
  if (!config.url) throw new ConfigError('This call has no URL; say where the system is, and deploy.');
  if (config.recovery === 'query' && !config.queryUrl) throw new ConfigError('This call is to ask the system what became of it, but has no query URL; give it one, and deploy.');
  const timeoutMs = positive(config.timeoutSeconds, 30) * 1_000;
  const method = (config.method || 'POST').toUpperCase();
  const system = config.system || 'system';
  const authorization: { readonly [name: string]: string } = config.credentials?.token ? { authorization: `Bearer ${config.credentials.token}` } : {};

  const mapRequest = stepMapping(config.mapRequest, 'request');
  const mapAnswer = stepMapping(config.mapAnswer, 'answer');
  const told = { system, operation: config.operation || `${method} ${system}` };

  async function buildRequest(step: StepContext): Promise<StoredRequest | undefined> {
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
    const given = (body === undefined ? null : JSON.parse(JSON.stringify(body))) as Json;
    const sent = hasBody ? await mappedRequest(step, mapRequest, given, told) : given;
    return sent === undefined ? undefined : { method, url, headers, body: sent };
  }

  async function attempt(step: StepContext, effect: Effect, stored: JsonObject): Promise<Attempt> {
    const request = stored as StoredRequest;
    const headers: { [name: string]: string } = { ...request.headers, ...authorization };
    if (effect.recovery !== 'safe' || config.idempotencyHeader) headers[(config.idempotencyHeader || 'Idempotency-Key').toLowerCase()] = effect.idempotencyKey;
    const result = await sendRequest({ method: request.method, url: request.url, headers, body: request.body === null ? undefined : JSON.stringify(request.body), timeoutMs, clock: step.clock });
    const { outcome, errorClass, hopeless } = classify(result, effect.recovery === 'safe', { repeated: effect.lastOutcome === 'unknown' });
    const retryAfterMs = result.kind === 'response' ? parseRetryAfter(result.headers['retry-after'], step.clock.now()) : undefined;
    return {
      outcome, answered: isAnswer(result), ...(errorClass === undefined ? {} : { errorClass }), ...(hopeless === undefined ? {} : { hopeless }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(result.kind === 'response' ? { httpStatus: result.status, response: { status: result.status, body: parseBody(result) } } : { error: result.message }),
    };
  }

  async function ask(step: StepContext, effect: Effect): Promise<{ readonly asked: Asked; readonly answered: boolean }> {
    const url = asText(await step.evaluate(config.queryUrl ?? '', config.queryUrlType ?? 'str')).replaceAll('{key}', encodeURIComponent(effect.idempotencyKey));
    const result = await sendRequest({ method: 'GET', url, timeoutMs, body: undefined, clock: step.clock, headers: { accept: 'application/json', ...authorization } });
    const answered = isAnswer(result);
    if (result.kind !== 'response' || (result.status !== 200 && result.status !== 404)) return { asked: { kind: 'silent' }, answered };
    return { asked: result.status === 200 ? { kind: 'happened', response: { status: 200, body: parseBody(result) } } : { kind: 'not-happened' }, answered };
  }

  async function succeed(step: StepContext, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    const body = await mappedAnswer(step, mapAnswer, response['body'] ?? null, told, before);
    if (body === undefined) return;
    const message = { ...step.message(), payload: body, statusCode: response['status'] ?? 200 };
    await step.complete([{ port: 0, message }], (state) => {
      const record = config.recordAs ? [step.factsCommand(state, config.recordAs, body)] : [];
      return [...before, ...record, ...reached(step, state, config.milestone)];
    });
  }

  async function reject(step: StepContext, effect: Effect, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    if (step.isWired(1)) {
      const message = { ...step.message(), payload: response['body'] ?? null, statusCode: response['status'] ?? 0 };
      return step.complete([{ port: 1, message }], before);
    }
    await step.raise({
      class: 'call-rejected', severity: 'high', queue: 'integration', code: 'call-rejected', effectId: effect.effectId, system, detail: { response },
      message: `${system} refused "${effect.operation}" for good${typeof response['status'] === 'number' ? ` (HTTP ${response['status']})` : ''}. Correct the case and retry, or cancel it.`,
    }, before);
  }

  return effectPattern({
    system, service: config.service ?? '', operation: config.operation || `${method} ${system}`, timeoutMs,
    recovery: config.recovery || (method === 'GET' || method === 'HEAD' ? 'safe' : 'same-key'),
    policy: {
      maxAttempts: Math.round(positive(config.maxAttempts, 8)), maxElapsedMs: positive(config.maxMinutes, 1_440) * 60_000,
      baseDelayMs: positive(config.baseDelaySeconds, 2) * 1_000, maxDelayMs: positive(config.maxDelaySeconds, 300) * 1_000,
    },
    request: buildRequest, attempt, ask, succeed, reject, rejectedCode: 'call-rejected',
    unknownMessage: (effect) => `It is not known whether "${effect.operation}" happened at ${system}, and the system cannot be asked. Look there, then say whether it happened.`,
  });
}
