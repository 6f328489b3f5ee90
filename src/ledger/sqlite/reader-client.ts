import { LedgerError } from '../port.ts';
import type { FromReader, ReaderData, ToReader } from './messages.ts';
import type { ReaderMethod, SqliteReader } from './reader.ts';
import { ledgerThread } from './threads.ts';
import type { LedgerThread } from './threads.ts';

interface Call {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: LedgerError) => void;
}

/** The reader's thread, seen from the main thread. One that dies is replaced at the next call. */
export class ReaderClient {
  readonly #data: ReaderData;
  readonly #calls = new Map<number, Call>();
  #worker: LedgerThread | undefined;
  #starting: Promise<LedgerThread> | undefined;
  #nextId = 1;
  #closed = false;

  constructor(path: string) {
    this.#data = { role: 'reader', path };
  }

  /** Rejects with the LedgerError that the reader met. */
  async call<M extends ReaderMethod>(method: M, ...args: Parameters<SqliteReader[M]>): Promise<ReturnType<SqliteReader[M]>> {
    if (this.#closed) throw new LedgerError('closed', 'The ledger is closed.');
    const worker = this.#worker ?? await (this.#starting ??= this.start());
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#calls.set(id, { resolve: resolve as (result: unknown) => void, reject });
      worker.postMessage({ id, method, args } satisfies ToReader);
    });
  }

  /** Starts the thread; resolves when it can read. */
  start(): Promise<LedgerThread> {
    return new Promise((resolve, reject) => {
      const worker = ledgerThread(this.#data);
      worker.on('message', (message: FromReader) => {
        if (!('kind' in message)) return this.#answer(message);
        if (message.kind === 'ready') {
          this.#worker = worker;
          this.#starting = undefined;
          resolve(worker);
        } else {
          void worker.terminate();
          reject(new LedgerError(message.code, message.message));
        }
      });
      worker.on('error', (error) => { reject(this.#lost(worker, error as Error)); });
      worker.on('exit', () => { this.#lost(worker); });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // One that is just starting is waited for, so that no thread outlives the ledger.
    const worker = this.#worker ?? await this.#starting?.catch(() => undefined);
    if (worker === undefined) return;
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ id: 0, method: 'close', args: [] } satisfies ToReader);
    await exited;
  }

  #answer(message: Extract<FromReader, { id: number }>): void {
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if ('code' in message) call?.reject(new LedgerError(message.code, message.message));
    else call?.resolve(message.result);
  }

  #lost(worker: LedgerThread, cause?: Error): LedgerError {
    if (this.#worker === worker) this.#worker = undefined;
    this.#starting = undefined;
    const error = this.#closed ? new LedgerError('closed', 'The ledger is closed.') : new LedgerError('unavailable', `The ledger's reader stopped${cause === undefined ? '' : `: ${cause.message}`}.`, { cause });
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.reject(error);
    return error;
  }
}
