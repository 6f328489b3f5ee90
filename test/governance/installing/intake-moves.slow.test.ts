import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from '../../../scripts/lib/paths.ts';
import type { TemplateManifest } from '../../../src/governance/template/manifest.ts';
import { packTemplate } from '../../../src/governance/template/pack.ts';
import { withCheckDigit } from '../../../src/intake/gs1/index.ts';
import { device, settle } from '../../intake/mqtt/support/device.ts';
import { Mosquitto } from '../../intake/mqtt/support/mosquitto.ts';
import { needs } from '../../support/system-programs.ts';
import { makeCentral, publishTemplate } from '../catalogue/support/central.ts';
import type { Central } from '../catalogue/support/central.ts';
import { startGated } from '../gate/support/gated-node-red.ts';
import type { FlowNodeJson, Gated } from '../gate/support/gated-node-red.ts';
import { flowManifest, templateFolder } from '../template/support/templates.ts';

const at = { x: 100, y: 100 };
const ID = 'returns/scanned';

/** Takes scans in by itself; somebody looks at each. */
const flow = (stepId: string): readonly object[] => [
  { id: 'tab', type: 'tab', label: 'Scanned' },
  { id: 'scan', type: 'waybill-scan-in', z: 'tab', ...at, name: 'scan', stepId: 'scan', site: 'site', broker: 'broker', pattern: 'acme/dc-1/{area}/{station}/scan', template: 'scanned@1.0.0', configVersion: 1, wires: [['ask']] },
  { id: 'ask', type: 'waybill-approval', z: 'tab', ...at, name: 'look', stepId, site: 'site', question: 'Whole?', questionType: 'str', role: 'supervisor', quorum: 1, deadline: 8, deadlineUnit: 'hours', onExpiry: 'reject', configVersion: 1, wires: [['close'], ['close'], ['close'], ['close']] },
  { id: 'close', type: 'waybill-case-close', z: 'tab', ...at, name: 'close', stepId: 'close', site: 'site', outcome: 'looked at', outcomeType: 'str', configVersion: 1, wires: [] },
  { id: 'site', type: 'waybill-site', name: 'Distribution centre 1', siteId: 'dc-1', enterprise: 'acme', legalEntity: 'ACME GmbH', timeZone: 'Europe/Berlin', configVersion: 1 },
  { id: 'broker', type: 'waybill-broker', name: 'broker', url: '', configVersion: 1 },
];

async function publish(central: Central, version: string, content: readonly object[]): Promise<void> {
  const manifest: TemplateManifest = { ...flowManifest, id: ID, title: 'Scanned', version, parameters: { type: 'object', properties: {} }, changelog: [{ version, date: '2026-11-28', changes: ['Now.'] }] };
  await publishTemplate(central, Buffer.from(packTemplate(templateFolder({ manifest, flow: content })).bytes));
}

interface Change { readonly nodes: readonly FlowNodeJson[]; readonly way: string; readonly reason?: string; readonly remove: readonly string[]; readonly put: readonly FlowNodeJson[] }

describe('a flow that takes scans in by itself, upgraded under open cases while scans arrive', function () {
  this.timeout(60_000);
  let mosquitto: Mosquitto;
  let userDir: string;
  let nodeRed: Gated;

  before(async function () {
    const executable = needs(this, 'mosquitto');
    execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
    mosquitto = await Mosquitto.start(executable);
    userDir = mkdtempSync(path.join(tmpdir(), 'waybill-moves-'));
    const central = await makeCentral();
    await publish(central, '1.0.0', flow('ask'));
    await publish(central, '2.0.0', flow('decide'));
    nodeRed = await startGated({ version: '5.0.7', userDir, env: { WAYBILL_CATALOGUE: central.public, WAYBILL_CATALOGUE_ROOT: central.rootFile, WAYBILL_MQTT_URL: mosquitto.url } });
  });
  after(async () => {
    await nodeRed?.stop();
    await mosquitto?.remove();
    rmSync(userDir, { recursive: true, force: true });
  });

  const ask = async (what: string, body: object): Promise<Change> => {
    const { status, body: answer } = await nodeRed.send('POST', `/waybill-editor/governance/${what}`, body);
    assert.equal(status, 200, JSON.stringify(answer));
    return answer as unknown as Change;
  };
  const cases = (): number => nodeRed.events('CaseOpened').length;

  it('loses no scan and opens no case twice', async () => {
    const { nodes } = await ask('import', { id: ID, version: '1.0.0' });
    assert.equal((await nodeRed.deploy(nodes.map((node) => (node.type === 'waybill-broker' ? { ...node, url: mosquitto.url } : node)))).status, 200);
    const scanner = await device(mosquitto.url);
    const scan = (n: number): Promise<unknown> => scanner.publishAsync('acme/dc-1/receiving/ramp-1/scan', JSON.stringify({ code: `00${withCheckDigit(`34012345${String(n).padStart(9, '0')}`)}`, id: `scan-${n}`, device: 'gun-1' }), { qos: 1 });
    // Until it listens; the same scan again is no other case.
    while (cases() === 0) await scan(1).then(() => settle(100));
    let sent = 1;
    let going = true;
    const scanning = (async () => {
      while (going) {
        sent += 1;
        await scan(sent);
        await settle(40);
      }
    })();
    while (cases() < 15) await settle(50);
    const flows = await nodeRed.flows();
    const tab = flows.find(({ type }) => type === 'tab')!;
    const deployed = async (): Promise<Change> => {
      const plan = await ask('upgrade', { flows, container: tab.id, to: '2.0.0' });
      if (plan.way === 'refused') return plan;
      const fresh = new Map(plan.put.map((node) => [node.id, node]));
      const next = [...flows.filter(({ id }) => !plan.remove.includes(id)).map((node) => fresh.get(node.id) ?? node), ...plan.put.filter(({ id }) => !flows.some((node) => node.id === id))];
      const { status, body } = await nodeRed.deploy(next, 'nodes');
      return status === 200 ? plan : { ...plan, way: 'refused', reason: body.message ?? '' };
    };
    let plan = await deployed();
    // A case that is just being opened has it tried again.
    for (; plan.way === 'refused'; plan = await deployed()) assert.match(plan.reason ?? '', /just being opened|which this deploy takes away/);
    assert.equal(plan.way, 'beside');
    const atUpgrade = sent;
    while (sent < atUpgrade + 25) await settle(50);
    going = false;
    await scanning;
    for (let i = 0; i < 60 && cases() < sent; i += 1) await settle(50);
    await settle(300);
    assert.equal(cases(), sent);
    // One that is opened between the gate's judgement and the stop of the old intake is with a person, and not lost.
    assert.deepEqual(nodeRed.events('ExceptionRaised').map((raised) => raised['class']).filter((name) => name !== 'orphan'), []);
    assert.deepEqual(nodeRed.events('Quarantined'), []);
    await scanner.endAsync();
  });
});
