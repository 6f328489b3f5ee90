import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { countCall, newFigures, SLICE_MS } from '../../src/engine/services/health/figures.ts';
import type { Figures } from '../../src/engine/services/health/figures.ts';
import { healthContent } from '../../src/engine/services/health/health-file.ts';
import type { RequestOutcome } from '../../src/engine/offered/requests/request-row.ts';
import type { KnownService } from '../../src/engine/services/source.ts';
import { end, opener, Rig, step, withNodeRed } from '../nodes/support/rig.ts';
import { receiptService } from '../nodes/support/services.ts';
import { OtherSystem } from '../nodes/support/system.ts';
import { needs } from '../support/system-programs.ts';
import { eventually } from './support/real-engine.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const retry = { maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 1, maxDelaySeconds: 1 };
const LONG = 'Rahmenverträge mit Lieferanten und Speditionsdienstleistern abrufen und fortschreiben';

/** A day behind a service: more calls by day, slower at noon, now and then one that fails. */
function day(service: string, system: string, perQuarter: number, ms: number, failsEvery: number): Figures {
  const now = Date.now();
  const figures = newFigures(service, system, new Date(now - 86_400_000).toISOString());
  let count = 0;
  for (let quarter = 95; quarter >= 0; quarter--) {
    const hour = new Date(now - quarter * SLICE_MS).getUTCHours();
    const calls = Math.round(perQuarter * (hour > 4 && hour < 23 ? 1 : 0.2));
    for (let call = 0; call < calls; call++) {
      count += 1;
      const failed = failsEvery > 0 && count % failsEvery === 0;
      countCall(figures, { outcome: failed ? 'transient' : 'success', durationMs: ms * (1 + (call % 7) / 3) * (1 + Math.sin(quarter / 9) / 3), now: now - quarter * SLICE_MS, failure: { caseId: 'none', effectId: 'e', callId: 'k', operation: 'post', errorClass: 'timeout', httpStatus: null } });
    }
  }
  return { ...figures, failures: [] };
}

describe('web: services in a browser', function () {
  this.timeout(120_000);
  withNodeRed();
  let rig: Rig | undefined;
  let erp: OtherSystem;
  let server: TestServer;
  let browser: Browser | undefined;
  const known: KnownService[] = [];

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    browser = await launchChromium(executablePath);
    mkdirSync('test-results/services', { recursive: true });
    erp = await OtherSystem.start();
    const service = (id: string, title: string, more: Partial<ServiceDefinition> = {}): ServiceDefinition => receiptService({ id, title, retry, ...more });
    known.push(
      { definition: service('erp/goods-receipts', 'Goods receipts', { limits: { concurrency: 8, perSecond: 50, burst: 20, quota: { calls: 20_000, per: 'day' } } }), status: 'published' },
      { definition: service('carrier/shipments', 'Shipments and labels', { cost: { amount: '0.12', currency: 'EUR' } }), status: 'deprecated', sunset: '2027-06-30', successor: 'carrier/shipments@2.0.0' },
      { definition: service('supplier/contracts', LONG), status: 'published' },
    );
    const first = await Rig.open();
    await first.load([opener(['done']), end('done')]);
    const { home } = first;
    const { ledgerId } = first.engine.ledger;
    for (const [name, role] of [['eve', 'engineer'], ['carl', 'supervisor']] as const) await addPerson(first.engine.accounts!, name, [role], ['*']);
    await first.close(true);
    const figures = [day('erp/goods-receipts@1.0.0', 'erp-1', 60, 40, 400), day('carrier/shipments@1.0.0', 'carrier', 25, 180, 60), day('supplier/contracts@1.0.0', 'beschaffungsplattform-sued-west', 4, 700, 0)];
    writeFileSync(path.join(home, 'service-health.json'), JSON.stringify(healthContent({ ledgerId, position: 0, figures, open: [], costs: [{ month: new Date().toISOString().slice(0, 7), template: 'outbound/shipping@2.1.0', closed: 1_204, amounts: { EUR: '173.52' } }] })));
    rig = await Rig.open({}, { home });
    rig.engine.services = { services: () => known, service: (reference) => known.find(({ definition: { id, version } }) => `${id}@${version}` === reference) };
    const asked = (service: string, operation: string, caller: string, ...answers: readonly (readonly [RequestOutcome, string?])[]): void => { for (const [outcome, code] of answers) rig!.engine.requestAnswered({ service, operation, caller, outcome, ...(code === undefined ? {} : { code }) }); };
    asked('erp/goods-receipts@1.0.0', 'post', 'dhl', ['done'], ['done'], ['again'], ['refused', 'contract-broken'], ['limited', 'too-many-requests'], ['limited', 'too-many-requests']);
    asked('erp/goods-receipts@1.0.0', 'post', '', ['unknown', 'token-invalid']);
    asked('carrier/shipments@1.0.0', 'book', 'speditionsgesellschaft-sued-west', ['done'], ['pending']);
    asked('', '', '', ['refused', 'service-unknown']);
    server = await startServer(() => rig?.engine);
  });
  after(async () => {
    await browser?.close();
    if (rig === undefined) return;
    await server.close();
    await rig.close();
    await erp.stop();
  });

  const signedIn = async (name: string, options: object): Promise<Page> => {
    const page = await (await browser!.newContext(options)).newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${server.url}/waybill/systems`);
    await page.fill('input[autocomplete=username]', name);
    await page.fill('input[type=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.items .item');
    return page;
  };
  const accessible = async (page: Page): Promise<void> => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate('axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] })') as { violations: { id: string; nodes: { html: string }[] }[] };
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0]?.html]), []);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > window.innerWidth'), false, 'nothing scrolls sideways');
  };

  it('are listed with what needs somebody first, and one is stopped and let go on with a reason', async () => {
    await rig!.load([
      { id: 'sys', type: 'waybill-system', name: 'erp-1', kind: 'erp', url: `${erp.url}/api`, urlType: 'str' }, opener(['post']),
      step('call', 'post', { systemNode: 'sys', service: 'erp/goods-receipts@1.0.0', operation: 'post', body: 'payload', bodyType: 'msg', wires: [['done'], [], []], outputs: 3 }), end('done'),
    ]);
    erp.answer = () => ({ status: 503, body: { title: 'The ledger of the ERP is being closed' } });
    const caseId = await rig!.start({ po: '4500001', quantity: '7.5' });
    await eventually(async () => (await rig!.engine.ledger.listDeadLetters({ caseId }, { limit: 1 })).items[0]);
    const page = await signedIn('eve', { viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    await page.getByText('1 dead letter', { exact: true }).waitFor();
    await page.getByText('deprecated, there until').first().waitFor();
    await page.getByText(LONG).first().waitFor();
    await page.getByText('outbound/shipping@2.1.0').waitFor();
    await page.getByText('1 caller still calls a version on its way out.').waitFor();
    const offers = page.getByRole('group', { name: 'What this site offers others' });
    assert.deepEqual(await offers.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => (cell as HTMLElement).innerText.replaceAll(/\s+/g, ' ').trim()).slice(0, 6))), [
      ['speditionsgesellschaft-sued-west', '2', '0', '1', '0', '–'], ['dhl', '6', '1', '0', '2', 'too-many-requests 2 contract-broken 1'], ['nobody who is known', '1', '0', '0', '0', 'service-unknown 1'], ['nobody who is known', '1', '0', '0', '0', 'token-invalid 1'],
    ]);
    await offers.focus();
    await page.screenshot({ path: 'test-results/services/offers-1280-light.png', fullPage: true });
    await accessible(page);
    await page.getByRole('link', { name: 'Goods receipts' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What failed last' }).waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Stop this service here' }).click();
    await page.getByLabel('Reason').fill('It books twice.');
    await page.locator('dialog').getByRole('button', { name: 'Send' }).click();
    await page.getByText('stopped at this site', { exact: true }).waitFor();
    assert.equal(rig!.engine.serviceStop('erp/goods-receipts@1.0.0')?.reason, 'It books twice.');
    await page.getByRole('button', { name: 'Let this service go on' }).click();
    await page.getByLabel('Reason').fill('Mended.');
    await page.locator('dialog').getByRole('button', { name: 'Send' }).click();
    await page.getByText('stopped at this site', { exact: true }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('fit a phone of 360 px, in the dark, in German, and stop nothing and name no caller for a supervisor', async () => {
    const page = await signedIn('carl', { viewport: { width: 360, height: 740 }, locale: 'de-DE', colorScheme: 'dark' });
    await page.getByRole('heading', { name: 'Was dieser Standort anderen anbietet' }).waitFor();
    assert.deepEqual([await page.getByText('•••', { exact: true }).count(), await page.getByText('dhl').count()], [2, 0], 'who calls is for those who read findings');
    await page.screenshot({ path: 'test-results/services/offers-360-dark.png', fullPage: true });
    await page.getByText('läuft aus, da bis').first().waitFor();
    await accessible(page);
    await page.getByRole('link', { name: 'Shipments and labels' }).click();
    await page.getByRole('heading', { name: 'Was zuletzt scheiterte' }).waitFor();
    await accessible(page);
    assert.equal(await page.getByRole('button', { name: 'Diesen Dienst hier anhalten' }).count(), 0);
    await page.context().close();
  });
});
