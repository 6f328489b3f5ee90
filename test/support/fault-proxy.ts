import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../scripts/lib/free-port.ts';

/** What goes wrong with one request, and what the server behind has seen of it. */
export type Fault =
  /** Answered by what stands in between; the server sees nothing. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** Nothing goes wrong. */
  | { readonly kind: 'none' }
  /** Answered by a page to sign in, as a proxy of the company does it; the server has done it. */
  | { readonly kind: 'web-page' }
  /** The line breaks before the server gets it. */
  | { readonly kind: 'cut-before' }
  /** The server does it, and its answer is lost. */
  | { readonly kind: 'cut-after' }
  /** The server does it, and half of its answer arrives before the line breaks. */
  | { readonly kind: 'half' }
  /** The server does it, and half of its answer arrives as if it were whole. */
  | { readonly kind: 'half-sealed' }
  /** The server gets it late, when the caller has given up and asked again. */
  | { readonly kind: 'late'; readonly ms: number }
  /** The server does it at once, and its answer comes late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The server does it, and `then` happens before the answer is passed on: a kill of the caller. */
  | { readonly kind: 'then'; readonly then: () => Promise<void> }
  /** `then` happens before the server gets it: a token that ends on the way. */
  | { readonly kind: 'first'; readonly then: () => Promise<void> }
  /** `then` happens while the server works on it: a kill of the server. */
  | { readonly kind: 'while'; readonly then: () => Promise<void> };

/** `at` is looked for in method, path and body: `POST /books/`, a line break, the body. */
export interface PlannedFault { readonly at: RegExp; readonly fault: Fault }

/** Stands in front of an HTTP server on loopback. Each planned fault strikes once, at the first request that fits when its turn has come. */
export class FaultProxy {
  readonly port: number;
  readonly #to: number;
  readonly #server: Server;
  readonly #pending = new Set<Promise<void>>();
  plan: PlannedFault[] = [];
  /** Those that have struck. */
  readonly struck: PlannedFault[] = [];

  private constructor(port: number, to: number) {
    this.port = port;
    this.#to = to;
    this.#server = createServer((incoming, outgoing) => {
      const work = this.#pass(incoming, outgoing).catch((error: unknown) => { outgoing.destroy(error instanceof Error ? error : undefined); });
      this.#pending.add(work);
      void work.finally(() => this.#pending.delete(work));
    });
  }

  static async start(to: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(await freePort(), to);
    proxy.#server.listen(proxy.port, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Until nothing that came late is still on its way to the server. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.settled();
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [next] = this.plan;
    const fault = next?.at.test(`${incoming.method ?? ''} ${incoming.url ?? ''}\n${body.toString('utf8')}`) === true ? next.fault : undefined;
    if (next !== undefined && fault !== undefined) {
      this.plan.shift();
      this.struck.push(next);
    }
    if (fault?.kind === 'status') return void outgoing.writeHead(fault.status, { 'content-type': 'text/plain', ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }) }).end('Not now.');
    if (fault?.kind === 'cut-before') return void outgoing.destroy();
    if (fault?.kind === 'late') await delay(fault.ms);
    if (fault?.kind === 'first') await fault.then();
    const answering = this.#forward(incoming, body);
    if (fault?.kind === 'while') {
      await delay(40);
      await fault.then();
    }
    const answer = await answering;
    if (fault?.kind === 'then') await fault.then();
    if (fault?.kind === 'slow') await delay(fault.ms);
    if (answer === undefined || fault?.kind === 'cut-after') return void outgoing.destroy();
    if (fault?.kind === 'web-page') return void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><html><head><title>Sign in</title></head></html>');
    const { 'content-length': _length, connection: _connection, 'transfer-encoding': _coding, ...headers } = answer.headers;
    const half = fault?.kind === 'half' || fault?.kind === 'half-sealed' ? answer.body.subarray(0, Math.floor(answer.body.length / 2)) : answer.body;
    outgoing.writeHead(answer.status, { ...headers, 'content-length': fault?.kind === 'half' ? answer.body.length : half.length });
    if (fault?.kind !== 'half') return void outgoing.end(half);
    outgoing.write(half, () => setTimeout(() => outgoing.destroy(), 20));
  }

  /** Undefined when the server broke off. */
  #forward(incoming: IncomingMessage, body: Buffer): Promise<{ readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer } | undefined> {
    return new Promise((resolve) => {
      const { host: _host, connection: _connection, ...headers } = incoming.headers;
      const onward = request({ host: '127.0.0.1', port: this.#to, method: incoming.method ?? 'POST', path: incoming.url ?? '/', headers: { ...headers, connection: 'close' } });
      onward.on('error', () => resolve(undefined));
      onward.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(undefined));
        response.on('end', () => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(chunks) }));
      });
      onward.end(body);
    });
  }
}
