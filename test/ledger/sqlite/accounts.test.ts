import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { AccountError, AccountStore, UserRecord } from '../../../src/ledger/accounts-port.ts';
import { openSqliteAccounts } from '../../../src/ledger/sqlite/accounts.ts';

const at = '2025-03-01T08:00:00.000Z';
const user = (n: number): UserRecord => ({
  id: `u${n}`, name: `Name${n}`, displayName: `Person ${n}`, roles: ['clerk'], sites: ['*'], passwordHash: 'scrypt$x', disabled: false, createdAt: at,
});

describe('accounts in SQLite', () => {
  let home: string;
  let store: AccountStore;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'waybill-accounts-'));
    store = openSqliteAccounts({ home });
  });
  afterEach(async () => {
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('keeps users over a reopening, private to their owner', async () => {
    await store.createUser({ ...user(1), badge: 'B-1' });
    await store.close();
    store = openSqliteAccounts({ home });
    assert.deepEqual(await store.getUser('u1'), { ...user(1), badge: 'B-1' });
    assert.deepEqual((await store.findUserByName('nAME1'))?.id, 'u1');
    assert.deepEqual((await store.findUserByBadge('B-1'))?.id, 'u1');
    assert.equal(statSync(join(home, 'accounts.db')).mode & 0o777, 0o600);
  });

  it('refuses a name or a badge that is taken', async () => {
    await store.createUser({ ...user(1), badge: 'B-1' });
    await assert.rejects(store.createUser({ ...user(2), name: 'name1' }), (e: AccountError) => e.code === 'name-taken');
    await assert.rejects(store.createUser({ ...user(2), badge: 'B-1' }), (e: AccountError) => e.code === 'badge-taken');
    await assert.rejects(store.createUser({ ...user(2), id: 'u1' }), (e: AccountError) => e.code === 'id-taken');
  });

  it('changes a user', async () => {
    await store.createUser({ ...user(1), badge: 'B-1' });
    const changed = await store.updateUser('u1', { roles: ['a', 'b'], disabled: true, badge: null });
    assert.deepEqual(changed, { ...user(1), roles: ['a', 'b'], disabled: true });
    await assert.rejects(store.updateUser('nobody', { disabled: true }), (e: AccountError) => e.code === 'unknown-user');
  });

  it('revokes a token once and lists it', async () => {
    await store.createUser(user(1));
    const token = { id: 't1', userId: 'u1', name: 'ci', hash: 'h', scopes: ['tasks:decide'], sites: ['dc-1'], createdAt: at, expiresAt: at };
    await store.createToken(token);
    assert.deepEqual(await store.findTokenByHash('h'), token);
    assert.equal(await store.revokeToken('t1', at), true);
    assert.equal(await store.revokeToken('t1', at), false);
    assert.deepEqual(await store.listTokens('u1'), [{ ...token, revokedAt: at }]);
    await assert.rejects(store.createToken({ ...token, id: 't2', hash: 'h2', userId: 'nobody' }), (e: AccountError) => e.code === 'unknown-user');
  });

  it('touches, ends and expires sessions', async () => {
    await store.createUser(user(1));
    const session = { idHash: 's', userId: 'u1', createdAt: at, expiresAt: '2025-03-01T20:00:00.000Z', lastSeenAt: at, authMethod: 'password' };
    await store.createSession(session);
    assert.equal(await store.touchSession('s', '2025-03-01T09:00:00.000Z'), true);
    assert.deepEqual(await store.getSession('s'), { ...session, lastSeenAt: '2025-03-01T09:00:00.000Z' });
    assert.equal(await store.deleteExpired('2025-03-01T19:59:59.999Z'), 0);
    assert.equal(await store.deleteExpired('2025-03-01T20:00:00.000Z'), 1);
    await store.createSession(session);
    assert.equal(await store.deleteSessionsOf('u1'), 1);
    assert.equal(await store.touchSession('s', at), false);
  });

  it('deletes a user with all that hangs on it', async () => {
    await store.createUser(user(1));
    await store.createSession({ idHash: 's', userId: 'u1', createdAt: at, expiresAt: at, lastSeenAt: at, authMethod: 'password' });
    assert.equal(await store.deleteUser('u1'), true);
    assert.equal(await store.getSession('s'), undefined);
    assert.equal(await store.countUsers(), 0);
  });

  it('consumes a one-time link exactly once among several processes', async () => {
    await store.createUser(user(1));
    await store.createOneTimeLink({ hash: 'l', userId: 'u1', expiresAt: '2025-03-02T00:00:00.000Z' });
    const script = `
      import { openSqliteAccounts } from ${JSON.stringify(new URL('../../../src/ledger/sqlite/accounts.ts', import.meta.url).href)};
      const store = openSqliteAccounts({ home: ${JSON.stringify(home)} });
      process.stdout.write(String(await store.consumeOneTimeLink('l', ${JSON.stringify(at)})));
      await store.close();`;
    const run = promisify(execFile);
    const answers = await Promise.all([1, 2, 3].map(() => run(process.execPath, ['--input-type=module-typescript', '-e', script])));
    assert.deepEqual(answers.map((a) => a.stdout).sort(), ['u1', 'undefined', 'undefined']);
    assert.equal(await store.consumeOneTimeLink('l', at), undefined);
    await store.createOneTimeLink({ hash: 'old', userId: 'u1', expiresAt: at });
    assert.equal(await store.consumeOneTimeLink('old', at), undefined);
  });

  it('says so when the file is not an accounts file', () => {
    const path = join(home, 'other.db');
    writeFileSync(path, 'not a database at all, but long enough to be looked at'.repeat(20));
    assert.throws(() => openSqliteAccounts({ path }), (e: AccountError) => e.code === 'corrupt');
    assert.throws(() => openSqliteAccounts({ path: join(path, 'x.db') }), (e: AccountError) => e.code === 'path');
  });
});

describe('ledger: accounts of the version before', () => {
  it('are opened and keep what is in them', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'waybill-accounts-v1-')), 'accounts.db');
    const old = new DatabaseSync(path);
    old.exec(`
      CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE, display_name TEXT NOT NULL, roles TEXT NOT NULL, sites TEXT NOT NULL,
        badge TEXT UNIQUE, password_hash TEXT NOT NULL, disabled INTEGER NOT NULL, created_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE tokens (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
        scopes TEXT NOT NULL, sites TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT) STRICT, WITHOUT ROWID;
      CREATE TABLE sessions (id_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, created_at TEXT NOT NULL, expires_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL, auth_method TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE one_time_links (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, expires_at TEXT NOT NULL, used_at TEXT) STRICT, WITHOUT ROWID;
      INSERT INTO users VALUES ('u1', 'sam', 'Sam', '["clerk"]', '["dc-1"]', NULL, '!', 0, '2026-01-01T00:00:00.000Z');
      INSERT INTO sessions VALUES ('h1', 'u1', '2026-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 'password');
      PRAGMA application_id = ${0x57424143};
      PRAGMA user_version = 1;
    `);
    old.close();
    for (const opening of ['first', 'second']) {
      const store = openSqliteAccounts({ path });
      assert.equal((await store.findUserByName('sam'))?.displayName, 'Sam', opening);
      const [session] = await store.listSessions('2026-01-02T00:00:00.000Z');
      assert.equal(session?.shared, undefined);
      assert.equal((await store.getUser('u1'))?.email, opening === 'first' ? undefined : 'sam@acme.example');
      await store.updateUser('u1', { email: 'sam@acme.example' });
      assert.deepEqual(await store.pendingNotes(1), []);
      await store.close();
    }
  });
});
