import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
