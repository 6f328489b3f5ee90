import assert from 'node:assert/strict';
import type { Waybill } from '../../src/engine/api.ts';
import { createOneTimeLink } from '../../src/web/server/index.ts';
import { SignInThrottle } from '../../src/web/server/auth/sign-in-throttle.ts';
import { hashPassword, passwordProblem, readablePassword, verifyPassword } from '../../src/web/server/auth/passwords.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, PASSWORD, signIn, startServer, type TestServer } from './support/server.ts';

describe('web: accounts and sessions', () => {
  let running: TestEngine;
  let server: TestServer;
  let api: string;
  const tokens: Record<string, { readonly userId: string; readonly headers: { readonly authorization: string } }> = {};

  before(async () => {
    running = await startEngine(async (store) => {
      tokens['sam'] = await addPerson(store, 'sam', ['receiving-supervisor']);
      tokens['reader'] = await addPerson(store, 'robin', ['receiving-supervisor', 'admin'], ['*'], ['read']);
      tokens['olga'] = await addPerson(store, 'olga', ['operator']);
      await addPerson(store, 'guessed', ['clerk']);
      tokens['admin'] = await addPerson(store, 'admin', ['admin'], ['*']);
    });
    server = await startServer(() => running.engine);
    api = server.api;
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const accessEvents = async () => (await running.engine.ledger.readAll(1, 1000)).filter((event) => event.type === 'SignedIn' || event.type === 'SignInRefused');

  it('signs in with a cookie that scripts and other sites cannot use', async () => {
    const session = await signIn(server, 'SAM');
    const cookie = session.setCookie.find((each) => each.startsWith('waybill-session'));
    assert.match(cookie ?? '', /; Path=\/waybill; .*HttpOnly; SameSite=Strict$/);
    const me = await ask(`${api}/me`, { headers: { cookie: session.cookie } });
    assert.equal(me.status, 200);
    assert.equal(me.body['name'], 'sam');
    assert.equal(me.body['csrfToken'], session.csrf);
    assert.ok((await accessEvents()).some((event) => event.type === 'SignedIn'));
  });

  it('keeps session ids and tokens only as hashes', async () => {
    const session = await signIn(server, 'sam');
    const id = /waybill-session-\d+=([^;]+)/.exec(session.cookie)?.[1] ?? '';
    assert.equal(await running.accounts.getSession(id), undefined);
    assert.equal((await running.accounts.listTokens()).some((token) => token.hash.startsWith('wb_')), false);
  });

  it('answers a wrong password and an unknown name alike, and records both', async () => {
    const wrong = await ask(`${api}/session`, { method: 'POST', json: { name: 'admin', password: 'not the password' } });
    const unknown = await ask(`${api}/session`, { method: 'POST', json: { name: 'nobody', password: 'not the password' } });
    assert.equal(wrong.status, 401);
    assert.deepEqual(wrong.body, unknown.body);
    assert.equal(wrong.body['code'], 'sign-in-failed');
    assert.ok((await accessEvents()).filter((event) => event.type === 'SignInRefused').length >= 2);
  });

  it('ends a session on sign-out', async () => {
    const session = await signIn(server, 'sam');
    const out = await ask(`${api}/session`, { method: 'DELETE', headers: { cookie: session.cookie, 'x-waybill-csrf': session.csrf } });
    assert.equal(out.status, 204);
    assert.equal((await ask(`${api}/me`, { headers: { cookie: session.cookie } })).status, 401);
  });

  it('refuses a disabled account at once, by cookie and by token', async () => {
    const person = await addPerson(running.accounts, 'dana', ['clerk']);
    const session = await signIn(server, 'dana');
    await running.accounts.updateUser(person.userId, { disabled: true });
    assert.equal((await ask(`${api}/me`, { headers: { cookie: session.cookie } })).status, 401);
    assert.equal((await ask(`${api}/me`, { headers: person.headers })).body['code'], 'token-invalid');
    assert.equal((await ask(`${api}/session`, { method: 'POST', json: { name: 'dana', password: PASSWORD } })).status, 401);
  });

  describe('writes by cookie', () => {
    const write = async (headers: Record<string, string>) => (await ask(`${api}/tasks/none/claim`, { method: 'POST', headers })).body['code'];

    it('need the CSRF token of the same session', async () => {
      const mine = await signIn(server, 'sam');
      const other = await signIn(server, 'sam');
      assert.equal(await write({ cookie: mine.cookie }), 'csrf-token');
      assert.equal(await write({ cookie: mine.cookie, 'x-waybill-csrf': other.csrf }), 'csrf-token');
      assert.equal(await write({ cookie: mine.cookie, 'x-waybill-csrf': mine.csrf }), 'not-found');
    });

    it('must come from our own page', async () => {
      const { cookie, csrf } = await signIn(server, 'sam');
      const headers = { cookie, 'x-waybill-csrf': csrf };
      assert.equal(await write({ ...headers, 'sec-fetch-site': 'cross-site' }), 'cross-site');
      assert.equal(await write({ ...headers, 'sec-fetch-site': 'same-site' }), 'cross-site');
      assert.equal(await write({ ...headers, origin: 'https://evil.example' }), 'cross-site');
      assert.equal(await write({ ...headers, origin: 'null' }), 'cross-site');
      assert.equal(await write({ ...headers, origin: server.url }), 'not-found');
    });

    it('need neither with an API token', async () => {
      assert.equal(await write({ ...tokens['sam']!.headers, origin: 'https://evil.example' }), 'not-found');
    });
  });

  describe('API tokens', () => {
    it('do no more than their scopes', async () => {
      const { headers } = tokens['reader']!;
      assert.equal((await ask(`${api}/tasks`, { headers })).status, 200);
      const refused = await ask(`${api}/tasks/none/claim`, { method: 'POST', headers });
      assert.equal(refused.status, 403);
      assert.equal(refused.body['code'], 'scope-missing');
    });

    it('do no more than their person may', async () => {
      const refused = await ask(`${api}/cases`, { headers: tokens['olga']!.headers });
      assert.equal(refused.status, 403);
      assert.equal(refused.body['code'], 'not-allowed');
      assert.ok((await accessEvents()).some((event) => event.type === 'SignInRefused' && event.data.reason.includes('listCases')));
    });

    it('end no sessions and revoke no tokens, but with the scope admin', async () => {
      const { userId, headers } = await addPerson(running.accounts, 'spare', ['clerk'], ['dc-1'], ['read', 'decide']);
      const [token] = await running.accounts.listTokens(userId);
      for (const path of ['sessions', 'sessions/any', `tokens/${token!.id}`]) {
        assert.equal((await ask(`${api}/${path}`, { method: 'DELETE', headers })).body['code'], 'scope-missing', path);
      }
      assert.equal((await ask(`${api}/me`, { headers })).status, 200);
    });

    it('end by revocation and by expiry', async () => {
      const { userId, headers } = await addPerson(running.accounts, 'temp', ['clerk']);
      const [token] = await running.accounts.listTokens(userId);
      assert.equal((await ask(`${api}/me`, { headers })).status, 200);
      await running.accounts.revokeToken(token!.id, new Date().toISOString());
      assert.equal((await ask(`${api}/me`, { headers })).body['code'], 'token-invalid');
      assert.equal((await ask(`${api}/me`, { headers: { authorization: 'Bearer wb_wrong' } })).status, 401);
    });
  });

  describe('a one-time link', () => {
    it('is not used up by opening it, signs in once, and never again', async () => {
      const link = await createOneTimeLink(running.accounts, tokens['sam']!.userId);
      const url = `${server.url}${link.path}`;
      for (let opened = 0; opened < 3; opened += 1) {
        const page = await ask(url);
        assert.equal(page.status, 200);
        assert.match(String(page.body['text']), /<form method="post">/);
        assert.equal(page.headers.get('set-cookie'), null);
      }
      assert.equal((await ask(url, { method: 'POST', headers: { origin: 'https://evil.example' } })).status, 403);
      const used = await ask(url, { method: 'POST' });
      assert.equal(used.status, 303);
      assert.equal(used.headers.get('location'), '/waybill/');
      const cookie = used.headers.getSetCookie().map((each) => each.split(';')[0]).join('; ');
      assert.equal((await ask(`${api}/me`, { headers: { cookie } })).body['authMethod'], 'one-time-link');
      assert.equal((await ask(url, { method: 'POST' })).status, 410);
    });

    it('is made by administrators only', async () => {
      const made = await ask(`${api}/session/one-time-link`, { method: 'POST', headers: tokens['admin']!.headers, json: { name: 'sam' } });
      assert.equal(made.status, 201);
      assert.match(String(made.body['path']), /^\/waybill\/sign-in\/[\w-]{43}$/);
      const refused = await ask(`${api}/session/one-time-link`, { method: 'POST', headers: tokens['sam']!.headers, json: { name: 'admin' } });
      assert.equal(refused.status, 403);
    });
  });

  it('slows guessing down with 429 and Retry-After, and lets a known browser in meanwhile', async () => {
    const known = await signIn(server, 'guessed');
    const attempt = (headers: Record<string, string> = {}, password = 'a wrong guess of it') => ask(`${api}/session`, { method: 'POST', headers, json: { name: 'guessed', password } });
    let answer = await attempt();
    const untilWaiting = async (): Promise<void> => {
      for (let guesses = 0; guesses < 8 && answer.status !== 429; guesses += 1) answer = await attempt();
    };
    await untilWaiting();
    assert.equal(answer.status, 429);
    assert.equal(answer.body['code'], 'too-many-attempts');
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    let stranger = await attempt({}, PASSWORD);
    // A busy machine may need longer than the first delay, one second, to get here.
    for (let rounds = 0; rounds < 5 && stranger.status !== 429; rounds += 1) {
      answer = await attempt();
      await untilWaiting();
      stranger = await attempt({}, PASSWORD);
    }
    assert.equal(stranger.status, 429, 'a stranger waits even with the right password');
    assert.equal((await attempt({ cookie: known.cookie }, PASSWORD)).status, 201, 'the known browser does not');
    assert.equal((await ask(`${api}/me`, { headers: { cookie: known.cookie } })).status, 200, 'and its session goes on');
  });

  it('says that the engine is starting before there is one', async () => {
    const early = await startServer(() => undefined as Waybill | undefined);
    try {
      assert.equal((await ask(`${early.api}/me`)).status, 503);
      assert.equal((await ask(`${early.url}/waybill/healthz`)).status, 200);
      assert.equal((await ask(`${early.url}/waybill/readyz`)).status, 503);
    } finally {
      await early.close();
    }
  });
});

describe('web: the sign-in throttle', () => {
  const attempt = { account: 'sam', address: '192.0.2.1', device: undefined };

  it('grows from nothing to a quarter of an hour', () => {
    const throttle = new SignInThrottle();
    const delays: number[] = [];
    for (let failures = 0; failures < 20; failures += 1) {
      throttle.begin(attempt, 0);
      delays.push(throttle.delay(attempt, 0));
    }
    assert.deepEqual(delays.slice(0, 7), [0, 0, 0, 0, 1_000, 2_000, 4_000]);
    assert.equal(delays.at(-1), 15 * 60_000);
  });

  it('counts attempts at the same moment before any of them has failed', () => {
    const throttle = new SignInThrottle();
    for (let attempts = 0; attempts < 5; attempts += 1) throttle.begin(attempt, 0);
    assert.ok(throttle.delay(attempt, 0) > 0);
  });

  it('locks nobody out from another address, nor another account at the same one', () => {
    const throttle = new SignInThrottle();
    for (let failures = 0; failures < 10; failures += 1) throttle.begin(attempt, 0);
    assert.equal(throttle.delay({ ...attempt, address: '192.0.2.2' }, 0), 0);
    assert.equal(throttle.delay({ ...attempt, account: 'chris' }, 0), 0);
  });

  it('slows an address that tries many accounts', () => {
    const throttle = new SignInThrottle();
    for (let account = 0; account < 25; account += 1) throttle.begin({ ...attempt, account: `user-${account}` }, 0);
    assert.ok(throttle.delay({ ...attempt, account: 'one-more' }, 0) > 0);
    assert.equal(throttle.delay({ ...attempt, account: 'one-more', device: 'known' }, 0), 0);
  });

  it('does not let successes of an own account clear the address', () => {
    const throttle = new SignInThrottle();
    for (let account = 0; account < 25; account += 1) throttle.begin({ ...attempt, account: `user-${account}` }, 0);
    throttle.begin({ ...attempt, account: 'own' }, 0);
    throttle.succeeded({ ...attempt, account: 'own' });
    assert.ok(throttle.delay({ ...attempt, account: 'one-more' }, 0) > 0);
  });

  it('makes nobody at an address wait for a success, and gives failures back with time', () => {
    const throttle = new SignInThrottle();
    for (let account = 0; account < 25; account += 1) throttle.begin({ ...attempt, account: `user-${account}` }, 0);
    const later = throttle.delay({ ...attempt, account: 'own' }, 0) + 1;
    throttle.begin({ ...attempt, account: 'own' }, later);
    throttle.succeeded({ ...attempt, account: 'own' });
    assert.equal(throttle.delay({ ...attempt, account: 'next' }, later), 0);
    throttle.begin({ ...attempt, account: 'next' }, later);
    assert.ok(throttle.delay({ ...attempt, account: 'one-more' }, later) > 10_000, 'a success took nothing back but itself');
    for (let minute = 0; minute < 24 * 60; minute += 20) throttle.begin({ ...attempt, account: `typo-${minute}` }, minute * 60_000);
    assert.equal(throttle.delay({ ...attempt, account: 'one-more' }, 24 * 60 * 60_000), 0, 'three typos an hour, all day');
  });

  it('takes the /64 of IPv6 as one client', () => {
    const throttle = new SignInThrottle();
    for (let host = 1; host <= 6; host += 1) throttle.begin({ ...attempt, address: `2001:db8:1:2::${host}` }, 0);
    assert.ok(throttle.delay({ ...attempt, address: '2001:db8:1:2:ffff:ffff:ffff:ffff' }, 0) > 0);
    assert.equal(throttle.delay({ ...attempt, address: '2001:db8:1:3::1' }, 0), 0);
  });
});

describe('web: passwords', () => {
  it('hashes with scrypt under its own parameters, never twice the same', async () => {
    const [one, two] = await Promise.all([hashPassword('plain words in a row'), hashPassword('plain words in a row')]);
    assert.match(one, /^scrypt\$N=32768,r=8,p=1\$/);
    assert.notEqual(one, two);
    assert.equal(await verifyPassword('plain words in a row', one), true);
    assert.equal(await verifyPassword('plain words in a rov', one), false);
  });

  it('takes the same characters from any keyboard', async () => {
    assert.equal(await verifyPassword('u\u0308bergrosse Kisten', await hashPassword('\u00fcbergrosse Kisten')), true);
  });

  it('answers false for no account and for a damaged hash', async () => {
    assert.equal(await verifyPassword('anything at all', undefined), false);
    assert.equal(await verifyPassword('anything at all', 'scrypt$N=99999999,r=8,p=1$x$y'), false);
  });

  it('asks for length, and makes readable ones that pass', () => {
    assert.match(passwordProblem('short', 'sam') ?? '', /at least 15/);
    assert.match(passwordProblem('receiving-samuel', 'samuel') ?? '', /sign-in name/);
    assert.equal(passwordProblem(readablePassword(), 'sam'), undefined);
  });
});
