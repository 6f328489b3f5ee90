import type { Json, JsonObject } from '../../domain/json.ts';
import type { DriverCall, Outcome, WireRequest, WireResult } from '../driver.ts';
import { entityOf, pageOf, unwrapped } from './answer/normalise.ts';
import { outcomeOfFailure, outcomeOfRefusal, textOf, unreadable } from './answer/outcome.ts';
import type { Judging, Response } from './answer/outcome.ts';
import { own, shortName } from './metadata/model.ts';
import { basePathOf } from './paging.ts';
import { isObject } from '../../domain/json.ts';
import { keyFor } from '../idempotency-key.ts';
import type { Built } from './request/build.ts';
import { resourceUrl } from './request/build.ts';
import { Session } from './session.ts';
import type { Settings } from './settings.ts';
import { fromWire } from './values/wire.ts';
import { parseExactJson } from './values/json-text.ts';

export type Exchange<T> = Generator<WireRequest, T, WireResult>;
type Failed = Exclude<Outcome, { kind: 'done' }>;

/** What one call has at hand: its settings, its session, and how its answers are judged. */
export class Speaking {
  readonly settings: Settings;
  readonly call: DriverCall;
  readonly session: Session;

  constructor(call: DriverCall, settings: Settings) {
    this.call = call;
    this.settings = settings;
    this.session = new Session(call.memory, settings.path, settings.csrf, call.now, basePathOf(call.address), `${settings.path}/${resourceUrl({ resource: '', options: [] }, settings)}`);
  }

  judging(safe: boolean): Judging {
    const { duplicate, conflict, busy } = this.settings;
    return { safe, repeated: this.call.repeated, now: this.call.now, duplicate, conflict, busy };
  }

  /** The request as it goes out, with the key where it lives in a header or a query option. */
  wire(built: Built): WireRequest {
    const { settings, call } = this;
    const place = built.safe ? undefined : call.operation.idempotency;
    const key = place === undefined || call.idempotencyKey === undefined ? undefined : keyFor(place, call.idempotencyKey);
    const options = place?.in === 'query' && key !== undefined ? [...built.options, [place.name, key] as const] : built.options;
    const body = built.body === undefined ? undefined : JSON.stringify(built.body);
    return {
      method: built.method, path: `${settings.path}/${resourceUrl({ resource: built.resource, options }, settings)}`, body, safe: built.safe,
      headers: { ...this.headers(body !== undefined), ...built.headers, ...(place?.in === 'header' && key !== undefined ? { [place.name.toLowerCase()]: key } : {}) },
    };
  }

  headers(withBody: boolean): { readonly [name: string]: string } {
    const { metadata: { version }, decimals, headers } = this.settings;
    const json = version === '2.0' ? 'application/json' : `application/json${decimals === 'text' ? ';IEEE754Compatible=true' : ''}`;
    const versions: { readonly [name: string]: string } = version === '2.0' ? { dataserviceversion: '2.0', maxdataserviceversion: '2.0' } : { 'odata-version': '4.0', 'odata-maxversion': version };
    return { accept: json, ...versions, ...(withBody ? { 'content-type': json } : {}), ...headers };
  }
}

/** Parses a success; a failure when it is half, longer than the transport takes, no JSON, or a web page. */
export function bodyOf(response: Response, safe: boolean): { readonly json: Json | undefined } | Failed {
  const text = textOf(response);
  if (response.truncated) {
    return safe ? { kind: 'refused', problem: { title: `The answer is longer than the ${response.body.length} bytes that are taken: ask for less by $select, $filter or $top`, status: response.status, errorClass: 'answer-too-long' } } : unreadable(response, 'it is too long', safe);
  }
  if (response.status === 204 || text.trim() === '') return { json: undefined };
  try {
    return { json: parseExactJson(text) };
  } catch (error) {
    return unreadable(response, error instanceof Error ? error.message : String(error), safe);
  }
}

export const isFailed = (value: object): value is Failed => 'kind' in value;

/** What came of a request: its answer in our form, or the outcome that it is instead. */
export function judge(result: WireResult, built: Built, speaking: Speaking): { readonly answer: Json; readonly status: number; readonly next?: string; readonly count?: number } | Failed {
  if (result.kind === 'failure') return outcomeOfFailure(result, built.safe);
  if (result.status < 200 || result.status >= 300) return outcomeOfRefusal(result, speaking.judging(built.safe));
  const body = bodyOf(result, built.safe);
  return isFailed(body) ? body : answerOf(body.json, result.status, result.headers, built, speaking.settings) ?? unreadable(result, 'it is not what the metadata promise', built.safe);
}

/** The answer of a body that could be parsed; undefined when it is of another shape. */
export function answerOf(json: Json | undefined, status: number, headers: { readonly [name: string]: string }, built: Built, { metadata: model }: Settings): { readonly answer: Json; readonly status: number; readonly next?: string; readonly count?: number } | undefined {
  const { kind, type, returns } = built.answer;
  const etag = headers['etag'];
  if (json === undefined) {
    if (kind === 'list' || (built.safe && kind === 'entity')) return undefined;
    const known: JsonObject = { ...(etag === undefined ? {} : { '@odata.etag': etag }), ...(headers['odata-entityid'] === undefined ? {} : { '@odata.id': headers['odata-entityid'] }) };
    return { status, answer: Object.keys(known).length === 0 ? null : known };
  }
  if (kind === 'nothing') return { status, answer: null };
  if (kind === 'list' || (kind === 'call' && returns?.collection === true)) {
    const page = pageOf(json, type, model);
    if (page === undefined) return undefined;
    const values = kind === 'call' && type === undefined ? page.entities.map((each) => fromWire(each, returns?.type ?? '')) : page.entities;
    return { status, answer: { value: values }, ...(page.next === undefined ? {} : { next: page.next }), ...(page.count === undefined ? {} : { count: page.count }) };
  }
  let value = unwrapped(json, model);
  if (kind === 'call' && type === undefined) {
    // V2 names the value by the function import (OData V2, JSON Format §12), V4 by "value".
    if (isObject(value)) value = own(value, model.version === '2.0' ? shortName(built.resource) : 'value') ?? Object.values(value).find((each) => typeof each !== 'object') ?? null;
    return { status, answer: { value: fromWire(value, returns?.type ?? '') } };
  }
  // Some V2 services wrap one entity by the name of the function import.
  if (isObject(value) && model.version === '2.0' && kind === 'call' && isObject(value[built.resource])) value = value[built.resource]!;
  if (!isObject(value)) return undefined;
  const entity = entityOf(value, type, model) as JsonObject;
  return { status, answer: entity['@odata.etag'] === undefined && etag !== undefined ? { '@odata.etag': etag, ...entity } : entity };
}
