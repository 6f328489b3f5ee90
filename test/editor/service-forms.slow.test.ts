import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { postedOrders } from '../nodes/support/edi-services.ts';
import { deliveryService } from '../nodes/support/offered.ts';
import { receiptService } from '../nodes/support/services.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { ROOT } from './support/sources.ts';

declare const RED: {
  readonly nodes: { node(id: string): { readonly service: string; readonly operation: string; readonly does: string; readonly says: string; readonly httpStatus: number | string; readonly code: string; readonly valid: boolean } | null };
  readonly view: { importNodes(nodes: readonly object[], options: object): void };
  readonly actions: { invoke(name: string): void };
  readonly editor: { edit(node: object): void };
};

const PICTURES = path.join(ROOT, 'test-results', 'services');

describe('service in and service out in the editor', function () {
  this.timeout(120_000);
  let nodeRed: EditedNodeRed;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    mkdirSync(PICTURES, { recursive: true });
    nodeRed = await startEditedNodeRed(this);
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    ({ page } = editor);
    const edi = deliveryService({ id: 'partner/acme', title: 'ACME', protocol: 'edi', offered: { admits: ['token'], maxBytes: 8_192, waitMs: 20_000 }, operations: postedOrders });
    const listed = [deliveryService(), edi, receiptService()].map(({ operations, offered, ...service }) => ({
      ...service, reference: `${service.id}@${service.version}`, status: 'published', offered: offered !== undefined, documents: service.protocol === 'edi',
      operations: Object.entries(operations).map(([name, each]) => ({ name, title: each.title, effect: each.effect, request: each.request, recovery: each.recovery.by, answer: each.answer, ...(service.protocol === 'edi' ? { media: ['application/edi-x12'] } : {}), address: `${String(each.binding['method'] ?? 'POST')} …/waybill/services/${service.id}/${service.version}${String(each.binding['path'])}` })),
    }));
    await page.route('**/waybill-editor/services', (route) => route.fulfill({ json: { services: listed } }));
    await page.evaluate(() => {
      RED.view.importNodes([
        { id: 'tab', type: 'tab', label: 'Deliveries' },
        { id: 'site', type: 'waybill-site', name: 'DC 1', siteId: 'dc-1', enterprise: 'acme', legalEntity: '', gln: '', timeZone: '', stallSeconds: 60, hopLimit: 100, configVersion: 1 },
        { id: 'in', type: 'waybill-service-in', z: 'tab', x: 200, y: 100, name: '', stepId: 'confirmed', requires: '', site: 'site', service: '', operation: '', process: 'order-to-cash', template: 'delivery@1.0.0', key: '/shipment', keyName: 'shipment', uniqueScope: '', wires: [['out']], configVersion: 1 },
        { id: 'out', type: 'waybill-service-out', z: 'tab', x: 400, y: 100, name: '', stepId: 'receipt', requires: '', says: 'answer', httpStatus: 200, body: 'payload', bodyType: 'msg', code: '', detail: '', detailType: 'str', wires: [[]], configVersion: 1 },
      ], { generateIds: false, addFlow: false, touchImport: true, notify: false });
    });
  });

  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  /** At the width of a desk, light and dark, and of a narrow window; nothing may be cut. */
  const picture = async (name: string): Promise<void> => {
    for (const [width, colorScheme] of [[1_280, 'light'], [1_280, 'dark'], [360, 'light'], [360, 'dark']] as const) {
      // Node-RED's own class: by itself it follows the system's theme only when a person chose that.
      await page.evaluate((dark) => { document.documentElement.classList.toggle('nr-theme-dark', dark); }, colorScheme === 'dark');
      await page.setViewportSize({ width, height: 1_200 });
      const narrow = async (): Promise<void> => { if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); }); };
      await narrow();
      await page.waitForTimeout(400);
      await page.screenshot({ path: path.join(PICTURES, `${name}-${width}-${colorScheme}.png`) });
      assert.equal(await page.locator('.red-ui-tray .waybill-form').last().evaluate((form) => form.scrollWidth - form.clientWidth), 0, `${name}: nothing is cut at ${width}`);
      await narrow();
    }
    await page.setViewportSize({ width: 1_600, height: 1_200 });
  };
  const edit = async (id: string): Promise<void> => {
    // The dialog before slides out of the same place.
    await page.waitForFunction(() => document.querySelectorAll('.red-ui-tray').length === 0);
    await page.evaluate((node) => { RED.editor.edit(RED.nodes.node(node) ?? {}); }, id);
    // While it slides in, a press and its release can meet different places, and are no click.
    await dialogStands(page);
  };

  it('offers what Waybill offers, and says what it takes and where it is called (the list is the test\'s)', async () => {
    await edit('in');
    const services = page.locator('#node-input-chosenService');
    await page.waitForFunction(() => document.querySelectorAll('#node-input-chosenService option').length > 1);
    assert.deepEqual(await services.locator('option').evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value)), ['', 'logistics/proof-of-delivery@1.0.0', 'partner/acme@1.0.0'], 'what systems offer is called, and not answered');
    await services.selectOption('logistics/proof-of-delivery@1.0.0');
    await page.locator('#node-input-chosenOperation').selectOption('confirm');
    assert.equal(await page.locator('#waybill-service-in-address').innerText(), 'POST …/waybill/services/logistics/proof-of-delivery/1.0.0/shipments/{shipment}/delivery');
    assert.match(await page.locator('#waybill-service-in-document').innerText(), /shipment[\s\S]*deliveredAt[\s\S]*lines/);
    await picture('service-in');
    const shown = (field: string): Promise<boolean> => page.locator(`#node-input-${field}`).locator('xpath=ancestor::div[contains(@class,"form-row")]').isVisible();
    await page.locator('#node-input-does').selectOption('tell');
    assert.deepEqual([await shown('uniqueScope'), await shown('process'), await shown('eventName'), await shown('answer'), await shown('keep')], [false, false, true, true, false]);
    await page.locator('#node-input-mustMeet').uncheck();
    assert.ok(await shown('keep'));
    await picture('service-in-told');
    const does = page.locator('#node-input-does');
    const choices = (): Promise<readonly string[]> => does.locator('option:not([disabled])').evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    await services.selectOption('partner/acme@1.0.0');
    await page.locator('#node-input-chosenOperation').selectOption('orders');
    assert.deepEqual([await does.inputValue(), await choices(), await shown('keyName'), await shown('uniqueScope'), await shown('answer')], ['take', ['take'], true, true, false]);
    assert.deepEqual([await page.locator('#waybill-service-in-address').innerText(), await page.locator('#waybill-service-in-media').innerText()], ['POST …/waybill/services/partner/acme/1.0.0/orders', '"Content-Type": application/edi-x12']);
    assert.match(await page.locator('#waybill-service-in-document').innerText(), /lines[\s\S]*quantity/);
    await picture('service-in-documents');
    // By the keyboard alone: the field before, the choice, and the one after it.
    await page.locator('#node-input-chosenOperation').focus();
    const reached: string[] = [];
    for (let n = 0; n < 12 && reached.at(-1) !== 'node-input-uniqueScope'; n += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement?.id ?? ''));
    }
    assert.deepEqual(reached.filter((id) => id.startsWith('node-input-')), ['node-input-does', 'node-input-process', 'node-input-template', 'node-input-key', 'node-input-keyName', 'node-input-uniqueScope']);
    await services.selectOption('logistics/proof-of-delivery@1.0.0');
    await page.locator('#node-input-chosenOperation').selectOption('confirm');
    assert.deepEqual([await does.inputValue(), await choices(), await page.locator('#waybill-service-in-media').innerText()], ['open', ['open', 'tell'], '']);
    await page.locator('#node-dialog-ok').click();
    await page.waitForFunction(() => RED.nodes.node('in')?.operation === 'confirm');
    assert.deepEqual(await page.evaluate(() => { const { service, operation, valid } = RED.nodes.node('in')!; return [service, operation, valid]; }), ['logistics/proof-of-delivery@1.0.0', 'confirm', true]);
  });

  it('shows of a refusal what a refusal has', async () => {
    await edit('out');
    assert.ok(await page.locator('#node-input-body').locator('xpath=..').isVisible() && !await page.locator('#node-input-code').isVisible());
    await picture('service-out');
    await page.locator('#node-input-says').selectOption('refusal');
    assert.deepEqual([await page.locator('#node-input-httpStatus').inputValue(), await page.locator('#node-input-code').isVisible()], ['409', true]);
    await page.locator('#node-input-code').fill('shipment-unknown');
    await page.locator('#node-input-detail').locator('xpath=following-sibling::div//input').first().fill('Look at the number of the shipment.');
    await picture('service-out-refusal');
    await page.locator('#node-dialog-ok').click();
    await page.waitForFunction(() => RED.nodes.node('out')?.says === 'refusal');
    assert.deepEqual(await page.evaluate(() => { const { httpStatus, code, valid } = RED.nodes.node('out')!; return [Number(httpStatus), code, valid]; }), [409, 'shipment-unknown', true]);
    assert.deepEqual(editor.complaints, []);
  });
});
