import assert from 'node:assert/strict';
import type { MqttClient } from 'mqtt';
import type { EventReplay, ReplayEvents, ReplayEventsResult } from '../../src/engine/api.ts';
import { epcisEvent, timeZoneOffsets } from '../../src/intake/epcis/index.ts';
import { parseGs1 } from '../../src/intake/gs1/index.ts';
import { needs } from '../support/system-programs.ts';
import { schemaFaults } from '../intake/epcis/support.ts';
import { device, settle, until } from '../intake/mqtt/support/device.ts';
import { Mosquitto } from '../intake/mqtt/support/mosquitto.ts';
import { end, eventually, opener, person, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';

interface Heard { readonly topic: string; readonly id: string; readonly subject: string; readonly time: string; readonly data: unknown }

describe('events sent again from a date', function () {
  withNodeRed();
  let rig: Rig;
  let mosquitto: Mosquitto;
  let receiver: MqttClient;
  let heard: Heard[];
  const eve = person('eve', 'engineer');

  const flow = (config: Readonly<Record<string, unknown>> = {}): FlowNode[] => [
    opener(['publish']), { id: 'broker', type: 'waybill-broker', url: mosquitto.url, clientId: 'waybill-replay', configVersion: 1 },
    step('event-out', 'publish', {
      system: 'erp', to: 'mqtt', broker: 'broker', topic: '"acme/out/" & $facts.po', topicType: 'jsonata', eventType: 'com.example.goods.received', subject: 'po', subjectType: 'facts',
      data: '{"po": $facts.po}', dataType: 'jsonata', baseDelaySeconds: 0.02, maxDelaySeconds: 0.1, timeoutSeconds: 1, wires: [['done'], ['refused']], ...config,
    }),
    end('done'), end('refused'),
  ];
  async function replay(input: Partial<ReplayEvents> = {}): Promise<ReplayEventsResult> {
    const result = await rig.engine.replayEvents({ from: '2020-01-01T00:00:00.000Z', reason: 'the ERP was restored', ratePerSecond: 200, dryRun: false, by: eve, ...input });
    assert.ok(result.ok, JSON.stringify(result));
    return result;
  }
  const ended = (replayId: string | undefined): Promise<EventReplay> => eventually(async () => (await rig.engine.eventReplays(eve)).find((one) => one.replayId === replayId && one.status !== 'running'));
  async function sent(...orders: string[]): Promise<readonly string[]> {
    for (const po of orders) await rig.closed(await rig.start({ po }));
    await until(() => heard.length >= orders.length);
    return heard.map(({ id }) => id);
  }

  before(async function () { mosquitto = await Mosquitto.start(needs(this, 'mosquitto')); });
  after(() => mosquitto.remove());
  beforeEach(async () => {
    rig = await Rig.open();
    heard = [];
    receiver = await device(mosquitto.url, { protocolVersion: 5, clientId: 'erp', clean: true });
    receiver.on('message', (topic, payload) => { heard.push({ topic, ...JSON.parse(payload.toString()) as Omit<Heard, 'topic'> }); });
    await receiver.subscribeAsync('acme/out/#', { qos: 1 });
  });
  afterEach(async () => {
    await receiver.endAsync();
    await rig.close();
  });

  it('are the same events, in their order, and it is on record who, why, what and how many', async () => {
    await rig.load(flow());
    await sent('a', 'b', 'c');
    const first = [...heard];
    const dry = await replay({ dryRun: true });
    assert.deepEqual([dry.replayId, dry.total, dry.found.map(({ type, events }) => [type, events])], [undefined, 3, [['com.example.goods.received', 3]]]);
    const { replayId, total } = await replay();
    assert.equal(total, 3);
    const done = await ended(replayId);
    assert.deepEqual([done.status, done.sent, done.notSent, done.failures], ['done', 3, 0, 0]);
    assert.deepEqual(heard, [...first, ...first], 'id, time and data are those of the first time');
    const events = await rig.engine.ledger.readStream('event-replays');
    assert.deepEqual(events.map(({ type }) => type), ['EventReplayStarted', 'EventReplayProgressed', 'EventReplayEnded']);
    const [started] = events;
    assert.ok(started?.type === 'EventReplayStarted');
    assert.deepEqual([started.actor.kind, started.data.total, started.data.fromTime, started.content?.reason], ['person', 3, '2020-01-01T00:00:00.000Z', 'the ERP was restored']);
    assert.doesNotMatch(JSON.stringify(started.data), /eve/, 'a pseudonym');
  });

  it('say their place when told to, each a later one than the one before, and the same one when they are sent again', async () => {
    await rig.load(flow({ sequence: true }));
    await sent('a', 'b', 'c', 'd');
    await ended((await replay()).replayId);
    await until(() => heard.length === 8);
    const places = heard.map((event) => (event as unknown as { readonly sequence: string }).sequence);
    const first = places.slice(0, 4);
    assert.deepEqual(places.slice(4), first);
    assert.deepEqual([...new Set(first)].sort(), first, 'they compare as text');
  });

  it('are chosen by time, type, node and site', async () => {
    await rig.load(flow());
    await sent('a');
    const between = new Date(Date.now() + 1).toISOString();
    await settle(10);
    await sent('b', 'c');
    const node = (await replay({ dryRun: true })).found[0]?.node ?? '';
    assert.match(node, /\/publish$/);
    const counted = async (input: Partial<ReplayEvents>): Promise<number> => (await replay({ ...input, dryRun: true })).total;
    assert.deepEqual([await counted({ to: between }), await counted({ from: between }), await counted({ type: 'com.example.other' }), await counted({ node: 'x/y' }), await counted({ node, site: 'dc-1' })], [1, 2, 0, 0, 3]);
    assert.equal((await rig.engine.replayEvents({ from: between, to: '2020-01-01T00:00:00.000Z', reason: 'x', ratePerSecond: 1, dryRun: true, by: eve }) as { code?: string }).code, 'range-empty');
    const far = { ...eve, sites: ['dc-9'] };
    assert.equal((await rig.engine.replayEvents({ from: '2020-01-01T00:00:00.000Z', reason: 'x', ratePerSecond: 1, dryRun: false, by: far }) as { code?: string }).code, 'nothing-to-replay');
    assert.deepEqual(await rig.engine.eventReplays(far), []);
  });

  it('what its own step is still to send is left to that', async () => {
    await rig.load(flow());
    await sent('a');
    await rig.load([opener(['publish']), { id: 'broker', type: 'waybill-broker', url: 'mqtt://127.0.0.1:9', clientId: 'nowhere', configVersion: 1 }, ...flow().slice(2)]);
    const waiting = await rig.start({ po: 'b' });
    await eventually(async () => ((await rig.eventsOf(waiting, 'EffectIntended')).length > 0 ? true : undefined));
    const { replayId } = await replay();
    await eventually(async () => (await rig.engine.eventReplays(eve))[0]?.problem);
    await rig.load(flow());
    const done = await ended(replayId);
    assert.equal(done.sent + done.notSent, 2);
    await rig.closed(waiting);
    await until(() => heard.filter(({ subject }) => subject === 'b').length >= 1);
    assert.equal(new Set(heard.filter(({ subject }) => subject === 'b').map(({ id }) => id)).size, 1);
  });

  it('a node that is gone, or sends otherwise now, is named; the others go on', async () => {
    await rig.load(flow());
    await sent('a');
    await rig.load(flow({ to: 'http', url: 'http://127.0.0.1:9/', urlType: 'str' }));
    const otherwise = await ended((await replay()).replayId);
    assert.deepEqual([otherwise.sent, otherwise.failures, otherwise.failed.map(({ code }) => code)], [0, 1, ['sent-otherwise']]);
    await rig.load([opener(['done']), end('done')]);
    const gone = await ended((await replay()).replayId);
    assert.deepEqual(gone.failed.map(({ code }) => code), ['no-node']);
  });

  it('is stopped by a person, asked for once under a key, and goes on after a stop of the process', async () => {
    await rig.load(flow());
    await sent('a', 'b', 'c', 'd');
    heard = [];
    const slow = await replay({ ratePerSecond: 2, commandKey: 'key-1' });
    assert.equal((await replay({ ratePerSecond: 2, commandKey: 'key-1' })).replayId, slow.replayId);
    await until(() => heard.length >= 2);
    await rig.close(true);
    rig = await Rig.open({}, { home: rig.home });
    await rig.load(flow());
    const done = await ended(slow.replayId);
    assert.equal(done.status, 'done');
    assert.deepEqual([...new Set(heard.map(({ subject }) => subject))], ['a', 'b', 'c', 'd'], 'none is left out');
    const other = await replay({ ratePerSecond: 0.5 });
    assert.deepEqual(await rig.engine.stopEventReplay({ replayId: other.replayId ?? '', by: eve }), { ok: true });
    assert.equal((await ended(other.replayId)).status, 'stopped');
    assert.equal((await rig.engine.stopEventReplay({ replayId: other.replayId ?? '', by: eve }) as { code?: string }).code, 'event-replay-ended');
  });

  it('the EPCIS event of a case is sent as an EPCISDocument that GS1\'s schema takes', async () => {
    await rig.load(flow({ dataType: 'epcis', data: '' }));
    const gs1 = parseGs1('(00)340123450000000015(02)09506000134352(37)24'.replace('340123450000000015', '395210030100000039'), { referenceYear: 2026 });
    assert.ok(gs1.ok);
    const epcis = epcisEvent({ gs1, quantity: '24' }, { at: Date.now(), variables: { station: 'dock-1' }, scanId: '1' }, {
      bizStep: 'receiving', readPoint: '', bizLocation: '', companyPrefixes: [], gln: '', enterprise: 'acme', site: 'dc-1', offsetAt: timeZoneOffsets('UTC'),
    });
    await rig.closed(await rig.start({ po: 'a', epcis }));
    await until(() => heard.length === 1);
    const data = heard[0]?.data as { readonly epcisBody: { readonly eventList: readonly { readonly eventID: string }[] } };
    assert.deepEqual(schemaFaults(data), []);
    assert.deepEqual(data.epcisBody.eventList.map(({ eventID }) => eventID), [epcis?.eventID]);
    const without = await rig.closed(await rig.start({ po: 'b' }));
    assert.equal(without.outcome, 'refused');
  });
});
