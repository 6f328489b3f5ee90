import assert from 'node:assert/strict';
import { freePort } from '../../scripts/lib/free-port.ts';
import { oidcUserId } from '../../src/web/server/oidc/account.ts';
import { oidcSettingsFromEnvironment, type OidcSettings } from '../../src/web/server/oidc/settings.ts';
import { parseRoleMap } from '../../src/web/server/oidc/role-map.ts';
import { CLIENT, startProvider, type TestProvider } from './support/oidc-provider.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, signIn, startServer, type TestServer } from './support/server.ts';

/** A browser's cookies and its way through redirects, for both servers. */
class Browser {
  readonly #jar = new Map<string, Map<string, { readonly value: string; readonly path: string }>>();

  cookies(url: string): string {
    const { host, pathname } = new URL(url);
    return [...this.#jar.get(host) ?? []].filter(([, { path }]) => pathname.startsWith(path)).map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  /** One request, with what the cookies say. */
  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: this.cookies(url), ...headers } });
    const { host } = new URL(url);
    const own = this.#jar.get(host) ?? new Map<string, { value: string; path: string }>();
    this.#jar.set(host, own);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split('; ');
      const [name = '', ...value] = pair.split('=');
      const gone = attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=Thu, 01 Jan 1970/i.test(each));
      if (gone) own.delete(name);
      else own.set(name, { value: value.join('='), path: attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/' });
    }
    return response;
  }

  /** Follows redirects until there is none, or until one leads to what `stop` names; answers the last address and response. */
  async go(url: string, stop?: RegExp): Promise<{ readonly url: string; readonly response: Response; readonly text: string }> {
    let at = url;
    for (let hops = 0; hops < 15; hops += 1) {
      const response = await this.get(at);
      const location = response.headers.get('location');
      if (location === null) return { url: at, response, text: await response.text() };
      at = new URL(location, at).href;
      if (stop?.test(at) === true) return { url: at, response, text: '' };
    }
    throw new Error(`too many redirects, last ${at}`);
  }
}

const ROLE_MAP = '{"wh-supervisors": {"roles": ["receiving-supervisor"], "sites": ["dc-1"]}, "wh-it": {"roles": ["engineer"], "sites": ["*"]}}';

describe('web: sign-in by OpenID Connect', function () {
  this.timeout(90_000);
  let running: TestEngine;
  let server: TestServer;
  let provider: TestProvider;
  let settings: OidcSettings;

  before(async () => {
    // The provider has to know the callback, so the port is found first.
    const port = await freePort();
    const base = `http://127.0.0.1:${port}/waybill`;
    provider = await startProvider([`${base}/sign-in/oidc/callback`], [`${base}/sign-in`]);
    settings = {
      issuer: provider.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, scopes: 'openid profile groups', label: 'Example Inc.',
      groupsClaim: 'groups', roleMap: parseRoleMap(ROLE_MAP),
    };
    running = await startEngine(async (store) => { await addPerson(store, 'sam', ['clerk']); });
    server = await startServer(() => running.engine, { oidc: settings }, port);
    provider.people.set('u-1', { groups: ['wh-supervisors', 'staff'], name: 'Sam Rivera', username: 'sam' });
    provider.people.set('u-2', { groups: ['staff'] });
  });
  after(async () => {
    await server.close();
    await provider.close();
    await running.close();
  });
  beforeEach(() => {
    provider.next = { account: 'u-1', consent: true };
    provider.tamper = undefined;
    provider.down = false;
  });

  const start = (to = '/'): string => `${server.url}/waybill/sign-in/oidc?to=${encodeURIComponent(to)}`;
  const me = async (browser: Browser): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> =>
    await ask(`${server.api}/me`, { headers: { cookie: browser.cookies(`${server.api}/me`) } });
  const problemOf = (url: string): string | null => new URL(url).searchParams.get('problem');
  const events = async () => (await running.engine.ledger.readAll(1, 5_000));

  it('makes an account of its own, tied to issuer and subject, with the rights of its groups', async () => {
    const browser = new Browser();
    const { response, text } = await browser.go(start('/tasks?role=clerk'));
    assert.equal(response.status, 200);
    assert.match(text, /http-equiv="refresh" content="0;url=\/waybill\/tasks\?role=clerk"/);
    const { status, body } = await me(browser);
    assert.equal(status, 200);
    assert.equal(body['userId'], oidcUserId(provider.issuer, 'u-1'));
    assert.deepEqual(body['roles'], ['receiving-supervisor']);
    assert.deepEqual(body['sites'], ['dc-1']);
    assert.equal(body['displayName'], 'Sam Rivera');
    assert.equal(body['authMethod'], 'oidc');
    // The name was taken by a local account, which is somebody else.
    assert.match(String(body['name']), /^sam-[0-9a-f]{8}$/);
    assert.deepEqual((await running.accounts.findUserByName('sam'))?.roles, ['clerk']);
    assert.ok((await events()).some((event) => event.type === 'SignedIn'));
  });

  it('follows the groups at every sign-in, and lets nobody in who has none left', async () => {
    const browser = new Browser();
    await browser.go(start());
    provider.people.set('u-1', { groups: ['wh-it'], name: 'Sam Rivera' });
    const second = new Browser();
    await second.go(start());
    assert.deepEqual((await me(second)).body['roles'], ['engineer']);
    assert.deepEqual((await me(browser)).body['roles'], ['engineer'], 'sessions that are open have the rights of now');
    provider.people.set('u-1', { groups: [], name: 'Sam Rivera' });
    const third = new Browser();
    assert.equal(problemOf((await third.go(start(), /sign-in\?problem/)).url), 'oidc-no-role');
    assert.equal((await me(browser)).status, 401, 'what was open is closed');
    assert.deepEqual((await running.accounts.getUser(oidcUserId(provider.issuer, 'u-1')))?.roles, []);
    provider.people.set('u-1', { groups: ['wh-supervisors'], name: 'Sam Rivera' });
    await third.go(start());
    assert.deepEqual((await me(third)).body['roles'], ['receiving-supervisor']);
  });

  it('refuses people without a mapped group, without an account for them', async () => {
    provider.next = { account: 'u-2', consent: true };
    assert.equal(problemOf((await new Browser().go(start(), /sign-in\?problem/)).url), 'oidc-no-role');
    assert.equal(await running.accounts.getUser(oidcUserId(provider.issuer, 'u-2')), undefined);
  });

  it('refuses a disabled account', async () => {
    await new Browser().go(start());
    const id = oidcUserId(provider.issuer, 'u-1');
    await running.accounts.updateUser(id, { disabled: true });
    assert.equal(problemOf((await new Browser().go(start(), /sign-in\?problem/)).url), 'account-disabled');
    await running.accounts.updateUser(id, { disabled: false });
  });

  it('says when somebody does not consent', async () => {
    provider.next = { account: 'u-1', consent: false };
    assert.equal(problemOf((await new Browser().go(start(), /sign-in\?problem/)).url), 'oidc-denied');
  });

  it('works in two tabs at once', async () => {
    const browser = new Browser();
    const one = await browser.go(start('/one'), /\/callback\?/);
    const two = await browser.go(start('/two'), /\/callback\?/);
    assert.match((await browser.go(two.url)).text, /url=\/waybill\/two"/);
    assert.match((await browser.go(one.url)).text, /url=\/waybill\/one"/);
  });

  it('takes a callback once, and only in the browser that began', async () => {
    const browser = new Browser();
    const { url } = await browser.go(start(), /\/callback\?/);
    assert.equal(problemOf((await new Browser().go(url, /problem/)).url), 'oidc-expired', 'login CSRF: another browser');
    const cookie = browser.cookies(url);
    assert.equal((await browser.go(url)).response.status, 200);
    const again = await fetch(url, { redirect: 'manual', headers: { cookie } });
    assert.equal(problemOf(new URL(again.headers.get('location') ?? '', url).href), 'oidc-expired', 'replayed with the cookie that was taken away');
  });

  it('refuses a state that was changed, and a callback without one', async () => {
    const browser = new Browser();
    const { url } = await browser.go(start(), /\/callback\?/);
    assert.equal(problemOf((await browser.go(url.replace(/state=[^&]{4}/, 'state=AAAA'), /problem/)).url), 'oidc-expired');
    assert.equal(problemOf((await browser.go(url.replace(/[?&]state=[^&]+/, '?'), /problem/)).url), 'oidc-expired');
  });

  it('refuses another nonce, a broken signature and another audience', async () => {
    const browser = new Browser();
    const before = await browser.go(start(), /\/callback\?/);
    let stolen = '';
    provider.tamper = (tokens) => { stolen = String(tokens['id_token']); return tokens; };
    await browser.go(before.url);
    provider.tamper = (tokens) => ({ ...tokens, id_token: stolen });
    assert.equal(problemOf((await new Browser().go(start(), /problem/)).url), 'oidc-failed', 'an ID token of another sign-in has another nonce');
    provider.tamper = (tokens) => ({ ...tokens, id_token: String(tokens['id_token']).replace(/\.([^.]{4})[^.]*$/, (_all, head: string) => `.${head}${'A'.repeat(338)}`) });
    assert.equal(problemOf((await new Browser().go(start(), /problem/)).url), 'oidc-failed', 'signature');
    provider.tamper = (tokens) => { const { id_token: _gone, ...rest } = tokens; return rest; };
    assert.equal(problemOf((await new Browser().go(start(), /problem/)).url), 'oidc-failed', 'no ID token');
  });

  it('goes on when the provider has changed its keys', async () => {
    await new Browser().go(start());
    provider.rotateKeys();
    const browser = new Browser();
    assert.equal((await browser.go(start())).response.status, 200);
    assert.equal((await me(browser)).status, 200);
  });

  it('bears a clock that is half a minute off, and no more than that', async () => {
    const now = Date.now;
    const withSkew = async (seconds: number): Promise<string> => {
      const browser = new Browser();
      const { url } = await browser.go(start(), /\/callback\?/);
      // Provider and Waybill share this process's clock: only while the token is made it is another one.
      provider.tamper = (tokens) => { Date.now = now; return tokens; };
      const original = globalThis.fetch;
      try {
        globalThis.fetch = async (...args) => { if (String(args[0]).endsWith('/token')) Date.now = () => now() + seconds * 1_000; return await original(...args); };
        const last = await browser.go(url, /problem/);
        return problemOf(last.url) ?? 'in';
      } finally {
        globalThis.fetch = original;
        Date.now = now;
      }
    };
    assert.equal(await withSkew(30), 'in');
    assert.equal(await withSkew(-30), 'in');
    assert.equal(await withSkew(-300), 'oidc-failed', 'a token that has expired');
  });

  it('leaves local accounts alone while the provider is down, and says so', async () => {
    const cold = await startServer(() => running.engine, { oidc: settings });
    provider.down = true;
    const { url } = await new Browser().go(`${cold.url}/waybill/sign-in/oidc`, /problem/);
    assert.equal(problemOf(url), 'oidc-unavailable');
    assert.ok((await signIn(cold, 'sam')).cookie.includes('waybill-session'));
    await cold.close();
  });

  it('refuses a provider that names another issuer', async () => {
    const wrong = await startServer(() => running.engine, { oidc: { ...settings, issuer: provider.issuer.replace('127.0.0.1', 'localhost') } });
    assert.equal(problemOf((await new Browser().go(`${wrong.url}/waybill/sign-in/oidc`, /problem/)).url), 'oidc-unavailable');
    await wrong.close();
  });

  it('never leads to another server', async () => {
    for (const to of ['https://evil.example/', '//evil.example/', '/\\evil.example', '/\t/evil.example', 'javascript:alert(1)', '/sign-in/oidc?to=/', '/api/v1/me', '/%5C/evil', '/"><script>']) {
      const { text } = await new Browser().go(start(to));
      const target = /url=([^"]*)"/.exec(text)?.[1] ?? '';
      assert.match(target, /^\/waybill\/(%5C\/evil|%22%3E%3Cscript%3E)?$/, to);
    }
  });

  it('signs out at the provider as well', async () => {
    const browser = new Browser();
    await browser.go(start());
    const asked = await browser.get(`${server.url}/waybill/sign-out`);
    assert.equal(asked.status, 200, 'a link from elsewhere asks first');
    assert.equal((await me(browser)).status, 200);
    const response = await browser.get(`${server.url}/waybill/sign-out`, { 'sec-fetch-site': 'same-origin' });
    const target = new URL(response.headers.get('location') ?? '');
    assert.equal(target.origin, provider.issuer);
    assert.equal(target.searchParams.get('post_logout_redirect_uri'), `${server.url}/waybill/sign-in`);
    assert.ok(target.searchParams.has('id_token_hint'));
    assert.equal((await me(browser)).status, 401);
  });

  it('records who came and who was refused', async () => {
    const all = await events();
    assert.ok(all.filter((event) => event.type === 'SignedIn').length > 5);
    const reasons = new Set(all.filter((event) => event.type === 'SignInRefused').map((event) => event.reasonCode ?? JSON.stringify(event.data)));
    for (const code of ['oidc-no-role', 'oidc-expired', 'oidc-failed', 'oidc-denied']) assert.ok([...reasons].some((reason) => reason.includes(code)), `${code} in ${[...reasons].join()}`);
  });
});

describe('web: settings of OpenID Connect', () => {
  const good = { WAYBILL_OIDC_ISSUER: 'https://id.example.com/realms/wh', WAYBILL_OIDC_CLIENT_ID: 'waybill', WAYBILL_OIDC_ROLE_MAP: ROLE_MAP };
  const sentence = (more: Record<string, string>): string => {
    try {
      oidcSettingsFromEnvironment({ ...good, ...more }, () => { throw new Error('no such file'); });
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('reads them, from files where a path stands', () => {
    assert.equal(oidcSettingsFromEnvironment({}), undefined);
    const settings = oidcSettingsFromEnvironment({ ...good, WAYBILL_OIDC_CLIENT_SECRET_FILE: '/run/secret', WAYBILL_OIDC_ROLE_MAP: '/etc/map.json', WAYBILL_OIDC_SCOPES: 'groups' }, (path) => (path === '/run/secret' ? 's3cret\n' : ROLE_MAP));
    assert.equal(settings?.clientSecret, 's3cret');
    assert.equal(settings?.scopes, 'openid groups');
    assert.equal(settings?.label, 'id.example.com');
    assert.deepEqual(settings?.roleMap.get('wh-it'), { roles: ['engineer'], sites: ['*'] });
  });

  it('says in a sentence what is wrong', () => {
    assert.match(sentence({ WAYBILL_OIDC_ISSUER: 'id.example.com' }), /is no issuer/);
    assert.match(sentence({ WAYBILL_OIDC_ISSUER: 'http://id.example.com' }), /not https; plain http is taken from this machine only/);
    assert.match(sentence({ WAYBILL_OIDC_CLIENT_ID: '' }), /WAYBILL_OIDC_CLIENT_ID is not/);
    assert.match(sentence({ WAYBILL_OIDC_ROLE_MAP: '' }), /nobody could sign in/);
    assert.match(sentence({ WAYBILL_OIDC_ROLE_MAP: '{"a": {}}' }), /group "a" needs "roles" and "sites"/);
    assert.match(sentence({ WAYBILL_OIDC_ROLE_MAP: '{"a": {"roles": ["Boss!"], "sites": ["*"]}}' }), /cannot be a role/);
    assert.match(sentence({ WAYBILL_OIDC_ROLE_MAP: '{' }), /is no JSON/);
    assert.match(sentence({ WAYBILL_OIDC_ROLE_MAP: '/etc/map.json' }), /cannot be read: no such file/);
    assert.match(sentence({ WAYBILL_OIDC_CLIENT_SECRET: 'a', WAYBILL_OIDC_CLIENT_SECRET_FILE: 'b' }), /keep one/);
  });
});
