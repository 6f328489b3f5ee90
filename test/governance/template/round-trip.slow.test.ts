import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { installedTemplates, nodesOfTemplate } from '../../../src/governance/gate/rules/installed.ts';
import { readFlows } from '../../../src/governance/gate/rules/read-flows.ts';
import { readTemplateFolder } from '../../../src/governance/template/folder.ts';
import type { TemplateManifest } from '../../../src/governance/template/manifest.ts';
import { importOf } from '../../../src/governance/template/materialise.ts';
import { contentHash } from '../../../src/governance/template/normal-form.ts';
import { shapedFlow } from '../../../src/governance/template/shape.ts';
import { startEditedNodeRed } from '../../editor/support/edited-node-red.ts';
import type { EditedNodeRed } from '../../editor/support/edited-node-red.ts';
import { dialogStands, openEditor } from '../../editor/support/editor-page.ts';
import type { EditorPage } from '../../editor/support/editor-page.ts';
import { ROOT } from '../../editor/support/sources.ts';
import { flowManifest, manifest } from './support/templates.ts';

interface EditorNode { readonly id: string; readonly type: string }

declare const RED: {
  readonly nodes: {
    createCompleteNodeSet(options: object): FlowNode[];
    subflow(id: string): EditorNode;
    node(id: string): EditorNode;
    eachNode(visit: (node: EditorNode & { readonly z: string }) => void): void;
    clear(): void;
  };
  readonly view: { importNodes(nodes: object[], options: object): void };
  readonly editor: { edit(node: EditorNode): void; editSubflow(node: EditorNode): void };
};

interface Subject { readonly name: string; readonly manifest: TemplateManifest; readonly flow: readonly FlowNode[] }

const example = (name: string): FlowNode[] => (JSON.parse(readFileSync(path.join(ROOT, 'examples', name), 'utf8')) as FlowNode[]).filter(({ type }) => type !== 'group').map((node) => ({ ...node, ...(node['g'] === undefined ? {} : { g: '' }) }));
const tabOf = (nodes: readonly FlowNode[]): FlowNode => nodes.find(({ type }) => type === 'tab')!;
/** What stands on an example's tab, as a subflow. */
function asBlock(nodes: readonly FlowNode[]): readonly FlowNode[] {
  const tab = tabOf(nodes);
  const [first, last] = [nodes.find(({ type }) => type === 'waybill-case-open')!, nodes.find(({ type }) => type === 'waybill-exception')!];
  return [{ id: tab.id, type: 'subflow', name: 'x', info: '', category: '', in: [{ x: 1, y: 1, wires: [{ id: first.id }] }], out: [{ x: 9, y: 1, wires: [{ id: last.id, port: 0 }] }], env: [], color: '#DDAA99' }, ...nodes.filter((node) => node !== tab && node.type !== 'inject')];
}
const [oneTab, otherTab] = [tabOf(example('20-approval-matrix.json')).id, tabOf(example('09-decision.json')).id];
const links: readonly FlowNode[] = [
  { id: '00000000000000b1', type: 'link out', z: oneTab, name: '', mode: 'link', links: ['00000000000000b2'], x: 1, y: 1, wires: [] },
  { id: '00000000000000b2', type: 'link in', z: otherTab, name: '', links: ['00000000000000b1'], x: 1, y: 1, wires: [[]] },
];
const days = { name: 'days', type: 'num', value: '3' };
const withDays = (nodes: readonly FlowNode[]): readonly FlowNode[] => nodes.map((node) => (node.type === 'tab' ? { ...node, env: [days] } : node));
const own: readonly Subject[] = [
  { name: 'a block', manifest, flow: asBlock(example('06-exception.json')) },
  { name: 'a flow of two tabs', manifest: flowManifest, flow: withDays([...new Map([...example('20-approval-matrix.json'), ...example('09-decision.json'), ...links].map((node) => [node.id, node])).values()]) },
];
const shipped: readonly Subject[] = globSync('templates/*/*/template.json', { cwd: ROOT }).sort().map((file) => ({ name: path.dirname(file), ...readTemplateFolder(path.join(ROOT, path.dirname(file))) }));

/** Types whose form was opened: each takes a second. */
const seen = new Set<string>();

/** Content hashes of what stands installed. */
function hashes(nodes: readonly FlowNode[]): string[] {
  const flows = readFlows(nodes);
  return installedTemplates(flows).map(({ containers }) => contentHash(nodesOfTemplate(flows, containers)));
}

async function exportedFrom(page: Page): Promise<readonly FlowNode[]> {
  return page.evaluate(() => JSON.parse(JSON.stringify(RED.nodes.createCompleteNodeSet({ credentials: false }))) as FlowNode[]);
}

/** Opens what a person would open, and presses Done without a change. */
async function done(page: Page, open: 'node' | 'subflow', id: string): Promise<void> {
  await page.evaluate(([kind, wanted]) => (kind === 'node' ? RED.editor.edit(RED.nodes.node(wanted)) : RED.editor.editSubflow(RED.nodes.subflow(wanted))), [open, id] as const);
  await page.locator('#node-dialog-ok').waitFor({ state: 'visible' });
  await dialogStands(page);
  await page.locator('#node-dialog-ok').click();
  await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
}

describe('an installed template keeps its content hash', function () {
  this.timeout(300_000);
  let nodeRed: EditedNodeRed;
  let editor: EditorPage;

  before(async function () {
    nodeRed = await startEditedNodeRed(this, { version: '5.0.7' });
    editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
  });
  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  for (const { name, manifest: of, flow: exportOf } of [...own, ...shipped]) {
    describe(name, () => {
      const flow = shapedFlow(of, exportOf);
      const hash = contentHash(flow);
      const nodes = importOf({ manifest: of, flow }, { instance: '00000000000000aa', at: { z: '00000000000000ff', x: 300, y: 100 } });
      const tab = { id: '00000000000000ff', type: 'tab', label: 'ours', disabled: true, info: '', env: [] };

      it('through the admin API', async () => {
        const response = await fetch(`${nodeRed.baseUrl}/flows`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([tab, ...nodes]) });
        assert.ok(response.ok, await response.text());
        assert.deepEqual(hashes(await nodeRed.json('/flows') as FlowNode[]), [hash]);
      });

      it('through an import into the editor, and an import as a copy', async () => {
        const { page } = editor;
        await page.evaluate(([all, on]) => {
          RED.nodes.clear();
          RED.view.importNodes([on], { generateIds: false, addFlow: false });
          RED.view.importNodes(all as object[], { generateIds: false, addFlow: false });
        }, [nodes, tab] as const);
        assert.deepEqual(hashes(await exportedFrom(page)), [hash]);
        await page.evaluate((all) => { RED.view.importNodes(all as object[], { generateIds: true, addFlow: false }); }, nodes);
        const both = hashes(await exportedFrom(page));
        assert.ok(both.every((each) => each === hash), JSON.stringify(both));
      });

      it('when somebody opens what it consists of and presses Done', async () => {
        const { page } = editor;
        await page.evaluate(([all, on]) => {
          RED.nodes.clear();
          RED.view.importNodes([on], { generateIds: false, addFlow: false });
          RED.view.importNodes(all as object[], { generateIds: false, addFlow: false });
        }, [nodes, tab] as const);
        const [subflow] = nodes.filter(({ type, id }) => type === 'subflow' && id === nodes.find(({ z }) => z === id)?.z);
        if (subflow !== undefined) await done(page, 'subflow', subflow.id);
        if (of.kind === 'block') await done(page, 'node', '00000000000000aa');
        const wrong: string[] = [];
        for (const node of nodes) {
          if (!('x' in node) || node.type === 'group' || node.type.startsWith('subflow:') || seen.has(node.type)) continue;
          seen.add(node.type);
          await done(page, 'node', node.id);
          const [now] = hashes(await exportedFrom(page));
          if (now !== hash) {
            const after = (await exportedFrom(page)).find(({ id }) => id === node.id)!;
            wrong.push(`${node.type}: ${Object.keys({ ...node, ...after }).filter((key) => JSON.stringify(node[key]) !== JSON.stringify(after[key])).map((key) => `${key} ${JSON.stringify(node[key])} -> ${JSON.stringify(after[key])}`).join(', ')}`);
            break;
          }
        }
        assert.deepEqual(wrong, []);
      });
    });
  }
});
