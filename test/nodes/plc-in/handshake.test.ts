import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../../scripts/lib/free-port.ts';
import { ConveyorServer } from '../../../src/cli/simulate/plc/conveyor-server.ts';
import { loadServerLibrary } from '../../../src/cli/simulate/plc/library.ts';
import { OpcUaConnection, OpcUaTags } from '../../../src/intake/opcua/index.ts';
import { testPki } from '../../intake/opcua/pki.ts';
import { CuttingProxy, REQUESTS } from '../../support/cutting-proxy.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { eventually, Rig, withNodeRed } from '../support/rig.ts';
import { connected, gaps, Killable, opened, plcFlow, running, shown } from './support/flow.ts';

type Config = Readonly<Record<string, unknown>>;

const LINE: Config = {
  mode: 'handshake', tags: [{ name: 'target', nodeId: 'ns=1;s=Line.Target', samplingMs: 0 }], triggers: [], publishingMs: 50,
  sequence: 'ns=1;s=Line.Handshake', handlingUnit: 'ns=1;s=Line.HandlingUnit', position: 'ns=1;s=Line.Position', acknowledge: 'ns=1;s=Line.Acknowledged',
};
const CONVEYOR = 'nsu=urn:waybill:simulator:conveyor;s=Conveyor.Scanner1.Handshake.';
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

describe('plc in node, telegrams that wait for their acknowledgement', function () {
  this.timeout(60_000);
  withNodeRed();
  let rig: Rig;
  const closing: (() => Promise<void> | void)[] = [];
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(async () => {
    await rig.close();
    for (const close of closing.splice(0).reverse()) await close();
  });

  describe('of a controller of another stack', () => {
    let program: string;
    let plc: Open62541;
    let tags: OpcUaTags;
    before(function () { program = needs(this, 'open62541'); });
    beforeEach(async () => {
      plc = await Open62541.start(program, { tags: 1, everyMs: 1_000 });
      closing.push(() => plc.stop());
      const eyes = new OpcUaConnection({ url: plc.url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki: testPki() });
      closing.push(() => eyes.close());
      eyes.start();
      tags = new OpcUaTags(eyes);
      await eventually(() => (eyes.state.kind === 'connected' ? true : undefined));
    });
    const acknowledged = async (): Promise<unknown> => (await tags.read(['ns=1;s=Line.Acknowledged']))[0]?.value;
    const telegram = (sequence: number, unit: string, position = 'S1'): Promise<string> => plc.tell(`telegram ${sequence} ${unit} ${position}`);
    const answered = (sequence: number): Promise<true> => eventually(async () => (await acknowledged() === sequence ? true : undefined));

    it('opens a case for each and acknowledges it, within a second', async () => {
      await rig.load(plcFlow(plc.url, LINE));
      await connected(rig);
      const took: number[] = [];
      for (const [sequence, unit] of [[1, '(00)340123450000000017'], [2, 'T-4711'], [3, 'T-4712']] as const) {
        const from = performance.now();
        await telegram(sequence, unit);
        await answered(sequence);
        took.push(performance.now() - from);
      }
      const cases = await opened(rig);
      assert.deepEqual(cases.map(({ plc: facts }) => [facts['sequence'], facts['handlingUnit'], facts['position'], facts['target']]), [[1, '(00)340123450000000017', 'S1', 0], [2, 'T-4711', 'S1', 0], [3, 'T-4712', 'S1', 0]]);
      assert.ok(Math.max(...took) < 1_000, took.join(' '));
      await eventually(() => (shown(rig) === 'connected · 3 telegrams' ? true : undefined));
      assert.equal(rig.engine.metrics().counters['plc_acknowledged'], 3);
      assert.deepEqual(await gaps(rig), []);
      assert.deepEqual(running(rig).samples.values().map(({ tag, value }) => [tag, value]), [['sequence', '3'], ['handlingUnit', '"T-4712"'], ['position', '"S1"'], ['target', '0']]);
    });

    it('takes what waits at its start, and what came while it was away', async () => {
      await telegram(41, 'T-1');
      await rig.load(plcFlow(plc.url, LINE));
      await answered(41);
      await rig.load([]);
      await eventually(async () => ((await plc.counts()).subscriptions === 0 ? true : undefined));
      await telegram(42, 'T-2');
      await rig.load(plcFlow(plc.url, LINE));
      await answered(42);
      assert.deepEqual((await opened(rig)).map(({ plc: { handlingUnit } }) => handlingUnit), ['T-1', 'T-2']);
      assert.deepEqual(await gaps(rig), []);
    });

    it('writes no acknowledgement while the ledger takes nothing', async () => {
      await rig.load(plcFlow(plc.url, LINE));
      await connected(rig);
      await telegram(1, 'T-1');
      await answered(1);
      rig.engine.flowsStopping(); // as at the beginning of a deploy
      await telegram(2, 'T-2');
      await pause(1_000);
      assert.deepEqual([await acknowledged(), (await opened(rig)).length], [1, 1]);
      await rig.engine.flowsStarted('full');
      await answered(2);
      assert.equal((await opened(rig)).length, 2);
    });

    it('a connection that breaks between the commit and the acknowledgement leads to no second case', async () => {
      const proxy = await CuttingProxy.start(plc.port);
      closing.push(() => proxy.stop());
      await rig.load(plcFlow(`opc.tcp://127.0.0.1:${proxy.port}`, LINE));
      await connected(rig);
      proxy.cutAt(REQUESTS.write, false);
      await telegram(7, 'T-7');
      await answered(7);
      assert.equal(proxy.cuts, 1);
      assert.equal((await opened(rig)).length, 1);
    });

    it('SIGKILL between the commit and the acknowledgement leads to no second case', async function () {
      this.timeout(180_000);
      const proxy = await CuttingProxy.start(plc.port);
      closing.push(() => proxy.stop());
      const flow = plcFlow(`opc.tcp://127.0.0.1:${proxy.port}`, LINE);
      await rig.close(true);
      for (const sequence of [1, 2, 3]) {
        const child = new Killable(rig.home, flow);
        closing.push(() => child.kill());
        proxy.cutAt(REQUESTS.write, false); // the acknowledgement does not get through
        await telegram(sequence, `T-${sequence}`);
        await eventually(() => (child.cases >= 1 && proxy.cuts === sequence ? true : undefined));
        await child.kill();
        assert.equal(await acknowledged(), sequence - 1);
        const next = new Killable(rig.home, flow);
        closing.push(() => next.kill());
        await answered(sequence);
        await next.kill();
        assert.equal(next.cases, 0, 'the telegram has its case already');
      }
      rig = await Rig.open({}, { home: rig.home });
      assert.deepEqual((await opened(rig)).map(({ plc: { handlingUnit } }) => handlingUnit), ['T-1', 'T-2', 'T-3']);
    });

    it('records a jump of the sequence number, with what is missing', async () => {
      await rig.load(plcFlow(plc.url, LINE));
      await connected(rig);
      await telegram(1, 'T-1');
      await answered(1);
      await telegram(5, 'T-5');
      await answered(5);
      const [gap] = await gaps(rig);
      assert.deepEqual([gap?.['source'], gap?.['reason'], gap?.['after'], gap?.['before'], gap?.['count']], ['Line 1', 'telegrams-skipped', 1, 5, 3]);
      assert.ok(Date.parse(String(gap?.['fromTime'])) < Date.parse(String(gap?.['toTime'])));
      await telegram(2, 'T-2');
      await answered(2);
      assert.deepEqual((await gaps(rig)).map(({ reason }) => reason), ['telegrams-skipped', 'sequence-went-back']);
      assert.equal((await opened(rig)).length, 3);
      assert.match(running(rig).running.lastProblem()?.reason ?? '', /went back from 5 to 2/);
    });

    for (const [what, says, config] of [
      ['a sequence tag that the server does not know', /sequence tag of the handshake cannot be read \(BadNodeIdUnknown\); correct its node id/, { sequence: 'ns=1;s=Line.Nowhere' }],
      ['a sequence that is no number', /sequence tag of the handshake is no whole number/, { sequence: 'ns=1;s=Line.Name' }],
      ['an acknowledge tag that may not be written', /refuses the acknowledgement of telegram 1 \(BadNotWritable\); give this user the right to it/, { acknowledge: 'ns=1;s=Line.Fixed' }],
      ['an acknowledge tag that cannot hold the number', /cannot hold the sequence number/, { acknowledge: 'ns=1;s=Line.Target' }],
      ['no acknowledge tag', /The acknowledge tag of the handshake is no node id/, { acknowledge: '' }],
      ['the same tag twice', /would be acknowledged in its own tag/, { acknowledge: 'ns=1;s=Line.Handshake' }],
    ] as const) {
      it(`says what to mend: ${what}`, async () => {
        await rig.load(plcFlow(plc.url, { ...LINE, ...config }));
        await telegram(what.includes('hold') ? 40_000 : 1, 'T-1');
        await eventually(() => (says.test(shown(rig)) ? true : undefined));
        assert.equal(rig.shown('in').at(-1)?.fill, 'red');
        assert.equal(await acknowledged(), 0);
      });
    }
  });

  it('runs the conveyor of the simulator: every unit has its case and is acknowledged, over deploys and a restart of the controller', async () => {
    const pki = mkdtempSync(path.join(tmpdir(), 'waybill-conveyor-'));
    closing.push(() => { rmSync(pki, { recursive: true, force: true }); });
    const port = await freePort();
    const conveyor = new ConveyorServer(await loadServerLibrary(), { port, pki, seed: 7, intervalMs: 150, timeoutMs: 400, lanes: 4, jamEveryMs: 0, jamForMs: 0, tags: 2, changesPerSecond: 0 });
    await conveyor.start();
    closing.push(() => conveyor.stop());
    const flow = plcFlow(conveyor.url, { ...LINE, tags: [], sequence: `${CONVEYOR}Sequence`, handlingUnit: `${CONVEYOR}HandlingUnit`, position: `${CONVEYOR}Position`, acknowledge: `${CONVEYOR}Acknowledged` });
    await rig.load(flow);
    await eventually(() => (conveyor.book.acknowledged >= 10 ? true : undefined));
    await rig.load(flow);
    await eventually(() => (conveyor.book.acknowledged >= 20 ? true : undefined));
    const before = (await opened(rig)).length;
    await conveyor.restart(500);
    await eventually(async () => ((await opened(rig)).length >= before + 10 ? true : undefined));
    await rig.load([]);
    const cases = await opened(rig);
    assert.ok(conveyor.book.acknowledged <= cases.length && cases.length <= conveyor.book.presented, JSON.stringify([conveyor.book, cases.length]));
    assert.equal(new Set(cases.map(({ plc: { sscc, sequence } }) => `${String(sscc)} ${String(sequence)}`)).size, cases.length);
    assert.ok(cases.every(({ plc: { sscc } }) => /^\d{18}$/.test(String(sscc))));
  });
});
