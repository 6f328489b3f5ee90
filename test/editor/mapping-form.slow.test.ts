import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowOf } from './support/flows.ts';

interface LiveNode { readonly id: string; readonly mapRequest: { readonly rows: readonly object[]; readonly target?: string; readonly sourceSchema?: object } | null }

declare const RED: { readonly nodes: { node(id: string): LiveNode }; readonly editor: { edit(node: LiveNode): void } };

const EXAMPLE = flowOf('examples/05-call.json');
const CALL = EXAMPLE.find(({ type }) => type === 'waybill-call')?.id ?? '';
const SAMPLE = JSON.stringify({ PurchaseOrder: '4500001234', Supplier: 'S-1001', Currency: 'EUR', Items: [{ PurchaseOrderItem: '10', Material: '4711', OrderQuantity: 240.123456789, OrderUnit: 'ST' }] });

describe('the mapping form of a call', function () {
  this.timeout(180_000);

  let nodeRed: EditedNodeRed;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    nodeRed = await startEditedNodeRed(this);
    const answer = await fetch(`${nodeRed.baseUrl}/flows`, { method: 'POST', headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' }, body: JSON.stringify(EXAMPLE) });
    assert.equal(answer.status, 204, await answer.text());
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    ({ page } = editor);
  });

  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  async function openMapping(): Promise<void> {
    await page.evaluate((id) => { RED.editor.edit(RED.nodes.node(id)); }, CALL);
    await page.locator('#waybill-call-map-request button').first().waitFor();
    await dialogStands(page);
    await page.locator('#waybill-call-map-request button').first().click();
    await page.locator('.waybill-map-source select option[value="receipt@1.0.0"]').waitFor({ state: 'attached' });
  }
  const done = async (): Promise<LiveNode['mapRequest']> => {
    await page.locator('#waybill-mapping-done').click();
    await page.locator('.waybill-map').waitFor({ state: 'detached' });
    await page.locator('#node-dialog-ok').click();
    await page.locator('#waybill-call-map-request').waitFor({ state: 'detached' });
    return page.evaluate((id) => RED.nodes.node(id).mapRequest, CALL);
  };
  const target = (pointer: string): string => `.waybill-map-target [data-pointer="${pointer}"]`;

  it('takes the form of a sample, offers fields with like names, and says what is missing', async () => {
    await openMapping();
    await page.locator('.waybill-map-target select').first().selectOption('purchase-order@1.0.0');
    await page.locator(target('/number')).waitFor();
    await page.locator('.waybill-map-trial textarea').fill(SAMPLE);
    await page.getByRole('button', { name: 'Take its form as the source' }).click();
    await page.locator('.waybill-map-source [data-pointer="/PurchaseOrder"]').waitFor();
    await page.getByRole('button', { name: 'Take them' }).click();
    assert.match(await page.locator('.waybill-map-status').innerText(), /Mapped: 8\s+Warnings: 1\s+Complete/);
    assert.match(await page.locator(target('/number')).innerText(), /← \/PurchaseOrder/);
  });

  it('says at its row what nine decimals are, and takes a rounding rule by keyboard', async () => {
    await page.locator('.waybill-map-run').click();
    const problem = page.locator('.waybill-map-problems button');
    await problem.first().waitFor();
    assert.match(await problem.first().innerText(), /^\/lines\/0\/quantity\/value ← \/Items\/0\/OrderQuantity\s+"240\.123456789" has 9 decimals, and 3 are allowed/);
    await problem.first().click();
    assert.equal(await page.locator('.waybill-map-rule code').first().innerText(), '/lines[]/quantity/value');
    await page.locator('.waybill-map-add-conversion').focus();
    await page.locator('.waybill-map-add-conversion').selectOption('round');
    await page.locator('.waybill-map-conversion input[type=number]').fill('2');
    await page.locator('.waybill-map-run').click();
    await page.locator('.waybill-map-trial .waybill-good').waitFor();
    assert.match(await page.locator('.waybill-map-result').innerText(), /"value": "240\.12"/);
  });

  it('takes a field of the source with the keyboard alone, a constant, and shows where each value comes from', async () => {
    await page.locator('.waybill-map-target input[type=search]').fill('paymentTerms');
    await page.locator('.waybill-map-target input[type=search]').press('ArrowDown');
    await page.locator('.waybill-map-source input[type=search]').fill('Currency');
    await page.locator('.waybill-map-source input[type=search]').press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.match(await page.locator(target('/paymentTerms')).innerText(), /← \/Currency/);
    await page.getByRole('button', { name: 'Constant' }).click();
    await page.locator('.waybill-map-value input').fill('net 30');
    await page.locator('.waybill-map-run').click();
    await page.locator('.waybill-map-result', { hasText: 'net 30' }).waitFor();
    await page.locator('.waybill-map-trial summary').click();
    assert.match(await page.locator('.waybill-map-explained tbody').innerText(), /\/lines\/0\/quantity\/value\s+\/Items\/0\/OrderQuantity\s+240\.123456789\s+240\.12/);
  });

  it('keeps the mapping with the node, and shows it again', async () => {
    const kept = await done();
    assert.equal(kept?.target, 'purchase-order@1.0.0');
    assert.doesNotMatch(JSON.stringify(kept?.sourceSchema), /S-1001/, 'nothing of the sample is kept');
    assert.deepEqual(kept?.rows[0], { to: '/number', from: '/PurchaseOrder' });
    await openMapping();
    await page.locator(target('/paymentTerms')).waitFor();
    assert.match(await page.locator(target('/paymentTerms')).innerText(), /← “net 30”/);
    await done();
    assert.deepEqual(editor.complaints, []);
  });
});
