import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { signInByHand } from '../../scripts/screenshots/browser.ts';
import { runningRevisions, tourHasFocus } from '../editor/support/editor-page.ts';
import { needs } from '../support/system-programs.ts';
import { beginJourney, DEVICES, fitsTheScreen, OVER_RECEIPT, type Journey } from './support/journey.ts';

/** Where the bar of tabs is wider than the screen, the editor puts its tabs behind a button with three dots, at the first change of the window's size: one is made, so that it is there every time. */
async function openCasesHere(page: Page): Promise<void> {
  await page.evaluate("window.dispatchEvent(new Event('resize'))");
  const tab = page.locator('[data-tab-id=waybill-here]').first();
  const more = page.locator('.red-ui-sidebar-tab-bar-overflow-button');
  await tab.or(more).filter({ visible: true }).first().waitFor();
  if (await more.isVisible()) {
    await more.click();
    await page.locator('#red-ui-sidebar-tab-bar-menu').getByText('Waybill: cases here').click();
  } else {
    await tab.click();
  }
}

for (const viewport of DEVICES) {
  describe(`journeys: a site engineer, ${viewport}`, function () {
    this.timeout(120_000);
    let journey: Journey | undefined;
    before(async function () { journey = await beginJourney(`engineer-${viewport}`, needs(this, 'chromium')); });
    after(async () => { await journey?.end(); });

    it('signs in once for editor and console, starts the tour, names the flow anew and deploys, and sees the case rest where it waits', async () => {
      const { product, device, scan } = journey!;
      const { page, context, look, complaints } = await device({ viewport });
      const runs = runningRevisions(page);
      await page.goto(`${product.url}/`);
      await signInByHand(page, 'erin', product.passwords['erin']!);
      await page.locator('#red-ui-workspace-chart').waitFor();
      await openCasesHere(page);
      const sidebar = page.locator('.waybill-here');
      await sidebar.getByText('No case rests anywhere.').waitFor();
      await look('editor');

      await sidebar.getByRole('button', { name: 'Start the tour' }).click();
      await page.getByText('From a scan to a decision').waitFor();
      await look('tour');
      await tourHasFocus(page);
      await page.keyboard.press('Escape');
      await page.getByText('From a scan to a decision').waitFor({ state: 'hidden' });

      if (viewport === 'desk') await changeAndDeploy();

      await scan(OVER_RECEIPT);
      const place = sidebar.getByRole('button', { name: /resting/ }).first();
      await place.waitFor({ timeout: 15_000 });
      await look('resting');
      await place.click();
      const rested = sidebar.getByRole('link', { name: new RegExp(OVER_RECEIPT) });
      await rested.waitFor({ timeout: 15_000 });
      await look('cases-here');
      const [consolePage] = await Promise.all([context.waitForEvent('page'), rested.click()]);
      await consolePage.getByRole('heading', { level: 1, name: new RegExp(OVER_RECEIPT) }).waitFor();
      await fitsTheScreen(consolePage);
      // Node-RED looks for its catalogue of nodes on the internet, which is not there.
      assert.deepEqual(complaints(/ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED/), []);

      async function changeAndDeploy(): Promise<void> {
        // The flow is an approved template: what is inside stays, its label and its parameters are the site's.
        await page.locator('#red-ui-workspace-tabs .red-ui-tab-label', { hasText: 'Receiving' }).dblclick();
        await page.locator('#red-ui-tray-stack, .red-ui-tray').first().waitFor();
        await page.locator('#node-input-name').fill('Receiving at the docks');
        await look('node-form');
        await page.getByRole('button', { name: 'Done' }).click();
        const answered = page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
        await page.locator('#red-ui-header-button-deploy').click();
        await page.getByText(/successfully deployed/i).waitFor();
        await look('deployed');
        // Until the flows run again, a node shows what it showed before.
        await runs((await (await answered).json() as { rev: string }).rev);
        await page.locator('#red-ui-workspace-tabs .red-ui-tab-label', { hasText: 'Receiving at the docks' }).waitFor();
        await page.locator('.red-ui-flow-node-group', { hasText: 'scan in' }).getByText('connected').waitFor();
      }
    });
  });
}
