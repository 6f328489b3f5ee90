import assert from 'node:assert/strict';
import { HTTP } from 'cloudevents';
import type { MqttClient } from 'mqtt';
import { needs } from '../support/system-programs.ts';
import { device, until } from '../intake/mqtt/support/device.ts';
import { Mosquitto } from '../intake/mqtt/support/mosquitto.ts';
import { end, opener, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';
import { OtherSystem } from './support/system.ts';

interface Heard { readonly topic: string; readonly event: Readonly<Record<string, unknown>>; readonly contentType: string | undefined; readonly userProperties: object | undefined }

const quick = { baseDelaySeconds: 0.02, maxDelaySeconds: 0.1, timeoutSeconds: 1, contract: 'receipt@1', schema: '{"type":"object","required":["po"]}' };

describe('event out node', () => {
  withNodeRed();
  let rig: Rig;

  describe('over MQTT', function () {
    let mosquitto: Mosquitto;
    let receiver: MqttClient;
    let heard: Heard[];

    const flow = (config: Readonly<Record<string, unknown>> = {}, broker: Readonly<Record<string, unknown>> = {}): FlowNode[] => [
      opener(['publish']), { id: 'broker', type: 'waybill-broker', url: mosquitto.url, clientId: 'waybill-event-out', configVersion: 1, ...broker },
      step('event-out', 'publish', { system: 'erp', to: 'mqtt', broker: 'broker', topic: '"acme/receipts/" & $facts.po', topicType: 'jsonata', eventType: 'com.example.goods.received', subject: 'po', subjectType: 'facts', wires: [['done'], ['refused']], ...quick, ...config }),
      end('done'), end('refused'),
    ];
    const data = { data: '{"po": $facts.po, "qty": "3"}', dataType: 'jsonata' };

    before(async function () {
      mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
    });
    after(() => mosquitto.remove());
    beforeEach(async () => {
      rig = await Rig.open();
      heard = [];
      receiver = await device(mosquitto.url, { protocolVersion: 5, clientId: 'erp', clean: false, properties: { sessionExpiryInterval: 600 } });
      receiver.on('message', (topic, payload, packet) => {
        const text = payload.toString();
        heard.push({ topic, event: JSON.parse(text) as Heard['event'], contentType: packet.properties?.contentType, userProperties: packet.properties?.userProperties });
      });
      await receiver.subscribeAsync('acme/receipts/#', { qos: 1 });
    });
    afterEach(async () => {
      await receiver.endAsync();
      await rig.close();
    });

    it('sends what was stored, under the key of its effect, and goes on when the broker has it', async () => {
      await rig.load(flow({ ...data, milestone: 'told' }));
      const caseId = await rig.start({ po: '4711' });
      assert.equal((await rig.closed(caseId)).outcome, 'done');
      await until(() => heard.length === 1);
      const [intended] = await rig.eventsOf(caseId, 'EffectIntended');
      const { event, contentType, topic } = heard[0] as Heard;
      assert.equal(topic, 'acme/receipts/4711');
      assert.equal(contentType, 'application/cloudevents+json');
      const { time, ...rest } = event;
      assert.deepEqual(rest, {
        specversion: '1.0', id: intended?.data.idempotencyKey, source: 'urn:waybill:acme:dc-1', type: 'com.example.goods.received', subject: '4711', datacontenttype: 'application/json', data: { po: '4711', qty: '3' },
      });
      assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
      assert.deepEqual((await rig.events(caseId)).map(({ type }) => type).filter((type) => /Effect|Call|Milestone/.test(type)), ['EffectIntended', 'CallStarted', 'CallEnded', 'MilestoneReached']);
    });

    it('puts attributes beside the data with MQTT 5, and says that 3.1.1 cannot', async () => {
      await rig.load(flow({ ...data, mode: 'binary', partitionKey: 'po' }));
      await rig.closed(await rig.start({ po: '4711' }));
      await until(() => heard.length === 1);
      assert.deepEqual(heard[0]?.event, { po: '4711', qty: '3' });
      assert.equal(heard[0]?.contentType, 'application/json');
      assert.deepEqual(Object.keys(heard[0]?.userProperties ?? {}).sort(), ['id', 'partitionkey', 'source', 'specversion', 'subject', 'time', 'type']);
      await rig.load(flow({ ...data, mode: 'binary', wires: [['done'], []] }, { protocol: '4', clientId: 'waybill-event-out-4' }));
      const raised = await rig.exception(await rig.start({ po: '4712' }));
      assert.match(raised.message, /MQTT 3\.1\.1, which carries events as JSON only/);
    });

    it('sends nothing that breaks its contract, and something once it is mended', async () => {
      await rig.load(flow({ data: '{"qty": $facts.qty, "po": $facts.order}', dataType: 'jsonata', topic: 'acme/receipts/x', topicType: 'str', schema: '{"required":["po"],"properties":{"qty":{"type":"integer"}}}', wires: [['done'], []] }));
      const raised = await rig.exception(await rig.start({ qty: 'three' }));
      assert.equal(raised.code, 'event-contract');
      assert.match(raised.message, /breaks the contract receipt@1: .*must have required property 'po'.*must be integer/);
      assert.equal((await rig.eventsOf(raised.case_id, 'EffectIntended')).length, 0);
      const answer = await rig.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'continue', code: 'tested', correction: { order: '4711', qty: 3 }, by: { userId: 'user-eve', name: 'eve', roles: ['engineer'], sites: ['*'], authMethod: 'password', channel: 'inbox' } });
      assert.deepEqual(answer, { ok: true });
      await rig.closed(raised.case_id);
      await until(() => heard.length === 1);
      assert.deepEqual(heard[0]?.event['data'], { qty: 3, po: '4711' });
    });

    it('waits while the broker is away, and sends under the same id when it is back', async () => {
      await rig.load(flow(data));
      await rig.closed(await rig.start({ po: '1' }));
      await mosquitto.stop('SIGKILL');
      const ids = await Promise.all(['2', '3', '4'].map((po) => rig.start({ po })));
      await until(async () => (await rig.eventsOf(ids[0] ?? '', 'CallEnded')).length > 1);
      await mosquitto.run();
      await Promise.all(ids.map((id) => rig.closed(id)));
      await until(() => new Set(heard.map(({ event }) => event['id'])).size >= 4);
      for (const id of ids) assert.equal((await rig.eventsOf(id, 'EffectIntended')).length, 1);
      const keys = await Promise.all(ids.map(async (id) => (await rig.eventsOf(id, 'EffectIntended'))[0]?.data.idempotencyKey));
      for (const key of keys) assert.ok(heard.some(({ event }) => event['id'] === key));
    }).timeout(30_000);

    it('has as many unacknowledged as the broker takes, and all of them arrive', async () => {
      await rig.load(flow(data));
      const before = heard.length;
      for (let i = 0; i < 60; i += 1) rig.send({ payload: { po: `p-${i}` } });
      await until(() => new Set(heard.slice(before).map(({ event }) => event['id'])).size === 60);
      assert.equal(rig.engine.metrics().counters['retries_scheduled'] ?? 0, 0);
    }).timeout(30_000);

    it('an event of one case opens another, by the broker', async () => {
      await rig.load([...flow(data), step('event-in', 'come', { site: 'site', broker: 'broker', topic: 'acme/receipts/#', key: '/subject', keyName: 'po', wires: [['taken']] }), { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 }, end('taken')]);
      await until(() => rig.shown('come').some(({ fill }) => fill === 'green'));
      await rig.start({ po: '4711' });
      await until(async () => (await rig.engine.ledger.listCases({}, { limit: 10 })).items.filter(({ outcome }) => outcome === 'taken').length === 1);
    });
  });

  describe('over HTTP', () => {
    let erp: OtherSystem;
    const flow = (config: Readonly<Record<string, unknown>> = {}): FlowNode[] => [
      opener(['publish']), step('event-out', 'publish', { system: 'erp', to: 'http', url: `${erp.url}/events`, urlType: 'str', eventType: 'com.example.goods.received', subject: 'Größe %', subjectType: 'str', ...quick, wires: [['done'], ['refused']], ...config }),
      end('done'), end('refused'),
    ];
    beforeEach(async () => {
      rig = await Rig.open();
      erp = await OtherSystem.start();
    });
    afterEach(async () => {
      await rig.close();
      await erp.stop();
    });

    it('is read by the SDK of the project, structured and binary, with the token that is not in the ledger', async () => {
      await rig.load(flow(), { publish: { token: 'geheim' } });
      const caseId = await rig.start({ po: '1' });
      await rig.closed(caseId);
      await rig.load(flow({ mode: 'binary' }), { publish: { token: 'geheim' } });
      await rig.closed(await rig.start({ po: '2' }));
      const [whole, binary] = erp.asked;
      assert.equal(whole?.headers.authorization, 'Bearer geheim');
      assert.ok(!JSON.stringify(await rig.events(caseId)).includes('geheim'));
      const read = HTTP.toEvent({ headers: whole?.headers ?? {}, body: JSON.stringify(whole?.body) });
      assert.ok(!Array.isArray(read) && read.subject === 'Größe %' && (read.data as { po?: string }).po === '1');
      assert.equal(binary?.headers['ce-subject'], 'Gr%C3%B6%C3%9Fe%20%25');
      const beside = HTTP.toEvent({ headers: binary?.headers ?? {}, body: JSON.stringify(binary?.body) });
      assert.ok(!Array.isArray(beside) && (beside.data as { po?: string }).po === '2');
    });

    it('sends again under the same id after a broken connection and 5xx, and waits as it is told', async () => {
      erp.answer = (_asked, nth) => (nth === 1 ? 'hang-up' : nth === 2 ? { status: 500 } : nth === 3 ? { status: 429, headers: { 'retry-after': '0' } } : { status: 202 });
      await rig.load(flow());
      await rig.closed(await rig.start({ po: '1' }));
      assert.equal(erp.asked.length, 4);
      assert.equal(new Set(erp.asked.map(({ body }) => (body as { id: string }).id)).size, 1);
    });

    it('leaves by the second output when it is refused for good', async () => {
      erp.answer = () => ({ status: 415 });
      await rig.load(flow());
      assert.equal((await rig.closed(await rig.start({ po: '1' }))).outcome, 'refused');
      assert.equal(erp.asked.length, 1);
    });
  });
});
