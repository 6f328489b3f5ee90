import type { JsonObject } from '../../domain/json.ts';

/**
 * Every problem that the API answers with: status and title. The code stands in the problem's `code`
 * and `type` (RFC 9457 §3.1) and never changes its meaning; `detail` says what holds in this case.
 * Codes of refused commands come from the engine and pass through; {@link commandProblem} gives their status.
 */
export const problemTable = {
  'not-signed-in': [401, 'Sign in first.'],
  'sign-in-failed': [401, 'The name or the password is wrong.'],
  'token-invalid': [401, 'The API token is unknown, expired or revoked.'],
  'not-allowed': [403, 'Your roles do not allow this.'],
  'scope-missing': [403, 'The API token does not carry the scope for this.'],
  'pin-required': [403, 'This device is shared: give your PIN.'],
  'pin-missing': [403, 'You have no PIN yet: set one in your account.'],
  'pin-wrong': [403, 'The PIN is wrong, or it is not this person\'s.'],
  'pin-weak': [422, 'This PIN is easily guessed.'],
  'password-wrong': [403, 'The current password is wrong.'],
  'password-weak': [422, 'This password is easily guessed.'],
  'name-taken': [409, 'The name is taken; choose another.'],
  'badge-taken': [409, 'The badge belongs to another account.'],
  'masked-value': [422, 'A list that you changed holds ••• where a value is hidden from you; somebody who sees it must change it.'],
  'masks-invalid': [503, 'The list of hidden fields has a mistake, so nothing is shown.'],
  'last-admin': [409, 'Nobody else could manage the accounts; make another administrator for all sites first.'],
  'cross-site': [403, 'The request comes from another site.'],
  'csrf-token': [403, 'The CSRF token is missing or belongs to another session.'],
  'too-many-uploads': [429, 'You have sent many photos; wait a while.'],
  'attachment-erased': [410, 'The photo was erased; its hash and the reason are in the ledger.'],
  'attachment-lost': [500, 'The file of this photo is missing or was changed; tell those who look after the server.'],
  'person-unsuitable': [422, 'This person does not work exceptions of this site; choose another.'],
  'not-found': [404, 'There is no such thing, or it is not in your sites.'],
  'method-not-allowed': [405, 'This address does not take this method.'],
  'body-too-large': [413, 'The body is larger than 256 KiB.'],
  'media-type': [415, 'The body must be application/json.'],
  'body-malformed': [400, 'The body is not JSON.'],
  'request-invalid': [400, 'The request does not fit its schema.'],
  'cursor-invalid': [400, 'The cursor does not come from this list.'],
  'idempotency-key-invalid': [400, 'The Idempotency-Key must have 1 to 255 visible characters.'],
  'idempotency-key-reused': [422, 'The Idempotency-Key was used for another request.'],
  'idempotency-in-progress': [409, 'A request with this Idempotency-Key is still running.'],
  'too-many-attempts': [429, 'Too many attempts to sign in.'],
  'too-many-streams': [429, 'Too many pages of this session listen for changes; close some of them.'],
  'request-unreadable': [400, 'The request is no HTTP that can be read; mend whoever sends it, or what stands in between.'],
  'request-unfinished': [408, 'The request did not come whole in time; send it again.'],
  'filter-too-long': [400, 'The filter is too long; search for a few words or one key at a time.'],
  'busy': [503, 'The server is busy; try again in a moment.'],
  'engine-not-ready': [503, 'The engine cannot write now.'],
  'ledger-unavailable': [503, 'The ledger cannot be read now.'],
  'accounts-unavailable': [503, 'The accounts cannot be read now.'],
  'internal': [500, 'Something went wrong on our side.'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ProblemCode = keyof typeof problemTable;

const commandStatus = { 'forbidden': 403, 'not-found': 404, 'conflict': 409, 'invalid': 422, 'unavailable': 503 } as const;
const commandTitle = {
  'forbidden': 'The engine refused this.', 'not-found': 'There is no such thing.', 'conflict': 'It is no longer as you saw it.',
  'invalid': 'The command is not valid.', 'unavailable': 'The engine cannot write now.',
} as const;

/** A request that cannot be answered as asked; becomes an `application/problem+json` answer. */
export class WebError extends Error {
  override readonly name = 'WebError';
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** Further members of the problem, for example `errors`. */
  readonly members: JsonObject;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    problem: { readonly code: string; readonly status: number; readonly title: string; readonly detail: string },
    more: { readonly members?: JsonObject; readonly headers?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
  ) {
    super(problem.detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.members = more.members ?? {};
    this.headers = more.headers ?? {};
  }
}

/** A problem of the table; `detail` defaults to its title. */
export function problem(
  code: ProblemCode, detail?: string,
  more?: { readonly members?: JsonObject; readonly headers?: Readonly<Record<string, string>>; readonly cause?: unknown },
): WebError {
  const [status, title] = problemTable[code];
  return new WebError({ code, status, title, detail: detail ?? title }, more);
}

/** A refused command of the engine, with its own code. */
export function commandProblem(refusal: { readonly code: string; readonly message: string; readonly status: keyof typeof commandStatus; readonly members?: JsonObject }): WebError {
  return new WebError({
    code: refusal.code, status: commandStatus[refusal.status], title: commandTitle[refusal.status], detail: refusal.message,
  }, refusal.members === undefined ? {} : { members: refusal.members });
}

/** The members of a problem document (RFC 9457 §3). */
export function problemDocument(error: WebError, instance: string): JsonObject {
  return {
    type: `urn:waybill:problem:${error.code}`, title: error.title, status: error.status, detail: error.message,
    instance, code: error.code, ...error.members,
  };
}
