import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { receiptService } from '../nodes/support/services.ts';
import { OtherSystem } from '../nodes/support/system.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { ROOT } from './support/sources.ts';

declare const RED: {
  readonly nodes: { node(id: string): { readonly service: string; readonly operation: string; readonly outputs: number; readonly systemNode: string; readonly valid: boolean } | null };
  readonly view: { importNodes(nodes: readonly object[], options: object): void };
  readonly actions: { invoke(name: string): void };
  readonly editor: { editConfig(name: string, type: string, id: string): void; edit(node: object): void };
};

const PICTURES = path.join(ROOT, 'test-results', 'systems');

describe('system and call in the editor', function () {
  this.timeout(120_000);
  let erp: OtherSystem;
  let nodeRed: EditedNodeRed;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    mkdirSync(PICTURES, { recursive: true });
    nodeRed = await startEditedNodeRed(this);
    erp = await OtherSystem.start();
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    ({ page } = editor);
    const { operations, ...service } = receiptService({ description: 'Books goods receipts.' });
    const listed = [{ ...service, reference: 'erp/goods-receipts@1.0.0', status: 'published', operations: Object.entries(operations).map(([name, each]) => ({ name, title: each.title, effect: each.effect, request: each.request, recovery: each.recovery.by })) }];
    await page.route('**/waybill-editor/services', (route) => route.fulfill({ json: { services: listed } }));
    await page.evaluate((url) => {
      RED.view.importNodes([
        { id: 'tab', type: 'tab', label: 'Receiving' },
        { id: 'erp1', type: 'waybill-system', name: 'erp-hamburg', kind: 'erp', url, urlType: 'str', caFile: '', certFile: '', keyFile: '', proxy: '', proxyUser: '', secrets: [{ name: 'password', value: 'ERP_PASSWORD', valueType: 'env' }], configVersion: 1 },
        { id: 'call1', type: 'waybill-call', z: 'tab', x: 300, y: 100, name: '', stepId: 'post', systemNode: 'erp1', service: '', operation: '', body: 'payload', bodyType: 'msg', outputs: 2, wires: [[], []], configVersion: 1 },
      ], { generateIds: false, addFlow: false, touchImport: true, notify: false });
    }, `${erp.url}/api`);
  });

  after(async () => {
    await editor?.close();
    await erp?.stop();
    await nodeRed?.stop();
  });

  /** At the width of a desk and of a narrow window, in both themes; nothing may be cut. */
  const picture = async (name: string): Promise<void> => {
    for (const width of [1_280, 420]) {
      await page.setViewportSize({ width, height: 1_100 });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
      await page.waitForTimeout(400);
      assert.equal(await page.locator('.red-ui-tray .waybill-form').last().evaluate((form) => Math.max(form.scrollWidth - form.clientWidth, Math.ceil(form.getBoundingClientRect().right) - (innerWidth - 10), 0)), 0, `${name}: nothing is cut at ${width}`);
      await page.screenshot({ path: path.join(PICTURES, `${name}-${width}.png`) });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
    }
    await page.setViewportSize({ width: 1_600, height: 1_100 });
  };

  it('tries the connection as the form stands, and says in one sentence what is wrong', async () => {
    await page.evaluate(() => { RED.editor.editConfig('', 'waybill-system', 'erp1'); });
    // While it slides in, a press and its release can meet different places, and are no click.
    await dialogStands(page);
    const test = page.getByRole('button', { name: 'Test the connection' });
    await test.click();
    const said = page.locator('#waybill-system-tested');
    await said.locator('[role]').waitFor();
    assert.match(await said.innerText(), /The catalogue has no service for systems of the kind "erp" yet\./);
    assert.deepEqual(erp.asked.map(({ method, path: asked }) => [method, asked]), [['GET', '/api/']]);
    await picture('system');
    const address = page.locator('#node-config-input-url').locator('xpath=following-sibling::div//input').first();
    await address.fill('http://127.0.0.1:9');
    await test.click();
    await page.getByText('Nobody listens at http://127.0.0.1:9.').waitFor();
    await address.fill('https://me:secret@erp.example');
    await test.click();
    await page.getByText('put them into the fields for them').waitFor({ timeout: 15_000 }).catch(async (error: unknown) => { throw new Error(`said: ${await page.locator('#waybill-system-tested').innerText()}`, { cause: error }); });
    await page.locator('#node-config-dialog-cancel').click();
  });

  it('lets a service and an operation be chosen, and shows what the operation takes (the list is the test\'s)', async () => {
    await page.evaluate(() => { RED.editor.edit(RED.nodes.node('call1') ?? {}); });
    await dialogStands(page);
    await page.locator('#node-input-chosenService').selectOption('erp/goods-receipts@1.0.0');
    await page.locator('#node-input-chosenOperation').selectOption('post');
    await page.getByText('quantity', { exact: true }).waitFor();
    assert.equal(await page.locator('.waybill-call-fields strong').count(), 2, 'both fields are required');
    assert.ok(!await page.locator('#node-input-url').isVisible(), 'the address is the system\'s');
    await page.locator('#node-input-conflictOutput').check();
    await picture('call-service');
    await page.locator('#node-dialog-ok').click();
    const saved = await page.evaluate(() => { const node = RED.nodes.node('call1'); return [node?.service, node?.operation, node?.outputs, node?.systemNode, node?.valid]; });
    assert.deepEqual(saved, ['erp/goods-receipts@1.0.0', 'post', 3, 'erp1', true]);
  });
});
