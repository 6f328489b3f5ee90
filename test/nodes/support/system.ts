import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: unknown }
export interface Answer { readonly status: number; readonly body?: unknown;
  /** In the place of a body as JSON. */
  readonly raw?: string; readonly headers?: Readonly<Record<string, string>>; readonly afterMs?: number }

function respond(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(answer.raw ?? (answer.body === undefined ? '' : JSON.stringify(answer.body)));
}

/** A system that nodes call: a real HTTP server whose answers the test gives. */
export class OtherSystem {
  readonly url: string;
  readonly asked: Asked[] = [];
  readonly #server: Server;
  /** What it answers; `hang-up` breaks the connection after the request was read. */
  answer: (asked: Asked, nth: number) => Answer | 'hang-up' = () => ({ status: 200, body: { ok: true } });

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const asked: Asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: text === '' ? undefined : /form-urlencoded|edi/.test(request.headers['content-type'] ?? '') ? text : JSON.parse(text) };
        this.asked.push(asked);
        const answer = this.answer(asked, this.asked.length);
        if (answer === 'hang-up') {
          request.socket.destroy();
          return;
        }
        if (answer.afterMs === undefined) respond(response, answer);
        else setTimeout(() => { respond(response, answer); }, answer.afterMs);
      });
    });
  }

  static async start(): Promise<OtherSystem> {
    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return new OtherSystem(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => { this.#server.close(() => { resolve(); }); });
  }
}
