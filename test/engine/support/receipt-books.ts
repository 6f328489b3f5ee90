import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express from 'express';
import type { Request, Response } from 'express';

/** What a request is met with, instead of an answer. */
export type Fault = 'slow' | 'too-many' | 'away' | 'half-answer' | 'no-answer' | 'redirect' | 'endless';

/** An Express server that books receipts, each key once, and fails as it is told. What it has booked outlives its restarts, as a database would. */
export class ReceiptBooks {
  /** Receipt numbers by idempotency key. */
  readonly booked = new Map<string, { readonly number: string; readonly document: { readonly id: string; readonly quantity: string } }>();
  readonly requests: { readonly id: string; readonly key: string }[] = [];
  readonly met = new Map<Fault, number>();
  readonly #faults: ReadonlyMap<string, Fault>;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #tokens = 0;
  /** How many requests a token is taken for. */
  #left = 0;

  /** @param faults by the id of a receipt: what its first request is met with */
  constructor(faults: ReadonlyMap<string, Fault>) {
    this.#faults = faults;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const app = express();
    app.use(express.json(), express.urlencoded());
    app.post('/token', (_request, response) => {
      this.#left = 12;
      response.json({ access_token: `t${++this.#tokens}`, expires_in: 3_600, token_type: 'Bearer' });
    });
    app.post('/api/receipts', (request, response) => { this.#book(request, response); });
    const server = createServer(app);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => { server.listen(this.#port, '127.0.0.1', resolve); });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Ends at once, with whatever is under way. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => { this.#server?.close(() => { resolve(); }); });
  }

  #book(request: Request, response: Response): void {
    const { id } = request.body as { readonly id: string };
    const key = request.get('idempotency-key') ?? '';
    if (request.get('authorization') !== `Bearer t${this.#tokens}` || this.#left-- <= 0) {
      response.status(401).end();
      return;
    }
    const first = !this.requests.some((each) => each.id === id);
    this.requests.push({ id, key });
    const fault = first ? this.#faults.get(id) : undefined;
    if (fault !== undefined) this.met.set(fault, (this.met.get(fault) ?? 0) + 1);
    switch (fault) {
      case 'too-many': response.status(429).set('retry-after', '1').end(); return;
      case 'away': response.status(503).end(); return;
      case 'redirect': response.redirect(307, 'http://127.0.0.1:9/elsewhere'); return;
      default:
    }
    const { number } = this.#take(key, request.body as { id: string; quantity: string });
    switch (fault) {
      case 'slow': setTimeout(() => { response.status(201).json({ number }); }, 3_000).unref(); return;
      case 'no-answer': request.socket.destroy(); return;
      case 'half-answer':
        response.writeHead(201, { 'content-type': 'application/json', 'content-length': '500' });
        response.write('{"number":"half');
        setTimeout(() => request.socket.destroy(), 20);
        return;
      case 'endless': {
        response.on('error', () => response.destroy());
        response.writeHead(201, { 'content-type': 'application/json' });
        const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(65_536, '['))); };
        response.on('drain', more);
        more();
        return;
      }
      default: response.status(201).json({ number });
    }
  }

  #take(key: string, document: { readonly id: string; readonly quantity: string }): { readonly number: string } {
    let receipt = this.booked.get(key);
    if (receipt === undefined) this.booked.set(key, receipt = { number: `GR-${this.booked.size + 1}`, document });
    return receipt;
  }
}
