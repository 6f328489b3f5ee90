import type { CaseCommand, Effect, Json, JsonObject } from '../../domain/index.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import type { DriverCall, Outcome, Problem } from '../../connectors/driver.ts';
import { keyFor } from '../../connectors/idempotency-key.ts';
import type { StepPattern } from '../api.ts';
import { currentEffect, effectPattern } from '../patterns/effect-run.ts';
import type { Asked, Attempt, EffectKind } from '../patterns/effect-run.ts';
import { reached } from '../patterns/milestone.ts';
import { ConfigError, positive } from '../patterns/typed.ts';
import type { StepContext } from '../step-context.ts';
import { mappedAnswer, mappedRequest, stepMapping } from '../mapping/step-mapping.ts';
import type { StepMapping } from '../mapping/step-mapping.ts';
import { contractFaults, faultText, usable } from './contracts.ts';
import { driverOf, isLineDriver, misfit } from './drivers.ts';
import type { Driver } from './drivers.ts';
import { ExchangeRecord } from './exchange-record.ts';
import { discreet, masks, quiet } from './exchange-veil.ts';
import { queryDocument, saysHappened, withKey } from './key.ts';
import { readyMappings } from './ready-mappings.ts';
import type { ReadyMappings } from './ready-mappings.ts';
import { runDriver, runLine } from './run-driver.ts';
import type { Witness } from './run-driver.ts';
import type { SystemLink } from './system-link.ts';

/** What a node says of the call of a service. */
export interface ServiceCallConfig {
  /** `family/name@1.2.3`. */
  readonly service: string;
  readonly operation: string;
  /** The document: a typed input. */
  readonly body: string; readonly bodyType: string;
  readonly recordAs: string; readonly milestone: string;
  /** Output 3 takes conflicts. */
  readonly conflictOutput: boolean;
  /** Mappings of what is sent and of what comes back; none: as it is. */
  readonly mapRequest?: unknown; readonly mapAnswer?: unknown;
  /** The business operation that is meant; its service has the mappings. */
  readonly asBusiness?: string;
  /** Blank or 0: as the service says. */
  readonly maxAttempts?: number | string; readonly maxMinutes?: number | string;
}

/** The request as the ledger keeps it: exactly this document is sent, by exactly this version, however often. */
interface StoredRequest extends JsonObject { readonly service: string; readonly operation: string; readonly body: Json }

interface Bound { readonly link: SystemLink; readonly driver: Driver; readonly service: ServiceDefinition; readonly reference: string; readonly operation: ServiceOperation; readonly operationName: string }

const rejectedCode = 'call-rejected';

/**
 * Calls an operation of a governed service at a system of the site. One way for all protocols: contract, intention, sign-in,
 * outcome, recovery and the check of the answer are here; what is on the wire is the driver's.
 * @param system the system of the node, as it stands deployed. Throws ConfigError
 * @param before carries on what the node began when the address stood in it; given that address
 */
export function serviceCallPattern(config: ServiceCallConfig, system: () => SystemLink, before?: (url: string) => StepPattern): StepPattern {
  if (config.service === '') throw new ConfigError('This call has a system and no service; choose one, and deploy.');
  if (config.operation === '') throw new ConfigError('This call has no operation; choose one of the service, and deploy.');
  const own: Mappings = { request: stepMapping(config.mapRequest, 'request'), answer: stepMapping(config.mapAnswer, 'answer') };
  return {
    run: async (step) => {
      const under = currentEffect(step.state, step.runId);
      const address = before === undefined ? undefined : addressUnderWay(step, under);
      if (address !== undefined) return before?.(address).run(step);
      const bound = bind(step, system(), under?.request as StoredRequest | undefined, config, under === undefined);
      if (typeof bound === 'string') return step.raise({ class: 'call-rejected', severity: 'high', queue: 'engineer', code: 'service-unavailable', system: system().settings.name, message: bound });
      if (config.asBusiness === undefined) return effectPattern(kindOf(config, bound, own)).run(step);
      // What is under way goes on; only something new has to be what the node says.
      if (under === undefined && bound.operation.business?.as !== config.asBusiness) throw new ConfigError(`"${bound.operationName}" of ${bound.reference} is not ${config.asBusiness}; choose in the node again what is done, and deploy.`);
      return effectPattern(kindOf(config, bound, readyMappings(bound.operation, `"${bound.operationName}" of ${bound.reference}`))).run(step);
    },
  };
}

/**
 * The address to which a call goes that began when no service was chosen yet: it may have happened there, so it comes to its end
 * there, with the request that was stored. What is to be sent anew, or is said not to have happened, is the service's.
 */
function addressUnderWay(step: StepContext, effect: Effect | undefined): string | undefined {
  const { url, service } = effect?.request ?? {};
  if (effect === undefined || typeof url !== 'string' || service !== undefined || effect.notHappened === true) return undefined;
  const refused = effect.state === 'known' && effect.lastOutcome !== 'success';
  return refused && step.resolvedException(rejectedCode) !== undefined ? undefined : url;
}

/** What is under way is carried on by the version that it began with; only something new is refused when that one is retired. */
function bind(step: StepContext, link: SystemLink, stored: StoredRequest | undefined, config: ServiceCallConfig, isNew: boolean): Bound | string {
  const reference = stored?.service ?? config.service;
  const operationName = stored?.operation ?? config.operation;
  const known = step.services.service(reference);
  if (known === undefined) return `The service ${reference} is not in the site's catalogue; choose one that is, or wait until the catalogue has it, then retry.`;
  const { definition: service, status, successor } = known;
  if (isNew && status === 'retired') return `The service ${reference} is retired${successor === undefined ? '' : `; ${successor} takes its place`}. Nothing was sent; choose another version, deploy, and retry.`;
  if (service.system !== link.settings.kind) return `The service ${reference} is one of a system of the kind "${service.system}", and ${link.settings.name} is of the kind "${link.settings.kind}"; choose a system that fits.`;
  const operation = Object.hasOwn(service.operations, operationName) ? service.operations[operationName] : undefined;
  if (operation === undefined) return `The service ${reference} has no operation "${operationName}"; choose one of ${Object.keys(service.operations).slice(0, 8).join(', ')}.`;
  const driver = driverOf(service.protocol);
  if (driver === undefined) return `The service ${reference} speaks ${service.protocol}, which this version of Waybill cannot; update it.`;
  const wanted = misfit(driver, link.base.scheme);
  if (wanted !== undefined) return `The service ${reference} is reached at an address that begins with ${wanted}, and that of ${link.settings.name} begins with ${link.base.scheme}://; choose a system that fits.`;
  return { link, driver, service, reference, operation, operationName };
}

interface Mappings { readonly request: StepMapping | undefined; readonly answer: StepMapping | undefined; readonly faults?: ReadyMappings['faults'] }

function kindOf(config: ServiceCallConfig, bound: Bound, mappings: Mappings): EffectKind {
  const { link, service, operation, operationName, reference } = bound;
  const { name } = link.settings;
  const writes = operation.effect === 'writes';

  async function request(step: StepContext): Promise<StoredRequest | undefined> {
    usable(operation.answer, `the answer of ${reference} ${operationName}`);
    const given = config.body === '' ? undefined : await step.evaluate(config.body, config.bodyType || 'msg');
    const document = (given === undefined ? null : JSON.parse(JSON.stringify(given))) as Json;
    const unfit = mappings.faults?.(document) ?? [];
    if (unfit.length > 0) return brokenRequest(step, unfit, `the contract ${operation.business?.takes?.contract ?? ''}`);
    const body = await mappedRequest(step, mappings.request, document, { system: name, operation: operationName, covers: masks(service), ...(operation.request === undefined ? {} : { target: operation.request }) });
    if (body === undefined) return undefined;
    const faults = contractFaults(operation.request, body, `${reference} ${operationName}`);
    if (faults.length === 0) return { service: reference, operation: operationName, body };
    return brokenRequest(step, faults, 'its contract');
  }

  async function brokenRequest(step: StepContext, faults: ReturnType<typeof contractFaults>, contract: string): Promise<undefined> {
    await step.raise({
      class: 'validation', severity: 'high', queue: 'engineer', code: 'request-contract', system: name, detail: { faults },
      message: `The document for "${operationName}" breaks ${contract}, so nothing was sent: ${faultText(faults)}. Correct the facts or the node, then retry.`,
    });
    return undefined;
  }

  async function attempt(step: StepContext, effect: Effect, stored: JsonObject): Promise<Attempt> {
    const { body } = stored as StoredRequest;
    usable(operation.answer, `the answer of ${reference} ${operationName}`);
    const faults = contractFaults(operation.request, body, `${reference} ${operationName}`);
    // Somebody edited the request of a replay.
    if (faults.length > 0) return { outcome: 'permanent', answered: true, errorClass: 'contract', response: { problem: { title: `The document breaks the contract: ${faultText(faults)}.`, errorClass: 'contract' } } };
    const record = new ExchangeRecord(service, operation.idempotency?.in === 'header' ? operation.idempotency.name : undefined);
    const outcome = quiet(await send(step, bound, operation, withKey(body, operation.idempotency, effect.idempotencyKey), effect, record), service, answersOwn(record.covered, body));
    link.note(outcome.kind === 'again' || outcome.kind === 'unknown' ? discreet(outcome.problem.title, service, body, outcome.problem.status !== undefined) : undefined);
    return { ...attemptOf(outcome, writes, operation, `${reference} ${operationName}`, step.clock.now()), exchanges: record.notes };
  }

  async function ask(step: StepContext, effect: Effect, stored: JsonObject): Promise<{ readonly asked: Asked; readonly answered: boolean }> {
    const { recovery } = operation;
    const query = recovery.by === 'query' && Object.hasOwn(service.operations, recovery.operation) ? service.operations[recovery.operation] : undefined;
    if (recovery.by !== 'query' || query === undefined) throw new ConfigError(`The service ${reference} names no operation that says what became of "${operationName}"; its owner has to mend it.`);
    const key = operation.idempotency === undefined ? effect.idempotencyKey : keyFor(operation.idempotency, effect.idempotencyKey);
    const outcome = await send(step, bound, query, queryDocument(recovery.document, key, (stored as StoredRequest).body), undefined);
    const answered = counts(outcome);
    if (outcome.kind === 'refused' && outcome.problem.status === 404) return { asked: { kind: 'not-happened' }, answered };
    if (outcome.kind !== 'done' || outcome.unreadable !== undefined) return { asked: { kind: 'silent' }, answered };
    const happened = saysHappened(outcome.answer, recovery.found);
    return { asked: happened ? { kind: 'happened', response: { answer: outcome.answer, recovered: 'query', ...(outcome.status === undefined ? {} : { status: outcome.status }) } } : { kind: 'not-happened' }, answered };
  }

  async function succeed(step: StepContext, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    const problem = step.resolvedException('answer-contract')?.outcome === 'continue' ? undefined : response['contract'];
    if (typeof problem === 'string') {
      return step.raise({
        class: 'validation', severity: 'high', queue: 'integration', code: 'answer-contract', system: name, detail: { response },
        message: `"${operationName}" happened at ${name}, but the answer breaks its contract: ${problem} Tell the owner of ${reference}; continue to go on with the answer as it came.`,
      }, before);
    }
    const answer = await mappedAnswer(step, mappings.answer, response['answer'] ?? null, { system: name, operation: operationName, discreet: (said) => discreet(said, service, response['answer'] ?? null, true) }, before);
    if (answer === undefined) return;
    const { statusCode: _before, etag: _old, ...carried } = step.message();
    const message = { ...carried, payload: answer, ...(typeof response['status'] === 'number' ? { statusCode: response['status'] } : {}), ...(typeof response['etag'] === 'string' ? { etag: response['etag'] } : {}) };
    await step.complete([{ port: 0, message }], (state) => [...before, ...(config.recordAs ? [step.factsCommand(state, config.recordAs, answer)] : []), ...reached(step, state, config.milestone)]);
  }

  async function reject(step: StepContext, effect: Effect, response: JsonObject, before: readonly CaseCommand[]): Promise<void> {
    const problem = (response['problem'] ?? {}) as JsonObject;
    const said = discreet(typeof problem['title'] === 'string' ? problem['title'] : '', service, (effect.request as StoredRequest | undefined)?.body ?? null, typeof problem['status'] === 'number');
    const status = typeof problem['status'] === 'number' ? ` (HTTP ${problem['status']})` : '';
    const raise = (message: string): Promise<void> => step.raise({ class: 'call-rejected', severity: 'high', queue: 'integration', code: rejectedCode, effectId: effect.effectId, system: name, detail: { response }, message }, before);
    if (typeof response['contract'] === 'string') return raise(`The answer of ${name} to "${operationName}" breaks its contract: ${response['contract']} Tell the owner of ${reference}, or retry.`);
    const conflict = response['conflict'] === true;
    const port = conflict && config.conflictOutput && step.isWired(2) ? 2 : !conflict && step.isWired(1) ? 1 : undefined;
    if (port === undefined) {
      return raise(conflict
        ? `Somebody else changed it at ${name} meanwhile, so "${operationName}" was not done${status}: ${said}. Look at how it stands there, correct the case and retry, or cancel it.`
        : `${name} refused "${operationName}" for good${status}: ${said}. Correct the case and retry, or cancel it.`);
    }
    const payload = conflict ? response['newer'] ?? null : problem;
    const message = { ...step.message(), payload, problem, ...(typeof problem['status'] === 'number' ? { statusCode: problem['status'] } : {}), ...(conflict && typeof response['etag'] === 'string' ? { etag: response['etag'] } : {}) };
    await step.complete([{ port, message }], before);
  }

  /** What is under way waits in any case: it may have happened. */
  async function stopped(step: StepContext): Promise<boolean> {
    const stop = service.whenStopped === 'exception' && currentEffect(step.state, step.runId) === undefined ? step.stops.of(reference) : undefined;
    if (stop === undefined) return false;
    await step.raise({
      class: 'call-rejected', severity: 'high', queue: 'integration', code: 'service-stopped', system: name,
      message: `The service ${reference} is stopped ${stop.by === 'site' ? 'at this site' : 'by its owners'}${stop.until === undefined ? '' : ` until ${stop.until}`}: ${stop.reason} Nothing was sent; retry when it goes on, or cancel the case.`,
    });
    return true;
  }

  const { retry, timeouts } = service;
  return {
    system: name, service: reference, operation: operationName, timeoutMs: timeouts.totalMs, recovery: writes ? operation.recovery.by : 'safe',
    policy: {
      maxAttempts: Math.min(retry.maxAttempts, Math.round(positive(config.maxAttempts, retry.maxAttempts))), maxElapsedMs: Math.min(retry.maxMinutes, positive(config.maxMinutes, retry.maxMinutes)) * 60_000,
      baseDelayMs: retry.baseDelaySeconds * 1_000, maxDelayMs: retry.maxDelaySeconds * 1_000,
    },
    admit: (step, id, now) => step.limits.admit(limitKey(bound), service.limits, id, now),
    stopped, request, attempt, ask, succeed, reject, rejectedCode,
    unknownMessage: (effect) => `It is not known whether "${effect.operation}" happened at ${name}, and the system cannot be asked. Look there, then say whether it happened.`,
  };
}

/** Versions of a service share what it lets through. */
function limitKey({ service, link }: Bound): string {
  return `${service.id} ${link.settings.name}`;
}

/** @param effect undefined for the question what became of one */
async function send(step: StepContext, bound: Bound, operation: ServiceOperation, document: Json, effect: Effect | undefined, record?: ExchangeRecord): Promise<Outcome> {
  const { link, driver, service } = bound;
  const keyed = effect !== undefined && operation.effect === 'writes';
  const witness: Witness = (request, result, durationMs) => {
    record?.add(request, result, durationMs, new Date(step.clock.now() - durationMs).toISOString());
    if (result.kind === 'response') step.limits.heard(limitKey(bound), service.limits, result.status, result.headers, step.clock.now());
  };
  const sequence = keyed && !isLineDriver(driver) ? driver.sequence?.(operation, document) : undefined;
  const number = sequence === undefined || effect === undefined ? undefined : await step.numbers.take(sequence, effect.idempotencyKey, step.state.site);
  const call = (): DriverCall => ({
    service, operation, document, repeated: effect?.lastOutcome === 'unknown', memory: link.memory(service), address: `${link.base.origin}${link.base.path}`, now: step.clock.now(),
    ...(number === undefined ? {} : { number }),
    idempotencyKey: !keyed ? undefined : operation.idempotency === undefined ? effect.idempotencyKey : keyFor(operation.idempotency, effect.idempotencyKey),
    credentials: link.credentials(service),
  });
  if (isLineDriver(driver)) {
    return runLine(() => link.line(driver), call, (note, durationMs) => { record?.addLine(note, durationMs, new Date(step.clock.now() - durationMs).toISOString()); });
  }
  return runDriver(driver, call, { signer: link.signer(service), send: (request) => link.send(request, service), witness });
}

/** Said something that counts, be it a refusal, that we are too fast, or that others were faster. */
function counts(outcome: Outcome): boolean {
  if (outcome.kind === 'done' || outcome.kind === 'refused' || outcome.kind === 'conflict') return true;
  const { status, errorClass } = outcome.problem;
  if (errorClass === 'contended') return true;
  return status !== undefined && status < 500 && status !== 408;
}

function attemptOf(outcome: Outcome, writes: boolean, operation: ServiceOperation, what: string, now: number): Attempt {
  const answered = counts(outcome);
  if (outcome.kind === 'done') {
    const { answer, status, etag, unreadable } = outcome;
    const faults = unreadable === undefined ? contractFaults(operation.answer, answer, `the answer of ${what}`) : [];
    const contract = unreadable?.title ?? (faults.length === 0 ? undefined : `${faultText(faults)}.`);
    const response: JsonObject = { answer, ...(status === undefined ? {} : { status }), ...(etag === undefined ? {} : { etag }), ...(contract === undefined ? {} : { contract }) };
    const said = { answered, response, ...(status === undefined ? {} : { httpStatus: status }), ...(contract === undefined ? {} : { errorClass: unreadable?.errorClass ?? 'contract' }) };
    // What only reads may be asked again when somebody has mended it; what was done is not done twice.
    return contract !== undefined && !writes ? { outcome: 'permanent', ...said } : { outcome: 'success', ...said };
  }
  const { problem } = outcome;
  const status = problem.status === undefined ? {} : { httpStatus: problem.status };
  const base = { answered, errorClass: outcome.kind === 'conflict' ? 'conflict' : problem.errorClass, ...status };
  switch (outcome.kind) {
    case 'refused': return { ...base, outcome: 'permanent', response: { problem: asJson(problem) } };
    case 'conflict': return { ...base, outcome: 'permanent', response: { problem: asJson(problem), conflict: true, ...(outcome.newer === undefined ? {} : { newer: outcome.newer }), ...(outcome.etag === undefined ? {} : { etag: outcome.etag }) } };
    case 'again': return { ...base, outcome: 'transient', error: said(problem) + leftAlone(outcome.retryAfterMs, now), ...(outcome.hopeless === true ? { hopeless: true } : {}), ...(outcome.retryAfterMs === undefined ? {} : { retryAfterMs: outcome.retryAfterMs }) };
    case 'unknown': return { ...base, outcome: 'unknown', error: said(problem) + leftAlone(outcome.retryAfterMs, now), ...(outcome.retryAfterMs === undefined ? {} : { retryAfterMs: outcome.retryAfterMs }) };
  }
}

/** What is asked for is told, since it may be more than a service waits. */
function leftAlone(retryAfterMs: number | undefined, now: number): string {
  return retryAfterMs === undefined || retryAfterMs < 60_000 ? '' : ` (it asks for no call before ${new Date(now + retryAfterMs).toISOString()}; replay then)`;
}

/** What a reader's view covers by the request need not go; the rest stands nowhere but in the answer. */
function answersOwn(covered: ReadonlySet<string>, request: Json): ReadonlySet<string> {
  const asked = JSON.stringify(request);
  return new Set([...covered].filter((value) => !asked.includes(JSON.stringify(value).slice(1, -1))));
}

/** What is wrong, and what to do about it where the driver says so. */
function said({ title, detail }: Problem): string {
  return detail === undefined ? title : `${title}${/[.!?]$/.test(title) ? '' : '.'} ${detail}`;
}

function asJson(problem: Problem): JsonObject {
  return Object.fromEntries(Object.entries(problem).filter((entry): entry is [string, string | number] => entry[1] !== undefined));
}
