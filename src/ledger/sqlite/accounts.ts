import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { AccountError } from '../accounts-port.ts';
import type {
  AccessNote, AccountStore, ApiTokenRecord, OneTimeLinkRecord, SessionRecord, UserPatch, UserRecord,
} from '../accounts-port.ts';

const applicationId = 0x57424143; // "WBAC"
const schemaVersion = 3;

const schema = `
CREATE TABLE users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE, display_name TEXT NOT NULL, roles TEXT NOT NULL, sites TEXT NOT NULL,
  badge TEXT UNIQUE, password_hash TEXT NOT NULL, disabled INTEGER NOT NULL, created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL, sites TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_user ON tokens(user_id);
CREATE TABLE sessions (
  id_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, created_at TEXT NOT NULL, expires_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL, auth_method TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions(user_id);
CREATE TABLE one_time_links (
  hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, expires_at TEXT NOT NULL, used_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX links_user ON one_time_links(user_id);
PRAGMA application_id = ${applicationId};
PRAGMA user_version = 1;
`;

/** From version 1 to 2: PINs, what is known of a session, changes that the ledger has not recorded yet. */
const secondVersion = `
ALTER TABLE users ADD COLUMN pin_hash TEXT;
ALTER TABLE sessions ADD COLUMN remote_address TEXT;
ALTER TABLE sessions ADD COLUMN client TEXT;
ALTER TABLE sessions ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
CREATE TABLE access_notes (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL, user_id TEXT NOT NULL, by_user_id TEXT
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 2;
`;

/** From version 2 to 3: e-mail addresses. */
const thirdVersion = `
ALTER TABLE users ADD COLUMN email TEXT;
PRAGMA user_version = 3;
`;

type Row = Record<string, SQLInputValue>;

function list(value: unknown): string[] {
  return JSON.parse(String(value)) as string[];
}

function toUser(row: Row): UserRecord {
  return {
    id: String(row['id']), name: String(row['name']), displayName: String(row['display_name']),
    roles: list(row['roles']), sites: list(row['sites']),
    ...(row['badge'] == null ? {} : { badge: String(row['badge']) }),
    ...(row['email'] == null ? {} : { email: String(row['email']) }),
    passwordHash: String(row['password_hash']), ...(row['pin_hash'] == null ? {} : { pinHash: String(row['pin_hash']) }), disabled: row['disabled'] === 1, createdAt: String(row['created_at']),
  };
}

function toToken(row: Row): ApiTokenRecord {
  return {
    id: String(row['id']), userId: String(row['user_id']), name: String(row['name']), hash: String(row['hash']),
    scopes: list(row['scopes']), sites: list(row['sites']), createdAt: String(row['created_at']),
    ...(row['expires_at'] == null ? {} : { expiresAt: String(row['expires_at']) }),
    ...(row['revoked_at'] == null ? {} : { revokedAt: String(row['revoked_at']) }),
  };
}

function toSession(row: Row): SessionRecord {
  return {
    idHash: String(row['id_hash']), userId: String(row['user_id']), createdAt: String(row['created_at']),
    expiresAt: String(row['expires_at']), lastSeenAt: String(row['last_seen_at']), authMethod: String(row['auth_method']),
    ...(row['remote_address'] == null ? {} : { remoteAddress: String(row['remote_address']) }),
    ...(row['client'] == null ? {} : { client: String(row['client']) }),
    ...(row['shared'] === 1 ? { shared: true } : {}),
  };
}

function toNote(row: Row): AccessNote {
  return {
    id: String(row['id']), at: String(row['at']), what: String(row['what']), userId: String(row['user_id']),
    ...(row['by_user_id'] == null ? {} : { byUserId: String(row['by_user_id']) }),
  };
}

/** SQLite's own error as one of ours. */
function accountError(error: unknown): AccountError {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('users.name')) return new AccountError('name-taken', 'The name is taken; choose another.', { cause: error });
  if (message.includes('users.badge')) return new AccountError('badge-taken', 'The badge belongs to another account.', { cause: error });
  if (message.startsWith('UNIQUE constraint')) return new AccountError('id-taken', 'A record with this id or hash exists.', { cause: error });
  if (message.startsWith('FOREIGN KEY')) return new AccountError('unknown-user', 'There is no such account.', { cause: error });
  if (/not a database|malformed/.test(message)) return new AccountError('corrupt', `The accounts file is damaged: ${message}`, { cause: error });
  return new AccountError('unavailable', `The accounts file cannot be used now: ${message}`, { cause: error });
}

/** Opens the file, private to its owner, and creates the tables in a new one. */
function openDatabase(path: string): DatabaseSync {
  try {
    if (path !== ':memory:') {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      closeSync(openSync(path, 'a', 0o600));
      chmodSync(path, 0o600);
    }
  } catch (error) {
    throw new AccountError('path', `Cannot use ${path} for accounts: ${(error as Error).message}`, { cause: error });
  }
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec('PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
    db.exec('BEGIN IMMEDIATE');
    const version = Number((db.prepare('PRAGMA user_version').get() as Row)['user_version']);
    if (version === 0) db.exec(schema);
    else if (Number((db.prepare('PRAGMA application_id').get() as Row)['application_id']) !== applicationId) throw new AccountError('corrupt', `${path} is not an accounts file.`);
    if (version < 2) db.exec(secondVersion);
    if (version < 3) db.exec(thirdVersion);
    db.exec('COMMIT');
    const id = Number((db.prepare('PRAGMA application_id').get() as Row)['application_id']);
    if (id !== applicationId || version > schemaVersion) {
      throw new AccountError('corrupt', `${path} is not an accounts file this version can read (id ${id}, version ${version}).`);
    }
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof AccountError ? error : accountError(error);
  }
}

class SqliteAccounts implements AccountStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#db = openDatabase(path);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    try {
      return Number(this.#prepare(sql).run(...values).changes);
    } catch (error) {
      throw accountError(error);
    }
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    try {
      return this.#prepare(sql).all(...values) as Row[];
    } catch (error) {
      throw accountError(error);
    }
  }

  /** A change with its note, both or none; without a change there is no note. */
  #noted(note: AccessNote | undefined, change: () => number): number {
    if (note === undefined) return change();
    this.#run('BEGIN IMMEDIATE');
    try {
      const changes = change();
      if (changes > 0) this.#insertNote(note);
      this.#run('COMMIT');
      return changes;
    } catch (error) {
      if (this.#db.isTransaction) this.#run('ROLLBACK');
      throw error;
    }
  }

  #insertNote({ id, at, what, userId, byUserId }: AccessNote): void {
    this.#run('INSERT INTO access_notes(id, at, what, user_id, by_user_id) VALUES (?,?,?,?,?)', id, at, what, userId, byUserId ?? null);
  }

  async createUser(user: UserRecord, note?: AccessNote): Promise<void> {
    this.#noted(note, () => this.#run('INSERT INTO users(id, name, display_name, roles, sites, badge, email, password_hash, pin_hash, disabled, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)',
      user.id, user.name, user.displayName, JSON.stringify(user.roles), JSON.stringify(user.sites), user.badge ?? null, user.email ?? null,
      user.passwordHash, user.pinHash ?? null, user.disabled ? 1 : 0, user.createdAt));
  }

  async getUser(id: string): Promise<UserRecord | undefined> {
    return this.#all('SELECT * FROM users WHERE id = ?', id).map(toUser)[0];
  }

  async findUserByName(name: string): Promise<UserRecord | undefined> {
    return this.#all('SELECT * FROM users WHERE name = ?', name).map(toUser)[0];
  }

  async findUserByBadge(badge: string): Promise<UserRecord | undefined> {
    return this.#all('SELECT * FROM users WHERE badge = ?', badge).map(toUser)[0];
  }

  async listUsers(): Promise<readonly UserRecord[]> {
    return this.#all('SELECT * FROM users ORDER BY name').map(toUser);
  }

  async countUsers(): Promise<number> {
    return Number(this.#all('SELECT count(*) AS n FROM users')[0]?.['n']);
  }

  async updateUser(id: string, patch: UserPatch, note?: AccessNote): Promise<UserRecord> {
    const columns: Record<string, SQLInputValue> = {
      ...(patch.name === undefined ? {} : { name: patch.name }),
      ...(patch.displayName === undefined ? {} : { display_name: patch.displayName }),
      ...(patch.roles === undefined ? {} : { roles: JSON.stringify(patch.roles) }),
      ...(patch.sites === undefined ? {} : { sites: JSON.stringify(patch.sites) }),
      ...(patch.badge === undefined ? {} : { badge: patch.badge }),
      ...(patch.email === undefined ? {} : { email: patch.email }),
      ...(patch.passwordHash === undefined ? {} : { password_hash: patch.passwordHash }),
      ...(patch.pinHash === undefined ? {} : { pin_hash: patch.pinHash }),
      ...(patch.disabled === undefined ? {} : { disabled: patch.disabled ? 1 : 0 }),
    };
    const names = Object.keys(columns);
    if (names.length > 0) {
      this.#noted(note, () => this.#run(`UPDATE users SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`, ...Object.values(columns), id));
    }
    const user = await this.getUser(id);
    if (user === undefined) throw new AccountError('unknown-user', `There is no account ${id}.`);
    return user;
  }

  async deleteUser(id: string): Promise<boolean> {
    return this.#run('DELETE FROM users WHERE id = ?', id) > 0;
  }

  async createToken(token: ApiTokenRecord, note?: AccessNote): Promise<void> {
    this.#noted(note, () => this.#run('INSERT INTO tokens(id, user_id, name, hash, scopes, sites, created_at, expires_at, revoked_at) VALUES (?,?,?,?,?,?,?,?,?)',
      token.id, token.userId, token.name, token.hash, JSON.stringify(token.scopes), JSON.stringify(token.sites),
      token.createdAt, token.expiresAt ?? null, token.revokedAt ?? null));
  }

  async findTokenByHash(hash: string): Promise<ApiTokenRecord | undefined> {
    return this.#all('SELECT * FROM tokens WHERE hash = ?', hash).map(toToken)[0];
  }

  async listTokens(userId?: string): Promise<readonly ApiTokenRecord[]> {
    const rows = userId === undefined
      ? this.#all('SELECT * FROM tokens ORDER BY created_at, id')
      : this.#all('SELECT * FROM tokens WHERE user_id = ? ORDER BY created_at, id', userId);
    return rows.map(toToken);
  }

  async revokeToken(id: string, at: string, note?: AccessNote): Promise<boolean> {
    return this.#noted(note, () => this.#run('UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', at, id)) > 0;
  }

  async createSession(session: SessionRecord): Promise<void> {
    this.#run('INSERT INTO sessions(id_hash, user_id, created_at, expires_at, last_seen_at, auth_method, remote_address, client, shared) VALUES (?,?,?,?,?,?,?,?,?)',
      session.idHash, session.userId, session.createdAt, session.expiresAt, session.lastSeenAt, session.authMethod,
      session.remoteAddress ?? null, session.client ?? null, session.shared === true ? 1 : 0);
  }

  async getSession(idHash: string): Promise<SessionRecord | undefined> {
    return this.#all('SELECT * FROM sessions WHERE id_hash = ?', idHash).map(toSession)[0];
  }

  async touchSession(idHash: string, lastSeenAt: string, expiresAt?: string): Promise<boolean> {
    return this.#run('UPDATE sessions SET last_seen_at = ?, expires_at = coalesce(?, expires_at) WHERE id_hash = ?', lastSeenAt, expiresAt ?? null, idHash) > 0;
  }

  async listSessions(now: string, userId?: string): Promise<readonly SessionRecord[]> {
    const rows = userId === undefined
      ? this.#all('SELECT * FROM sessions WHERE expires_at > ? ORDER BY last_seen_at DESC, id_hash', now)
      : this.#all('SELECT * FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY last_seen_at DESC, id_hash', userId, now);
    return rows.map(toSession);
  }

  async deleteSession(idHash: string, note?: AccessNote): Promise<boolean> {
    return this.#noted(note, () => this.#run('DELETE FROM sessions WHERE id_hash = ?', idHash)) > 0;
  }

  async deleteSessionsOf(userId: string, options: { readonly except?: string; readonly note?: AccessNote } = {}): Promise<number> {
    return this.#noted(options.note, () => this.#run('DELETE FROM sessions WHERE user_id = ? AND id_hash <> ?', userId, options.except ?? ''));
  }

  async deleteExpired(now: string): Promise<number> {
    return this.#run('DELETE FROM sessions WHERE expires_at <= ?', now) + this.#run('DELETE FROM one_time_links WHERE expires_at <= ?', now);
  }

  async createOneTimeLink(link: OneTimeLinkRecord): Promise<void> {
    this.#run('INSERT INTO one_time_links(hash, user_id, expires_at, used_at) VALUES (?,?,?,?)', link.hash, link.userId, link.expiresAt, link.usedAt ?? null);
  }

  async consumeOneTimeLink(hash: string, now: string): Promise<string | undefined> {
    // One statement: of two processes at the same instant, only one sees used_at NULL.
    const rows = this.#all('UPDATE one_time_links SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ? RETURNING user_id', now, hash, now);
    const row = rows[0];
    return row === undefined ? undefined : String(row['user_id']);
  }

  async addNote(note: AccessNote): Promise<void> {
    this.#insertNote(note);
  }

  async pendingNotes(limit: number): Promise<readonly AccessNote[]> {
    return this.#all('SELECT * FROM access_notes ORDER BY at, id LIMIT ?', limit).map(toNote);
  }

  async removeNote(id: string): Promise<void> {
    this.#run('DELETE FROM access_notes WHERE id = ?', id);
  }

  async close(): Promise<void> {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}

/**
 * Opens `<home>/accounts.db` (or an explicit path), creating it when it is not there. Safe while
 * another process has it open.
 * @throws AccountError `path`, `corrupt` or `unavailable`
 */
export function openSqliteAccounts(where: { readonly home: string } | { readonly path: string }): AccountStore {
  return new SqliteAccounts('path' in where ? where.path : join(where.home, 'accounts.db'));
}
