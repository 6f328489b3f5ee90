import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDemoErp } from '../../../demo/erp/server.ts';
import type { DemoErp } from '../../../demo/erp/server.ts';
import type { Boundary } from './boundary.ts';

/** What the gate saw of one request. */
export interface SeenRequest { readonly key: string; readonly reference: string }

export const orderLine = { po: '4500000001', line: '00010', gtin: '09506000134352', ordered: '100000', unit: 'PCE' } as const;

/**
 * The demo ERP, which survives, behind a gate that can end its caller when a request arrives, when its work is
 * committed and unanswered, or when it is answered.
 */
export class ErpGate {
  readonly #erp: DemoErp;
  readonly #server: Server;
  readonly seen: SeenRequest[] = [];
  #kill: { readonly boundary: Extract<Boundary, { kind: 'effect' }>; readonly victim: () => Promise<unknown> } | undefined;
  #requests = 0;

  private constructor(erp: DemoErp, server: Server) {
    this.#erp = erp;
    this.#server = server;
  }

  static async open(): Promise<ErpGate> {
    const erp = await createDemoErp({ storePath: ':memory:' });
    await fetch(`${erp.url}/_seed`, { method: 'POST', body: JSON.stringify({ lines: [orderLine], asns: [] }) });
    const server = createServer();
    const gate = new ErpGate(erp, server);
    server.on('request', (request, response) => {
      gate.#pass(request, response).catch((error: unknown) => { response.writeHead(502).end(String(error)); });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  get requests(): number {
    return this.#requests;
  }
  /** Goods receipts that the ERP holds for a case. */
  receiptsOf(caseId: string): number {
    return this.#erp.store.receipts({ reference: caseId, limit: 100 }).length;
  }

  /** What the ERP does to the requests that come first: refuses one for now, or does its work and breaks the line off. */
  faults: readonly ('busy' | 'broken-off')[] = [];

  /** Forgets earlier requests and ends `victim` at the boundary. */
  arm(boundary: Extract<Boundary, { kind: 'effect' }> | undefined, victim: () => Promise<unknown>): void {
    this.#requests = 0;
    this.#kill = boundary === undefined ? undefined : { boundary, victim };
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const n = ++this.#requests;
    const kill = this.#kill?.boundary.n === n ? this.#kill : undefined;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (body.length > 0) this.seen.push({ key: String(request.headers['idempotency-key'] ?? ''), reference: String((JSON.parse(body.toString()) as { reference?: unknown }).reference) });
    if (kill?.boundary.at === 'arrived') {
      await kill.victim();
      return;
    }
    const fault = this.faults[n - 1];
    if (fault === 'busy') {
      response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
      if (kill !== undefined) await kill.victim();
      return;
    }
    const answer = await fetch(`${this.#erp.url}${request.url ?? '/'}`, {
      method: request.method ?? 'GET', headers: { 'content-type': 'application/json', 'idempotency-key': String(request.headers['idempotency-key'] ?? '') },
      ...(body.length === 0 ? {} : { body }),
    });
    const text = await answer.text();
    if (kill?.boundary.at === 'committed') {
      await kill.victim();
      return;
    }
    if (fault === 'broken-off') {
      request.socket.destroy();
      if (kill !== undefined) await kill.victim();
      return;
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' }).end(text);
    if (kill?.boundary.at === 'answered') response.once('finish', () => { void kill.victim(); });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => { this.#server.close(() => resolve()); });
    await this.#erp.close();
  }
}
