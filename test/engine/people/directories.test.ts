import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Directories } from '../../../src/engine/directory/directories.ts';
import type { DirectoryConfig } from '../../../src/engine/directory/directories.ts';
import type { DelegationLookup } from '../../../src/engine/directory/directory.ts';
import { FilePeople, parseDirectoryFile } from '../../../src/engine/directory/people-file.ts';
import { rolesIn, warnOfUnheldRoles } from '../../../src/engine/node-red/role-check.ts';
import type { Waybill } from '../../../src/engine/api.ts';
import { openSqliteAccounts } from '../../../src/ledger/sqlite/accounts.ts';
import type { AccountStore, UserRecord } from '../../../src/ledger/accounts-port.ts';

const pseudonyms = { person: (id: string) => `p_${id}` };
const user = (id: string, more: Partial<UserRecord> = {}): UserRecord => ({ id, name: id, displayName: id.toUpperCase(), roles: ['buyer'], sites: ['dc-1'], passwordHash: '!', disabled: false, createdAt: '2026-01-01T00:00:00.000Z', ...more });
const config = (more: Partial<DirectoryConfig> = {}): DirectoryConfig => ({ name: '', source: 'accounts', file: '', conflicts: [], limits: [], longestDelegationDays: 92, ...more });
const at = '2026-06-15T08:00:00.000Z';

describe('directories', () => {
  let home: string;
  let accounts: AccountStore;
  let active: Awaited<ReturnType<DelegationLookup['activeTo']>> = [];
  let directories: Directories;

  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'waybill-directory-'));
    accounts = openSqliteAccounts({ home });
    await accounts.createUser(user('anna', { email: 'anna@acme.example' }));
    await accounts.createUser(user('ben', { roles: ['clerk'], sites: ['*'] }));
    await accounts.createUser(user('gone', { disabled: true }));
    active = [];
    directories = new Directories({ accounts, pseudonyms, home, delegations: { activeTo: (pseudonym) => Promise.resolve(pseudonym === 'p_ben' ? active : []) } });
  });
  afterEach(async () => {
    directories.close();
    await accounts.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('are made of enabled accounts where no node says otherwise', async () => {
    const directory = directories.get();
    assert.deepEqual(await directory.members('buyer', 'dc-1'), [{ userId: 'anna', pseudonym: 'p_anna', name: 'ANNA', account: 'anna', email: 'anna@acme.example', roles: ['buyer'], sites: ['dc-1'] }]);
    assert.deepEqual(await directory.members('buyer', 'dc-2'), []);
    assert.deepEqual([await directory.holds('ben', 'clerk', 'dc-7'), await directory.holds('gone', 'buyer', 'dc-1'), await directory.holds('nobody', 'buyer', 'dc-1')], [true, false, false]);
    assert.deepEqual(await directory.roles(), ['buyer', 'clerk']);
    assert.deepEqual(await directory.unheld(['buyer', 'finance', 'finance']), ['finance']);
    assert.deepEqual(await directory.unheld(['buyer'], 'dc-2'), ['buyer']);
  });

  it('see a role that was taken away at once', async () => {
    const directory = directories.get();
    await directory.members('buyer', 'dc-1');
    await accounts.updateUser('anna', { roles: ['clerk'] });
    assert.equal(await directory.holds('anna', 'buyer', 'dc-1'), false);
    directories.accountsChanged();
    assert.deepEqual(await directory.members('buyer', 'dc-1'), []);
  });

  it('let a delegate act only as far as the delegator still may', async () => {
    active = [{ delegationId: 'd1', from: 'p_anna', roles: ['buyer', 'finance'], sites: ['dc-1'], toTime: '2026-07-01T00:00:00.000Z' }];
    const directory = directories.get();
    const [found] = await directory.delegatorsFor('ben', { role: 'buyer', site: 'dc-1', at });
    assert.deepEqual([found?.delegationId, found?.member.userId, found?.roles, found?.until], ['d1', 'anna', ['buyer'], '2026-07-01T00:00:00.000Z']);
    assert.deepEqual(await directory.delegatorsFor('ben', { role: 'finance', site: 'dc-1', at }), []);
    assert.deepEqual(await directory.delegatorsFor('ben', { role: 'buyer', site: 'dc-2', at }), []);
    assert.deepEqual(await directory.delegatorsFor('anna', { role: 'buyer', site: 'dc-1', at }), []);
    await accounts.updateUser('anna', { disabled: true });
    assert.deepEqual(await directory.delegatorsFor('ben', { role: 'buyer', site: 'dc-1', at }), []);
  });

  it('have limits and conflicting duties of their node', async () => {
    const { problem } = directories.set('n1', config({ conflicts: [{ one: 'buyer', other: 'clerk' }], limits: [{ role: 'buyer', amount: '2500', currency: 'eur', person: '' }, { role: 'buyer', amount: '10', currency: 'EUR', person: 'anna' }], longestDelegationDays: 10 }));
    assert.equal(await problem, undefined);
    const directory = directories.get('n1');
    const anna = await directory.person('anna');
    assert.deepEqual(directory.limitOf(anna!, 'buyer'), { amount: '10', currency: 'EUR' });
    assert.deepEqual(directory.limitOf({ ...anna!, account: 'other' }, 'buyer'), { amount: '2500', currency: 'EUR' });
    assert.deepEqual(directory.conflicts(), [['buyer', 'clerk']]);
    assert.equal(directories.longestDays(), 10);
    assert.equal(directories.get(), directory);
  });

  it('say what is wrong with a node', async () => {
    assert.match(await directories.set('n1', config({ conflicts: [{ one: 'buyer', other: 'buyer' }] })).problem ?? '', /conflicts with itself/);
    assert.match(await directories.set('n1', config({ limits: [{ role: 'buyer', amount: '1', currency: 'EUX' }] })).problem ?? '', /no currency EUX/);
    assert.match(await directories.set('n1', config({ source: 'file' })).problem ?? '', /give its path/);
    assert.match(await directories.set('n1', config({ source: 'file', file: 'none.json' })).problem ?? '', /is not there.*nobody holds a role/);
  });

  describe('of a file', () => {
    const write = (content: unknown): void => { writeFileSync(path.join(home, 'directory.json'), typeof content === 'string' ? content : JSON.stringify(content)); };
    /** A file is looked at once a second. */
    const later = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 1_050); });
    const whole = { people: [{ account: 'Anna', roles: ['finance'], sites: ['dc-2'], limits: [{ role: 'finance', amount: '5', currency: 'EUR' }] }, { account: 'gone', roles: ['finance'], sites: ['*'] }, { account: 'stranger', roles: ['finance'], sites: ['*'] }], conflicts: [['finance', 'buyer']] };

    it('have the roles of the file for enabled accounts, and the limits in it', async () => {
      write(whole);
      assert.equal(await directories.set('n1', config({ source: 'file', file: 'directory.json' })).problem, undefined);
      const directory = directories.get('n1');
      assert.deepEqual((await directory.members('finance', 'dc-2')).map(({ userId, email }) => [userId, email]), [['anna', 'anna@acme.example']]);
      assert.equal(await directory.holds('anna', 'buyer', 'dc-1'), false);
      assert.deepEqual(directory.limitOf((await directory.person('anna'))!, 'finance'), { amount: '5', currency: 'EUR' }, 'Anna and anna are one sign-in name');
      assert.deepEqual(directory.conflicts(), [['finance', 'buyer']]);
    });

    it('read it again, and keep the last good one while it is broken', async () => {
      write(whole);
      const people = new FilePeople(path.join(home, 'directory.json'), accounts, pseudonyms);
      assert.deepEqual((await people.people()).map(({ roles }) => roles), [['finance']]);
      write('{ "people": [');
      await later();
      assert.deepEqual((await people.people()).map(({ roles }) => roles), [['finance']]);
      assert.match(people.problem ?? '', /no JSON.*stays in use/);
      write({ people: [{ account: 'anna', roles: ['auditor'], sites: ['*'] }] });
      await later();
      assert.deepEqual((await people.people()).map(({ roles }) => roles), [['auditor']]);
      assert.equal(people.problem, undefined);
    });

    it('name what does not fit, and nothing of what stands in it', () => {
      const problem = (content: unknown): string => {
        const parsed = parseDirectoryFile(typeof content === 'string' ? content : JSON.stringify(content));
        return 'problem' in parsed ? parsed.problem : 'fits';
      };
      assert.equal(problem(whole), 'fits');
      assert.match(problem({ people: [{ account: 'a', roles: ['No Role'], sites: [] }] }), /\/people\/0\/roles\/0/);
      assert.match(problem({ people: [{ account: 'a', roles: [], sites: [] }, { account: 'A', roles: [], sites: [] }] }), /a stands in it twice/);
      assert.match(problem({ people: [], limits: [{ role: 'x', amount: '-2', currency: 'EUR' }] }), /negative/);
      assert.match(problem({ people: [], conflicts: [['a']] }), /\/conflicts\/0/);
      assert.match(problem([]), /must be object/);
      assert.doesNotMatch(problem('root:x:0:0:secret'), /secret|root/);
    });
  });

  it('name roles that nobody holds on the nodes that ask for them', async () => {
    const warned: [string, string][] = [];
    const flows = [
      { id: 'a1', type: 'waybill-approval', role: 'buyer', unknownOperatorRole: 'site-manager', matrix: { rows: [{ levels: [{ role: 'cfo' }, { role: 'clerk' }] }] } },
      { id: 'a2', type: 'waybill-approval', role: 'buyer' }, { id: 'a3', type: 'waybill-approval', role: 'nobody', d: true }, { id: 'f', type: 'function', role: 'nobody' },
    ];
    await warnOfUnheldRoles({
      nodes: { eachNode: (each) => { flows.forEach(each); }, getNode: (id) => ({ warn: (text) => { warned.push([id, text]); } }) },
    }, { directory: (id?: string) => directories.get(id) } as Waybill);
    assert.deepEqual(warned.map(([id]) => id), ['a1']);
    assert.match(warned[0]?.[1] ?? '', /Nobody holds the roles site-manager, cfo,/);
    assert.deepEqual(rolesIn({ role: '$jsonata', toRole: ' x ', roles: ['y'], casserole: 'z' }), ['x']);
  });
});
