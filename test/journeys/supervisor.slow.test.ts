import assert from 'node:assert/strict';
import { signInByHand } from '../../scripts/screenshots/browser.ts';
import { needs } from '../support/system-programs.ts';
import { beginJourney, DEVICES, fitsTheScreen, OVER_RECEIPT, type Journey } from './support/journey.ts';

for (const viewport of DEVICES) {
  describe(`journeys: a receiving supervisor, ${viewport}`, function () {
    this.timeout(120_000);
    let journey: Journey | undefined;
    before(async function () { journey = await beginJourney(`supervisor-${viewport}`, needs(this, 'chromium')); });
    after(async () => { await journey?.end(); });

    it('signs in, is told what will come, gets the task by itself, decides, and going back sends nothing again', async () => {
      const { product, device, scan } = journey!;
      const { page, look, complaints } = await device({ viewport });
      await page.goto(`${product.url}/waybill/`);
      await look('sign-in');
      await fitsTheScreen(page);
      await signInByHand(page, 'sam', product.passwords['sam']!);
      await page.getByText('Nothing waits for you').waitFor();
      await look('empty-inbox');

      await scan(OVER_RECEIPT);
      const task = page.getByRole('link', { name: new RegExp(OVER_RECEIPT) });
      await task.waitFor();
      await look('task-arrived');
      await fitsTheScreen(page);
      await task.click();
      await page.getByText('70 beyond the tolerance').first().waitFor();
      await look('task');
      await fitsTheScreen(page);

      await page.getByRole('textbox', { name: 'Comment' }).fill('Agreed with the buyer. <img src=x onerror=alert(1)>');
      const approve = page.getByRole('button', { name: /^Approve/ }).first();
      const box = await approve.boundingBox();
      assert.ok(box !== null && box.height >= 48, 'a thumb needs 48 px');
      await approve.click();
      await page.getByRole('dialog').getByRole('button', { name: /^Approve/ }).click();
      await page.getByText('Approved. The case goes on.').waitFor();
      await look('approved');
      await page.getByText('<img src=x onerror=alert(1)>', { exact: false }).first().waitFor();

      await page.getByRole('button', { name: 'Next task' }).click();
      await page.getByText('Nothing waits for you').waitFor();
      await page.goBack();
      await page.getByText(/Approved/).first().waitFor();
      assert.equal(await page.getByRole('button', { name: /^Approve$/ }).count(), 0, 'a decided task offers no decision');
      await look('back-after-the-decision');

      // The case goes on behind the answer to the decision.
      await page.goto(`${product.url}/waybill/cases`);
      await page.getByRole('link', { name: new RegExp(OVER_RECEIPT) }).click();
      await page.getByText(/^Case closed/).first().waitFor();
      const receipts = await (await fetch(`${product.erpUrl}/goods-receipts`)).json() as { items: { quantity: string }[] };
      assert.deepEqual(receipts.items.map(({ quantity }) => quantity), ['280']);
      assert.deepEqual(complaints(), []);
    });
  });
}
