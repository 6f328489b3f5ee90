import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ScanIntake } from '../../src/intake/mqtt/index.ts';
import { buildUi } from '../../scripts/lib/ui.ts';
import { parseVerifierKey, proofBundleFromJson, verifyProofBundle } from '../../src/ledger/transparency/index.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { needs } from '../support/system-programs.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Another system that refuses until it is told not to. */
interface Other { readonly url: string; readonly bodies: unknown[]; status: number; close(): Promise<void> }

async function startOther(): Promise<Other> {
  const bodies: unknown[] = [];
  const other = { url: '', bodies, status: 422, close: async () => { server.close(); server.closeAllConnections(); await once(server, 'close'); } };
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    request.on('end', () => {
      bodies.push(text === '' ? undefined : JSON.parse(text));
      response.writeHead(other.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(other.status === 201 ? { receipt: 'GR-1' } : { detail: 'The line is closed.', code: 'line-closed' }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  other.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/receipts`;
  return other;
}

describe('web: console in a browser', function () {
  this.timeout(120_000);
  let other: Other | undefined;
  let running: TestEngine | undefined;
  let server: TestServer | undefined;
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    other = await startOther();
    running = await startEngine(async (store) => {
      await addPerson(store, 'morgan', ['site-manager']);
      await addPerson(store, 'olga', ['operator']);
    }, other.url);
    const { engine, intake: step } = running;
    const intake = new ScanIntake({
      openCase: () => Promise.reject(new Error('not taken from a device here')), quarantine: () => Promise.resolve(undefined), accepting: () => true, onAccepting: () => () => undefined, count: () => undefined,
    }, {
      pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'auto', fnc1: '', maxBytes: 65_536, operatorRequired: false, process: 'procure-to-pay', template: 'receiving@1.0.0',
      enterprise: 'acme', site: 'dc-1', uniqueScope: 'receiving',
    });
    engine.addReader({
      site: 'dc-1', claims: (topic) => intake.topics.read(topic).kind === 'ours',
      read: (message, topic, anyTopic) => {
        const read = intake.read(message, topic, anyTopic);
        return read.ok ? { ok: true, openings: read.openings.map((opening) => ({ step, ...opening })) } : read;
      },
    });
    server = await startServer(() => engine);
    browser = await launchChromium(executablePath);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await running?.close();
    await other?.close();
  });
  afterEach(async () => { await context.close(); });

  interface Device { readonly width?: number; readonly locale?: string; readonly dark?: boolean }
  /** A signed-in person before a page. */
  async function open(path: string, { width = 1280, locale = 'en-GB', dark = false }: Device = {}): Promise<void> {
    context = await browser!.newContext({ viewport: { width, height: 800 }, locale, colorScheme: dark ? 'dark' : 'light', acceptDownloads: true });
    const signed = await context.request.post(`${server!.api}/session`, { data: { name: 'morgan', password: PASSWORD } });
    assert.equal(signed.status(), 201);
    page = await context.newPage();
    await go(path);
  }
  async function go(path: string): Promise<void> {
    await page.goto(`${server!.url}/waybill/${path}`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  }
  async function violations(): Promise<string[]> {
    await page.evaluate(axe);
    return page.evaluate(`axe.run('main', { resultTypes: ['violations'] }).then(({ violations }) => violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.target).join(', ')))`);
  }
  const waiting = (caseId: string) => eventually(async () => (await running!.engine.ledger.listTasks({ caseId, status: 'open' }, { limit: 1 })).items[0]);

  it('draws the path of a case, says it as a list too, and leads from a step to its lines', async () => {
    const caseId = await running!.scan({ kind: 'receipt', sscc: '340123450000000018', operator: 'olga' });
    await waiting(caseId);
    await open(`cases/${caseId}`);
    await page.getByRole('heading', { name: 'The path of the case' }).waitFor();
    const step = page.getByRole('button', { name: /waits here.*approve/s });
    await page.locator('.path .node').first().waitFor();
    await step.waitFor();
    assert.ok(await page.locator('.path svg path.edge.passed').count() >= 1);
    await page.locator('.path summary').click();
    assert.match(await page.locator('.path .steps').innerText(), /scan[^]*done[^]*approve[^]*waits here/i);
    await step.focus();
    await page.keyboard.press('Enter');
    await page.locator('.timeline :focus', { hasText: 'Asked receiving-supervisor to decide' }).waitFor();
    await page.getByText('Waits for a decision by receiving-supervisor.').waitFor();
  });

  it('draws the same path downwards on a phone, without scrolling the page sideways', async () => {
    const caseId = await running!.scan({ kind: 'receipt', sscc: '340123450000000025', operator: 'olga' });
    await waiting(caseId);
    await open(`cases/${caseId}`, { width: 360, dark: true });
    await page.locator('.path .node').first().waitFor();
    const tops = await page.evaluate(`[...document.querySelectorAll('.path .node')].map((node) => node.getBoundingClientRect()).map(({ left, right, top }) => ({ left, right, top }))`) as { left: number; right: number; top: number }[];
    assert.ok(new Set(tops.map(({ top }) => top)).size > 1, 'one below the other');
    assert.ok(tops.every(({ left, right }) => left >= 0 && right <= 360), JSON.stringify(tops));
    assert.deepEqual(await violations(), []);
  });

  it('fetches the proof, computes it again, and gives it as a file that the verifier accepts', async () => {
    const caseId = await running!.scan({ kind: 'receipt', sscc: '340123450000000032', operator: 'olga' });
    await waiting(caseId);
    await running!.engine.ledger.seal();
    await open(`cases/${caseId}`);
    await page.getByRole('button', { name: 'Fetch the proof' }).click();
    await page.getByText(/^All \d+ events are in the tree that the checkpoint signs\.$/).waitFor();
    await page.getByRole('rowheader', { name: 'Origin of the checkpoint' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /Download proof/ }).click()]);
    assert.equal(download.suggestedFilename(), `waybill-proof-${caseId}.json`);
    const proof = JSON.parse(readFileSync((await download.path()), 'utf8')) as { caseId: string; checkpoint: string; inclusion: unknown[] };
    const { ledger } = running!.engine;
    verifyProofBundle(proofBundleFromJson(proof), { origin: ledger.origin, keys: [parseVerifierKey(ledger.verifierKey)] });
    assert.equal(proof.caseId, caseId);
    assert.equal(proof.checkpoint.split('\n')[0], running!.engine.ledger.origin);
    assert.equal(proof.inclusion.length, (await running!.engine.ledger.readStream(caseId)).length);
    await page.getByText(/^Raw events/).click();
    await page.getByRole('columnheader', { name: 'Leaf hash' }).waitFor();
    assert.match(await page.locator('td.hash').first().innerText(), /^[A-Za-z0-9+/]{12}$/);
  });

  it('says why the other system refused, and leads from the exception through a correction to the end', async () => {
    const caseId = await running!.scan({ kind: 'odd', sscc: '340123450000000049', operator: 'olga' });
    await eventually(async () => (await running!.engine.ledger.listExceptions({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    await open(`exceptions?case=${caseId}`);
    await page.getByText('What to do:').first().waitFor();
    assert.deepEqual(await violations(), []);
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Correct and go on').click();
    const field = dialog.getByLabel(/^Correction of the facts/);
    await field.fill('{ "receipt": { "po": }');
    await dialog.getByText(/^Line 1, column \d+:/).waitFor();
    await field.fill('{ "receipt": { "po": "4500009999" } }');
    await dialog.getByLabel('Resolution code').fill('po-corrected');
    await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await eventually(async () => ((await running!.engine.ledger.getCase(caseId))?.status === 'closed' ? true : undefined));
    await go(`cases/${caseId}`);
    await page.getByText('Facts corrected:').waitFor();
    await page.locator('td:visible', { hasText: '4500009999' }).first().waitFor();
  });

  it('replays a dead letter with an edited request, and shows each try', async () => {
    other!.status = 503;
    const caseId = await running!.scan({ kind: 'ship', sscc: '340123450000000056', operator: 'olga' });
    await eventually(async () => (await running!.engine.ledger.listDeadLetters({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    await open('dead-letters');
    await page.getByText('Request and every try').click();
    await page.locator('details').getByText('Try 1').first().waitFor();
    assert.deepEqual(await violations(), []);
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What came back').waitFor();
    await dialog.getByText('With an edited request').click();
    const field = dialog.getByLabel('Request', { exact: true });
    const body = JSON.parse(await field.inputValue()) as { receipt: { quantity: string } };
    await field.fill('{ broken');
    assert.equal(await dialog.getByRole('button', { name: 'Replay', exact: true }).isDisabled(), true);
    other!.status = 201;
    await field.fill(JSON.stringify({ ...body, receipt: { ...body.receipt, quantity: '105' } }));
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByText('The replay is under way.').waitFor();
    await eventually(async () => ((await running!.engine.ledger.getCase(caseId))?.status === 'closed' ? true : undefined));
    assert.equal((other!.bodies.at(-1) as typeof body).receipt.quantity, '105');
    await go(`cases/${caseId}`);
    await page.getByText('MORGAN replayed the call with an edited request').waitFor();
  });

  it('finds cases by the beginning of a key and refuses what is far too long', async () => {
    await open('cases');
    await page.getByRole('searchbox').fill('3401234500000000');
    await page.getByRole('link', { name: 'Receipt of SSCC 340123450000000018' }).waitFor();
    await page.waitForURL(/q=3401234500000000/);
    await page.getByRole('searchbox').fill('999');
    await page.getByText('No case begins with this').waitFor();
    await page.getByRole('searchbox').fill('4'.repeat(10_000));
    await page.getByText('This is 10,000 characters long.').waitFor();
  });

  it('draws what cannot be seen in a held message, and nothing of it comes alive', async () => {
    await running!.engine.quarantine({ site: 'dc-1', reason: 'malformed-json', message: 'Not <i>JSON</i>.', bytes: Buffer.from('<img src=x onerror=alert(1)>\u0007\u202e\u200bA') });
    await open('quarantine');
    assert.equal(await page.locator('.item pre').first().innerText(), '<img src=x onerror=alert(1)>\u2407\u2039U+202E\u203a\u2039U+200B\u203aA');
    assert.equal(await page.locator('.item abbr').nth(1).getAttribute('title'), 'U+202E RLO');
    assert.equal(await page.locator('.item img').count(), 0);
    assert.deepEqual(await violations(), []);
  });

  it('maps a held message with a preview of what it would become, and admits it for a reason', async () => {
    await running!.engine.quarantine({
      site: 'dc-1', reason: 'bad-check-digit', message: 'The check digit of the label is wrong.', bytes: Buffer.from('00340123450000000078'), topic: 'acme/dc-1/receiving/dock-1/scan', device: 'dock-1',
    });
    await open('quarantine', { width: 360 });
    await page.getByRole('button', { name: 'Map and admit' }).first().click();
    const dialog = page.getByRole('dialog');
    const field = dialog.getByLabel('Message', { exact: true });
    await dialog.getByText('Would be held again').waitFor();
    const admit = dialog.getByRole('button', { name: 'Admit', exact: true });
    assert.equal(await admit.isDisabled(), true);
    await field.fill('00340123450000000079');
    await dialog.getByText('Opens a case').waitFor();
    await dialog.getByText('SSCC 340123450000000079').first().waitFor();
    await admit.click();
    await dialog.getByText('Say why: it stays in the ledger.').waitFor();
    await dialog.getByLabel('Reason').fill('label torn, digits read from the pallet');
    await page.evaluate(axe);
    assert.deepEqual(await page.evaluate(`axe.run('dialog', { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id }) => id))`), []);
    await admit.click();
    await page.getByText('The message was admitted.').waitFor();
    await page.getByRole('status').getByRole('link', { name: 'Open case' }).click();
    await page.getByRole('heading', { level: 1, name: 'SSCC 340123450000000079' }).waitFor();
    await page.getByText(/^Admitted from quarantine/).waitFor();
    await page.getByText('label torn, digits read from the pallet').waitFor();
  });

  it('says in one sentence how the system is, draws its figures, and reads them out by the keyboard', async () => {
    await open('system', { dark: true });
    await page.getByText(/^(Everything is fine|Waybill takes in)/).waitFor();
    const chart = page.getByRole('slider', { name: /^Commit latency in ms/ });
    await chart.focus();
    await page.keyboard.press('Home');
    assert.match(await chart.getAttribute('aria-valuetext') ?? '', /p50|come within/);
    await page.getByText('Unwitnessed since').waitFor();
    assert.deepEqual(await violations(), []);
  });

  it('is as complete in German', async () => {
    const caseId = await running!.scan({ kind: 'receipt', sscc: '340123450000000063', operator: 'olga' });
    await waiting(caseId);
    await open(`cases/${caseId}`, { locale: 'de-DE', width: 360 });
    await page.getByRole('heading', { name: 'Der Weg des Vorgangs' }).waitFor();
    for (const path of [`cases/${caseId}`, 'cases', 'exceptions', 'dead-letters', 'quarantine', 'system']) {
      await go(path);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, `"${path}" is wider than the screen`);
      assert.deepEqual(await violations(), [], path);
    }
  });
});
