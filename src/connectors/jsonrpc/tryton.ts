import type { Json, JsonObject } from '../../domain/json.ts';
import type { DriverCall, Problem, WireRequest, WireResult } from '../driver.ts';
import { DriverError } from '../driver.ts';
import type { Dialect, Exchange, RpcCall, RpcResult } from './dialect.ts';
import { writeExactJson } from './exact-json.ts';
import { fromTryton, toTryton } from './tryton-values.ts';
import type { WireValue } from './typed.ts';
import { malformed, readAnswer, type NoAnswer } from './wire-outcome.ts';

/** How Tryton's calls are written and its answers read: as JSON, or as XML-RPC. */
export interface TrytonCodec {
  readonly contentType: string;
  write(method: string, params: readonly WireValue[]): string;
  /** @throws SyntaxError when it is none */
  read(body: Uint8Array): TrytonAnswer;
}

export type TrytonAnswer = { readonly result: Json } | { readonly error: readonly Json[] };

interface Session {
  readonly userId: number;
  readonly authorization: string;
  /** Company, language and groups: what the official clients send along with every call. */
  readonly context: JsonObject;
}

export const trytonJson: TrytonCodec = {
  contentType: 'application/json',
  // Tryton takes a call for JSON-RPC only when it has exactly these members.
  write: (method, params) => writeExactJson({ id: 1, method, params: params.map((each) => toTryton(each)) }),
  read: (body) => {
    const answer = fromTryton(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) {
      const { error } = answer as JsonObject;
      if (Array.isArray(error)) return { error };
      if (Object.hasOwn(answer, 'result')) return { result: (answer as JsonObject)['result'] ?? null };
    }
    throw new SyntaxError('It has neither a result nor an error.');
  },
};

/** Tryton's protocol, 6.0 to 7.x (trytond/protocols/dispatcher.py): a login gives a session, which is renewed once in a call. */
export class Tryton implements Dialect {
  readonly locks = true;
  readonly #codec: TrytonCodec;

  constructor(codec: TrytonCodec = trytonJson) {
    this.#codec = codec;
  }

  * invoke(rpc: RpcCall, call: DriverCall): Exchange<RpcResult> {
    const accepted = new Set<string>();
    for (;;) {
      const answer = yield* this.#signedIn(rpc, call);
      if ('kind' in answer) return answer;
      if ('result' in answer) return { kind: 'answer', value: answer.result, status: 200 };
      const warning = warningOf(answer.error);
      if (warning !== undefined && !accepted.has(warning) && rpc.accept.some((pattern) => fits(pattern, warning))) {
        accepted.add(warning);
        const noted = yield* this.#answerWithYes(warning, call);
        if (noted !== undefined) return noted;
        continue;
      }
      return faultOf(answer.error, rpc.safe);
    }
  }

  problems(): readonly { readonly at: string; readonly message: string }[] {
    return [];
  }

  * #signedIn(rpc: RpcCall, call: DriverCall): Exchange<TrytonAnswer | NoAnswer> {
    for (let renewed = false; ; renewed = true) {
      const known = call.memory.get(memoryKey(call)) as Session | undefined;
      const session = known ?? (yield* this.#signIn(call));
      if ('kind' in session) return session;
      const params = rpc.model === '' ? rpc.arguments : [...rpc.arguments, contextOf(rpc, session)];
      const result = yield this.#request(call, methodName(rpc), params, session.authorization, rpc.safe);
      const expired = result.kind === 'response' && (result.status === 401 || result.status === 403);
      if (!expired) return this.#answer(result, rpc.safe, call);
      call.memory.delete(memoryKey(call));
      if (renewed || known === undefined) return refusedAccess(result, methodName(rpc));
    }
  }

  * #signIn(call: DriverCall): Exchange<Session | NoAnswer> {
    const { user, password } = credentials(call);
    const login = yield this.#request(call, 'common.db.login', [user, { password }], undefined, true);
    if (login.kind === 'response' && login.status === 401) return notSignedIn('Tryton did not take user and password of the system.', 401);
    if (login.kind === 'response' && login.status === 404) return notSignedIn('Tryton has no such database; look at the end of the system\'s address, which names it.', 404);
    const said = this.#answer(login, true, call);
    if ('kind' in said) return said;
    if ('error' in said) return notSignedIn(`Tryton asks for more than a password to sign in (${text(said.error[0])}).`, 200);
    const [userId, key] = Array.isArray(said.result) ? (said.result as readonly Json[]) : [];
    if (typeof userId !== 'number' || typeof key !== 'string') return malformed(200, 'The login gave no session.', true);
    const authorization = `Session ${Buffer.from(`${user}:${userId}:${key}`).toString('base64')}`;
    const preferences = this.#answer(yield this.#request(call, 'model.res.user.get_preferences', [true, {}], authorization, true), true, call);
    if ('kind' in preferences) return preferences;
    if ('error' in preferences) return faultOf(preferences.error, true) as NoAnswer;
    const session: Session = { userId, authorization, context: preferences.result as JsonObject };
    call.memory.set(memoryKey(call), session);
    return session;
  }

  /** Records that the warning was read, as a person does by a click; Tryton then lets the next call pass. */
  * #answerWithYes(name: string, call: DriverCall): Exchange<NoAnswer | undefined> {
    const { userId } = call.memory.get(memoryKey(call)) as Session;
    const warning: RpcCall = { model: 'res.user.warning', method: 'create', arguments: [[{ user: userId, name, always: false }]], keywords: {}, context: {}, lock: undefined, accept: [], safe: true };
    const noted = yield* this.#signedIn(warning, call);
    if ('kind' in noted) return noted;
    return 'error' in noted ? faultOf(noted.error, true) as NoAnswer : undefined;
  }

  #request(call: DriverCall, method: string, params: readonly WireValue[], authorization: string | undefined, safe: boolean): WireRequest {
    return {
      method: 'POST', path: pathOf(call), safe,
      headers: { 'content-type': this.#codec.contentType, 'accept': this.#codec.contentType, ...(authorization === undefined ? {} : { authorization }) },
      body: this.#codec.write(method, params),
    };
  }

  #answer(result: WireResult, safe: boolean, call: DriverCall): TrytonAnswer | NoAnswer {
    return readAnswer(result, (body) => this.#codec.read(body), safe, call.now);
  }
}

/** What Tryton refused, by the class of its exception (trytond/exceptions.py). */
export function faultOf(error: readonly Json[], safe: boolean): Exclude<RpcResult, { kind: 'answer' }> {
  const [name, given] = error;
  const parts = Array.isArray(given) ? (given as readonly Json[]) : [given ?? null];
  switch (name) {
    case 'UserError': return { kind: 'refused', problem: problem('UserError', 'refused', parts[0], parts[1]) };
    case 'UserWarning': return { kind: 'refused', problem: { ...problem('UserWarning', 'refused', parts[1], parts[2]), target: text(parts[0]) } };
    case 'ConcurrencyException': return { kind: 'changed', problem: problem('ConcurrencyException', 'conflict', parts[0]) };
    case 'LoginException': return { kind: 'again', problem: problem('LoginException', 'not-authorised', parts[1]), hopeless: true };
    default:
      // The transaction may have been committed before this went wrong.
      return { kind: safe ? 'again' : 'unknown', problem: { title: 'Something went wrong in Tryton.', detail: text(name).slice(0, 400), code: 'server-error', errorClass: 'server-error' } };
  }
}

function problem(code: string, errorClass: string, title: Json | undefined, detail?: Json): Problem {
  const more = text(detail);
  return { title: text(title) || code, code, errorClass, ...(more === '' ? {} : { detail: more }) };
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value));

function warningOf(error: readonly Json[]): string | undefined {
  const [name, parts] = error;
  return name === 'UserWarning' && Array.isArray(parts) && typeof parts[0] === 'string' ? parts[0] : undefined;
}

const fits = (pattern: string, name: string): boolean => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name);

/** Wizards and reports have names of their own; all else is a model. */
function methodName(rpc: RpcCall): string {
  if (rpc.model === '') return rpc.method;
  return `${/^(wizard|report)\./.test(rpc.model) ? '' : 'model.'}${rpc.model}.${rpc.method}`;
}

function contextOf(rpc: RpcCall, session: Session): { readonly [name: string]: WireValue } {
  const context = { ...(session.context as { readonly [name: string]: WireValue }), ...rpc.context };
  if (rpc.lock === undefined) return context;
  const { model, rows } = rpc.lock;
  const stamps = rows.map((row): readonly [string, Json] => {
    if (typeof row['id'] !== 'number' || row['_timestamp'] === undefined) throw new DriverError('A record can be locked only when it was read with the field "_timestamp".');
    return [`${model},${row['id']}`, row['_timestamp']];
  });
  return { ...context, _timestamp: Object.fromEntries(stamps) as { readonly [name: string]: WireValue } };
}

function refusedAccess(result: WireResult & { readonly kind: 'response' }, method: string): NoAnswer {
  return { kind: 'again', hopeless: true, problem: { title: `Tryton does not let this user call ${method}.`, status: result.status, errorClass: 'not-authorised' } };
}

function notSignedIn(title: string, status: number): NoAnswer {
  return { kind: 'again', hopeless: true, problem: { title, status, errorClass: 'not-authorised' } };
}

const memoryKey = (call: DriverCall): string => `tryton ${call.credentials?.database ?? ''} ${call.credentials?.user ?? ''}`;

/** The database ends the system's address, unless it is named beside the user. */
function pathOf(call: DriverCall): string {
  const name = call.credentials?.database;
  return name === undefined || name === '' ? '/' : `/${encodeURIComponent(name)}/`;
}

function credentials(call: DriverCall): { readonly user: string; readonly password: string } {
  const { user, password } = call.credentials ?? {};
  if (user === undefined || user === '' || password === undefined) throw new DriverError('The system has no user or password for Tryton; write them into the system\'s sign-in.');
  return { user, password };
}

