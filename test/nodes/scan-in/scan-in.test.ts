import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MqttClient } from 'mqtt';
import type { NodeAPI } from 'node-red';
import helper, { type Shown } from 'node-red-node-test-helper';
import { openEngine } from '../../../src/engine/runtime.ts';
import { setCurrentWaybill } from '../../../src/engine/node-red/current.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { startEmbeddedBroker, type EmbeddedBroker } from '../../../src/intake/mqtt/index.ts';
import { schemaFaults } from '../../intake/epcis/support.ts';
import { needs } from '../../support/system-programs.ts';
import { device, settle, until } from '../../intake/mqtt/support/device.ts';
import { Mosquitto } from '../../intake/mqtt/support/mosquitto.ts';
import registerSite from '../../../nodes/site/site.ts';
import registerBroker from '../../../nodes/broker/broker.ts';
import registerScanIn from '../../../nodes/scan-in/scan-in.ts';
import registerCaseClose from '../../../nodes/case-close/case-close.ts';

const registerTls = createRequire(import.meta.url)('@node-red/nodes/core/network/05-tls.js') as (RED: NodeAPI) => void;

const NODES = [registerTls, registerSite, registerBroker, registerScanIn, registerCaseClose];
const TOPIC = 'acme/dc-1/receiving/dock-1/scan';
const DISPLAY = 'acme/dc-1/receiving/dock-1/display';

const PACKAGING = [{ gtin: '19506000134359', contained: '9506000134352', quantity: '12', unit: 'EA' }];

type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

function flow(changes: Readonly<Record<string, unknown>> = {}, broker: Readonly<Record<string, unknown>> = {}): FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'Receiving' },
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'broker', type: 'waybill-broker', url: '', configVersion: 1, ...broker },
    { id: 'scan', z: 'tab', x: 100, y: 100, type: 'waybill-scan-in', stepId: 'scan', site: 'site', broker: 'broker', configVersion: 1, wires: [['close']], ...changes },
    { id: 'close', z: 'tab', x: 300, y: 100, type: 'waybill-case-close', stepId: 'close', outcome: 'done', outcomeType: 'str', configVersion: 1 },
  ];
}

describe('scan in node', () => {
  let home: string;
  let engine: Engine;
  let broker: EmbeddedBroker | undefined;
  const devices: MqttClient[] = [];

  async function load(nodes: readonly FlowNode[]): Promise<void> {
    await helper.load(NODES, nodes);
    await engine.flowsStarted('full');
  }
  function lastStatus(): Shown | undefined {
    // the helper spies on the prototype, so the calls of all nodes are there
    const calls = helper.getNode('scan')?.status.getCalls() ?? [];
    return calls.filter(({ thisValue }) => thisValue.id === 'scan').at(-1)?.args[0];
  }
  async function attach(url: string): Promise<MqttClient> {
    const client = await device(url);
    devices.push(client);
    return client;
  }
  /** Of all cases, in the order in which they were opened. */
  async function scans(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { items } = await engine.ledger.listCases({}, { limit: 10 });
    const views = await Promise.all(items.map((item) => engine.caseView(item.case_id)));
    return views.reverse().map((view) => view?.document['scan'] as Readonly<Record<string, unknown>>);
  }
  function counter(name: string): number {
    return engine.metrics().counters[name] ?? 0;
  }

  before(function (done) {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    helper.startServer(done);
  });
  after((done) => { helper.stopServer(done); });

  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'waybill-scan-in-'));
    engine = await openEngine({
      settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined },
    });
    setCurrentWaybill(engine);
  });
  afterEach(async () => {
    for (const client of devices.splice(0)) await client.endAsync(true);
    engine.flowsStopping();
    await helper.unload();
    await broker?.close(50);
    broker = undefined;
    await engine.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('makes an EPCIS event of each scan, a repeat as well, that GS1\'s schema takes; a wrong place is named on the node', async () => {
    broker = await startEmbeddedBroker({ port: 0, scanTopics: ['+/+/+/+/scan'] });
    const nodes = flow({ epcis: true, readPoint: '{gln}/{station}' }).map((node) => (node.id === 'site' ? { ...node, gln: '4012345000009', timeZone: 'Asia/Tokyo' } : node));
    await load(nodes);
    const scanner = await attach(broker.url);
    const publish = (id: string): Promise<unknown> => scanner.publishAsync(TOPIC, JSON.stringify({ id, code: '(00)395210030100000039(02)09506000134352(37)24', device: 'S1', time: '2026-03-01T08:00:00Z' }), { qos: 1 });
    await publish('1');
    await publish('2');
    const [row] = (await engine.ledger.listCases({}, { limit: 10 })).items;
    assert.ok(row);
    const events = (await engine.ledger.readStream(row.case_id)).flatMap((event) => (event.type === 'ScanRecorded' ? [event.content?.scan?.['epcis'] as Readonly<Record<string, unknown>>] : []));
    assert.equal(events.length, 2);
    for (const event of events) assert.deepEqual(schemaFaults(event), []);
    assert.deepEqual((await engine.caseView(row.case_id))?.document['epcis'], events[0]);
    const { type, parentID, childQuantityList, readPoint, eventTime, eventTimeZoneOffset } = events[0] ?? {};
    assert.deepEqual({ type, parentID, childQuantityList, readPoint, eventTime, eventTimeZoneOffset }, {
      type: 'AggregationEvent', parentID: 'https://id.gs1.org/00/395210030100000039', childQuantityList: [{ epcClass: 'https://id.gs1.org/01/09506000134352', quantity: 24 }],
      readPoint: { id: 'https://id.gs1.org/414/4012345000009/254/dock-1' }, eventTime: '2026-03-01T08:00:00.000Z', eventTimeZoneOffset: '+09:00',
    });
    assert.notEqual(events[0]?.['eventID'], events[1]?.['eventID'], 'two scans are two events');
    await helper.unload();
    await load(flow({ epcis: true, readPoint: '4012345000001' }));
    assert.match(lastStatus()?.text ?? '', /EPCIS: "4012345000001" is no GLN: 13 digits/);
  });

  it('turns a scan into a case that is in the ledger when the device hears so, and tells the dock', async () => {
    broker = await startEmbeddedBroker({ port: 0 });
    await load(flow());
    const scanner = await attach(broker.url);
    const heard: { kind: string; text: string; title: string }[] = [];
    scanner.on('message', (_topic, payload) => { heard.push(JSON.parse(payload.toString()) as (typeof heard)[number]); });
    await scanner.subscribeAsync(DISPLAY);
    await scanner.publishAsync(TOPIC, JSON.stringify({ id: 'e-1', code: '(00)340123450000000086', operator: 'anna' }), { qos: 1 });
    const { items } = await engine.ledger.listCases({}, { limit: 10 });
    assert.equal(items.length, 1);
    assert.equal(items[0]?.title, 'SSCC 340123450000000086');
    assert.equal(items[0]?.site, 'dc-1');
    await until(() => heard.some(({ kind }) => kind === 'closed'));
    assert.deepEqual(heard.map(({ kind, text }) => [kind, text]), [['recorded', 'Recorded'], ['closed', 'Received']]);

    await scanner.publishAsync(TOPIC, JSON.stringify({ id: 'e-2', code: '(00)340123450000000086' }), { qos: 1 });
    await scanner.publishAsync(TOPIC, JSON.stringify({ id: 'e-2', code: '(00)340123450000000086' }), { qos: 1 });
    await until(() => heard.length === 3);
    assert.equal(heard[2]?.text, 'Already received');
    assert.deepEqual([counter('scans_opened'), counter('scans_repeat'), counter('scans_duplicate')], [1, 1, 1]);
    assert.equal((await engine.ledger.listCases({}, { limit: 10 })).items.length, 1);
    await until(() => /connected · 3 scans/.test(lastStatus()?.text ?? ''));
  });

  it('puts what cannot be read into quarantine, acknowledges it, and says so at the dock', async () => {
    broker = await startEmbeddedBroker({ port: 0, maxPacketBytes: 256 * 1024 });
    await load(flow());
    const scanner = await attach(broker.url);
    const heard: { text: string }[] = [];
    scanner.on('message', (_topic, payload) => { heard.push(JSON.parse(payload.toString()) as { text: string }); });
    await scanner.subscribeAsync(DISPLAY);
    await scanner.publishAsync(TOPIC, '{"code": ', { qos: 1 });
    await scanner.publishAsync(TOPIC, Buffer.from([0xff, 0x00, 0x80]), { qos: 1 });
    await scanner.publishAsync(TOPIC, Buffer.alloc(1024 * 1024), { qos: 1 });
    await scanner.publishAsync('acme/dc-7/receiving/dock-1/scan', '(00)340123450000000086', { qos: 1 });
    await scanner.publishAsync('acme/scan', '(00)340123450000000086', { qos: 1 });
    const { items } = await engine.ledger.listQuarantine({}, { limit: 10 });
    assert.deepEqual(items.map(({ reason }) => reason).sort(), ['invalid-utf8', 'malformed-json', 'payload-too-large', 'topic-outside-pattern', 'unknown-site']);
    assert.equal(counter('scans_quarantined'), 5);
    await until(() => heard.length === 3);
    assert.match(heard[0]?.text ?? '', /^Problem: /);
    await until(() => /5 put aside/.test(lastStatus()?.text ?? ''));
  });

  it('keeps the device waiting while flows are deployed, and loses nothing', async () => {
    broker = await startEmbeddedBroker({ port: 0 });
    await load(flow());
    const scanner = await attach(broker.url);
    let acked = 0;
    engine.flowsStopping();
    for (let i = 0; i < 5; i += 1) scanner.publish(TOPIC, JSON.stringify({ id: `d-${i}`, code: '(01)09506000134352', quantity: 1 }), { qos: 1 }, () => { acked += 1; });
    await settle();
    assert.equal(acked, 0);
    await helper.unload();
    await settle();
    assert.equal(acked, 0);
    await load(flow({ name: 'changed' }));
    await until(() => acked === 5);
    assert.equal(counter('cases_opened'), 5);
  });

  it('works the same on Mosquitto: acknowledged after the commit, kept over a redeploy', async function () {
    const mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    try {
      await load(flow({}, { url: mosquitto.url, clientId: 'waybill-node-test' }));
      await until(() => lastStatus()?.fill === 'green');
      await settle();
      const scanner = await attach(mosquitto.url);
      const heard: string[] = [];
      scanner.on('message', (_topic, payload) => { heard.push((JSON.parse(payload.toString()) as { kind: string }).kind); });
      await scanner.subscribeAsync(DISPLAY);
      await scanner.publishAsync(TOPIC, '{"id": "m-1", "code": "(00)340123450000000086"}', { qos: 1 });
      await until(() => heard.includes('closed'));

      engine.flowsStopping();
      await helper.unload();
      for (let i = 0; i < 20; i += 1) await scanner.publishAsync(TOPIC, JSON.stringify({ id: `m-${i + 2}`, code: '(01)09506000134352' }), { qos: 1 });
      await load(flow({}, { url: mosquitto.url, clientId: 'waybill-node-test' }));
      await until(() => counter('cases_opened') === 21);
    } finally {
      engine.flowsStopping();
      await helper.unload();
      await mosquitto.remove();
    }
  });

  it('counts packs in base units, and has second quantity and price', async () => {
    broker = await startEmbeddedBroker({ port: 0 });
    await load(flow({ packaging: PACKAGING }));
    const scanner = await attach(broker.url);
    await scanner.publishAsync(TOPIC, JSON.stringify({ id: 'p-1', code: ']C10119506000134359', quantity: 3 }), { qos: 1 });
    await scanner.publishAsync(TOPIC, JSON.stringify({ id: 'p-2', code: ']C10199521234543216310300019539329780299' }), { qos: 1 });
    await scanner.publishAsync(TOPIC, JSON.stringify({ id: 'p-3', code: ']C10129506000134356' }), { qos: 1 });
    assert.deepEqual(await scans(), [
      { code: ']C10119506000134359', gtin: '19506000134359', quantity: '3', baseGtin: '09506000134352', baseQuantity: '36', baseUnit: 'EA' },
      {
        code: ']C10199521234543216310300019539329780299', gtin: '99521234543216', netWeightKg: '0.195', baseGtin: '99521234543216', baseQuantity: '1',
        secondQuantity: '0.195', secondUnit: 'KGM', measures: [{ ai: '3103', quantity: '0.195', unit: 'KGM' }], price: '2.99', priceCurrency: 'EUR',
      },
      { code: ']C10129506000134356', gtin: '29506000134356', packaging: 'unknown' },
    ]);
  });

  it('puts an unknown pack into quarantine where it is to, and takes it when its row is deployed', async () => {
    broker = await startEmbeddedBroker({ port: 0 });
    await load(flow({ packaging: PACKAGING, unknownPacks: 'quarantine' }));
    const scanner = await attach(broker.url);
    const layer = JSON.stringify({ id: 'l-1', code: '29506000134356' });
    await scanner.publishAsync(TOPIC, layer, { qos: 1 });
    const [held] = (await engine.ledger.listQuarantine({}, { limit: 10 })).items;
    assert.equal(held?.reason, 'unknown-pack');
    assert.match(held?.message ?? '', /add it there.*by its indicator digit a pack of 09506000134352/);
    assert.equal(counter('cases_opened'), 0);

    engine.flowsStopping();
    await helper.unload();
    await load(flow({ packaging: [...PACKAGING, { gtin: '29506000134356', contained: '19506000134359', quantity: '5', unit: '' }], unknownPacks: 'quarantine' }));
    await scanner.publishAsync(TOPIC, layer, { qos: 1 });
    assert.deepEqual((await scans()).map((scan) => scan['baseQuantity']), ['60']);
  });

  it('uses the broker of its process also when that one\'s address is given', async () => {
    broker = await startEmbeddedBroker({ port: 0 });
    await load(flow({}, { url: `mqtt://localhost:${broker.port}` }));
    const scanner = await attach(broker.url);
    await scanner.publishAsync(TOPIC, '(00)340123450000000086', { qos: 1 });
    assert.equal(counter('cases_opened'), 1);
    assert.equal(broker.clients, 1, 'the scanner alone');
  });

  describe('says in one sentence what is wrong', () => {
    const wrong: readonly [what: string, flow: () => readonly FlowNode[], says: RegExp][] = [
      ['no site', () => flow({ site: '' }).filter(({ id }) => id !== 'site'), /No site is set; add a site node/],
      ['a site node that is gone', () => flow({ site: 'gone' }), /site node of this node no longer exists/],
      ['no broker', () => flow({ broker: '' }), /No broker is set; choose a broker node/],
      ['a broker node that is gone', () => flow({ broker: 'gone' }), /broker node is missing or disabled/],
      ['no address and no broker in this process', () => flow(), /No broker runs in this process; give the broker node an address/],
      ['an address that is none', () => flow({}, { url: 'broker.example' }), /is no address of a broker/],
      ['a TLS node that is gone', () => flow({}, { url: 'mqtts://127.0.0.1:1', tls: 'gone' }), /TLS node of the broker is missing or disabled/],
      ['a TLS node without its key', () => [...flow({}, { url: 'mqtts://127.0.0.1:1', tls: 'tls' }), { id: 'tls', type: 'tls-config', cert: '/nowhere/client.crt', key: '/nowhere/client.key' }], /cannot read its key or certificate/],
      ['instances that share without an id each', () => flow({}, { url: 'mqtt://127.0.0.1:1', sharedGroup: 'line-1' }), /need a client id each/],
      ['nothing at the address', () => flow({}, { url: 'mqtt://127.0.0.1:1' }), /cannot be reached: nothing listens there/],
      ['a pattern that cannot be one', () => flow({ pattern: 'a/#' }, { url: 'mqtt://127.0.0.1:1' }), /topic pattern must be fixed text/],
      ['a pack whose indicator digit does not fit', () => flow({ packaging: [{ gtin: '19506000139996', contained: '9506000134352', quantity: '12', unit: '' }] }, { url: 'mqtt://127.0.0.1:1' }), /Packaging levels, row 1: .* it would be 19506000134359/],
      ['packaging levels that are none', () => flow({ packaging: [7] }, { url: 'mqtt://127.0.0.1:1' }), /row 1: "" is no GTIN/],
      ['a pattern that would take everything', () => flow({ pattern: '{area}/{station}' }, { url: 'mqtt://127.0.0.1:1' }), /"\{area\}\/\{station\}" has no fixed level, so it would take whatever anybody publishes/],
      ['no step id', () => flow({ stepId: '' }), /has no step id/],
      ['a configuration of a newer Waybill', () => flow({ configVersion: 99 }), /newer Waybill/],
    ];
    for (const [what, nodes, says] of wrong) {
      it(what, async () => {
        await load(nodes());
        await until(() => lastStatus()?.fill === 'red');
        assert.equal(lastStatus()?.shape, 'ring');
        assert.match(lastStatus()?.text ?? '', says);
      });
    }
  });
});
