import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ReaderData, WriterData } from './messages.ts';
import { workerUrl } from './worker-url.ts';

/** A thread of the ledger, as its clients see it. */
export interface LedgerThread {
  postMessage(message: unknown): void;
  terminate(): Promise<unknown>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as EventEmitter and Worker declare it
  on(event: 'message' | 'error' | 'exit', listener: (value: any) => void): unknown;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as EventEmitter and Worker declare it
  once(event: 'exit', listener: (value: any) => void): unknown;
}

/** What a thread that is kept says when its ledger is closed. */
export const FREE = { kind: 'free' } as const;

/** Threads that have done their work and can begin anew; undefined: each ledger has threads of its own, as it should where it runs. */
let kept: Worker[] | undefined;

/** From now on threads of closed ledgers are given to the next ones: for a process that opens one ledger after the other. */
export function keepThreads(): void {
  kept ??= [];
}

/** A thread whose ledger sees it end although it lives on. */
class KeptThread extends EventEmitter implements LedgerThread {
  readonly #worker: Worker;
  constructor(worker: Worker) {
    super();
    this.#worker = worker;
    worker.on('message', (message: { readonly kind?: string }) => {
      if (message.kind !== FREE.kind) return void this.emit('message', message);
      // By name: the worker has listeners of its own, without which it hears nothing any more.
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      worker.unref(); // nothing waits for it
      kept?.push(worker);
      this.emit('exit', 0);
    });
    worker.on('error', (error) => this.emit('error', error));
    worker.on('exit', (code) => this.emit('exit', code));
  }
  postMessage(message: unknown): void {
    this.#worker.postMessage(message);
  }
  terminate(): Promise<unknown> {
    return this.#worker.terminate();
  }
}

/** Starts a thread for a ledger. */
export function ledgerThread(data: WriterData | ReaderData): LedgerThread {
  const name = `waybill-ledger-${data.role}`;
  if (kept === undefined) return new Worker(workerUrl(), { workerData: data, name });
  const free = kept.pop();
  free?.ref();
  const thread = new KeptThread(free ?? new Worker(workerUrl(), { workerData: { ...data, keep: true }, name }));
  free?.postMessage(data);
  return thread;
}
