import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { NoticeChannel } from '../../domain/events.ts';
import type { NewNotice, Notice, NoticePreference, NoticeStore } from '../notices-port.ts';
import { LedgerError } from '../port.ts';

const applicationId = 0x57424e4f; // "WBNO"

const schema = `
CREATE TABLE cursor (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL) STRICT;
CREATE TABLE notices (
  id INTEGER PRIMARY KEY, cause INTEGER NOT NULL, case_id TEXT NOT NULL, task_id TEXT, exception_id TEXT, purpose TEXT NOT NULL, detail TEXT NOT NULL,
  channel TEXT NOT NULL, user_id TEXT NOT NULL, at TEXT NOT NULL, next_at TEXT NOT NULL, attempts INTEGER NOT NULL, result TEXT,
  UNIQUE (cause, channel, user_id)
) STRICT;
CREATE INDEX notices_due ON notices(next_at, id) WHERE result IS NULL AND channel <> '';
CREATE INDEX notices_new ON notices(id) WHERE channel = '';
CREATE INDEX notices_ended ON notices(id) WHERE result IS NOT NULL;
CREATE TABLE preferences (user_id TEXT PRIMARY KEY, mail INTEGER NOT NULL, every_minutes INTEGER NOT NULL, language TEXT NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = ${applicationId};
PRAGMA user_version = 1;
`;

type Row = Record<string, SQLInputValue>;

function toNotice(row: Row): Notice {
  return {
    id: Number(row['id']), cause: Number(row['cause']), caseId: String(row['case_id']), taskId: row['task_id'] === null ? undefined : String(row['task_id']),
    exceptionId: row['exception_id'] === null ? undefined : String(row['exception_id']), purpose: String(row['purpose']),
    detail: JSON.parse(String(row['detail'])) as Notice['detail'], channel: row['channel'] === '' ? undefined : row['channel'] as NoticeChannel,
    userId: String(row['user_id']), at: String(row['at']), nextAt: String(row['next_at']), attempts: Number(row['attempts']),
    result: row['result'] === null ? undefined : String(row['result']),
  };
}

class SqliteNotices implements NoticeStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }
  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values);
  }
  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }
  #together(change: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      change();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
  #each(ids: readonly number[], sql: string, ...values: SQLInputValue[]): void {
    this.#together(() => { for (const id of ids) this.#run(sql, ...values, id); });
  }

  cursor(): number | undefined {
    const row = this.#all('SELECT position FROM cursor')[0];
    return row === undefined ? undefined : Number(row['position']);
  }

  take(notices: readonly NewNotice[], cursor: number): void {
    this.#together(() => {
      for (const n of notices) {
        this.#run(`INSERT INTO notices(cause, case_id, task_id, exception_id, purpose, detail, channel, user_id, at, next_at, attempts)
          SELECT ?1, ?2, ?3, ?4, ?5, ?6, '', '', ?7, ?7, 0 WHERE NOT EXISTS (SELECT 1 FROM notices WHERE cause = ?1)`,
        n.cause, n.caseId, n.taskId ?? null, n.exceptionId ?? null, n.purpose, JSON.stringify(n.detail), n.at);
      }
      this.#run('INSERT INTO cursor(one, position) VALUES (1, ?) ON CONFLICT DO UPDATE SET position = excluded.position', cursor);
    });
  }

  unaddressed(limit: number): readonly Notice[] {
    return this.#all(`SELECT * FROM notices WHERE channel = '' ORDER BY id LIMIT ?`, limit).map(toNotice);
  }

  address(id: number, recipients: readonly { readonly channel: NoticeChannel; readonly userId: string }[], nextAt: string): void {
    this.#together(() => {
      for (const { channel, userId } of recipients) {
        this.#run(`INSERT OR IGNORE INTO notices(cause, case_id, task_id, exception_id, purpose, detail, channel, user_id, at, next_at, attempts)
          SELECT cause, case_id, task_id, exception_id, purpose, detail, ?, ?, at, ?, 0 FROM notices WHERE id = ?`, channel, userId, nextAt, id);
      }
      this.#run('DELETE FROM notices WHERE id = ?', id);
    });
  }

  endUnaddressed(id: number, channel: NoticeChannel, result: string): void {
    this.#run('UPDATE notices SET channel = ?, result = ? WHERE id = ?', channel, result, id);
  }

  due(now: string, limit: number): readonly Notice[] {
    return this.#all(`SELECT * FROM notices WHERE result IS NULL AND channel <> '' AND next_at <= ? ORDER BY next_at, id LIMIT ?`, now, limit).map(toNotice);
  }

  ended(limit: number): readonly Notice[] {
    return this.#all('SELECT * FROM notices WHERE result IS NOT NULL ORDER BY id LIMIT ?', limit).map(toNotice);
  }

  end(ids: readonly number[], result: string): void {
    this.#each(ids, 'UPDATE notices SET result = ? WHERE id = ?', result);
  }

  retry(ids: readonly number[], nextAt: string): void {
    this.#each(ids, 'UPDATE notices SET next_at = ?, attempts = attempts + 1 WHERE id = ?', nextAt);
  }

  postpone(ids: readonly number[], nextAt: string): void {
    this.#each(ids, 'UPDATE notices SET next_at = ? WHERE id = ?', nextAt);
  }

  remove(ids: readonly number[]): void {
    this.#each(ids, 'DELETE FROM notices WHERE id = ?');
  }

  nextDue(): string | undefined {
    const row = this.#all(`SELECT min(next_at) AS at FROM notices WHERE result IS NULL AND channel <> ''`)[0];
    return row?.['at'] == null ? undefined : String(row['at']);
  }

  counts(): readonly { readonly channel: string; readonly waiting: number; readonly oldest: string }[] {
    return this.#all('SELECT channel, count(*) AS waiting, min(at) AS oldest FROM notices GROUP BY channel')
      .map((row) => ({ channel: String(row['channel']), waiting: Number(row['waiting']), oldest: String(row['oldest']) }));
  }

  preference(userId: string): NoticePreference | undefined {
    const row = this.#all('SELECT * FROM preferences WHERE user_id = ?', userId)[0];
    return row === undefined ? undefined : { mail: row['mail'] === 1, everyMinutes: Number(row['every_minutes']), language: row['language'] === 'de' ? 'de' : 'en' };
  }

  setPreference(userId: string, { mail, everyMinutes, language }: NoticePreference): void {
    this.#run('INSERT INTO preferences(user_id, mail, every_minutes, language) VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET mail = excluded.mail, every_minutes = excluded.every_minutes, language = excluded.language',
      userId, mail ? 1 : 0, everyMinutes, language);
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}

/**
 * Opens `<home>/notices.db`. Its commits are not waited for on the disk: what a power cut takes away is read from the ledger again.
 * @throws LedgerError `path` or `corrupt`
 */
export function openSqliteNotices(home: string): NoticeStore {
  const path = join(home, 'notices.db');
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    db = new DatabaseSync(path);
    db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as Row;
    if (version === 0) db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
    const { application_id: id } = db.prepare('PRAGMA application_id').get() as Row;
    if (Number(id) !== applicationId || Number(version) > 1) throw new LedgerError('corrupt', `${path} is no file of notifications that this version can read; move it away, and it is made anew.`);
    return new SqliteNotices(db);
  } catch (error) {
    db?.close();
    if (error instanceof LedgerError) throw error;
    const message = (error as Error).message;
    throw new LedgerError(/not a database|malformed/.test(message) ? 'corrupt' : 'path', `${path} cannot be used for notifications: ${message} Mend its permissions, or move it away, and it is made anew.`, { cause: error });
  }
}
