import assert from 'node:assert/strict';
import { passwordProblem } from '../../src/web/server/auth/password-rules.ts';
import { clientLabel } from '../../src/web/server/auth/client-label.ts';
import { hashPassword, needsRehash } from '../../src/web/server/auth/passwords.ts';
import { pinProblem } from '../../src/web/server/auth/pin-rules.ts';
import { openSqliteAccounts } from '../../src/ledger/sqlite/accounts.ts';
import { createDemoAccounts, createOneTimeLink, passwordSignIn } from '../../src/web/server/index.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, PASSWORD, signIn, startServer, type BrowserSession, type TestServer } from './support/server.ts';

const NEXT = 'several unrelated garden tools';

describe('web: accounts over the API', function () {
  this.timeout(60_000);
  let running: TestEngine;
  let server: TestServer;
  let api: string;
  const ids: Record<string, string> = {};

  before(async function () {
    this.timeout(60_000);
    running = await startEngine(async (store) => {
      for (const [name, roles, sites] of [
        ['sam', ['receiving-supervisor'], ['dc-1']], ['kim', ['receiving-supervisor'], ['dc-1']], ['dock', ['supervisor', 'receiving-supervisor'], ['dc-1']],
        ['root', ['admin'], ['*']], ['local', ['admin'], ['dc-1']], ['far', ['clerk'], ['dc-2']],
      ] as const) ids[name] = (await addPerson(store, name, roles, sites)).userId;
    });
    server = await startServer(() => running.engine);
    api = server.api;
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const as = (session: BrowserSession, more: Record<string, string> = {}) => ({ cookie: session.cookie, 'x-waybill-csrf': session.csrf, ...more });
  const recorded = (what: string) => eventually(async () => (await running.engine.ledger.readAll(1, 10_000))
    .find((event) => event.type === 'AccountChanged' && event.data.what.startsWith(what)));
  const shared = async (name: string): Promise<BrowserSession> => {
    const response = await fetch(`${api}/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, password: PASSWORD, shared: true }) });
    assert.equal(response.status, 201);
    const setCookie = response.headers.getSetCookie();
    return { cookie: setCookie.map((each) => each.split(';')[0]).join('; '), csrf: (await response.json() as { csrfToken: string }).csrfToken, setCookie };
  };

  it('lists sessions, ends one of them, and its cookie does nothing any more', async () => {
    const here = await signIn(server, 'sam');
    const there = await signIn(server, 'sam');
    const list = (await ask(`${api}/sessions`, { headers: as(here) })).body['items'] as { sessionId: string; current: boolean; remoteAddress: string }[];
    assert.equal(list.filter((each) => each.current).length, 1);
    assert.ok(list.every((each) => each.remoteAddress.includes('127.0.0.1')));
    assert.equal((await ask(`${api}/sessions`, { method: 'DELETE', headers: as(here) })).body['ended'], list.length - 1);
    assert.equal((await ask(`${api}/me`, { headers: { cookie: there.cookie } })).body['code'], 'not-signed-in');
    assert.equal((await ask(`${api}/me`, { headers: { cookie: here.cookie } })).status, 200);
    await recorded('sessions-ended all-others');
  });

  it('lets nobody end or see the sessions of others, but who manages accounts', async () => {
    const sam = await signIn(server, 'sam');
    const kim = await signIn(server, 'kim');
    assert.equal((await ask(`${api}/sessions?userId=${ids['sam']!}`, { headers: as(kim) })).status, 404);
    const root = await signIn(server, 'root');
    const found = (await ask(`${api}/sessions?userId=${ids['sam']!}`, { headers: as(root) })).body['items'] as { sessionId: string }[];
    assert.equal((await ask(`${api}/sessions/${found[0]!.sessionId}`, { method: 'DELETE', headers: as(kim) })).status, 404);
    for (const each of found) assert.equal((await ask(`${api}/sessions/${each.sessionId}`, { method: 'DELETE', headers: as(root) })).status, 204);
    assert.equal((await ask(`${api}/me`, { headers: { cookie: sam.cookie } })).status, 401);
    const local = await signIn(server, 'local');
    assert.equal((await ask(`${api}/sessions?userId=${ids['far']!}`, { headers: as(local) })).status, 404, 'another site');
  });

  it('changes the password with the current one, says what is weak, and ends the other sessions', async () => {
    await addPerson(running.accounts, 'pat', ['clerk']);
    const here = await signIn(server, 'pat');
    const there = await signIn(server, 'pat');
    const put = (json: object) => ask(`${api}/me/password`, { method: 'PUT', headers: as(here), json });
    assert.equal((await put({ current: 'wrong', next: NEXT })).body['code'], 'password-wrong');
    const weak = await put({ current: PASSWORD, next: 'Password-2026-Waybill' });
    assert.deepEqual([weak.status, weak.body['code'], weak.body['field']], [422, 'password-weak', 'next']);
    assert.equal((await put({ current: PASSWORD, next: NEXT })).status, 204);
    assert.equal((await ask(`${api}/me`, { headers: { cookie: there.cookie } })).status, 401);
    assert.equal((await ask(`${api}/me`, { headers: { cookie: here.cookie } })).status, 200);
    await signIn(server, 'pat', NEXT);
    await recorded('password-changed');
  });

  it('lets somebody who came by a link set a password without one', async () => {
    const root = await signIn(server, 'root');
    const made = await ask(`${api}/users`, { method: 'POST', headers: as(root), json: { name: 'newbie', displayName: 'New Bie', roles: ['clerk'], sites: ['dc-1'], badge: null } });
    assert.equal(made.status, 201);
    assert.equal(made.body['hasPassword'], false);
    const link = await createOneTimeLink(running.accounts, String(made.body['userId']));
    const used = await ask(`${server.url}${link.path}`, { method: 'POST' });
    const cookie = used.headers.getSetCookie().map((each) => each.split(';')[0]).join('; ');
    const me = (await ask(`${api}/me`, { headers: { cookie } })).body;
    assert.deepEqual([me['passwordChangeable'], me['currentPasswordNeeded']], [true, false]);
    const set = await ask(`${api}/me/password`, { method: 'PUT', headers: { cookie, 'x-waybill-csrf': String(me['csrfToken']) }, json: { next: NEXT } });
    assert.equal(set.status, 204);
    await signIn(server, 'newbie', NEXT);
  });

  describe('API tokens', () => {
    it('are shown once, expire, are revoked, and make no others', async () => {
      const kim = await signIn(server, 'kim');
      const made = await ask(`${api}/tokens`, { method: 'POST', headers: as(kim), json: { name: 'script', scopes: ['read'] } });
      assert.equal(made.status, 201);
      const headers = { authorization: `Bearer ${String(made.body['token'])}` };
      assert.ok(Math.abs(Date.parse(String(made.body['expiresAt'])) - Date.now() - 90 * 86_400_000) < 60_000);
      assert.equal((await ask(`${api}/tasks`, { headers })).status, 200);
      assert.equal((await ask(`${api}/tokens`, { method: 'POST', headers, json: { name: 'more', scopes: ['read'] } })).status, 403);
      assert.equal(JSON.stringify((await ask(`${api}/tokens`, { headers: as(kim) })).body).includes(String(made.body['token'])), false);
      assert.equal((await ask(`${api}/tokens/${String(made.body['tokenId'])}`, { method: 'DELETE', headers: as(kim) })).status, 204);
      assert.equal((await ask(`${api}/tasks`, { headers })).body['code'], 'token-invalid');
      await recorded('token-created read');
      await recorded('token-revoked');
    });

    it('stay within a year and the sites of the person', async () => {
      const kim = await signIn(server, 'kim');
      const make = async (more: object) => (await ask(`${api}/tokens`, { method: 'POST', headers: as(kim), json: { name: 'x', scopes: ['read'], ...more } })).body['code'];
      assert.equal(await make({ expiresInDays: 366 }), 'request-invalid');
      assert.equal(await make({ sites: ['dc-2'] }), 'not-allowed');
      assert.equal(await make({ scopes: [] }), 'request-invalid');
    });

    it('answer 401 when they have expired', async () => {
      const { userId } = await addPerson(running.accounts, 'late', ['clerk']);
      const { createApiToken } = await import('../../src/web/server/index.ts');
      const { secret } = await createApiToken(running.accounts, { userId, name: 'old', scopes: ['read'], sites: ['*'], expiresAt: '2020-01-01T00:00:00.000Z' });
      assert.equal((await ask(`${api}/me`, { headers: { authorization: `Bearer ${secret}` } })).body['code'], 'token-invalid');
    });
  });

  describe('people', () => {
    it('get their rights changed at once while they are signed in', async () => {
      const { userId } = await addPerson(running.accounts, 'robin', ['clerk']);
      const robin = await signIn(server, 'robin');
      assert.equal((await ask(`${api}/quarantine`, { headers: as(robin) })).status, 200);
      const root = await signIn(server, 'root');
      assert.equal((await ask(`${api}/users/${userId}`, { method: 'PATCH', headers: as(root), json: { roles: ['operator'] } })).status, 200);
      assert.equal((await ask(`${api}/quarantine`, { headers: as(robin) })).body['code'], 'not-allowed');
      assert.equal((await ask(`${api}/users/${userId}`, { method: 'PATCH', headers: as(root), json: { disabled: true } })).body['disabled'], true);
      assert.equal((await ask(`${api}/me`, { headers: as(robin) })).status, 401);
      const event = await recorded('account-changed roles clerk → operator');
      assert.equal(event.actor.id, running.engine.pseudonym(ids['root']!));
    });

    it('are managed within the sites of who manages them, and an administrator is left', async () => {
      const local = await signIn(server, 'local');
      const names = ((await ask(`${api}/users`, { headers: as(local) })).body['items'] as { name: string }[]).map((each) => each.name);
      assert.ok(names.includes('sam') && !names.includes('far') && !names.includes('root'));
      assert.equal((await ask(`${api}/users/${ids['far']!}`, { method: 'PATCH', headers: as(local), json: { disabled: true } })).status, 404);
      assert.equal((await ask(`${api}/users`, { method: 'POST', headers: as(local), json: { name: 'boss', roles: ['admin'], sites: ['*'] } })).body['code'], 'not-allowed');
      assert.equal((await ask(`${api}/session/one-time-link`, { method: 'POST', headers: as(local), json: { name: 'root' } })).status, 404, 'no way up');
      const { userId } = await addPerson(running.accounts, 'between', ['clerk'], ['*']);
      await running.accounts.updateUser(userId, { roles: [], sites: [] });
      assert.equal((await ask(`${api}/users/${userId}/password`, { method: 'POST', headers: as(local) })).status, 404, 'whose groups gave it nothing the last time');
      const root = await signIn(server, 'root');
      assert.equal((await ask(`${api}/users/${userId}/password`, { method: 'POST', headers: as(root) })).status, 200);
      assert.equal((await ask(`${api}/users/${ids['root']!}`, { method: 'PATCH', headers: as(root), json: { roles: ['clerk'] } })).body['code'], 'last-admin');
      assert.equal((await ask(`${api}/users`, { method: 'POST', headers: as(root), json: { name: 'SAM', roles: ['clerk'], sites: ['*'] } })).body['code'], 'name-taken');
    });
  });

  describe('a shared device', () => {
    const setPin = async (name: string, pin: string) => {
      const session = await signIn(server, name);
      return await ask(`${api}/me/pin`, { method: 'PUT', headers: as(session), json: { password: PASSWORD, pin } });
    };
    const openTask = async (sscc: string) => {
      const caseId = await running.scan({ kind: 'receipt', sscc, operator: 'far' });
      return await eventually(async () => (await running.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 1 })).items[0]);
    };

    it('records the person of the PIN, not the one who signed the device in', async () => {
      assert.equal((await setPin('kim', '1111')).body['code'], 'pin-weak');
      assert.equal((await setPin('kim', '4071')).status, 204);
      const dock = await shared('dock');
      const task = await openTask('395011015300000013');
      const decide = (more: Record<string, string> = {}) => ask(`${api}/tasks/${task.task_id}/decision`, {
        method: 'POST', headers: as(dock, { 'idempotency-key': 'k1', ...more }), json: { decision: 'approve', factsHash: task.facts_hash },
      });
      assert.equal((await ask(`${api}/tasks/${task.task_id}/open`, { method: 'POST', headers: as(dock) })).status, 204, 'looking asks for nothing');
      assert.equal((await decide()).body['code'], 'pin-required');
      assert.equal((await decide({ 'x-waybill-pin': '4071' })).body['code'], 'pin-missing', 'the device has none');
      assert.equal((await decide({ 'x-waybill-pin': '4072', 'x-waybill-as': 'kim' })).body['code'], 'pin-wrong');
      assert.equal((await decide({ 'x-waybill-pin': '4071', 'x-waybill-as': 'sam' })).body['code'], 'pin-wrong', 'another person\'s PIN');
      assert.equal((await decide({ 'x-waybill-pin': '4071', 'x-waybill-as': 'kim' })).status, 200);
      const decided = (await running.engine.ledger.readStream(task.case_id)).find((event) => event.type === 'Decided');
      assert.equal(decided?.actor.id, running.engine.pseudonym(ids['kim']!));
      assert.equal(decided?.type === 'Decided' ? decided.data.authMethod : '', 'pin');
    });

    it('gives out no rights for a PIN, and no API token', async () => {
      assert.equal((await setPin('root', '4071')).status, 204);
      const dock = await shared('dock');
      const byPin = as(dock, { 'x-waybill-pin': '4071', 'x-waybill-as': 'root' });
      const made = await ask(`${api}/users`, { method: 'POST', headers: byPin, json: { name: 'mallory', roles: ['admin'], sites: ['*'] } });
      assert.deepEqual([made.status, made.body['code']], [403, 'not-allowed']);
      assert.match(String(made.body['detail']), /A PIN is not enough/);
      assert.equal((await ask(`${api}/users/${ids['sam']!}/sign-in-link`, { method: 'POST', headers: byPin })).status, 403);
      assert.equal((await ask(`${api}/tokens`, { method: 'POST', headers: byPin, json: { name: 'mine', scopes: ['admin'] } })).status, 403);
      assert.equal((await running.accounts.listTokens(ids['root']!)).length, 1, 'the one of the test');
    });

    it('lets a flood of wrong PINs on one device hold up nobody on another', async () => {
      assert.equal((await setPin('kim', '4071')).status, 204);
      for (let device = 0; device < 2; device += 1) {
        const dock = await shared('dock');
        for (let tries = 0; tries < 4; tries += 1) await ask(`${api}/tasks/none/claim`, { method: 'POST', headers: as(dock, { 'x-waybill-pin': '9999', 'x-waybill-as': 'kim' }) });
      }
      const other = await ask(`${api}/tasks/none/claim`, { method: 'POST', headers: as(await shared('sam'), { 'x-waybill-pin': '4071', 'x-waybill-as': 'kim' }) });
      assert.equal(other.body['code'], 'not-found', 'the PIN was taken: there is no such task');
    });

    it('is signed out after five wrong PINs in a row', async () => {
      const dock = await shared('dock');
      const task = await openTask('395011015300000020');
      const codes: unknown[] = [];
      for (let tries = 0; tries < 5; tries += 1) {
        const answer = await ask(`${api}/tasks/${task.task_id}/claim`, { method: 'POST', headers: as(dock, { 'x-waybill-pin': '9999', 'x-waybill-as': `nobody-${tries}` }) });
        codes.push(answer.body['code']);
      }
      assert.deepEqual(codes, ['pin-wrong', 'pin-wrong', 'pin-wrong', 'pin-wrong', 'not-signed-in']);
      assert.equal((await ask(`${api}/me`, { headers: as(dock) })).status, 401);
      await recorded('session-ended wrong-pins');
    });
  });

  it('records a sign-out, once, when two tabs do it', async () => {
    const session = await signIn(server, 'sam');
    const outs = [await ask(`${api}/session`, { method: 'DELETE', headers: as(session) }), await ask(`${api}/session`, { method: 'DELETE', headers: as(session) })];
    assert.deepEqual(outs.map((each) => each.status), [204, 401]);
  });

  it('answers the roles with what each may do, and offers the ways to sign in', async () => {
    const sam = await signIn(server, 'sam');
    const roles = (await ask(`${api}/roles`, { headers: as(sam) })).body['items'] as { role: string; permissions: string[] }[];
    for (const role of ['clerk', 'supervisor', 'customer-service', 'buyer', 'finance', 'auditor', 'engineer', 'process-owner', 'admin']) assert.ok(roles.some((each) => each.role === role), role);
    assert.deepEqual((await ask(`${api}/session/options`)).body, { password: true, oidc: null });
  });
});

describe('web: rules for passwords and PINs', () => {
  it('refuse what is tried first and take long ones of any kind', () => {
    for (const bad of ['passwordpassword', 'Password12345678', 'P@ssw0rdP@ssw0rd', 'qwertyuiopasdfgh', '123456789012345', 'abcabcabcabcabcabc', 'waybill-node-red-1', 'sam.rivera.2026!', 'aaaaaaaaaaaaaaaa', 'fourteen chars']) {
      assert.ok(passwordProblem(bad, 'sr', ['Sam Rivera', 'dc-1', 'acme']) !== undefined, bad);
    }
    for (const good of ['several unrelated garden tools', 'übergroße Kisten stapeln', '雨の日は倉庫で静かに働きましょう', 'x'.repeat(3) + 'q7Tz!mKp0wLd', 'w'.repeat(40) + 'ords are fine']) {
      assert.equal(passwordProblem(good, 'sam', ['Sam Rivera']), undefined, good);
    }
    assert.match(passwordProblem('a'.repeat(300), 'sam') ?? '', /longer than 256/);
  });

  it('refuse rows, repetitions and years as PINs', () => {
    for (const bad of ['123', '123456789', '1234', '4321', '0000', '1212', '123123', '1999', '2026', '2580', '12a4', '7890']) assert.ok(pinProblem(bad) !== undefined, bad);
    for (const good of ['4071', '83921', '90417263']) assert.equal(pinProblem(good), undefined, good);
  });

  it('make hashes of other parameters anew', async () => {
    assert.equal(needsRehash(await hashPassword('whatever it may be')), false);
    assert.equal(needsRehash('scrypt$N=16384,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), true);
  });

  it('say what browser it is in a few words', () => {
    assert.equal(clientLabel('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'), 'Chrome, Linux');
    assert.equal(clientLabel('curl/8 <script>'.repeat(10))?.includes('<'), false);
    assert.equal(clientLabel(undefined), undefined);
  });
});

describe('web: the password that the operator gives the administrator', () => {
  it('counts when it is weak too, and is named as such', async () => {
    for (const [adminPassword, weak] of [['waybill-admin', true], ['seven plain words for one person', false]] as const) {
      const store = openSqliteAccounts({ path: ':memory:' });
      const admin = (await createDemoAccounts(store, { adminPassword })).find(({ name }) => name === 'admin');
      assert.equal(admin?.weakness !== undefined, weak);
      assert.equal((await passwordSignIn(store, 'admin', adminPassword))?.name, 'admin');
      await store.close();
    }
  });
});
