import type { Json, JsonObject } from '../../domain/json.ts';
import { parseRetryAfter } from '../resilience/backoff.ts';
import type { Outcome, Problem, WireResult } from '../driver.ts';
import { notAuthorised } from '../not-authorised.ts';
import { refusedUnprocessed } from '../unprocessed.ts';

type Response = WireResult & { readonly kind: 'response' };

/** What is asked of an answer. */
export interface Asked {
  /** Changes nothing over there. */
  readonly safe: boolean;
  /** An earlier call under this key may have happened. */
  readonly repeated: boolean;
  readonly keyed: boolean;
  readonly conflictStatuses: readonly number[];
  readonly now: number;
}

/** What a failure of the transport means for a call. */
export function outcomeOfFailure(failure: WireResult & { readonly kind: 'failure' }, safe: boolean): Outcome {
  const problem: Problem = { title: failure.message, errorClass: failure.errorClass };
  if (failure.errorClass === 'bad-request') return { kind: 'refused', problem };
  return { kind: failure.sent && !safe ? 'unknown' : 'again', problem };
}

/** What an answer over HTTP means for a call; the newer state of a conflict is the driver's to find. */
export function outcomeOfAnswer(response: Response, asked: Asked): Outcome {
  const { status } = response;
  if (status >= 200 && status < 300) return done(response, asked.safe);
  const problem = problemOf(response);
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], asked.now);
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 401 || status === 403 || status === 407) return { kind: 'again', problem: notAuthorised(problem, status), hopeless: true };
  if (refusedUnprocessed.has(status)) return { kind: 'again', problem, ...later };
  // Under a key that was used before, 409 says that the first request is still at work (draft-ietf-httpapi-idempotency-key-header-07 §2.7).
  if (status === 409 && asked.repeated && asked.keyed && !asked.safe) return { kind: 'unknown', problem, ...later };
  if (asked.conflictStatuses.includes(status)) return { kind: 'conflict', problem };
  if (status >= 500) return { kind: asked.safe ? 'again' : 'unknown', problem, ...later };
  if (status >= 300 && status < 400) return { kind: 'refused', problem: { ...problem, title: `The system redirects to another address, which is not followed (HTTP ${status}); put the right one into the system.`, errorClass: 'redirect' } };
  return { kind: 'refused', problem };
}

function done(response: Response, safe: boolean): Outcome {
  const { status, headers: { etag } } = response;
  const base = { status, ...(etag === undefined ? {} : { etag }) };
  const read = readBody(response);
  if ('value' in read) return { kind: 'done', answer: read.value, ...base };
  const problem: Problem = { title: read.problem, status, errorClass: response.truncated ? 'answer-too-long' : 'malformed-answer' };
  // What changes nothing may be asked again; what happened is not done twice for an answer that nobody can read.
  if (safe) return response.truncated ? { kind: 'refused', problem } : { kind: 'again', problem };
  return { kind: 'done', answer: null, ...base, unreadable: problem };
}

/** The body as JSON, or text where it says that it is text. */
export function readBody({ headers, body, truncated }: Response): { readonly value: Json } | { readonly problem: string } {
  if (truncated) return { problem: 'The answer is longer than what is read of one; ask for less, for example by pages.' };
  if (body.length === 0) return { value: null };
  const type = (headers['content-type'] ?? '').toLowerCase();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    return { problem: `The answer is no text in UTF-8 (${(error as Error).message}).` };
  }
  if (type.startsWith('text/') && !type.includes('json')) return { value: text.slice(0, 65_536) };
  try {
    return { value: parseExact(text) };
  } catch (error) {
    return { problem: `The answer is no JSON: ${(error as Error).message}` };
  }
}

/** JSON whose numbers keep all their digits: one that a float cannot hold becomes a decimal text. */
export function parseExact(text: string): Json {
  if (!/\d{16}|\d\.\d{9}|\d[eE]/.test(text) && !/[\d.]{17}/.test(text)) return JSON.parse(text) as Json;
  return JSON.parse(text, ((_key: string, value: unknown, context: { readonly source?: string }) => {
    if (typeof value !== 'number' || context.source === undefined || String(value) === context.source || sameNumber(value, context.source)) return value;
    return context.source;
  }) as (key: string, value: unknown) => unknown) as Json;
}

/** `1.50` is 1.5: digits were only written otherwise. */
function sameNumber(value: number, source: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(source) && source.replace(/\D/g, '').replace(/^0+/, '').length <= 15 && Number.isFinite(value);
}

/** RFC 9457, or the forms that many systems use. */
export function problemOf(response: Response): Problem {
  const { status } = response;
  const read = readBody(response);
  const body = 'value' in read && typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value) ? read.value as JsonObject : {};
  const error = typeof body['error'] === 'object' && body['error'] !== null && !Array.isArray(body['error']) ? body['error'] as JsonObject : body;
  const pick = (...names: readonly string[]): string | undefined => names.map((name) => error[name] ?? body[name]).find((value): value is string => typeof value === 'string' && value !== '')?.slice(0, 1_000);
  const title = pick('title', 'message') ?? (typeof body['error'] === 'string' ? body['error'].slice(0, 1_000) : `HTTP ${status}`);
  const [detail, code, target] = [pick('detail', 'error_description'), pick('code'), pick('target', 'instance')];
  return { title, status, ...(detail === undefined || detail === title ? {} : { detail }), ...(code === undefined ? {} : { code }), ...(target === undefined ? {} : { target }), errorClass: `http-${status}` };
}
