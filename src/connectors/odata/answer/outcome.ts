import type { Outcome, Problem, WireResult } from '../../driver.ts';
import type { Codes } from '../binding.ts';
import { errorOf, problemOf } from './problem.ts';
import { notAuthorised } from '../../not-authorised.ts';
import { refusedUnprocessed } from '../../unprocessed.ts';
import { parseRetryAfter } from '../../resilience/backoff.ts';

type Failed = Exclude<Outcome, { kind: 'done' }>;
export type Response = Extract<WireResult, { kind: 'response' }>;

export interface Judging {
  /** The request changes nothing: what became of it does not matter, it can be sent again. */
  readonly safe: boolean;
  readonly repeated: boolean;
  readonly now: number;
  readonly duplicate?: Codes | undefined;
  readonly conflict?: Codes | undefined;
  readonly busy?: Codes | undefined;
}

export const textOf = (response: Response): string => new TextDecoder().decode(response.body);

/** What it means that there is no answer. */
export function outcomeOfFailure(result: Extract<WireResult, { kind: 'failure' }>, safe: boolean): Failed {
  const problem: Problem = { title: result.message, errorClass: result.errorClass };
  return result.sent && !safe ? { kind: 'unknown', problem } : { kind: 'again', problem };
}

/** What an answer that is no success means for the effect. 412 and what the binding calls a conflict is one, without the newer state. */
export function outcomeOfRefusal(response: Response, judging: Judging): Failed {
  const { status } = response;
  const text = textOf(response);
  const error = errorOf(text);
  const problem = problemOf(error, status, text, response.headers['content-type'] ?? '');
  return judged(status, error?.code, problem, { ...judging, retryAfterMs: parseRetryAfter(response.headers['retry-after'], judging.now) });
}

export function judged(status: number, code: string | undefined, problem: Problem, judging: Judging & { readonly retryAfterMs?: number | undefined }): Failed {
  const wait = judging.retryAfterMs === undefined ? {} : { retryAfterMs: judging.retryAfterMs };
  if (judging.repeated && !judging.safe && (status === 409 || matches(judging.duplicate, status, code))) {
    return { kind: 'unknown', problem: { ...problem, errorClass: 'duplicate', detail: `${problem.detail === undefined ? '' : `${problem.detail}; `}an earlier call under the same key may have made it` } };
  }
  if (status === 412 || matches(judging.conflict, status, code)) return { kind: 'conflict', problem: { ...problem, errorClass: 'conflict' } };
  if (matches(judging.busy, status, code)) return { kind: 'again', problem: { ...problem, errorClass: 'busy' }, ...wait };
  if (status === 401 || status === 403 || status === 407) return { kind: 'again', problem: notAuthorised(problem, status), hopeless: true };
  if (refusedUnprocessed.has(status)) return { kind: 'again', problem, ...wait };
  if (status === 428) {
    return { kind: 'refused', problem: { ...problem, errorClass: 'etag-needed', detail: 'The system takes changes only with the ETag of what was read: read it first and map its @odata.etag.' } };
  }
  if (status >= 300 && status < 400) {
    const moved: Problem = { ...problem, title: `The system answered ${status} and points to another address`, errorClass: 'redirect', detail: 'Redirects are not followed: set the address that it points to at the system, or sign in another way if it is a sign-in page.' };
    return judging.safe || status >= 307 ? { kind: 'again', problem: moved, hopeless: true } : { kind: 'unknown', problem: moved };
  }
  if (status === 501) return { kind: 'refused', problem };
  if (status >= 500) return judging.safe ? { kind: 'again', problem, ...wait } : { kind: 'unknown', problem, ...wait };
  return { kind: 'refused', problem };
}

function matches(codes: Codes | undefined, status: number, code: string | undefined): boolean {
  if (codes === undefined) return false;
  const { status: statuses, codes: known } = codes;
  if (known === undefined) return statuses?.includes(status) ?? false;
  return (statuses === undefined || statuses.includes(status)) && code !== undefined && known.includes(code);
}


/** A success that cannot be read: it may well have been done. */
export function unreadable(response: Response, why: string, safe: boolean): Failed {
  const text = textOf(response).slice(0, 2000);
  const html = /html/i.test(response.headers['content-type'] ?? '') || /^\s*<(!doctype html|html)/i.test(text);
  const problem: Problem = html
    ? { ...problemOf(undefined, response.status, text, 'text/html'), errorClass: 'malformed-answer' }
    : { title: `The system answered ${response.status}, and its answer cannot be read: ${why}`, status: response.status, errorClass: 'malformed-answer' };
  return safe ? { kind: 'again', problem } : { kind: 'unknown', problem };
}
