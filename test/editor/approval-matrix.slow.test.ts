import assert from 'node:assert/strict';

import type { Locator, Page } from 'playwright-core';

import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { dialogStands, inOrder, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowOf } from './support/flows.ts';

interface Row { readonly id: string; readonly from: string; readonly to: string; readonly conditions: readonly object[]; readonly levels: readonly { readonly role: string }[] }
interface LiveNode { readonly id: string; readonly type: string; readonly valid?: boolean; readonly changed?: boolean; readonly matrix: { readonly rows: readonly Row[] } }

declare const RED: {
  readonly nodes: {
    node(id: string): LiveNode; eachNode(visit: (node: LiveNode) => void): void; createExportableNodeSet(nodes: readonly LiveNode[]): object[];
  };
  readonly view: { select(selection: { nodes: LiveNode[] }): void; importNodes(nodes: readonly object[], options: object): void; focus(): void };
  readonly editor: { edit(node: LiveNode): void };
};

const FLOW = flowOf('examples/20-approval-matrix.json');
const APPROVAL = FLOW.find(({ type }) => type === 'waybill-approval')?.id ?? '';

for (const version of ['5.0.7', '4.1.15']) {
  describe(`the approval matrix in the dialog of Node-RED ${version}`, function () {
    this.timeout(180_000);

    let nodeRed: EditedNodeRed;
    let editor: EditorPage;
    let page: Page;

    before(async function () {
      nodeRed = await startEditedNodeRed(this, { version });
      editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
      ({ page } = editor);
      await page.evaluate((flow) => {
        RED.view.importNodes(flow, { generateIds: false, addFlow: false, touchImport: true, notify: false });
      }, FLOW as readonly object[]);
    });

    after(async () => {
      await editor?.close();
      await nodeRed?.stop();
    });

    inOrder();

    const rowsNow = (id: string = APPROVAL): Promise<readonly Row[]> => page.evaluate((which) => RED.nodes.node(which).matrix.rows, id);
    const names = async (): Promise<string[]> => (await rowsNow()).map(({ id }) => id);
    const cards = (): Locator => page.locator('.waybill-mx-row');
    const card = (n: number): Locator => page.getByRole('group', { name: `Row ${n}`, exact: true });
    const press = (within: Page | Locator, name: string): Promise<void> => within.getByRole('button', { name, exact: true }).click();
    const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
    const open = async (id: string = APPROVAL): Promise<void> => {
      await page.evaluate((which) => { RED.editor.edit(RED.nodes.node(which)); }, id);
      await page.locator('#waybill-approval-matrix .waybill-mx-line').first().waitFor({ state: 'attached' });
      await dialogStands(page);
    };
    const close = async (button: '#node-dialog-ok' | '#node-dialog-cancel'): Promise<void> => {
      await page.locator(button).click();
      await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    };
    const undo = async (): Promise<void> => {
      await page.evaluate(() => { RED.view.focus(); });
      await page.keyboard.press('Control+z');
    };

    it('shows the rows of the example without a complaint', async () => {
      await open();
      assert.equal(await cards().count(), 4);
      assert.equal(await page.locator('.waybill-mx-wrong').count(), 0);
      assert.deepEqual(await card(4).getByLabel('Role', { exact: true }).evaluateAll((inputs) => inputs.map((each) => (each as HTMLInputElement).value)), ['buyer', 'finance']);
      assert.equal(await page.locator('#waybill-approval-matrix').evaluate((form) => form.scrollWidth - form.clientWidth), 0, 'nothing is cut at the width that a dialog has');
    });

    it('names rows that overlap at both of them, and takes it back when they no longer do', async () => {
      await card(2).getByLabel('below').fill('6000');
      const said = 'Rows middle and large fit the same case';
      await card(2).getByText(said).waitFor();
      await card(4).getByText(said).waitFor();
      assert.equal(await page.locator('.waybill-mx-wrong').count(), 2);
      await card(2).getByLabel('below').fill('5000.00');
      await card(2).getByText(said).waitFor({ state: 'detached' });
      assert.equal(await page.locator('.waybill-mx-wrong').count(), 0);
    });

    it('adds a row with a condition and a level, each where the keyboard then is', async () => {
      await card(4).getByLabel('below').fill('100000');
      await press(page, 'Add a row');
      await page.keyboard.type('giant');
      assert.equal(await card(5).getByLabel('Name', { exact: true }).inputValue(), 'giant');
      assert.equal(await card(5).getByLabel('Amount from').inputValue(), '100000', 'it begins where the last one ends');
      await card(5).getByText('Row giant, level 1: say which role decides').waitFor();
      await card(5).getByLabel('Role', { exact: true }).fill('finance');
      await press(card(5), 'Add a level');
      await page.keyboard.type('site-manager');
      await press(card(5), 'Add a condition');
      await page.keyboard.type('order.supplier');
      await card(5).getByText('give a value to compare to').waitFor();
      await card(5).getByRole('combobox', { name: 'is', exact: true }).selectOption('exists');
      assert.equal(await card(5).getByLabel('Value', { exact: true }).isDisabled(), true);
      assert.equal(await page.locator('.waybill-mx-wrong').count(), 0);
    });

    it('moves and removes by keyboard, which stays with the entry', async () => {
      await card(5).getByRole('button', { name: 'Move up: Row 5' }).focus();
      await page.keyboard.press('Enter');
      assert.equal(await focused(), 'Move up: Row 4');
      assert.equal(await card(4).getByLabel('Name', { exact: true }).inputValue(), 'giant');
      await card(4).getByRole('button', { name: 'Move down: Level 1' }).focus();
      await page.keyboard.press('Enter');
      assert.equal(await focused(), 'Move up: Level 2', 'the last of them cannot go further down');
      await card(4).getByRole('button', { name: 'Remove: condition 1' }).focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Add a condition');
      await card(3).getByRole('button', { name: 'Remove: Row 3' }).focus();
      await page.keyboard.press('Enter');
      assert.equal(await focused(), 'Remove: Row 3');
    });

    it('keeps the levels of a row whose tick was a slip', async () => {
      const tick = card(4).getByLabel('Approve without asking anybody');
      await tick.check();
      assert.equal(await card(4).getByLabel('Role', { exact: true }).count(), 0);
      await tick.uncheck();
      assert.deepEqual(await card(4).getByLabel('Role', { exact: true }).evaluateAll((inputs) => inputs.map((each) => (each as HTMLInputElement).value)), ['buyer', 'finance']);
    });

    it('is taken over by Done, undone in one step, and left alone by Cancel', async () => {
      await close('#node-dialog-ok');
      assert.deepEqual(await names(), ['small', 'middle', 'giant', 'large']);
      assert.deepEqual((await rowsNow())[2]?.levels.map(({ role }) => role), ['site-manager', 'finance']);
      await undo();
      assert.deepEqual(await names(), ['small', 'middle', 'hazardous', 'large']);
      await open();
      await press(card(1), 'Remove: Row 1');
      await close('#node-dialog-cancel');
      assert.deepEqual(await names(), ['small', 'middle', 'hazardous', 'large']);
    });

    it('says so when no row is left, and when one role is chosen instead it keeps none', async () => {
      await open();
      for (let left = 4; left > 0; left -= 1) await press(card(1), 'Remove: Row 1');
      await page.getByText('No row yet: nobody can be asked.').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Add a row');
      await page.locator('#waybill-approval-mode').selectOption('one');
      await page.locator('#node-input-role').fill('buyer');
      await close('#node-dialog-ok');
      assert.deepEqual(await rowsNow(), []);
      await undo();
      assert.deepEqual(await names(), ['small', 'middle', 'hazardous', 'large']);
    });

    it('is the same after it was exported and imported again, as a node of its own', async () => {
      const copy = await page.evaluate((id) => {
        const exported = JSON.parse(JSON.stringify(RED.nodes.createExportableNodeSet([RED.nodes.node(id)]))) as object[];
        RED.view.importNodes(exported, { generateIds: true, addFlow: true, touchImport: true, notify: false });
        let found = '';
        RED.nodes.eachNode((each) => { if (each.type === 'waybill-approval' && each.id !== id) found = each.id; });
        return found;
      }, APPROVAL);
      assert.deepEqual(await rowsNow(copy), await rowsNow());
      await open(copy);
      await card(1).getByLabel('Name', { exact: true }).fill('another');
      await close('#node-dialog-ok');
      assert.deepEqual([(await rowsNow(copy))[0]?.id, (await names())[0]], ['another', 'small'], 'the two share nothing');
      await undo();
      await undo();
      assert.equal(await page.evaluate((id) => Boolean(RED.nodes.node(id)), copy), false);
    });

    it('is deployed as it was set', async () => {
      await open();
      await card(4).getByLabel('below').fill('100000');
      await close('#node-dialog-ok');
      const answered = page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
      await page.locator('#red-ui-header-button-deploy').click();
      assert.equal((await answered).status(), 200);
      const deployed = (await nodeRed.json('/flows') as { readonly id: string; readonly matrix: { readonly rows: readonly Row[] } }[]).find(({ id }) => id === APPROVAL);
      assert.deepEqual(deployed?.matrix.rows.map(({ id, to }) => [id, to]), [['small', '250.00'], ['middle', '5000.00'], ['hazardous', '5000.00'], ['large', '100000']]);
      assert.deepEqual(editor.complaints, []);
    });
  });
}
