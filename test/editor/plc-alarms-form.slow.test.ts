import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { freePort } from '../../scripts/lib/free-port.ts';
import { ConveyorServer, loadServerLibrary } from '../../src/cli/simulate/plc/index.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { closeDialogs, dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowOf } from './support/flows.ts';
import { ROOT } from './support/sources.ts';

interface LiveNode { readonly id: string; readonly eventTypes: readonly { readonly name: string; readonly nodeId: string }[]; readonly notifier: string; readonly sources: readonly string[]; readonly action: string }

declare const RED: { readonly nodes: { node(id: string): LiveNode }; readonly editor: { edit(node: LiveNode): void }; readonly actions: { invoke(name: string): void } };

const EXAMPLE = flowOf('examples/26-alarms.json');
const idOf = (type: string): string => EXAMPLE.find((node) => node.type === type)?.id ?? '';
const PICTURES = path.join(ROOT, 'test-results', 'opcua');

describe('the forms for alarms, with a conveyor that jams', function () {
  this.timeout(240_000);
  const pki = mkdtempSync(path.join(tmpdir(), 'waybill-conveyor-'));
  let conveyor: ConveyorServer;
  let nodeRed: EditedNodeRed;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    mkdirSync(PICTURES, { recursive: true });
    nodeRed = await startEditedNodeRed(this);
    const port = await freePort();
    conveyor = new ConveyorServer(await loadServerLibrary(), { port, pki, seed: 3, intervalMs: 700, timeoutMs: 500, lanes: 4, jamEveryMs: 6_000, jamForMs: 4_000, tags: 4, changesPerSecond: 4 });
    await conveyor.start();
    const flow = EXAMPLE.map((node) => (node.type === 'waybill-opcua-endpoint' ? { ...node, url: conveyor.url } : node));
    const answer = await fetch(`${nodeRed.baseUrl}/flows`, { method: 'POST', headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' }, body: JSON.stringify(flow) });
    assert.equal(answer.status, 204, await answer.text());
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    ({ page } = editor);
  });

  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
    await conveyor?.stop();
    rmSync(pki, { recursive: true, force: true });
  });

  afterEach(() => closeDialogs(page));

  const edit = (id: string): Promise<void> => page.evaluate((node) => { RED.editor.edit(RED.nodes.node(node)); }, id).then(() => dialogStands(page));
  async function picture(name: string, at: string): Promise<void> {
    for (const width of [1_280, 420]) {
      await page.setViewportSize({ width, height: 1_000 });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
      await page.waitForTimeout(400);
      assert.equal(await page.locator('.red-ui-tray .waybill-form').last().evaluate((form) => form.scrollWidth - form.clientWidth), 0, `${name}: nothing is cut at ${width}`);
      await page.locator(at).first().evaluate((element) => { element.scrollIntoView({ block: 'start' }); });
      await page.screenshot({ path: path.join(PICTURES, `plc-alarms-${name}-${width}.png`) });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
    }
    await page.setViewportSize({ width: 1_600, height: 1_000 });
  }

  it('shows what came of alarms, and what pasted ones would become', async () => {
    await edit(idOf('waybill-plc-in'));
    const live = page.locator('#waybill-plc-in-live');
    await live.getByText(/^connected · \d+ events, [1-9]\d* cases/).waitFor({ timeout: 90_000 });
    await live.getByText(/case opened: Jam at Conveyor/).first().waitFor({ timeout: 60_000 });
    await live.getByText(/told: /).first().waitFor({ timeout: 60_000 });
    await live.getByLabel('Values to try').fill('Line Jam = active 700 belt jammed\nLine Jam = active 800\nLine Jam = inactive\nevent = 300 belt worn\nscan = (00)340123450000000017');
    await live.getByRole('button', { name: 'Try', exact: true }).click();
    await live.getByText('✓ Line 1: Jam at Line: belt jammed').waitFor();
    await live.getByText('✗ Line 2: This is known: its case is there.').waitFor();
    await live.getByText('✓ Line 3: Line Jam is told as alarm.inactive').waitFor();
    await live.getByText('sscc 340123450000000017').waitFor();
    assert.equal(await page.locator('#waybill-plc-in-tags').isVisible(), false);
    assert.equal(await page.locator('#node-input-sequence').isVisible(), false);
    await picture('top', '#node-input-mode');
    await picture('live', '#waybill-plc-in-live');
  });

  it('takes types from the controller, and what tells them', async () => {
    await edit(idOf('waybill-plc-in'));
    const types = page.locator('#waybill-plc-in-types');
    await types.getByRole('button', { name: 'Choose types' }).click();
    await types.getByLabel('Find a type').fill('OffNormal');
    await types.locator('.waybill-event-tree label', { hasText: /^OffNormalAlarmType/ }).locator('input').check();
    await picture('types', '#waybill-plc-in-types');
    await types.getByRole('button', { name: 'Remove AlarmConditionType' }).click();
    await page.getByRole('button', { name: 'Add a source' }).click();
    await page.locator('#waybill-plc-in-sources input').first().fill('nonsense');
    await page.locator('#node-input-leastSeverity').fill('400');
    await page.locator('#waybill-plc-in-sources input').first().fill('nsu=urn:waybill:simulator:conveyor;s=Conveyor');
    await picture('chosen', '#waybill-plc-in-types');
    await page.locator('#node-dialog-ok').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    const { eventTypes, sources } = await page.evaluate((id) => { const node = RED.nodes.node(id); return { eventTypes: node.eventTypes, sources: node.sources }; }, idOf('waybill-plc-in'));
    assert.deepEqual(eventTypes, [{ nodeId: 'i=10637', name: 'OffNormalAlarmType' }]);
    assert.deepEqual(sources, ['nsu=urn:waybill:simulator:conveyor;s=Conveyor']);
  });

  it('shows of a step that acknowledges what it needs and no more', async () => {
    await edit(idOf('waybill-plc-out'));
    assert.equal(await page.locator('#node-input-action').inputValue(), 'acknowledge');
    for (const id of ['#waybill-plc-out-values', '#node-input-methodId', '#node-input-recovery']) assert.equal(await page.locator(id).isVisible(), false, id);
    assert.equal(await page.locator('#node-input-alarm').inputValue(), 'plc');
    await picture('step', '#node-input-action');
    await page.locator('#node-dialog-ok').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate((id) => RED.nodes.node(id).action, idOf('waybill-plc-out')), 'acknowledge');
    assert.deepEqual(editor.complaints.filter((text) => !/net::ERR|422/.test(text)), []);
  });
});
