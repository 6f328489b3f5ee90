import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { Cells, RowOp } from '../projections.ts';
import type { StatementCache } from './database.ts';

/**
 * Carries out row operations with prepared statements. The statement of an operation follows from its shape
 * (table, kind, column names), so that there are as many statements as shapes and not as many as rows.
 */
export class RowExecutor {
  readonly #cache: StatementCache;
  readonly #byShape = new Map<string, StatementSync>();
  readonly #counts = new Map<string, number>();

  constructor(cache: StatementCache) {
    this.#cache = cache;
  }

  /** @throws SQLite's error, for example on a row that is there already */
  apply(op: RowOp): void {
    switch (op.op) {
      case 'insert':
        if (op.from === undefined) this.#run(`insert ${op.table}`, op.values, undefined, () => insertSql(op.table, op.values));
        else this.#insertFrom(op.table, op.values, op.from);
        return;
      case 'upsert':
        this.#run(`upsert ${op.table}`, op.key, op.values, () => upsertSql(op.table, op.key, op.values));
        return;
      case 'update':
        this.#update(op);
        return;
      case 'delete':
        this.#run(`delete ${op.table}`, op.key, undefined, () => `DELETE FROM ${op.table} WHERE ${conditions(op.key)}`);
        return;
      case 'count':
        this.#counts.set(op.counter, (this.#counts.get(op.counter) ?? 0) + op.by);
    }
  }

  /** Writes what `count` operations added up to; once before each commit. */
  flushCounts(): void {
    for (const [name, by] of this.#counts) {
      if (by !== 0) this.#cache.prepare('INSERT INTO counters(name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value').run(name, by);
    }
    this.#counts.clear();
  }

  /** Forgets them, after a rollback. */
  discardCounts(): void {
    this.#counts.clear();
  }

  #run(kind: string, first: Cells, second: Cells | undefined, sql: () => string): void {
    let shape = kind;
    const values: SQLInputValue[] = [];
    for (const name in first) { shape += ` ${name}`; values.push(first[name]!); }
    if (second !== undefined) {
      shape += ' |';
      for (const name in second) { shape += ` ${name}`; values.push(second[name]!); }
    }
    this.#statement(shape, sql).run(...values);
  }

  #update(op: Extract<RowOp, { op: 'update' }>): void {
    if (op.increments === undefined) {
      this.#run(`update ${op.table}`, op.values, op.key, () => updateSql(op.table, Object.keys(op.values).map((name) => `${name} = ?`), op.key));
      return;
    }
    const { increments } = op;
    const changes = [...Object.keys(op.values).map((name) => `${name} = ?`), ...Object.keys(increments).map((name) => `${name} = ${name} + ?`)];
    this.#cache.prepare(updateSql(op.table, changes, op.key)).run(...Object.values(op.values), ...Object.values(increments), ...Object.values(op.key));
  }

  /** An aggregate gives one row even when the other table has none, so the fallbacks always have their place. */
  #insertFrom(table: string, values: Cells, from: { readonly table: string; readonly key: Cells; readonly columns: Cells }): void {
    const copied = Object.keys(from.columns);
    const sql = `INSERT INTO ${table}(${[...Object.keys(values), ...copied].join(', ')}) `
      + `SELECT ${[...Object.keys(values).map(() => '?'), ...copied.map((name) => `coalesce(max(${name}), ?)`)].join(', ')} FROM ${from.table} WHERE ${conditions(from.key)}`;
    this.#cache.prepare(sql).run(...Object.values(values), ...Object.values(from.columns), ...Object.values(from.key));
  }

  #statement(shape: string, sql: () => string): StatementSync {
    let statement = this.#byShape.get(shape);
    if (statement === undefined) this.#byShape.set(shape, statement = this.#cache.prepare(sql()));
    return statement;
  }
}

function conditions(key: Cells): string {
  return Object.keys(key).map((name) => `${name} = ?`).join(' AND ');
}

function insertSql(table: string, values: Cells): string {
  const names = Object.keys(values);
  return `INSERT INTO ${table}(${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
}

function upsertSql(table: string, key: Cells, values: Cells): string {
  const changes = Object.keys(values).map((name) => `${name} = excluded.${name}`);
  const action = changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`;
  return `${insertSql(table, { ...key, ...values })} ON CONFLICT DO ${action}`;
}

function updateSql(table: string, changes: readonly string[], key: Cells): string {
  return `UPDATE ${table} SET ${changes.join(', ')} WHERE ${conditions(key)}`;
}
