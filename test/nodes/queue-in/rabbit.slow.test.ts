import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import amqplib from 'amqplib';
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { fixedServices } from '../../../src/engine/services/source.ts';
import { NodeRedProcess } from '../../engine/support/node-red-process.ts';
import { BROKER_ACCOUNT, RabbitServer } from '../../support/rabbit-server.ts';
import { needs } from '../../support/system-programs.ts';
import { end, eventually, Rig, step, withNodeRed } from '../support/rig.ts';
import type { FlowNode } from '../support/rig.ts';
import { receiptService } from '../support/services.ts';

const answer: JsonObject = { type: 'object', required: ['number'], properties: { number: { type: 'string' }, quantity: { type: 'string', pattern: '^\\d+(\\.\\d+)?$' } } };
const take = (binding: JsonObject): ServiceDefinition['operations'][string] => ({ title: 'Take orders', effect: 'reads', recovery: { by: 'safe' }, answer, binding: { format: 'json', ...binding } });
const over091 = receiptService({
  id: 'wms/orders', system: 'wms', protocol: 'queue', binding: { amqp: '0-9-1' }, authentication: { kind: 'basic' }, timeouts: { connectMs: 15_000, headersMs: 15_000, totalMs: 15_000 },
  operations: {
    orders: take({ queue: 'orders', maxBytes: 2_000 }), rejects: take({ queue: 'rejects', onBad: 'reject' }), nowhere: take({ queue: 'nowhere' }), shift: take({ queue: 'shift' }), aside: take({ queue: 'aside' }),
    csv: take({ queue: 'csv', format: 'csv', layout: { delimiter: ';', records: [{ name: 'lines', many: true, fields: [{ name: 'number', column: 1 }, { name: 'quantity', column: 2, as: 'decimal' }] }] }, each: 'lines' }),
  },
});
delete (over091.operations['csv'] as { answer?: unknown }).answer;
const over10: ServiceDefinition = { ...over091, id: 'wms/orders-10', binding: { amqp: '1.0' }, operations: { ten: take({ address: '/amq/queue/ten' }) } };

describe('queue in at a real RabbitMQ', function () {
  this.timeout(240_000);
  let server: RabbitServer;
  let folder: string;

  before(async function () {
    server = await RabbitServer.start(needs(this, 'rabbitmq-server'));
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-queue-in-'));
    for (const [name, text] of Object.entries(BROKER_ACCOUNT)) writeFileSync(path.join(folder, name), text);
    await asOwner(async (channel) => {
      await channel.assertQueue('dead', { durable: true });
      for (const name of ['orders', 'ten', 'shift', 'csv', 'aside']) await channel.assertQueue(name, { durable: true });
      await channel.assertQueue('rejects', { durable: true, arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' } });
    });
  });
  after(async () => {
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function asOwner<T>(act: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const owner: ChannelModel = await amqplib.connect({ hostname: '127.0.0.1', port: server.port, username: BROKER_ACCOUNT.user, password: BROKER_ACCOUNT.password });
    try {
      return await act(await owner.createConfirmChannel());
    } finally {
      await owner.close();
    }
  }
  const bring = (queue: string, messages: readonly { readonly id?: string; readonly body: string }[], options: Options.Publish = {}): Promise<void> => asOwner(async (channel) => {
    for (const { id, body } of messages) channel.sendToQueue(queue, Buffer.from(body), { persistent: true, ...(id === undefined ? {} : { messageId: id }), ...options });
    await channel.waitForConfirms();
  });
  const left = (queue: string): Promise<{ readonly messageCount: number; readonly consumerCount: number }> => asOwner((channel) => channel.checkQueue(queue));
  const order = (number: string, quantity = '1.000000001'): string => JSON.stringify({ number, quantity });
  const system = (): FlowNode => ({ id: 'sys', type: 'waybill-system', name: 'wms-1', kind: 'wms', url: server.url, urlType: 'str', secrets: ['user', 'password'].map((name) => ({ name, value: path.join(folder, name), valueType: 'file' })) });
  const site: FlowNode = { id: 'site', type: 'waybill-site', siteId: 'dc-1' };
  const queueIn = (id: string, more: object = {}): FlowNode => step('queue-in', id, { site: 'site', systemNode: 'sys', service: 'wms/orders@1.0.0', operation: id, prefetch: 20, template: 'orders@1.0.0', key: '/number', keyName: 'order', wires: [['done']], ...more });

  describe('in one Node-RED', () => {
    withNodeRed();
    let rig: Rig;
    before(async () => {
      rig = await Rig.open();
      rig.engine.services = fixedServices([over091, over10]);
      await rig.load([system(), site, queueIn('orders'), queueIn('again', { operation: 'orders' }), queueIn('rejects'), queueIn('nowhere'), queueIn('csv', { key: '/number' }), queueIn('ten', { service: 'wms/orders-10@1.0.0' }), end('done')]);
      for (const id of ['orders', 'again', 'rejects', 'csv', 'ten']) await shows(id, /connected/);
    });
    after(async () => { await rig?.close(); });

    const shows = (id: string, text: RegExp): Promise<string> => eventually(() => {
      const { text: shown = '' } = rig.shown(id).at(-1) ?? {};
      return text.test(shown) ? shown : undefined;
    });
    const counter = (name: string): number => (rig.engine.metrics().counters as Readonly<Record<string, number>>)[name] ?? 0;
    const numbers = async (): Promise<readonly string[]> => (await rig.engine.ledger.listCases({}, { limit: 200 })).items.map(({ title }) => title.split(' ')[0] ?? '').sort();
    const wrong = async (): Promise<readonly string[]> => (await rig.engine.ledger.listQuarantine({}, { limit: 100 })).items.map(({ message }) => message);
    const empty = (queue: string): Promise<true> => eventually(async () => ((await left(queue)).messageCount === 0 ? true : undefined));

    it('opens one case for each message of a queue that two nodes share; the same again changes nothing', async () => {
      const ids = Array.from({ length: 20 }, (_none, i) => `a-${i}`);
      await bring('orders', [...ids, ...ids].map((id) => ({ id, body: order(id) })));
      await eventually(() => (counter('queue_opened') + counter('queue_duplicate') === 40 ? true : undefined));
      assert.deepEqual([await numbers(), counter('queue_opened')], [[...ids].sort(), 20]);
      const [first] = (await rig.engine.ledger.listCases({}, { limit: 1 })).items;
      const view = await rig.closed(first?.case_id ?? '');
      const number = String((view.document['document'] as JsonObject)['number']);
      assert.deepEqual([view.document['queue'], view.document['document'], view.keys], [{ format: 'json', name: 'orders', messageId: number }, { number, quantity: '1.000000001' }, [{ type: 'order', value: number }]]);
    });

    it('knows a message without an id by its content', async () => {
      await bring('orders', [{ body: order('b-1') }, { body: order('b-1') }, { body: order('b-2') }]);
      await eventually(() => (counter('queue_opened') + counter('queue_duplicate') === 43 ? true : undefined));
      assert.deepEqual((await numbers()).filter((number) => number.startsWith('b-')), ['b-1', 'b-2']);
    });

    it('puts aside what cannot be taken, and goes on', async () => {
      await bring('orders', [{ id: 'c-1', body: '{"number": "c' }, { id: 'c-2', body: order('c-2', 'many') }, { id: 'c-3', body: order('c'.repeat(3_000)) }, { id: 'a-1', body: order('another') }, { id: 'c-4', body: order('c-4') }]);
      await bring('orders', [{ id: 'c-5', body: order('c-5') }], { contentEncoding: 'gzip' });
      await eventually(async () => ((await wrong()).length === 5 && (await numbers()).includes('c-4') ? true : undefined));
      const said = (await wrong()).join('\n');
      for (const part of [/orders: It is no JSON in UTF-8/, /orders: .* breaks the contract of wms\/orders@1\.0\.0 orders: \/quantity/, /orders: The message has 30\d\d bytes, .* at most 2000/, /orders: "a-1" stands for another message/, /orders: The message is packed or encoded as "gzip"/]) assert.match(said, part);
      await empty('orders');
    });

    it('rejects it, where the service says so, for the dead letters of the queue', async () => {
      await bring('rejects', [{ id: 'd-1', body: 'no JSON' }]);
      await eventually(async () => ((await left('dead')).messageCount === 1 ? true : undefined));
      assert.match((await wrong()).join('\n'), /rejects: It is no JSON/);
    });

    it('takes lines of CSV as documents of their own', async () => {
      await bring('csv', [{ id: 'e', body: 'e-1;10.50\ne-2;3\n' }]);
      await eventually(async () => ((await numbers()).filter((number) => number.startsWith('e-')).length === 2 ? true : undefined));
    });

    it('takes messages over AMQP 1.0, once by their ids', async () => {
      const before = counter('queue_duplicate');
      await bring('ten', [...['f-1', 'f-2', 'f-1'].map((id) => ({ id, body: order(id) })), { id: 'f-3', body: 'no JSON' }]);
      await eventually(async () => ((await wrong()).some((message) => message.startsWith('/amq/queue/ten:')) && counter('queue_duplicate') > before ? true : undefined));
      await eventually(async () => ((await numbers()).filter((number) => number.startsWith('f-')).join() === 'f-1,f-2' ? true : undefined));
      await empty('ten');
    });

    it('says in one sentence that a queue is not there, once', async () => {
      assert.equal(await shows('nowhere', /not there/), 'The queue "nowhere" is not there; the broker\'s owner has to make it, or the service names the wrong one.');
      assert.equal(rig.shown('nowhere').filter(({ text = '' }) => text.includes('not there')).length, 1);
    });

    it('gives back what the ledger does not have, in order, when it is stopped', async () => {
      await rig.load([system(), site, end('done')]);
      assert.equal((await left('orders')).consumerCount, 0);
    });
  });

  it('loses nothing and does nothing twice when Node-RED and the broker are killed', async () => {
    const ids = Array.from({ length: 200 }, (_none, i) => `s-${String(i).padStart(3, '0')}`);
    // Senders do it twice as well.
    await bring('shift', ids.flatMap((id, i) => (i % 10 === 0 ? [id, id] : [id])).map((id) => ({ id, body: order(id) })));
    const flows = [{ id: 'tab', type: 'tab', label: 'shift' }, { ...system(), configVersion: 1 }, { ...site, configVersion: 1 }, queueIn('shift', { prefetch: 10 }), end('done')];
    const start = async (kill?: { readonly n: number; readonly at: 'before' | 'after' }): Promise<NodeRedProcess> => {
      const node = new NodeRedProcess(path.join(folder, 'node-red'));
      await node.ask('open', { home: path.join(folder, 'home'), flows, tuning: { poisonEpochs: 1_000 }, services: [over091], ...(kill === undefined ? {} : { kill: { kind: 'append', ...kill } }) });
      return node;
    };
    let killed = 0;
    for (const [n, at] of [[2, 'after'], [3, 'before'], [5, 'after'], [8, 'after'], [13, 'before'], [21, 'after']] as const) {
      const node = await start({ n: n + 20, at }).catch(() => undefined);
      await node?.ended;
      killed += 1;
    }
    const node = await start();
    await node.until(({ counts }) => counts.casesClosed > 20, 60_000);
    await server.kill();
    await server.run();
    const seen = await node.until(({ closed }) => closed.length >= 200, 120_000);
    await eventually(async () => ((await left('shift')).messageCount === 0 ? true : undefined));
    const { counts, counters } = await node.ask('look', {});
    await node.kill();
    assert.ok(killed === 6 && (counters as Readonly<Record<string, number>>)['queue_redelivered'] !== undefined, 'some came again');
    assert.deepEqual([seen.closed.length, counts.casesOpen, counts.quarantineHeld], [200, 0, 0]);
  });

  it('has a message in quarantine once when Node-RED is killed before it could acknowledge it', async () => {
    const flows = [{ id: 'tab', type: 'tab', label: 'aside' }, { ...system(), configVersion: 1 }, { ...site, configVersion: 1 }, queueIn('aside'), end('done')];
    const start = async (home: string, n: number): Promise<NodeRedProcess> => {
      const node = new NodeRedProcess(path.join(folder, 'node-red'));
      await node.ask('open', { home: path.join(folder, home), flows, tuning: {}, services: [over091], kill: { kind: 'append', n, at: 'after' } });
      return node;
    };
    const counted = await start('counted', 1_000);
    const { append: opened } = await counted.ask('counts', {});
    await counted.kill();
    const struck = await start('aside', opened + 1);
    await bring('aside', [{ id: 'bad', body: 'no JSON' }]);
    await struck.ended;
    const node = await start('aside', 1_000);
    const { counters } = await node.until((look) => ((look.counters as Readonly<Record<string, number>>)['queue_redelivered'] ?? 0) > 0, 60_000);
    await eventually(async () => ((await left('aside')).messageCount === 0 ? true : undefined));
    const { counts } = await node.ask('look', {});
    await node.kill();
    assert.deepEqual([counts.quarantineHeld, counts.casesOpen + counts.casesClosed, (counters as Readonly<Record<string, number>>)['queue_quarantined'] ?? 0], [1, 0, 0]);
  });
});
