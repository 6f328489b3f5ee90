import type { Outcome, Problem, WireResult } from '../driver.ts';
import { notAuthorised } from '../not-authorised.ts';
import { refusedUnprocessed } from '../unprocessed.ts';
import { parseRetryAfter } from '../resilience/backoff.ts';

/** What is not an answer of the protocol: certainly not done, or perhaps done. */
export type NoAnswer = Outcome & { readonly kind: 'refused' | 'again' | 'unknown' };

/**
 * What a transport failure or a status other than 2xx means. `safe`: the request changes nothing over there, so nothing
 * that becomes of it is unknown.
 */
export function noAnswer(result: WireResult, safe: boolean, now: number): NoAnswer {
  const kindWhenSent = safe ? 'again' : 'unknown';
  if (result.kind === 'failure') return { kind: result.sent ? kindWhenSent : 'again', problem: { title: result.message, errorClass: result.errorClass } };
  const { status } = result;
  const errorClass = `http-${status}`;
  const problem: Problem = { title: `The system answered HTTP ${status}.`, status, errorClass, ...detailOf(result) };
  const retryAfterMs = parseRetryAfter(result.headers['retry-after'], now);
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (refusedUnprocessed.has(status)) return { kind: 'again', problem, ...later };
  if (status === 401 || status === 403 || status === 407) return { kind: 'again', problem: notAuthorised(problem, status), hopeless: true };
  if (status >= 500) return { kind: kindWhenSent, problem, ...later };
  return { kind: 'refused', problem };
}

/** What a codec reads of an answer, or what a call without one means. `read` throws SyntaxError or TypeError where it is none. */
export function readAnswer<T>(result: WireResult, read: (body: Uint8Array) => T, safe: boolean, now: number): T | NoAnswer {
  if (result.kind === 'failure' || result.status < 200 || result.status > 299) return noAnswer(result, safe, now);
  if (result.truncated) return malformed(result.status, 'It is longer than what is taken; ask for fewer fields or records.', safe);
  try {
    return read(result.body);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return malformed(result.status, error.message, safe);
    throw error;
  }
}

/** The answer came, but it is none of this protocol, or broke off: the call may have happened. */
export function malformed(status: number, detail: string, safe: boolean): NoAnswer {
  return { kind: safe ? 'again' : 'unknown', problem: { title: 'The answer cannot be read.', status, detail, errorClass: 'malformed-answer' } };
}

function detailOf(result: WireResult & { readonly kind: 'response' }): { readonly detail?: string } {
  const type = result.headers['content-type'] ?? '';
  if (!type.startsWith('text/plain')) return {};
  return { detail: new TextDecoder().decode(result.body.subarray(0, 400)).trim() };
}
