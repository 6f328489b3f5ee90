import { learnServerTime } from './server-clock.ts';
import type { JsonObject } from './types.ts';

/** A refused or failed request. `code` is the problem's stable code, or `offline` when no answer came. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: string;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, status: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Address of the app, with a slash at its end: from `<base>`, so it works wherever the server mounts it. */
export const appBase: string = new URL('.', document.baseURI).pathname;

let csrfToken: string | undefined;
let onSignedOut: () => void = () => undefined;

export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** Called when the server no longer knows the session. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** A key that makes a command happen once, however often it is sent. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What a person gives to decide on a shared device: the PIN, and whose it is when not the signed-in person's. */
export interface Pin { readonly pin: string; readonly as?: string }
let askPin: (problem: ApiProblem) => Promise<Pin | undefined> = () => Promise.resolve(undefined);

/** Who asks for the PIN of a shared device; `undefined` when the person gave up. */
export function whenPinRequired(ask: (problem: ApiProblem) => Promise<Pin | undefined>): void {
  askPin = ask;
}

/** Tells that the session is gone, wherever that was noticed. */
export function noteSignedOut(): void {
  onSignedOut();
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
interface Options { readonly method?: Method; readonly json?: unknown; readonly blob?: Blob;  readonly idempotencyKey?: string | undefined; readonly signal?: AbortSignal | undefined; readonly pin?: Pin }

/** No answer within this time counts as none; what was sent may still arrive, under the same key. */
const TIMEOUT_MS = 20_000;
/** A photo over a weak line takes longer. */
const UPLOAD_TIMEOUT_MS = 90_000;

async function request(path: string, options: Options): Promise<Response> {
  const { method = 'GET', json, blob, idempotencyKey, signal, pin } = options;
  const headers: Record<string, string> = {
    Accept: 'application/json, application/problem+json',
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }), ...(blob === undefined ? {} : { 'Content-Type': blob.type }),
    ...(method === 'GET' || csrfToken === undefined ? {} : { 'X-Waybill-CSRF': csrfToken }),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
    ...(pin === undefined ? {} : { 'X-Waybill-Pin': pin.pin, ...(pin.as === undefined ? {} : { 'X-Waybill-As': encodeURIComponent(pin.as) }) }),
  };
  const started = Date.now();
  const timeout = AbortSignal.timeout(blob === undefined ? TIMEOUT_MS : UPLOAD_TIMEOUT_MS);
  try {
    const response = await fetch(`${appBase}${path}`, {
      method, headers, credentials: 'same-origin', cache: 'no-store',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(json === undefined ? {} : { body: JSON.stringify(json) }), ...(blob === undefined ? {} : { body: blob }),
    });
    learnServerTime(response.headers.get('Date'), started, Date.now());
    return response;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiProblem('offline', 0, (error as Error).message);
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text();
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  try {
    const body = JSON.parse(text) as { code?: string; detail?: string };
    return new ApiProblem(body.code ?? 'unknown', response.status, body.detail ?? response.statusText, seconds);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new ApiProblem('unknown', response.status, `${response.status} ${response.statusText}`, seconds);
  }
}

async function checked(path: string, options: Options): Promise<Response> {
  const response = await request(path, options);
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.code === 'not-signed-in') onSignedOut();
  if (options.method === undefined || options.method === 'GET' || (problem.code !== 'pin-required' && problem.code !== 'pin-wrong')) throw problem;
  const pin = await askPin(problem);
  if (pin === undefined) throw problem;
  // The same command under the same key: asked for the PIN or not, it is done once.
  return await checked(path, { ...options, pin });
}

async function command<T>(method: Method, path: string, json: JsonObject | undefined, idempotencyKey: string | undefined): Promise<T> {
  const response = await checked(`api/v1/${path}`, { method, idempotencyKey, ...(json === undefined ? {} : { json }) });
  const text = response.status === 204 ? '' : await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Reads JSON from the API. @throws ApiProblem */
export async function get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}, signal?: AbortSignal): Promise<T> {
  const pairs = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== '');
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  const response = await checked(`api/v1/${path}${search === '' ? '' : `?${search}`}`, signal === undefined ? {} : { signal });
  return await response.json() as T;
}

export async function getText(path: string): Promise<string> {
  return await (await checked(`api/v1/${path}`, {})).text();
}

/** Sends a command. The same key with the same command never does it twice. @throws ApiProblem */
export async function post<T = undefined>(path: string, json: JsonObject | undefined, idempotencyKey?: string): Promise<T> {
  return await command('POST', path, json, idempotencyKey);
}

/** Sends a file as it is. @throws ApiProblem */
export async function upload<T>(path: string, blob: Blob): Promise<T> {
  return await (await checked(`api/v1/${path}`, { method: 'POST', blob })).json() as T;
}

/** Puts something in the place of what is there. @throws ApiProblem */
export async function put<T = undefined>(path: string, json: JsonObject, idempotencyKey?: string): Promise<T> {
  return await command('PUT', path, json, idempotencyKey);
}

/** Changes a part. @throws ApiProblem */
export async function patch<T = undefined>(path: string, json: JsonObject, idempotencyKey?: string): Promise<T> {
  return await command('PATCH', path, json, idempotencyKey);
}

export async function remove<T = undefined>(path: string, json?: JsonObject): Promise<T> {
  return await command('DELETE', path, json, undefined);
}

/** Health of the server, which everybody may ask. */
export async function readiness(signal?: AbortSignal): Promise<{ readonly status: string; readonly reason?: string }> {
  const response = await request('readyz', signal === undefined ? {} : { signal });
  return await response.json() as { status: string; reason?: string };
}
