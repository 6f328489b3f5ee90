import assert from 'node:assert/strict';
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { CHROMIUM_FLAGS } from '../../scripts/screenshots/browser.ts';
import { needs } from '../support/system-programs.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, PASSWORD, signIn, startServer, type TestServer } from './support/server.ts';

describe('web: a shared device in a browser', function () {
  this.timeout(120_000);
  let running: TestEngine;
  let server: TestServer;
  let context: BrowserContext;
  let kim = '';
  const profile = mkdtempSync(path.join(tmpdir(), 'waybill-shared-'));

  before(async function () {
    const executablePath = needs(this, 'chromium');
    running = await startEngine(async (store) => {
      await addPerson(store, 'dock', ['receiving-supervisor']);
      kim = (await addPerson(store, 'kim', ['receiving-supervisor'])).userId;
      await addPerson(store, 'anna', ['operator']);
    });
    server = await startServer(() => running.engine);
    const own = await signIn(server, 'kim');
    const set = await ask(`${server.api}/me/pin`, { method: 'PUT', headers: { cookie: own.cookie, 'x-waybill-csrf': own.csrf }, json: { password: PASSWORD, pin: '4071' } });
    assert.equal(set.status, 204);
    context = await chromium.launchPersistentContext(profile, {
      executablePath, viewport: { width: 360, height: 740 }, locale: 'en-GB',
      args: [...CHROMIUM_FLAGS],
    });
  });
  after(async () => {
    await context?.close();
    await server?.close();
    await running?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  it('asks for the PIN of who decides, says when it is wrong, and records that person', async () => {
    const caseId = await running.scan({ kind: 'receipt', sscc: '395011015300000044', operator: 'anna' });
    const task = await eventually(async () => (await running.engine.ledger.listTasks({ caseId }, { limit: 1 })).items[0]);
    const page = await context.newPage();
    await page.goto(`${server.url}/waybill/sign-in?to=/tasks/${task.task_id}`);
    await page.locator('input[name=username]').fill('dock');
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.getByRole('checkbox', { name: /shared|several/i }).check();
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await page.getByRole('dialog', { name: 'Approve this?' }).getByRole('button', { name: 'Approve' }).click();
    const sheet = page.getByRole('dialog', { name: 'Who does this?' });
    await sheet.waitFor();
    await sheet.getByText('Somebody else').click();
    await sheet.getByLabel('Sign-in name or badge').fill('kim');
    await sheet.getByLabel('PIN', { exact: true }).fill('1357');
    await sheet.getByRole('button', { name: 'Confirm' }).click();
    await sheet.getByText('The PIN is wrong').waitFor();
    await page.screenshot({ path: 'test-results/pin-sheet.png' });
    await sheet.getByLabel('PIN', { exact: true }).fill('4071');
    await sheet.getByRole('button', { name: 'Confirm' }).click();
    const decided = await eventually(async () => (await running.engine.ledger.readStream(caseId)).find((event) => event.type === 'Decided'));
    assert.equal(decided.actor.id, running.engine.pseudonym(kim));
  });
});
