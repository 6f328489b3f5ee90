import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { kindOf, templateFrom } from '../../../src/governance/template/begin.ts';
import { manifestProblems } from '../../../src/governance/template/check-manifest.ts';
import { readTemplateFolder } from '../../../src/governance/template/folder.ts';
import { packTemplate } from '../../../src/governance/template/pack.ts';
import { shapedFlow } from '../../../src/governance/template/shape.ts';
import { exported, exportedFlow, flowManifest, manifest } from './support/templates.ts';

const beginning = { id: 'returns/inbound', title: 'Inbound', summary: 'One sentence.', owner: 'Returns', date: '2026-11-28', waybill: '>=0.1.0' };

describe('waybill template new', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-new-')); });
  after(() => { rmSync(folder, { recursive: true }); });

  const waybill = (...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => new Promise((resolve) => {
    execFile(process.execPath, [path.join(import.meta.dirname, '../../../src/cli/waybill.ts'), 'template', 'new', ...args], { cwd: folder }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
    }).stdin?.end();
  });
  const said = ['--id', 'returns/inbound', '--title', 'Inbound', '--summary', 'One sentence.', '--owner', 'Returns'];

  it('reads kind, parameters and contracts of an export, and leaves out credentials and what it was installed as', () => {
    assert.deepEqual([kindOf(exportedFlow), kindOf(exported)], ['flow', 'block']);
    assert.throws(() => kindOf([{ id: 'a', type: 'debug' }]), { code: 'wrong-flow' });
    const made = templateFrom(beginning, [...exportedFlow.map((node) => (node.id === 'in' ? { ...node, env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: 'x/y@1.0.0' }, { name: 'days', type: 'num', value: '3' }] } : node.id === 'start' ? { ...node, credentials: { a: 'b' }, contract: 'damage@1' } : node)), { id: 'stray', type: 'debug', z: 'elsewhere', x: 1, y: 1, wires: [] }], 'flow');
    assert.deepEqual(manifestProblems(made.manifest), []);
    assert.deepEqual(made.manifest.parameters.properties, { days: { title: 'Days', type: 'number', default: 3, 'x-waybill': { scope: 'site' } } });
    assert.deepEqual(made.manifest.requires, { nodes: { '@waybill/node-red': '>=0.1.0' }, contracts: ['damage@1'] });
    assert.equal(JSON.stringify(made.flow).includes('credentials') || made.flow.some(({ id }) => id === 'stray'), false);
    assert.equal(made.flow.find(({ id }) => id === 'start')!['template'], 'returns/inbound@0.1.0');
  });

  it('reads the form of a block: its labels, choices, bounds and secrets', () => {
    const block = shapedFlow(manifest, exported);
    const { parameters } = templateFrom(beginning, block, 'block').manifest;
    assert.deepEqual(Object.entries(parameters.properties).map(([name, { title, type, enum: choices, minimum, maximum, writeOnly, default: value }]) => [name, title, type, choices, minimum, maximum, writeOnly, value]), [
      ['tolerance', 'Tolerance (%)', 'number', undefined, undefined, undefined, undefined, 5], ['supervisor', 'Who decides', 'string', ['supervisor', 'site-manager'], undefined, undefined, undefined, 'supervisor'],
      ['hours', 'Time to decide (h)', 'integer', undefined, 1, 24, undefined, 4], ['photo', 'Photo wanted', 'boolean', undefined, undefined, undefined, undefined, false],
      ['key', 'Key of the scale', 'string', undefined, undefined, undefined, true, undefined], ['limit', 'Highest amount (EUR): 5000, set centrally', 'number', undefined, undefined, undefined, undefined, 5000],
    ]);
  });

  it('makes a folder that can be packed, of an export', async () => {
    writeFileSync(path.join(folder, 'export.json'), JSON.stringify(exportedFlow.map((node) => (node.id === 'start' ? { ...node, credentials: { password: 'x' }, url: 'http://10.0.7.3/' } : node))));
    const { code, out, err } = await waybill(...said, '--from', 'export.json');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /returns\/inbound@0\.1\.0, a flow with \d+ nodes and 1 parameter\.\nCredentials of 1 node in the export were left out\.[^]*site-address/);
    const made = path.join(folder, 'templates/returns/inbound');
    assert.equal(readTemplateFolder(made).manifest.kind, flowManifest.kind);
    assert.equal(packTemplate(made).manifest.version, '0.1.0');
    assert.match(readFileSync(path.join(made, 'README.md'), 'utf8'), /\| Days \(`days`\) \| site \| `3` \|/);
    assert.match(readFileSync(path.join(made, 'README.md'), 'utf8'), /!\[The flow\]\(flow\.svg\)/);
    assert.match(readFileSync(path.join(made, 'flow.svg'), 'utf8'), /bold">In<[^]*bold">Out<[^]*bold">helper</);
    const again = await waybill(...said, '--from', 'export.json');
    assert.equal(again.code, 1);
    assert.match(again.err, /holds a template already/);
  });

  it('makes a small flow with its first scenario, and says what is missing or wrong', async () => {
    const { code } = await waybill('small', '--id', 'returns/small', '--title', 'Small', '--summary', 'S.', '--owner', 'O', '--kind', 'flow');
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(readTemplateFolder(path.join(folder, 'small')).tests), ['first.json']);
    assert.equal((await waybill('block', '--id', 'returns/block', '--title', 'Small', '--summary', 'S.', '--owner', 'O', '--kind', 'block')).code, 0);
    assert.equal(packTemplate(path.join(folder, 'block')).manifest.kind, 'block');
    assert.deepEqual(Object.keys((readTemplateFolder(path.join(folder, 'block')).tests['first.json'] as { change: object }).change), ['around', 'start', 'block']);
    const missing = await waybill('--id', 'a/b');
    assert.deepEqual([missing.code, /Say --title, --summary, --owner, --kind; nobody is here to ask/.test(missing.err)], [2, true], missing.err);
    const wrong = await waybill('--id', '../b', ...said.slice(2), '--kind', 'flow');
    assert.deepEqual([wrong.code, /--id: It is family\/name/.test(wrong.err)], [2, true], wrong.err);
    assert.equal((await waybill(...said, '--from', 'nowhere.json')).code, 1);
  });

  it('says which variables cannot be parameters, and which become texts', async () => {
    const withVariable = (env: object): FlowNode[] => exportedFlow.map((node) => (node.id === 'in' ? { ...node, env: [env] } : node.id === 'end' ? { ...node, days: 3 } : node));
    writeFileSync(path.join(folder, 'bad.json'), JSON.stringify(withVariable({ name: 'most-days', type: 'num', value: '3' })));
    const bad = await waybill('bad', ...said, '--from', 'bad.json');
    assert.deepEqual([bad.code, /"most-days" cannot be the name of a parameter.*Rename it in the editor/.test(bad.err), existsSync(path.join(folder, 'bad'))], [1, true, false], bad.err);
    writeFileSync(path.join(folder, 'json.json'), JSON.stringify(withVariable({ name: 'table', type: 'json', value: '{}' })));
    const json = await waybill('json', ...said, '--from', 'json.json');
    assert.match(json.out, /are texts now: table \(json\)/);
    mkdirSync(path.join(folder, 'half'));
    writeFileSync(path.join(folder, 'half/flow.json'), '[]');
    const half = await waybill('half', ...said, '--from', 'json.json');
    assert.deepEqual([half.code, /is there already; nothing was written/.test(half.err), existsSync(path.join(folder, 'half/template.json'))], [1, true, false], half.err);
  });
});
