import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { startEmbeddedBroker, type EmbeddedBroker, type EmbeddedBrokerOptions, type ScanMessage } from '../../../src/intake/mqtt/index.ts';
import { Certificates } from '../../support/certificates.ts';
import { needs } from '../../support/system-programs.ts';
import { closing, until } from '../../intake/mqtt/support/device.ts';
import { Desk, eve } from '../review/support/desk.ts';

const site = 'dc-1';
const topic = 'acme/dc-1/receiving/dock-1/scan';

describe('signing in of devices at the embedded broker', () => {
  let desk: Desk;
  let broker: EmbeddedBroker;
  const clients: MqttClient[] = [];
  const logged: string[] = [];
  const taken: ScanMessage[] = [];
  const start = async (options: Partial<EmbeddedBrokerOptions> = {}): Promise<void> => {
    broker = await startEmbeddedBroker({ port: 0, devices: () => desk.engine.devices.atBroker, log: (_level, text) => logged.push(text), ...options });
    broker.source.subscribe({ key: 'test', filter: 'acme/dc-1/+/+/scan', qos: 1, onMessage: (message) => { taken.push(message); return Promise.resolve(); } });
  };
  const connect = async (options: IClientOptions): Promise<MqttClient> => {
    const client = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 5_000, ...options });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const refusal = async (options: IClientOptions): Promise<unknown> => {
    try {
      await connect(options);
      return 'admitted';
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };
  const add = async (deviceId: string, more: object = {}): Promise<string> => {
    assert.ok((await desk.engine.devices.register({ site, deviceId, kind: 'scanner', name: '', by: eve, ...more })).ok);
    const made = await desk.engine.devices.newKey({ site, deviceId, by: eve });
    assert.ok(made.ok);
    return made.key;
  };

  beforeEach(async () => {
    desk = await Desk.open();
    logged.length = taken.length = 0;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
    await broker.close(50);
    await desk.close();
  });

  it('takes a device with its key, says who it is with each message, and sees that it is there', async () => {
    const key = await add('S1', { station: 'receiving/dock-1' });
    await start({ signInOnly: true });
    const client = await connect({ username: 'S1', password: key });
    await client.publishAsync(topic, 'x', { qos: 1 });
    assert.deepEqual(taken[0]?.sender, { deviceId: 'S1', kind: 'scanner' });
    assert.equal(desk.engine.devices.get(site, 'S1')?.seen?.connected, true);
    await client.endAsync();
    await until(() => desk.engine.devices.get(site, 'S1')?.seen?.connected === false);
  });

  it('refuses a wrong key with code 4, nobody with 5, and blocked ones with 5; no key is in the log', async () => {
    const key = await add('S1');
    await start({ signInOnly: true });
    assert.equal(await refusal({ username: 'S1', password: 'guessed-secret' }), 4);
    assert.equal(await refusal({ username: 'S1' }), 4);
    assert.equal(await refusal({ username: 'stranger', password: key }), 5);
    assert.equal(await refusal({}), 5);
    await desk.engine.devices.block({ site, deviceId: 'S1', reason: 'Lost', by: eve });
    assert.equal(await refusal({ username: 'S1', password: key }), 5);
    const { seen } = desk.engine.devices.get(site, 'S1')!;
    assert.deepEqual([seen?.refused, seen?.connected, broker.counters.clients_refused, desk.engine.metrics().counters['device_sign_ins_refused']], [3, false, 5, 3]);
    assert.match(logged.join('\n'), /S1 came with a wrong key/);
    assert.ok(!logged.join('\n').includes('guessed-secret') && !logged.join('\n').includes(key));
  });

  it('ends a connection when its device is blocked, retired or gets another key, and no other', async () => {
    const keys = [await add('S1'), await add('S2'), await add('S3'), await add('S4')];
    await start({ signInOnly: true });
    const [one, two, three, four] = await Promise.all(keys.map((password, index) => connect({ username: `S${index + 1}`, password })));
    const gone = [closing(one!), closing(two!), closing(three!)];
    await desk.engine.devices.block({ site, deviceId: 'S1', reason: 'Lost', by: eve });
    await desk.engine.devices.retire({ site, deviceId: 'S2', by: eve });
    const made = await desk.engine.devices.newKey({ site, deviceId: 'S3', by: eve });
    await Promise.all(gone);
    await desk.engine.devices.change({ site, deviceId: 'S4', kind: 'scanner', name: 'Moved', station: 'receiving/dock-2', by: eve });
    await four!.publishAsync(topic, 'still here', { qos: 1 });
    assert.equal(await refusal({ username: 'S3', password: keys[2]! }), 4);
    assert.ok(made.ok);
    assert.equal(await refusal({ username: 'S3', password: made.key }), 'admitted');
  });

  it('lets a device publish on topics of an intake and of its own station only', async () => {
    const key = await add('S1', { station: 'receiving/dock-1' });
    await start({ signInOnly: true });
    const client = await connect({ username: 'S1', password: key });
    await client.publishAsync('acme/dc-1/receiving/dock-1/status', 'on', { qos: 1 });
    const cut = closing(client);
    client.publish('acme/dc-1/receiving/dock-2/display', 'forged', { qos: 1 });
    await cut;
    assert.match(logged.join('\n'), /none of its station's topics/);
  });

  it('takes everybody else as before where sign-in is not asked for, and a device by its key', async () => {
    const key = await add('S1');
    await start();
    const stranger = await connect({});
    await stranger.publishAsync(topic, 'x', { qos: 1 });
    const known = await connect({ username: 'S1', password: key });
    await known.publishAsync(topic, 'y', { qos: 1 });
    assert.deepEqual(taken.map(({ sender }) => sender?.deviceId), [undefined, 'S1']);
    assert.equal(await refusal({ username: 'S1', password: 'wrong' }), 4);
  });

  it('asks the accounts for who is no device', async () => {
    await add('S1');
    await start({ signInOnly: true, authenticate: ({ user, password }) => Promise.resolve(user === 'anna' && password === 'her-own') });
    assert.deepEqual([await refusal({ username: 'anna', password: 'her-own' }), await refusal({ username: 'anna', password: 'x' }), await refusal({ username: 'S1', password: 'x' })], ['admitted', 5, 4]);
  });

  it('knows a device by its certificate, whoever signed it, and refuses one that is not pinned', async function () {
    const folder = mkdtempSync(path.join(tmpdir(), 'waybill-device-cert-'));
    try {
      const certificates = new Certificates(needs(this, 'openssl'), folder);
      for (const name of ['server', 'scanner', 'stranger']) certificates.authority(name);
      const file = (name: string): Buffer => readFileSync(path.join(folder, name));
      const thumbprint = new X509Certificate(file('scanner.crt')).fingerprint256.replaceAll(':', '').toLowerCase();
      await desk.engine.devices.register({ site, deviceId: 'C1', kind: 'scanner', name: '', certificate: thumbprint, by: eve });
      await start({ signInOnly: true, tls: { cert: file('server.crt'), key: file('server.key') } });
      const tls = (name: string): IClientOptions => ({ rejectUnauthorized: false, cert: file(`${name}.crt`), key: file(`${name}.key`) });
      const client = await connect(tls('scanner'));
      await client.publishAsync(topic, 'x', { qos: 1 });
      assert.deepEqual(taken[0]?.sender, { deviceId: 'C1', kind: 'scanner' });
      assert.equal(await refusal(tls('stranger')), 5);
      assert.equal(await refusal({ rejectUnauthorized: false }), 5);
      const cut = closing(client);
      await desk.engine.devices.block({ site, deviceId: 'C1', reason: 'Stolen', by: eve });
      await cut;
      assert.equal(await refusal(tls('scanner')), 5);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('sends devices away to try again while no register is open', async () => {
    await start({ signInOnly: true, devices: () => undefined });
    assert.equal(await refusal({ username: 'S1', password: 'x' }), 3);
  });
});
