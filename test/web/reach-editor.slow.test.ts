import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startProduct, type Product } from '../../scripts/lib/product.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { withDemoCatalogue } from '../support/demo-catalogue.ts';
import { needs } from '../support/system-programs.ts';
import { CLIENT, startProvider, type TestProvider } from './support/oidc-provider.ts';
import { startTlsProxy, type TlsProxy } from './support/tls-proxy.ts';

const PREFIX = '/warehouse';
const ADMIN_PASSWORD = 'plain words in a row';

/** The whole product, as people reach it: a browser, a proxy that does TLS on a path of its own, a provider. */
for (const strip of [true, false]) {
  describe(`web: one sign-in for inbox and editor, behind a proxy that ${strip ? 'takes its path away' : 'passes its path on'}`, function () {
    this.timeout(120_000);
    let product: Product;
    let proxy: TlsProxy;
    let provider: TestProvider;
    let browser: Browser;
    let url: string;
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-reach-'));
    const complaints: string[] = [];

    before(async function () {
      const executablePath = needs(this, 'chromium');
      let port = 0;
      proxy = await startTlsProxy(() => port, PREFIX, strip);
      url = `https://localhost:${proxy.port}${PREFIX}`;
      provider = await startProvider([`${url}/waybill/sign-in/oidc/callback`], [`${url}/waybill/sign-in`]);
      provider.people.set('u-9', { groups: ['wh-it'], name: 'Ines Ortega', username: 'ines' });
      provider.next = { account: 'u-9', consent: true };
      await withDemoCatalogue(home);
      product = await startProduct({
        home,
        env: {
          WAYBILL_PUBLIC_URL: url, WAYBILL_TRUSTED_PROXIES: 'loopback', WAYBILL_ADMIN_PASSWORD: ADMIN_PASSWORD,
          WAYBILL_OIDC_ISSUER: provider.issuer, WAYBILL_OIDC_CLIENT_ID: CLIENT.id, WAYBILL_OIDC_CLIENT_SECRET: CLIENT.secret, WAYBILL_OIDC_SCOPES: 'openid profile groups',
          WAYBILL_OIDC_LABEL: 'Example Inc.', WAYBILL_OIDC_ROLE_MAP: '{"wh-it": {"roles": ["engineer"], "sites": ["*"]}}',
        },
      });
      port = Number(new URL(product.url).port);
      browser = await launchChromium(executablePath);
    });
    after(async () => {
      await browser?.close();
      await product?.stop();
      await proxy?.close();
      await provider?.close();
      rmSync(home, { recursive: true, force: true });
    });

    const device = async (): Promise<{ readonly context: BrowserContext; readonly page: Page }> => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      page.on('console', (message) => { if (/Content Security Policy|Refused to/.test(message.text()) && page.url().includes('/waybill/')) complaints.push(message.text()); });
      return { context, page };
    };
    const signIn = async (page: Page, name: string): Promise<void> => {
      await page.waitForSelector('#name');
      await page.fill('#name', name);
      await page.fill('#password', name === 'admin' ? ADMIN_PASSWORD : product.passwords[name] ?? '');
      await page.click('form button.primary');
    };
    interface EditorWindow { RED?: { settings?: { user?: { username: string; permissions: string } }; user: { logout(): void } } }
    const editorUser = async (page: Page): Promise<{ username: string; permissions: string }> => {
      await page.waitForFunction(() => (globalThis as unknown as EditorWindow).RED?.settings?.user !== undefined, undefined, { timeout: 30_000 });
      await page.waitForSelector('#red-ui-workspace');
      return await page.evaluate(() => (globalThis as unknown as EditorWindow).RED!.settings!.user!);
    };
    const meStatus = async (page: Page): Promise<number> => await page.evaluate(async (address) => (await fetch(address)).status, `${url}/waybill/api/v1/me`);

    it('goes from the inbox into the editor without a second sign-in, and changes flows', async () => {
      const { context, page } = await device();
      await page.goto(`${url}/waybill/`);
      await signIn(page, 'erin');
      await page.waitForURL((at) => !at.pathname.endsWith('/sign-in'));
      const cookies = await context.cookies();
      const session = cookies.find(({ name }) => name === '__Secure-waybill-session');
      assert.deepEqual({ path: session?.path, secure: session?.secure, httpOnly: session?.httpOnly, sameSite: session?.sameSite }, { path: `${PREFIX}/waybill`, secure: true, httpOnly: true, sameSite: 'Strict' });
      await page.goto(`${url}/`);
      assert.deepEqual(await editorUser(page), { username: 'erin', permissions: '*' });
      await page.waitForSelector('#red-ui-header-button-deploy');
      await context.close();
    });

    // Once is enough for what the path has no part in.
    if (strip) {
      it('asks for the sign-in when the editor is opened first, and comes back to it', async () => {
        const { context, page } = await device();
        await page.goto(`${url}/`);
        await page.waitForURL(/\/warehouse\/waybill\/sign-in\?to=/);
        await signIn(page, 'admin');
        assert.equal((await editorUser(page)).username, 'admin');
        await page.goto(`${url}/waybill/`);
        assert.equal(await meStatus(page), 200);
        await context.close();
      });

      it('lets an auditor look, and refuses what changes something', async () => {
        const { context, page } = await device();
        await page.goto(`${url}/`);
        await signIn(page, 'alex');
        assert.deepEqual(await editorUser(page), { username: 'alex', permissions: 'read' });
        const status = await page.evaluate(async (address) => {
          const token = (JSON.parse(localStorage.getItem('auth-tokens-warehouse') ?? localStorage.getItem('auth-tokens') ?? '{}') as { access_token?: string }).access_token;
          const headers = { 'Authorization': `Bearer ${token ?? ''}`, 'Content-Type': 'application/json' };
          return [(await fetch(address, { headers })).status, (await fetch(address, { method: 'POST', headers, body: '[]' })).status];
        }, `${url}/flows`);
        assert.deepEqual(status, [200, 401]);
        await context.close();
      });

      it('tells a supervisor that the editor is not for this account', async () => {
        const { context, page } = await device();
        await page.goto(`${url}/`);
        await signIn(page, 'sam');
        await page.waitForSelector('h1:has-text("The editor is not for this account")');
        await page.click('text=To the inbox');
        await page.waitForURL((at) => !at.pathname.includes('editor-sign-in'));
        assert.equal(await meStatus(page), 200);
        await context.close();
      });

      it('signs out of both from the editor', async () => {
        const { context, page } = await device();
        await page.goto(`${url}/`);
        await signIn(page, 'erin');
        await editorUser(page);
        await page.evaluate(() => { (globalThis as unknown as EditorWindow).RED!.user.logout(); });
        await page.waitForURL(/\/waybill\/sign-in$/);
        assert.equal(await meStatus(page), 401);
        await context.close();
      });

      it('takes an open editor away when its session ends, or its person is disabled', async () => {
        const { context, page } = await device();
        await page.goto(`${url}/`);
        await signIn(page, 'erin');
        await editorUser(page);
        const inbox = await context.newPage();
        await inbox.goto(`${url}/waybill/sign-out`);
        await inbox.click('button');
        await page.waitForURL(/\/waybill\/sign-in/, { timeout: 30_000 });
        await signIn(page, 'erin');
        await editorUser(page);
        await product.cli('user', 'disable', 'erin');
        await page.waitForURL(/\/waybill\/sign-in/, { timeout: 30_000 });
        await product.cli('user', 'enable', 'erin');
        await context.close();
      });
    }

    it('goes round by the provider: inbox, editor, and out again there too', async () => {
      const { context, page } = await device();
      await page.goto(`${url}/waybill/sign-in/oidc?to=%2Fcases`);
      await page.waitForURL(/\/warehouse\/waybill\/cases$/);
      assert.equal(await meStatus(page), 200);
      await page.goto(`${url}/`);
      assert.equal((await editorUser(page)).username, 'ines');
      const out = page.waitForRequest((request) => request.url().startsWith(`${provider.issuer}/session/end`));
      await page.evaluate(() => { (globalThis as unknown as EditorWindow).RED!.user.logout(); });
      assert.ok(new URL((await out).url()).searchParams.has('id_token_hint'));
      await page.click('button[name="logout"]');
      await page.waitForURL(/\/warehouse\/waybill\/sign-in/);
      await page.goto(`${url}/waybill/`);
      assert.equal(await meStatus(page), 401);
      await context.close();
    });

    it('stays on its path and within its content security policy', () => {
      assert.deepEqual(proxy.outside, []);
      assert.deepEqual(complaints, []);
    });
  });
}
