import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { odataDriver } from '../../src/connectors/odata/index.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { Cap } from '../support/cap/cap.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { ROOT } from './support/sources.ts';

declare const RED: {
  readonly view: { importNodes(nodes: readonly object[], options: object): void };
  readonly actions: { invoke(name: string): void };
  readonly editor: { editConfig(name: string, type: string, id: string): void };
};

const PICTURES = path.join(ROOT, 'test-results', 'odata');

describe('OData browser in the form of a system, at SAP CAP', function () {
  this.timeout(180_000);
  let cap: Cap;
  let nodeRed: EditedNodeRed;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    mkdirSync(PICTURES, { recursive: true });
    nodeRed = await startEditedNodeRed(this);
    cap = await Cap.start(this, 'csrf');
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    ({ page } = editor);
    await page.evaluate((url) => {
      RED.view.importNodes([
        { id: 'tab', type: 'tab', label: 'Receiving' },
        { id: 'erp1', type: 'waybill-system', name: 'erp-hamburg', kind: 'erp', url, urlType: 'str', database: '', caFile: '', certFile: '', keyFile: '', proxy: '', proxyUser: '', secrets: [], configVersion: 1 },
      ], { generateIds: false, addFlow: false, touchImport: true, notify: false });
      RED.editor.editConfig('', 'waybill-system', 'erp1');
    }, cap.url);
    await dialogStands(page);
    await page.getByRole('button', { name: 'Browse OData …' }).click();
    await page.getByLabel('Path of the service').waitFor();
  });
  after(async () => {
    await editor?.close();
    await cap?.stop();
    await nodeRed?.stop();
  });

  const read = async (at: string): Promise<void> => {
    await page.getByLabel('Path of the service').fill(at);
    await page.getByRole('button', { name: 'Read the metadata' }).click();
  };
  const picture = async (name: string): Promise<void> => {
    for (const width of [1_280, 420]) {
      await page.setViewportSize({ width, height: 1_100 });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
      await page.waitForTimeout(400);
      assert.equal(await page.locator('.waybill-odata').evaluate((form) => form.scrollWidth - form.clientWidth), 0, `${name}: nothing is cut at ${width}`);
      await page.locator('.red-ui-tray').last().screenshot({ path: path.join(PICTURES, `${name}-${width}.png`) });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
    }
    await page.setViewportSize({ width: 1_600, height: 1_100 });
  };

  it('says in one sentence what is wrong with a path', async () => {
    await read('/odata/v4/nothing');
    await page.getByText('There is no OData service at /odata/v4/nothing (HTTP 404)').waitFor();
    await page.getByLabel('Product').selectOption('sap-s4hana-v2');
    await page.getByRole('button', { name: 'Read the metadata' }).click();
    await page.getByText('Fill in {service} in the path first.').waitFor();
    await page.getByLabel('Product').selectOption('');
  });

  it('reads the metadata, finds by name and by the keys, and shows fields with types and keys', async () => {
    await read(`${cap.url}/odata/v4/purchasing/$metadata`);
    await page.getByText(/OData 4\.01?: 5 entity sets, 3 actions and functions/).waitFor();
    assert.equal(await page.getByLabel('Path of the service').inputValue(), '/odata/v4/purchasing');
    const search = page.getByLabel('Search by name or label');
    await search.fill('receipt');
    await search.press('ArrowDown');
    await page.getByRole('heading', { name: 'GoodsReceipts' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: 'GoodsReceiptItems' }).waitFor();
    await search.fill('');
    await page.getByRole('option', { name: /^PurchaseOrders/ }).click();
    await page.getByRole('heading', { name: 'PurchaseOrders' }).waitFor();
    await page.getByText('String 10').first().waitFor();
    assert.equal(await page.locator('.waybill-odata-key').innerText(), 'orderNo');
  });

  it('drafts a service that the driver can work with, of a read, a query, a creation with its key, and an action', async () => {
    const add = async (): Promise<void> => page.getByRole('button', { name: 'Add to the draft' }).click();
    await page.getByText('items (PurchaseOrderItems …)').click();
    await add();
    await page.getByLabel('What is done').selectOption('query');
    await page.getByRole('button', { name: 'Condition' }).click();
    await page.getByLabel('Field', { exact: true }).selectOption('supplier');
    await page.locator('.waybill-odata-table').getByText('note').click();
    await picture('operation');
    await add();
    await add();
    await page.getByText('The draft has an operation queryPurchaseOrders already.').waitFor();
    await page.getByRole('option', { name: /^GoodsReceipts\b/ }).click();
    await page.getByRole('heading', { name: 'GoodsReceipts' }).waitFor();
    await page.getByLabel('What is done').selectOption('create');
    await page.getByLabel('Field that keeps the idempotency key').selectOption('reference');
    await add();
    await page.getByRole('option', { name: /matchInvoice/ }).click();
    await page.getByRole('heading', { name: 'matchInvoice' }).waitFor();
    await add();
    await page.getByRole('button', { name: 'Draft the service' }).click();
    await page.getByText('Name the service as family/name').waitFor();
    await page.getByLabel('Service (family/name)').fill('erp/purchasing');
    await page.getByLabel('What it is', { exact: true }).fill('Purchasing');
    await page.getByLabel('Who answers for it').fill('Central IT, ERP');
    await page.getByRole('button', { name: 'Draft the service' }).click();
    await page.getByText(/erp\/purchasing is drafted/).waitFor();
    await page.getByText('"matchInvoice" has no place for an idempotency key yet').waitFor();
    await picture('draft');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    const definition = JSON.parse(readFileSync(await file.path(), 'utf8')) as ServiceDefinition;
    assert.deepEqual(odataDriver.problems(definition), []);
    assert.deepEqual(Object.keys(definition.operations), ['readPurchaseOrders', 'queryPurchaseOrders', 'createGoodsReceipts', 'createGoodsReceipts-by-key', 'matchInvoice']);
    assert.deepEqual(definition.operations['readPurchaseOrders']?.binding, { do: 'read', entitySet: 'PurchaseOrders', expand: ['items'] });
    assert.deepEqual(definition.operations['queryPurchaseOrders']?.binding['filter'], { property: 'supplier', from: '/supplier' });
    assert.ok(!(definition.operations['queryPurchaseOrders']?.binding['select'] as string[]).includes('note'));
    const { idempotency, recovery } = definition.operations['createGoodsReceipts']!;
    assert.deepEqual([idempotency, recovery], [{ in: 'field', name: '/reference', maxLength: 22 }, { by: 'query', operation: 'createGoodsReceipts-by-key', document: { key: '{key}' }, found: '/value/0' }]);
    assert.deepEqual(editor.complaints.filter((each) => !/404|422/.test(each)), []);
  });

  it('reads OData V2 as well', async () => {
    await read('/odata/v2/purchasing');
    await page.getByText(/OData 2\.0: 5 entity sets, 3 actions and functions/).waitFor();
    await page.getByRole('option', { name: /^Invoices/ }).click();
    await page.getByRole('heading', { name: 'Invoices' }).waitFor();
  });
});
