import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { attachmentPath } from '../../src/ledger/attachments/store.ts';
import { readFileSync } from 'node:fs';
import { png } from '../support/photos.ts';
import { needs } from '../support/system-programs.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';

describe('web: photos in a browser', function () {
  this.timeout(120_000);
  let running: TestEngine | undefined;
  let server: TestServer | undefined;
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    running = await startEngine(async (store) => {
      await addPerson(store, 'chris', ['clerk', 'receiving-clerk']);
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
  beforeEach(async () => {
    context = await browser!.newContext({ viewport: { width: 360, height: 740 }, locale: 'en-GB' });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(async () => { await context.close(); });

  async function open(path: string): Promise<void> {
    await page.goto(`${server!.url}/waybill/${path}`);
    await page.getByLabel('Name', { exact: true }).fill('chris');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^You: / }).waitFor();
    complaints = complaints.filter((text) => !text.includes('401'));
  }
  /** A large picture, as a camera makes it. */
  const camera = (name: string, side = 2_400): { name: string; mimeType: string; buffer: Buffer } => ({ name, mimeType: 'image/png', buffer: png([['tEXt', `Comment\0GPS of ${name}`]], side) });
  const attached = async (caseId: string) => (await running!.engine.ledger.readStream(caseId)).flatMap((event) => (event.type === 'PhotoAttached' ? [event.data] : []));

  it('are made smaller, shown, removed, and attached before the task is done', async () => {
    const caseId = await running!.scan({ kind: 'photo', sscc: '340123450000000117', operator: 'olga' });
    const task = await eventually(async () => (await running!.engine.ledger.listTasks({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    await open(`tasks/${task.task_id}`);
    await page.getByText('0 of 2 photos').waitFor();
    const take = page.locator('input[type=file][capture]');
    await take.setInputFiles(camera('one.png'));
    await page.getByText('1 of 2 photos').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText(/Photos are missing that this task asks for/).waitFor();
    await eventually(async () => ((await attached(caseId)).length === 1 ? true : undefined));
    await page.locator('input[type=file][multiple]').setInputFiles([camera('two.png', 900), { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') }]);
    await page.getByText('notes.txt is no photo that this browser can read.').waitFor();
    await page.getByText('2 of 2 photos').waitFor();
    await page.getByRole('button', { name: /^Remove/ }).click();
    await page.getByText('1 of 2 photos').waitFor();
    await page.locator('input[type=file][multiple]').setInputFiles(camera('three.png', 700));
    await page.getByText('2 of 2 photos').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await eventually(async () => ((await running!.engine.caseView(caseId))?.outcome === 'received' ? true : undefined));
    const photos = await attached(caseId);
    assert.equal(photos.length, 2);
    const [first] = photos.map(({ sha256 }) => readFileSync(attachmentPath(running!.home, sha256)));
    assert.equal(photos[0]?.mime, 'image/jpeg');
    assert.ok(!first!.includes('GPS'));
    // 1600 pixels on the longest side: height and width of the frame.
    const frame = first!.indexOf(Buffer.from([0xff, 0xc0]));
    assert.deepEqual([first!.readUInt16BE(frame + 5), first!.readUInt16BE(frame + 7)], [1600, 1600]);
    assert.deepEqual(complaints.filter((text) => !text.includes('409')), []);
  });

  it('stay in the form when they do not get through, and are sent once', async () => {
    const caseId = await running!.scan({ kind: 'damaged', sscc: '340123450000000124', operator: 'olga' });
    await eventually(async () => (await running!.engine.ledger.listExceptions({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    await open('exceptions');
    await page.getByRole('button', { name: 'Resolve', exact: true }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('input[type=file][multiple]').setInputFiles(camera('corner.png', 800));
    await dialog.getByRole('img', { name: 'Photo 1' }).waitFor();
    await dialog.getByLabel('Resolution code').selectOption({ label: 'Repacked' });
    await page.route('**/attachments', (route) => route.abort(), { times: 1 });
    await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
    await dialog.getByText('No answer came. It is kept here').waitFor();
    assert.equal((await running!.engine.caseView(caseId))?.status, 'open');
    await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
    await eventually(async () => ((await running!.engine.caseView(caseId))?.status === 'closed' ? true : undefined));
    assert.equal((await attached(caseId)).length, 1);
  });

  it('fit a phone and say what they are to everybody', async () => {
    const caseId = await running!.scan({ kind: 'photo', sscc: '340123450000000131', operator: 'olga' });
    const task = await eventually(async () => (await running!.engine.ledger.listTasks({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    await open(`tasks/${task.task_id}`);
    await page.locator('input[type=file][multiple]').setInputFiles([camera('a.png', 300), camera('b.png', 400)]);
    await page.getByText('2 of 2 photos').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false);
    await page.getByRole('img', { name: 'Photo 2' }).waitFor();
    for (const button of await page.locator('label.take').all()) assert.ok((await button.boundingBox())!.height >= 44);
    assert.deepEqual(complaints, []);
  });
});
