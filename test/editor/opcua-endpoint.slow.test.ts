import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { LINE, TestOpcUaServer } from '../support/opcua-server.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { inOrder, dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { ROOT } from './support/sources.ts';

declare const RED: {
  readonly nodes: { node(id: string): { readonly url: string; readonly securityMode: string; readonly securityPolicy: string; readonly identity: string } | null };
  readonly view: { importNodes(nodes: readonly object[], options: object): void };
  readonly actions: { invoke(name: string): void };
  readonly editor: { editConfig(name: string, type: string, id: string): void };
};

const PICTURES = path.join(ROOT, 'test-results', 'opcua');
const ID = 'line4server';

describe('the OPC UA endpoint in the editor', function () {
  this.timeout(120_000);
  let server: TestOpcUaServer;
  let nodeRed: EditedNodeRed;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    mkdirSync(PICTURES, { recursive: true });
    nodeRed = await startEditedNodeRed(this);
    server = await TestOpcUaServer.start({ certificate: { dns: ['plc-4.example'], ip: [] } });
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    ({ page } = editor);
    await page.evaluate(({ id, url }) => {
      RED.view.importNodes([
        { id: 'tab', type: 'tab', label: 'Line 4' },
        { id, type: 'waybill-opcua-endpoint', name: 'line 4', url, securityMode: 'none', securityPolicy: 'auto', identity: 'anonymous', userCertificate: '', outageSeconds: 300, configVersion: 1 },
      ], { generateIds: false, addFlow: false, touchImport: true, notify: false });
    }, { id: ID, url: server.url });
  });

  after(async () => {
    await editor?.close();
    await server?.stop();
    await nodeRed?.stop();
  });

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const open = async (): Promise<void> => {
    await page.evaluate((id) => { RED.editor.editConfig('', 'waybill-opcua-endpoint', id); }, ID);
    await dialogStands(page);
    await page.getByRole('button', { name: 'Search', exact: true }).waitFor();
  };
  /** At the width of a desk and of a narrow window; nothing may be cut. */
  const picture = async (name: string): Promise<void> => {
    for (const width of [1_100, 420]) {
      await page.setViewportSize({ width, height: 1_000 });
      // a narrow window has no room for more than the dialog
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
      await page.waitForTimeout(400);
      assert.equal(await page.locator('.red-ui-tray .waybill-form').last().evaluate((form) => form.scrollWidth - form.clientWidth), 0, `${name}: nothing is cut at ${width}`);
      await page.screenshot({ path: path.join(PICTURES, `${name}-${width}.png`) });
      if (width < 600) await page.evaluate(() => { RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette'); });
    }
    await page.setViewportSize({ width: 1_600, height: 1_000 });
  };

  inOrder();

  it('says in one sentence why a server cannot be asked', async () => {
    await open();
    await page.locator('#node-config-input-url').fill('opc.tcp://127.0.0.1:9');
    await press('Search');
    await page.getByText('cannot be reached: nothing listens there.').waitFor();
    await page.locator('#node-config-input-url').fill('http://plc-4.example');
    await press('Search');
    await page.getByText('is no OPC UA address that can be used (http)').waitFor();
  });

  it('lists what the server offers, and one click fills the form', async () => {
    await page.locator('#node-config-input-url').fill(server.url);
    await press('Search');
    const offers = page.locator('.waybill-offer');
    await offers.first().waitFor();
    assert.deepEqual(await offers.locator('strong').allTextContents(), ['signed and encrypted', 'signed and encrypted', 'signed, but readable on the network', 'signed, but readable on the network', 'none']);
    assert.equal(await offers.nth(4).getAttribute('aria-pressed'), 'false');
    await offers.nth(0).click();
    assert.equal(await page.locator('#node-config-input-securityMode').inputValue(), 'signAndEncrypt');
    assert.equal(await page.locator('#node-config-input-securityPolicy').inputValue(), 'Aes256_Sha256_RsaPss');
    await picture('discovery');
  });

  it('shows the certificate with what does not fit, and refuses the tags until a person trusts it', async () => {
    await page.getByText('It is for plc-4.example, and the address says 127.0.0.1.').waitFor();
    await page.getByText('Look at the tags of the server').click();
    await page.locator('#waybill-opcua-tags .waybill-wrong', { hasText: 'is not trusted yet' }).waitFor();
    await page.locator('#waybill-opcua-trust .waybill-certificate').scrollIntoViewIfNeeded();
    await picture('trust');
    await page.locator('#waybill-opcua-tags').getByRole('button', { name: 'Trust it as it is' }).click();
    await page.locator('.waybill-tree [role=treeitem]', { hasText: 'Conveyor' }).first().waitFor();
  });

  it('browses by keyboard, with live values, and finds a tag by its path', async () => {
    const item = (name: string) => page.locator('.waybill-tree [role=treeitem]').filter({ has: page.locator(`:scope > .waybill-tree-line .waybill-tree-name:text-is("${name}")`) });
    await item('Conveyor').locator('> .waybill-tree-line').click();
    await item('Jam').waitFor();
    assert.equal(await item('Conveyor').getAttribute('aria-expanded'), 'true');
    await item('Conveyor').press('m');
    await item('Motor1').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('ArrowRight');
    await item('Speed').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('.waybill-tag', { hasText: 'Speed of the belt' }).waitFor();
    await page.locator('.waybill-tag', { hasText: '0 – 3 m/s' }).waitFor();
    await page.locator('.waybill-tag', { hasText: `nsu=${LINE};s=Conveyor.Motor1.Speed` }).waitFor();
    const live = item('Speed').locator('> .waybill-tree-line .waybill-tree-value');
    await live.filter({ hasText: '1.5' }).waitFor();
    server.speed.setValueFromSource({ dataType: 'Double', value: 2.25 });
    await live.filter({ hasText: '2.25' }).waitFor();
    await page.locator('.waybill-tag', { hasText: '2.25 m/s' }).waitFor();
    await page.locator('.waybill-browser').scrollIntoViewIfNeeded();
    await picture('browse');
    await page.getByLabel('Search a tag by name, path or node id').fill('conveyor/jam');
    await page.locator('.waybill-found .waybill-offer', { hasText: 'Jam' }).click();
    await item('Jam').and(page.locator(':focus')).waitFor();
    await page.getByLabel('Search a tag by name, path or node id').fill('nothing like it');
    await page.getByText('No tag has “nothing like it” in its name or path').waitFor();
  });

  it('is deployed, connects, and says so; withdrawn, it is refused', async () => {
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    assert.deepEqual(await page.evaluate((id) => {
      const { securityMode, securityPolicy, identity } = RED.nodes.node(id)!;
      return { securityMode, securityPolicy, identity };
    }, ID), { securityMode: 'signAndEncrypt', securityPolicy: 'Aes256_Sha256_RsaPss', identity: 'anonymous' });
    await page.locator('#red-ui-header-button-deploy').click();
    await page.getByText('Successfully deployed').or(page.getByRole('button', { name: 'Confirm deploy' })).first().waitFor();
    if (await page.getByRole('button', { name: 'Confirm deploy' }).isVisible()) await press('Confirm deploy');
    await open();
    await page.locator('#waybill-opcua-state', { hasText: 'connected' }).waitFor();
    await press('Search');
    await page.locator('.waybill-certificate-trusted').waitFor();
    await page.getByText('Our own certificate').click();
    await page.getByRole('button', { name: 'Download (DER)' }).waitFor();
    await picture('trusted');
    const [download] = await Promise.all([page.waitForEvent('download'), press('Download (DER)')]);
    assert.equal(download.suggestedFilename(), 'waybill-opcua.der');
    await press('Withdraw the trust');
    await page.locator('#waybill-opcua-state', { hasText: 'is not trusted yet' }).waitFor({ timeout: 20_000 });
    await page.locator('#node-config-dialog-cancel').click();
    const known = editor.complaints.filter((each) => !/422/.test(each));
    assert.deepEqual(known, []);
  });
});
