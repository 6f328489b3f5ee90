import assert from 'node:assert/strict';

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

import { importOpenApi } from '../../src/connectors/openapi/index.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowOf } from './support/flows.ts';
import { ROOT } from './support/sources.ts';

interface LiveNode { readonly id: string; readonly valid: boolean; readonly validationErrors: readonly string[]; readonly mapRequest: { readonly rows: readonly object[]; readonly target?: string; readonly sourceSchema?: object } | null }

declare const RED: { readonly nodes: { node(id: string): LiveNode }; readonly editor: { edit(node: LiveNode): void; validateNode(node: LiveNode): boolean }; readonly view: { importNodes(nodes: readonly object[], options: object): void } };

const EXAMPLE = flowOf('examples/05-call.json');
const CALL = EXAMPLE.find(({ type }) => type === 'waybill-call')?.id ?? '';
const SAMPLE = JSON.stringify({ PurchaseOrder: '4500001234', Supplier: 'S-1001', Currency: 'EUR', Items: [{ PurchaseOrderItem: '10', Material: '4711', OrderQuantity: 240.123456789, OrderUnit: 'ST' }] });

const PICTURES = path.join(ROOT, 'test-results', 'mapping');
const CARRIER = `
openapi: 3.0.3
info: { title: Carrier, version: "4" }
paths:
  /shipments:
    post:
      operationId: book
      summary: Book a shipment
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Shipment' } } } }
      responses: { '201': { description: booked } }
components:
  schemas:
    Shipment:
      type: object
      required: [reference, service, collectOn, parcels, consignee, lines]
      properties:
        reference: { type: string, maxLength: 35, description: What the carrier prints on its invoice. }
        service: { type: string, enum: [standard, express] }
        collectOn: { type: string, format: date }
        parcels: { type: integer, minimum: 1, maximum: 99 }
        weightKg: { type: string, pattern: '^\\d{1,5}(\\.\\d{1,3})?$', example: '12.500' }
        insured: { type: boolean, nullable: true }
        consignee: { $ref: '#/components/schemas/Address' }
        lines: { type: array, items: { type: object, required: [gtin], properties: { gtin: { type: string, pattern: '^\\d{14}$' }, quantity: { type: number, multipleOf: 0.001 } } } }
    Address: { type: object, required: [name, country], properties: { name: { type: string, maxLength: 20 }, country: { type: string, enum: [DE, NL] } } }
`;

/** As the server lists a service that was imported. */
function listed(): object {
  const { definition: { operations, ...service } } = importOpenApi(CARRIER, { id: 'carrier/bookings', system: 'tms', date: '2026-03-02' });
  return { ...service, reference: 'carrier/bookings@0.1.0', status: 'published', operations: Object.entries(operations).map(([name, { title, effect, request, answer, recovery }]) => ({ name, title, effect, request, answer, recovery: recovery.by })) };
}

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
  });

  describe('for an operation of an OpenAPI document (the list of services is the test\'s)', () => {
    const field = (pointer: string) => page.locator(`${target(pointer)} > .waybill-tree-line`);
    const ORDER = JSON.stringify({ order: 'S-1', customer: 'Meyer', items: [{ gtin: '04012345678901', qty: '2.5' }] });
    const judged = (): Promise<readonly [boolean, string]> => page.evaluate((id) => { const node = RED.nodes.node(id); return [RED.editor.validateNode(node), node.validationErrors.join('; ')] as const; }, 'book');

    before(async () => {
      mkdirSync(PICTURES, { recursive: true });
      await page.route('**/waybill-editor/services', (route) => route.fulfill({ json: { services: [listed()] } }));
      await page.evaluate(() => {
        RED.view.importNodes([
          { id: 'carriers', type: 'waybill-system', name: 'carriers', kind: 'tms', url: 'http://127.0.0.1:9', urlType: 'str', caFile: '', certFile: '', keyFile: '', proxy: '', proxyUser: '', secrets: [], configVersion: 1 },
          { id: 'book', type: 'waybill-call', x: 300, y: 400, name: '', stepId: 'book', systemNode: 'carriers', service: '', operation: '', body: 'payload', bodyType: 'msg', outputs: 2, wires: [[], []], configVersion: 1 },
        ], { generateIds: false, addFlow: false, touchImport: true, notify: false });
      });
    });

    async function openRequest(): Promise<void> {
      await page.evaluate(() => { RED.editor.edit(RED.nodes.node('book')); });
      await page.locator('#waybill-call-map-request button').first().waitFor();
      await dialogStands(page);
    }

    it('has its request as the target, and for each constant the input that its schema says', async () => {
      await openRequest();
      await page.locator('#node-input-chosenService').selectOption('carrier/bookings@0.1.0');
      await page.locator('#node-input-chosenOperation').selectOption('book');
      await page.locator('.waybill-call-fields').waitFor();
      await page.locator('#waybill-call-map-request button').first().click();
      await page.locator(target('/consignee/country')).waitFor();
      assert.equal(await page.locator('.waybill-map-target select').first().inputValue(), 'given', 'nobody has to choose it');
      assert.match(await page.locator('.waybill-map-status').innerText(), /Required and not mapped: 6/);
      await page.locator('.waybill-map-trial textarea').fill(ORDER);
      await page.getByRole('button', { name: 'Take its form as the source' }).click();
      await page.locator('.waybill-map-source [data-pointer="/order"]').waitFor();
      const become = async (pointer: string): Promise<void> => {
        await field(pointer).click();
        await page.getByRole('button', { name: 'Constant' }).click();
      };
      const value = page.locator('.waybill-map-value');
      const wrong = page.locator('.waybill-map-rule .waybill-wrong');
      await become('/service');
      assert.deepEqual(await value.locator('option').allInnerTexts(), ['Choose …', 'standard', 'express']);
      await value.locator('select').selectOption({ label: 'express' });
      await become('/insured');
      await value.locator('select').selectOption({ label: 'yes' });
      await become('/collectOn');
      assert.equal(await value.locator('input').getAttribute('type'), 'date');
      await value.locator('input').fill('2026-03-02');
      await become('/weightKg');
      assert.match(await value.innerText(), /pattern: .*for example 12\.500/);
      await value.locator('input').fill('12,5');
      await page.locator('.waybill-map-rule .waybill-wrong', { hasText: 'write what fits the pattern' }).waitFor();
      await value.locator('input').fill('12.5');
      await wrong.waitFor({ state: 'detached' });
      await become('/consignee/country');
      await value.locator('select').selectOption({ label: 'NL' });
      await field('/consignee/name').click();
      await page.getByRole('button', { name: 'Expression' }).click();
      await value.locator('textarea').fill('$uppercase(customer)');
      await field('/reference').click();
      assert.match(await page.locator('.waybill-map-rule .waybill-hint').first().innerText(), /What the carrier prints/);
      await page.locator('.waybill-map-source [data-pointer="/order"] > .waybill-tree-line').dblclick();
      await become('/parcels');
      await value.locator('input').fill('a dozen');
      await page.locator('.waybill-map-rule .waybill-wrong', { hasText: '"a dozen" is no whole number; write it like 12.' }).waitFor();
      assert.match(await page.locator('.waybill-map-status').innerText(), /Required and not mapped: 1\s+Problems: 1/);
      await page.locator('.waybill-map-panes').scrollIntoViewIfNeeded();
      await page.locator('.red-ui-tray').last().screenshot({ path: path.join(PICTURES, 'form-request.png') });
      await value.locator('input').fill('120');
      await page.locator('.waybill-map-rule .waybill-wrong', { hasText: '120 is too large; the target takes 99 and less.' }).waitFor();
      await value.locator('input').fill('2');
      await wrong.waitFor({ state: 'detached' });
      await page.locator('#waybill-mapping-done').click();
      await page.locator('.waybill-map').waitFor({ state: 'detached' });
    });

    it('counts at the call, before a deploy, what the operation requires and nothing gives', async () => {
      assert.equal(await page.locator('.waybill-map-lacks').innerText(), 'required by the operation and not mapped: 1 (/lines)');
      await page.locator('#node-dialog-ok').click();
      await page.locator('#waybill-call-map-request').waitFor({ state: 'detached' });
      const [valid, said] = await judged();
      assert.equal(valid, false);
      assert.match(said, /needs 1 more that nothing gives \(\/lines\)/);
      await openRequest();
      await page.locator('.waybill-map-lacks').waitFor();
      await page.locator('#waybill-call-map-request button').first().click();
      await page.locator(target('/lines')).waitFor();
      await field('/lines/*/gtin').click();
      await page.locator('.waybill-map-source [data-pointer="/items/*/gtin"] > .waybill-tree-line').dblclick();
      await field('/lines/*/quantity').click();
      await page.locator('.waybill-map-source [data-pointer="/items/*/qty"] > .waybill-tree-line').dblclick();
      await page.locator('.waybill-map-ok').waitFor();
      await page.locator('.waybill-map-trial textarea').fill(ORDER);
      await page.locator('.waybill-map-run').click();
      await page.locator('.waybill-map-trial .waybill-good').waitFor();
      assert.deepEqual(JSON.parse(await page.locator('.waybill-map-result').innerText()), {
        service: 'express', insured: true, collectOn: '2026-03-02', weightKg: '12.5', consignee: { country: 'NL', name: 'MEYER' }, reference: 'S-1', parcels: 2, lines: [{ gtin: '04012345678901', quantity: 2.5 }],
      });
      await page.locator('#waybill-mapping-done').click();
      await page.locator('.waybill-map').waitFor({ state: 'detached' });
      assert.equal(await page.locator('.waybill-map-lacks').count(), 0);
      await page.locator('#node-dialog-ok').click();
      await page.locator('#waybill-call-map-request').waitFor({ state: 'detached' });
      assert.deepEqual(await judged(), [true, '']);
      assert.deepEqual(editor.complaints, []);
    });
  });
});
