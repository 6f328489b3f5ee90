import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { openSqliteAccounts } from '../../src/ledger/sqlite/accounts.ts';
import { createApiToken, createUser } from '../../src/web/server/index.ts';
import { startBareNodeRed, type BareNodeRed } from '../support/bare-node-red.ts';
import { PASSWORD } from './support/server.ts';

/** A Node-RED of its own whose settings.js has the line that `waybill init` writes. */
describe('web: the editor sign-in in a bare Node-RED', function () {
  this.timeout(60_000);
  const userDir = mkdtempSync(path.join(tmpdir(), 'waybill-bare-sign-in-'));
  const tokens: Record<string, string> = {};
  let nodeRed: BareNodeRed;

  before(async () => {
    mkdirSync(path.join(userDir, 'node_modules/@waybill'), { recursive: true });
    symlinkSync(ROOT, path.join(userDir, 'node_modules/@waybill/node-red'));
    const home = path.join(userDir, 'waybill-home');
    mkdirSync(home);
    const store = openSqliteAccounts({ home });
    for (const [name, role, scopes] of [['erin', 'engineer', ['read', 'admin']], ['nora', 'engineer', ['read']], ['alex', 'auditor', ['read', 'admin']], ['sam', 'receiving-supervisor', ['read', 'admin']]] as const) {
      const user = await createUser(store, { name, roles: [role], sites: ['*'], password: PASSWORD });
      tokens[name] = (await createApiToken(store, { userId: user.id, name: 'test', scopes, sites: ['*'] })).secret;
    }
    await store.close();
    const nodeRedFolder = path.dirname(createRequire(import.meta.url).resolve('node-red/package.json'));
    nodeRed = await startBareNodeRed({
      nodeRed: nodeRedFolder, userDir, settings: { httpRoot: '/plant', editorTheme: { tours: false } },
      expressions: {
        adminAuth: "require('@waybill/node-red/editor-sign-in')()",
        httpAdminMiddleware: "require('@waybill/node-red/editor-sign-in').passwordGrant()",
        nodesDir: `[${JSON.stringify(ROOT)}]`,
      },
    });
  });
  after(async () => {
    await nodeRed?.stop();
    rmSync(userDir, { recursive: true, force: true });
  });

  const flows = async (method: 'GET' | 'POST', token?: string): Promise<number> => (await fetch(`${nodeRed.baseUrl}/plant/flows`, {
    method, headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }, ...(method === 'POST' ? { body: '[]' } : {}),
  })).status;
  const grant = async (username: string, password: string, type = 'application/json'): Promise<{ readonly status: number; readonly token: string | undefined }> => {
    const fields = { client_id: 'node-red-admin', grant_type: 'password', scope: '*', username, password };
    const response = await fetch(`${nodeRed.baseUrl}/plant/auth/token`, { method: 'POST', headers: { 'content-type': type }, body: type.endsWith('json') ? JSON.stringify(fields) : new URLSearchParams(fields).toString() });
    return { status: response.status, token: (await response.json() as { access_token?: string }).access_token };
  };

  it('sends the browser to the sign-in of Waybill and back by a path of this server only', async () => {
    assert.equal(await flows('GET'), 401);
    const login = await (await fetch(`${nodeRed.baseUrl}/plant/auth/login`, { headers: { 'node-red-api-version': 'v2' } })).json() as Record<string, unknown>;
    assert.deepEqual([login['type'], login['autoLogin']], ['strategy', true]);
    const begun = await fetch(`${nodeRed.baseUrl}/plant/auth/strategy`, { redirect: 'manual' });
    const location = begun.headers.get('location') ?? '';
    assert.match(location, /^\/plant\/waybill\/editor-sign-in\?for=[0-9a-f]{64}&back=%2Fplant%2Fauth%2Fstrategy%2Fcallback$/);
    assert.match(begun.headers.getSetCookie().join(), /waybill-editor-\d+=[\w-]{43}; Path=\/plant\/auth\/strategy; Max-Age=3600; HttpOnly; SameSite=Lax/);
    const next = await fetch(new URL(location, nodeRed.baseUrl), { redirect: 'manual' });
    assert.match(next.headers.get('location') ?? '', /^\/plant\/waybill\/sign-in\?to=%2Feditor-sign-in/);
    for (const back of ['https://evil.example/auth/strategy/callback', '//evil.example/auth/strategy/callback', '/\\evil.example/auth/strategy/callback', '/anything']) {
      const answer = await fetch(new URL(location.replace(/back=.*/, `back=${encodeURIComponent(back)}`), nodeRed.baseUrl), { redirect: 'manual' });
      assert.equal(answer.headers.get('location'), '/plant/waybill/', back);
    }
  });

  it('takes no code that it has not given, and says so in the editor', async () => {
    const answer = await fetch(`${nodeRed.baseUrl}/plant/auth/strategy/callback?code=made-up`, { redirect: 'manual' });
    assert.match(decodeURIComponent(answer.headers.get('location') ?? ''), /session_message=Error: This sign-in took too long or was begun in another browser/);
  });

  it('takes a code once, and in the browser that began only', async () => {
    const session = await fetch(`${nodeRed.baseUrl}/plant/waybill/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'erin', password: PASSWORD }) });
    const signedIn = session.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ');
    const begin = async (): Promise<{ readonly mark: string; readonly callback: string }> => {
      const begun = await fetch(`${nodeRed.baseUrl}/plant/auth/strategy`, { redirect: 'manual' });
      const answer = await fetch(new URL(begun.headers.get('location') ?? '', nodeRed.baseUrl), { redirect: 'manual', headers: { cookie: signedIn } });
      return { mark: begun.headers.getSetCookie()[0]?.split(';')[0] ?? '', callback: answer.headers.get('location') ?? '' };
    };
    const finish = async (callback: string, mark: string): Promise<string> =>
      (await fetch(new URL(callback, nodeRed.baseUrl), { redirect: 'manual', headers: { cookie: mark } })).headers.get('location') ?? '';
    const [mine, other] = [await begin(), await begin()];
    assert.match(await finish(mine.callback, other.mark), /session_message/, "another browser's");
    const again = await begin();
    assert.match(await finish(again.callback, again.mark), /^\/plant\/\?code=/);
    assert.match(await finish(again.callback, again.mark), /session_message/, 'a second time');
  });

  it('takes API tokens by their scope and their person', async () => {
    const wanted = { erin: [200, 204], nora: [200, 401], alex: [200, 401], sam: [401, 401] } as const;
    for (const [name, statuses] of Object.entries(wanted)) {
      assert.deepEqual([await flows('GET', tokens[name]), await flows('POST', tokens[name])], statuses, name);
    }
    assert.equal(await flows('GET', 'wb_unknown'), 401);
    assert.equal(await flows('GET', 'waybill:0:*'), 401);
  });

  it('takes name and password of programs, and slows guessing down', async () => {
    const login = await (await fetch(`${nodeRed.baseUrl}/plant/auth/login`)).json() as Record<string, unknown>;
    assert.equal(login['type'], 'credentials');
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const { status, token } = await grant('erin', PASSWORD, type);
      assert.equal(status, 200);
      assert.equal(await flows('GET', token), 200);
    }
    assert.equal((await grant('sam', PASSWORD)).status, 403, 'no business in the editor');
    for (let n = 0; n < 6; n += 1) assert.equal((await grant('alex', 'wrong')).status, 403);
    assert.equal((await grant('alex', PASSWORD)).status, 403, 'right, and too early');
  });
});
