import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Page } from 'playwright-core';

import { ROOT } from '../../scripts/lib/paths.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { closeDialogs, dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowFiles } from './support/flows.ts';
import type { FlowNode } from './support/flows.ts';
import { nodesWithForm } from './support/sources.ts';

/** The editor's own API, as the functions that run in the page see it. */
interface Red {
  readonly nodes: { eachNode(visit: (node: LiveNode) => void): void; eachConfig(visit: (node: LiveNode) => void): void; node(id: string): LiveNode | null; remove(id: string): void; createCompleteNodeSet(): Record<string, unknown>[] };
  readonly editor: { edit(node: LiveNode): void; editConfig(name: string, type: string, id: string): void };
  readonly actions: { invoke(action: string): void };
}

type LiveNode = { readonly id: string; readonly type: string; readonly valid?: boolean; readonly validationErrors?: readonly string[] } & Record<string, unknown>;

declare const RED: Red;

const PALETTE = [
  'scan in', 'plc in', 'sparkplug in', 'event in', 'service in', 'file in', 'queue in', 'case open', 'validate', 'decision', 'approval', 'escalation', 'parallel', 'gather', 'wait until', 'wait for event',
  'retry', 'call', 'erp', 'wms', 'plc out', 'event out', 'exception', 'audit', 'notify', 'compensate', 'service out', 'case close',
];

/** The flows' own tabs: the dialogs and the sidebar have tabs of the same class. */
const WORKSPACE_TABS = '#red-ui-workspace-tabs .red-ui-tab-label';

const CONFIG = ['waybill-broker', 'waybill-calendar', 'waybill-directory', 'waybill-opcua-endpoint', 'waybill-site', ...Array<string>(4).fill('waybill-system')];

/** Nodes of the workspace that the editor marks as wrong, with what it says about them. */
function mistakes(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const look = (node: LiveNode): void => {
      if (node.valid === false) {
        found.push(`${node.type} ${String(node['stepId'])}: ${String(node.validationErrors)}`);
      }
    };
    RED.nodes.eachNode(look);
    RED.nodes.eachConfig(look);
    return found;
  });
}

function nodesOf(page: Page, type: string): Promise<{ id: string; stepId: string }[]> {
  return page.evaluate((wanted) => {
    const found: { id: string; stepId: string }[] = [];
    RED.nodes.eachNode((node) => {
      if (node.type === wanted) {
        found.push({ id: node.id, stepId: String(node['stepId']) });
      }
    });
    return found;
  }, type);
}

async function openDialog(page: Page, type: string, id: string): Promise<void> {
  await page.evaluate(({ type, id, config }) => {
    const node = RED.nodes.node(id);
    if (node === null) {
      throw new Error(`no node ${id}`);
    }
    if (config) {
      RED.editor.editConfig('', type, id);
    } else {
      RED.editor.edit(node);
    }
  }, { type, id, config: CONFIG.includes(type) });
  await page.locator('.waybill-form').waitFor({ state: 'visible' });
  await dialogStands(page);
}

async function closeDialog(page: Page, button: 'ok' | 'cancel'): Promise<void> {
  await page.locator(`#node-dialog-${button}, #node-config-dialog-${button}`).click();
  await page.locator('.waybill-form').waitFor({ state: 'detached' });
}

/** Types of our config nodes in the workspace. */
function configNodes(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const types: string[] = [];
    RED.nodes.eachConfig((node) => {
      types.push(node.type);
    });
    return types.filter((type) => type.startsWith('waybill-')).sort();
  });
}

/** Answers the editor's question, and waits until it is gone: the next import asks the same. */
async function importCopy(page: Page): Promise<void> {
  const copy = page.getByRole('button', { name: 'Import copy' });
  await copy.click();
  await copy.waitFor({ state: 'detached' });
}

/** Opens the import dialog as a person does, picks one example of ours and puts it onto a new flow. */
async function importExample(page: Page, name: string, alsoOffered: readonly string[]): Promise<void> {
  const before = { tabs: await page.locator(WORKSPACE_TABS).count(), site: (await configNodes(page)).length > 0 };
  await page.evaluate(() => {
    RED.actions.invoke('core:show-examples-import-dialog');
  });
  const dialog = page.locator('#red-ui-clipboard-dialog');
  await dialog.getByText('@waybill/node-red', { exact: true }).click();
  for (const other of alsoOffered) {
    await dialog.getByText(other, { exact: true }).waitFor();
  }
  await dialog.getByText(name, { exact: true }).click();
  await page.locator('#red-ui-clipboard-dialog-ok').click();
  // The site and the broker of an earlier example are there: the editor asks, and its copy takes up the same ones.
  if (before.site) {
    await importCopy(page);
  }
  await page.waitForFunction(({ tabs, count }) => document.querySelectorAll(tabs).length > count, { tabs: WORKSPACE_TABS, count: before.tabs });
}

/** Pastes flows into the import dialog; nodes that several of them bring, to the letter, are pasted once. */
async function importPasted(page: Page, files: readonly string[]): Promise<void> {
  const nodes = new Map<string, string>();
  for (const file of files) {
    for (const node of JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as readonly FlowNode[]) {
      const before = nodes.get(node.id);
      const text = JSON.stringify(node);
      assert.equal(before ?? text, text, `${file}: ${node.type} ${node.id} is what the other examples bring under this id`);
      nodes.set(node.id, text);
    }
  }
  const tabs = await page.locator(WORKSPACE_TABS).count();
  await page.evaluate(() => {
    RED.actions.invoke('core:show-import-dialog');
  });
  const text = page.locator('#red-ui-clipboard-dialog-import-text');
  await text.fill(`[${[...nodes.values()].join(',')}]`);
  // The dialog looks at what it holds a moment after a key went up, and only once its tab is the active one.
  const ok = page.locator('#red-ui-clipboard-dialog-ok');
  do {
    await text.press('End');
    await page.waitForTimeout(300);
  } while (!await ok.isEnabled());
  await ok.click();
  await importCopy(page);
  await page.waitForFunction(({ tabs, count }) => document.querySelectorAll(tabs).length >= count, { tabs: WORKSPACE_TABS, count: tabs + files.length });
}

async function anyOf(page: Page, type: string): Promise<string> {
  const id = await page.evaluate((wanted) => {
    const found: string[] = [];
    const look = (node: LiveNode): void => {
      if (node.type === wanted) {
        found.push(node.id);
      }
    };
    RED.nodes.eachNode(look);
    RED.nodes.eachConfig(look);
    return found[0];
  }, type);
  assert.ok(id !== undefined, `a ${type} in the workspace`);
  return id;
}

/** A node as it would be deployed, without credentials (the editor adds blank ones when a dialog is confirmed). */
function configOf(page: Page, id: string): Promise<Record<string, unknown>> {
  return page.evaluate((wanted) => {
    const found = RED.nodes.createCompleteNodeSet().find((node) => node['id'] === wanted);
    if (found === undefined) {
      throw new Error(`no node ${wanted}`);
    }
    return Object.fromEntries(Object.entries(found).filter(([property]) => property !== 'credentials'));
  }, id);
}

/** Drags a node from the palette into the workspace; gives its id. */
async function dropFromPalette(page: Page, type: string): Promise<string> {
  const before = new Set((await nodesOf(page, type)).map(({ id }) => id));
  const source = page.locator(`[data-palette-type="${type}"]`);
  await source.scrollIntoViewIfNeeded();
  const [from, chart] = [await source.boundingBox(), await page.locator('#red-ui-workspace-chart').boundingBox()];
  assert.ok(from !== null && chart !== null);
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(chart.x + 500, 600, { steps: 8 });
  await page.mouse.up();
  await page.waitForFunction(([wanted, known]) => {
    let found = false;
    RED.nodes.eachNode((node) => { found ||= node.type === wanted && !known.includes(node.id); });
    return found;
  }, [type, [...before]] as const);
  const added = (await nodesOf(page, type)).find(({ id }) => !before.has(id));
  assert.ok(added !== undefined, 'the node is in the workspace');
  return added.id;
}

async function deploy(page: Page): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
  await page.locator('#red-ui-header-button-deploy').click();
  assert.equal((await answered).status(), 200);
}

describe('the nodes in the Node-RED editor', function () {
  this.timeout(120_000);

  let nodeRed: EditedNodeRed;
  let editor: EditorPage;

  before(async function () {
    nodeRed = await startEditedNodeRed(this, { env: { WAYBILL_ERP_URL: 'http://127.0.0.1:9' } });
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
  });

  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  afterEach(() => closeDialogs(editor.page));

  it('stand in the palette in the order in which a case passes them', async () => {
    const labels = await editor.page.locator('[data-palette-type^="waybill-"] .red-ui-palette-label').allTextContents();
    assert.deepEqual(labels.map((label) => label.replace(/\s+/g, ' ').trim()), PALETTE);
  });

  it('come with their icons and help', async () => {
    const icons = (await nodeRed.json('/icons')) as Readonly<Record<string, readonly string[]>>;
    const ours = Object.entries(icons).find(([module]) => module === '@waybill/node-red')?.[1] ?? [];
    assert.deepEqual([...ours].sort(), nodesWithForm().map((node) => `waybill-${node}.svg`).sort());
    const pages = await nodeRed.text('/nodes', 'text/html');
    for (const node of nodesWithForm()) {
      assert.ok(pages.includes(`data-help-name="waybill-${node}"`), node);
    }
  });

  it('are offered with examples in the import dialog', async () => {
    const { page } = editor;
    await importExample(page, '00-receiving', ['01-scan-in', '08-case-close']);
    assert.deepEqual(await mistakes(page), []);
    assert.deepEqual((await nodesOf(page, 'waybill-scan-in')).map(({ stepId }) => stepId), ['scan']);
  });

  it('import beside each other, with one site and one broker for all', async () => {
    const { page } = editor;
    const [first = '', second = '', ...others] = flowFiles().filter((name) => /^examples\/(?!00)\d\d/.test(name));
    for (const file of [first, second]) {
      await importExample(page, path.basename(file, '.json'), []);
    }
    // Each by its name takes seconds for the dialog's movements alone.
    await importPasted(page, others);
    assert.deepEqual(await mistakes(page), []);
    assert.deepEqual(await configNodes(page), CONFIG);
  });

  for (const node of nodesWithForm()) {
    it(`${node}: its dialog opens in full, and Cancel leaves the node alone`, async () => {
      const { page, complaints } = editor;
      const id = await anyOf(page, `waybill-${node}`);
      const before = await configOf(page, id);
      await openDialog(page, `waybill-${node}`, id);
      const form = page.locator('.waybill-form');
      const shown = await form.innerText();
      assert.doesNotMatch(shown, /@waybill|label\.|hint\.|option\.|__\w+__|undefined/);
      const untranslated = await form.locator('[placeholder]').evaluateAll((inputs) =>
        inputs.map((input) => input.getAttribute('placeholder') ?? '').filter((text) => /^placeholder\.|@waybill/.test(text)),
      );
      assert.deepEqual(untranslated, []);
      assert.equal(await form.locator('.input-error:visible').count(), 0, 'no field is marked');
      const overflow = await form.evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.ok(overflow <= 0, `${overflow} px stick out`);
      await closeDialog(page, 'cancel');
      assert.deepEqual(await configOf(page, id), before);
      assert.deepEqual(complaints, []);
    });

    it(`${node}: OK without a change changes nothing`, async () => {
      const { page, complaints } = editor;
      const id = await anyOf(page, `waybill-${node}`);
      const before = await configOf(page, id);
      await openDialog(page, `waybill-${node}`, id);
      await closeDialog(page, 'ok');
      assert.deepEqual(await configOf(page, id), before);
      assert.deepEqual(complaints, []);
    });
  }

  it('give a dropped node a free step id, and mark one that is taken', async () => {
    const { page } = editor;
    const id = await dropFromPalette(page, 'waybill-audit');
    const stepId = (await configOf(page, id))['stepId'];
    assert.equal(stepId, 'audit-1');
    await openDialog(page, 'waybill-audit', id);
    await page.locator('#node-input-stepId').fill('validate-check');
    await page.locator('#node-input-stepId').blur();
    await page.locator('#node-input-stepId.input-error').waitFor();
    await page.locator('#node-input-stepId-wrong').filter({ hasText: 'is also the id of' }).waitFor({ state: 'visible' });
    assert.equal(await page.locator('#node-input-stepId').getAttribute('aria-describedby'), 'node-input-stepId-wrong');
    await page.locator('#node-input-what').locator('xpath=following-sibling::div[1]').locator('input').fill('Seal checked');
    await closeDialog(page, 'ok');
    await page.waitForFunction(() => {
      let marked = 0;
      RED.nodes.eachNode((node) => {
        marked += node.valid === false && node['stepId'] === 'validate-check' ? 1 : 0;
      });
      return marked === 2;
    });
    await openDialog(page, 'waybill-audit', id);
    await page.locator('#node-input-stepId-wrong').waitFor({ state: 'visible' });
    await page.locator('#node-input-stepId').fill('seal-checked');
    await page.locator('#node-input-stepId-wrong').waitFor({ state: 'detached' });
    await closeDialog(page, 'ok');
    await page.waitForFunction(() => {
      let marked = 0;
      RED.nodes.eachNode((node) => {
        marked += node.valid === false ? 1 : 0;
      });
      return marked === 0;
    });
    await page.evaluate((unwired) => {
      RED.nodes.remove(unwired);
    }, id);
  });

  it('deploy what was changed in a dialog', async () => {
    const { page, complaints } = editor;
    const approval = (await nodesOf(page, 'waybill-approval')).find(({ stepId }) => stepId === 'quality-release');
    const call = (await nodesOf(page, 'waybill-call')).find(({ stepId }) => stepId === 'call-post');
    const check = (await nodesOf(page, 'waybill-validate')).find(({ stepId }) => stepId === 'validate-check');
    assert.ok(approval !== undefined && call !== undefined && check !== undefined);
    await openDialog(page, 'waybill-approval', approval.id);
    await page.locator('#node-input-quorum').fill('2');
    await closeDialog(page, 'ok');
    await openDialog(page, 'waybill-call', call.id);
    await page.locator('.waybill-form .red-ui-editableList-addButton').click();
    await page.locator('.waybill-pair-name').fill('X-Site');
    await page.locator('.waybill-pair-cell .red-ui-typedInput-input').fill('dc-1');
    await closeDialog(page, 'ok');
    await openDialog(page, 'waybill-validate', check.id);
    await page.locator('#node-input-reserve').check();
    await page.locator('#node-input-reserveScope').fill('deliveries');
    // What is missing is marked.
    await page.locator('.waybill-reserve .input-error').first().waitFor();
    await closeDialog(page, 'cancel');
    await deploy(page);
    const deployed = (await nodeRed.json('/flows')) as readonly FlowNode[];
    const byId = new Map(deployed.map((node) => [node.id, node]));
    assert.equal(byId.get(approval.id)?.['quorum'], '2');
    assert.equal(byId.get(approval.id)?.['configVersion'], 2);
    assert.deepEqual(byId.get(call.id)?.['headers'], [{ name: 'X-Site', value: 'dc-1', valueType: 'str' }]);
    assert.deepEqual(byId.get(check.id)?.['reserve'], false);
    assert.deepEqual(complaints, []);
  });

  it('scan in: tries pasted messages, and suggests the format that fits them', async () => {
    const { page } = editor;
    await openDialog(page, 'waybill-scan-in', await anyOf(page, 'waybill-scan-in'));
    const form = page.locator('.waybill-form');
    await form.getByRole('button', { name: 'Suggest the format' }).click();
    await form.getByText('Paste a message first').waitFor();
    await form.locator('#waybill-scan-in-try .waybill-pasted').fill('{"head": {"msg_id": "m-1"}, "body": {"label": "00395210030100000039", "badge": "b-17"}}');
    await form.getByRole('button', { name: 'Suggest the format' }).click();
    await form.getByText('✓ SSCC 395210030100000039').waitFor();
    assert.equal(await form.locator('#node-input-preset').inputValue(), 'custom');
    assert.deepEqual(await form.locator('.waybill-pointer-path').evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value)), ['/body/label', '/head/msg_id', '/body/badge']);
    await form.locator('#waybill-scan-in-try .waybill-pasted').fill('rubbish');
    await form.getByRole('button', { name: 'Try', exact: true }).click();
    await form.getByText('✗ The message begins', { exact: false }).or(form.getByText('✗ The message is', { exact: false })).waitFor();
    await closeDialog(page, 'cancel');
  });

  it('speak German to a German browser', async () => {
    // Node-RED's debug tab cannot take what comes while a page still loads: first every approval says that nobody holds its role.
    const asking = (await nodesOf(editor.page, 'waybill-approval')).length;
    await editor.page.waitForFunction((count) => [...document.querySelectorAll('.red-ui-debug-msg')].filter((message) => (message.textContent ?? '').includes('Nobody holds the role')).length >= count, asking);
    const german = await openEditor(nodeRed.executable, nodeRed.baseUrl, 'de');
    try {
      const { page, complaints } = german;
      const id = await anyOf(page, 'waybill-approval');
      await openDialog(page, 'waybill-approval', id);
      const shown = await page.locator('.waybill-form').innerText();
      assert.match(shown, /Wer entscheidet/);
      assert.match(shown, /Schrittkennung/);
      assert.deepEqual(complaints, []);
    } finally {
      await german.close();
    }
  });
});
