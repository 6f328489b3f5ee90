import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { Cell, Cells, RowOp } from '../projections.ts';
import type { StatementCache } from './database.ts';
import { MultiInsert } from './multi-insert.ts';

/**
 * Row operations as SQL. There are as many statements as shapes (kind, table, column names), so an operation travels to the
 * writer's thread as the number of its statement and its values in one flat array, which is cheap to clone.
 */

/** Stands for a `count` operation in encoded rows; followed by counter and amount. */
const countCode = -1;

/** A statement text with the number of its values. `rows`: it inserts one row and nothing else; the text up to `VALUES`, for several rows. */
export interface StatementText { readonly sql: string; readonly values: number; readonly rows?: string }

interface Shape { readonly names: readonly string[]; readonly id: number }

/** Numbers the statements and encodes operations with them. */
export class RowEncoder {
  /** Statement texts by number. */
  readonly texts: StatementText[] = [];
  readonly #shapes = new Map<string, Map<string, Shape[]>>();

  /** Adds the operation to encoded rows. */
  encode(op: RowOp, rows: Cell[]): void {
    switch (op.op) {
      case 'count': rows.push(countCode, op.counter, op.by); return;
      case 'insert': return this.#add(op, op.values, op.from?.columns, op.from?.key, rows);
      case 'upsert': return this.#add(op, op.key, op.values, undefined, rows);
      case 'update': return this.#add(op, op.values, op.increments, op.key, rows);
      case 'delete': return this.#add(op, op.key, undefined, undefined, rows);
    }
  }

  #add(op: Exclude<RowOp, { op: 'count' }>, first: Cells, second: Cells | undefined, third: Cells | undefined, rows: Cell[]): void {
    rows.push(this.#idOf(op, first, second, third));
    for (const name in first) rows.push(first[name]!);
    if (second !== undefined) for (const name in second) rows.push(second[name]!);
    if (third !== undefined) for (const name in third) rows.push(third[name]!);
  }

  /** Shapes are told apart by comparing names: there are few for a table, and building a key for a map would cost more. */
  #idOf(op: Exclude<RowOp, { op: 'count' }>, first: Cells, second: Cells | undefined, third: Cells | undefined): number {
    let tables = this.#shapes.get(op.op);
    if (tables === undefined) this.#shapes.set(op.op, tables = new Map());
    let shapes = tables.get(op.table);
    if (shapes === undefined) tables.set(op.table, shapes = []);
    for (const shape of shapes) if (matches(shape.names, first, second, third)) return shape.id;
    const id = this.texts.length;
    const names = namesOf(first, second, third);
    const values = names.filter((name) => name !== '').length;
    this.texts.push({ sql: sqlOf(op), values, ...(op.op === 'insert' && op.from === undefined ? { rows: insertHead(op.table, op.values) } : {}) });
    shapes.push({ names, id });
    return id;
  }
}

/** Carries encoded rows out. */
export class RowExecutor {
  readonly #cache: StatementCache;
  readonly #statements: { readonly statement: StatementSync; readonly values: number; readonly many: MultiInsert | undefined }[] = [];
  readonly #counts = new Map<string, number>();

  constructor(cache: StatementCache) {
    this.#cache = cache;
  }

  /** Prepares the statements that are not known yet; `texts` holds all of them by number. */
  learn(texts: readonly StatementText[]): void {
    for (const { sql, values, rows } of texts.slice(this.#statements.length)) {
      this.#statements.push({ statement: this.#cache.prepare(sql), values, many: rows === undefined ? undefined : new MultiInsert(this.#cache, rows, values) });
    }
  }

  /** Whether the rows from `from` to `to` are inserts and counts only, so that they can be carried out in any order. */
  onlyInserts(rows: readonly Cell[], from: number, to: number): boolean {
    for (let i = from; i < to; i += this.#width(rows[i] as number)) {
      const id = rows[i] as number;
      if (id !== countCode && this.#statements[id]!.many === undefined) return false;
    }
    return true;
  }

  /** Whether the rows from `other` on are carried out by the same statements as those from `from` to `to`. */
  sameStatements(rows: readonly Cell[], from: number, to: number, other: number): boolean {
    for (let i = from, j = other; i < to; i += this.#width(rows[i] as number), j += this.#width(rows[j] as number)) {
      if (rows[i] !== rows[j]) return false;
    }
    return true;
  }

  /**
   * Carries out rows that begin at several places and have the same statements, all inserts: statement by statement.
   * @param from,to the first of them
   */
  runAlike(rows: readonly Cell[], from: number, to: number, starts: readonly number[]): void {
    for (let i = from; i < to; i += this.#width(rows[i] as number)) {
      const id = rows[i] as number;
      const offset = i - from;
      if (id === countCode) {
        for (const start of starts) this.#count(rows[start + offset + 1] as string, rows[start + offset + 2] as number);
        continue;
      }
      const { many, values } = this.#statements[id]!;
      const all: Cell[] = [];
      for (const start of starts) for (let at = start + offset + 1, end = at + values; at < end; at += 1) all.push(rows[at]!);
      many!.run(all);
    }
  }

  /** Cells of an operation: statement and values, or count, counter and amount. */
  #width(id: number): number {
    return id === countCode ? 3 : 1 + this.#statements[id]!.values;
  }

  #count(counter: string, by: number): void {
    this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + by);
  }

  /** @throws SQLite's error, for example on a row that is there already */
  run(rows: readonly Cell[], from = 0, to = rows.length): void {
    let i = from;
    while (i < to) {
      const id = rows[i] as number;
      i += 1;
      if (id === countCode) {
        this.#count(rows[i] as string, rows[i + 1] as number);
        i += 2;
        continue;
      }
      const { statement, values } = this.#statements[id]!;
      statement.run(...rows.slice(i, i + values));
      i += values;
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
}

/** A statement with its values, as the executor runs them; for comparisons with it. */
export function decodeRows(rows: readonly Cell[], texts: readonly StatementText[]): { readonly sql: string; readonly values: readonly SQLInputValue[] }[] {
  const decoded: { sql: string; values: readonly SQLInputValue[] }[] = [];
  for (let i = 0; i < rows.length;) {
    const text = texts[rows[i] as number];
    i += 1;
    if (text === undefined) {
      i += 2;
      continue;
    }
    decoded.push({ sql: text.sql, values: rows.slice(i, i + text.values) });
    i += text.values;
  }
  return decoded;
}

/** Column names of the three parts, with an empty one between parts. */
function namesOf(first: Cells, second: Cells | undefined, third: Cells | undefined): string[] {
  return [...Object.keys(first), '', ...Object.keys(second ?? {}), '', ...Object.keys(third ?? {})];
}

function matches(names: readonly string[], first: Cells, second: Cells | undefined, third: Cells | undefined): boolean {
  let i = 0;
  for (const name in first) {
    if (names[i] !== name) return false;
    i += 1;
  }
  if (names[i] !== '') return false;
  i += 1;
  if (second !== undefined) {
    for (const name in second) {
      if (names[i] !== name) return false;
      i += 1;
    }
  }
  if (names[i] !== '') return false;
  i += 1;
  if (third !== undefined) {
    for (const name in third) {
      if (names[i] !== name) return false;
      i += 1;
    }
  }
  return i === names.length;
}

function sqlOf(op: Exclude<RowOp, { op: 'count' }>): string {
  switch (op.op) {
    case 'insert': return op.from === undefined ? insertSql(op.table, op.values) : insertFromSql(op.table, op.values, op.from);
    case 'upsert': return upsertSql(op.table, op.key, op.values);
    case 'update': return updateSql(op);
    case 'delete': return `DELETE FROM ${op.table} WHERE ${conditions(op.key)}`;
  }
}

function insertHead(table: string, values: Cells): string {
  return `INSERT INTO ${table}(${Object.keys(values).join(', ')}) VALUES`;
}

function insertSql(table: string, values: Cells): string {
  return `${insertHead(table, values)} (${Object.keys(values).map(() => '?').join(', ')})`;
}

/** An aggregate gives one row even when the other table has none, so the fallbacks always have their place. */
function insertFromSql(table: string, values: Cells, from: { readonly table: string; readonly key: Cells; readonly columns: Cells }): string {
  const own = Object.keys(values);
  const copied = Object.keys(from.columns);
  return `INSERT INTO ${table}(${[...own, ...copied].join(', ')}) `
    + `SELECT ${[...own.map(() => '?'), ...copied.map((name) => `coalesce(max(${name}), ?)`)].join(', ')} FROM ${from.table} WHERE ${conditions(from.key)}`;
}

function upsertSql(table: string, key: Cells, values: Cells): string {
  const changes = Object.keys(values).map((name) => `${name} = excluded.${name}`);
  const action = changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`;
  return `${insertSql(table, { ...key, ...values })} ON CONFLICT DO ${action}`;
}

function updateSql({ table, key, values, increments = {} }: Extract<RowOp, { op: 'update' }>): string {
  const changes = [...Object.keys(values).map((name) => `${name} = ?`), ...Object.keys(increments).map((name) => `${name} = ${name} + ?`)];
  return `UPDATE ${table} SET ${changes.join(', ')} WHERE ${conditions(key)}`;
}

function conditions(key: Cells): string {
  return Object.keys(key).map((name) => `${name} = ?`).join(' AND ');
}
