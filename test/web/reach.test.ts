import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RefusingWaybill } from '../../src/engine/refusing.ts';
import { settingsFromEnvironment } from '../../src/engine/settings.ts';
import { openSqliteAccounts } from '../../src/ledger/sqlite/accounts.ts';
import { inAppPath } from '../../src/web/server/in-app-path.ts';
import type { Request } from '../../src/web/server/http.ts';
import { readClient } from '../../src/web/server/reach/client.ts';
import { hostName, isLoopbackHost } from '../../src/web/server/reach/hosts.ts';
import { hostIsOurs } from '../../src/web/server/reach/host-guard.ts';
import { noProxies, trustedProxies } from '../../src/web/server/reach/proxies.ts';
import { publicUrl, publicUrlProblem } from '../../src/web/server/reach/public-url.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, PASSWORD, signIn, startServer, type TestServer } from './support/server.ts';

const requestFrom = (remoteAddress: string, headers: Record<string, string>, encrypted = false): Request =>
  ({ socket: { remoteAddress, ...(encrypted ? { encrypted } : {}) }, headers }) as unknown as Request;

describe('web: declared proxies', () => {
  it('reads addresses, ranges and names, and says what is neither', () => {
    const proxies = trustedProxies('10.0.0.5, 172.20.0.0/16 2001:db8::/32,loopback');
    for (const address of ['10.0.0.5', '::ffff:10.0.0.5', '172.20.9.9', '2001:db8::1', '127.0.0.1', '::1']) assert.ok(proxies.has(address), address);
    for (const address of ['10.0.0.6', '172.21.0.1', '2001:db9::1', 'unknown', '']) assert.equal(proxies.has(address), false, address);
    assert.equal(trustedProxies(' ').any, false);
    for (const wrong of ['proxy.example', '10.0.0.0/33', '10.0.0.0/0', '::/129', '10.0.0.0/8/8', '10.0.0.0/x']) {
      assert.throws(() => trustedProxies(wrong), { name: 'ReachError', code: 'trusted-proxies', message: new RegExp(`"${wrong.replaceAll('.', '\\.')}" is no address and no range`) });
    }
  });

  it('believes nobody who was not declared', () => {
    const forged = requestFrom('192.0.2.7', { 'host': 'waybill', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil', 'forwarded': 'for=127.0.0.1;proto=https' });
    for (const proxies of [noProxies, trustedProxies('10.0.0.0/8')]) {
      assert.deepEqual(readClient(forged, proxies), { address: '192.0.2.7', secure: false, host: 'waybill', proxied: false });
    }
  });

  it('follows the chain from our end and stops at the first address that nobody declared', () => {
    const proxies = trustedProxies('10.0.0.0/8');
    const of = (headers: Record<string, string>) => readClient(requestFrom('10.0.0.1', { host: 'inner', ...headers }), proxies);
    assert.deepEqual(of({ 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 10.0.0.2', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'waybill.example' }),
      { address: '203.0.113.9', secure: true, host: 'waybill.example', proxied: true });
    assert.equal(of({ 'x-forwarded-for': 'garbage, 10.0.0.2' }).address, '10.0.0.2');
    assert.equal(of({ 'x-forwarded-for': '203.0.113.9:4711' }).address, '203.0.113.9');
    assert.equal(of({}).address, '10.0.0.1');
    assert.equal(of({ 'x-forwarded-proto': 'https' }).secure, true);
  });

  it('believes neither header where the client wrote one of them itself', () => {
    const proxies = trustedProxies('10.0.0.0/8');
    const of = (headers: Record<string, string>) => readClient(requestFrom('10.0.0.1', { host: 'inner', ...headers }), proxies);
    const forged = of({ 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'forwarded': 'for=1.1.1.1;proto=http;host=evil.example' });
    assert.deepEqual(forged, { address: '10.0.0.1', secure: true, host: 'inner', proxied: true });
    assert.equal(of({ 'x-forwarded-for': '1.1.1.1', 'forwarded': 'for=203.0.113.9' }).address, '10.0.0.1', 'the proxy writes the other one');
    assert.equal(of({ 'x-forwarded-for': '10.0.0.2', 'forwarded': 'for=1.1.1.1, for=10.0.0.2' }).address, '10.0.0.1', 'the same proxy in both');
    assert.equal(of({ 'x-forwarded-for': '203.0.113.9', 'forwarded': 'for=1.1.1.1, for=203.0.113.9' }).address, '203.0.113.9', 'both say the same');
  });

  it('reads Forwarded (RFC 7239) as well', () => {
    const { address, secure, host } = readClient(requestFrom('10.0.0.1', { forwarded: 'for="[2001:db8:cafe::17]:4711";proto=http, For=10.0.0.9;Proto=HTTPS;host="waybill.example:8443"' }), trustedProxies('10.0.0.0/8'));
    assert.deepEqual({ address, secure, host }, { address: '2001:db8:cafe::17', secure: true, host: 'waybill.example:8443' });
  });
});

describe('web: names and addresses', () => {
  it('knows the names of this machine', () => {
    for (const host of ['localhost:1880', 'LOCALHOST', 'app.localhost', '127.0.0.1:80', '127.9.9.9', '[::1]:1880', '::1', 'localhost.']) assert.ok(isLoopbackHost(hostName(host)), host);
    for (const host of ['127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1', '0.0.0.0', '[::2]', '']) assert.equal(isLoopbackHost(hostName(host)), false, host);
  });

  it('takes on loopback only names of this machine and the public one', () => {
    const outside = publicUrl('https://waybill.example.com');
    const asked = (host: string): Request => requestFrom('127.0.0.1', { host });
    assert.ok(hostIsOurs(asked('localhost:1880'), undefined));
    assert.equal(hostIsOurs(asked('waybill.example.com'), undefined), false);
    assert.ok(hostIsOurs(asked('waybill.example.com'), outside));
    assert.equal(hostIsOurs(asked('rebound.example'), outside), false);
    assert.ok(hostIsOurs(requestFrom('127.0.0.1', {}), undefined));
  });

  it('says in a sentence what is wrong with a public address', () => {
    assert.deepEqual(publicUrl('https://Intra.example.com:8443/warehouse/'), { origin: 'https://intra.example.com:8443', host: 'intra.example.com:8443', prefix: '/warehouse', href: 'https://intra.example.com:8443/warehouse' });
    assert.equal(publicUrl(undefined), undefined);
    for (const [wrong, why] of [
      ['waybill.example.com', /is no web address/], ['ftp://x', /is no web address/], ['https://a:b@x', /name or password/], ['https://x/?a=1', /what follows "\?"/],
      ['https://x/#a', /what follows "#"/], ['https://x/waybill/', /leave \/waybill off/], ['https://x/a b', /path may hold/], ['https://x/a//b', /path may hold/],
    ] as const) {
      assert.match(publicUrlProblem(wrong) ?? '', why, wrong);
      assert.throws(() => publicUrl(wrong), { name: 'ReachError', code: 'public-url' });
    }
  });

  it('goes on inside the app only', () => {
    for (const good of ['/', '/tasks?role=clerk#x', '/cases/0198', '/editor-sign-in?for=aa&back=%2Fauth%2Fstrategy%2Fcallback']) assert.equal(inAppPath(good), good);
    for (const bad of [undefined, '', 'tasks', '//evil.example', '/\\evil.example', 'https://evil.example', '/a\\b', '/a b', '/\n', '/./%2e/../..//evil.example', '/api/v1/me', '/sign-in', '/sign-out', `/${'a'.repeat(2_000)}`]) {
      assert.ok(inAppPath(bad) === '/' || !inAppPath(bad).startsWith('//'), String(bad));
    }
    assert.equal(inAppPath('/..//evil.example'), '/');
  });
});

describe('web: while the engine refuses to work', () => {
  it('still signs people in, so that they see why', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-refusing-'));
    const accounts = openSqliteAccounts({ home });
    await addPerson(accounts, 'erin', ['engineer']);
    const refusing = new RefusingWaybill(settingsFromEnvironment({ WAYBILL_HOME: home }, home), 'The signing key is missing.', accounts);
    const server = await startServer(() => refusing);
    try {
      const session = await signIn(server, 'erin');
      const me = await ask(`${server.api}/me`, { headers: { cookie: session.cookie } });
      assert.deepEqual((me.body['engine'] as { reason: string }).reason, 'The signing key is missing.');
      assert.equal((await ask(`${server.url}/waybill/readyz`)).status, 503);
      assert.ok(server.log.some((line) => /access not recorded in the ledger .*signed-in/.test(line)));
    } finally {
      await server.close();
      await refusing.close();
      rmSync(home, { recursive: true, force: true });
    }
  });
});

describe('web: behind a proxy', () => {
  let running: TestEngine;
  let server: TestServer;

  before(async () => {
    running = await startEngine(async (store) => { await addPerson(store, 'sam', ['clerk']); await addPerson(store, 'pat', ['clerk']); });
    server = await startServer(() => running.engine, { proxies: trustedProxies('loopback') });
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const forwarded = (address: string): Record<string, string> => ({ 'x-forwarded-for': address, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'waybill.example.com' });
  const attempt = async (name: string, password: string, address: string) =>
    await ask(`${server.api}/session`, { method: 'POST', json: { name, password }, headers: { ...forwarded(address), origin: 'https://waybill.example.com' } });

  it('makes cookies for https and asks browsers to stay there', async () => {
    const answer = await attempt('sam', PASSWORD, '203.0.113.1');
    assert.equal(answer.status, 201);
    for (const cookie of answer.headers.getSetCookie()) assert.match(cookie, /^__Secure-waybill-.*; HttpOnly; SameSite=Strict; Secure$/);
    assert.equal(answer.headers.get('strict-transport-security'), 'max-age=31536000');
    const plain = await signIn(server, 'sam');
    assert.equal(plain.setCookie.some((cookie) => /Secure/.test(cookie)), false);
    assert.equal((await ask(`${server.api}/me`)).headers.get('strict-transport-security'), null);
  });

  it('compares the origin with the host that the proxy was asked for', async () => {
    const answer = await ask(`${server.api}/session`, { method: 'POST', json: { name: 'sam', password: PASSWORD }, headers: { ...forwarded('203.0.113.1'), origin: 'https://evil.example' } });
    assert.equal(answer.status, 403);
    assert.equal(answer.body['code'], 'cross-site');
  });

  it('slows down the address that guesses, not the proxy', async () => {
    let status = 0;
    for (let n = 0; n < 6; n += 1) ({ status } = await attempt('pat', `wrong password ${n}`, '203.0.113.66'));
    assert.equal(status, 429);
    assert.equal((await attempt('pat', PASSWORD, '203.0.113.67')).status, 201);
  });

  it('allows own files only on every page, and what installs and streams', async () => {
    for (const path of ['/waybill/', '/waybill/sign-in', '/waybill/sign-out', '/waybill/sign-in/none', '/waybill/api/v1/me', '/waybill/healthz', '/waybill/editor-sign-in', '/waybill/nothing.js']) {
      const policy = (await ask(`${server.url}${path}`)).headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/, path);
      for (const own of ['script-src', 'style-src', 'connect-src', 'worker-src', 'manifest-src']) assert.match(policy, new RegExp(`${own} 'self'(?:;|$)`), `${path} ${own}`);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /unsafe|\*/, path);
    }
  });

  it('serves no page with inline script or style', async () => {
    for (const path of ['/waybill/', '/waybill/sign-out', '/waybill/sign-in/none']) {
      const { body } = await ask(`${server.url}${path}`, { headers: { accept: 'text/html' } });
      assert.doesNotMatch(String(body['text']), /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i, path);
    }
  });

  it('speaks English or German on the pages of the server', async () => {
    for (const [language, lang] of [['de-DE,de;q=0.9,en;q=0.8', 'de'], ['en-GB,en;q=0.9,de;q=0.5', 'en'], ['fr', 'en'], ['de;q=0.1,en;q=0.7', 'en'], ['', 'en']] as const) {
      const { body } = await ask(`${server.url}/waybill/sign-out`, { headers: { 'accept-language': language } });
      assert.match(String(body['text']), lang === 'de' ? /<html lang="de">.*Von Waybill abmelden\?/s : /<html lang="en">.*Sign out of Waybill\?/s, language);
    }
  });

  it('asks before it signs out on a link from elsewhere, and not on one of its own', async () => {
    const session = await signIn(server, 'sam');
    const me = async () => (await ask(`${server.api}/me`, { headers: { cookie: session.cookie } })).status;
    for (const site of ['cross-site', 'same-site', 'none']) {
      const answer = await ask(`${server.url}/waybill/sign-out`, { headers: { cookie: session.cookie, 'sec-fetch-site': site } });
      assert.equal(answer.status, 200);
      assert.equal(await me(), 200);
    }
    assert.equal((await ask(`${server.url}/waybill/sign-out`, { method: 'POST', headers: { cookie: session.cookie, 'sec-fetch-site': 'cross-site' } })).status, 403);
    assert.equal((await ask(`${server.url}/waybill/sign-out`, { headers: { cookie: session.cookie, 'sec-fetch-site': 'same-origin' } })).headers.get('location'), '/waybill/sign-in');
    assert.equal(await me(), 401);
  });

  it('bears what a client may write into these headers', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${server.url}/waybill/healthz`, { headers: { 'x-forwarded-for': [',,,', 'for=;;', '\t'], 'forwarded': ';;,,for="', 'x-forwarded-host': ',', 'host': ']' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.once('error', reject).end();
    });
    assert.equal(status, 200);
  });
});
