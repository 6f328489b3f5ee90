import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../port.ts';
import { projectionTables } from '../projections.ts';
import type { ProjectionTable } from '../projections.ts';
import { ledgerErrorOf, StatementCache } from './database.ts';
import type { Row } from './database.ts';
import { projectAll, tablesAreCurrent } from './project-all.ts';
import { applicationId, projectionSchema, schemaVersion } from './schema.ts';

/** A row of a projection that is not what the events say. */
export interface ProjectionDifference {
  readonly table: ProjectionTable;
  /** `column=value` of the primary key. */
  readonly key: string;
  readonly kind: 'missing' | 'unexpected' | 'different';
  /** Columns that differ, when both rows are there. */
  readonly columns: readonly string[];
}

/** At most so many differences are named for each table. */
const namedDifferences = 50;

/**
 * The projections made anew from the events, in a temporary database with the ledger attached to it, so that both are seen at one
 * moment even while a running instance writes.
 */
export class ShadowProjections {
  readonly #db: DatabaseSync;
  readonly #cache: StatementCache;
  #events = 0;

  /** @throws LedgerError `path`, `corrupt`, `unavailable` */
  constructor(path: string) {
    this.#db = new DatabaseSync('');
    this.#cache = new StatementCache(this.#db);
    try {
      this.#db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;');
      this.#db.exec(projectionSchema);
      this.#cache.prepare('ATTACH ? AS ledger').run(path);
      this.#db.exec('PRAGMA ledger.synchronous = FULL; PRAGMA ledger.secure_delete = ON; PRAGMA busy_timeout = 5000;');
      const id = Number(this.#cache.get('PRAGMA ledger.application_id')?.['application_id']);
      const version = Number(this.#cache.get('PRAGMA ledger.user_version')?.['user_version']);
      if (id !== applicationId || version !== schemaVersion) throw new LedgerError('corrupt', `${path} is no ledger that this program can read.`);
    } catch (error) {
      this.#db.close();
      throw ledgerErrorOf(error);
    }
  }

  get events(): number { return this.#events; }

  /** False when the ledger's projections have the tables of another version, with which nothing can be compared. */
  get comparable(): boolean { return tablesAreCurrent(this.#cache, 'ledger.meta'); }

  close(): void {
    this.#db.close();
  }

  /** Makes the projections. @throws LedgerError `corrupt` naming the event that cannot be read or projected */
  build(): void {
    this.#db.exec('BEGIN');
    this.#events = projectAll(this.#cache, 'ledger.events');
  }

  /** What differs between the ledger's projections and those that the events give. */
  differences(): ProjectionDifference[] {
    return projectionTables.flatMap((table) => this.#compare(table));
  }

  /** Puts these projections in the place of the ledger's, atomically. */
  replace(): void {
    for (const table of projectionTables) {
      this.#db.exec(`DELETE FROM ledger.${table}; INSERT INTO ledger.${table} SELECT * FROM main.${table};`);
    }
    this.#db.exec('COMMIT');
  }

  #compare(table: ProjectionTable): ProjectionDifference[] {
    // A counter at 0 and one that is not there mean the same.
    const filter = table === 'counters' ? ' WHERE value <> 0' : '';
    const only = (left: string, right: string): Row[] => this.#cache.all(
      `SELECT * FROM (SELECT * FROM ${left}.${table}${filter} EXCEPT SELECT * FROM ${right}.${table}${filter}) LIMIT ${namedDifferences}`);
    const keyColumns = this.#cache.all(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0 ORDER BY pk`).map((row) => String(row['name']));
    const keyOf = (row: Row): string => keyColumns.map((name) => `${name}=${String(row[name])}`).join(' ');
    const found = new Map(only('ledger', 'main').map((row) => [keyOf(row), row]));
    const expected = new Map(only('main', 'ledger').map((row) => [keyOf(row), row]));
    const differences: ProjectionDifference[] = [];
    for (const [key, row] of found) {
      const right = expected.get(key);
      const columns = right === undefined ? [] : Object.keys(row).filter((name) => row[name] !== right[name]);
      differences.push({ table, key, kind: right === undefined ? 'unexpected' : 'different', columns });
    }
    for (const key of expected.keys()) if (!found.has(key)) differences.push({ table, key, kind: 'missing', columns: [] });
    return differences;
  }
}
