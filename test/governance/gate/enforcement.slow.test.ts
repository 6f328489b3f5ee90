import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { startGated } from './support/gated-node-red.ts';
import type { FlowNodeJson, Gated } from './support/gated-node-red.ts';

const EXAMPLE = JSON.parse(readFileSync(path.join(ROOT, 'examples/02-case-open.json'), 'utf8')) as FlowNodeJson[];

interface Site { readonly state: string; readonly reason?: string; readonly counts: { readonly casesOpen: number } }

describe('a site that has a catalogue', function () {
  this.timeout(60_000);
  let userDir: string;
  let nodeRed: Gated | undefined;

  before(() => { execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' }); });
  beforeEach(() => {
    userDir = mkdtempSync(path.join(tmpdir(), 'waybill-governed-'));
    mkdirSync(path.join(userDir, 'catalogue'));
    writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(EXAMPLE));
  });
  afterEach(async () => {
    await nodeRed?.stop();
    nodeRed = undefined;
    rmSync(userDir, { recursive: true, force: true });
  });

  const site = async (): Promise<Site> => await nodeRed!.json('/waybill-editor/site') as Site;
  const inject = async (): Promise<void> => {
    const button = EXAMPLE.find(({ type }) => type === 'inject');
    // The button of a node that has not started yet is not found.
    while ((await nodeRed!.send('POST', `/inject/${button?.id ?? ''}`)).status !== 200) await new Promise((resolve) => { setTimeout(resolve, 50); });
  };
  const opened = async (): Promise<void> => {
    while (nodeRed!.events('CaseOpened').length === 0) await new Promise((resolve) => { setTimeout(resolve, 50); });
  };

  it('runs no governed step without the gate, and says what to do', async () => {
    nodeRed = await startGated({ version: '5.0.7', userDir, layers: [], env: { WAYBILL_CATALOGUE: path.join(userDir, 'catalogue') } });
    await nodeRed.said(/The deploy gate is missing, so governed steps do not run: put storageModule: require\('@waybill\/node-red\/storage'\) into settings\.js/);
    assert.match((await site()).reason ?? '', /The deploy gate is missing/);
    await inject();
    await new Promise((resolve) => { setTimeout(resolve, 700); });
    assert.equal((await site()).counts.casesOpen, 0);
    assert.deepEqual(nodeRed.events('CaseOpened'), []);
    assert.deepEqual(nodeRed.events('GateStateChanged'), [{ state: 'missing', code: 'storage-module' }]);
    assert.deepEqual(nodeRed.events('DeployNotStarted'), [{ reason: 'gate-missing' }]);

    // The line is put in, and what waited runs.
    await nodeRed.stop();
    nodeRed = await startGated({ version: '5.0.7', userDir, env: { WAYBILL_CATALOGUE: path.join(userDir, 'catalogue') } });
    assert.equal((await site()).reason, undefined);
    await inject();
    await opened();
    assert.deepEqual(nodeRed.events('GateStateChanged').map(({ state }) => state), ['missing', 'active']);
  });

  it('has none: it is ungated, and works', async () => {
    nodeRed = await startGated({ version: '5.0.7', userDir, layers: [] });
    await inject();
    await opened();
    assert.deepEqual(nodeRed.events('GateStateChanged'), [{ state: 'ungated', code: 'no-catalogue' }]);
  });

  it('deploys are judged, and refused, only for who may deploy', async () => {
    nodeRed = await startGated({
      version: '5.0.7', userDir,
      expressions: { adminAuth: "{ type: 'credentials', users: [], tokens: async (token) => ({ ada: { username: 'ada', permissions: '*' }, reader: { username: 'reader', permissions: 'read' } })[token] ?? null }" },
    });
    const step = (id: string): FlowNodeJson => ({ id, type: 'waybill-audit', z: 'tab', name: id, stepId: 'same', configVersion: 1, x: 1, y: 1, wires: [[]] });
    const bad = { flows: [{ id: 'tab', type: 'tab', label: 'T' }, step('a'), step('b')] };
    const deploy = async (headers: Readonly<Record<string, string>>): Promise<number> => (await nodeRed!.send('POST', '/flows', bad, { 'node-red-api-version': 'v2', ...headers })).status;
    assert.equal(await deploy({}), 401);
    assert.equal(await deploy({ authorization: 'Bearer reader' }), 401);
    assert.deepEqual(nodeRed.events('DeployRefused'), []);
    assert.equal(await deploy({ authorization: 'Bearer ada' }), 422);
    assert.deepEqual(nodeRed.events('DeployRefused').map(({ unauthenticated }) => unauthenticated), [false]);
  });
});
