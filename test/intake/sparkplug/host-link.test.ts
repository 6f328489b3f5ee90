import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { MqttClient } from 'mqtt';
import { defaultHostLimits, HostLink, type HostLinkOptions, type MetricReport, type ReportTaker } from '../../../src/intake/sparkplug/index.ts';
import { needs } from '../../support/system-programs.ts';
import { device, settle, until } from '../mqtt/support/device.ts';
import { Mosquitto } from '../mqtt/support/mosquitto.ts';
import { EdgePeer, encodePayload, peerDecode } from './support/edge-node.ts';
import { WireTap } from './support/wire-tap.ts';

const STATE = 'spBv1.0/STATE/host';

interface Host { readonly link: HostLink; readonly reports: MetricReport[]; readonly gaps: Parameters<HostLinkOptions['port']['gap']>[0][]; readonly refused: Parameters<HostLinkOptions['port']['refused']>[0][]; readonly taker: ReportTaker; readonly log: string[] }

interface StateText { readonly online: boolean; readonly timestamp: number }

const values = ({ reports }: Host): unknown[] => reports.filter(({ fromBirth }) => !fromBirth).map(({ value }) => value);
const stateOf = (payload: string | Buffer): StateText => JSON.parse(String(payload)) as StateText;

describe('Sparkplug host application at a broker', () => {
  let program: string;
  let mosquitto: Mosquitto;
  const hosts: Host[] = [];
  const edges: EdgePeer[] = [];
  const taps: WireTap[] = [];
  const clients: MqttClient[] = [];

  function host(url: string, options: Partial<HostLinkOptions> & { readonly protocol?: 'auto' | 4 | 5; readonly groups?: readonly string[] } = {}): Host {
    const reports: MetricReport[] = [];
    const gaps: Host['gaps'] = [];
    const refused: Host['refused'] = [];
    const log: string[] = [];
    const link = new HostLink({
      hostId: 'host', broker: { url, protocol: options.protocol ?? 5, keepaliveSeconds: 30 }, host: { reorderMs: 150, rebirth: true, limits: defaultHostLimits },
      port: { gap: (gap) => { gaps.push(gap); }, refused: (message) => { refused.push(message); }, count: () => undefined, online: () => undefined },
      clock: Date.now, log: (_level, text) => { log.push(text); }, reconnect: { minMs: 20, maxMs: 50 }, retainedMs: 60, ...options,
    });
    const taker: ReportTaker = { groups: options.groups ?? [], take: (report) => { reports.push(report); } };
    link.add(taker);
    link.start();
    const made: Host = { link, reports, gaps, refused, taker, log };
    hosts.push(made);
    return made;
  }
  const online = ({ link }: Host): Promise<void> => until(() => link.state.kind === 'connected');
  async function edge(url: string, name = 'E', bdSeq = 0): Promise<EdgePeer> {
    const peer = await EdgePeer.connect(url, 'P', name, bdSeq);
    edges.push(peer);
    return peer;
  }
  async function tap(): Promise<WireTap> {
    const made = await WireTap.before(mosquitto.port);
    taps.push(made);
    return made;
  }
  /** Every STATE that the broker gives out from now on; `retained` is what it kept. */
  async function watch(): Promise<{ readonly live: StateText[]; readonly retained: StateText[] }> {
    const live: StateText[] = [];
    const retained: StateText[] = [];
    const client = await device(mosquitto.url);
    clients.push(client);
    client.on('message', (_topic, payload, { retain }) => { (retain ? retained : live).push(stateOf(payload)); });
    await client.subscribeAsync(STATE, { qos: 1 });
    return { live, retained };
  }

  before(function () { program = needs(this, 'mosquitto'); });
  beforeEach(async () => { mosquitto = await Mosquitto.start(program); });
  afterEach(async () => {
    for (const { link } of hosts.splice(0)) await link.close();
    for (const { client } of edges.splice(0)) await client.endAsync(true);
    for (const client of clients.splice(0)) await client.endAsync(true);
    for (const one of taps.splice(0)) await one.close();
    await mosquitto.remove();
  });

  describe('session', () => {
    it('connects with clean start and no session expiry (MQTT 5)', async () => {
      const wire = await tap();
      await online(host(wire.url));
      const [connect] = wire.of('connect');
      assert.deepEqual([connect?.protocolVersion, connect?.clean, connect?.properties?.sessionExpiryInterval], [5, true, 0]);
    });

    it('connects with a clean session (MQTT 3.1.1)', async () => {
      const wire = await tap();
      await online(host(wire.url, { protocol: 4 }));
      const [connect] = wire.of('connect');
      assert.deepEqual([connect?.protocolVersion, connect?.clean], [4, true]);
    });

    it('registers a will: its STATE topic, offline, the time of the connect, QoS 1, retained', async () => {
      const wire = await tap();
      const before = Date.now();
      await online(host(wire.url));
      const [connect] = wire.of('connect');
      const { online: on, timestamp, ...more } = stateOf((connect?.will?.payload ?? '') as Buffer);
      assert.deepEqual([connect?.will?.topic, connect?.will?.qos, connect?.will?.retain, on, more], [STATE, 1, true, false, {}]);
      assert.ok(timestamp >= before && timestamp <= Date.now());
    });

    it('subscribes to its STATE topic and the namespace first, then publishes its birth certificate as its first message', async () => {
      const wire = await tap();
      await online(host(wire.url));
      const sent = wire.packets.filter(({ cmd }) => cmd === 'subscribe' || cmd === 'publish').map((packet) => (packet.cmd === 'subscribe' ? packet.subscriptions.map(({ topic }) => topic) : packet.cmd === 'publish' ? packet.topic : ''));
      assert.deepEqual(sent, [[STATE, 'spBv1.0/#'], STATE]);
    });

    it('publishes its birth certificate: JSON with online true and the time of the will, QoS 1, retained', async () => {
      const wire = await tap();
      await online(host(wire.url));
      const [connect] = wire.of('connect');
      const [birth] = wire.of('publish');
      assert.deepEqual([birth?.topic, birth?.qos, birth?.retain], [STATE, 1, true]);
      assert.deepEqual(stateOf(birth?.payload ?? ''), { online: true, timestamp: stateOf((connect?.will?.payload ?? '') as Buffer).timestamp });
      const { retained } = await watch();
      await until(() => retained.length === 1);
    });

    it('subscribes to the groups that are named, and to more when more are', async () => {
      const wire = await tap();
      const one = host(wire.url, { groups: ['P', 'Q'] });
      await online(one);
      one.link.add({ groups: ['R'], take: () => undefined });
      await until(() => wire.of('subscribe').length === 2);
      assert.deepEqual(wire.of('subscribe').map(({ subscriptions }) => subscriptions.map(({ topic }) => topic)), [[STATE, 'spBv1.0/P/#', 'spBv1.0/Q/#'], ['spBv1.0/P/#', 'spBv1.0/Q/#', 'spBv1.0/R/#']]);
    });

    it('publishes its death certificate with the time of the disconnect before it disconnects: QoS 1, retained', async () => {
      const wire = await tap();
      const one = host(wire.url);
      await online(one);
      const state = await watch();
      await settle(20);
      const before = Date.now();
      await one.link.close();
      const last = wire.packets.filter(({ cmd }) => cmd !== 'puback').slice(-2);
      assert.deepEqual(last.map(({ cmd }) => cmd), ['publish', 'disconnect']);
      const death = last[0] as ReturnType<typeof wire.of<'publish'>>[number];
      assert.deepEqual([death.topic, death.qos, death.retain, stateOf(death.payload).online], [STATE, 1, true, false]);
      assert.ok(stateOf(death.payload).timestamp >= before);
      await until(() => state.live.some(({ online: on }) => !on));
    });

    it('publishes its STATE again, with the same time, when somebody says that it is offline', async () => {
      const wire = await tap();
      await online(host(wire.url));
      const [birth] = wire.of('publish');
      const other = await device(mosquitto.url);
      clients.push(other);
      await other.publishAsync(STATE, JSON.stringify({ online: false, timestamp: Date.now() }), { qos: 1, retain: true });
      await until(() => wire.of('publish').length === 2);
      assert.deepEqual(stateOf(wire.of('publish')[1]?.payload ?? ''), stateOf(birth?.payload ?? ''));
      const { retained } = await watch();
      await until(() => retained[0]?.online === true);
    });

    it('does not flood the broker when somebody says so all the time', async () => {
      const wire = await tap();
      await online(host(wire.url));
      const other = await device(mosquitto.url);
      clients.push(other);
      for (let n = 0; n < 200; n += 1) await other.publishAsync(STATE, JSON.stringify({ online: false, timestamp: n }), { qos: 0, retain: true });
      await settle(250);
      assert.ok(wire.of('publish').length <= 12, String(wire.of('publish').length));
      const { retained } = await watch();
      await until(() => retained[0]?.online === true);
    });

    it('each connection has a new time, the same in its will and in its birth certificate', async () => {
      const wire = await tap();
      const one = host(wire.url);
      await online(one);
      await settle(5);
      wire.cut();
      await until(() => one.link.state.kind !== 'connected');
      await online(one);
      const times = wire.of('connect').map(({ will }) => stateOf((will?.payload ?? '') as Buffer).timestamp);
      const births = wire.of('publish').filter(({ topic }) => topic === STATE).map(({ payload }) => stateOf(payload)).filter(({ online: on }) => on).map(({ timestamp }) => timestamp);
      assert.equal(times.length, 2);
      assert.ok((times[1] ?? 0) > (times[0] ?? 0));
      assert.deepEqual([...new Set(births)], times);
    });

    it('keeps a time for each broker', async () => {
      const second = await Mosquitto.start(program);
      try {
        const [wire, otherWire] = [await tap(), await WireTap.before(second.port)];
        taps.push(otherWire);
        await online(host(wire.url));
        await settle(5);
        await online(host(otherWire.url));
        const [one, other] = [wire, otherWire].map((each) => stateOf(each.of('publish')[0]?.payload ?? '').timestamp);
        assert.ok((other ?? 0) > (one ?? 0));
        const { retained } = await watch();
        await until(() => retained[0]?.timestamp === one);
        for (const { link } of hosts.splice(0)) await link.close();
      } finally {
        await second.remove();
      }
    });

    it('says when another host application has the same id', async () => {
      const one = host(mosquitto.url);
      await online(one);
      await settle(5);
      await online(host(mosquitto.url));
      await until(() => one.log.some((text) => /Another host application calls itself host/.test(text)));
    });

    it('says what the broker does not allow, and does not say that it is online', async () => {
      const { Aedes } = await import('aedes');
      const broker = await Aedes.createBroker({ authorizeSubscribe: (_client, subscription, done) => done(null, subscription.topic === 'spBv1.0/#' ? null : subscription) });
      const published: string[] = [];
      broker.on('publish', ({ topic }) => { if (topic.startsWith('spBv1.0')) published.push(topic); });
      const server = createServer(broker.handle);
      await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
      const { port } = server.address() as AddressInfo;
      const one = host(`mqtt://127.0.0.1:${port}`, { protocol: 4 });
      await until(() => one.link.state.kind === 'refused');
      assert.match(one.link.state.reason ?? '', /does not give us spBv1\.0\/#; allow it to the user/);
      await settle(50);
      assert.deepEqual(published, []);
      await one.link.close();
      await new Promise<void>((resolve) => { broker.close(() => resolve()); });
      await new Promise<void>((resolve) => { server.close(() => resolve()); });
    });
  });

  describe('edge nodes', () => {
    it('reports, deaths and rebirths of an independent edge node', async () => {
      const one = host(mosquitto.url);
      await online(one);
      const line = await edge(mosquitto.url, 'E', 7);
      await line.birth([{ name: 'Temp', type: 'Double', value: 1 }]);
      await line.deviceBirth('D', [{ name: 'Jam', type: 'Boolean', value: false }]);
      for (let n = 0; n < 300; n += 1) await line.deviceData('D', [{ name: 'Jam', type: 'Boolean', value: n % 2 === 0 }]);
      await until(() => values(one).length === 300);
      assert.deepEqual([one.gaps, line.commands], [[], []]);
      line.kill();
      await until(() => one.link.view()[0]?.status === 'offline');
      const again = await edge(mosquitto.url, 'E', 8);
      await again.birth([{ name: 'Temp', type: 'Double', value: 2 }]);
      await until(() => one.link.view()[0]?.status === 'online');
      assert.deepEqual(one.gaps, []);
    });

    it('asks for a rebirth by NCMD of QoS 0, not retained, when a message is missing, and records the gap', async () => {
      const wire = await tap();
      const one = host(wire.url);
      await online(one);
      const line = await edge(mosquitto.url);
      await line.birth([{ name: 'Temp', type: 'Double', value: 1 }]);
      line.lose();
      await line.data([{ name: 'Temp', type: 'Double', value: 2 }]);
      await until(() => line.commands.length === 1);
      const command = wire.of('publish').find(({ topic }) => topic !== STATE);
      assert.deepEqual([command?.topic, command?.qos, command?.retain], ['spBv1.0/P/NCMD/E', 0, false]);
      const { seq, timestamp, metrics } = peerDecode(command?.payload as Buffer);
      assert.equal(seq, undefined);
      assert.ok(Math.abs(Number(timestamp) - Date.now()) < 5_000);
      assert.deepEqual(metrics?.map(({ name, value }) => [name, value]), [['Node Control/Rebirth', true]]);
      assert.deepEqual(one.gaps.map(({ source, reason }) => [source, reason]), [['P/E', 'sequence']]);
      assert.deepEqual(values(one), [2]);
      await line.birth([{ name: 'Temp', type: 'Double', value: 3 }]);
      await line.data([{ name: 'Temp', type: 'Double', value: 4 }]);
      await until(() => values(one).length === 2);
      await settle(200);
      assert.equal(line.commands.length, 1);
    });

    it('a host that starts later asks an edge node that is at work already', async () => {
      const line = await edge(mosquitto.url);
      await line.birth([{ name: 'Temp', type: 'Double', value: 1 }]);
      const one = host(mosquitto.url);
      await online(one);
      await line.data([{ name: 'Temp', type: 'Double', value: 2 }]);
      await until(() => line.commands.length === 1);
      await line.birth([{ name: 'Temp', type: 'Double', value: 2 }]);
      await until(() => one.gaps.length === 1);
      assert.deepEqual(one.gaps.map(({ reason }) => reason), ['no-birth']);
      assert.equal(one.link.view()[0]?.status, 'online');
    });

    it('what cannot be read is given out once a minute, with its bytes', async () => {
      const one = host(mosquitto.url);
      await online(one);
      const line = await edge(mosquitto.url);
      await line.birth();
      for (let n = 0; n < 20; n += 1) await line.client.publishAsync('spBv1.0/P/NDATA/E', Buffer.from([0xff]), { qos: 0 });
      await until(() => one.link.counters.refused === 20);
      assert.deepEqual(one.refused.map(({ code, topic, bytes }) => [code, topic, [...bytes]]), [['malformed', 'spBv1.0/P/NDATA/E', [255]]]);
    });

    it('reads nothing more while a taker has enough, and goes on after it', async () => {
      const one = host(mosquitto.url);
      await online(one);
      const line = await edge(mosquitto.url);
      await line.birth([{ name: 'Temp', type: 'Double', value: 0 }]);
      await until(() => one.link.view().length === 1);
      one.link.busy(one.taker, true);
      for (let n = 1; n <= 200; n += 1) await line.data([{ name: 'Temp', type: 'Double', value: n }]);
      await settle();
      assert.ok(values(one).length <= 1, String(values(one).length));
      one.link.busy(one.taker, false);
      await until(() => values(one).length === 200);
      assert.deepEqual(one.gaps, []);
    });
  });

  describe('outages', () => {
    it('a lost connection makes everything stale, is a gap from when the broker was last heard, and edge nodes are asked', async () => {
      const wire = await tap();
      const one = host(wire.url);
      await online(one);
      const line = await edge(mosquitto.url);
      await line.birth([{ name: 'Temp', type: 'Double', value: 1 }]);
      await until(() => one.link.view()[0]?.status === 'online');
      await settle(60);
      wire.shut(true);
      const cut = Date.now();
      await until(() => one.link.view()[0]?.status === 'unknown');
      assert.ok(one.link.view()[0]?.metrics.every(({ quality }) => quality === 'stale'));
      await line.data([{ name: 'Temp', type: 'Double', value: 2 }]);
      await settle(100);
      wire.shut(false);
      await online(one);
      const [gap] = one.gaps;
      assert.deepEqual([one.gaps.length, gap?.source, gap?.reason], [1, 'host', 'host-offline']);
      assert.ok((gap?.from ?? Infinity) <= cut && (gap?.to ?? 0) >= cut + 100);
      await until(() => line.commands.length === 1);
    });

    it('goes on when the broker was started anew', async () => {
      const one = host(mosquitto.url);
      await online(one);
      await mosquitto.stop('SIGKILL');
      await until(() => one.link.state.kind === 'disconnected');
      await mosquitto.run();
      await online(one);
      const line = await edge(mosquitto.url);
      await line.birth([{ name: 'Temp', type: 'Double', value: 1 }]);
      await line.data([{ name: 'Temp', type: 'Double', value: 2 }]);
      await until(() => values(one).length === 1);
      assert.deepEqual(one.gaps.map(({ reason }) => reason), ['host-offline']);
    });

    it('a host that is killed is said to be offline by the broker, and the next one records the gap', async () => {
      const state = await watch();
      const child = spawn(process.execPath, [path.join(import.meta.dirname, 'support/host-process.ts'), mosquitto.url], { stdio: ['ignore', 'pipe', 'inherit'] });
      await until(() => state.live.some(({ online: on }) => on));
      const began = state.live.at(-1)?.timestamp;
      await settle(100);
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await until(() => state.live.at(-1)?.online === false);
      assert.equal(state.live.at(-1)?.timestamp, began);
      const one = host(mosquitto.url);
      await online(one);
      assert.deepEqual(one.gaps.map(({ reason, from }) => [reason, from]), [['host-offline', began]]);
    });

    it('the very first start is no gap', async () => {
      const one = host(mosquitto.url);
      await online(one);
      await settle();
      assert.deepEqual(one.gaps, []);
    });

    it('messages of a broker that gives out births it has kept are refused', async () => {
      const line = await edge(mosquitto.url);
      await line.client.publishAsync('spBv1.0/P/NBIRTH/E', Buffer.from(encodePayload({ timestamp: 1, seq: 0, metrics: [] })), { qos: 1, retain: true });
      const one = host(mosquitto.url);
      await online(one);
      await until(() => one.link.counters.refused === 1);
      assert.match(one.link.lastProblem?.reason ?? '', /forbids the retain flag/);
      assert.deepEqual(one.link.view(), []);
    });
  });
});
