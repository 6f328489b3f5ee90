import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { makeCentral, packedTemplate, publishTemplate, type Central } from '../governance/catalogue/support/central.ts';
import { answerOf, signAnswer } from '../../src/governance/change/answer-file.ts';
import { readChangeFile } from '../../src/governance/change/change-file.ts';
import { readPacked } from '../../src/governance/template/pack.ts';
import { twins } from '../governance/gate/support/flows.ts';
import { needs } from '../support/system-programs.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, PASSWORD, startServer, type TestServer } from './support/server.ts';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

describe('web: changes in a browser', function () {
  this.timeout(120_000);
  let central: Central;
  let running: TestEngine | undefined;
  let server: TestServer;
  let browser: Browser | undefined;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    central = await makeCentral();
    await publishTemplate(central, packedTemplate('returns/damaged-goods', '1.0.0'));
    running = await startEngine(async (store) => {
      people['eve'] = await addPerson(store, 'eve', ['engineer']);
      people['rita'] = await addPerson(store, 'rita', ['owner:returns']);
      people['mo'] = await addPerson(store, 'mo', ['site-manager']);
    }, undefined, { catalogue: central.public, catalogueRoot: central.rootFile, ring: 'pilot' });
    await running.engine.governance.refreshCatalogue();
    server = await startServer(() => running?.engine);
    browser = await launchChromium(executablePath);
  });
  after(async () => {
    await browser?.close();
    if (running === undefined) return;
    await server.close();
    await running.close();
  });

  const signedIn = async (name: string, path: string, options: object = {}): Promise<Page> => {
    const page = await (await browser!.newContext(options)).newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${server.url}/waybill/${path}`);
    await page.fill('input[autocomplete=username]', name);
    await page.fill('input[type=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('main h1, .page h1');
    return page;
  };
  const accessible = async (page: Page): Promise<void> => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate('axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] })') as { violations: { id: string; nodes: { html: string }[] }[] };
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0]?.html]), []);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > window.innerWidth'), false, 'nothing scrolls sideways');
  };
  const request = async (json: object): Promise<string> => String((await ask(`${server.api}/change-requests`, { method: 'POST', headers: people['eve']!.headers, json })).body['changeId']);

  it('are empty at first, and an owner decides one by keyboard that the site sees at once', async () => {
    const owner = await signedIn('rita', 'changes', { viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    await owner.waitForSelector('.empty');
    await accessible(owner);
    const { flow } = readPacked(packedTemplate('returns/damaged-goods', '1.0.0'));
    const id = await request({
      kind: 'change', site: 'dc-1', family: 'returns', template: 'returns/damaged-goods@1.0.0', title: 'Stop <b>damaged</b> goods', reason: 'They go back to the shelf.',
      nodes: flow.map((node) => (node.type === 'function' ? { ...node, func: 'return null; // <img src=x onerror=alert(1)>' } : node)),
    });
    await owner.waitForSelector('text=You decide');
    await owner.waitForSelector('nav .mark >> text=1');
    const site = await signedIn('eve', `changes/${id}`, { viewport: { width: 360, height: 740 }, locale: 'de-DE', colorScheme: 'dark' });
    await site.waitForSelector('text=Was sich ändert');
    assert.match(await site.innerText('.lines'), /Geändert: function "here" · func/);
    assert.equal(await site.locator('text=Als verantwortliche Person entscheiden').count(), 0);
    await accessible(site);

    await owner.click('text=Stop <b>damaged</b> goods');
    await owner.waitForSelector('text=Decide as an owner');
    await accessible(owner);
    await owner.click('text=Record the decision');
    assert.equal(await owner.innerText('[role=alert]'), 'Choose one of the answers.');
    await owner.focus('input[type=radio] >> nth=0');
    await owner.keyboard.press('Space');
    assert.equal(await owner.inputValue('input[maxlength="64"]'), '1.1.0');
    await owner.fill('input[maxlength="64"]', 'soon');
    await owner.click('text=Record the decision');
    assert.match(await owner.innerText('[role=alert]'), /three numbers/);
    await owner.fill('input[maxlength="64"]', '1.1.0');
    await owner.keyboard.press('Enter');
    await owner.waitForSelector('text=The change comes with version 1.1.0.');
    await owner.waitForSelector('[role=status]:focus');
    await site.waitForSelector('text=Die Änderung kommt mit Version 1.1.0.');
    assert.equal((await running!.engine.ledger.getChange(id))?.version, '1.1.0');
  });

  it('let who asked take it back, and an owner grant a waiver until a day', async () => {
    const waiver = { kind: 'waiver', site: 'dc-1', family: 'returns', rule: 'no-exec', scope: { fingerprints: ['no-exec:1'] }, title: 'exec', reason: 'The label printer.' };
    const [first, second] = [await request(waiver), await request({ ...waiver, title: 'exec, again' })];
    const site = await signedIn('eve', `changes/${first}`, { viewport: { width: 360, height: 740 } });
    await site.click('text=Take the request back');
    await site.fill('dialog textarea', 'Not needed.');
    await site.click('dialog .sheet-actions .bad');
    await site.waitForSelector('text=The request was taken back.');
    const owner = await signedIn('rita', `changes/${second}`, { viewport: { width: 1280, height: 800 } });
    await owner.click('.choice >> nth=0');
    const until = await owner.inputValue('input[type=date]');
    await owner.click('text=Record the decision');
    await owner.waitForSelector('text=An exemption is granted.');
    assert.match(await owner.innerText('.note.good'), /once the signed waiver has come/);
    assert.ok(Math.abs(Date.parse((await running!.engine.ledger.getChange(second))?.expires_at ?? '') - Date.parse(until)) < 2 * 86_400_000);
    await owner.goto(`${server.url}/waybill/changes?show=waivers`);
    await owner.waitForSelector('text=No waivers');
    await owner.waitForSelector('text=dc-1 is a pilot');
    await accessible(owner);
  });

  it('let the site save a request as a file and take the signed answer in, on a phone', async () => {
    const id = await request({ kind: 'waiver', site: 'dc-1', family: 'returns', rule: 'no-exec', scope: { fingerprints: ['no-exec:2'] }, title: 'exec, by file', reason: 'No line.' });
    const site = await signedIn('eve', `changes/${id}`, { viewport: { width: 360, height: 740 }, locale: 'de-DE', colorScheme: 'dark' });
    const [saved] = await Promise.all([site.waitForEvent('download'), site.click('text=Antrag als Datei speichern')]);
    const asked = readChangeFile(readFileSync(await saved.path()));
    assert.equal(asked.changeId, id);
    const answer = answerOf(asked, { decision: 'decline' }, 'Use the parameter.', Date.now());
    const give = (content: object | string): Promise<void> => site.setInputFiles('input[type=file]', { name: 'answer.json', mimeType: 'application/json', buffer: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)) });
    await give('');
    await site.waitForSelector('text=Diese Datei ist leer');
    await give(answer);
    await site.waitForSelector('text=No owner of the family has signed this answer');
    await accessible(site);
    await give(await signAnswer(await signAnswer(answer, central.returns[0]), central.returns[1]));
    await site.waitForSelector('text=Die Verantwortlichen haben abgelehnt');
    await site.waitForSelector('text=Rita, Rob, mit signierter Datei,');
    assert.equal((await running!.engine.ledger.getChange(id))?.status, 'declined');
    await site.keyboard.press('u');
    await site.waitForURL((url) => url.pathname.endsWith('/changes'));
  });

  it('open the glass for two people, say so everywhere until one ends it', async () => {
    assert.equal((await running!.engine.governance.gate.judge(twins(), 'deploy', undefined)).ok, false);
    const eve = await signedIn('eve', 'changes?show=glass', { viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    await eve.click('text=Ask a second person');
    assert.equal(await eve.innerText('[role=alert]'), 'Choose at least one rule.');
    await eve.check('form .choice input >> nth=0');
    await eve.fill('form textarea', 'The printer stands still.');
    await eve.click('text=Ask a second person');
    await eve.waitForSelector('text=A second person of the site agrees here');
    await accessible(eve);
    const mo = await signedIn('mo', 'changes?show=glass', { viewport: { width: 360, height: 740 }, locale: 'de-DE', colorScheme: 'dark' });
    await mo.click('text=Zustimmen und jetzt öffnen');
    await mo.waitForSelector('.gate >> text=Die Notöffnung gilt');
    await accessible(mo);
    const owner = await signedIn('rita', 'inbox', { viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    await owner.waitForSelector('.gate >> text=Break-glass is open');
    await eve.click('text=End it now');
    await eve.waitForSelector('text=Nothing is open');
    await owner.waitForSelector('.gate >> text=Break-glass is open', { state: 'detached' });
  });
});
