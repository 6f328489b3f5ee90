import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { differenceText } from '../../../src/cli/template/diff.ts';
import { paintFor } from '../../../src/cli/paint.ts';
import { isSame, templateDifference } from '../../../src/governance/template/diff.ts';
import type { TemplateDifference } from '../../../src/governance/template/diff.ts';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import type { TemplateManifest } from '../../../src/governance/template/manifest.ts';
import { shapedFlow } from '../../../src/governance/template/shape.ts';
import { exported, manifest, templateFolder } from './support/templates.ts';

const { tolerance, limit, ...others } = manifest.parameters.properties;
const next: TemplateManifest = {
  ...manifest, version: '1.3.0', title: 'Over-receipt and short receipt',
  parameters: { ...manifest.parameters, properties: { tolerance: { ...tolerance!, 'x-waybill': { scope: 'site', unit: '%', bounds: { maximum: 15 } } }, ...others, margin: { title: 'Margin', type: 'number', default: 1, 'x-waybill': { scope: 'site' } } }, required: ['tolerance'] },
};
const moved: readonly FlowNode[] = exported.map((node) => ({ ...node, ...('x' in node ? { x: 900, y: 7 } : {}) })).reverse();
const edited: readonly FlowNode[] = [
  ...moved.map((node) => (node.id === 'ask' ? { ...node, role: 'site-manager', wires: [[], [], ['weigh'], []] } : node.id === 'weigh' ? { ...node, func: `${String(node['func'])}\n// more` } : node)),
  { id: 'new', type: 'waybill-audit', stepId: 'photo', z: 'sub', x: 1, y: 1, wires: [[]] },
];
const version = (of: TemplateManifest, flow: readonly FlowNode[], tests: object = {}): Parameters<typeof templateDifference>[0] => ({ manifest: of, flow, readme: '', tests: tests as Parameters<typeof templateDifference>[0]['tests'] });
const packed = (of: TemplateManifest, flow: readonly FlowNode[]): Parameters<typeof templateDifference>[0] => version(of, shapedFlow(of, flow));

function waybill(cwd: string, ...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(import.meta.dirname, '../../../src/cli/waybill.ts'), ...args], { cwd }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
    });
  });
}

describe('waybill template diff', () => {
  it('sees no difference in places, order, ids and in what it is packed from', () => {
    assert.equal(isSame(templateDifference(version(manifest, exported), version(manifest, moved), { sameIds: true })), true);
    const same = templateDifference(version(manifest, exported), packed(manifest, moved), { sameIds: false });
    assert.deepEqual([same.sameContent, same.nodes.filter(({ property }) => !['name', 'color'].includes(property)), same.wires, same.policies], [true, [], [], []]);
  });

  for (const [what, from, to, sameIds] of [['folders', version(manifest, exported), version(next, edited), true], ['packed files', packed(manifest, exported), packed({ ...next, parameters: { ...next.parameters, properties: { ...next.parameters.properties, limit: limit! } } }, edited), false]] as const) {
    it(`tells parameters, policies, nodes and wires of two ${what}`, () => {
      const difference: TemplateDifference = templateDifference(from, to, { sameIds });
      assert.equal(difference.sameContent, false);
      assert.deepEqual(difference.manifest.map(({ name }) => name), ['title']);
      assert.deepEqual(difference.policies.map(({ node, property, before, after }) => [node, property, before, after]), [['waybill-approval "ask"', 'role', '${supervisor}', 'site-manager']]);
      assert.deepEqual(difference.wires.map(({ kind, node }) => `${kind} ${node}`), ['removed waybill-approval "ask" [2] → function "weigh"', 'added waybill-approval "ask" [3] → function "weigh"']);
      assert.deepEqual(difference.nodes.filter(({ node }) => !node.startsWith('subflow')).map(({ kind, node, property }) => `${kind} ${node} ${property}`).sort(), ['added waybill-audit "photo" ', 'changed function "weigh" func']);
      assert.deepEqual(difference.parameters.find(({ name }) => name === 'tolerance.maximum'), { kind: 'changed', name: 'tolerance.maximum', before: 10, after: 15, wider: true });
      assert.ok(difference.parameters.some(({ name, kind }) => name === 'margin' && kind === 'added'));
    });
  }

  it('tells what a subflow\'s outputs lead to, and scenarios by title', () => {
    const rewired = exported.map((node) => (node.id === 'sub' ? { ...node, out: [{ wires: [{ id: 'ask', port: 3 }] }, { wires: [{ id: 'weigh', port: 0 }] }] } : node));
    const difference = templateDifference(version(manifest, exported, { 'a.json': { title: 'set', scenarios: [{ title: 'one', steps: [] }, { title: 'two', steps: [] }] } }), version(manifest, rewired, { 'b.json': { title: 'two', steps: [] }, 'c.json': { title: 'three', steps: [] } }), { sameIds: true });
    assert.deepEqual(difference.nodes.map(({ property, after }) => [property, after]), [['outputs', ['waybill-approval "ask" [4]', 'function "weigh" [1]']]]);
    assert.deepEqual(difference.tests.map(({ kind, name }) => `${kind} ${name}`), ['removed one', 'added three']);
  });

  it('says what becomes of open cases, and where the map names what is not there', () => {
    const to = (migrations: TemplateManifest['migrations'], change: Partial<FlowNode> = {}): TemplateDifference => templateDifference(
      version(manifest, exported), version({ ...next, ...(migrations === undefined ? {} : { migrations }) }, exported.map((node) => (node.id === 'ask' ? { ...node, id: 'other', stepId: 'decide', ...change } : node))), { sameIds: true });
    const map = (steps: Readonly<Record<string, string>>): TemplateManifest['migrations'] => [{ from: '^1.2.0 <1.3.0', steps }];
    assert.deepEqual(to(undefined).cases, [{ stepId: 'ask', becomes: 'drain' }]);
    const moves = to(map({ ask: 'decide' }));
    assert.deepEqual([moves.cases, moves.policies.find(({ property }) => property === 'stepId')?.after], [[{ stepId: 'ask', becomes: 'move', to: 'decide' }], 'decide']);
    assert.match(differenceText(moves, paintFor({ isTTY: false }, {})), /Open cases\n {2}~ at ask: go on at decide\n/);
    assert.deepEqual(to(map({ ask: 'decide', aks: 'decide' }), { type: 'waybill-call' }).cases.map(({ problem }) => problem), [
      '"ask" is a waybill-approval in 1.2.0, and "decide" is a waybill-call in 1.3.0: its cases cannot go on there.', '1.2.0 has no step "aks".',
    ]);
  });

  it('has colours on a terminal alone, and lets no text of a template command it', () => {
    const difference = templateDifference(version(manifest, exported), version(next, edited.map((node) => (node.id === 'new' ? { ...node, name: 'x\u001b[2J\u0007' } : node))), { sameIds: true });
    const plain = differenceText(difference, paintFor({ isTTY: false }, {}));
    assert.equal(plain.includes('\u001b'), false);
    assert.match(plain, /Parameters\n[^]*~ tolerance\.maximum 10 → 15 {2}wider\n/);
    assert.match(plain, /Policies\n {2}~ waybill-approval "ask", role "\$\{supervisor\}" → "site-manager"\n/);
    assert.match(plain, /\+\/\/ more/);
    const coloured = differenceText(difference, paintFor({ isTTY: true }, {}));
    assert.ok(coloured.includes('\u001b[32m+\u001b[39m'));
    assert.equal(coloured.includes('\u001b[2J'), false);
    assert.equal(differenceText(difference, paintFor({ isTTY: true }, { NO_COLOR: '1' })), plain);
  });

  it('is a command that compares folders and packed files, with lint before it packs', async () => {
    const [one, two, place] = [templateFolder(), templateFolder({ manifest: { ...next, parameters: manifest.parameters, changelog: [{ version: '1.3.0', date: '2026-11-29', changes: ['x'] }] }, flow: edited }), mkdtempSync(path.join(tmpdir(), 'waybill-pack-'))];
    try {
      const pack = await waybill(place, 'template', 'pack', one, '--json');
      assert.deepEqual([pack.code, pack.err], [0, '']);
      assert.equal((JSON.parse(pack.out) as { readonly file: string }).file, 'procure-to-pay-over-receipt-1.2.0.json');
      assert.deepEqual(await waybill(place, 'template', 'diff', one, one), { code: 0, out: 'procure-to-pay/over-receipt@1.2.0 → procure-to-pay/over-receipt@1.2.0\n\nNo difference.\n', err: '' });
      const differ = await waybill(place, 'template', 'diff', 'procure-to-pay-over-receipt-1.2.0.json', two, '--json');
      assert.deepEqual([differ.code, (JSON.parse(differ.out) as TemplateDifference).policies.length], [1, 1]);
      for (const template of ['procure-to-pay/invoice-match', 'intercompany/site-transfer']) {
        const folder = path.join(import.meta.dirname, '../../../templates', template);
        assert.equal((await waybill(place, 'template', 'pack', folder, '--out', 'own.json')).code, 0);
        const own = await waybill(place, 'template', 'diff', 'own.json', folder);
        assert.deepEqual([own.code, own.out.split('\n').slice(1).join('\n')], [0, '\nNo difference.\n'], 'neither the order of members nor nodes of one name are a difference');
      }
      writeFileSync(path.join(two, 'README.md'), '');
      const refused = await waybill(place, 'template', 'pack', two, '--out', 'out.json');
      assert.equal(refused.code, 1);
      assert.match(refused.err, /no-readme[^]*nothing was written/);
      const lint = await waybill(place, 'template', 'lint', one, two);
      assert.deepEqual([lint.code, lint.out.split('\n').at(-2)], [1, '2 templates: 1 error, 1 warning']);
      assert.deepEqual([(await waybill(place, 'template', 'diff', one)).code, (await waybill(place, 'template', 'diff', one, 'nowhere')).code, (await waybill(place, 'template', 'lint', 'nowhere')).code], [2, 1, 1]);
    } finally {
      for (const each of [one, two, place]) rmSync(each, { recursive: true });
    }
  }).timeout(60_000);
});
