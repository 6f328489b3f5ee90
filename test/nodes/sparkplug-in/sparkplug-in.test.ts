import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import helper, { type Shown } from 'node-red-node-test-helper';
import type { Engine } from '../../../src/engine/engine.ts';
import type { RunningSparkplug } from '../../../src/engine/intake/sparkplug-in-node.ts';
import { setCurrentWaybill } from '../../../src/engine/node-red/current.ts';
import { openEngine } from '../../../src/engine/runtime.ts';
import { startEmbeddedBroker, type EmbeddedBroker } from '../../../src/intake/mqtt/index.ts';
import { device, settle, until } from '../../intake/mqtt/support/device.ts';
import { Mosquitto } from '../../intake/mqtt/support/mosquitto.ts';
import { EdgePeer } from '../../intake/sparkplug/support/edge-node.ts';
import { needs } from '../../support/system-programs.ts';
import registerBroker from '../../../nodes/broker/broker.ts';
import registerCaseClose from '../../../nodes/case-close/case-close.ts';
import registerSite from '../../../nodes/site/site.ts';
import registerSparkplugIn from '../../../nodes/sparkplug-in/sparkplug-in.ts';

const NODES = [registerSite, registerBroker, registerSparkplugIn, registerCaseClose];
const person = { userId: '00000000-0000-4000-8000-000000000001', name: 'Ada', roles: ['engineer'], sites: ['*'], authMethod: 'password', channel: 'api' };
const STATE = 'spBv1.0/STATE/waybill-acme-dc-1';

type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

function flow(changes: Readonly<Record<string, unknown>> = {}, broker: Readonly<Record<string, unknown>> = {}): FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'Sorter' },
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'broker', type: 'waybill-broker', url: '', configVersion: 1, ...broker },
    { id: 'in', z: 'tab', x: 100, y: 100, type: 'waybill-sparkplug-in', stepId: 'in', site: 'site', broker: 'broker', groups: 'Plant1', metrics: 'Barcode', facts: { lane: 'Lane' }, keyFact: 'value', keyType: 'sscc', reorderMs: 100, configVersion: 1, wires: [['close']], ...changes },
    { id: 'close', z: 'tab', x: 300, y: 100, type: 'waybill-case-close', stepId: 'close', outcome: 'done', outcomeType: 'str', configVersion: 1 },
  ];
}

describe('sparkplug in node', () => {
  let home: string;
  let engine: Engine;
  let mosquitto: Mosquitto | undefined;
  let embedded: EmbeddedBroker | undefined;
  const peers: EdgePeer[] = [];

  async function load(nodes: readonly FlowNode[]): Promise<void> {
    await helper.load(NODES, nodes);
    await engine.flowsStarted('full');
  }
  async function reload(nodes: readonly FlowNode[]): Promise<void> {
    engine.flowsStopping();
    await helper.unload();
    await load(nodes);
  }
  function running(): RunningSparkplug {
    const node = helper.getNode('in') as unknown as { readonly sparkplug?: RunningSparkplug };
    assert.ok(node.sparkplug !== undefined);
    return node.sparkplug;
  }
  function lastStatus(): Shown | undefined {
    const calls = helper.getNode('in')?.status.getCalls() ?? [];
    return calls.filter(({ thisValue }) => thisValue.id === 'in').at(-1)?.args[0];
  }
  async function edge(url: string, name = 'Line4', bdSeq = 0): Promise<EdgePeer> {
    const peer = await EdgePeer.connect(url, 'Plant1', name, bdSeq);
    peers.push(peer);
    return peer;
  }
  const cases = async (): Promise<readonly { readonly case_id: string; readonly title: string }[]> => (await engine.ledger.listCases({}, { limit: 100 })).items as unknown as readonly { readonly case_id: string; readonly title: string }[];
  const counter = (name: string): number => engine.metrics().counters[name] ?? 0;
  async function open(): Promise<void> {
    engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined } });
    setCurrentWaybill(engine);
  }
  const online = (): Promise<void> => until(() => running().link.state.kind === 'connected');

  before(function (done) {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    helper.startServer(done);
  });
  after((done) => { helper.stopServer(done); });
  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'waybill-sparkplug-in-'));
    await open();
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.client.endAsync(true);
    engine.flowsStopping();
    await helper.unload();
    await engine.close();
    await embedded?.close(50);
    embedded = undefined;
    await mosquitto?.remove();
    mosquitto = undefined;
    rmSync(home, { recursive: true, force: true });
  });

  it('takes reports of registered edge nodes and devices only, where it is to; a gateway stands for what is behind it', async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    await load(flow({ register: 'registered' }, { url: mosquitto.url }));
    await online();
    const line = await edge(mosquitto.url);
    const scan = (value: string): Promise<unknown> => line.deviceData('Scanner1', [{ name: 'Barcode', type: 'String', value }]);
    await line.birth();
    await line.deviceBirth('Scanner1', [{ name: 'Barcode', type: 'String', value: '' }]);
    await scan('340123450000000086');
    await until(() => counter('sparkplug_quarantined') === 1);
    const [held] = (await engine.ledger.listQuarantine({}, { limit: 10 })).items;
    assert.deepEqual([held?.reason, held?.device_id], ['device-unregistered', 'Plant1/Line4/Scanner1']);

    assert.ok((await engine.devices.register({ site: 'dc-1', deviceId: 'Plant1/Line4/Scanner1', kind: 'scanner', name: '', by: person })).ok);
    await scan('340123450000000093');
    await until(() => counter('sparkplug_opened') === 1);
    await line.deviceBirth('Scanner2', [{ name: 'Barcode', type: 'String', value: '' }]);
    await line.deviceData('Scanner2', [{ name: 'Barcode', type: 'String', value: '340123450000000109' }]);
    await until(() => counter('sparkplug_quarantined') === 2);

    assert.ok((await engine.devices.register({ site: 'dc-1', deviceId: 'Plant1/Line4', kind: 'gateway', name: '', by: person })).ok);
    await line.deviceData('Scanner2', [{ name: 'Barcode', type: 'String', value: '340123450000000116' }]);
    await until(() => counter('sparkplug_opened') === 2);
    await engine.devices.block({ site: 'dc-1', deviceId: 'Plant1/Line4', reason: 'lost', by: person });
    await scan('340123450000000123');
    await until(() => counter('sparkplug_quarantined') === 3);
    assert.equal(engine.devices.get('dc-1', 'Plant1/Line4')?.seen?.putAside, 1);
  });

  it('opens a case for each report, with the values beside it as facts, at the time of the measurement', async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    await load(flow({}, { url: mosquitto.url }));
    await online();
    const line = await edge(mosquitto.url);
    await line.birth();
    await line.deviceBirth('Scanner1', [{ name: 'Barcode', type: 'String', value: '' }, { name: 'Lane', type: 'UInt16', value: 0 }]);
    const at = Date.now() - 1_500;
    await line.deviceData('Scanner1', [{ name: 'Lane', type: 'UInt16', value: 7 }, { name: 'Barcode', type: 'String', value: '340123450000000086', timestamp: at }]);
    await until(async () => (await cases()).length === 1);
    const [one] = await cases();
    assert.equal(one?.title, 'Scanner1 Barcode: 340123450000000086');
    const view = await engine.caseView(one?.case_id ?? '');
    assert.deepEqual(view?.document['report'], { metric: 'Barcode', value: '340123450000000086', before: '', at: new Date(at).toISOString(), lane: 7 });
    assert.deepEqual(view?.document['source'], { enterprise: 'acme', site: 'dc-1', group: 'Plant1', edgeNode: 'Line4', device: 'Scanner1' });
    const [opened] = await engine.ledger.readStream(one?.case_id ?? '');
    assert.equal(opened?.occurredAt, new Date(at).toISOString());
    await until(() => /1 of 1 edge node online · 1 report$/.test(lastStatus()?.text ?? ''));
    // the same label read once more is another scan
    await line.deviceData('Scanner1', [{ name: 'Barcode', type: 'String', value: '340123450000000086' }]);
    await until(async () => (await cases()).length === 2);
    assert.equal(counter('sparkplug_opened'), 2);
  });

  it('stays online over a deploy and loses nothing that comes meanwhile', async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    await load(flow({}, { url: mosquitto.url }));
    await online();
    const states: string[] = [];
    const watcher = await device(mosquitto.url);
    watcher.on('message', (_topic, payload) => { states.push(payload.toString()); });
    await watcher.subscribeAsync(STATE);
    const line = await edge(mosquitto.url);
    await line.birth([{ name: 'Barcode', type: 'String', value: '' }]);
    engine.flowsStopping();
    await helper.unload();
    await line.data([{ name: 'Barcode', type: 'String', value: 'A' }]);
    await load(flow({}, { url: mosquitto.url }));
    await line.data([{ name: 'Barcode', type: 'String', value: 'B' }]);
    await until(async () => (await cases()).length === 2);
    assert.deepEqual((await cases()).map(({ title }) => title).sort(), ['Line4 Barcode: A', 'Line4 Barcode: B']);
    assert.equal(states.filter((text) => text.includes('false')).length, 0);
    await watcher.endAsync();
  });

  it('says at the shut-down that it is offline, and records what it missed when it is back', async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    await load(flow({}, { url: mosquitto.url }));
    await online();
    const watcher = await device(mosquitto.url);
    const states: { online: boolean; timestamp: number }[] = [];
    watcher.on('message', (_topic, payload) => { states.push(JSON.parse(payload.toString()) as (typeof states)[number]); });
    await watcher.subscribeAsync(STATE);
    await engine.drain();
    engine.flowsStopping();
    await helper.unload();
    await engine.close();
    await until(() => states.at(-1)?.online === false);
    await open();
    await load(flow({}, { url: mosquitto.url }));
    await online();
    await until(() => counter('intake_gaps') === 1);
    const [gap] = await gapsOf(engine);
    assert.deepEqual([gap?.['what'], gap?.['source'], gap?.['reason']], ['sparkplug', 'waybill-acme-dc-1', 'host-offline']);
    const said = states.find(({ online: on }) => !on)?.timestamp ?? 0;
    const from = Date.parse(String(gap?.['fromTime']));
    assert.ok(from <= said && from > said - 5_000, `${from} ${said}`);
    await watcher.endAsync();
  });

  it('killed again and again: each report opens one case at most, and what is missing lies in a recorded gap', async function () {
    this.timeout(120_000);
    const program = needs(this, 'mosquitto');
    await engine.close(); // the home is for the process that is killed
    mosquitto = await Mosquitto.start(program);
    const line = await edge(mosquitto.url);
    const sent = new Map<number, number>();
    let value = 0;
    const birth = (): Promise<void> => line.birth([{ name: 'Barcode', type: 'Int32', value }]);
    await birth();
    let commands = 0;
    const report = async (): Promise<void> => {
      if (line.commands.length > commands) {
        commands = line.commands.length;
        await birth();
      }
      value += 1;
      const at = Date.now();
      sent.set(value, at);
      await line.data([{ name: 'Barcode', type: 'Int32', value, timestamp: at }], at);
      await settle(2);
    };
    const nodes = JSON.stringify(flow({ keyFact: '', reorderMs: 50 }, { url: mosquitto.url }));
    const watcher = await device(mosquitto.url);
    let hostOnline = false;
    watcher.on('message', (_topic, payload) => { hostOnline = payload.toString().includes('true'); });
    await watcher.subscribeAsync(STATE, { qos: 1 });
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, [path.join(import.meta.dirname, 'support/node-process.ts'), home, nodes], { stdio: ['ignore', 'ignore', 'inherit'] });
      const exited = once(child, 'exit');
      await until(async () => {
        await report();
        return hostOnline;
      });
      if (round === 0) sent.clear(); // before its very first start Waybill has missed nothing
      for (let n = 0; n < 150; n += 1) await report();
      child.kill('SIGKILL');
      await exited;
      await until(() => !hostOnline);
      for (let n = 0; n < 10; n += 1) await report();
    }
    await watcher.endAsync();
    await open();
    await load(flow({ keyFact: '', reorderMs: 50 }, { url: mosquitto.url }));
    await online();
    await report();
    await until(() => line.commands.length > commands);
    await report();
    const last = value;
    const events = async (): Promise<readonly { readonly type: string; readonly data: unknown; readonly content?: unknown }[]> => await engine.ledger.readAll(1, 100_000) as never;
    const opened = async (): Promise<number[]> => (await events()).flatMap(({ type, content }) => (type === 'CaseOpened' ? [(content as { document: { report: { value: number } } }).document.report.value] : []));
    await until(async () => {
      await report();
      return (await opened()).some((one) => one >= last);
    });
    const values = await opened();
    const gaps = await gapsOf(engine);
    assert.equal(new Set(values).size, values.length, 'each opened once');
    assert.ok(values.length > 200, String(values.length));
    const newest = Math.max(...values);
    const missing = [...sent].filter(([one]) => one < newest && !values.includes(one));
    const covered = (at: number): boolean => gaps.some(({ fromTime, toTime }) => at >= Date.parse(String(fromTime)) - 5 && at <= Date.parse(String(toTime)) + 5);
    assert.ok(missing.length > 0 && gaps.length >= 3, `${missing.length} missing, ${gaps.length} gaps`);
    const left = missing.filter(([, at]) => !covered(at));
    assert.deepEqual(left.slice(0, 3), [], JSON.stringify({ left: [left[0], left.at(-1), left.length], gaps, values: [values[0], values.at(-1), values.length] }));
  });

  it('works with the broker of this process', async () => {
    embedded = await startEmbeddedBroker({ port: 0, authenticate: ({ user }) => Promise.resolve(user === 'gateway') });
    await load(flow());
    await online();
    const line = await EdgePeer.connect(embedded.url, 'Plant1', 'Line4', 0, { username: 'gateway', password: 'x' });
    peers.push(line);
    await line.birth([{ name: 'Barcode', type: 'String', value: '' }]);
    await line.data([{ name: 'Barcode', type: 'String', value: 'A' }]);
    await until(async () => (await cases()).length === 1);
  });

  it('says what is wrong with its configuration', async () => {
    await load(flow({ hostId: 'a/b' }, { url: 'mqtt://127.0.0.1:1' }));
    assert.match(lastStatus()?.text ?? '', /"a\/b" is no host id/);
    await reload(flow({ groups: 'Plant+' }, { url: 'mqtt://127.0.0.1:1' }));
    assert.match(lastStatus()?.text ?? '', /"Plant\+" is no group/);
    await reload([...flow({}, { url: 'mqtt://127.0.0.1:1' }), { id: 'other', z: 'tab', x: 1, y: 1, type: 'waybill-sparkplug-in', stepId: 'other', site: 'site', broker: 'broker', metrics: '*', reorderMs: 5, configVersion: 1, wires: [['close']] }]);
    const calls = (helper.getNode('other')?.status.getCalls() ?? []).filter(({ thisValue }) => thisValue.id === 'other');
    assert.match((calls.at(-1)?.args[0] as Shown | undefined)?.text ?? '', /Another sparkplug in node has the host id/);
  });

  it('holds no host for a node whose step id is taken', async () => {
    const one = flow({}, { url: 'mqtt://127.0.0.1:1' });
    await load([...one, { id: 'other', z: 'tab', x: 1, y: 1, type: 'waybill-sparkplug-in', stepId: 'in', site: 'site', broker: 'broker', metrics: '*', reorderMs: 100, configVersion: 1, wires: [['close']] }]);
    const calls = (helper.getNode('other')?.status.getCalls() ?? []).filter(({ thisValue }) => thisValue.id === 'other');
    assert.match((calls.at(-1)?.args[0] as Shown | undefined)?.text ?? '', /step id "in" is used by another node/);
    await reload(flow({ reorderMs: 5 }, { url: 'mqtt://127.0.0.1:1' }));
    assert.doesNotMatch(lastStatus()?.text ?? '', /Another sparkplug in node has the host id/);
  });
});

/** The gaps of intakes in the ledger, oldest first. */
async function gapsOf(engine: Engine): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await engine.ledger.readAll(1, 100_000)).flatMap((event) => (event.type === 'GapRecorded' && event.data.what !== 'clock' ? [{ ...event.data }] : []));
}
