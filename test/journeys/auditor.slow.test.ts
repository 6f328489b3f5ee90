import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { signInByApi, signInByHand } from '../../scripts/screenshots/browser.ts';
import { needs } from '../support/system-programs.ts';
import { beginJourney, DEVICES, fitsTheScreen, OVER_RECEIPT, type Journey } from './support/journey.ts';

interface TaskRow { readonly taskId: string; readonly factsHash: string }

/** An over-receipt, scanned and approved by sam: what the auditor is to find. */
async function decidedCase({ product, device, scan }: Journey): Promise<void> {
  const { context, page } = await device({});
  await signInByApi(context, product.url, 'sam', product.passwords['sam']!);
  await page.goto(`${product.url}/waybill/`);
  await scan(OVER_RECEIPT);
  await page.getByRole('link', { name: new RegExp(OVER_RECEIPT) }).waitFor();
  const api = `${product.url}/waybill/api/v1`;
  const { items: [task] } = await (await context.request.get(`${api}/tasks`)).json() as { items: TaskRow[] };
  const { csrfToken } = await (await context.request.get(`${api}/me`)).json() as { csrfToken: string };
  const answer = await context.request.post(`${api}/tasks/${task!.taskId}/decision`, {
    data: { decision: 'approve', comment: 'Agreed with the buyer.', factsHash: task!.factsHash }, headers: { origin: product.url, 'x-waybill-csrf': csrfToken },
  });
  assert.equal(answer.status(), 200, await answer.text());
  await context.close();
}

for (const viewport of DEVICES) {
  describe(`journeys: an auditor, ${viewport}`, function () {
    this.timeout(120_000);
    let journey: Journey | undefined;
    before(async function () {
      journey = await beginJourney(`auditor-${viewport}`, needs(this, 'chromium'));
      await decidedCase(journey);
    });
    after(async () => { await journey?.end(); });

    it('finds the case by its key, reads who decided what on which facts, sees its path, and takes a proof home', async () => {
      const { product, device } = journey!;
      const { page, look, complaints } = await device({ viewport });
      await page.goto(`${product.url}/waybill/cases`);
      await signInByHand(page, 'alex', product.passwords['alex']!);
      const found = page.waitForResponse((response) => new URL(response.url()).pathname.endsWith('/cases') && response.url().includes(OVER_RECEIPT.slice(0, 12)));
      await page.getByRole('searchbox').first().fill(OVER_RECEIPT.slice(0, 12));
      // The list is drawn anew when the answer is there; a click before that would meet the old one.
      await found;
      await page.waitForURL(/[?&]q=/);
      await page.getByRole('link', { name: new RegExp(OVER_RECEIPT) }).click();
      await page.getByText('Agreed with the buyer.').first().waitFor();
      await look('case');
      await fitsTheScreen(page);
      await page.getByText(/Sam Rivera approved/).first().waitFor();
      await page.getByRole('heading', { name: /path/i }).first().waitFor();

      const proofButton = page.getByRole('button', { name: /proof/i }).first();
      await proofButton.scrollIntoViewIfNeeded();
      await proofButton.click();
      await page.getByText(/waybill\/dc-1\//).first().waitFor();
      await look('proof');
      await fitsTheScreen(page);
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /download/i }).or(page.getByRole('button', { name: /download/i })).first().click()]);
      const proof = readFileSync(await download.path(), 'utf8');
      assert.match(download.suggestedFilename(), /^[\w.-]+\.json$/);
      assert.ok(proof.includes('waybill/dc-1/'), 'the proof names the origin of its checkpoint');

      const verified = await product.cli('ledger', 'verify');
      assert.match(verified, /OK: nothing was changed, lost or moved/);
      assert.deepEqual(complaints(), []);
    });
  });
}
