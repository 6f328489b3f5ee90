import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { openSqliteAccounts } from '../../src/ledger/sqlite/accounts.ts';
import { AccessNotes } from '../../src/engine/access-notes.ts';
import type { AccessNote } from '../../src/ledger/accounts-port.ts';

const note = (what: string): AccessNote => ({ id: randomUUID(), at: new Date().toISOString(), what, userId: 'u1' });

describe('engine: changes of accounts on their way to the ledger', () => {
  it('stay in the store until they are recorded, and are recorded in order', async () => {
    const accounts = openSqliteAccounts({ path: ':memory:' });
    const recorded: string[] = [];
    let up = false;
    const failures: unknown[] = [];
    const notes = new AccessNotes(accounts, (each) => {
      if (!up) return Promise.reject(new Error('the ledger is down'));
      recorded.push(each.what);
      return Promise.resolve();
    }, (error) => failures.push(error));
    await accounts.addNote({ ...note('first'), at: '2026-01-01T00:00:00.000Z' });
    await accounts.addNote({ ...note('second'), at: '2026-01-02T00:00:00.000Z' });
    await notes.carry();
    assert.equal(failures.length, 1);
    assert.equal((await accounts.pendingNotes(10)).length, 2);
    up = true;
    await Promise.all([notes.carry(), notes.carry()]);
    assert.deepEqual(recorded, ['first', 'second']);
    assert.deepEqual(await accounts.pendingNotes(10), []);
    await accounts.close();
  });

  it('are there with the change or not at all', async () => {
    const accounts = openSqliteAccounts({ path: ':memory:' });
    const user = { id: 'u1', name: 'sam', displayName: 'Sam', roles: ['clerk'], sites: ['dc-1'], passwordHash: '!', disabled: false, createdAt: '2026-01-01T00:00:00.000Z' };
    await accounts.createUser(user, note('account-created'));
    await assert.rejects(accounts.createUser({ ...user, id: 'u2' }, note('account-created twice')), { code: 'name-taken' });
    assert.equal(await accounts.revokeToken('none', '2026-01-01T00:00:00.000Z', note('token-revoked')), false);
    await accounts.updateUser('u1', { pinHash: 'x' }, note('pin-set'));
    assert.deepEqual((await accounts.pendingNotes(10)).map(({ what }) => what).sort(), ['account-created', 'pin-set']);
    assert.equal((await accounts.getUser('u1'))?.pinHash, 'x');
    assert.equal((await accounts.updateUser('u1', { pinHash: null })).pinHash, undefined);
    await accounts.close();
  });
});
