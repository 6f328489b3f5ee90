import type { AppendResult } from './port.ts';
import { LedgerError } from './port.ts';

/** Bounds of the queue in front of an engine's writer. */
export interface QueueLimits {
  /** Events and bytes of one group; a single commit that is larger goes alone. */
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Events and bytes that may wait altogether, the group in flight included. */
  readonly queueRows: number;
  readonly queueBytes: number;
}

export const defaultQueueLimits: QueueLimits = { batchRows: 512, batchBytes: 1_048_576, queueRows: 20_000, queueBytes: 64 * 1_048_576 };

/** A commit that waits; `T` is the engine's own form of it. */
export interface QueuedCommit<T> {
  readonly commit: T;
  readonly rows: number;
  readonly bytes: number;
}

interface Waiting<T> extends Omit<QueuedCommit<T>, 'commit'> {
  /** Let go when the writer has it: the answer takes a while, and objects that grow old are dear. */
  commit: T | undefined;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: LedgerError) => void;
}

/** Outcome of one commit of a group: what `append` answers, or the error it rejects with. */
export type BatchAnswer = AppendResult | LedgerError;

/** Writes a group; must answer each commit in order. Rejects when nothing can be said about any of them. */
export type SubmitBatch<T> = (commits: readonly T[]) => Promise<readonly BatchAnswer[]>;

/** Groups given to the writer at once: the second only when it is full, so that a busy writer never waits for this thread. */
const groupsInFlight = 2;
/** Commits answered in one turn of the event loop: what follows an answer runs at once and must not hold up everything else. */
const answersPerTurn = 16;

/**
 * Group commit: what is appended in one turn of the event loop becomes one group, and while a group is written the next one
 * fills, so that one fsync serves all that wait for it and no timer delays anybody.
 */
export class CommitQueue<T> {
  readonly #submit: SubmitBatch<T>;
  readonly #limits: QueueLimits;
  /** Empty before `#head`. */
  #waiting: (Waiting<T> | undefined)[] = [];
  #head = 0;
  /** Of everything that has not been answered. */
  #rows = 0;
  #bytes = 0;
  #commits = 0;
  /** Of what is not in flight yet. */
  #waitingRows = 0;
  #waitingBytes = 0;
  #inFlight = 0;
  #scheduled = false;
  #closed: LedgerError | undefined;
  #idle: (() => void)[] = [];

  constructor(submit: SubmitBatch<T>, limits: QueueLimits = defaultQueueLimits) {
    this.#submit = submit;
    this.#limits = limits;
  }

  /** Commits that wait or are being written. */
  get commits(): number { return this.#commits; }
  get bytes(): number { return this.#bytes; }

  /** Resolves with the outcome. Rejects with `queue-full` at once when the bounds are reached, or `closed`. */
  push(queued: QueuedCommit<T>): Promise<AppendResult> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const empty = this.#rows === 0;
    if (!empty && (this.#rows + queued.rows > this.#limits.queueRows || this.#bytes + queued.bytes > this.#limits.queueBytes)) {
      return Promise.reject(new LedgerError('queue-full', `The ledger's queue is full (${this.#rows} events wait); try again later.`));
    }
    this.#rows += queued.rows;
    this.#bytes += queued.bytes;
    this.#commits += 1;
    this.#waitingRows += queued.rows;
    this.#waitingBytes += queued.bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...queued, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    return this.#rows === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Takes no more commits; those that wait are still written. */
  close(): void {
    this.#closed ??= new LedgerError('closed', 'The ledger is closed.');
  }

  /** Rejects everything that waits and is not being written. */
  rejectWaiting(error: LedgerError): void {
    const rest = this.#waiting.slice(this.#head) as Waiting<T>[];
    this.#waiting = [];
    this.#head = 0;
    this.#waitingRows = 0;
    this.#waitingBytes = 0;
    for (const entry of rest) this.#settle(entry, error);
    this.#wakeIdle();
  }

  #ready(): boolean {
    if (this.#waitingRows === 0) return false;
    if (this.#inFlight === 0) return true;
    return this.#inFlight < groupsInFlight && (this.#waitingRows >= this.#limits.batchRows || this.#waitingBytes >= this.#limits.batchBytes);
  }

  #schedule(): void {
    if (this.#scheduled || !this.#ready()) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#ready()) void this.#flush();
      this.#schedule();
    });
  }

  #take(): Waiting<T>[] {
    const batch: Waiting<T>[] = [];
    let rows = 0;
    let bytes = 0;
    while (this.#head < this.#waiting.length) {
      const next = this.#waiting[this.#head]!;
      if (batch.length > 0 && (rows + next.rows > this.#limits.batchRows || bytes + next.bytes > this.#limits.batchBytes)) break;
      batch.push(next);
      rows += next.rows;
      bytes += next.bytes;
      this.#waiting[this.#head] = undefined;
      this.#head += 1;
    }
    this.#waitingRows -= rows;
    this.#waitingBytes -= bytes;
    // What was taken is let go now and then; cutting the array each time would cost more than it holds.
    if (this.#head === this.#waiting.length || this.#head > 4_096) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }

  async #flush(): Promise<void> {
    const batch = this.#take();
    this.#inFlight += 1;
    let answers: readonly BatchAnswer[];
    try {
      const submitted = this.#submit(batch.map((entry) => entry.commit as T));
      for (const entry of batch) entry.commit = undefined;
      answers = await submitted;
    } catch (error) {
      const failure = error instanceof LedgerError ? error : new LedgerError('unavailable', (error as Error).message, { cause: error });
      answers = batch.map(() => failure);
    }
    this.#inFlight -= 1;
    this.#schedule();
    this.#answer(batch, answers, 0);
  }

  #answer(batch: readonly Waiting<T>[], answers: readonly BatchAnswer[], from: number): void {
    const to = Math.min(batch.length, from + answersPerTurn);
    for (let i = from; i < to; i += 1) this.#settle(batch[i]!, answers[i] ?? new LedgerError('unavailable', 'The writer gave no answer.'));
    if (to < batch.length) setImmediate(() => this.#answer(batch, answers, to));
    else this.#wakeIdle();
  }

  #settle(entry: Waiting<T>, answer: BatchAnswer): void {
    this.#rows -= entry.rows;
    this.#bytes -= entry.bytes;
    this.#commits -= 1;
    if (answer instanceof LedgerError) entry.reject(answer);
    else entry.resolve(answer);
  }

  #wakeIdle(): void {
    if (this.#rows > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const wake of idle) wake();
  }
}
