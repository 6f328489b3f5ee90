import { createHash } from 'node:crypto';

import type { Json, JsonObject } from '../../../domain/json.ts';
import { DriverError } from '../../driver.ts';
import type { Outcome, WireRequest } from '../../driver.ts';
import { judged, outcomeOfFailure, outcomeOfRefusal, textOf, unreadable } from '../answer/outcome.ts';
import { parseRetryAfter } from '../../resilience/backoff.ts';
import type { Response } from '../answer/outcome.ts';
import { errorOf, problemOf } from '../answer/problem.ts';
import type { BatchBinding, BatchPart } from '../binding.ts';
import { answerOf } from '../exchange.ts';
import type { Exchange, Speaking } from '../exchange.ts';
import { isObject } from '../../../domain/json.ts';
import { atPointer } from '../../../domain/json-pointer.ts';
import { build, resourceUrl } from '../request/build.ts';
import type { Built } from '../request/build.ts';
import { parseExactJson } from '../values/json-text.ts';
import { BatchError, readBatch, writeBatch } from './multipart.ts';
import type { PartRequest, PartResponse } from './multipart.ts';

interface Part { readonly part: BatchPart; readonly built: Built }
type Failed = Exclude<Outcome, { kind: 'done' }>;

const mostParts = 100;

/**
 * Several requests in one. What writes is one change set, so that the whole call is done or is not; what reads comes
 * after it and sees it. The answer has a member for each part by its id.
 */
export function* batch(binding: BatchBinding, document: Json, speaking: Speaking): Exchange<Outcome> {
  const parts = partsOf(binding, document, speaking);
  const changes = parts.filter(({ built }) => !built.safe);
  const reads = parts.filter(({ built }) => built.safe);
  const json = speaking.settings.batch === 'json';
  const request = json ? jsonRequest(changes, reads, speaking) : multipartRequest(changes, reads, speaking);
  const result = yield* speaking.session.send(request);
  const safe = changes.length === 0;
  if (result.kind === 'failure') return outcomeOfFailure(result, safe);
  if (result.status < 200 || result.status >= 300) return outcomeOfRefusal(result, speaking.judging(safe));
  let answers: readonly PartResponse[];
  try {
    if (result.truncated) throw new BatchError('it is too long');
    answers = json ? readJsonBatch(textOf(result)) : readBatch(textOf(result), result.headers['content-type'] ?? '');
  } catch (error) {
    if (error instanceof BatchError || error instanceof SyntaxError) return unreadable(result, error.message, safe);
    throw error;
  }
  return yield* outcome(changes, reads, answers, json, result, speaking);
}

/** Builds every part, so that nothing is sent when one cannot be. @throws DriverError */
export function partsOf(binding: BatchBinding, document: Json, { settings }: Pick<Speaking, 'settings'>): readonly Part[] {
  if (binding.requests.length === 0 || binding.requests.length > mostParts) throw new DriverError(`A batch has 1 to ${mostParts} requests.`);
  const made = new Set<string>();
  return binding.requests.map((part) => {
    if (!/^\w{1,50}$/.test(part.id) || made.has(part.id)) throw new DriverError(`The requests of a batch need ids of letters and digits, each once; "${part.id}" is not.`);
    if (part.under !== undefined && !made.has(part.under)) throw new DriverError(`"${part.id}" goes under "${part.under}", which must be an earlier request of the batch.`);
    made.add(part.id);
    const own = atPointer(document, part.document ?? `/${part.id}`) ?? {};
    return { part, built: build(part, { settings, document: own, ...(part.under === undefined ? {} : { under: `$${part.under}${part.do === 'create' && part.entitySet !== undefined ? `/${part.entitySet}` : ''}` }) }) };
  });
}

function partRequest({ part, built }: Part, speaking: Speaking): PartRequest {
  const body = built.body === undefined ? undefined : JSON.stringify(built.body);
  const { accept, 'content-type': type } = speaking.headers(body !== undefined);
  // What is tunnelled through POST elsewhere stands in a batch by its own name.
  const { 'x-http-method': tunnelled, ...headers } = built.headers;
  return { id: part.id, method: tunnelled ?? built.method, url: resourceUrl(built, speaking.settings), headers: { accept: accept!, ...(type === undefined ? {} : { 'content-type': type }), ...headers }, body };
}

function multipartRequest(changes: readonly Part[], reads: readonly Part[], speaking: Speaking): WireRequest {
  const [writing, reading] = [changes, reads].map((parts) => parts.map((each) => partRequest(each, speaking))) as [PartRequest[], PartRequest[]];
  const boundary = createHash('sha256').update(JSON.stringify([writing, reading])).digest('hex').slice(0, 32);
  return {
    method: 'POST', path: `${speaking.settings.path}/${resourceUrl({ resource: '$batch', options: [] }, speaking.settings)}`, safe: changes.length === 0, body: writeBatch(writing, reading, boundary),
    headers: { ...speaking.headers(false), 'accept': 'multipart/mixed', 'content-type': `multipart/mixed;boundary=batch_${boundary}` },
  };
}

/** OData JSON §19: requests with ids, those of one `atomicityGroup` together. */
function jsonRequest(changes: readonly Part[], reads: readonly Part[], speaking: Speaking): WireRequest {
  const requests = [...changes, ...reads].map((each) => {
    const { id, method, url, headers } = partRequest(each, speaking);
    return { id, method: method.toLowerCase(), url, headers, ...(each.built.body === undefined ? {} : { body: each.built.body }), ...(each.built.safe ? changes.length > 0 ? { dependsOn: ['changes'] } : {} : { atomicityGroup: 'changes' }) };
  });
  return { method: 'POST', path: `${speaking.settings.path}/${resourceUrl({ resource: '$batch', options: [] }, speaking.settings)}`, safe: changes.length === 0, body: JSON.stringify({ requests }), headers: { ...speaking.headers(true), accept: 'application/json' } };
}

function readJsonBatch(text: string): readonly PartResponse[] {
  const body = parseExactJson(text);
  const responses = isObject(body) ? body['responses'] : undefined;
  if (!Array.isArray(responses)) throw new BatchError('it has no "responses"');
  return (responses as readonly Json[]).filter(isObject).map((each) => {
    const headers = isObject(each['headers']) ? Object.fromEntries(Object.entries(each['headers']).map(([name, value]) => [name.toLowerCase(), String(value)])) : {};
    const content = each['body'];
    return { id: String(each['id']), status: Number(each['status']), headers, body: content === undefined ? '' : typeof content === 'string' ? content : JSON.stringify(content) };
  });
}

function* outcome(changes: readonly Part[], reads: readonly Part[], answers: readonly PartResponse[], json: boolean, result: Response, speaking: Speaking): Exchange<Outcome> {
  const failed = answers.find((answer, index) => answer.status >= 300 && (json ? changes.some(({ part }) => part.id === answer.id) : index < Math.max(1, changes.length) && changes.length > 0));
  if (failed !== undefined && !(failed.status === 424 && json)) return yield* refusal(failed, changes, speaking);
  const expected = changes.length + reads.length;
  if (answers.length < changes.length || (!json && answers.length !== expected)) return unreadable(result, `it has ${answers.length} answers to ${expected} requests`, changes.length === 0);
  const answer: Record<string, Json> = {};
  for (const [index, each] of [...changes, ...reads].entries()) {
    const found = json ? answers.find(({ id }) => id === each.part.id) : answers[index];
    if (found === undefined) {
      if (!each.built.safe) return unreadable(result, `it has no answer to "${each.part.id}"`, false);
      continue;
    }
    const value = partAnswer(each, found, speaking);
    // What was written is written: a read that failed is told in its place.
    if (value === undefined || isProblem(value)) {
      if (changes.length === 0) return value === undefined ? unreadable(result, `the answer to "${each.part.id}" is not what the metadata promise`, true) : value.failed;
      answer[each.part.id] = value === undefined ? null : { problem: value.failed.problem as unknown as JsonObject };
    } else answer[each.part.id] = value.answer;
  }
  return { kind: 'done', answer, status: result.status };
}

const isProblem = (value: object): value is { readonly failed: Failed } => 'failed' in value;

function partAnswer({ built }: Part, response: PartResponse, speaking: Speaking): { readonly answer: Json } | { readonly failed: Failed } | undefined {
  if (response.status >= 300) return { failed: partFailure(response, speaking, true) };
  try {
    return answerOf(response.body === '' ? undefined : parseExactJson(response.body), response.status, response.headers, built, speaking.settings);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function partFailure(response: PartResponse, speaking: Speaking, safe: boolean): Failed {
  const error = errorOf(response.body);
  const problem = problemOf(error, response.status, response.body, response.headers['content-type'] ?? '');
  return judged(response.status, error?.code, problem, { ...speaking.judging(safe), retryAfterMs: parseRetryAfter(response.headers['retry-after'], speaking.call.now) });
}

/** The change set was not done. Of a conflict the newer state of what has an ETag is read, where only one part has. */
function* refusal(response: PartResponse, changes: readonly Part[], speaking: Speaking): Exchange<Outcome> {
  const failed = partFailure(response, speaking, false);
  if (failed.kind !== 'conflict') return failed;
  const guarded = changes.filter(({ part, built }) => (response.id === undefined ? built.headers['if-match'] !== undefined : part.id === response.id));
  const self = guarded.length === 1 ? guarded[0]!.built.self : undefined;
  if (self === undefined) return failed;
  const again: Built = { method: 'GET', resource: self, options: [], headers: {}, body: undefined, safe: true, answer: { kind: 'entity', type: guarded[0]!.built.answer.type } };
  const read = yield* speaking.session.send(speaking.wire(again));
  if (read.kind !== 'response' || read.status !== 200) return failed;
  try {
    const newer = answerOf(parseExactJson(textOf(read)), read.status, read.headers, again, speaking.settings)?.answer;
    const etag = isObject(newer) ? newer['@odata.etag'] : undefined;
    return newer === undefined ? failed : { ...failed, newer, ...(typeof etag === 'string' ? { etag } : {}) };
  } catch (error) {
    if (error instanceof SyntaxError) return failed;
    throw error;
  }
}
