import type { CaseCommand, Effect, Json, JsonObject } from '../../domain/index.ts';
import { parseRetryAfter } from '../../connectors/resilience/backoff.ts';
import { classify, isAnswer } from '../../connectors/rest/classify.ts';
import { sendRequest } from '../../connectors/rest/http-json.ts';
import { checkAttributes, encodeHttp, encodeMqtt } from '../../intake/cloudevents/index.ts';
import type { CloudEvent } from '../../intake/cloudevents/index.ts';
import type { Delivery, ScanSource } from '../../intake/mqtt/index.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { systemClock } from '../support/clock.ts';
import { documentOf } from '../epcis.ts';
import { contractFaults, contractOf } from './contract.ts';
import { effectPattern } from './effect-run.ts';
import type { Attempt } from './effect-run.ts';
import { reached } from './milestone.ts';
import { asText, ConfigError, positive } from './typed.ts';

/** Config of an `event out` node; `credentials.token` is a bearer token and never leaves this process but to the receiver. */
export interface EventOutConfig {
  readonly system: string; readonly to: 'mqtt' | 'http'; readonly broker: string; readonly topic: string; readonly topicType: string; readonly url: string; readonly urlType: string;
  readonly mode: 'structured' | 'binary';
  readonly eventType: string; readonly source: string; readonly subject: string; readonly subjectType: string; readonly partitionKey: string; readonly partitionKeyType: string;
  /** Whether an event says its place among those of its source. */
  readonly sequence?: boolean;
  readonly data: string; readonly dataType: string; readonly dataschema: string; readonly contract: string; readonly schema: string;
  readonly timeoutSeconds: number | string; readonly maxAttempts: number | string; readonly maxMinutes: number | string; readonly baseDelaySeconds: number | string; readonly maxDelaySeconds: number | string;
  readonly circuitFailures?: number | string; readonly openSeconds?: number | string; readonly concurrency?: number | string;
  readonly milestone: string; readonly tokenVariable?: string;
  readonly credentials?: { readonly token?: string };
}

/** What the node works with besides its config, as it is deployed now. */
export interface EventOutPlace {
  /** URN of the site. */
  readonly source: string;
  readonly broker: () => { readonly source: Pick<ScanSource, 'send' | 'protocolVersion'> } | { readonly problem: string };
}

/** A request as the ledger keeps it; `body` is the data, which a person may edit before a dead letter is replayed. The id is the effect's key. */
export interface StoredEvent extends JsonObject { readonly to: string; readonly target: string; readonly mode: string; readonly attributes: JsonObject; readonly body: Json }

const output = { sent: 0, refused: 1 } as const;
const codes = { contract: 'event-contract', rejected: 'call-rejected' } as const;
/** Longest name of a topic (MQTT 5 §1.5.4), and what an address may be. */
const LONGEST_TARGET = 2_048;
/** CloudEvents §5: what every intermediary forwards. */
const LARGEST = 65_536;

/** The operation by which a ledger finds the events of a type. */
export function operationOf(type: string): string {
  return `event ${type}`.slice(0, 200);
}

/** The event of a stored request: its id is the key of the effect, so that the receiver knows it however often it is sent. */
export function eventOf(request: StoredEvent, id: string): CloudEvent {
  const checked = checkAttributes(new Map<string, unknown>([...Object.entries(request.attributes), ['specversion', '1.0'], ['id', id]]), { kind: 'json', value: request.body });
  if (!checked.ok) throw new ConfigError(`${checked.message} (${checked.detail ?? ''})`);
  return checked.event;
}

/** Sends one event once. Never rejects for what the other side does. */
export async function sendEvent(step: Pick<StepContext, 'clock'>, request: StoredEvent, event: CloudEvent, place: EventOutPlace, token: string | undefined, timeoutMs: number): Promise<Attempt> {
  const mode = request.mode === 'binary' ? 'binary' : 'structured';
  if (request.to === 'mqtt') {
    const broker = place.broker();
    if ('problem' in broker) return { outcome: 'transient', errorClass: 'no-broker', error: broker.problem, answered: false };
    // MQTT 3.1.1 has no place for attributes beside the data
    if (mode === 'binary' && broker.source.protocolVersion === 4) return { outcome: 'permanent', errorClass: 'mqtt-3.1.1', error: 'The broker connection speaks MQTT 3.1.1, which carries events as JSON only; choose JSON in the node, and retry.', answered: true };
    return attemptOf(await broker.source.send({ topic: request.target, ...encodeMqtt(event, mode) }, timeoutMs));
  }
  const { headers, body } = encodeHttp(event, mode);
  const result = await sendRequest({
    method: 'POST', url: request.target, headers: { ...headers, ...(token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }) }, body: Buffer.from(body).toString('utf8'), timeoutMs, clock: step.clock as never,
  });
  const { outcome, errorClass, hopeless } = classify(result, false);
  const retryAfterMs = result.kind === 'response' ? parseRetryAfter(result.headers['retry-after'], step.clock.now()) : undefined;
  return {
    outcome, answered: isAnswer(result), ...(errorClass === undefined ? {} : { errorClass }), ...(hopeless === undefined ? {} : { hopeless }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(result.kind === 'response' ? { httpStatus: result.status, response: { status: result.status, ...(outcome === 'success' || result.text === '' ? {} : { text: result.text.slice(0, 1_024) }) } } : { error: result.message }),
  };
}

/** What the word of a broker means for the event. */
function attemptOf(delivery: Delivery): Attempt {
  switch (delivery.kind) {
    case 'acknowledged': return { outcome: 'success', answered: true, response: {} };
    case 'not-sent': return { outcome: 'transient', errorClass: 'not-connected', error: delivery.reason, answered: false };
    case 'unknown': return { outcome: 'unknown', errorClass: 'not-acknowledged', error: delivery.reason, answered: false };
    case 'refused': {
      const said = { errorClass: `mqtt-${delivery.code.toString(16)}`, error: delivery.reason, response: { reasonCode: delivery.code, text: delivery.reason }, answered: true };
      // 0x87 not authorised: somebody has to give the right; 0x90 and 0x99 are about this message; the rest may pass
      if (delivery.code === 0x87) return { ...said, outcome: 'transient', hopeless: true };
      return { ...said, outcome: delivery.code === 0x90 || delivery.code === 0x99 ? 'permanent' : 'transient' };
    }
  }
}

/** Publishes a CloudEvent: intention first, then sent until somebody has it, always under the same id (PROTOCOL §3). */
export function eventOutPattern(config: EventOutConfig, place: EventOutPlace): StepPattern {
  if (!config.eventType) throw new ConfigError('This event has no type; say what has happened, for example com.example.goods.received, and deploy.');
  if (config.to === 'http' ? !config.url : !config.topic) throw new ConfigError(config.to === 'http' ? 'This event has no address; say where it is sent, and deploy.' : 'This event has no topic; say on which it is sent, and deploy.');
  const validate = contractOf(config.contract, config.schema ?? '');
  const timeoutMs = positive(config.timeoutSeconds, 30) * 1_000;
  const system = config.system || 'events';
  const faultsOf = (data: Json): readonly string[] => (validate === undefined ? [] : contractFaults(validate, data));

  async function optional(step: StepContext, value: string, type: string): Promise<string | undefined> {
    const text = value === '' ? '' : asText(await step.evaluate(value, type)).trim();
    return text === '' ? undefined : text;
  }

  /** The event as it is going to be sent, without its id; undefined when it breaks its contract: then a person has it, and nothing leaves. */
  async function request(step: StepContext): Promise<StoredEvent | undefined> {
    const target = config.to === 'http' ? asText(await step.evaluate(config.url, config.urlType || 'str')) : asText(await step.evaluate(config.topic, config.topicType || 'str'));
    const wrong = targetProblem(config.to, target);
    if (wrong !== undefined) throw new ConfigError(wrong);
    const scanned = step.document['epcis'];
    if (config.dataType === 'epcis' && (typeof scanned !== 'object' || scanned === null || Array.isArray(scanned))) return refuse(step, ['the case has no EPCIS event; let scan in make one']);
    const worked = config.dataType === 'epcis' ? documentOf([scanned as JsonObject], step.now()) : config.data === '' ? null : await step.evaluate(config.data, config.dataType || 'msg');
    const body = (worked === undefined ? null : JSON.parse(JSON.stringify(worked))) as Json;
    const subject = await optional(step, config.subject ?? '', config.subjectType || 'str');
    const partitionkey = await optional(step, config.partitionKey ?? '', config.partitionKeyType || 'str');
    const made: StoredEvent = {
      to: config.to, target, mode: config.mode, body,
      attributes: {
        source: config.source || place.source, type: config.eventType, time: step.now(), datacontenttype: 'application/json',
        ...(config.dataschema ? { dataschema: config.dataschema } : {}), ...(subject === undefined ? {} : { subject }), ...(partitionkey === undefined ? {} : { partitionkey }),
        // CloudEvents extension `sequence`: compares as text; a UUIDv7 is larger than every one before it
        ...(config.sequence === true ? { sequence: step.newId() } : {}),
      },
    };
    eventOf(made, 'id');
    const faults = faultsOf(body);
    if (JSON.stringify(made).length > LARGEST) return refuse(step, [`the event has more than ${LARGEST} characters; send a reference to the data instead`]);
    return faults.length === 0 ? made : refuse(step, faults);
  }

  async function refuse(step: StepContext, faults: readonly string[]): Promise<undefined> {
    if (step.isWired(output.refused)) {
      await step.complete([{ port: output.refused, message: { ...step.message(), errors: faults } }]);
      return undefined;
    }
    await step.raise({
      class: 'business', severity: 'high', queue: 'integration', code: codes.contract, system, detail: { faults: [...faults] },
      message: `The event ${config.eventType} was not sent: its data breaks the contract ${config.contract || ''}: ${faults.slice(0, 5).join('; ')}. Correct the facts, and retry.`.replace('  ', ' '),
    });
    return undefined;
  }

  function attempt(step: StepContext, effect: Effect, stored: JsonObject): Promise<Attempt> {
    const event = stored as StoredEvent;
    // a person may have edited the data of a dead letter
    const faults = faultsOf(event.body);
    if (faults.length > 0) return Promise.resolve({ outcome: 'permanent', errorClass: codes.contract, error: faults.join('; '), answered: true, response: { faults: [...faults] } });
    return sendEvent(step, event, eventOf(event, effect.idempotencyKey), place, config.credentials?.token, timeoutMs);
  }

  async function succeed(step: StepContext, _response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    await step.complete([{ port: output.sent }], (state) => [...before, ...reached(step, state, config.milestone)]);
  }

  async function reject(step: StepContext, effect: Effect, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    if (step.isWired(output.refused)) return step.complete([{ port: output.refused, message: { ...step.message(), payload: response, statusCode: response['status'] ?? 0 } }], before);
    const said = asText(response['error'] ?? response['text'] ?? (response['status'] === undefined ? '' : `HTTP ${asText(response['status'])}`)).slice(0, 300);
    await step.raise({
      class: 'call-rejected', severity: 'high', queue: 'integration', code: codes.rejected, effectId: effect.effectId, system, detail: { response },
      message: `${system} refused the event ${config.eventType} for good${said === '' ? '' : `: ${said.replace(/\.$/, '')}`}. Mend it and retry, or cancel the case.`,
    }, before);
  }

  const pattern = effectPattern({
    system, service: config.contract ?? '', operation: operationOf(config.eventType), timeoutMs, recovery: 'same-key',
    policy: {
      maxAttempts: Math.round(positive(config.maxAttempts, 100)), maxElapsedMs: positive(config.maxMinutes, 1_440) * 60_000,
      baseDelayMs: positive(config.baseDelaySeconds, 1) * 1_000, maxDelayMs: positive(config.maxDelaySeconds, 60) * 1_000,
    },
    request, attempt, succeed, reject, rejectedCode: codes.rejected,
    unknownMessage: () => `It is not known whether the event ${config.eventType} reached ${system}.`,
  });
  return {
    ...pattern,
    async resend(request, idempotencyKey) {
      const event = request as StoredEvent;
      // what the node signs in with now is not for whom it sent to then
      if (event.to !== config.to) return { outcome: 'permanent', errorClass: 'sent-otherwise', error: `The event was sent by ${event.to}, and the node sends by ${config.to} now.` };
      return sendEvent({ clock: systemClock }, event, eventOf(event, idempotencyKey), place, config.credentials?.token, timeoutMs);
    },
  };
}

/** Why nothing can be sent there; undefined when it can. */
function targetProblem(to: string, target: string): string | undefined {
  if (target === '' || target.length > LONGEST_TARGET) return to === 'http' ? 'The address of the event is empty or too long; correct the expression.' : 'The topic of the event is empty or too long; correct the expression.';
  if (to !== 'http') {
    // eslint-disable-next-line no-control-regex
    return /[+#\u0000]/.test(target) || target.startsWith('$') ? `"${target.slice(0, 100)}" is no topic to send to; it may hold no + and #, and not begin with $.` : undefined;
  }
  return /^https?:\/\/[^/@\s]+(?:[/?#]\S*)?$/.test(target) ? undefined : `"${target.slice(0, 100)}" is no address to send to; write it like https://erp.example/events, without a password.`;
}
