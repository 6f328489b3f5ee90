/** The demo ERP: purchase orders, advance ship notices and goods receipts over HTTP, with faults on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { businessAnswer, confirmation, isWrite, refusal } from './business.ts';
import { CommitGroup } from './commit-group.ts';
import { Faults, readFaultSettings } from './faults.ts';
import { readReceiptRequest } from './goods-receipt.ts';
import { isProblem, problem, type Problem } from './problem.ts';
import { readSeedRequest } from './seed-request.ts';
import { ErpStore } from './store.ts';

export interface DemoErpOptions {
  /** File of the store, or ':memory:'. */
  readonly storePath: string;
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** Address to listen on, 127.0.0.1 by default. */
  readonly host?: string;
}

export interface DemoErp {
  readonly port: number;
  /** http://host:port */
  readonly url: string;
  readonly store: ErpStore;
  readonly faults: Faults;
  /** Stops listening, cuts the connections and closes the store. */
  close(): Promise<void>;
}

/** An answer: a status with JSON, and headers beyond the content type. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Request {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly message: IncomingMessage;
}

const MAX_BODY = 262_144;
const MAX_SEED_BODY = 268_435_456;

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function answerOf(fault: Problem): Answer {
  return { status: fault.status, body: fault };
}

function notFound(what: string): Answer {
  return answerOf(problem(404, 'not-found', what));
}

function readBody(message: IncomingMessage, limit: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    });
    message.on('error', reject);
    message.on('end', () => {
      if (size > limit) return resolve(problem(413, 'body-too-large', `The body may have ${limit} bytes.`));
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      } catch (error) {
        resolve(problem(400, 'malformed-json', (error as Error).message));
      }
    });
  });
}

class Service {
  readonly store: ErpStore;
  readonly faults = new Faults();
  readonly #commits: CommitGroup;
  readonly #counts = { requests: 0, posted: 0, replayed: 0, refused: 0 };

  constructor(store: ErpStore) {
    this.store = store;
    this.#commits = new CommitGroup(store);
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#counts.requests += 1;
    const url = message.url ?? '/';
    const question = url.indexOf('?');
    const pathname = question === -1 ? url : url.slice(0, question);
    const method = message.method ?? 'GET';
    const fault = pathname.startsWith('/_') ? 'none' : this.faults.draw(method, pathname);
    if (fault === 'down') {
      message.socket.destroy();
      return;
    }
    if (fault === 'error' || fault === 'rate-limit') {
      message.resume();
      send(response, this.#faultAnswer(fault));
      return;
    }
    if (fault === 'slow') await sleep(this.faults.settings.delayMs);
    const answer = await this.#route({
      method, message, path: pathname.slice(1).split('/').map(safeDecode),
      query: new URLSearchParams(question === -1 ? '' : url.slice(question + 1)),
    });
    if (fault === 'drop-after-commit') message.socket.destroy();
    else send(response, answer);
  }

  #faultAnswer(fault: 'error' | 'rate-limit'): Answer {
    const { retryAfterSeconds } = this.faults.settings;
    if (fault === 'rate-limit') return { ...answerOf(problem(429, 'rate-limited', 'Asked for by POST /_faults.')), headers: { 'retry-after': String(retryAfterSeconds ?? 1) } };
    const answer = answerOf(problem(this.faults.errorStatus(), 'injected-fault', 'Asked for by POST /_faults.'));
    return retryAfterSeconds === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfterSeconds) } };
  }

  async #route(request: Request): Promise<Answer> {
    const [resource, ...rest] = request.path;
    const isGet = request.method === 'GET' || request.method === 'HEAD';
    switch (resource) {
      case 'announcements': return isGet && rest.length === 0 ? this.#announced(request.query) : noMethod(isGet);
      case 'asns': return isGet && rest.length === 1 ? this.#asn(rest[0] as string) : noMethod(isGet);
      case 'purchase-orders': return isGet && rest[1] !== 'history' ? this.#purchaseOrder(rest, request.query) : this.#business(request, isGet);
      case 'goods-receipts': return isGet ? this.#receipts(rest, request.query) : request.method === 'POST' && rest.length === 0 ? this.#post(request.message) : noMethod(isGet);
      case '_faults': return isGet ? ok(this.faults.settings) : this.#setFaults(request.message);
      case '_seed': return request.method === 'POST' ? this.#seed(request.message) : noMethod(false);
      case '_stats': return isGet ? ok(this.#stats()) : noMethod(isGet);
      default: return this.#business(request, isGet);
    }
  }

  /** What the templates ask and post besides. */
  async #business({ method, path, query, message }: Request, isGet: boolean): Promise<Answer> {
    const gone = notFound(`There is no ${path.join('/')}.`);
    if (isGet) {
      const found = businessAnswer(this.store, path, query, Date.now());
      return found === undefined ? gone : ok(found);
    }
    const where = `/${path.map(encodeURIComponent).join('/')}`;
    if (!isWrite(where)) return noMethod(false);
    const key = message.headers['idempotency-key'];
    const body = method === 'DELETE' ? {} : await readBody(message, MAX_BODY);
    if (isProblem(body)) return answerOf(body);
    if (typeof key !== 'string' || !/^[!-~]{1,128}$/.test(key)) return answerOf(problem(400, 'idempotency-key-missing', 'Send an Idempotency-Key of 1 to 128 visible characters.'));
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return answerOf(problem(400, 'invalid-body', 'A JSON object was expected.'));
    const fields = body as Readonly<Record<string, unknown>>;
    const noted = await this.#commits.submit(() => this.store.notes.note(key, method, where, fields, new Date().toISOString(), () => refusal(this.store, method, where, fields)));
    this.#counts[noted.outcome] += 1;
    if (noted.outcome === 'refused') return answerOf(noted.problem);
    return { status: noted.outcome === 'posted' ? 201 : 200, body: confirmation(noted.note), ...(noted.outcome === 'replayed' ? { headers: { 'idempotent-replay': 'true' } } : {}) };
  }

  #asn(sscc: string): Answer {
    const asn = this.store.asn(sscc);
    return asn === undefined ? notFound(`No advance ship notice names the handling unit ${sscc}.`) : ok(asn);
  }

  /** What a handling unit was announced to hold; of loose goods the lines of their order. */
  #announced(query: URLSearchParams): Answer {
    const sscc = query.get('sscc');
    if (sscc !== null) return this.#asn(sscc);
    const [po, gtin] = [query.get('po'), query.get('gtin')];
    return po === null || gtin === null ? notFound('Say which handling unit (sscc), or which order and article (po, gtin).') : this.#purchaseOrder([po, 'lines'], query);
  }

  #purchaseOrder(rest: readonly string[], query: URLSearchParams): Answer {
    const [po = '', lines, line] = rest;
    if (rest.length === 3 && lines === 'lines' && line !== undefined) {
      const found = this.store.line(po, line);
      return found === undefined ? notFound(`There is no line ${po}/${line}.`) : ok(found);
    }
    if (rest.length > 2 || (rest.length === 2 && lines !== 'lines')) return notFound('There is no such resource.');
    const gtin = query.get('gtin') ?? undefined;
    const found = this.store.lines(po, rest.length === 2 ? gtin : undefined);
    if (found.length === 0) return notFound(gtin === undefined || rest.length === 1 ? `There is no purchase order ${po}.` : `Purchase order ${po} has no line for ${gtin}.`);
    return ok(rest.length === 2 ? { items: found } : { po, supplier: found[0]?.supplier, currency: found[0]?.currency, lines: found });
  }

  #receipts(rest: readonly string[], query: URLSearchParams): Answer {
    if (rest.length === 2 && rest[0] === 'by-key') {
      const receipt = this.store.receiptByKey(rest[1] as string);
      return receipt === undefined ? notFound(`No receipt was posted with the key ${rest[1]}.`) : ok(receipt);
    }
    if (rest.length !== 0) return notFound('There is no such resource.');
    const limit = Math.min(1000, Math.max(1, Number(query.get('limit') ?? 100) || 100));
    const filter = (name: string): Record<string, string> => {
      const value = query.get(name);
      return value === null ? {} : { [name]: value };
    };
    const items = this.store.receipts({ ...filter('reference'), ...filter('po'), ...filter('after'), limit: limit + 1 });
    const page = items.slice(0, limit);
    return ok(items.length > limit ? { items: page, next: page.at(-1)?.receipt } : { items: page });
  }

  async #post(message: IncomingMessage): Promise<Answer> {
    const key = message.headers['idempotency-key'];
    const body = await readBody(message, MAX_BODY);
    if (typeof key !== 'string' || !/^[!-~]{1,128}$/.test(key)) return answerOf(problem(400, 'idempotency-key-missing', 'Send an Idempotency-Key of 1 to 128 visible characters.'));
    if (isProblem(body)) return answerOf(body);
    const request = readReceiptRequest(body);
    if (isProblem(request)) return answerOf(request);
    const posting = await this.#commits.submit(() => this.store.post(key, request, new Date().toISOString()));
    this.#counts[posting.outcome] += 1;
    if (posting.outcome === 'refused') return answerOf(posting.problem);
    if (posting.outcome === 'replayed') return { status: 200, body: posting.receipt, headers: { 'idempotent-replay': 'true' } };
    return { status: 201, body: posting.receipt, headers: { location: `/goods-receipts/by-key/${encodeURIComponent(key)}` } };
  }

  async #setFaults(message: IncomingMessage): Promise<Answer> {
    const body = await readBody(message, MAX_BODY);
    const settings = isProblem(body) ? body : readFaultSettings(body);
    if (isProblem(settings)) return answerOf(settings);
    this.faults.set(settings);
    return ok(settings);
  }

  async #seed(message: IncomingMessage): Promise<Answer> {
    const body = await readBody(message, MAX_SEED_BODY);
    const data = isProblem(body) ? body : readSeedRequest(body);
    if (isProblem(data)) return answerOf(data);
    this.store.transaction(() => this.store.put(data));
    return ok({ lines: data.lines.length, asns: data.asns.length });
  }

  #stats(): unknown {
    return { ...this.store.counts(), ...this.#counts, commitGroups: this.#commits.groups, largestGroup: this.#commits.largest, faultsInjected: this.faults.injected };
  }
}

function noMethod(isGet: boolean): Answer {
  return isGet ? notFound('There is no such resource.') : answerOf(problem(405, 'method-not-allowed', 'The resource does not take this method.'));
}

function safeDecode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment; // names nothing we have, so it ends in 404
    throw error;
  }
}

function send(response: ServerResponse, answer: Answer): void {
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'content-type': isProblem(answer.body) ? 'application/problem+json' : 'application/json',
    'content-length': Buffer.byteLength(text),
    ...answer.headers,
  });
  response.end(text);
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Opens the store and starts listening. */
export async function createDemoErp(options: DemoErpOptions): Promise<DemoErp> {
  const host = options.host ?? '127.0.0.1';
  const store = new ErpStore(options.storePath);
  const service = new Service(store);
  const server = createServer((message, response) => {
    service.handle(message, response).catch((error: unknown) => {
      if (!message.socket.destroyed) send(response, answerOf(problem(503, 'store-unavailable', error instanceof Error ? error.message : String(error))));
    });
  });
  // longer than any client keeps an idle connection, so that it is never the server that closes under a request
  server.keepAliveTimeout = 75_000;
  let port: number;
  try {
    port = await listen(server, options.port ?? 0, host);
  } catch (error) {
    store.close();
    throw error;
  }
  return {
    port, store, faults: service.faults, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () => new Promise((resolve) => {
      server.close(() => {
        store.close();
        resolve();
      });
      server.closeAllConnections();
    }),
  };
}
