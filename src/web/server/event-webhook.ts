import type { IncomingMessage } from 'node:http';
import express from 'express';
import { eventEndpoint } from '../../engine/intake/event-endpoint.ts';
import type { EventAnswer } from '../../engine/intake/event-endpoint.ts';
import { send, sendProblem, type Request, type Response } from './http.ts';

/** Serves the addresses of event in nodes: `POST` and `OPTIONS /events/<path>`. Who may send is the node's business. */
export function createEventWebhookRouter(log: (message: string) => void): express.Router {
  const router = express.Router({ caseSensitive: true });
  router.all('/:path', (request: Request, response: Response, next: () => void) => {
    if (request.method !== 'POST' && request.method !== 'OPTIONS') {
      next();
      return;
    }
    const path = String((request as unknown as { readonly params: Readonly<Record<string, string>> }).params['path']);
    handle(request, path).then((answer) => reply(request, response, answer), (error: unknown) => sendProblem(request, response, error, log));
  });
  return router;
}

async function handle(request: Request, path: string): Promise<EventAnswer> {
  const endpoint = eventEndpoint(path);
  if (!('admit' in endpoint)) return endpoint;
  if (request.method === 'OPTIONS') return endpoint.handshake(request.headers);
  const admitted = endpoint.admit(request.headers);
  if (!('sender' in admitted)) return admitted;
  const body = await bounded(request, endpoint.options.maxBytes);
  return body === undefined ? endpoint.tooLarge() : endpoint.take(request.headers, body, admitted.sender);
}

/** The body; undefined when it is larger than it may be. */
async function bounded(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reply(request: Request, response: Response, { status, headers = {}, problem, results }: EventAnswer): void {
  // what was not read of a body would be taken for the next request
  const closing = request.complete ? {} : { Connection: 'close' };
  const told = results === undefined ? {} : { results };
  if (problem === undefined) {
    send(request, response, { status, headers: { ...headers, ...closing }, ...(results === undefined ? {} : { json: told }) });
    return;
  }
  send(request, response, {
    status, headers: { ...headers, ...closing }, contentType: 'application/problem+json',
    json: { type: `urn:waybill:problem:${problem.code}`, title: problem.title, status, detail: problem.detail, code: problem.code, ...told },
  });
}
