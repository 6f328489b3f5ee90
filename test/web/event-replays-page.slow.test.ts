import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { end, opener, Rig, step, withNodeRed } from '../nodes/support/rig.ts';
import { OtherSystem } from '../nodes/support/system.ts';
import { needs } from '../support/system-programs.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

describe('web: events sent again, in a browser', function () {
  this.timeout(120_000);
  withNodeRed();
  let rig: Rig;
  let erp: OtherSystem | undefined;
  let server: TestServer;
  let browser: Browser | undefined;

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    erp = await OtherSystem.start();
    rig = await Rig.open();
    assert.ok(rig.engine.accounts);
    await addPerson(rig.engine.accounts, 'eve', ['engineer']);
    await addPerson(rig.engine.accounts, 'carl', ['clerk']);
    const out = (id: string, eventType: string, to: string): ReturnType<typeof step> => step('event-out', id, {
      system: 'erp', to: 'http', url: `${erp?.url ?? ''}/events`, urlType: 'str', eventType, subject: 'po', subjectType: 'facts', data: '{"po": $facts.po}', dataType: 'jsonata', wires: [[to], []],
    });
    await rig.load([opener(['first']), out('first', 'com.example.goods.received', 'second'), out('second', 'com.example.goods.checked', 'done'), end('done')]);
    for (const po of ['4711', '4712', '4713']) await rig.closed(await rig.start({ po }));
    server = await startServer(() => rig.engine);
    browser = await launchChromium(executablePath);
  });
  after(async () => {
    await browser?.close();
    if (erp === undefined) return;
    await server.close();
    await rig.close();
    await erp.stop();
  });

  const signedIn = async (name: string, options: object): Promise<Page> => {
    const page = await (await browser!.newContext(options)).newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${server.url}/waybill/dead-letters`);
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

  it('are counted, chosen, sent with a reason, and shown with how far they are', async () => {
    const page = await signedIn('eve', { viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    const before = erp!.asked.length;
    assert.equal(before, 6);
    await page.getByRole('button', { name: 'Send events again…' }).click();
    await page.getByRole('button', { name: 'Count them' }).click();
    await page.getByText('Say from when.').waitFor();
    await page.getByLabel('Stored from').fill('2020-01-01T00:00');
    await page.getByRole('button', { name: 'Count them' }).click();
    await page.getByText('6 events were found.').waitFor();
    await accessible(page);
    await page.getByLabel('Which of them').selectOption({ index: 2 });
    await page.getByRole('button', { name: 'Send 3 again' }).click();
    await page.getByText('Say why; it stands in the ledger.').waitFor();
    await page.getByLabel('Why').fill('the ERP was restored from last night');
    await page.getByLabel('A second at most').fill('200');
    await page.getByRole('button', { name: 'Send 3 again' }).click();
    await page.getByRole('heading', { name: 'Events sent again' }).waitFor();
    await page.getByText('3 sent', { exact: true }).waitFor();
    await page.getByText('the ERP was restored from last night').waitFor();
    await accessible(page);
    const again = erp!.asked.slice(before);
    assert.deepEqual(again.map(({ body }) => body), erp!.asked.slice(0, before).map(({ body }) => body).filter((body) => (body as { type: string }).type === 'com.example.goods.checked'));
  });

  it('stand on a phone in the dark, in German, and are not for a clerk to send', async () => {
    const phone = await signedIn('eve', { viewport: { width: 420, height: 860 }, locale: 'de-DE', colorScheme: 'dark' });
    await phone.getByRole('heading', { name: 'Erneut gesendete Ereignisse' }).waitFor();
    await accessible(phone);
    await phone.getByRole('button', { name: 'Ereignisse erneut senden…' }).click();
    await phone.getByLabel('Festgehalten ab').fill('2020-01-01T00:00');
    await phone.getByRole('button', { name: 'Zählen' }).click();
    await phone.getByText('6 Ereignisse gefunden.').waitFor();
    await accessible(phone);
    const clerk = await signedIn('carl', { viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    await clerk.getByRole('heading', { name: 'Events sent again' }).waitFor();
    assert.equal(await clerk.getByRole('button', { name: 'Send events again…' }).count(), 0);
  });
});
