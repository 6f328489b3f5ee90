/** What an engineer sees of the shop floor in the editor: a scan that arrives, a PLC's certificate, its tags. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { freePort } from '../lib/free-port.ts';
import { ROOT } from '../lib/paths.ts';
import { closeForm, openForm } from './editor.ts';

export const SHOP_FLOOR = ['form-scan-in-live', 'form-opcua-trust', 'form-opcua-browse'] as const;

export type ShopFloorPicture = (typeof SHOP_FLOOR)[number];

/** Takes them, in the order of {@link SHOP_FLOOR}. */
export async function shopFloor(page: Page, shoot: (name: ShopFloorPicture) => Promise<void>): Promise<void> {
  await openForm(page, { type: 'waybill-scan-in' });
  await page.locator('.waybill-samples .waybill-sample').first().waitFor();
  await page.locator('.waybill-samples').first().scrollIntoViewIfNeeded();
  await page.locator('.waybill-samples .waybill-sample').first().click();
  await page.locator('.waybill-tried-message').first().waitFor();
  await page.locator('.waybill-samples').first().evaluate((list) => { list.scrollIntoView({ block: 'start' }); });
  await shoot('form-scan-in-live');
  await closeForm(page);
  await withConveyor(async (url) => {
    await page.evaluate(`RED.view.importNodes([{ id: 'pictured-plc', type: 'waybill-opcua-endpoint', name: 'line 4', url: ${JSON.stringify(url)},
      securityMode: 'signAndEncrypt', securityPolicy: 'auto', identity: 'anonymous', userCertificate: '', outageSeconds: 300, configVersion: 1 }],
      { generateIds: false, addFlow: false, touchImport: true, notify: false })`);
    await page.evaluate("RED.editor.editConfig('', 'waybill-opcua-endpoint', 'pictured-plc')");
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.locator('.waybill-offer').first().click();
    await page.locator('#waybill-opcua-trust .waybill-certificate').scrollIntoViewIfNeeded();
    await shoot('form-opcua-trust');
    await page.locator('#waybill-opcua-trust').getByRole('button', { name: /^Trust/ }).click();
    await page.locator('.waybill-certificate-trusted').waitFor();
    await page.getByText('Look at the tags of the server').click();
    const item = (name: string) => page.locator('.waybill-tree [role=treeitem]').filter({ has: page.locator(`:scope > .waybill-tree-line .waybill-tree-name:text-is("${name}")`) });
    await item('Conveyor').locator('> .waybill-tree-line').click();
    await item('Motor1').locator('> .waybill-tree-line').click();
    await item('Speed').locator('> .waybill-tree-line').click();
    await item('Speed').locator('> .waybill-tree-line .waybill-tree-value').waitFor();
    await page.locator('.waybill-tag').first().waitFor();
    await page.locator('.waybill-tag').first().scrollIntoViewIfNeeded();
    await shoot('form-opcua-browse');
    await closeForm(page);
  });
}

/** The simulated conveyor in a process of its own, as long as the work takes. */
async function withConveyor(work: (url: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-pictured-plc-'));
  const port = await freePort();
  const conveyor = spawn(process.execPath, [path.join(ROOT, 'dist/cli/waybill.js'), 'simulate', 'plc', '--port', String(port), '--pki', path.join(folder, 'pki')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(conveyor, 'close');
  try {
    const [first] = await Promise.race([once(conveyor.stdout, 'data'), ended.then(() => { throw new Error('The simulated conveyor ended before it listened.'); })]) as [Buffer];
    const [url] = /opc\.tcp:\/\/\S+?:\d+/.exec(first.toString()) ?? [];
    if (url === undefined) throw new Error(`The simulated conveyor does not say where it listens: ${first.toString()}`);
    await work(url);
  } finally {
    conveyor.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
