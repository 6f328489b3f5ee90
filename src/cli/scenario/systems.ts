import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { ScriptedAnswer, ScriptedSystem } from './format.ts';
import { fits } from './match.ts';

/** A request that a system has read. */
export interface ReceivedCall extends JsonObject {
  readonly method: string; readonly path: string; readonly query: { readonly [name: string]: string }; readonly body: Json;
  readonly headers: { readonly [name: string]: string };
  /** Idempotency-Key, or null. */
  readonly key: string | null;
  /** What it was answered: a status, `hang` or `reset`. */
  readonly answered: string | number;
}

/** Another system on a loopback port of its own, which answers as a scenario says. It outlives the runtime that calls it. */
export class ScriptedHttpSystem {
  readonly name: string;
  readonly calls: ReceivedCall[] = [];
  readonly #server: Server;
  readonly #held = new Set<IncomingMessage>();
  #answers: { readonly answer: ScriptedAnswer; left: number }[] = [];
  #otherwise: ScriptedAnswer = { status: 200, body: {} };
  #port = 0;

  private constructor(name: string) {
    this.name = name;
    this.#server = createServer((request, response) => { void this.#serve(request, response); });
    // A connection that is kept alive past its request could be taken for one that was used and broke.
    this.#server.keepAliveTimeout = 1;
  }

  static async open(name: string, script: ScriptedSystem): Promise<ScriptedHttpSystem> {
    const system = new ScriptedHttpSystem(name);
    await system.#listen();
    await system.set(script);
    return system;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  /** Requests that are left without an answer now. */
  get held(): number {
    return this.#held.size;
  }

  /** Answers in the order given; what is left of earlier ones is forgotten when there are new ones. */
  async set(script: ScriptedSystem): Promise<void> {
    if (script.answers !== undefined) this.#answers = script.answers.map((answer) => ({ answer, left: answer.times ?? 1 }));
    if (script.otherwise !== undefined) this.#otherwise = script.otherwise;
    if (script.down === true) await this.close();
    else if (script.down === false) await this.#listen();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  async #listen(): Promise<void> {
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => resolve());
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', this.url);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const heard = {
      method: request.method ?? '', path: url.pathname, query: Object.fromEntries(url.searchParams), body: bodyOf(Buffer.concat(chunks).toString('utf8')),
      headers, key: headers['idempotency-key'] ?? null,
    };
    const answer = this.#next(heard);
    const answered = answer.hang === true ? 'hang' : answer.reset === true ? 'reset' : answer.status ?? 200;
    this.calls.push({ ...heard, answered });
    if (answer.hang === true) {
      this.#held.add(request);
      request.socket.once('close', () => this.#held.delete(request));
    } else if (answer.reset === true) request.socket.destroy();
    else response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body ?? {}));
  }

  #next(heard: JsonObject): ScriptedAnswer {
    const next = this.#answers.find(({ answer, left }) => left > 0 && (answer.when === undefined || fits(heard, answer.when)));
    if (next === undefined) return this.#otherwise;
    next.left -= 1;
    return next.answer;
  }
}

function bodyOf(text: string): Json {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
