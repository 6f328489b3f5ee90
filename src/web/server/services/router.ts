import { X509Certificate } from 'node:crypto';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import express from 'express';
import type { Waybill } from '../../../engine/api.ts';
import { ServiceDesk } from '../../../engine/offered/desk.ts';
import { problemReply, unavailable } from '../../../engine/offered/reply.ts';
import type { ServiceReply } from '../../../engine/offered/reply.ts';
import { shownCertificate } from '../../../engine/offered/request.ts';
import type { ServiceRequest, ShownCertificate } from '../../../engine/offered/request.ts';
import { headerOf, requestPath, send, sendProblem, type Request, type Response } from '../http.ts';

/** For how long the rest of a body is thrown away after its answer, ms. */
const LINGER_MS = 1_000;
/** How long a body may take from the first byte to the last, ms. */
const BODY_MS = 30_000;

/** Headers of which Node takes the first, and a proxy on the way perhaps another. */
const ONCE: ReadonlySet<string> = new Set(['authorization', 'content-type', 'idempotency-key', 'webhook-id', 'webhook-timestamp']);

/** @param raw names and values in turns */
function headerTwice(raw: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return raw.find((name, i) => {
    const lower = name.toLowerCase();
    if (i % 2 === 1 || !ONCE.has(lower)) return false;
    const before = seen.has(lower);
    seen.add(lower);
    return before;
  });
}

export interface ServiceRouterOptions {
  readonly waybill: () => Waybill | undefined;
  readonly log: (line: string) => void;
  /** Declared proxies show client certificates in `Client-Cert` (RFC 9440), and take away what a client writes there. */
  readonly proxyShowsCertificates: boolean;
}

/** Serves what Waybill offers other systems, below `/services`. */
export function createServiceRouter({ waybill, log, proxyShowsCertificates }: ServiceRouterOptions): express.Router {
  const router = express.Router({ caseSensitive: true });
  let desk: { readonly of: Waybill; readonly desk: ServiceDesk } | undefined;
  router.use((request: Request, response: Response) => {
    const engine = waybill();
    if (engine === undefined) {
      reply(request, response, unavailable());
      return;
    }
    const twice = headerTwice(request.rawHeaders);
    if (twice !== undefined) {
      reply(request, response, problemReply(400, 'header-twice', 'A header came twice.', `It is not known which ${twice} counts; send it once.`));
      return;
    }
    if (desk?.of !== engine) desk = { of: engine, desk: new ServiceDesk(engine, log) };
    desk.desk.handle(asked(request, response, proxyShowsCertificates)).then((answer) => reply(request, response, answer), (error: unknown) => sendProblem(request, response, error, log));
  });
  return router;
}

function asked(request: Request, response: Response, proxyShows: boolean): ServiceRequest {
  const base = `${request.waybillBase ?? ''}/services`;
  const url = request.originalUrl ?? request.url ?? '/';
  const query = url.indexOf('?');
  const gone = Promise.withResolvers<undefined>();
  response.once('close', () => { gone.resolve(undefined); });
  return {
    method: request.method ?? 'GET', path: requestPath(request).slice(base.length), query: new URLSearchParams(query < 0 ? '' : url.slice(query + 1)),
    headers: request.headers, certificate: certificateOf(request, proxyShows), base, body: (maxBytes, hurry) => body(request, maxBytes, hurry), gone: gone.promise,
  };
}

/** Of the connection itself; behind a declared proxy that shows certificates, what the proxy says. */
function certificateOf(request: Request, proxyShows: boolean): ShownCertificate | undefined {
  if (request.waybillClient?.proxied === true) {
    const given = proxyShows ? /^:([A-Za-z0-9+/]+=*):$/.exec(headerOf(request, 'client-cert') ?? '')?.[1] : undefined; // RFC 9440 §2.2
    return given === undefined ? undefined : readCertificate(Buffer.from(given, 'base64'), true);
  }
  const socket = request.socket as TLSSocket;
  if (typeof socket.getPeerCertificate !== 'function') return undefined;
  const { raw } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  return raw === undefined ? undefined : readCertificate(raw, socket.authorized);
}

function readCertificate(der: Buffer, trusted: boolean): ShownCertificate | undefined {
  try {
    return shownCertificate(new X509Certificate(der), trusted);
  } catch {
    return undefined;
  }
}

/** Reads a body to its end, or as far as it may go. */
async function body(request: Request, maxBytes: number, hurry?: AbortSignal): Promise<Uint8Array | 'too-large' | 'too-slow' | 'broken'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return 'too-large';
  const chunks: Buffer[] = [];
  let size = 0;
  return await new Promise((resolve) => {
    const end = (result: Uint8Array | 'too-large' | 'too-slow' | 'broken'): void => {
      clearTimeout(timer);
      hurry?.removeEventListener('abort', slow);
      request.off('data', take).off('end', whole).off('close', broken).off('error', broken);
      if (!(result instanceof Uint8Array)) request.pause();
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) end('too-large');
      else chunks.push(chunk);
    };
    const whole = (): void => end(Buffer.concat(chunks));
    const broken = (): void => end('broken');
    const slow = (): void => end('too-slow');
    const timer = setTimeout(slow, BODY_MS).unref();
    hurry?.addEventListener('abort', slow);
    request.on('data', take).once('end', whole).once('close', broken).once('error', broken);
  });
}

function reply(request: Request, response: Response, { status, headers = {}, body: content, bytes, contentType }: ServiceReply): void {
  const body = bytes ?? (content === undefined ? undefined : Buffer.from(JSON.stringify(content)));
  const type = contentType ?? (bytes === undefined ? 'application/json' : 'application/octet-stream');
  if (request.complete || body === undefined) {
    send(request, response, { status, headers: { ...headers, ...(request.complete ? {} : { Connection: 'close' }) }, ...(body === undefined ? {} : { body, contentType: type }) });
    return;
  }
  // What was not read of a body would be taken for the next request.
  send(request, response, {
    status, headers: { ...headers, 'Connection': 'close', 'Content-Length': String(body.byteLength) }, contentType: type,
    stream: (open) => {
      open.write(body);
      lingering(request, open);
    },
  });
}

/** A connection that is closed over bytes that nobody has read is reset, and the answer may be lost with it: they are thrown away for a moment. */
function lingering(request: Request, response: Response): void {
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS).unref();
  request.once('end', end).once('close', end).resume();
}
