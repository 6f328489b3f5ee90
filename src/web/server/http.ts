import type { IncomingMessage, ServerResponse } from 'node:http';
import { isTooDeep, MAX_JSON_LEVELS } from './json-depth.ts';
import { problem, problemDocument, WebError } from './problems.ts';
import type { Client } from './reach/client.ts';

/** Largest body that a request may have. */
export const MAX_BODY_BYTES = 256 * 1024;

/** What the handlers see of a request. Only Node's own API: the host may be Express 4 or 5. */
export type Request = IncomingMessage & {
  originalUrl?: string; baseUrl?: string; params?: Record<string, string | string[]>; body?: unknown;
  /** Where the router is mounted, normally `/waybill`; set by the router's first handler. */
  waybillBase?: string;
  /** How the client reaches us, past declared proxies; set by the router's first handler. */
  waybillClient?: Client;
};
export type Response = ServerResponse;

/** Path of the request as the client sent it, without the query; of an absolute form (RFC 9112 §3.2.2) as well. */
export function requestPath(request: Request): string {
  const url = (request.originalUrl ?? request.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '');
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** The query's last value for each name. */
export function queryOf(request: Request): Record<string, string> {
  const url = request.originalUrl ?? request.url ?? '/';
  const start = url.indexOf('?');
  return start < 0 ? {} : Object.fromEntries(new URLSearchParams(url.slice(start + 1)));
}

/** First value of a header that may come several times. */
export function headerOf(request: Request, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Reads a JSON body of at most 256 KiB; undefined when there is none. Takes what a parser of the host
 * left in `request.body` when it was read already.
 * @throws WebError `body-too-large`, `media-type`, `body-malformed`
 */
export async function readJson(request: Request): Promise<unknown> {
  if (request.readableEnded && request.body !== undefined) return shallow(request.body);
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw problem('body-too-large');
  const bytes = await collected(request, MAX_BODY_BYTES, () => problem('body-too-large', undefined, { headers: { Connection: 'close' } }));
  if (bytes.length === 0) return undefined;
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headerOf(request, 'content-type') ?? '')) throw problem('media-type');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw problem('body-malformed', `The body is not JSON: ${(error as Error).message}`, { cause: error });
  }
  return shallow(value);
}

function shallow(value: unknown): unknown {
  if (isTooDeep(value)) throw problem('body-malformed', `The body is nested deeper than ${MAX_JSON_LEVELS} levels; send it flatter.`);
  return value;
}

/**
 * Reads a body of bytes as it is.
 * @throws WebError `media-type`, `body-too-large`, `body-malformed`
 */
export async function readBytes(request: Request, limits: { readonly types: readonly string[]; readonly maxBytes: number }): Promise<{ readonly type: string; readonly bytes: Uint8Array }> {
  const type = (headerOf(request, 'content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (!limits.types.includes(type)) throw problem('media-type', `The body must be one of ${limits.types.join(', ')}.`);
  const tooLarge = (): Error => problem('body-too-large', `The body is larger than ${Math.floor(limits.maxBytes / 1024 / 1024)} MiB.`, { headers: { Connection: 'close' } });
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) throw tooLarge();
  const bytes = await collected(request, limits.maxBytes, tooLarge);
  if (bytes.length === 0) throw problem('body-malformed', 'The body is empty.');
  return { type, bytes };
}

/** Reads a body to its end; no more than so many bytes of it are kept. */
async function collected(request: Request, maxBytes: number, tooLarge: () => Error): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Headers of every answer. The policy allows our own files and nothing inline. */
const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
    "manifest-src 'self'", "worker-src 'self'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not `no-referrer`: with it browsers send `Origin: null` with forms, which the same-origin check refuses.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/** Sets the headers that every answer carries. */
export function setSecurityHeaders(response: Response): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
}

/** An answer. `json` is sent as JSON, `body` as it is. */
export interface Reply {
  readonly status: number;
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Takes the response over after its headers, for an answer without an end. */
  readonly stream?: (response: Response) => void;
}

/** Sends an answer; API answers are never stored by caches unless their headers say so. */
export function send(request: Request, response: Response, reply: Reply): void {
  if (response.headersSent) return;
  const body = reply.json === undefined ? reply.body : JSON.stringify(reply.json);
  response.statusCode = reply.status;
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value as string | string[]);
  if (reply.stream !== undefined && request.method !== 'HEAD') {
    response.setHeader('Content-Type', reply.contentType ?? 'application/octet-stream');
    response.flushHeaders();
    reply.stream(response);
    return;
  }
  if (body === undefined) {
    response.end();
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  response.setHeader('Content-Type', reply.contentType ?? 'application/json; charset=utf-8');
  response.setHeader('Content-Length', bytes.byteLength);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Sends a problem document; what is no {@link WebError} becomes `internal` and goes to `log` whole. */
export function sendProblem(request: Request, response: Response, error: unknown, log: (message: string) => void): void {
  const known = error instanceof WebError ? error : problem('internal', undefined, { cause: error });
  if (known.code === 'internal') {
    // A link that stands for a person is not for the log.
    log(`${request.method ?? '?'} ${requestPath(request).replace(/(\/(?:sign-in|absence)\/)[\w.-]{20,}/, '$1…')}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  }
  send(request, response, {
    status: known.status, json: problemDocument(known, requestPath(request)), contentType: 'application/problem+json', headers: known.headers,
  });
}
