import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudEvent as Peer, MQTT } from 'cloudevents';
import type { MqttClient } from 'mqtt';
import helper, { type Shown } from 'node-red-node-test-helper';
import { openEngine } from '../../../src/engine/runtime.ts';
import { setCurrentWaybill } from '../../../src/engine/node-red/current.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { needs } from '../../support/system-programs.ts';
import { device, settle, until } from '../../intake/mqtt/support/device.ts';
import { Mosquitto } from '../../intake/mqtt/support/mosquitto.ts';
import registerSite from '../../../nodes/site/site.ts';
import registerBroker from '../../../nodes/broker/broker.ts';
import registerEventIn from '../../../nodes/event-in/event-in.ts';
import registerCaseClose from '../../../nodes/case-close/case-close.ts';

const NODES = [registerSite, registerBroker, registerEventIn, registerCaseClose];
const TOPIC = 'erp/berlin/events/asn';
const person = { userId: '00000000-0000-4000-8000-000000000001', name: 'Ada', roles: ['supervisor'], sites: ['*'], authMethod: 'password', channel: 'api' };

type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

function flow(url: string, changes: Readonly<Record<string, unknown>> = {}): FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'Events' },
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'broker', type: 'waybill-broker', url, clientId: 'waybill-event-test', configVersion: 1 },
    { id: 'event', z: 'tab', x: 100, y: 100, type: 'waybill-event-in', stepId: 'event', site: 'site', broker: 'broker', from: 'mqtt', topic: 'erp/+/events/#', key: '/data/asn', keyName: 'asn', configVersion: 1, wires: [['close']], ...changes },
    { id: 'close', z: 'tab', x: 300, y: 100, type: 'waybill-case-close', stepId: 'close', outcome: 'done', outcomeType: 'str', configVersion: 1 },
  ];
}

const asn = (id: string, changes: object = {}): object => ({ specversion: '1.0', id, source: 'https://erp.example/berlin', type: 'com.example.asn.sent', time: '2026-03-01T08:15:00Z', data: { asn: `A-${id}`, pallets: 3 }, ...changes });

describe('event in node over MQTT', function () {
  let home: string;
  let engine: Engine;
  let mosquitto: Mosquitto;
  let sender: MqttClient;

  async function load(nodes: readonly FlowNode[]): Promise<void> {
    await helper.load(NODES, nodes);
    await engine.flowsStarted('full');
    await until(() => ['green', 'red'].includes(lastStatus()?.fill ?? ''));
    await settle(60);
  }
  function lastStatus(): Shown | undefined {
    const calls = helper.getNode('event')?.status.getCalls() ?? [];
    return calls.filter(({ thisValue }) => thisValue.id === 'event').at(-1)?.args[0];
  }
  const counter = (name: string): number => engine.metrics().counters[`cloudevents_${name}`] ?? 0;
  const publish = (event: object | string, topic = TOPIC): Promise<unknown> => sender.publishAsync(topic, typeof event === 'string' ? event : JSON.stringify(event), { qos: 1 });

  before(async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    await new Promise<void>((resolve) => { helper.startServer(() => resolve()); });
  });
  after(async () => {
    await new Promise<void>((resolve) => { helper.stopServer(() => resolve()); });
    await mosquitto.remove();
  });
  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'waybill-event-in-'));
    engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined } });
    setCurrentWaybill(engine);
    sender = await device(mosquitto.url, { protocolVersion: 5 });
  });
  afterEach(async () => {
    await sender.endAsync(true);
    engine.flowsStopping();
    await helper.unload();
    await engine.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('opens one case for an event, however often it comes, structured or binary', async () => {
    await load(flow(mosquitto.url));
    await publish(asn('1'));
    await until(() => counter('opened') === 1);
    const { items } = await engine.ledger.listCases({}, { limit: 10 });
    assert.equal(items[0]?.title, 'com.example.asn.sent A-1');
    assert.deepEqual((await engine.caseView(items[0]?.case_id ?? ''))?.keys, [{ type: 'asn', value: 'A-1' }]);
    // the same event by the SDK of the project, its attributes beside the data
    const message = MQTT.binary(new Peer({ ...asn('1') } as never)) as unknown as { readonly PUBLISH: { readonly 'Content Type': string }; readonly 'User Properties': Record<string, string> };
    await sender.publishAsync(TOPIC, JSON.stringify({ asn: 'A-1', pallets: 3 }), { qos: 1, properties: { contentType: 'application/json', userProperties: Object.fromEntries(Object.entries(message['User Properties']).filter(([, value]) => typeof value === 'string')) } });
    await until(() => counter('duplicate') === 1);
    // another source may use the same id (CloudEvents §3.1.1)
    await publish(asn('1', { source: 'https://erp.example/hamburg' }));
    await until(() => counter('opened') === 2);
    const view = await engine.caseView(items[0]?.case_id ?? '');
    assert.deepEqual((view?.document['event'] as { data?: unknown } | undefined)?.data, { asn: 'A-1', pallets: 3 });
    const scanned = (await engine.ledger.readStream(items[0]?.case_id ?? '')).find(({ type }) => type === 'ScanRecorded');
    assert.equal(scanned?.occurredAt, '2026-03-01T08:15:00.000Z');
    await until(() => /connected · 3 events/.test(lastStatus()?.text ?? ''));
  });

  it('takes events of registered sources only, where it is to, and admits what waited once its source is registered', async () => {
    await load(flow(mosquitto.url, { devices: 'registered' }));
    await publish(asn('1'));
    await until(() => counter('quarantined') === 1);
    const [held] = (await engine.ledger.listQuarantine({}, { limit: 10 })).items;
    assert.deepEqual([held?.reason, held?.device_id], ['device-unregistered', 'https://erp.example/berlin']);
    assert.match(held?.message ?? '', /The device https:\/\/erp\.example\/berlin is not registered at this site; register it/);
    const registered = await engine.devices.register({ site: 'dc-1', deviceId: 'https://erp.example/berlin', kind: 'other', name: 'ERP', by: person });
    assert.ok(registered.ok);
    await publish(asn('2'));
    await until(() => counter('opened') === 1);
    const admitted = await engine.admitQuarantine({ quarantineId: held?.quarantine_id ?? '', message: JSON.stringify(asn('1')), reason: 'registered', by: person });
    assert.ok(admitted.ok);
    await engine.devices.block({ site: 'dc-1', deviceId: 'https://erp.example/berlin', reason: 'token lost', by: person });
    await publish(asn('3'));
    await until(() => counter('quarantined') === 2);
    assert.deepEqual((await engine.ledger.listQuarantine({}, { limit: 10 })).items.map(({ reason }) => reason).sort(), ['device-not-active', 'device-unregistered']);
  });

  const named = (id: string, dataschema: string | undefined, data: Record<string, unknown>): Record<string, unknown> => ({ ...asn(id), ...(dataschema === undefined ? {} : { dataschema }), data: { asn: `A-${id}`, ...data } });

  it('judges events by the contract whose URI they name, and takes those of unknown schemas with a note', async () => {
    const known = 'urn:waybill:contract:receipt:1.0.0';
    await load(flow(mosquitto.url, { bySchema: 'known', contract: '', schema: '' }));
    await publish(named('s1', known, { number: 'R-1' }));
    await publish(named('s2', 'https://example.com/unknown/1', {}));
    await publish(named('s3', undefined, {}));
    await until(() => counter('opened') === 2 && counter('quarantined') === 1);
    const [broken] = (await engine.ledger.listQuarantine({}, { limit: 10 })).items;
    assert.equal(broken?.reason, 'event-contract');
    assert.match(broken?.message ?? '', /breaks the contract receipt@1\.0\.0, whose schema it names: /);
    const schemas = await Promise.all((await engine.ledger.listCases({}, { limit: 10 })).items.map(async ({ case_id: id }) => (await engine.caseView(id))?.document['schema']));
    assert.deepEqual(schemas.filter((schema) => schema !== undefined), [{ uri: 'https://example.com/unknown/1' }]);
  });

  it('puts aside events of unknown schemas, and of none, where only known ones are taken', async () => {
    await load(flow(mosquitto.url, { bySchema: 'only', contract: '', schema: '' }));
    await publish(named('s4', 'https://example.com/unknown/1', {}));
    await publish(named('s5', undefined, {}));
    await until(() => counter('quarantined') === 2);
    const texts = (await engine.ledger.listQuarantine({}, { limit: 10 })).items.filter(({ reason }) => reason === 'event-schema').map(({ message }) => message);
    assert.ok(texts.some((text) => /the schema https:\/\/example\.com\/unknown\/1, which no contract of this site has/.test(text)) && texts.some((text) => /names no schema/.test(text)), texts.join(' '));
  });

  it('notes an unknown source, takes its event, and asks nobody where everybody may send', async () => {
    await load(flow(mosquitto.url, { devices: 'note' }));
    await publish(asn('1'));
    await until(() => counter('opened') === 1);
    assert.equal(engine.devices.get('dc-1', 'https://erp.example/berlin')?.seen?.messages, 1);
    engine.flowsStopping();
    await helper.unload();
    await load(flow(mosquitto.url));
    await publish(asn('2', { source: 'https://other.example/x' }));
    await until(() => counter('opened') === 2);
    assert.equal(engine.devices.get('dc-1', 'https://other.example/x'), undefined);
  });

  for (const topic of ['#', '+/#', '+/+/#', '$share/line-1/#', '/']) {
    it(`does not listen to ${topic}, which is whatever anybody publishes`, async () => {
      await load(flow(mosquitto.url, { topic }));
      assert.equal(lastStatus()?.fill, 'red');
      assert.match(lastStatus()?.text ?? '', /has no fixed level, so it would take whatever anybody publishes; say on which topics events come/);
    });
  }

  it('leaves other types and sources alone, and puts aside what breaks the contract, with what is wrong', async () => {
    const schema = JSON.stringify({ type: 'object', required: ['asn'], properties: { asn: { type: 'string' }, pallets: { type: 'integer', minimum: 1 } } });
    await load(flow(mosquitto.url, { types: 'com.example.asn.*, com.example.exact', sources: [{ source: 'https://erp.example/*', tokenHash: '' }], contract: 'asn@1', schema, dataschema: 'https://x.example/asn/1' }));
    const named = { dataschema: 'https://x.example/asn/1' };
    await publish(asn('1', { type: 'com.example.other', ...named }));
    await publish(asn('2', { source: 'https://foreign.example/x', ...named }));
    await publish(asn('3', { data: { asn: 7, pallets: 0 }, ...named }));
    await publish(asn('4'));
    await publish(asn('5', { time: 'yesterday', ...named }));
    await publish('{"specversion": ');
    await publish(asn('6', { data: { pallets: 1 }, ...named }));
    await publish(asn('7', { type: 'com.example.exact', ...named }));
    await until(() => counter('received') === 8);
    await until(() => counter('opened') === 1 && counter('ignored') === 2 && counter('quarantined') === 5);
    const { items } = await engine.ledger.listQuarantine({}, { limit: 10 });
    assert.deepEqual(items.map(({ reason }) => reason).sort(), ['event-attribute', 'event-contract', 'event-contract', 'event-not-json', 'event-schema']);
    const broken = items.find(({ message }) => message.includes('must be string'));
    assert.match(broken?.message ?? '', /^The data of the event breaks its contract: \/asn must be string; \/pallets must be >= 1\.$/);

    // a person mends it, and it opens its case once
    const mended = JSON.stringify(asn('3', { data: { asn: 'A-3', pallets: 2 }, ...named }));
    const quarantineId = broken?.quarantine_id ?? '';
    const wrong = await engine.previewQuarantine({ quarantineId, message: JSON.stringify(asn('3', { data: { asn: 'A-3', pallets: 0 }, ...named })), by: person });
    assert.ok(wrong.ok && !wrong.admissible && wrong.code === 'event-contract');
    const admitted = await engine.admitQuarantine({ quarantineId, message: mended, reason: 'pallets counted', by: person });
    assert.ok(admitted.ok && admitted.kind === 'opens', JSON.stringify(admitted));
    await publish(mended);
    await until(() => counter('duplicate') === 1);
  });

  it('reports events to cases that wait for them, once each', async () => {
    await load(flow(mosquitto.url, { does: 'report', eventName: 'asn-arrived', wires: [[]] }));
    await publish(asn('1'));
    await publish(asn('1'));
    await until(() => counter('reported') === 1 && counter('duplicate') === 1);
    assert.equal(engine.metrics().counters['events_reported'], 1);
    const { items } = await engine.ledger.listSignals({}, { limit: 10 });
    assert.equal(items[0]?.name, 'asn-arrived');
    await publish(asn('2', { data: { pallets: 3 } }));
    await until(() => counter('quarantined') === 1);
    assert.equal((await engine.ledger.listQuarantine({}, { limit: 1 })).items[0]?.reason, 'event-key');
  });

  it('keeps events at the broker while flows are deployed, and records a key once within its scope', async () => {
    await load(flow(mosquitto.url, { uniqueScope: 'asn' }));
    engine.flowsStopping();
    await helper.unload();
    for (let i = 0; i < 20; i += 1) await publish(asn(`${i}`, { data: { asn: `A-${i % 10}` } }));
    await settle();
    assert.equal(counter('opened'), 0);
    await load(flow(mosquitto.url, { uniqueScope: 'asn' }));
    await until(() => counter('opened') === 10 && counter('repeat') === 10);
  });

  describe('says in one sentence what is wrong', () => {
    const wrong: readonly [what: string, changes: object, says: RegExp][] = [
      ['every topic of the broker', { topic: '#' }, /has no fixed level, so it would take whatever anybody publishes/],
      ['a schema that is none', { schema: '{' }, /is no JSON/],
      ['a type with a star in the middle', { types: 'com.*.asn' }, /can only stand at the end/],
      ['a report without a key', { does: 'report', key: '' }, /say where it stands in the event/],
      ['a pointer that is none', { key: 'data' }, /is not a JSON pointer/],
      ['no broker', { broker: '' }, /No broker is set/],
      ['no step id', { stepId: '' }, /no step id/],
    ];
    for (const [what, changes, says] of wrong) {
      it(what, async () => {
        await load(flow(mosquitto.url, { ...changes }));
        assert.equal(lastStatus()?.fill, 'red');
        assert.match(lastStatus()?.text ?? '', says);
      });
    }
  });
});
