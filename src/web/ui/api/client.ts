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

interface Options { readonly method?: 'GET' | 'POST' | 'DELETE'; readonly json?: unknown; readonly idempotencyKey?: string; readonly signal?: AbortSignal }

async function request(path: string, options: Options): Promise<Response> {
  const { method = 'GET', json, idempotencyKey, signal } = options;
  const headers: Record<string, string> = {
    Accept: 'application/json, application/problem+json',
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(method === 'GET' || csrfToken === undefined ? {} : { 'X-Waybill-CSRF': csrfToken }),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
  };
  let response: Response;
  try {
    response = await fetch(`${appBase}${path}`, {
      method, headers, credentials: 'same-origin', cache: 'no-store',
      ...(json === undefined ? {} : { body: JSON.stringify(json) }), ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiProblem('offline', 0, (error as Error).message);
  }
  return response;
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
  throw problem;
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
  const response = await checked(`api/v1/${path}`, {
    method: 'POST', ...(json === undefined ? {} : { json }), ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function remove(path: string): Promise<void> {
  await checked(`api/v1/${path}`, { method: 'DELETE' });
}

/** Health of the server, which everybody may ask. */
export async function readiness(signal?: AbortSignal): Promise<{ readonly status: string; readonly reason?: string }> {
  const response = await request('readyz', signal === undefined ? {} : { signal });
  return await response.json() as { status: string; reason?: string };
}
