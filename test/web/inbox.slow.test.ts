import assert from 'node:assert/strict';
import { errors, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { needs } from '../support/system-programs.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';


describe('web: inbox in a browser', function () {
  this.timeout(120_000);
  let running: TestEngine | undefined;
  let server: TestServer | undefined;
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complained about; each test expects nothing but what it causes itself. */
  let complaints: string[];
  let caseOf: (sscc: string) => Promise<string>;

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    running = await startEngine(async (store) => {
      await addPerson(store, 'sam', ['receiving-supervisor']);
      await addPerson(store, 'morgan', ['site-manager']);
      await addPerson(store, 'olga', ['operator']);
    });
    const { engine, scan } = running;
    caseOf = (sscc) => scan({ kind: 'receipt', sscc, operator: 'olga' });
    server = await startServer(() => engine);
    browser = await launchChromium(executablePath);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await running?.close();
  });

  beforeEach(async () => {
    context = await browser!.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-GB' });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  });
  afterEach(async () => { await context.close(); });

  const go = (path: string) => page.goto(`${server!.url}/waybill/${path}`);
  async function signIn(name: string): Promise<void> {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^You: / }).waitFor();
    // Being asked to sign in is a 401, which the browser's console notes.
    complaints = complaints.filter((text) => !text.includes('401'));
  }
  /** Presses the button, and once more in the dialog that asks. */
  async function decide(name: 'Approve' | 'Reject'): Promise<void> {
    await page.getByRole('button', { name, exact: true }).first().click();
    await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  }
  const decisions = async (caseId: string) => (await running!.engine.ledger.readStream(caseId)).filter((event) => event.type === 'Decided');

  it('asks to sign in, refuses a wrong password plainly, and then goes where one wanted to go', async () => {
    await go('cases?status=open');
    await page.getByLabel('Name', { exact: true }).fill('sam');
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.keyboard.press('Enter');
    await page.getByText('The name or the password is wrong.').waitFor();
    await signIn('sam');
    await page.getByRole('heading', { name: 'Cases', exact: true }).waitFor();
    assert.equal(new URL(page.url()).search, '?status=open');
    assert.deepEqual(complaints, []);
  });

  it('shows a new task by itself and takes an approval with a comment to the end of the case', async () => {
    await go('');
    await signIn('sam');
    const caseId = await caseOf('340123450000000018');
    await page.getByRole('link', { name: 'Receipt of SSCC 340123450000000018' }).click();
    await page.getByText('Accept the over-receipt?').first().waitFor();
    assert.equal(await page.locator('.figure.emphasis dd').innerText(), '12 CS');
    await page.getByLabel('Comment').fill('Announced by <b>phone</b>.');
    await decide('Approve');
    await page.getByText('Approved. The case goes on.').waitFor();
    await page.getByText('SAM approved').waitFor();
    await page.getByText('Announced by <b>phone</b>.').first().waitFor();
    await page.getByText('Case closed: received').waitFor();
    assert.equal((await decisions(caseId)).length, 1);
    assert.deepEqual(complaints, []);
  });

  it('leads from one task to the next', async () => {
    await Promise.all([caseOf('340123450000000070'), caseOf('340123450000000087')]);
    await go('');
    await signIn('sam');
    await page.getByRole('link', { name: /^Receipt of SSCC/ }).first().click();
    const first = await page.getByRole('heading', { level: 1 }).innerText();
    await decide('Approve');
    await page.getByRole('button', { name: 'Next task' }).click();
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    assert.notEqual(await page.getByRole('heading', { level: 1 }).innerText(), first);
    await decide('Approve');
    await page.getByRole('button', { name: 'Next task' }).click();
    await page.getByText('Nothing waits for you').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('says when a decision did not get through, and sends it once', async () => {
    const caseId = await caseOf('340123450000000025');
    // Without the live stream, which would tell of the decision before the line is seen to be lost.
    await page.route('**/changes*', (route) => route.abort());
    await go('');
    await signIn('sam');
    await page.getByRole('link', { name: 'Receipt of SSCC 340123450000000025' }).click();
    await page.getByRole('button', { name: 'Reject', exact: true }).waitFor();
    // The request arrives, its answer does not: the person cannot know.
    await page.route('**/decision', async (route) => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });
    await decide('Reject');
    // A look at the task that happened to be due just then knows better than "not sent".
    await page.getByText('Not sent', { exact: true }).or(page.getByText(/Rejected/)).first().waitFor();
    await eventually(async () => ((await decisions(caseId)).length === 1 ? true : undefined));
    const again = page.getByRole('button', { name: 'Reject', exact: true });
    // The page may learn of the decision by itself, and take the button away under the click.
    if (await again.isVisible()) {
      await again.click({ timeout: 2_000 }).catch((error: unknown) => {
        if (!(error instanceof errors.TimeoutError)) throw error;
      });
    }
    await page.getByText(/Rejected/).first().waitFor();
    assert.equal((await decisions(caseId)).length, 1);
  });

  it('says when somebody else was faster', async () => {
    const caseId = await caseOf('340123450000000032');
    await go('');
    await signIn('sam');
    await page.getByRole('link', { name: 'Receipt of SSCC 340123450000000032' }).click();
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    const [task] = (await running!.engine.ledger.listTasks({ caseId, status: 'open' }, { limit: 1 })).items;
    // Decided between the last look and the click: the click still shows the facts as they were.
    await page.route('**/decision', async (route) => {
      await running!.engine.decideTask({
        taskId: task!.task_id, decision: 'reject', factsHash: task!.facts_hash,
        by: { userId: 'another', name: 'Another', roles: ['receiving-supervisor'], sites: ['*'], authMethod: 'token', channel: 'api' },
      });
      await route.continue();
    }, { times: 1 });
    await decide('Approve');
    await page.getByText('Your decision was not recorded.').waitFor();
    assert.deepEqual((await decisions(caseId)).map((event) => event.type === 'Decided' && event.data.decision), ['reject']);
  });

  it('resolves an exception from its dialog', async () => {
    const caseId = await running!.scan({ kind: 'odd', sscc: '340123450000000049', operator: 'olga' });
    await go('exceptions');
    await signIn('sam');
    await page.getByRole('button', { name: 'Resolve', exact: true }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Lane Q2').waitFor();
    await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
    await dialog.getByText('Use 2 to 40 small letters').waitFor();
    await dialog.getByLabel('Resolution code').fill('asn-found');
    await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByText('No open exceptions').waitFor();
    await eventually(async () => ((await running!.engine.ledger.getCase(caseId))?.status === 'closed' ? true : undefined));
    assert.deepEqual(complaints, []);
  });

  it('shows what a device sent as text, whatever it is', async () => {
    await running!.engine.quarantine({ site: 'dc-1', reason: 'malformed', message: 'Not <i>JSON</i>.', bytes: Buffer.from('<img src=x onerror=alert(1)>\u0007\u202e') });
    await go('quarantine');
    await signIn('sam');
    await page.getByText('Not <i>JSON</i>.').waitFor();
    assert.equal(await page.locator('.item pre').first().innerText(), '<img src=x onerror=alert(1)>\u2407\u2039U+202E\u203a');
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    await page.getByLabel('Reason').fill('test label');
    await page.getByRole('dialog').getByRole('button', { name: 'Discard', exact: true }).click();
    await page.getByText('Nothing is held').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('replays a dead letter', async () => {
    await running!.scan({ kind: 'ship', sscc: '340123450000000056', operator: 'olga' });
    await go('dead-letters');
    await signIn('morgan');
    await page.getByRole('button', { name: 'Replay', exact: true }).first().click();
    await page.getByRole('dialog').getByText('What came back').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  it('fits 360 pixels on every page, and names every control', async () => {
    const caseId = await caseOf('340123450000000063');
    const task = await eventually(async () => (await running!.engine.ledger.listTasks({ caseId }, { limit: 1 })).items[0]);
    await page.setViewportSize({ width: 360, height: 740 });
    await go('');
    await signIn('morgan');
    for (const path of ['', 'cases', `cases/${caseId}`, `tasks/${task.task_id}`, 'exceptions', 'dead-letters', 'quarantine', 'system', 'nowhere']) {
      await go(path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, `"${path}" is wider than the screen`);
      const nameless = await page.evaluate(`[...document.querySelectorAll('button, a[href], input, select, textarea')].filter((e) =>
        !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.querySelector('img[alt]:not([alt=""])'))).map((e) => e.outerHTML)`);
      assert.deepEqual(nameless, [], path);
    }
    assert.deepEqual(complaints, []);
  });

  it('ends with the session and says so by asking to sign in again', async () => {
    await go('');
    await signIn('sam');
    const sam = await running!.accounts.findUserByName('sam');
    await running!.accounts.deleteSessionsOf(sam!.id);
    await page.getByLabel('Password', { exact: true }).waitFor();
  });
});
