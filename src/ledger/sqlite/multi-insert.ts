import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { StatementCache } from './database.ts';

/** Rows of one statement; a statement of several costs little more than one of a single row. */
const sizes = [32, 8, 1] as const;

/** Inserts any number of rows with as few statements as there are. */
export class MultiInsert {
  readonly #cache: StatementCache;
  readonly #head: string;
  readonly #columns: number;
  readonly #statements = new Map<number, StatementSync>();

  /** @param head the statement up to `VALUES` */
  constructor(cache: StatementCache, head: string, columns: number) {
    this.#cache = cache;
    this.#head = head;
    this.#columns = columns;
  }

  /**
   * @param values of all rows, one row after the other
   * @throws SQLite's error, for example on a row that is there already
   */
  run(values: readonly SQLInputValue[]): void {
    let at = 0;
    for (const size of sizes) {
      const width = size * this.#columns;
      for (; at + width <= values.length; at += width) this.#statement(size).run(...values.slice(at, at + width));
    }
  }

  #statement(size: number): StatementSync {
    let statement = this.#statements.get(size);
    if (statement === undefined) {
      const row = `(${Array.from({ length: this.#columns }, () => '?').join(', ')})`;
      this.#statements.set(size, statement = this.#cache.prepare(`${this.#head} ${Array.from({ length: size }, () => row).join(', ')}`));
    }
    return statement;
  }
}
