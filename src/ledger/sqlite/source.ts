import { LedgerError } from '../port.ts';
import type { LedgerSource, StoredEvent } from '../verify.ts';
import type { LogKey } from '../log-keys.ts';
import { newestLoggedCheckpoint } from './checkpoint-log.ts';
import type { Row } from './database.ts';
import type { LedgerFiles } from './files.ts';
import { SqliteReader } from './reader.ts';
import { logKeys } from './tree.ts';

/**
 * One moment of a ledger file, to be verified, exported or proved from. Works beside a running instance: it only reads, and
 * everything it reads is of one snapshot.
 */
export class SqliteSource implements LedgerSource {
  readonly ledgerId: string;
  readonly origin: string;
  readonly keys: readonly LogKey[];
  readonly loggedCheckpoint: string | undefined;
  readonly reader: SqliteReader;

  /** @throws LedgerError `path`, `corrupt`, `unavailable` */
  constructor(files: LedgerFiles) {
    // Before the snapshot, so that what was signed meanwhile is in it.
    this.loggedCheckpoint = newestLoggedCheckpoint(files.checkpoints);
    this.reader = new SqliteReader(files.database);
    this.reader.db.exec('BEGIN');
    const id = this.reader.cache.get('SELECT value FROM meta WHERE key = ?', 'ledger_id');
    const keys = logKeys(this.reader.db);
    const newest = keys.at(-1);
    if (id === undefined || newest === undefined) {
      this.close();
      throw new LedgerError('corrupt', `${files.database} holds no ledger yet, or one that names no id or key.`);
    }
    this.ledgerId = String(id['value']);
    this.keys = keys;
    this.origin = newest.origin;
  }

  close(): void {
    this.reader.close();
  }

  *events(fromPosition = 1): Iterable<StoredEvent> {
    const rows = this.reader.db.prepare('SELECT position, stream_id, version, type, leaf, content, personal FROM events WHERE position >= ? ORDER BY position');
    for (const row of rows.iterate(fromPosition) as Iterable<Row>) yield toStoredEvent(row);
  }

  streamEvents(streamId: string): StoredEvent[] {
    return this.reader.cache.all('SELECT position, stream_id, version, type, leaf, content, personal FROM events WHERE stream_id = ? ORDER BY version', streamId).map(toStoredEvent);
  }

  tile(level: number, index: number): Uint8Array | undefined {
    return this.reader.cache.get('SELECT bytes FROM tiles WHERE level = ? AND idx = ?', level, index)?.['bytes'] as Uint8Array | undefined;
  }

  *checkpoints(): Iterable<{ size: number; note: string; signedAt: string }> {
    const rows = this.reader.db.prepare('SELECT size, note, signed_at FROM checkpoints ORDER BY size');
    for (const row of rows.iterate() as Iterable<Row>) yield { size: Number(row['size']), note: String(row['note']), signedAt: String(row['signed_at']) };
  }

  *streamGaps(): Iterable<{ streamId: string; count: number; first: number; last: number }> {
    const rows = this.reader.db.prepare(`SELECT stream_id, count(*) AS count, min(version) AS first, max(version) AS last FROM events
      GROUP BY stream_id HAVING min(version) <> 1 OR max(version) <> count(*)`);
    for (const row of rows.iterate() as Iterable<Row>) yield { streamId: String(row['stream_id']), count: Number(row['count']), first: Number(row['first']), last: Number(row['last']) };
  }

  /** What SQLite itself finds wrong with the file's structure. */
  fileProblems(): string[] {
    const rows = this.reader.db.prepare('PRAGMA integrity_check(20)').all() as Row[];
    return rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
  }
}

function toStoredEvent(row: Row): StoredEvent {
  return {
    position: Number(row['position']), streamId: String(row['stream_id']), version: Number(row['version']), type: String(row['type']),
    leaf: row['leaf'] as Uint8Array, content: row['content'] as string | null, personal: row['personal'] as string | null,
  };
}
