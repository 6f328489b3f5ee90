import assert from 'node:assert/strict';
import { needs } from '../support/system-programs.ts';
import { beginJourney, DEVICES, fitsTheScreen, OVER_RECEIPT, type Journey } from './support/journey.ts';

for (const viewport of DEVICES) {
  describe(`journeys: a central architect, ${viewport}`, function () {
    this.timeout(120_000);
    let journey: Journey | undefined;
    before(async function () { journey = await beginJourney(`architect-${viewport}`, needs(this, 'chromium')); });
    after(async () => { await journey?.end(); });

    it('comes by the one-time link, sees that all is well, admits a person, makes a token for a program and takes it back', async () => {
      const { product, device, scan } = journey!;
      const { page, look, complaints } = await device({ viewport });
      const link = /Sign in once as admin: (\S+)/.exec(product.output())?.[1];
      assert.ok(link !== undefined, 'the greeting shows a link');
      await page.goto(link);
      await look('one-time-link');
      await page.getByRole('button').first().click();
      await page.waitForURL((url) => !url.pathname.includes('/sign-in/'));
      await page.getByRole('heading', { level: 1 }).first().waitFor();

      await page.goto(`${product.url}/waybill/system`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await look('system');
      await fitsTheScreen(page);

      await page.goto(`${product.url}/waybill/accounts`);
      await page.getByText('sam').first().waitFor();
      await look('accounts');
      await fitsTheScreen(page);

      await page.goto(`${product.url}/waybill/account`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await look('account');
      await fitsTheScreen(page);
      await page.getByRole('button', { name: /new token|create token|make a token/i }).first().click();
      await page.getByLabel(/^name/i).last().fill('morning report');
      await look('new-token');
      await page.getByRole('button', { name: /create|make/i }).last().click();
      const shown = page.getByText(/wb_[\w-]{20,}/).first();
      await shown.waitFor();
      await look('token-shown-once');
      const token = /wb_[\w-]{20,}/.exec(await shown.innerText())?.[0];
      assert.ok(token !== undefined);
      await fitsTheScreen(page);

      // What the token is for: a program reads what the page shows.
      await scan(OVER_RECEIPT);
      const ask = (): Promise<Response> => fetch(`${product.url}/waybill/api/v1/cases?key=${OVER_RECEIPT}`, { headers: { authorization: `Bearer ${token}` } });
      const found = await (await ask()).json() as { items: { title: string }[] };
      assert.equal(found.items.length, 1);
      await page.reload();
      await page.getByText('morning report').first().waitFor();
      assert.equal(await page.getByText(token).count(), 0, 'a token is shown once');
      const row = page.getByRole('listitem').or(page.getByRole('row')).filter({ hasText: 'morning report' }).first();
      await row.getByRole('button', { name: 'Revoke morning report' }).click();
      await assertEventually(async () => (await ask()).status === 401, 'a revoked token is refused');
      await look('token-revoked');
      assert.deepEqual(complaints(), []);
    });
  });
}

/** Waits up to five seconds for what the page's click brings about. */
async function assertEventually(holds: () => Promise<boolean>, message: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  assert.fail(message);
}
