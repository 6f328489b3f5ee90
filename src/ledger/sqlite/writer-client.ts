import { LedgerError } from '../port.ts';
import type { BatchColumns } from './batch.ts';
import type { FromWriter, GroupAnswer, ToWriter, WriterData } from './messages.ts';
import type { StatementText } from './statements.ts';
import { ledgerThread } from './threads.ts';
import type { LedgerThread } from './threads.ts';

export type WriterReady = Extract<FromWriter, { kind: 'ready' }>;

/** What the main thread wants to hear from the writer without having asked. */
export interface WriterEvents {
  suspended(reason: string): void;
  resumed(): void;
  checkpoint(size: number, at: string): void;
  /** A group is on disk. `ms` is what it took in the writer. */
  committed(lastPosition: number, ms: number): void;
}

interface Batch {
  readonly columns: BatchColumns;
  readonly resolve: (result: GroupAnswer) => void;
  readonly reject: (error: LedgerError) => void;
}

interface Seal { readonly resolve: (note: string) => void; readonly reject: (error: LedgerError) => void }

const restartMs = 1_000;

/**
 * The writer's thread, seen from the main thread. A thread that dies (out of memory, a defect) is replaced, and the batch that it
 * had is given to the next one, which looks first whether it is on disk.
 */
export class WriterClient {
  readonly #data: WriterData;
  readonly #events: WriterEvents;
  #worker: LedgerThread | undefined;
  /** Given to the writer and not answered, oldest first. */
  #batches: Batch[] = [];
  readonly #seals = new Map<number, Seal>();
  #nextSeal = 1;
  #closed: (() => void) | undefined;
  #closing = false;
  #restart: NodeJS.Timeout | undefined;
  readonly #statements: readonly StatementText[];
  #statementsTold = 0;

  /** @param statements texts by number that rows may name; grows */
  constructor(data: WriterData, events: WriterEvents, statements: readonly StatementText[]) {
    this.#statements = statements;
    this.#data = data;
    this.#events = events;
  }

  /** Resolves when the ledger is open. Rejects with the LedgerError that opening met. */
  start(): Promise<WriterReady> {
    return new Promise((resolve, reject) => {
      const worker = ledgerThread(this.#data);
      let opened = false;
      let problem: Error | undefined;
      worker.on('message', (message: FromWriter) => {
        if (message.kind === 'ready') {
          opened = true;
          this.#worker = worker;
          resolve(message);
        } else if (message.kind === 'failed') {
          problem = new LedgerError(message.code, message.message);
          void worker.terminate();
        } else {
          this.#hear(message);
        }
      });
      worker.on('error', (error) => { problem = error as Error; });
      worker.on('exit', (code) => {
        if (!opened) reject(problem instanceof LedgerError ? problem : new LedgerError('unavailable', `The ledger's writer did not start: ${problem?.message ?? `exit code ${code}`}`, { cause: problem }));
        else if (!this.#closing || this.#closed !== undefined) this.#lost(problem);
      });
    });
  }

  /** Writes a group after those that were given before. Stays pending while the storage fails. */
  write(columns: BatchColumns): Promise<GroupAnswer> {
    return new Promise((resolve, reject) => {
      this.#batches.push({ columns, resolve, reject });
      this.#tellBatch(columns, false);
    });
  }

  seal(): Promise<string> {
    return new Promise((resolve, reject) => {
      const id = this.#nextSeal;
      this.#nextSeal += 1;
      this.#seals.set(id, { resolve, reject });
      this.#tell({ kind: 'seal', id });
    });
  }

  /** Seals and ends the thread. While the storage fails it tries once more; what is still not written is rejected. */
  close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    return new Promise((resolve) => {
      this.#closed = resolve;
      if (this.#worker === undefined) this.#ended();
      else this.#tell({ kind: 'close' });
    });
  }

  #tellBatch(columns: BatchColumns, again: boolean): void {
    const statementsFrom = this.#statementsTold;
    this.#statementsTold = this.#statements.length;
    this.#tell({ ...columns, kind: 'batch', again, statementsFrom, statements: this.#statements.slice(statementsFrom) });
  }

  #tell(message: ToWriter): void {
    this.#worker?.postMessage(message);
  }

  #hear(message: Exclude<FromWriter, { kind: 'ready' | 'failed' }>): void {
    switch (message.kind) {
      case 'done': {
        this.#events.committed(message.lastPosition, message.ms);
        this.#batches.shift()?.resolve(message.result);
        return;
      }
      case 'sealed': {
        const seal = this.#seals.get(message.id);
        this.#seals.delete(message.id);
        if (message.note !== undefined) seal?.resolve(message.note);
        else seal?.reject(new LedgerError(message.code ?? 'unavailable', message.message ?? 'The ledger cannot be sealed now.'));
        return;
      }
      case 'suspended': return this.#events.suspended(message.reason);
      case 'resumed': return this.#events.resumed();
      case 'checkpoint': return this.#events.checkpoint(message.size, message.at);
      case 'closed': this.#worker?.once('exit', () => this.#ended());
    }
  }

  #ended(): void {
    const error = new LedgerError('unavailable', 'The ledger was closed before it could be written. Whether this commit is on disk is not known.');
    for (const batch of this.#batches.splice(0)) batch.reject(error);
    for (const seal of this.#seals.values()) seal.reject(error);
    this.#seals.clear();
    this.#closed?.();
    this.#closed = undefined;
  }

  #lost(cause: Error | undefined): void {
    this.#worker = undefined;
    if (this.#closing) return this.#ended();
    this.#events.suspended(`The ledger's writer stopped${cause === undefined ? '' : ` (${cause.message})`}; it is started again.`);
    this.#restart = setTimeout(() => void this.#startAgain(), restartMs);
  }

  async #startAgain(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      return this.#lost(error as Error);
    }
    this.#statementsTold = 0;
    for (const { columns } of this.#batches) this.#tellBatch(columns, true);
    for (const id of this.#seals.keys()) this.#tell({ kind: 'seal', id });
    this.#events.resumed();
  }
}
