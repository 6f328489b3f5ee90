import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { needs } from '../support/system-programs.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

describe('web: devices in a browser', function () {
  this.timeout(120_000);
  let running: TestEngine | undefined;
  let server: TestServer;
  let browser: Browser | undefined;

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    running = await startEngine(async (store) => {
      await addPerson(store, 'eve', ['engineer']);
      await addPerson(store, 'carl', ['clerk']);
    });
    server = await startServer(() => running?.engine);
    browser = await launchChromium(executablePath);
  });
  after(async () => {
    await browser?.close();
    if (running === undefined) return;
    await server.close();
    await running.close();
  });

  const signedIn = async (name: string, options: object): Promise<Page> => {
    const page = await (await browser!.newContext(options)).newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${server.url}/waybill/devices`);
    await page.fill('input[autocomplete=username]', name);
    await page.fill('input[type=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.page h1');
    return page;
  };
  const accessible = async (page: Page): Promise<void> => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate('axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] })') as { violations: { id: string; nodes: { html: string }[] }[] };
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0]?.html]), []);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > window.innerWidth'), false, 'nothing scrolls sideways');
  };

  it('are imported after a check, one that was only heard is registered with one click, and gets a key that is shown once', async () => {
    const page = await signedIn('eve', { viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    await page.waitForSelector('.empty');
    await page.getByRole('button', { name: 'Import a list' }).click();
    await page.getByLabel('List', { exact: true }).fill('id,kind,name,station\nS1,scanner,Dock 1,receiving/dock-1\nS2,robot,,\n');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('1 registered, 0 changed, 0 as they are, 1 refused.').waitFor();
    await page.getByText(/Line 3: S2: The kind "robot" is not known/).waitFor();
    assert.equal(running!.engine.devices.list(undefined).length, 0);
    await accessible(page);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('It is done.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('heading', { name: 'Dock 1 S1' }).waitFor();

    const gate = running!.engine.deviceGate('dc-1', { policy: 'registered', station: 'note' });
    for (let i = 0; i < 12; i += 1) gate.judge({ deviceId: 'X<b>9', station: 'receiving/dock-2' });
    gate.judge({ deviceId: 'S1', station: 'shipping/dock-9' });
    await page.reload();
    await page.getByText('not registered', { exact: true }).waitFor();
    await page.getByText('seen at shipping/dock-9').waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Register: X<b>9' }).click();
    assert.equal(await page.getByLabel('Station').inputValue(), 'receiving/dock-2');
    await page.locator('dialog').getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('button', { name: 'Make a new key' }).click();
    const key = await page.locator('code.once').textContent();
    assert.match(key ?? '', /^[A-Za-z0-9_-]{43}$/);
    await accessible(page);
    await page.getByRole('button', { name: 'Close' }).click();
    assert.ok(!(await page.content()).includes(key ?? '-'));

    await page.getByRole('button', { name: 'Change: S1' }).click();
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await page.getByText(/Say why the device is blocked/).waitFor();
    await page.getByLabel('Why it is blocked or retired').fill('Lost on Friday');
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await page.locator('.item', { hasText: 'S1' }).getByText('blocked', { exact: true }).waitFor();
    assert.equal(running!.engine.devices.get('dc-1', 'S1')?.device?.state, 'blocked');
    await page.context().close();
  });

  it('are read by a clerk on a phone in German and in the dark, without a button to change them', async () => {
    const page = await signedIn('carl', { viewport: { width: 360, height: 740 }, locale: 'de-DE', colorScheme: 'dark' });
    await page.locator('.item .badge', { hasText: 'gesperrt' }).waitFor();
    await accessible(page);
    assert.equal(await page.getByRole('button', { name: 'Eintragen' }).count(), 0);
    await page.context().close();
  });
});
