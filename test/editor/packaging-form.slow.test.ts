import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { withCheckDigit } from '../../src/domain/gs1/check-digit.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { closeDialogs, dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowOf } from './support/flows.ts';

interface LiveNode { readonly id: string; readonly packaging: readonly object[] }

declare const RED: { readonly nodes: { node(id: string): LiveNode }; readonly editor: { edit(node: LiveNode): void } };

const EXAMPLE = flowOf('examples/01-scan-in.json');
const NODE = EXAMPLE.find(({ type }) => type === 'waybill-scan-in')?.id ?? '';
const CASE = '19506000134359';
const EACH = '9506000134352';

describe('packaging levels in the form of scan in', function () {
  this.timeout(120_000);

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

  afterEach(() => closeDialogs(page));

  async function open(): Promise<void> {
    await page.evaluate((id) => { RED.editor.edit(RED.nodes.node(id)); }, NODE);
    await page.locator('#node-input-packaging-paste').waitFor();
    await dialogStands(page);
  }
  async function paste(text: string, button: 'add' | 'replace'): Promise<string> {
    await page.locator('#node-input-packaging-paste').fill(text);
    await page.locator(`#node-input-packaging-${button}`).click();
    return page.locator('#node-input-packaging-said').innerText();
  }
  const rows = (): Promise<number> => page.locator('#node-input-packaging-list [data-property="gtin"]').count();
  async function done(): Promise<readonly object[]> {
    await page.locator('#node-dialog-ok').click();
    await page.locator('#node-input-packaging-paste').waitFor({ state: 'detached' });
    return page.evaluate((id) => RED.nodes.node(id).packaging, NODE);
  }

  it('takes nothing of a pasted list with a mistake, and says in which line it is', async () => {
    await open();
    assert.match(await paste(`gtin;contained;quantity\n${CASE};${EACH};12\n19506000139996;${EACH};6`, 'add'), /^Nothing was taken:\nLine 3: 19506000139996 has the indicator digit 1, .* it would be 19506000134359\.$/);
    assert.equal(await rows(), 0);
    assert.match(await paste('', 'add'), /Paste a list first/);
  });

  it('takes a right one, changes what is there already, and keeps it with the node', async () => {
    await open();
    assert.equal(await paste(`gtin;contained;quantity;unit\n${CASE};${EACH};10;EA`, 'add'), 'Rows taken: 1; in the list: 1.');
    assert.equal(await paste(`0${EACH}\n${CASE};${EACH};12;EA`, 'add'), 'Rows taken: 2; in the list: 2.');
    assert.equal(await rows(), 2);
    assert.deepEqual(await done(), [{ gtin: `0${EACH}`, quantity: '', contained: '', unit: '' }, { gtin: CASE, quantity: '12', contained: EACH, unit: 'EA' }]);
  });

  it('says what is wrong with a row that is typed', async () => {
    await open();
    await page.locator('#node-input-packaging-list [data-property="quantity"]').nth(1).fill('a dozen');
    await page.locator('#node-input-packaging-said.waybill-wrong').waitFor();
    assert.match(await page.locator('#node-input-packaging-said').innerText(), /^Packaging levels, row 2: “a dozen” is no quantity/);
    await page.locator('#node-input-packaging-list [data-property="quantity"]').nth(1).fill('12');
    await page.locator('#node-input-packaging-said.waybill-hint').waitFor();
    await done();
  });

  it('shows a long list as text, not as thousands of fields, and loses none of it', async () => {
    await open();
    const many = Array.from({ length: 1_000 }, (_, n) => {
      const each = withCheckDigit(`0950600${String(n).padStart(6, '0')}`);
      return `${withCheckDigit(`1${each.slice(1, 13)}`)};${each};12;EA`;
    });
    assert.match(await paste(many.join('\n'), 'replace'), /^Rows taken: 1000; in the list: 1000\. More than 200 are not shown as fields/);
    assert.equal(await rows(), 0);
    assert.equal((await done()).length, 1_000);
    await open();
    await page.locator('#node-input-packaging-write').click();
    assert.deepEqual((await page.locator('#node-input-packaging-paste').inputValue()).split('\n'), many);
    assert.equal((await done()).length, 1_000);
    assert.deepEqual(editor.complaints, []);
  });
});
