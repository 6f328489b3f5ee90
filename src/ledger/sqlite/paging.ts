import type { SQLInputValue } from 'node:sqlite';
import { LedgerError } from '../port.ts';
import type { Page, PageRequest } from '../port.ts';
import type { Row, StatementCache } from './database.ts';

/** Most items of a page. */
export const maxLimit = 1_000;

/** A condition in SQL with its values. */
export interface Where { readonly sql: string; readonly values: readonly SQLInputValue[] }

/** A list in one order, continued by key ("keyset"), so that a page costs the same wherever it lies. */
export interface ListQuery {
  /** `SELECT … FROM …` without WHERE. */
  readonly select: string;
  readonly where: readonly (Where | undefined)[];
  /** Columns that order the list, unique together: SQL name and the name in the row. */
  readonly order: readonly { readonly sql: string; readonly row: string }[];
  readonly descending: boolean;
}

function readCursor(cursor: string, length: number): SQLInputValue[] {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (error) {
    throw new LedgerError('bad-cursor', 'The cursor is not one that this list gave.', { cause: error });
  }
  if (!Array.isArray(values) || values.length !== length || values.some((value) => typeof value !== 'string')) {
    throw new LedgerError('bad-cursor', 'The cursor is not one that this list gave.');
  }
  return values as string[];
}

/** `column IN (…)`; undefined values mean no condition, an empty list that nothing fits. */
export function among(column: string, values: readonly string[] | undefined): Where | undefined {
  if (values === undefined) return undefined;
  return { sql: values.length === 0 ? '0' : `${column} IN (${values.map(() => '?').join(', ')})`, values };
}

/** `column = ?`; undefined means no condition. */
export function equals(column: string, value: string | undefined): Where | undefined {
  return value === undefined ? undefined : { sql: `${column} = ?`, values: [value] };
}

/** @throws LedgerError `bad-cursor` */
export function pageOf<T>(cache: StatementCache, query: ListQuery, request: PageRequest): Page<T> {
  const limit = Math.max(1, Math.min(maxLimit, Math.floor(request.limit)));
  const columns = query.order.map((column) => column.sql);
  const conditions = query.where.filter((where) => where !== undefined);
  if (request.cursor !== undefined) {
    const values = readCursor(request.cursor, columns.length);
    conditions.push({ sql: `(${columns.join(', ')}) ${query.descending ? '<' : '>'} (${columns.map(() => '?').join(', ')})`, values });
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
  const order = columns.map((column) => `${column} ${query.descending ? 'DESC' : 'ASC'}`).join(', ');
  const sql = `${query.select}${where} ORDER BY ${order} LIMIT ?`;
  // One more than asked for tells whether there is a next page.
  const rows = cache.all(sql, ...conditions.flatMap(({ values }) => values), limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items: items as unknown as T[] };
  return { items: items as unknown as T[], next: cursorOf(query, last) };
}

/** The cursor that goes on behind a row of the list. */
export function cursorOf(query: ListQuery, last: Row): string {
  return Buffer.from(JSON.stringify(query.order.map(({ row }) => last[row]))).toString('base64url');
}

/**
 * A page of a list that has to be searched row by row: looks at {@link maxLimit} rows of the list and keeps those that `matches` finds.
 * @param ids column that names the row
 * @param matches which of these ids (a JSON array) fit
 */
export function searchedPage(cache: StatementCache, query: ListQuery, ids: string, request: PageRequest, matches: (json: string) => ReadonlySet<string>): Page<Row> {
  const looked = pageOf<Row>(cache, query, { limit: maxLimit, ...(request.cursor === undefined ? {} : { cursor: request.cursor }) });
  const found = matches(JSON.stringify(looked.items.map((row) => row[ids])));
  const fitting = looked.items.filter((row) => found.has(String(row[ids])));
  const items = fitting.slice(0, request.limit);
  const last = items.at(-1);
  if (fitting.length > items.length && last !== undefined) return { items, next: cursorOf(query, last) };
  return looked.next === undefined ? { items } : { items, next: looked.next };
}

export type { Row };
