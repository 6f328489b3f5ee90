import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DIST } from '../../scripts/lib/paths.ts';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { needs } from '../support/system-programs.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';

const MAX_FIRST_PAGE_BYTES = 150_000;

describe('web: the pages as a device has them', function () {
  this.timeout(120_000);
  let running: TestEngine | undefined;
  let server: TestServer | undefined;
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;
  let next = 100;

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    running = await startEngine(async (store) => {
      await addPerson(store, 'sam', ['receiving-supervisor']);
      await addPerson(store, 'olga', ['operator']);
    });
    const { engine } = running;
    server = await startServer(() => engine);
    browser = await launchChromium(executablePath);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await running?.close();
  });
  afterEach(async () => { await context.close(); });

  async function device(options: Parameters<Browser['newContext']>[0] = {}, url = server!.url): Promise<void> {
    context = await browser!.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-GB', serviceWorkers: 'block', ...options });
    const answer = await context.request.post(`${url}/waybill/api/v1/session`, { data: { name: 'sam', password: PASSWORD }, headers: { origin: url } });
    assert.equal(answer.status(), 201);
    page = await context.newPage();
  }
  const go = (where: string, on = page) => on.goto(`${server!.url}/waybill/${where}`);
  /** A new over-receipt; its SSCC's serial is another one each time. */
  async function receipt(): Promise<{ readonly caseId: string; readonly sscc: string; readonly taskId: string }> {
    next += 1;
    const body = `3401234500000${String(next).padStart(4, '0')}`;
    const sum = [...body].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
    const sscc = `${body}${(10 - sum % 10) % 10}`;
    const caseId = await running!.scan({ kind: 'receipt', sscc, operator: 'olga' });
    const task = await eventually(async () => (await running!.engine.ledger.listTasks({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    return { caseId, sscc, taskId: task.task_id };
  }
  const decisions = async (caseId: string) => (await running!.engine.ledger.readStream(caseId)).filter((event) => event.type === 'Decided');
  async function press(name: string, on = page): Promise<void> {
    await on.getByRole('button', { name, exact: true }).first().click();
    await on.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  }

  it('load less than 150 kB of script, compressed, up to the inbox', async () => {
    await device();
    const scripts = new Set<string>();
    page.on('response', (response) => { if (response.url().endsWith('.js')) scripts.add(path.basename(new URL(response.url()).pathname)); });
    await go('');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('load');
    const bytes = [...scripts].reduce((total, name) => total + gzipSync(readFileSync(path.join(DIST, 'ui/assets', name)), { level: 9 }).length, 0);
    assert.ok(scripts.size > 3);
    assert.ok(bytes < MAX_FIRST_PAGE_BYTES, `${bytes} bytes in ${scripts.size} files`);
    assert.ok(![...scripts].some((name) => name.startsWith('de-')), 'only the chosen language is loaded');
  });

  it('speak the language of the browser, and the one that the person chooses from then on', async () => {
    await device({ locale: 'de-DE' });
    await go('');
    await page.getByRole('heading', { name: 'Aufgaben', level: 1 }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    await page.getByRole('button', { name: 'Sie: SAM' }).click();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
    await go('cases');
    await page.getByRole('heading', { name: 'Cases', level: 1 }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  });

  it('show a task that comes, by themselves, and again after the line was away', async () => {
    await device();
    await go('');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const first = await receipt();
    await page.getByRole('link', { name: new RegExp(first.sscc) }).waitFor();
    await context.setOffline(true);
    await page.getByText('No connection.').waitFor();
    const second = await receipt();
    await context.setOffline(false);
    await page.getByRole('link', { name: new RegExp(second.sscc) }).waitFor();
    await page.getByText('No connection.').waitFor({ state: 'detached' });
  });

  it('say "not sent" without a line, keep the comment, and count nothing before the commit', async () => {
    const { caseId, taskId } = await receipt();
    await device();
    await go(`tasks/${taskId}`);
    await page.getByLabel('Comment').fill('Supplier said so.');
    await context.setOffline(true);
    await press('Approve');
    await page.getByText('Not sent', { exact: true }).waitFor();
    assert.equal((await decisions(caseId)).length, 0);
    assert.equal(await page.getByText('Approved.').count(), 0);
    assert.equal(await page.getByLabel('Comment').inputValue(), 'Supplier said so.');
    await context.setOffline(false);
    await press('Approve');
    await page.getByText('Approved. The case goes on.').waitFor();
    assert.equal((await decisions(caseId)).length, 1);
  });

  it('show in every tab what was decided in one, and after the back button too', async () => {
    const [one, two] = [await receipt(), await receipt()];
    await device();
    await go(`tasks/${one.taskId}`);
    const other = await context.newPage();
    await go(`tasks/${one.taskId}`, other);
    await other.getByRole('button', { name: 'Reject', exact: true }).waitFor();
    await page.bringToFront();
    await press('Reject');
    await page.getByText('Rejected. The case takes the way for rejections.').waitFor();
    await other.getByText(/^Rejected/).first().waitFor();
    assert.equal(await other.getByRole('button', { name: 'Reject', exact: true }).count(), 0);
    await page.goto(`${server!.url}/waybill/tasks/${two.taskId}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await page.goBack();
    await page.getByText(/^Rejected/).first().waitFor();
    await page.getByText(/Recorded in the ledger/).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
    assert.equal((await decisions(one.caseId)).length, 1);
  });

  it('say plainly that a task is not there', async () => {
    await device();
    await go('tasks/0192a000-0000-7000-8000-000000000000');
    await page.getByRole('heading', { name: 'This task is not there', level: 1 }).waitFor();
  });

  it('answer ten thousand pasted items at the field, and send nothing', async () => {
    await device();
    await go('');
    const field = page.getByRole('searchbox');
    await field.waitFor();
    const asked: string[] = [];
    page.on('request', (request) => { if (request.url().includes('q=')) asked.push(request.url()); });
    await field.fill(Array.from({ length: 10_000 }, (_, index) => `45000${index}`).join(' '));
    await page.getByText('The search takes up to 200 characters.').waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.deepEqual(asked, []);
    await field.fill('34012345');
    await page.waitForURL(/q=34012345/);
  });

  it('count down by the server\'s clock on a device whose own is an hour off', async () => {
    const { taskId } = await receipt();
    await device();
    // Only what the pages read: the browser's own time stays.
    await page.addInitScript('{ const real = Date.now; const Real = Date; Date.now = () => real() + 3_600_000; globalThis.Date = new Proxy(Real, { construct: (target, args) => args.length === 0 ? new target(Date.now()) : new target(...args) }); }');
    await go(`tasks/${taskId}`);
    // Due four hours after it was asked, a moment ago.
    await page.getByText(/^(?:3:5\d|4:00) h left$/).first().waitFor();
  });

  it('are used with the keyboard alone, and shortcuts rest in fields', async () => {
    const { taskId } = await receipt();
    await device();
    await go('');
    await page.locator('main a.cover').first().waitFor();
    await page.keyboard.press('j');
    assert.equal(await page.evaluate('document.activeElement.classList.contains("cover")'), true);
    await page.keyboard.press('/');
    await page.keyboard.type('gc');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'gc');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'Cases', level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await go(`tasks/${taskId}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('dialog', { name: 'Approve this?' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Approved. The case goes on.').waitFor();
  });

  it('keep the chosen theme and filters on the device', async () => {
    await device();
    await go('');
    await page.getByRole('button', { name: 'You: SAM' }).click();
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Approved' }).click();
    await page.waitForURL(/view=approved/);
    await go('cases');
    await page.getByRole('link', { name: /^Inbox/ }).click();
    await page.waitForURL(/view=approved/);
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  });

  it('keep a long list short in the page, and nothing moves away under a finger', async () => {
    await Promise.all(Array.from({ length: 130 }, () => receipt()));
    await device();
    await go('');
    await page.locator('main a.cover').first().waitFor();
    // Down to the end: pages come by themselves.
    await eventually(async () => {
      await page.mouse.wheel(0, 4_000);
      const last = await page.locator('main li').last().getAttribute('aria-posinset');
      return Number(last) > 130 ? true : undefined;
    });
    assert.ok(await page.locator('main li').count() < 60);
    // The last turn of the wheel may still be scrolling.
    let before = await page.locator('main a.cover').allInnerTexts();
    await eventually(async () => {
      await page.waitForTimeout(300);
      const seen = before;
      before = await page.locator('main a.cover').allInnerTexts();
      return seen.join('\n') === before.join('\n') ? true : undefined;
    });
    await receipt();
    await page.getByRole('button', { name: /^\d+ new: show$/ }).waitFor();
    assert.deepEqual(await page.locator('main a.cover').allInnerTexts(), before);
    await page.getByRole('button', { name: /^\d+ new: show$/ }).click();
    await page.getByRole('button', { name: /^\d+ new: show$/ }).waitFor({ state: 'detached' });
  });

  it('start without a line from what the service worker keeps, and it keeps no answers', async () => {
    const own = await startServer(() => running!.engine);
    let closed = false;
    try {
      await device({ serviceWorkers: 'allow' }, own.url);
      await page.goto(`${own.url}/waybill/`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
      await page.reload();
      await page.getByRole('heading', { level: 1 }).waitFor();
      const kept = await page.evaluate('caches.keys().then(async (names) => (await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat())') as string[];
      assert.ok(kept.includes('/waybill/') && kept.some((each) => each.endsWith('.js')));
      assert.deepEqual(kept.filter((each) => each.includes('/api/')), []);
      const manifest = await page.evaluate('fetch(document.querySelector("link[rel=manifest]").href).then((answer) => answer.json())') as { icons: { sizes: string }[] };
      assert.ok(manifest.icons.some((icon) => icon.sizes === '512x512'));
      await own.close();
      closed = true;
      await page.reload();
      await page.getByRole('heading', { name: 'No connection', level: 1 }).waitFor();
      await page.getByText('Nothing counts as sent.').waitFor();
    } finally {
      if (!closed) await own.close();
    }
  });
});
