import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is done to a request: an answer in the server's place, or something to the server's own answer. `lost`: the server acts and nobody hears of it. */
export type Fault = { readonly status: number; readonly headers?: { readonly [name: string]: string }; readonly body?: string } | 'half' | 'lost' | 'refused-connection' | 'web-page';

/** Stands in front of an HTTP server on loopback and does to its exchanges what the test says. */
export class FaultProxy {
  readonly #server: Server;
  readonly #to: number;
  readonly #fault: (request: IncomingMessage) => Fault | undefined;
  readonly counts: Record<string, number> = {};

  private constructor(to: number, fault: (request: IncomingMessage) => Fault | undefined) {
    this.#to = to;
    this.#fault = fault;
    this.#server = createServer((incoming, response) => { this.#pass(incoming, response); });
  }

  static async start(to: number, fault: (request: IncomingMessage) => Fault | undefined): Promise<FaultProxy> {
    const proxy = new FaultProxy(to, fault);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string { return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(incoming: IncomingMessage, response: ServerResponse): void {
    const fault = this.#fault(incoming);
    const name = fault === undefined ? 'passed' : typeof fault === 'string' ? fault : String(fault.status);
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    if (fault === 'refused-connection') {
      incoming.socket.destroy();
      return;
    }
    if (typeof fault === 'object') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '');
      return;
    }
    const outgoing = request({ port: this.#to, host: 'localhost', path: incoming.url, method: incoming.method, headers: incoming.headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        if (fault === 'lost') response.destroy();
        else if (fault === 'web-page') response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><html><head><title>Sign in</title></head></html>');
        else if (fault === 'half') {
          response.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-length': String(Math.max(body.length, 2)) });
          response.write(body.subarray(0, Math.floor(body.length / 2)), () => { setImmediate(() => response.destroy()); });
        } else {
          const { 'transfer-encoding': _chunked, ...headers } = answer.headers;
          response.writeHead(answer.statusCode ?? 500, { ...headers, 'content-length': String(body.length) }).end(body);
        }
      });
      answer.on('error', () => response.destroy());
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  }
}
