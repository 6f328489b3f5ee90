import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { MqttClient } from 'mqtt';
import { MqttIntakeError, runningEmbeddedBroker, startEmbeddedBroker, type EmbeddedBroker, type EmbeddedBrokerOptions } from '../../../src/intake/mqtt/index.ts';
import { Publisher } from '../../../bench/publisher.ts';
import { freePort } from '../../../scripts/lib/free-port.ts';
import { closing, device, settle, until } from './support/device.ts';
import { Taker } from './support/taker.ts';

const TOPIC = 'acme/dc-1/receiving/dock-1/scan';

describe('embedded broker', () => {
  const brokers: EmbeddedBroker[] = [];
  const devices: MqttClient[] = [];

  async function start(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
    const broker = await startEmbeddedBroker({ port: 0, ...options });
    brokers.push(broker);
    return broker;
  }
  async function attach(broker: EmbeddedBroker, options: Parameters<typeof device>[1] = {}): Promise<MqttClient> {
    const client = await device(broker.url, options);
    devices.push(client);
    return client;
  }
  /** Publishes at QoS 1 and notes when the PUBACK came. */
  function publish(client: MqttClient, payload: string | Buffer, acked: string[] = [], topic = TOPIC): void {
    client.publish(topic, payload, { qos: 1 }, (error) => {
      if (error === undefined || error === null) acked.push(payload.toString());
    });
  }

  afterEach(async () => {
    for (const client of devices.splice(0)) await client.endAsync(true);
    for (const broker of brokers.splice(0)) await broker.close(50);
  });

  it('acknowledges a scan after its commit, not before', async () => {
    const broker = await start();
    const taker = new Taker();
    taker.subscribe(broker.source);
    const scanner = await attach(broker);
    const acked: string[] = [];
    publish(scanner, 'one', acked);
    await taker.count(1);
    await settle();
    assert.deepEqual(acked, []);
    taker.taken[0]?.commit();
    await until(() => acked.length === 1);
    assert.equal(taker.taken[0]?.message.topic, TOPIC);
    assert.equal(taker.taken[0]?.message.qos, 1);
  });

  it('MQTT-4.6.0-2: acknowledges one device in the order of its messages, however the commits overtake each other', async () => {
    const broker = await start();
    const taker = new Taker();
    taker.subscribe(broker.source);
    const scanner = await attach(broker);
    const acked: string[] = [];
    for (const text of ['a', 'b', 'c']) publish(scanner, text, acked);
    await taker.count(3);
    assert.deepEqual(taker.texts, ['a', 'b', 'c']);
    taker.taken[2]?.commit();
    taker.taken[1]?.commit();
    await settle();
    assert.deepEqual(acked, []);
    taker.taken[0]?.commit();
    await until(() => acked.length === 3);
    assert.deepEqual(acked, ['a', 'b', 'c']);
  });

  it('does not keep one device waiting for another', async () => {
    const broker = await start();
    const taker = new Taker();
    taker.subscribe(broker.source);
    const slow = await attach(broker);
    const quick = await attach(broker);
    const acked: string[] = [];
    publish(slow, 'slow', acked);
    await taker.count(1);
    publish(quick, 'quick', acked);
    await taker.count(2);
    taker.taken[1]?.commit();
    await until(() => acked.length === 1);
    assert.deepEqual(acked, ['quick']);
  });

  it('ends the connection without PUBACK when the scan was not taken; the device sends it again', async () => {
    const broker = await start();
    const taker = new Taker();
    taker.subscribe(broker.source);
    const scanner = await attach(broker, { clean: false, clientId: 'scanner-1' });
    const acked: string[] = [];
    publish(scanner, 'again', acked);
    await taker.count(1);
    taker.taken[0]?.fail(new Error('no'));
    await taker.count(2);
    assert.deepEqual(taker.texts, ['again', 'again']);
    assert.deepEqual(acked, []);
    taker.taken[1]?.commit();
    await until(() => acked.length === 1);
  });

  it('holds a scan that nobody takes yet, and gives it to the flow that comes', async () => {
    const broker = await start({ scanTopics: ['+/+/+/+/scan'] });
    const scanner = await attach(broker);
    const acked: string[] = [];
    publish(scanner, 'early', acked);
    await settle();
    assert.deepEqual(acked, []);
    const taker = new Taker(0);
    taker.subscribe(broker.source);
    await until(() => acked.length === 1);
    assert.deepEqual(taker.texts, ['early']);
  });

  it('sends a device away, without PUBACK, when no flow came for its scan in time', async () => {
    const broker = await start({ scanTopics: ['+/+/+/+/scan'], handoverMs: 60 });
    const scanner = await attach(broker, { reconnectPeriod: 0 });
    const acked: string[] = [];
    const closed = closing(scanner);
    publish(scanner, 'nobody', acked);
    await closed;
    assert.deepEqual(acked, []);
    assert.equal(broker.counters.connection_errors, 1);
  });

  it('keeps scans over a redeploy: what the closed node gave back goes to its successor', async () => {
    const broker = await start();
    const first = new Taker();
    const attachment = first.subscribe(broker.source);
    const scanner = await attach(broker);
    const acked: string[] = [];
    publish(scanner, 'handed over', acked);
    await first.count(1);
    attachment.close(false);
    first.taken[0]?.fail(new MqttIntakeError('detached', 'closed'));
    publish(scanner, 'in between', acked);
    await settle();
    assert.deepEqual(acked, []);
    const second = new Taker(0);
    second.subscribe(broker.source);
    await until(() => acked.length === 2);
    assert.deepEqual(second.texts, ['handed over', 'in between']);
  });

  it('gives a message to every node whose own it is, and acknowledges when all have it', async () => {
    const broker = await start();
    const here = new Taker();
    const there = new Taker();
    here.subscribe(broker.source, '+/+/+/+/scan', { key: 'a/scan-in-1' });
    there.subscribe(broker.source, 'acme/+/receiving/+/scan', { key: 'a/scan-in-2' });
    const scanner = await attach(broker);
    const acked: string[] = [];
    publish(scanner, 'both', acked);
    await Promise.all([here.count(1), there.count(1)]);
    here.taken[0]?.commit();
    await settle();
    assert.deepEqual(acked, []);
    there.taken[0]?.commit();
    await until(() => acked.length === 1);
  });

  it('leaves a stray topic to one node, and only when it is nobody\'s own', async () => {
    const broker = await start();
    const [one, two] = [new Taker(0), new Taker(0)];
    one.subscribe(broker.source, '+/dc-1/+/+/scan', { key: 'a/1', claim: (topic) => (topic.includes('/dc-1/') ? 'own' : 'stray') });
    two.subscribe(broker.source, '+/dc-2/+/+/scan', { key: 'a/2', claim: (topic) => (topic.includes('/dc-2/') ? 'own' : 'stray') });
    const scanner = await attach(broker);
    await scanner.publishAsync('acme/dc-2/receiving/dock-1/scan', 'second', { qos: 1 });
    await scanner.publishAsync('acme/dc-9/receiving/dock-1/scan', 'strange', { qos: 1 });
    assert.deepEqual(one.texts, ['strange']);
    assert.deepEqual(two.texts, ['second']);
  });

  it('passes other topics through like any broker', async () => {
    const broker = await start();
    new Taker().subscribe(broker.source);
    const [listener, sender] = [await attach(broker), await attach(broker)];
    const heard: string[] = [];
    listener.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
    await listener.subscribeAsync('acme/dc-1/+/+/display');
    await sender.publishAsync('acme/dc-1/receiving/dock-1/display', 'hello', { qos: 1 });
    broker.source.publish('acme/dc-1/receiving/dock-1/display', 'Recorded');
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ['acme/dc-1/receiving/dock-1/display hello', 'acme/dc-1/receiving/dock-1/display Recorded']);
  });

  it('never repeats a scan to late subscribers, though the device asked for it to be retained', async () => {
    const broker = await start();
    new Taker(0).subscribe(broker.source);
    const scanner = await attach(broker);
    await scanner.publishAsync(TOPIC, 'retained', { qos: 1, retain: true });
    const late = await attach(broker);
    const heard: string[] = [];
    late.on('message', (topic) => heard.push(topic));
    await late.subscribeAsync('#');
    await settle();
    assert.deepEqual(heard, []);
  });

  it('takes QoS 0 scans as well, and counts them', async () => {
    const broker = await start();
    const taker = new Taker(0);
    taker.subscribe(broker.source);
    const scanner = await attach(broker);
    await scanner.publishAsync(TOPIC, 'best effort', { qos: 0 });
    await taker.count(1);
    assert.equal(taker.taken[0]?.message.qos, 0);
    assert.equal(broker.counters.qos0, 1);
  });

  it('bounds what a flood may lie in memory with: above the bound the sockets stay unread, and all is taken in the end', async () => {
    const bound = { messages: 200, bytes: 64 * 1024 };
    const broker = await start({ bound });
    const taker = new Taker();
    taker.subscribe(broker.source);
    const flood = new Publisher({ url: broker.url, count: 5_000, inflight: 5_000, connections: 2, patienceMs: 20_000 });
    const done = flood.run();
    await taker.count(200);
    await settle(300);
    const held = taker.taken.length;
    // a read of a socket brings 64 KiB at most, here about 500 messages, and each of two sockets may have one under way
    assert.ok(held < 2_500, `${held} messages were read while none was committed`);
    assert.equal(flood.ackedCount, 0);
    let committed = 0;
    const pump = setInterval(() => { for (; committed < taker.taken.length; committed += 1) taker.taken[committed]?.commit(); }, 1);
    const summary = await done;
    clearInterval(pump);
    assert.equal(summary.acked, 5_000);
    assert.equal(taker.taken.length, 5_000);
  });

  it('stops and goes on reading when told to', async () => {
    const broker = await start();
    const taker = new Taker(0);
    taker.subscribe(broker.source);
    const scanner = await attach(broker);
    broker.source.setReading(false);
    const acked: string[] = [];
    publish(scanner, 'later', acked);
    await settle();
    assert.deepEqual(taker.texts, []);
    broker.source.setReading(true);
    await until(() => acked.length === 1);
  });

  it('cuts a scan larger than it takes, so that it can be put aside and acknowledged', async () => {
    const broker = await start({ maxPacketBytes: 10_000 });
    const taker = new Taker(0);
    taker.subscribe(broker.source);
    const scanner = await attach(broker);
    await scanner.publishAsync(TOPIC, Buffer.alloc(1_200_000, 'x'), { qos: 1 });
    await scanner.publishAsync(TOPIC, 'small', { qos: 1 });
    assert.equal(taker.taken[0]?.message.truncated, true);
    assert.equal(taker.taken[0]?.message.payload.length, 10_000);
    assert.equal(taker.taken[1]?.message.truncated, false);
    assert.deepEqual(taker.texts.slice(1), ['small']);
    assert.equal(broker.counters.packets_oversize, 1);
  });

  it('takes a payload just below the limit whole, also when its topic takes the packet beyond it', async () => {
    const broker = await start({ maxPacketBytes: 1_000 });
    const taker = new Taker(0);
    taker.subscribe(broker.source);
    const scanner = await attach(broker);
    await scanner.publishAsync(TOPIC, Buffer.alloc(999, 'y'), { qos: 1 });
    await scanner.publishAsync(TOPIC, Buffer.alloc(1_000, 'z'), { qos: 1 });
    assert.deepEqual(taker.taken.map(({ message }) => [message.payload.length, message.truncated]), [[999, false], [1_000, true]]);
  });

  it('disconnects who sends too much elsewhere, and goes on', async () => {
    const broker = await start({ maxPacketBytes: 10_000 });
    new Taker(0).subscribe(broker.source);
    const offender = await attach(broker, { reconnectPeriod: 0 });
    const closed = closing(offender);
    offender.publish('elsewhere', Buffer.alloc(50_000), { qos: 0 });
    await closed;
    const scanner = await attach(broker);
    await scanner.publishAsync(TOPIC, 'still here', { qos: 1 });
  });

  it('survives rubbish instead of MQTT', async () => {
    const broker = await start();
    const taker = new Taker(0);
    taker.subscribe(broker.source);
    const { connect } = await import('node:net');
    for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(4_096, 0xff), Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0x10, 0x00])]) {
      const socket = connect(broker.port, '127.0.0.1');
      socket.on('error', () => socket.destroy());
      await once(socket, 'connect');
      socket.end(bytes);
      await once(socket, 'close');
    }
    const scanner = await attach(broker);
    await scanner.publishAsync(TOPIC, Buffer.from([0, 255, 254, 0x80]), { qos: 1 });
    assert.equal(taker.taken.length, 1);
  });

  it('takes the next free port and says so', async () => {
    const blocker = createServer().listen(await freePort(), '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const broker = await start({ port });
    assert.equal(broker.portWasTaken, true);
    assert.ok(broker.port > port);
    blocker.close();
  });

  it('may not be reached from other machines without accounts and TLS', async () => {
    await assert.rejects(startEmbeddedBroker({ host: '0.0.0.0', port: 0 }), (error: unknown) => error instanceof MqttIntakeError && error.code === 'plaintext' && /WAYBILL_ALLOW_PLAINTEXT/.test(error.message));
  });

  it('asks for accounts when it has them', async () => {
    const broker = await start({ authenticate: ({ user, password }) => Promise.resolve(user === 'scanner' && password === 'secret') });
    await assert.rejects(device(broker.url, { username: 'scanner', password: 'wrong', reconnectPeriod: 0 }), /[Nn]ot authorized/);
    assert.equal(broker.counters.clients_refused, 1);
    await attach(broker, { username: 'scanner', password: 'secret' });
  });

  it('stands where broker nodes find it, while it runs', async () => {
    const before = runningEmbeddedBroker();
    const broker = await start();
    if (before === undefined) assert.equal(runningEmbeddedBroker(), broker);
    await broker.close();
    assert.notEqual(runningEmbeddedBroker(), broker);
  });

  it('acknowledges what is in flight before it closes', async () => {
    const broker = await start();
    const taker = new Taker(100);
    taker.subscribe(broker.source);
    const scanner = await attach(broker, { reconnectPeriod: 0 });
    const acked: string[] = [];
    publish(scanner, 'last', acked);
    await taker.count(1);
    await broker.close();
    await until(() => acked.length === 1);
  });
});
