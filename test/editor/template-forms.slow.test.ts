import assert from 'node:assert/strict';

import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { closeDialogs, dialogStands, openEditor } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { flowOf, templateFlowFiles } from './support/flows.ts';
import type { FlowNode } from './support/flows.ts';

type LiveNode = { readonly id: string; readonly type: string; readonly valid?: boolean; readonly validationErrors?: readonly string[] } & Record<string, unknown>;

declare const RED: {
  readonly nodes: { eachNode(visit: (node: LiveNode) => void): void; node(id: string): LiveNode | null; createCompleteNodeSet(): Record<string, unknown>[] };
  readonly editor: { edit(node: LiveNode): void };
};

/** As installing does: several templates may have a step of the same name. */
function installed(file: string): readonly FlowNode[] {
  return flowOf(file).map((node) => (node.type === 'tab' ? { ...node, env: [...(node['env'] as object[]), { name: 'WAYBILL_INSTANCE', type: 'str', value: file.split('/')[2] }] } : node));
}

const flows = templateFlowFiles().map((file) => ({ file, nodes: installed(file) }));
const withVariable = (nodes: readonly FlowNode[]): readonly FlowNode[] => nodes.filter((node) => node.type.startsWith('waybill-') && node.z !== undefined && JSON.stringify(node).includes('"${'));

describe('templates in the Node-RED editor', function () {
  this.timeout(180_000);

  let nodeRed: EditedNodeRed;
  let editor: EditorPage;

  before(async function () {
    nodeRed = await startEditedNodeRed(this, { env: { WAYBILL_ERP_URL: 'http://127.0.0.1:9' } });
    const deployed = await fetch(`${nodeRed.baseUrl}/flows`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(flows.flatMap(({ nodes }) => nodes)) });
    assert.equal(deployed.status, 204);
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
    // Node-RED's debug tab cannot take what comes while a page still loads, and flows that have just started warn of much.
    editor.complaints.length = 0;
  });

  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  afterEach(() => closeDialogs(editor.page));

  const configOf = (id: string): Promise<Record<string, unknown> | undefined> => editor.page.evaluate((wanted) => {
    const { credentials: _credentials, ...rest } = RED.nodes.createCompleteNodeSet().find((node) => node['id'] === wanted) ?? {};
    return rest;
  }, id);

  it('are marked nowhere, also side by side', async () => {
    const mistakes = await editor.page.evaluate(() => {
      const found: string[] = [];
      RED.nodes.eachNode((node) => {
        if (node.valid === false) found.push(`${node.type} ${String(node['stepId'])}: ${String(node.validationErrors)}`);
      });
      return found;
    });
    assert.deepEqual(mistakes, []);
  });

  // Who only looks into a step must not have changed the template.
  for (const { file, nodes } of flows) {
    it(`${file}: OK without a change keeps every parameter that stands in a step`, async () => {
      const { page, complaints } = editor;
      for (const { id, type, stepId } of withVariable(nodes)) {
        const before = await configOf(id);
        await page.evaluate((wanted) => { RED.editor.edit(RED.nodes.node(wanted)!); }, id);
        const form = page.locator('.waybill-form');
        await form.waitFor({ state: 'visible' });
        await dialogStands(page);
        assert.equal(await form.locator('.input-error:visible').count(), 0, `${type} ${String(stepId)} marks a field`);
        await page.locator('#node-dialog-ok').click();
        await form.waitFor({ state: 'detached' });
        assert.deepEqual(await configOf(id), before, `${type} ${String(stepId)}`);
      }
      // Node-RED itself fills number fields first; what stands in them is put in by the form afterwards.
      assert.deepEqual(complaints.filter((each) => !each.includes('cannot be parsed, or is out of range')), []);
    });
  }
});
