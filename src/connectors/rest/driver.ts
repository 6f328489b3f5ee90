import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import type { DriverCall, HttpDriver, Outcome, WireRequest, WireResult } from '../driver.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import { readBinding } from './binding.ts';
import type { RestBinding, RestParameter } from './binding.ts';
import { outcomeOfAnswer, outcomeOfFailure, readBody } from './outcome.ts';

/** JSON over HTTP, as an operation's binding describes it ({@link RestBinding}). */
export const restDriver: HttpDriver = {
  * call(call) {
    const { binding, problems } = readBinding(call.operation.binding);
    if (problems[0] !== undefined) throw new DriverError(problems[0].message);
    const safe = call.operation.effect === 'reads';
    const request = requestOf(binding, call, safe);
    const result = yield request;
    if (result.kind === 'failure') return outcomeOfFailure(result, safe);
    const outcome = outcomeOfAnswer(result, { safe, repeated: call.repeated, keyed: call.operation.idempotency !== undefined, conflictStatuses: binding.conflict.statuses, now: call.now });
    return outcome.kind === 'conflict' ? yield* withNewer(outcome, binding, request, result) : outcome;
  },
  problems: (service: ServiceDefinition) => Object.entries(service.operations).flatMap(([name, operation]) =>
    readBinding(operation.binding).problems.map(({ at, message }) => ({ at: `/operations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}/binding${at}`, message }))),
};

/** How it stands now: as the refusal says, or as the same address says when it is read. */
function* withNewer(conflict: Outcome & { kind: 'conflict' }, { conflict: { newer, read } }: RestBinding, request: WireRequest, refusal: WireResult & { kind: 'response' }): Generator<WireRequest, Outcome, WireResult> {
  if (newer !== undefined) {
    const body = readBody(refusal);
    const state = 'value' in body ? atPointer(body.value, newer) : undefined;
    if (state !== undefined) return { ...conflict, newer: state, ...(refusal.headers['etag'] === undefined ? {} : { etag: refusal.headers['etag'] }) };
  }
  if (!read) return conflict;
  const { 'if-match': _match, 'content-type': _type, ...headers } = request.headers;
  const now = yield { method: 'GET', path: request.path, headers, body: undefined, safe: true };
  if (now.kind !== 'response' || now.status !== 200) return conflict;
  const state = readBody(now);
  return 'value' in state ? { ...conflict, newer: state.value, ...(now.headers['etag'] === undefined ? {} : { etag: now.headers['etag'] }) } : conflict;
}

function requestOf(binding: RestBinding, { document, operation, idempotencyKey }: DriverCall, safe: boolean): WireRequest {
  const headers: { [name: string]: string } = { accept: 'application/json' };
  const query: string[] = [];
  let path = binding.path;
  for (const parameter of binding.parameters) {
    const values = valuesOf(parameter, document);
    if (values === undefined) continue;
    if (parameter.in === 'path') path = path.replaceAll(`{${parameter.name}}`, values.map(encodeURIComponent).join(','));
    else if (parameter.in === 'header') headers[parameter.name.toLowerCase()] = headerText(parameter.name, values.join(','));
    else if (parameter.explode) query.push(...values.map((value) => pair(parameter.name, value)));
    else query.push(`${encodeURIComponent(parameter.name)}=${values.map(encodeURIComponent).join(',')}`);
  }
  if (idempotencyKey !== undefined && operation.idempotency?.in === 'header') headers[operation.idempotency.name.toLowerCase()] = idempotencyKey;
  if (idempotencyKey !== undefined && operation.idempotency?.in === 'query') query.push(pair(operation.idempotency.name, idempotencyKey));
  const content = binding.body === undefined ? undefined : atPointer(document, binding.body);
  const body = content === undefined || (content === null && binding.body === '') ? undefined : bodyText(binding, content);
  if (body !== undefined) headers['content-type'] = binding.contentType;
  return { method: binding.method, path: query.length === 0 ? path : `${path}?${query.join('&')}`, headers, body, safe };
}

function valuesOf({ name, from, required }: RestParameter, document: Json): readonly string[] | undefined {
  const value = atPointer(document, from);
  if (value === undefined || value === null || value === '') {
    if (required) throw new DriverError(`The document has no value for "${name}"; give it one at ${from}.`, from);
    return undefined;
  }
  const values = Array.isArray(value) ? value as readonly Json[] : [value];
  return values.map((each) => {
    if (typeof each === 'object' && each !== null) throw new DriverError(`The value for "${name}" is no text, number or truth value; give one at ${from}.`, from);
    return String(each);
  });
}

function headerText(name: string, value: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(value)) throw new DriverError(`The value of the header "${name}" holds a character that HTTP does not carry; write it without.`);
  return value;
}

function bodyText({ contentType, body = '' }: RestBinding, content: Json): string {
  if (contentType !== 'application/x-www-form-urlencoded') return JSON.stringify(content);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new DriverError('A form is made from an object; give one.', body);
  return Object.entries(content as JsonObject).flatMap(([name, value]) => (Array.isArray(value) ? value as readonly Json[] : [value]).filter((each) => each !== null).map((each) => {
    if (typeof each === 'object') throw new DriverError(`The member "${name}" of a form is no text, number or truth value.`, `${body}/${name}`);
    return pair(name, String(each));
  })).join('&');
}

function pair(name: string, value: string): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}
