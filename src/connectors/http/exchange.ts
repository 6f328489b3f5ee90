import type { Dispatcher } from 'undici';
import type { WireRequest, WireResult } from '../driver.ts';
import { plainHeaders, unpacked } from './answer.ts';
import { failureOf } from './failures.ts';
import type { Base } from './target.ts';

/** Time for what is waited for; a scenario's stands still. */
export interface TransportClock { setTimeout(callback: () => void, ms: number): object; clearTimeout(handle: object | undefined): void }

/** Milliseconds and bytes; times as in `ServiceTimeouts`. */
export interface Bounds { readonly connectMs: number; readonly headersMs: number; readonly totalMs: number; readonly maxBytes?: number }

const defaultMaxBytes = 1_048_576;

/**
 * One request and its answer. `sent` turns true in the moment in which the request is handed to a connection, be it new
 * or kept alive: when that one is reset, nobody can tell whether the other side had read it (RFC 9112 §9.3.1).
 */
export async function exchange(dispatcher: Dispatcher, request: WireRequest, to: { readonly base: Base; readonly proxy: string | undefined }, bounds: Bounds, clock: TransportClock): Promise<WireResult> {
  const maxBytes = bounds.maxBytes ?? defaultMaxBytes;
  const result = await new Promise<WireResult>((resolve) => new Exchange(dispatcher, request, to, bounds, maxBytes, clock, resolve));
  return result.kind === 'response' ? unpacked(result, maxBytes) : result;
}

class Exchange {
  readonly #base: Base;
  readonly #proxy: string | undefined;
  readonly #bounds: Bounds;
  readonly #maxBytes: number;
  readonly #clock: TransportClock;
  readonly #resolve: (result: WireResult) => void;
  readonly #total: object;
  #phase: object;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #sent = false;
  #status = 0;
  #headers: { readonly [name: string]: string } = {};
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(dispatcher: Dispatcher, request: WireRequest, { base, proxy }: { readonly base: Base; readonly proxy: string | undefined }, bounds: Bounds, maxBytes: number, clock: TransportClock, resolve: (result: WireResult) => void) {
    this.#base = base;
    this.#proxy = proxy;
    this.#bounds = bounds;
    this.#maxBytes = maxBytes;
    this.#clock = clock;
    this.#resolve = resolve;
    this.#total = clock.setTimeout(() => this.#expire('timeout', `No whole answer of ${base.host} within ${bounds.totalMs} ms.`), bounds.totalMs);
    this.#phase = clock.setTimeout(() => this.#expire('connect-timeout', `No connection with ${base.origin} within ${bounds.connectMs} ms.`), bounds.connectMs);
    try {
      dispatcher.dispatch(
        { origin: base.origin, path: request.path, method: request.method as Dispatcher.HttpMethod, headers: { 'accept-encoding': 'gzip', ...request.headers }, body: request.body ?? null },
        this.#handler(),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #handler(): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (controller: Dispatcher.DispatchController) => {
        // It was given up while it waited for a connection: nothing of it is written.
        if (this.#settled) return controller.abort(new Error('given up'));
        this.#controller = controller;
        this.#sent = true;
        this.#clock.clearTimeout(this.#phase);
        this.#phase = this.#clock.setTimeout(() => this.#expire('timeout', `No answer of ${this.#base.host} within ${this.#bounds.headersMs} ms.`), this.#bounds.headersMs);
      },
      onResponseStart: (_controller: Dispatcher.DispatchController, status: number, headers: { readonly [name: string]: string | string[] | undefined }) => {
        if (status < 200) return;
        this.#clock.clearTimeout(this.#phase);
        this.#status = status;
        this.#headers = plainHeaders(headers);
      },
      onResponseData: (controller: Dispatcher.DispatchController, chunk: Buffer) => {
        const room = this.#maxBytes - this.#size;
        this.#size += chunk.length;
        this.#chunks.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
        if (chunk.length <= room) return;
        this.#answer(true);
        controller.abort(new Error('too long'));
      },
      onResponseEnd: () => this.#answer(false),
      onResponseError: (_controller: Dispatcher.DispatchController, error: Error) => this.#fail(error),
    };
  }

  #answer(truncated: boolean): void {
    this.#settle({ kind: 'response', status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks), truncated });
  }
  #fail(error: unknown): void {
    const failure = failureOf(error, this.#base, this.#sent, this.#proxy);
    // A part of an answer is none.
    this.#settle(this.#status === 0 || failure.errorClass !== 'ECONNRESET' ? failure : { ...failure, errorClass: 'aborted', message: `The answer of ${this.#base.host} broke off.` });
  }
  #expire(errorClass: string, message: string): void {
    this.#settle({ kind: 'failure', sent: this.#sent, errorClass, message });
    this.#controller?.abort(new Error(errorClass));
  }

  #settle(result: WireResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#clock.clearTimeout(this.#total);
    this.#clock.clearTimeout(this.#phase);
    this.#resolve(result);
  }
}
