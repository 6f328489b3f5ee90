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

interface LiveNode { readonly id: string; readonly type: string; readonly tags: readonly { readonly name: string; readonly nodeId: string }[]; readonly triggers: readonly { readonly name: string }[] }

declare const RED: { readonly nodes: { node(id: string): LiveNode }; readonly editor: { edit(node: LiveNode): void }; readonly actions: { invoke(name: string): void } };

const EXAMPLE = flowOf('examples/23-plc-in.json');
const [VALUES, TELEGRAMS] = EXAMPLE.filter(({ type }) => type === 'waybill-plc-in').map(({ id }) => id) as [string, string];
const PICTURES = path.join(ROOT, 'test-results', 'opcua');

describe('the form of plc in, with a conveyor that runs', function () {
  this.timeout(180_000);
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
  async function close(by: 'ok' | 'cancel'): Promise<void> {
    await page.locator(`#node-dialog-${by}`).click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
  }
  /** At the width of a desk and of a narrow window; nothing may be cut. */
  async function picture(name: string, at: string): Promise<void> {
    for (const width of [1_280, 420]) {
      await page.setViewportSize({ width, height: 1_000 });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
      await page.waitForTimeout(400);
      assert.equal(await page.locator('.red-ui-tray .waybill-form').last().evaluate((form) => form.scrollWidth - form.clientWidth), 0, `${name}: nothing is cut at ${width}`);
      await page.locator(at).first().evaluate((element) => { element.scrollIntoView({ block: 'start' }); });
      await page.screenshot({ path: path.join(PICTURES, `plc-in-${name}-${width}.png`) });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
    }
    await page.setViewportSize({ width: 1_600, height: 1_000 });
  }

  it('shows values and events of the deployed node, and what pasted values would become', async () => {
    await edit(VALUES);
    const live = page.locator('#waybill-plc-in-live');
    await live.getByText(/^connected · \d+ values/).waitFor();
    await live.locator('dt', { hasText: 'temperature' }).waitFor();
    await live.getByText('case opened: jam at the conveyor').first().waitFor({ timeout: 60_000 });
    await live.getByLabel('Values to try').fill('jam = false\njam = true\n+ 3 s\ntemperature = 20\ntemperature = 81');
    await live.getByRole('button', { name: 'Try', exact: true }).click();
    await live.getByText('✓ Line 3: jam at the conveyor').waitFor();
    await live.getByText('✓ Line 5: motor too warm at the conveyor').waitFor();
    await picture('top', '#node-input-endpoint');
    await picture('tags', '#waybill-plc-in-tags');
    await picture('events', '#waybill-plc-in-triggers');
    await picture('live', '#waybill-plc-in-live');
    await live.getByLabel('Values to try').fill('jamm = true');
    await live.getByRole('button', { name: 'Try', exact: true }).click();
    await live.getByText('There is no tag "jamm" in this form.').waitFor();
  });

  it('takes a tag from the controller, and an event of it', async () => {
    await edit(VALUES);
    await page.getByRole('button', { name: 'Add a tag' }).click();
    const card = page.locator('#waybill-plc-in-tags .waybill-mx-row').last();
    await card.locator('.waybill-browser-search').fill('Running');
    await card.locator('.waybill-found').getByRole('button', { name: /Running/ }).first().click();
    await picture('browse', '#waybill-plc-in-tags .waybill-mx-row:last-child');
    await card.getByRole('button', { name: /Take this tag|Take/ }).first().click();
    await page.getByRole('button', { name: 'Add an event' }).click();
    const event = page.locator('#waybill-plc-in-triggers .waybill-mx-row').last();
    await event.getByLabel('Name of the event').fill('belt stopped');
    await event.getByLabel('It happens when').selectOption('falling');
    await event.locator('select').nth(1).selectOption('Running');
    await close('ok');
    const { tags, triggers } = await page.evaluate((id) => { const node = RED.nodes.node(id); return { tags: node.tags, triggers: node.triggers }; }, VALUES);
    assert.deepEqual(tags.at(-1), { name: 'Running', nodeId: 'nsu=urn:waybill:simulator:conveyor;s=Conveyor.Motor1.Running', samplingMs: 250 });
    assert.deepEqual(triggers.at(-1), { name: 'belt stopped', kind: 'falling', tag: 'Running' });
  });

  it('says on a card and at the field what is missing', async () => {
    await edit(VALUES);
    const card = page.locator('#waybill-plc-in-tags .waybill-mx-row').first();
    const events = page.locator('#waybill-plc-in-triggers .waybill-mx-row');
    const name = card.getByLabel('Name', { exact: true });
    const call = async (text: string): Promise<void> => {
      await name.fill('');
      await name.pressSequentially(text);
      await name.press('Tab');
    };
    await call('blocked');
    assert.equal(await events.first().locator('select').nth(1).inputValue(), 'blocked', 'the event goes with the name of its tag');
    await call('speed');
    await page.getByText('Tag 2 has the name of another one; give each its own').waitFor();
    await events.first().getByText('names a tag that is not among those above').waitFor();
    await close('cancel');
  });

  it('shows telegrams with their acknowledgement', async () => {
    await edit(TELEGRAMS);
    const live = page.locator('#waybill-plc-in-live');
    await live.getByText(/connected · \d+ telegrams, \d+ acknowledged/).waitFor();
    await live.getByText(/case opened: SSCC \d{18}/).first().waitFor();
    assert.equal(await page.locator('#waybill-plc-in-triggers').isVisible(), false);
    await live.getByLabel('Values to try').fill('sequence = 9\nhandlingUnit = T-1\nposition = S1');
    await live.getByRole('button', { name: 'Try', exact: true }).click();
    await live.getByText('✓ Line 3: Handling unit T-1').waitFor();
    await picture('telegram', '#node-input-mode');
    await picture('telegram-live', '#waybill-plc-in-live');
    await close('cancel');
    assert.deepEqual(editor.complaints.filter((text) => !/net::ERR|422/.test(text)), []);
  });
});
