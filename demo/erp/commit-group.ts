/** Group commit: what is asked for in one turn of the event loop shares one transaction and one fsync. */
import type { ErpStore } from './store.ts';

interface Job {
  run(): void;
  done(): void;
  fail(error: Error): void;
}

export class CommitGroup {
  readonly #store: ErpStore;
  #jobs: Job[] = [];
  groups = 0;
  largest = 0;

  constructor(store: ErpStore) {
    this.#store = store;
  }

  /** Runs `work` in the next transaction; resolves with its result once that is on disk. */
  submit<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#jobs.push({
        run: () => { result = work(); },
        done: () => resolve(result),
        fail: reject,
      });
      if (this.#jobs.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    this.groups += 1;
    this.largest = Math.max(this.largest, jobs.length);
    if (!this.#commit(jobs) && jobs.length > 1) {
      // one bad job must not take the others down: each by itself
      for (const job of jobs) this.#commit([job]);
    }
  }

  /** False when several jobs failed together; a single failing job is told so. */
  #commit(jobs: readonly Job[]): boolean {
    try {
      this.#store.transaction(() => {
        for (const job of jobs) job.run();
      });
    } catch (error) {
      if (jobs.length === 1) jobs[0]?.fail(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    for (const job of jobs) job.done();
    return true;
  }
}
