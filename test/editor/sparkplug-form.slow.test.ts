import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { Page } from 'playwright-core';

import { Mosquitto } from '../intake/mqtt/support/mosquitto.ts';
import { EdgePeer, encodePayload } from '../intake/sparkplug/support/edge-node.ts';
import { needs } from '../support/system-programs.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { closeDialogs, dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowOf } from './support/flows.ts';
import { ROOT } from './support/sources.ts';

interface LiveNode { readonly id: string; readonly type: string }

declare const RED: { readonly nodes: { node(id: string): LiveNode }; readonly editor: { edit(node: LiveNode): void; editConfig(name: string, type: string, id: string): void } };

const EXAMPLE = flowOf('examples/25-sparkplug-in.json');
const NODE = EXAMPLE.find(({ type }) => type === 'waybill-sparkplug-in')?.id ?? '';

describe('the form of sparkplug in, with a gateway that reports', function () {
  this.timeout(120_000);

  let mosquitto: Mosquitto;
  let nodeRed: EditedNodeRed;
  let editor: EditorPage;
  let page: Page;
  let edge: EdgePeer;

  before(async function () {
    const program = needs(this, 'mosquitto');
    nodeRed = await startEditedNodeRed(this);
    mosquitto = await Mosquitto.start(program);
    const flow = EXAMPLE.map((node) => (node.type === 'waybill-broker' ? { ...node, url: mosquitto.url } : node));
    const answer = await fetch(`${nodeRed.baseUrl}/flows`, { method: 'POST', headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' }, body: JSON.stringify(flow) });
    assert.equal(answer.status, 204, await answer.text());
    edge = await EdgePeer.connect(mosquitto.url, 'Plant1', 'Line4');
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    ({ page } = editor);
  });

  after(async () => {
    await edge?.client.endAsync(true);
    await editor?.close();
    await nodeRed?.stop();
    await mosquitto?.remove();
  });

  afterEach(() => closeDialogs(page));

  async function edit(): Promise<void> {
    await page.evaluate((id) => { RED.editor.edit(RED.nodes.node(id)); }, NODE);
    await dialogStands(page);
  }
  async function shot(name: string): Promise<void> {
    const folder = path.join(ROOT, 'test-results/editor');
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: path.join(folder, `sparkplug-${name}.png`) });
  }

  it('lists who reports what, takes a metric into the form, and says what a payload would become', async () => {
    await edit();
    const live = page.locator('#waybill-sparkplug-in-live');
    await live.getByText('online as waybill-acme-dc-1').waitFor();
    await edge.birth([{ name: 'Uptime', type: 'UInt64', value: 5 }]);
    await edge.deviceBirth('Scanner1', [{ name: 'Scanner/Barcode', type: 'String', value: '' }, { name: 'Sorter/Lane', type: 'UInt16', value: 0 }]);
    await edge.deviceData('Scanner1', [{ name: 'Sorter/Lane', type: 'UInt16', value: 3 }, { name: 'Scanner/Barcode', type: 'String', value: '340123450000000086' }]);
    await live.locator('summary', { hasText: 'Plant1/Line4' }).waitFor();
    await live.getByText('Scanner1: 340123450000000086 to lane 3').waitFor();
    await live.locator('summary').first().click();
    await live.locator('summary').nth(1).click();
    await shot('1-live');

    await live.getByRole('button', { name: /Sorter\/Lane/ }).click();
    assert.deepEqual(await page.evaluate(() => ['groups', 'edgeNodes', 'devices', 'metrics'].map((name) => (document.querySelector(`#node-input-${name}`) as unknown as { value: string }).value)), ['Plant1', 'Line4', 'Scanner1', 'Sorter/Lane']);

    await page.locator('#node-input-metrics').fill('Scanner/Barcode');
    await page.getByLabel('Payload to try').fill(Buffer.from(encodePayload({ timestamp: 1_700_000_000_000, seq: 9, metrics: [{ name: 'Scanner/Barcode', type: 'String', value: 'B-2' }, { name: 'Sorter/Lane', type: 'UInt16', value: 8 }] })).toString('base64'));
    await page.getByLabel('Topic', { exact: true }).fill('spBv1.0/Plant1/DDATA/Line4/Scanner1');
    await live.getByRole('button', { name: 'Try' }).click();
    await live.getByText('✓ Scanner1: B-2 to lane 8').waitFor();
    await live.locator('.waybill-tried').scrollIntoViewIfNeeded();
    await shot('2-tried');
    await page.getByLabel('Payload to try').fill('zz zz');
    await live.getByRole('button', { name: 'Try' }).click();
    await live.getByText(/neither base64 nor hexadecimal|no Sparkplug payload/).waitFor();
  });

  it('says that an edge node is gone, and since when its values are stale', async () => {
    await edit();
    const live = page.locator('#waybill-sparkplug-in-live');
    await live.locator('summary').first().click();
    await live.locator('summary').nth(1).click();
    edge.kill();
    await live.getByText(/offline since/).first().waitFor();
    await live.getByText(/stale since/).first().waitFor();
    await page.setViewportSize({ width: 620, height: 1_000 });
    await shot('3-stale-narrow');
    assert.ok(await live.evaluate((element) => element.scrollWidth <= element.clientWidth + 1), 'nothing is wider than the form');
    await page.locator('#node-dialog-cancel').click();
    await page.locator('.waybill-form').waitFor({ state: 'detached' });
    assert.deepEqual(editor.complaints.filter((text) => !/net::ERR|422/.test(text)), []);
  });

  it('the broker shows where it stands, and what is wrong with it', async () => {
    await page.setViewportSize({ width: 1_600, height: 1_000 });
    await page.evaluate((id) => { RED.editor.editConfig('', 'waybill-broker', id); }, EXAMPLE.find(({ type }) => type === 'waybill-broker')?.id ?? '');
    const live = page.locator('#waybill-broker-live');
    await live.getByText('connected · MQTT 5 · 0 received').waitFor();
    await live.getByText('No node takes anything from this broker.').waitFor(); // a Sparkplug host has a connection of its own
    await mosquitto.stop();
    await live.getByText('cannot be reached: nothing listens there').waitFor();
    await live.scrollIntoViewIfNeeded();
    await shot('4-broker');
    await page.locator('#node-config-dialog-cancel').click();
  });
});
