import assert from 'node:assert/strict';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';

interface Shown { readonly deviceId: string; readonly state: string; readonly station: string | null; readonly hasKey: boolean; readonly name: string }

describe('devices by the API', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const call = (method: string, path: string, who: string, json?: object, key?: string): ReturnType<typeof ask> => ask(`${server.api}/${path}`, {
    method, headers: { ...people[who]!.headers, ...(key === undefined ? {} : { 'Idempotency-Key': key }) }, ...(json === undefined ? {} : { json }),
  });
  const list = async (query = '', who = 'engineer'): Promise<readonly Shown[]> => (await call('GET', `devices?${query}`, who)).body['items'] as never;

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['engineer'] = await addPerson(accounts, 'engineer', ['engineer']);
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      people['finance'] = await addPerson(accounts, 'finance', ['finance']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['engineer'], ['dc-2']);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('are registered, moved, blocked and retired, and the ledger says by whom', async () => {
    const made = await call('POST', 'devices', 'engineer', { site: 'dc-1', deviceId: ' M2MDE1 ', kind: 'scanner', name: 'Dock <1>', station: '/receiving/dock-1/' });
    assert.deepEqual([made.status, made.body['deviceId'], made.body['station'], made.body['life']], [201, 'M2MDE1', 'receiving/dock-1', 'unknown']);
    assert.equal((await call('POST', 'devices', 'engineer', { site: 'dc-1', deviceId: 'M2MDE1', kind: 'scanner' })).body['code'], 'device-exists');
    const moved = await call('PUT', 'devices/dc-1/M2MDE1', 'engineer', { kind: 'scanner', name: 'Dock 2', station: 'receiving/dock-2' });
    assert.deepEqual([moved.status, moved.body['name'], moved.body['station']], [200, 'Dock 2', 'receiving/dock-2']);
    assert.equal((await call('POST', 'devices/dc-1/M2MDE1/state', 'engineer', { state: 'blocked' })).body['code'], 'device-reason-missing');
    assert.equal((await call('POST', 'devices/dc-1/M2MDE1/state', 'engineer', { state: 'blocked', reason: 'Lost' })).body['state'], 'blocked');
    assert.deepEqual((await list('state=blocked')).map(({ deviceId }) => deviceId), ['M2MDE1']);
    assert.equal((await call('POST', 'devices/dc-1/M2MDE1/state', 'engineer', { state: 'active' })).body['state'], 'active');
    assert.equal((await call('POST', 'devices/dc-1/M2MDE1/state', 'engineer', { state: 'retired' })).body['state'], 'retired');
    assert.deepEqual(await list(), []);
    const events = await test.engine.ledger.readStream('device:dc-1/M2MDE1');
    assert.deepEqual(events.map(({ type }) => type), ['DeviceRegistered', 'DeviceChanged', 'DeviceBlocked', 'DeviceUnblocked', 'DeviceRetired']);
    assert.ok(events.every(({ actor }) => actor.kind === 'person' && actor.id.startsWith('p_')));
  });

  it('take a thumbprint as tools print it, with slashes and colons in serials', async () => {
    const certificate = Array.from({ length: 32 }, () => 'AB').join(':');
    assert.equal((await call('POST', 'devices', 'engineer', { site: 'dc-1', deviceId: '24:4C/7 x', kind: 'other', certificate })).body['certificate'], 'ab'.repeat(32));
    assert.equal((await call('POST', `devices/dc-1/${encodeURIComponent('24:4C/7 x')}/state`, 'engineer', { state: 'retired', reason: 'Broken' })).status, 200);
  });

  it('show a key once', async () => {
    await call('POST', 'devices', 'engineer', { site: 'dc-1', deviceId: 'K1', kind: 'gateway' });
    const first = await call('POST', 'devices/dc-1/K1/key', 'engineer', {}, 'k');
    assert.equal(first.status, 201);
    assert.match(first.body['key'] as string, /^[A-Za-z0-9_-]{43}$/);
    assert.equal((await call('POST', 'devices/dc-1/K1/key', 'engineer', {}, 'k')).body['key'], first.body['key']);
    const second = await call('POST', 'devices/dc-1/K1/key', 'engineer', {});
    assert.notEqual(second.body['key'], first.body['key']);
    const [shown] = await list('q=k1');
    assert.equal(shown?.hasKey, true);
    assert.ok(!JSON.stringify(await test.engine.ledger.readStream('device:dc-1/K1')).includes(first.body['key'] as string));
    const exported = (await call('GET', 'devices/export?site=dc-1', 'engineer')).body['items'] as { deviceId: string; verifier: string }[];
    assert.match(exported.find(({ deviceId }) => deviceId === 'K1')?.verifier ?? '', /^\$7\$101\$/);
  });

  it('are imported after a dry run that records nothing', async () => {
    const devices = [
      { deviceId: 'I1', kind: 'scanner', station: 'receiving/dock-1' }, { deviceId: 'I2', kind: 'scanner', station: 'bad station' }, { deviceId: 'K1', kind: 'gateway', name: 'Gate' }, { deviceId: 'I1', kind: 'scanner' },
    ];
    const before = test.engine.ledger.health().lastPosition;
    const told = (body: Record<string, unknown>): unknown => (body['devices'] as { what: string; code?: string }[]).map(({ what, code }) => code ?? what);
    const expected = ['registered', 'device-station-invalid', 'changed', 'device-exists'];
    assert.deepEqual(told((await call('POST', 'devices/import', 'engineer', { site: 'dc-1', dryRun: true, devices })).body), expected);
    assert.equal(test.engine.ledger.health().lastPosition, before);
    assert.deepEqual(told((await call('POST', 'devices/import', 'engineer', { site: 'dc-1', dryRun: false, devices })).body), expected);
    assert.deepEqual((await list('q=dock-1')).map(({ deviceId }) => deviceId), ['I1']);
    assert.deepEqual(told((await call('POST', 'devices/import', 'engineer', { site: 'dc-1', dryRun: false, devices: [devices[0]] })).body), ['same']);
  });

  it('stay within their site and with those who may', async () => {
    const device = { site: 'dc-1', deviceId: 'X', kind: 'scanner' };
    assert.deepEqual([(await call('POST', 'devices', 'clerk', device)).status, (await call('POST', 'devices', 'elsewhere', device)).status, (await call('GET', 'devices', 'finance')).status], [403, 404, 403]);
    assert.deepEqual([(await list('', 'clerk')).length > 0, (await list('', 'elsewhere')).length], [true, 0]);
    assert.equal((await call('GET', 'devices/export?site=dc-1', 'clerk')).status, 403);
    assert.equal((await call('POST', 'devices/dc-1/I1/key', 'elsewhere', {})).status, 404);
    assert.equal((await call('POST', 'devices/dc-1/nobody/state', 'engineer', { state: 'retired' })).body['code'], 'device-unknown');
  });

  it('are missed as the site says', async () => {
    const set = { minutes: 60, per: 'device', calendar: 'Two shifts', role: 'supervisor' };
    const answer = await call('PUT', 'device-watch/dc-1', 'engineer', set);
    assert.equal(answer.status, 200);
    assert.match(answer.body['problem'] as string, /no usable calendar node "Two shifts"/);
    assert.equal((await call('PUT', 'device-watch/dc-1', 'engineer', { ...set, role: 'No role' })).body['code'], 'device-role-invalid');
    const got = (await call('GET', 'device-watch/dc-1', 'clerk')).body;
    assert.deepEqual([got['minutes'], got['per'], got['calendars']], [60, 'device', []]);
  });
});
