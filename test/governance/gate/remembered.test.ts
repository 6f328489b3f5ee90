import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Engine } from '../../../src/engine/engine.ts';
import { gateParts } from '../../../src/engine/governance/in-place.ts';
import type { Loaded } from '../../../src/engine/governance/port.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stagePolicy } from '../../../src/governance/catalogue/publisher/stage.ts';
import { importOf } from '../../../src/governance/template/materialise.ts';
import { eventually } from '../../web/support/real-engine.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, signAll, temporary } from '../catalogue/support/central.ts';
import type { Central } from '../catalogue/support/central.ts';
import { eventsIn } from './support/gated-node-red.ts';
import { hello, twins } from './support/flows.ts';

const NONE = { flows: [], credentials: {} };

describe('what the gate knows although its files are gone', function () {
  this.timeout(60_000);
  let central: Central;
  let home: string;
  let engine: Engine | undefined;
  const before_ = { ...gateParts() };

  before(async () => {
    central = await makeCentral();
    await publishTemplate(central, packedTemplate(`${FAMILY}/goods-receipt`, '1.0.0'));
    await stagePolicy(central.folder, Buffer.from(JSON.stringify({ version: '7', rules: { 'function-limits': { level: 'off' }, 'owner-and-family': { level: 'off' } } })), Date.now());
    await signAll(central.folder, central.board.slice(0, 2));
    await release(central.folder, central.online, Date.now());
  });
  beforeEach(() => {
    home = temporary('remembered');
    // As Node-RED's storage module says of itself.
    gateParts().storage = true;
  });
  afterEach(async () => {
    await engine?.close();
    engine = undefined;
    Object.assign(gateParts(), { storage: undefined, reload: undefined, ...before_ });
    rmSync(home, { recursive: true, force: true });
  });

  async function open(settings: { readonly catalogue?: string; readonly catalogueRoot?: string; readonly gate?: 'warn' } = {}): Promise<Engine> {
    await engine?.close();
    engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, ...settings } });
    return engine;
  }
  const given = { get catalogue() { return central.public; }, get catalogueRoot() { return central.rootFile; } };
  const load = async (flows: readonly object[], credentials: unknown = {}): Promise<Loaded> => await engine!.governance.gate.load({ scope: '', way: 'start', flows, credentials });
  const deploy = async (flows: readonly object[], credentials: unknown = {}, save = async (): Promise<void> => undefined): Promise<boolean> => (await engine!.governance.gate.deploy({ scope: '', flows, user: undefined, save, credentials: async () => credentials })).ok;
  const drift = (): unknown => eventsIn(home, 'DriftDetected').map(({ what, outcome }) => [what, outcome]);

  it('that it has a catalogue and a policy: it neither gets ungated nor only warns again', async () => {
    await open({ ...given, gate: 'warn' });
    await engine!.governance.flowsStarted();
    assert.equal(await deploy(twins()), false);
    for (const settings of [{ ...given, catalogue: path.join(home, 'nowhere'), gate: 'warn' }, { gate: 'warn' }] as const) {
      await engine!.close();
      rmSync(path.join(home, 'catalogue'), { recursive: true, force: true });
      await open(settings);
      const { state, mode, reason } = engine!.governance.gate.state();
      assert.deepEqual([state, mode], ['active', 'enforce']);
      assert.match(reason, 'catalogue' in settings ? /The central policy cannot be read at the moment/ : /has had a catalogue, and WAYBILL_CATALOGUE names none any more/);
      assert.equal(await deploy(twins()), false, 'the rules hold at their own levels');
    }
  });

  it('what it let pass last, by its hash', async () => {
    await open();
    assert.equal(await deploy(hello('one')), true);
    const copy = path.join(home, 'gate', 'admitted.json');
    const without = async (): Promise<void> => {
      await engine!.close();
      rmSync(copy, { force: true });
      await open();
    };
    await without();
    assert.equal((await load(hello('one'))).hold, false);
    assert.ok(existsSync(copy), 'its copy is made anew');
    assert.deepEqual(drift(), [['admitted-copy', 'ignored']]);
    assert.equal(eventsIn(home, 'DeployAdmitted').length, 1);

    await without();
    assert.equal((await load(hello('another'))).hold, false);
    assert.deepEqual(drift(), [['admitted-copy', 'ignored'], ['flows', 'admitted']], 'that it is another one is seen');

    await without();
    assert.deepEqual(await load([]), { ...NONE, hold: true });
    const [finding] = engine!.governance.gate.findings()?.findings ?? [];
    assert.equal(finding?.rule, 'flows-readable');
    assert.match(finding.mend, /copy of the 4 nodes that were admitted last is gone as well\. Put the file back from a backup/);
  });

  it('the credentials of what it let pass last', async () => {
    await open();
    assert.equal(await deploy(hello('one'), { $: 'first' }), true);
    assert.deepEqual(await load(hello('one'), { $: 'first' }), { flows: hello('one'), credentials: { $: 'first' }, hold: false });
    assert.deepEqual(await load(hello('one'), {}), { flows: hello('one'), credentials: { $: 'first' }, hold: false, restore: true });
    assert.deepEqual((await load(hello('one'), { $: 'changed' })).credentials, { $: 'changed' });
    assert.deepEqual(drift(), [['credentials', 'refused'], ['credentials', 'admitted']]);
  });

  it('that a deploy which could not be saved was none', async () => {
    await open();
    writeFileSync(path.join(home, 'gate'), '');
    await assert.rejects(deploy(hello('one')), /^Error: Waybill did not deploy this; what ran goes on running\. The gate keeps its notes in .*gate, and it cannot be written to \(.*\)\. Mend that, then deploy again\.$/);
    rmSync(path.join(home, 'gate'));
    assert.equal(await deploy(hello('one'), { $: 'first' }), true);
    await assert.rejects(deploy(hello('two'), {}, () => Promise.reject(new Error('ENOSPC'))), /ENOSPC/);
    assert.equal(existsSync(path.join(home, 'gate', 'pending.json')), false);
    assert.equal((await load(hello('one'), { $: 'first' })).hold, false);
    assert.equal(eventsIn(home, 'DeployAdmitted').length, 1);
  });

  it('what it holds: it starts as soon as the catalogue comes', async () => {
    const source = path.join(home, 'share');
    const site = await openSite(central);
    await site.refresh();
    const flows = [...hello('one'), ...importOf(site.template(`${FAMILY}/goods-receipt`, '1.0.0')!, { instance: 'main' })];
    let reloads = 0;
    gateParts().reload = async () => {
      reloads += 1;
      assert.equal((await load(flows)).hold, false);
    };
    await open({ catalogue: source, catalogueRoot: central.rootFile });
    assert.equal((await load(flows)).hold, true);
    await engine!.governance.refreshCatalogue();
    assert.equal(reloads, 0, 'nothing has come');
    cpSync(central.public, source, { recursive: true });
    await engine!.governance.refreshCatalogue();
    await eventually(async () => (reloads === 1 ? true : undefined));
    await engine!.governance.refreshCatalogue();
    assert.equal(reloads, 1);
  });

  it('stops at once while a source lets it wait', async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      await open(given);
      await engine!.governance.refreshCatalogue();
      await open({ ...given, catalogue: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/` });
      const asked = performance.now();
      await engine!.close();
      assert.ok(performance.now() - asked < 10_000);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});
