import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MqttClient, Packet } from 'mqtt';
import { generate, parser } from 'mqtt-packet';
import { MqttClientSource, MqttIntakeError, startEmbeddedBroker, type MqttClientSourceOptions, type ScanMessage } from '../../../src/intake/mqtt/index.ts';
import { Publisher } from '../../../bench/publisher.ts';
import { needs } from '../../support/system-programs.ts';
import { freePort } from '../../../scripts/lib/free-port.ts';
import { Certificates } from '../../support/certificates.ts';
import { Mosquitto } from './support/mosquitto.ts';
import { device, settle, until } from './support/device.ts';
import { Taker } from './support/taker.ts';

const TOPIC = 'acme/dc-1/receiving/dock-1/scan';
const REFUSED = (filter: string): string => `The broker refuses the subscription to "${filter}" (not allowed). Allow it to the user of the broker node, or change the topic pattern.`;
const RECONNECT = { minMs: 20, maxMs: 100 };

/** Mosquitto's plugin for rights; its plain file of rights lets everybody subscribe to everything. */
function dynamicSecurity(): string {
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib', '/usr/local/lib', '/opt/homebrew/lib'];
  const found = folders.map((folder) => path.join(folder, 'mosquitto_dynamic_security.so')).find(existsSync);
  assert.ok(found !== undefined, 'mosquitto comes with mosquitto_dynamic_security.so');
  return found;
}

describe('MQTT client source on Mosquitto', () => {
  let mosquitto: Mosquitto;
  const sources: MqttClientSource[] = [];
  const devices: MqttClient[] = [];
  let nextId = 0;

  function source(options: Partial<MqttClientSourceOptions> = {}): MqttClientSource {
    nextId += 1;
    const made = new MqttClientSource({ url: mosquitto.url, clientId: `waybill-test-${nextId}`, reconnect: RECONNECT, ...options });
    sources.push(made);
    return made;
  }
  async function connected(made: MqttClientSource): Promise<void> {
    made.start();
    await until(() => made.state.kind === 'connected');
  }
  /** Connected and subscribed: what is published from now on arrives. */
  async function listening(made: MqttClientSource, taker: Taker): Promise<void> {
    await connected(made);
    const probe = await attach();
    while (!taker.texts.includes('probe')) {
      await probe.publishAsync(TOPIC, 'probe', { qos: 1 });
      await settle(20);
    }
    for (const { text, commit } of taker.taken) if (text === 'probe') commit();
    await settle(50);
    for (const { commit } of taker.taken) commit();
    taker.taken.length = 0;
  }
  async function attach(): Promise<MqttClient> {
    const client = await device(mosquitto.url);
    devices.push(client);
    return client;
  }

  before(async function () {
    mosquitto = await Mosquitto.start(needs(this, 'mosquitto'));
  });
  after(async () => { await mosquitto?.remove(); });
  afterEach(async () => {
    for (const client of devices.splice(0)) await client.endAsync(true);
    for (const made of sources.splice(0)) await made.close(50);
  });

  it('acknowledges after the commit: what was not committed is delivered again, with DUP, to the next connection', async () => {
    const clientId = 'waybill-commit';
    const first = source({ clientId });
    const taker = new Taker();
    taker.subscribe(first);
    await listening(first, taker);
    const scanner = await attach();
    for (const text of ['committed', 'lost', 'also lost']) await scanner.publishAsync(TOPIC, text, { qos: 1 });
    await taker.count(3);
    taker.taken[0]?.commit();
    await settle();
    await first.close(10);

    const second = source({ clientId });
    const successor = new Taker(0);
    successor.subscribe(second);
    await connected(second);
    assert.equal(second.sessionPresent, true);
    await successor.count(2);
    await settle();
    assert.deepEqual(successor.texts, ['lost', 'also lost']);
    assert.equal(successor.taken[0]?.message.dup, true);
  });

  it('MQTT-4.6.0-2: acknowledges in the order of arrival', async () => {
    const clientId = 'waybill-order';
    const first = source({ clientId });
    const taker = new Taker();
    taker.subscribe(first);
    await listening(first, taker);
    const scanner = await attach();
    for (const text of ['1', '2', '3']) await scanner.publishAsync(TOPIC, text, { qos: 1 });
    await taker.count(3);
    taker.taken[2]?.commit();
    taker.taken[1]?.commit();
    await settle();
    await first.close(10);
    // had 2 and 3 been acknowledged before 1, only 1 would come again
    const second = source({ clientId });
    const successor = new Taker(0);
    successor.subscribe(second);
    await connected(second);
    await successor.count(3);
    assert.deepEqual(successor.texts, ['1', '2', '3']);
  });

  it('takes many messages at once before any is committed', async () => {
    const made = source();
    const taker = new Taker();
    taker.subscribe(made);
    await listening(made, taker);
    const load = new Publisher({ url: mosquitto.url, count: 500, inflight: 500 });
    await load.run();
    await taker.count(500);
    assert.equal(made.inFlight.messages, 500);
    for (const { commit } of taker.taken) commit();
    await until(() => made.inFlight.messages === 0);
  });

  it('bounds what a flood may lie in memory with, and keeps the connection alive meanwhile', async () => {
    const bound = { messages: 100, bytes: 1024 * 1024 };
    const made = source({ bound, keepaliveSeconds: 1 });
    const taker = new Taker();
    taker.subscribe(made);
    await listening(made, taker);
    await new Publisher({ url: mosquitto.url, count: 3_000, inflight: 500 }).run();
    await taker.count(100);
    await settle(2_500); // several keep-alives
    assert.equal(taker.taken.length, 100);
    assert.equal(made.state.kind, 'connected');
    const pump = setInterval(() => { for (const { commit } of taker.taken) commit(); }, 5);
    await taker.count(3_000);
    clearInterval(pump);
    assert.deepEqual(taker.taken.filter(({ message }) => message.dup), [], 'the connection was never lost');
  });

  it('stops reading and acknowledging when told to, and goes on by itself', async () => {
    const made = source();
    const taker = new Taker(0);
    taker.subscribe(made);
    await listening(made, taker);
    made.setReading(false);
    const scanner = await attach();
    for (let i = 0; i < 20; i += 1) await scanner.publishAsync(TOPIC, String(i), { qos: 1 });
    await settle();
    assert.ok(taker.taken.length <= 1, 'at most the message whose arrival stopped the pump');
    made.setReading(true);
    await taker.count(20);
  });

  it('comes back after the broker was restarted, and gets what it had not acknowledged', async function () {
    const own = await Mosquitto.start(needs(this, 'mosquitto'));
    try {
      const made = source({ url: own.url, clientId: 'waybill-restarted' });
      const taker = new Taker();
      taker.subscribe(made);
      await connected(made);
      const scanner = await device(own.url, { clientId: 'scanner-restarted', clean: false });
      devices.push(scanner);
      await settle();
      await scanner.publishAsync(TOPIC, 'before', { qos: 1 });
      await taker.count(1);
      await own.stop('SIGTERM');
      await until(() => made.state.kind === 'disconnected');
      assert.match(made.state.reason ?? '', /nothing listens there|broke the connection off/);
      await own.run();
      await until(() => made.state.kind === 'connected');
      await taker.count(2);
      assert.deepEqual(taker.texts, ['before', 'before']);
      assert.equal(taker.taken[0]?.message.gone(), true, 'the first delivery\'s connection is gone');
      assert.equal(taker.taken[1]?.message.gone(), false);
      taker.taken[0]?.commit(); // its PUBACK must not go to the new connection
      taker.taken[1]?.commit();
      await until(() => made.inFlight.messages === 0);
    } finally {
      await own.remove();
    }
  });

  it('keeps scans at the broker over a redeploy, and asks for them again only by its session', async () => {
    const made = source();
    const first = new Taker(0);
    const attachment = first.subscribe(made);
    await listening(made, first);
    attachment.close(false);
    const scanner = await attach();
    await scanner.publishAsync(TOPIC, 'in between', { qos: 1 });
    await settle();
    const second = new Taker(0);
    second.subscribe(made);
    await second.count(1);
    assert.deepEqual([first.texts, second.texts], [[], ['in between']]);
  });

  it('puts aside what comes for a node that no longer exists, after the time for a redeploy', async () => {
    const unrouted: ScanMessage[] = [];
    const made = source({ clientId: 'waybill-unrouted', handoverMs: 60, onUnrouted: (message) => { unrouted.push(message); return Promise.resolve(); } });
    const taker = new Taker(0);
    const attachment = taker.subscribe(made);
    await listening(made, taker);
    await made.close(10);
    attachment.close(true);
    const scanner = await attach();
    await scanner.publishAsync(TOPIC, 'orphan', { qos: 1 });
    const again = source({ clientId: 'waybill-unrouted', handoverMs: 60, onUnrouted: (message) => { unrouted.push(message); return Promise.resolve(); } });
    await connected(again);
    await until(() => unrouted.length === 1);
    assert.equal(Buffer.from(unrouted[0]?.payload ?? []).toString(), 'orphan');
  });

  it('delivers once to each of two nodes whose filters overlap', async () => {
    const made = source();
    const [wide, narrow] = [new Taker(0), new Taker(0)];
    wide.subscribe(made, '+/+/+/+/scan', { key: 'a/1' });
    narrow.subscribe(made, 'acme/dc-1/+/+/scan', { key: 'a/2' });
    await listening(made, wide);
    narrow.taken.length = 0;
    const scanner = await attach();
    await scanner.publishAsync(TOPIC, 'once', { qos: 1 });
    await Promise.all([wide.count(1), narrow.count(1)]);
    await settle();
    assert.deepEqual([wide.texts, narrow.texts], [['once'], ['once']]);
  });

  it('says when a message is a stored copy', async () => {
    const topic = 'acme/dc-1/receiving/dock-retained/scan';
    const scanner = await attach();
    await scanner.publishAsync(topic, 'stored', { qos: 1, retain: true });
    const made = source();
    const taker = new Taker(0);
    taker.subscribe(made);
    await connected(made);
    await taker.count(1);
    assert.equal(taker.taken[0]?.message.retain, true);
    await scanner.publishAsync(topic, '', { qos: 1, retain: true });
  });

  it('tells displays, and says when there is no connection to do it', async () => {
    const made = source();
    assert.equal(made.publish('acme/dc-1/receiving/dock-1/display', 'x'), false);
    await connected(made);
    const display = await attach();
    const heard: string[] = [];
    display.on('message', (_topic, payload) => heard.push(payload.toString()));
    await display.subscribeAsync('acme/dc-1/+/+/display');
    assert.equal(made.publish('acme/dc-1/receiving/dock-1/display', 'Recorded'), true);
    await until(() => heard.length === 1);
  });

  it('comes over websockets as well', async function () {
    const port = await freePort();
    const own = await Mosquitto.start(needs(this, 'mosquitto'), [`listener ${port} 127.0.0.1`, 'protocol websockets']);
    try {
      const made = source({ url: `ws://127.0.0.1:${port}/mqtt` });
      const taker = new Taker(0);
      taker.subscribe(made);
      await connected(made);
      await settle(50);
      const scanner = await device(own.url);
      devices.push(scanner);
      await scanner.publishAsync(TOPIC, 'by websocket', { qos: 1 });
      await taker.count(1);
    } finally {
      await own.remove();
    }
  });

  it('says what to do when the broker refuses the password, and tries again', async function () {
    const guarded = await Mosquitto.start(needs(this, 'mosquitto'), ['allow_anonymous false']);
    try {
      const made = source({ url: guarded.url, user: 'waybill', password: 'wrong' });
      made.start();
      await until(() => made.state.kind === 'refused');
      assert.match(made.state.reason ?? '', /refuses the user name or password; correct them in the broker node/);
      assert.doesNotMatch(made.state.reason ?? '', /wrong/);
    } finally {
      await guarded.remove();
    }
  });

  describe('with rights per topic', () => {
    const FILES = mkdtempSync(path.join(tmpdir(), 'waybill-rights-'));
    const rights = path.join(FILES, 'rights.json');
    let guarded: Mosquitto;
    const refuse = (...topics: readonly string[]): void => {
      const acls = topics.map((topic) => ({ acltype: 'subscribeLiteral', topic, priority: 1, allow: false }));
      const all = { publishClientSend: true, publishClientReceive: true, subscribe: true, unsubscribe: true };
      writeFileSync(rights, JSON.stringify({ defaultACLAccess: all, anonymousGroup: 'all', groups: [{ groupname: 'all', roles: [{ rolename: 'all' }] }], roles: [{ rolename: 'all', acls }] }));
    };

    before(async function () {
      const program = needs(this, 'mosquitto');
      refuse('other/dc-2/+/scan', 'later/+/+/scan', '+/+/+/scan');
      guarded = await Mosquitto.start(program, [`plugin ${dynamicSecurity()}`, `plugin_opt_config_file ${rights}`]);
    });
    after(async () => {
      await guarded?.remove();
      rmSync(FILES, { recursive: true, force: true });
    });

    it('says which topic the broker refuses, without asking again and again, and goes on with the others', async () => {
      const said: string[] = [];
      const made = source({ url: guarded.url, resubscribeMs: 60_000, log: (level, text) => { if (level === 'warn') said.push(text); } });
      const taker = new Taker(0);
      taker.subscribe(made, 'other/dc-2/+/scan', { key: 'a/1' });
      taker.subscribe(made, 'acme/dc-1/+/scan', { key: 'a/2' });
      await connected(made);
      await until(() => made.state.refused !== undefined);
      const scanner = await device(guarded.url);
      devices.push(scanner);
      await until(async () => {
        await scanner.publishAsync('acme/dc-1/dock-1/scan', 'allowed', { qos: 1 });
        return taker.texts.includes('allowed');
      });
      await settle();
      assert.deepEqual(made.state, { kind: 'connected', refused: [{ filter: 'other/dc-2/+/scan', reason: REFUSED('other/dc-2/+/scan') }] });
      assert.deepEqual(said, [REFUSED('other/dc-2/+/scan')]);
      assert.equal(made.lastProblem?.reason, REFUSED('other/dc-2/+/scan'));
      assert.ok(made.counters.received >= 1 && made.counters.durable >= 1);
    });

    it('asks for the narrower topic by itself when the wider one is refused', async () => {
      const made = source({ url: guarded.url, resubscribeMs: 60_000 });
      const [wide, narrow] = [new Taker(0), new Taker(0)];
      wide.subscribe(made, '+/+/+/scan', { key: 'a/1' });
      narrow.subscribe(made, 'acme/dc-1/+/scan', { key: 'a/2' });
      await connected(made);
      const scanner = await device(guarded.url);
      devices.push(scanner);
      await until(async () => {
        await scanner.publishAsync('acme/dc-1/dock-1/scan', 'allowed', { qos: 1 });
        return narrow.texts.includes('allowed');
      });
    });

    it('has what was refused once it is allowed, without a deploy', async () => {
      const made = source({ url: guarded.url, resubscribeMs: 100 });
      const taker = new Taker(0);
      taker.subscribe(made, 'later/+/+/scan');
      await connected(made);
      await until(() => made.state.refused !== undefined);
      await guarded.stop();
      refuse();
      await guarded.run();
      await until(() => made.state.kind === 'connected' && made.state.refused === undefined);
      const scanner = await device(guarded.url);
      devices.push(scanner);
      await scanner.publishAsync('later/dc-1/dock-1/scan', 'allowed', { qos: 1 });
      await taker.count(1);
    });
  });

  it('shares messages with the instances of its group: each goes to one of them', async () => {
    const [one, two] = [source({ sharedGroup: 'line-1' }), source({ sharedGroup: 'line-1' })];
    const [first, second] = [new Taker(0), new Taker(0)];
    first.subscribe(one, 'acme/dc-1/+/+/shared');
    second.subscribe(two, 'acme/dc-1/+/+/shared');
    await Promise.all([connected(one), connected(two)]);
    await settle();
    const scanner = await attach();
    const texts = Array.from({ length: 40 }, (_, at) => String(at));
    for (const text of texts) await scanner.publishAsync('acme/dc-1/receiving/dock-1/shared', text, { qos: 1 });
    await until(() => first.taken.length + second.taken.length === 40);
    await settle();
    assert.deepEqual([...first.texts, ...second.texts].sort((a, b) => Number(a) - Number(b)), texts);
    assert.ok(first.taken.length > 0 && second.taken.length > 0);
  });

  it('ends the plain subscription of a session that is shared from now on', async () => {
    const clientId = 'waybill-becomes-shared';
    const plain = source({ clientId });
    const before = new Taker(0);
    before.subscribe(plain);
    await listening(plain, before);
    await plain.close(50);
    const shared = source({ clientId, sharedGroup: 'line-2' });
    const taker = new Taker(0);
    taker.subscribe(shared);
    await connected(shared);
    await settle();
    const scanner = await attach();
    await scanner.publishAsync(TOPIC, 'once', { qos: 1 });
    await taker.count(1);
    await settle();
    assert.deepEqual(taker.texts.filter((text) => text === 'once'), ['once']);
  });
});

describe('MQTT client source over TLS', () => {
  const FILES = mkdtempSync(path.join(tmpdir(), 'waybill-tls-'));
  const file = (name: string): string => path.join(FILES, name);
  const read = (name: string): Buffer => readFileSync(file(name));
  let mosquitto: Mosquitto;
  const sources: MqttClientSource[] = [];
  const source = (options: Partial<MqttClientSourceOptions>): MqttClientSource => {
    const made = new MqttClientSource({ url: `mqtts://localhost:${mosquitto.port}`, clientId: 'waybill-tls', reconnect: RECONNECT, ...options });
    sources.push(made);
    made.start();
    return made;
  };

  before(async function () {
    const program = needs(this, 'mosquitto');
    const make = new Certificates(needs(this, 'openssl'), FILES);
    for (const name of ['ca', 'stranger']) make.authority(name);
    for (const name of ['broker', 'client']) make.certificate(name, 'ca');
    make.certificate('unknown', 'stranger');
    chmodSync(FILES, 0o755);
    mosquitto = await Mosquitto.start(program, [`cafile ${file('ca.crt')}`, `certfile ${file('broker.crt')}`, `keyfile ${file('broker.key')}`, 'require_certificate true']);
  });
  afterEach(async () => { for (const made of sources.splice(0)) await made.close(50); });
  after(async () => {
    await mosquitto?.remove();
    rmSync(FILES, { recursive: true, force: true });
  });

  it('shows the broker a certificate, and takes scans', async () => {
    const made = source({ tls: { ca: read('ca.crt'), cert: read('client.crt'), key: read('client.key') } });
    await until(() => made.state.kind === 'connected');
  });

  it('does not trust a broker whose authority it does not know', async () => {
    const made = source({ tls: { ca: read('stranger.crt'), cert: read('client.crt'), key: read('client.key') } });
    await until(() => made.state.kind === 'refused');
    assert.match(made.state.reason ?? '', /shows a certificate that is not trusted .*; give its authority in the broker node\./);
  });

  it('says so when the broker does not take its certificate, or has none from it', async () => {
    for (const tls of [{ ca: read('ca.crt') }, { ca: read('ca.crt'), cert: read('unknown.crt'), key: read('unknown.key') }]) {
      const made = source({ tls });
      await until(() => made.state.kind === 'refused');
      assert.match(made.state.reason ?? '', /does not accept our certificate .*; give the broker node one that it knows\./);
      await made.close(50);
    }
  });
});

describe('MQTT client source', () => {
  it('falls back to MQTT 3.1.1 where the broker speaks nothing newer', async () => {
    const broker = await startEmbeddedBroker({ port: 0 });
    const made = new MqttClientSource({ url: broker.url, clientId: 'waybill-old', reconnect: RECONNECT });
    try {
      const taker = new Taker(0);
      taker.subscribe(made);
      made.start();
      await until(() => made.state.kind === 'connected');
      assert.equal(made.protocolVersion, 4);
      const scanner = await device(broker.url);
      await settle(50);
      await scanner.publishAsync(TOPIC, 'old', { qos: 1 });
      await taker.count(1);
      await scanner.endAsync(true);
    } finally {
      await made.close(50);
      await broker.close(50);
    }
  });

  it('says that nothing listens at the address, without the password in it', async () => {
    const port = await freePort();
    const made = new MqttClientSource({ url: `mqtt://user:secret@127.0.0.1:${port}`, clientId: 'waybill-nowhere', reconnect: RECONNECT });
    try {
      made.start();
      await until(() => made.state.kind === 'disconnected');
      assert.equal(made.state.reason, `The broker at mqtt://127.0.0.1:${port} cannot be reached: nothing listens there. Start it, or correct its address in the broker node.`);
    } finally {
      await made.close(50);
    }
  });

  it('does not loop where a broker ends the connection over a topic', async () => {
    let asked = 0;
    const server = createServer((socket) => {
      const packets = parser({ protocolVersion: 5 });
      packets.on('packet', (packet: Packet) => {
        if (packet.cmd === 'connect') socket.write(generate({ cmd: 'connack', reasonCode: 0, sessionPresent: false }, { protocolVersion: 5 }));
        if (packet.cmd !== 'subscribe') return;
        asked += 1;
        socket.destroy();
      });
      socket.on('data', (chunk) => { packets.parse(chunk); });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const made = new MqttClientSource({ url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, clientId: 'waybill-thrown-out', reconnect: RECONNECT, resubscribeMs: 60_000 });
    try {
      new Taker(0).subscribe(made, 'forbidden/+/scan');
      made.start();
      await until(() => made.state.kind === 'connected' && made.state.refused !== undefined);
      await settle(400);
      assert.deepEqual([asked, made.state.kind, made.state.refused?.[0]?.filter], [2, 'connected', 'forbidden/+/scan']);
      assert.match(made.state.refused?.[0]?.reason ?? '', /ends the connection when it is asked for it/);
    } finally {
      await made.close(50);
      server.close();
    }
  });

  it('says that another client may have its id when a broker ends connection after connection, and comes back more and more slowly', async () => {
    let connects = 0;
    const server = createServer((socket) => {
      const packets = parser({ protocolVersion: 5 });
      packets.on('packet', (packet: Packet) => {
        if (packet.cmd !== 'connect') return;
        connects += 1;
        socket.end(generate({ cmd: 'connack', reasonCode: 0, sessionPresent: true }, { protocolVersion: 5 }));
      });
      socket.on('data', (chunk) => { packets.parse(chunk); });
      socket.on('error', () => undefined); // what it writes after the end goes nowhere
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const port = (server.address() as AddressInfo).port;
    const said: string[] = [];
    const made = new MqttClientSource({ url: `mqtt://127.0.0.1:${port}`, clientId: 'waybill-twin', reconnect: RECONNECT, log: (level, text) => { if (level === 'warn') said.push(text); } });
    try {
      made.start();
      await until(() => made.state.kind === 'refused');
      assert.match(made.state.reason ?? '', /ends each connection soon after it was made\. Another client may have the client id "waybill-twin"/);
      await until(() => connects > 6);
      assert.deepEqual(said.map((text) => /broke the connection off|ends each connection/.exec(text)?.[0]), ['broke the connection off', 'ends each connection'], 'each once, however often it happens');
    } finally {
      await made.close(50);
      server.close();
    }
  });

  it('refuses a name of a group that no broker takes', () => {
    assert.throws(() => new MqttClientSource({ url: 'mqtt://127.0.0.1', clientId: 'x', sharedGroup: 'a/b' }), /no name of a group; leave out \//);
  });

  it('refuses an address that is none', () => {
    assert.throws(() => new MqttClientSource({ url: 'broker.example', clientId: 'x' }), (error: unknown) => error instanceof MqttIntakeError && error.code === 'url');
  });
});
