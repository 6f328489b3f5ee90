import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../../domain/events.ts';
import { decodeLeaf } from '../leaf.ts';
import { LedgerError } from '../port.ts';
import { project, projectionTables, typesWithContentInRows } from '../projections.ts';
import type { Cell } from '../projections.ts';
import { StatementCache } from './database.ts';
import type { Row } from './database.ts';
import { projectionSchema } from './schema.ts';
import { RowEncoder, RowExecutor } from './statements.ts';

/**
 * Fills empty projection tables from events.
 * @param events name of the table of events
 * @returns how many events there were
 * @throws LedgerError `corrupt` naming the event that cannot be read or projected
 */
export function projectAll(cache: StatementCache, events: 'events' | 'ledger.events'): number {
  const executor = new RowExecutor(cache);
  const encoder = new RowEncoder();
  let count = 0;
  for (const row of cache.prepare(`SELECT position, CAST(leaf AS TEXT) AS leaf, content FROM ${events} ORDER BY position`).iterate() as Iterable<Row>) {
    try {
      const bare = decodeLeaf(String(row['leaf']), null, null);
      const content = row['content'] as string | null;
      const event = content !== null && typesWithContentInRows.has(bare.type as EventType) ? decodeLeaf(String(row['leaf']), content, null) : bare;
      const rows: Cell[] = [];
      for (const op of project(event, event.recordedAt)) encoder.encode(op, rows);
      executor.learn(encoder.texts);
      executor.run(rows);
    } catch (error) {
      throw new LedgerError('corrupt', `Event ${String(row['position'])} cannot be projected: ${(error as Error).message}`, { cause: error });
    }
    count += 1;
  }
  executor.flushCounts();
  return count;
}

const metaKey = 'projection_schema';

/** Whether the projections' tables are those of this version of the program. @param meta name of the table of settings */
export function tablesAreCurrent(cache: StatementCache, meta: 'meta' | 'ledger.meta'): boolean {
  return cache.get(`SELECT value FROM ${meta} WHERE key = ?`, metaKey)?.['value'] === hash('sha256', projectionSchema);
}

/**
 * Makes the projections anew when their tables are those of another version of this program: what follows from the events needs
 * no migration. One transaction, so that a crash leaves the old tables.
 */
export function renewProjections(db: DatabaseSync): void {
  const cache = new StatementCache(db);
  if (tablesAreCurrent(cache, 'meta')) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const table of projectionTables) db.exec(`DROP TABLE IF EXISTS ${table}`);
    db.exec(projectionSchema);
    projectAll(cache, 'events');
    db.prepare('INSERT INTO meta(key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(metaKey, hash('sha256', projectionSchema));
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
