import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSqliteAccounts } from '../../src/ledger/sqlite/accounts.ts';
import { verifyPassword } from '../../src/web/server/auth/passwords.ts';
import { createDemoAccounts } from '../../src/web/server/index.ts';

const cli = path.resolve(import.meta.dirname, '../../src/cli/waybill.ts');

describe('CLI: accounts', () => {
  let home: string;
  beforeEach(() => { home = mkdtempSync(path.join(tmpdir(), 'waybill-cli-')); });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** Runs the command line as a shell would. */
  async function waybill(args: readonly string[], input = ''): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
    const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, WAYBILL_HOME: home }, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, out, err };
  }
  const add = (...more: string[]) => waybill(['user', 'add', 'sam', '--role', 'receiving-supervisor', '--site', 'dc-1', ...more], 'plain words in a row\n');

  it('adds, lists, changes and disables an account', async () => {
    assert.equal((await add('--badge', 'b-117', '--display-name', 'Sam Rivera')).code, 0);
    assert.equal(statSync(path.join(home, 'accounts.db')).mode & 0o077, 0, 'only its owner reads the file');
    const listed = await waybill(['user', 'list']);
    assert.match(listed.out, /sam +Sam Rivera +receiving-supervisor +dc-1 +b-117 +active/);
    const before = (JSON.parse((await waybill(['user', 'list', '--json'])).out) as Record<string, unknown>[])[0]!;
    assert.equal(before['passwordHash'], undefined);
    assert.equal((await waybill(['user', 'passwd', 'sam'], 'other words in a row\n')).code, 0);
    const store = openSqliteAccounts({ home });
    const stored = await store.findUserByName('sam');
    assert.equal(await verifyPassword('other words in a row', stored?.passwordHash), true);
    assert.equal((await waybill(['user', 'disable', 'sam'])).code, 0);
    assert.equal((await store.findUserByName('sam'))?.disabled, true);
    assert.equal((await waybill(['user', 'enable', 'sam'])).code, 0);
    assert.equal((await store.findUserByName('sam'))?.disabled, false);
    await store.close();
  });

  it('refuses what cannot be an account, in one line that says why', async () => {
    assert.match((await waybill(['user', 'add', 'sam', '--role', 'clerk', '--site', 'dc-1'], 'short\n')).err, /at least 15/);
    assert.match((await waybill(['user', 'add', 'no spaces', '--role', 'clerk', '--site', 'dc-1'])).err, /sign-in name/);
    assert.match((await waybill(['user', 'add', 'sam', '--site', 'dc-1'])).err, /at least one role/);
    assert.equal((await add()).code, 0);
    const twice = await add();
    assert.equal(twice.code, 2);
    assert.match(twice.err, /already/);
    assert.match((await waybill(['user', 'passwd', 'nobody'], 'plain words in a row\n')).err, /no account "nobody"/);
    assert.match((await waybill(['user', 'passwd', 'sam'], '')).err, /No password came/);
  });

  it('shows a token once, keeps its hash, and revokes it', async () => {
    await add();
    const made = await waybill(['token', 'create', '--user', 'sam', '--name', 'reporting', '--scope', 'read,decide', '--quiet']);
    assert.match(made.out, /^wb_[\w-]{43}\n$/);
    assert.equal(readFileSync(path.join(home, 'accounts.db')).includes(made.out.trim()), false);
    const [token] = JSON.parse((await waybill(['token', 'list', '--json'])).out) as { id: string; hash?: string; scopes: string[]; expiresAt: string }[];
    assert.deepEqual(token?.scopes, ['read', 'decide']);
    assert.equal(token?.hash, undefined);
    assert.ok(Date.parse(token?.expiresAt ?? '') > Date.now());
    assert.equal((await waybill(['token', 'revoke', token!.id])).code, 0);
    assert.match((await waybill(['token', 'list'])).out, /revoked/);
    assert.equal((await waybill(['token', 'revoke', token!.id])).code, 2);
  });

  it('keeps a token within known scopes and the sites of its person', async () => {
    await add();
    const create = (...more: string[]) => waybill(['token', 'create', '--user', 'sam', '--name', 'x', ...more]);
    assert.match((await create('--scope', 'everything')).err, /no scope "everything"/);
    assert.match((await create('--site', 'dc-2')).err, /no site "dc-2"/);
    assert.match((await create('--days', '0')).err, /--days/);
    assert.match((await create('--wrong')).err, /--wrong/);
  });

  it('says what there is when asked wrongly', async () => {
    const none = await waybill([]);
    assert.equal(none.code, 2);
    assert.match(none.err, /Usage: waybill <command>/);
    assert.match((await waybill(['constructor'])).err, /no command "constructor"/);
    const help = await waybill(['--help']);
    assert.equal(help.code, 0);
    assert.match(help.out, /ledger.*\n.*user.*\n.*token[^]*simulate/);
    for (const command of ['user', 'token']) {
      assert.equal((await waybill([command])).code, 2);
      assert.match((await waybill([command, '--help'])).out, new RegExp(`waybill ${command} `));
    }
  });

  it('makes the demo\'s accounts once', async () => {
    const store = openSqliteAccounts({ home });
    const made = await createDemoAccounts(store, { sites: ['dc-1'], adminPassword: 'given by the operator' });
    assert.deepEqual(made.map((each) => each.name), ['admin', 'sam', 'chris', 'alex', 'morgan', 'erin', 'stella', 'casey', 'fay', 'sasha', 'oona']);
    assert.equal(made[0]?.password, undefined, 'a given password is not shown again');
    const sam = await store.findUserByName('sam');
    assert.deepEqual(sam?.sites, ['dc-1']);
    assert.equal(await verifyPassword(made[1]!.password!, sam?.passwordHash), true);
    assert.equal(await verifyPassword('given by the operator', (await store.findUserByName('admin'))?.passwordHash), true);
    const anna = await store.findUserByBadge('anna');
    assert.deepEqual(anna?.roles, ['operator'], 'who scans is known');
    assert.equal(await verifyPassword('!', anna?.passwordHash), false);
    assert.deepEqual(await createDemoAccounts(store), []);
    await store.close();
  });
});
