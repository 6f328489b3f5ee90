import type { BusinessKey } from '../../domain/envelope.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import type { OpenCaseInput, OpenCaseResult, StepHandle, Waybill } from '../api.ts';
import { EVENT_NAME, eventProblem, LONGEST_KEPT_MS } from '../events/event-problem.ts';
import type { Telling } from '../events/told-requests.ts';
import { compileExpression } from '../intake/expression.ts';
import { takePosted } from './posted-documents.ts';
import type { Posted, PostedResult } from './posted-documents.ts';
import { contractFaults, faultText } from '../services/contracts.ts';
import { hashJson } from '../support/hashing.ts';
import { unitMs } from '../work-calendar.ts';

/** What a `service in` node says of the cases that it opens. */
export interface ServiceIntakeConfig {
  readonly service: string;
  readonly operation: string;
  readonly process: string;
  readonly template: string;
  /** JSON Pointer into the request's document; blank: the case has no key. */
  readonly key: string;
  readonly keyName: string;
  /** A key opens one case within it; blank: each request does. */
  readonly uniqueScope: string;
  /** What a request does: it opens a case, is told to the case that waits for it, or brings documents that open a case each. */
  readonly does: 'open' | 'tell' | 'take';
  /** What the waiting case calls it; blank: the operation's name. */
  readonly eventName: string;
  /** Refused when no case waits; else kept for one that comes. */
  readonly mustMeet: boolean;
  readonly keep: number;
  readonly keepUnit: 'minutes' | 'hours' | 'days';
  /** JSONata over `{ request, caller }`; blank: the caller is told which case has it. */
  readonly answer: string;
}

/** Why nothing was recorded of a request that is about a case. */
export interface Untellable { readonly kind: 'unusable' | 'no-answer'; readonly code: string; readonly message: string }

/** A request whose caller is known and whose document keeps its contract. */
export interface TakenRequest {
  readonly caller: string;
  readonly by: string;
  readonly document: Json;
  /** Of the caller, for this service: what comes again under it is the same request. */
  readonly key: string;
  /** Over operation, parameters and body. */
  readonly requestHash: string;
  /** Hash of the signature, where it was signed. */
  readonly signature?: string;
}

/** What a case remembers of the request that opened it: its `origin`. */
export interface RequestOrigin extends JsonObject { readonly service: string; readonly operation: string; readonly caller: string; readonly key: string; readonly requestHash: string }

/** Of an answer; `false`: it has no body. */
type Contract = Parameters<typeof contractFaults>[0];

/** In place of a case that is not known yet. */
const ANY_CASE = '00000000-0000-7000-8000-000000000000';

/** One operation of a service as a node of this site answers it. */
export class ServiceIntake {
  readonly reference: string;
  readonly operation: string;
  readonly #waybill: Waybill;
  readonly #step: StepHandle;
  readonly #site: string;
  readonly #config: ServiceIntakeConfig;
  readonly #taken: (anew: boolean) => void;
  readonly #evaluate: ReturnType<typeof compileExpression> | undefined;

  /** Throws RangeError with a sentence when it cannot be configured so. `taken`: `anew` is false for what was known. */
  constructor(waybill: Waybill, step: StepHandle, site: string, config: ServiceIntakeConfig, taken: (anew: boolean) => void) {
    if (config.does === 'tell') {
      if (config.key === '') throw new RangeError('A request that is told to a case needs a key; write where it stands in the request, for example /shipment.');
      if (!EVENT_NAME.test(config.eventName || config.operation)) throw new RangeError('The event is told under no usable name; give letters, digits, dots, dashes and underscores, or leave it blank for the name of the operation.');
      const keepMs = Number(config.keep) * unitMs[config.keepUnit];
      if (!config.mustMeet && !(keepMs >= 0 && keepMs <= LONGEST_KEPT_MS)) throw new RangeError('A request is kept for 0 to 90 days; give another time.');
    }
    this.#evaluate = config.does === 'tell' && config.answer.trim() !== '' ? compileExpression(config.answer) : undefined;
    this.reference = config.service;
    this.operation = config.operation;
    this.#waybill = waybill;
    this.#step = step;
    this.#site = site;
    this.#config = config;
    this.#taken = taken;
  }

  get site(): string {
    return this.#site;
  }

  accepting(): boolean {
    return this.#waybill.state === 'ready' && this.#waybill.nodes.accepting();
  }

  /** Resolves when the case is in the ledger. Rejects with LedgerError when it cannot be. */
  async take(request: TakenRequest): Promise<OpenCaseResult> {
    const result = await this.#waybill.nodes.openCase(this.#opening(request));
    this.#taken(result.kind === 'opened');
    return result;
  }

  /** Whether it brings documents as they are. */
  get takes(): boolean {
    return this.#config.does === 'take';
  }

  /** Resolves when everything about the body is durable. Rejects with LedgerError when it cannot be. */
  async takeDocuments(posted: Posted): Promise<PostedResult> {
    const { process, template, key, keyName, uniqueScope } = this.#config;
    const result = await takePosted({ waybill: this.#waybill, step: this.#step, site: this.#site, opening: { process, template, key, keyName: keyName || 'document', uniqueScope } }, posted);
    if (result.cases.length > 0) this.#taken(!result.repeated);
    return result;
  }

  get tells(): boolean {
    return this.#config.does === 'tell';
  }

  /**
   * Tells the case that waits, or keeps it for one. Resolves when that is in the ledger, or says why nothing was recorded. Rejects
   * with LedgerError when it cannot be.
   */
  async tell({ caller, document, key, requestHash, signature }: TakenRequest, by: string, contract: Contract): Promise<Telling | Untellable> {
    const { service, operation, key: pointer, eventName, mustMeet, keep, keepUnit } = this.#config;
    const value = atPointer(document, pointer);
    const about = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    const keepMs = mustMeet ? undefined : Number(keep) * unitMs[keepUnit];
    const name = eventName || operation;
    const wrong = eventProblem({ name, key: about, data: document, keepMs: keepMs ?? 0 });
    if (wrong !== undefined) return { kind: 'unusable', ...wrong };
    const transportId = requestId(service, caller, key);
    // What stands under the key is answered as it was, whatever the node would say today.
    const before = await this.#waybill.nodes.toldUnder(this.#site, transportId);
    if (before !== undefined) return this.#said(before);
    const answer = this.#answer(document, { name: caller, by }, contract);
    if ('kind' in answer) return answer;
    return this.#said(await this.#waybill.nodes.tellCase({
      site: this.#site, name, key: about, data: document, transportId, ...(keepMs === undefined ? {} : { keepMs }),
      request: {
        service, operation, caller, requestHash, status: contract === false ? 204 : 200,
        ...(signature === undefined ? {} : { signature }), ...(answer.body === undefined ? {} : { bodyHash: hashJson(answer.body) }),
      },
      ...(answer.body === undefined ? {} : { answer: answer.body }),
    }));
  }

  #said(told: Telling): Telling {
    if (told.kind === 'recorded' || told.kind === 'repeated') this.#taken(told.kind === 'recorded');
    return told;
  }

  /** The answer is made before anything is recorded, so that one which breaks its contract leaves nothing behind. */
  #answer(request: Json, caller: JsonObject, contract: Contract): { readonly body: Json | undefined } | Untellable {
    if (contract === false) return { body: undefined };
    const no = (message: string): Untellable => ({ kind: 'no-answer', code: 'answer-misfit', message });
    let body: Json | undefined;
    if (this.#evaluate !== undefined) {
      const result = this.#evaluate(JSON.stringify({ request, caller }), JSON.stringify(this.#config.operation));
      if (!result.ok) return no(`The answer of ${this.#config.operation} could not be made: ${result.detail ?? result.reason}. Mend the expression of the service in, and deploy.`);
      body = (result.value ?? null) as Json;
    }
    const faults = contractFaults(contract, body === undefined ? { case: ANY_CASE } : body, `the answer of ${this.#config.operation}`);
    return faults.length === 0 ? { body } : no(`The answer of ${this.#config.operation} breaks its contract: ${faultText(faults)}. Write one in the service in, and deploy.`);
  }

  #opening({ caller, by, document, key, requestHash, signature }: TakenRequest): OpenCaseInput {
    const { service, operation, process, template, key: pointer, keyName, uniqueScope } = this.#config;
    const value = pointer === '' ? undefined : atPointer(document, pointer);
    const business = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    const keys: readonly BusinessKey[] = business === '' ? [] : [{ type: keyName || 'request', value: business }];
    const title = [operation, business].filter((each) => each !== '').join(' ');
    const origin: RequestOrigin = { service, operation, caller, key, requestHash, ...(signature === undefined ? {} : { signature }) };
    return {
      step: this.#step, process, template, site: this.#site, title, keys,
      document: { request: document, caller: { name: caller, by } }, message: { payload: document, topic: `service/${service}/${operation}` },
      ...(business === '' || uniqueScope === '' ? {} : { unique: { scope: uniqueScope, key: business } }),
      transportId: requestId(service, caller, key), device: `service:${caller}`, scan: { kind: 'service', code: title, topic: `service/${service}/${operation}`, fields: origin },
    };
  }
}

/** Every version of a service knows what another one has taken: a caller may move on between two tries. */
export function requestId(service: string, caller: string, key: string): string {
  return `service\u0000${service.split('@')[0] ?? ''}\u0000${caller}\u0000${key}`;
}
