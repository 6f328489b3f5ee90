import { DatabaseSync } from 'node:sqlite';
import type { StatementSync, SQLInputValue } from 'node:sqlite';
import { LedgerError } from '../port.ts';
import { applicationId, coreSchema, projectionSchema, schemaVersion } from './schema.ts';

export type Row = Record<string, SQLInputValue>;

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), the low byte of `errcode`. */
const rescode = { perm: 3, busy: 5, locked: 6, nomem: 7, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, protocol: 15, constraint: 19, notadb: 26 } as const;

const storageAdvice: ReadonlyMap<number, string> = new Map([
  [rescode.full, 'The disk is full: free some space on the ledger\'s volume.'],
  [rescode.busy, 'Another program holds the ledger file locked: end it (a backup tool, a database browser).'],
  [rescode.locked, 'Another program holds the ledger file locked: end it (a backup tool, a database browser).'],
  [rescode.nomem, 'There is not enough memory for the ledger.'],
  [rescode.readonly, 'The ledger file cannot be written: mend its permissions or the read-only volume.'],
  [rescode.perm, 'The ledger file cannot be used: mend its permissions.'],
  [rescode.ioerr, 'The disk reports an error: check the ledger\'s volume.'],
  [rescode.cantopen, 'The ledger file cannot be opened: check that its folder is there and may be written.'],
  [rescode.protocol, 'The ledger file\'s locks do not work on this volume: keep it on a local disk.'],
  [rescode.corrupt, 'The ledger file is damaged: stop, keep a copy, run `waybill ledger verify`.'],
  [rescode.notadb, 'The ledger file is no database any more: stop, keep a copy, run `waybill ledger verify`.'],
]);

/** SQLite's result code of an error, or undefined when it is none of SQLite's. */
export function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** What an operator should do about an error of the storage; undefined for errors of another kind. */
export function storageReason(error: unknown): string | undefined {
  const code = resultCode(error);
  const advice = code === undefined ? undefined : storageAdvice.get(code);
  return advice === undefined ? undefined : `${advice} (${(error as Error).message})`;
}

/** A storage error as the port knows it. */
export function ledgerErrorOf(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  const code = resultCode(error);
  const damaged = code === rescode.corrupt || code === rescode.notadb;
  return new LedgerError(damaged ? 'corrupt' : 'unavailable', storageReason(error) ?? (error as Error).message, { cause: error });
}

/** Prepares each statement text once. */
export class StatementCache {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.prepare(sql).all(...values) as Row[];
  }
}

/** KiB of page cache for a connection that writes, and for one that reads. */
const cacheKib = { writer: 32_768, reader: 8_192 } as const;

/**
 * Opens a connection that writes. Durability as the ledger needs it: WAL, FULL (an fsync for each commit),
 * overwriting what is deleted (erasure reaches free pages, PROTOCOL §6).
 * @throws LedgerError `path`, `corrupt` or `unavailable`
 */
export function openWriter(path: string, options: { readonly maxPages?: number } = {}): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec(`PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
      PRAGMA cache_size = -${cacheKib.writer}; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;`);
    if (options.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${options.maxPages}`);
    createTables(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw openError(error, path);
  }
}

/**
 * Opens a connection that only reads; it never waits for the writer and never makes it wait.
 * @throws LedgerError `path`, `corrupt` or `unavailable`
 */
export function openReader(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    db.exec(`PRAGMA busy_timeout = 2000; PRAGMA query_only = ON; PRAGMA cache_size = -${cacheKib.reader}; PRAGMA temp_store = MEMORY;`);
    checkVersion(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw openError(error, path);
  }
}

function openError(error: unknown, path: string): LedgerError {
  if (resultCode(error) === rescode.cantopen) return new LedgerError('path', `Cannot open the ledger ${path}: check that its folder is there and may be written.`, { cause: error });
  if (resultCode(error) === rescode.notadb) return new LedgerError('corrupt', `${path} is no Waybill ledger. Move that file away, or set WAYBILL_HOME to another folder.`, { cause: error });
  return ledgerErrorOf(error);
}

function pragma(db: DatabaseSync, name: string): number {
  return Number((db.prepare(`PRAGMA ${name}`).get() as Row)[name]);
}

function checkVersion(db: DatabaseSync, path: string): void {
  if (pragma(db, 'application_id') !== applicationId) throw new LedgerError('corrupt', `${path} is no Waybill ledger. Move that file away, or set WAYBILL_HOME to another folder.`);
  const version = pragma(db, 'user_version');
  if (version !== schemaVersion) {
    throw new LedgerError('corrupt', `${path} has tables of version ${version}; this program reads version ${schemaVersion}. Use the Waybill that wrote it.`);
  }
}

function createTables(db: DatabaseSync, path: string): void {
  const tables = Number((db.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as Row)['n']);
  if (tables > 0) return checkVersion(db, path);
  db.exec(`BEGIN IMMEDIATE; ${coreSchema} ${projectionSchema} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT;`);
}
