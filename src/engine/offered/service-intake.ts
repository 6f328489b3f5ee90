import type { BusinessKey } from '../../domain/envelope.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import type { OpenCaseInput, OpenCaseResult, StepHandle, Waybill } from '../api.ts';

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
}

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

/** One operation of a service as a node of this site answers it. */
export class ServiceIntake {
  readonly reference: string;
  readonly operation: string;
  readonly #waybill: Waybill;
  readonly #step: StepHandle;
  readonly #site: string;
  readonly #config: ServiceIntakeConfig;
  readonly #taken: (result: OpenCaseResult) => void;

  constructor(waybill: Waybill, step: StepHandle, site: string, config: ServiceIntakeConfig, taken: (result: OpenCaseResult) => void) {
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
    this.#taken(result);
    return result;
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
