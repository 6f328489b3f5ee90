import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '../../../src/engine/support/clock.ts';
import { isKeyOf, newDeviceKey, verifierOf } from '../../../src/engine/devices/keys.ts';
import { mostUnknown } from '../../../src/engine/devices/sightings.ts';
import { close, Desk, eve } from '../review/support/desk.ts';

const site = 'dc-1';
const minute = 60_000;
const rules = { policy: 'note', station: 'note' } as const;
const device = (deviceId: string, more: object = {}) => ({ site, deviceId, kind: 'scanner' as const, name: '', by: eve, ...more });

describe('devices', () => {
  let clock: VirtualClock;
  let desk: Desk;
  const open = async (home?: string): Promise<void> => {
    desk = await Desk.open({ clock, ...(home === undefined ? {} : { home }) });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    await desk.engine.devices.look();
  };
  const pass = async (ms: number): Promise<void> => {
    await clock.advanceBy(ms);
    await desk.engine.devices.look();
  };
  const typesOf = async (stream: string): Promise<readonly string[]> => (await desk.engine.ledger.readStream(stream)).map(({ type }) => type);
  const tasks = async () => (await desk.engine.ledger.listTasks({}, { limit: 50 })).items.filter(({ role }) => role === 'supervisor');
  const openTasks = async () => (await tasks()).filter(({ status }) => status === 'open');
  const eventually = async (look: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 500; tries += 1) {
      if (await look()) return;
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
    assert.fail('it did not come about');
  };

  beforeEach(async () => {
    clock = new VirtualClock('2026-06-15T08:00:00.000Z');
    await open();
  });
  afterEach(async () => { await desk.close(); });

  it('are known again after a crash, with their state, key and place', async () => {
    const { devices } = desk.engine;
    assert.ok((await devices.register(device('S1', { station: 'receiving/dock-1' }))).ok);
    const made = await devices.newKey({ site, deviceId: 'S1', by: eve });
    assert.ok(made.ok);
    assert.ok((await devices.block({ site, deviceId: 'S1', reason: 'Lost', by: eve })).ok);
    await desk.crash();
    await open(desk.home);
    const again = desk.engine.devices.get(site, 'S1');
    assert.deepEqual([again?.device?.state, again?.device?.station, again?.device?.version], ['blocked', 'receiving/dock-1', 3]);
    assert.ok(isKeyOf(again?.device?.verifier ?? '', made.key));
    assert.ok((await desk.engine.devices.unblock({ site, deviceId: 'S1', by: eve })).ok);
    assert.deepEqual(await typesOf('device:dc-1/S1'), ['DeviceRegistered', 'DeviceKeyChanged', 'DeviceBlocked', 'DeviceUnblocked']);
  });

  it('record a refusal under the name of who asked', async () => {
    const refused = await desk.engine.devices.block({ site, deviceId: 'nobody', reason: 'x', by: eve });
    assert.deepEqual([refused.ok, !refused.ok && refused.code], [false, 'device-unknown']);
    const events = await desk.engine.ledger.readAll(1, 500);
    assert.ok(events.some(({ type, reasonCode }) => type === 'CommandRefused' && reasonCode === 'device-unknown'));
  });

  it('that are unknown are noted with when they came, and bounded whatever comes', async () => {
    const gate = desk.engine.deviceGate(site, rules);
    assert.deepEqual(gate.judge({ deviceId: 'X1', station: 'receiving/dock-1' }), {});
    await clock.advanceBy(minute);
    gate.judge({ deviceId: 'X1', station: 'receiving/dock-2' });
    const [noted] = desk.engine.devices.list([site]);
    assert.deepEqual([noted?.device, noted?.seen?.messages, noted?.seen?.station, noted!.seen!.lastSeen - noted!.seen!.firstSeen], [undefined, 2, 'receiving/dock-2', minute]);
    for (let i = 0; i < 3 * mostUnknown; i += 1) gate.judge({ deviceId: `R${i}` });
    assert.equal(desk.engine.devices.list([site]).length, mostUnknown);
    assert.ok((await desk.engine.devices.register(device(`R${3 * mostUnknown - 1}`))).ok);
    assert.equal(desk.engine.devices.get(site, `R${3 * mostUnknown - 1}`)?.seen?.messages, 1);
  });

  it('are put aside where registered ones are asked for, until they are registered', async () => {
    const gate = desk.engine.deviceGate(site, { policy: 'registered', station: 'quarantine' });
    assert.equal(gate.judge({ deviceId: 'S1', station: 'receiving/dock-1' }).reason, 'device-unregistered');
    await desk.engine.devices.register(device('S1', { station: 'receiving/dock-1' }));
    assert.equal(gate.judge({ deviceId: 'S1', station: 'receiving/dock-1' }).reason, undefined);
    assert.equal(gate.judge({ deviceId: 'S1', station: 'receiving/dock-2' }).reason, 'device-other-station');
    const { seen } = desk.engine.devices.get(site, 'S1')!;
    assert.deepEqual([seen?.putAside, seen?.elsewhere?.station], [2, 'receiving/dock-2']);
    await desk.engine.devices.block({ site, deviceId: 'S1', reason: 'Lost', by: eve });
    assert.equal(gate.judge({ deviceId: 'S1', station: 'receiving/dock-1' }).reason, 'device-not-active');
  });

  it('whose clock is off are one event when it begins and one when it is over, and the case says it', async () => {
    await desk.engine.devices.register(device('S1'));
    const gate = desk.engine.deviceGate(site, rules);
    const scan = async (skewMs: number): Promise<number | undefined> => {
      await clock.advanceBy(2_000);
      return gate.judge({ deviceId: 'S1', occurredAt: new Date(clock.now() + skewMs - 300).toISOString() }).skewSeconds;
    };
    for (let i = 0; i < 5; i += 1) assert.equal(await scan(0), undefined);
    // The first message from the future says so at once; the clock is only known to be wrong when several agree.
    assert.equal(await scan(3_600_000), 3_600);
    for (let i = 0; i < 20; i += 1) assert.equal(await scan(3_600_000), 3_600);
    await eventually(async () => (await typesOf('device:dc-1/S1')).length === 2);
    assert.deepEqual([desk.engine.devices.get(site, 'S1')?.clock, desk.engine.devices.get(site, 'S1')?.seen?.skewSeconds], ['ahead', 3_600]);
    for (let i = 0; i < 20; i += 1) await scan(0);
    await eventually(async () => (await typesOf('device:dc-1/S1')).length === 3);
    assert.deepEqual(await typesOf('device:dc-1/S1'), ['DeviceRegistered', 'DeviceClockNoted', 'DeviceClockNoted']);
    // Kept while the line was down: an hour old, and no word about the clock.
    for (let i = 0; i < 9; i += 1) {
      await clock.advanceBy(2_000);
      gate.judge({ deviceId: 'S1', occurredAt: new Date(clock.now() - 3_600_000 + i * 300_000).toISOString() });
    }
    assert.equal((await typesOf('device:dc-1/S1')).length, 3);
  });

  it('that send one message over and over are acknowledged, left out, and one event', async () => {
    const gate = desk.engine.deviceGate(site, rules);
    const payload = Buffer.from('(00)340123450000000086');
    let taken = 0;
    let left = 0;
    for (let i = 0; i < 1_000; i += 1) {
      const repeat = gate.repeated('S1', payload, 'acme/dc-1/receiving/dock-1/scan');
      if (repeat === undefined) taken += 1;
      else {
        await repeat;
        left += 1;
      }
    }
    assert.deepEqual([taken, left], [100, 900]);
    assert.equal(gate.repeated('S1', Buffer.from('another'), 't'), undefined);
    assert.equal(desk.engine.devices.floods.open, 1);
    await pass(11_000);
    assert.equal(desk.engine.devices.floods.open, 0);
    const flood = (await desk.engine.ledger.readAll(1, 500)).filter(({ type }) => type.startsWith('DeviceFlood'));
    assert.deepEqual(flood.map(({ type, data }) => [type, (data as { messages?: number }).messages]), [['DeviceFloodBegan', undefined], ['DeviceFloodEnded', 900]]);
    // A hand that scans the same pick again and again is none.
    for (let i = 0; i < 300; i += 1) {
      await clock.advanceBy(200);
      assert.equal(gate.repeated('S2', payload, 't'), undefined);
    }
  });

  it('that fall silent are one alarm and one task over a crash, which end when they report', async () => {
    const { devices } = desk.engine;
    await devices.register(device('S1', { name: 'Dock 1', station: 'receiving/dock-1' }));
    await devices.register(device('S2', { silentAfter: 0 }));
    assert.ok((await devices.setWatch({ site, minutes: 60, per: 'device', calendar: '', role: 'supervisor', by: eve })).ok);
    desk.engine.deviceGate(site, rules).judge({ deviceId: 'S1' });
    await pass(59 * minute);
    assert.equal(devices.silent, 0);
    await pass(2 * minute);
    assert.equal(devices.silent, 1);
    await eventually(async () => (await openTasks()).length === 1);
    const [task] = await openTasks();
    assert.equal(task?.title, 'Nothing is heard of device S1');
    await pass(minute);
    await desk.crash();
    await open(desk.home);
    assert.equal(desk.engine.devices.silent, 1);
    await pass(10 * minute);
    assert.deepEqual([(await tasks()).length, await typesOf('device-silence:dc-1/device:S1')], [1, ['DeviceSilent']]);
    assert.equal(desk.engine.devices.get(site, 'S1')?.life, 'silent');
    desk.engine.deviceGate(site, rules).alive('S1');
    await pass(minute);
    assert.deepEqual(await typesOf('device-silence:dc-1/device:S1'), ['DeviceSilent', 'DeviceHeard']);
    assert.deepEqual([desk.engine.devices.silent, (await openTasks()).length, desk.engine.devices.get(site, 'S1')?.life], [0, 0, 'ok']);
    await pass(61 * minute);
    assert.deepEqual(await typesOf('device-silence:dc-1/device:S1'), ['DeviceSilent', 'DeviceHeard', 'DeviceSilent']);
    await eventually(async () => (await openTasks()).length === 1);
    await desk.engine.devices.retire({ site, deviceId: 'S1', by: eve });
    await pass(minute);
    assert.deepEqual([(await typesOf('device-silence:dc-1/device:S1')).at(-1), (await openTasks()).length], ['DeviceHeard', 0]);
  });

  it('get their task after a crash right behind the alarm', async () => {
    await desk.engine.devices.register(device('S1'));
    await desk.engine.devices.setWatch({ site, minutes: 5, per: 'device', calendar: '', role: 'supervisor', by: eve });
    const { ledger } = desk.engine;
    await clock.advanceBy(6 * minute);
    // As if the process had ended between the two: the alarm is recorded, and no task was opened.
    const since = '2026-06-15T08:00:00.000Z';
    await ledger.append({ streamId: 'device-silence:dc-1/device:S1', expectedVersion: 0, events: [{
      type: 'DeviceSilent', data: { alarmId: 'alarm-1', subject: 'device', subjectId: 'S1', since, minutes: 5 }, eventId: '01970000-0000-7000-8000-000000000001', streamId: 'device-silence:dc-1/device:S1', version: 1, site,
      legalEntity: 'acme-gmbh', epoch: 1, occurredAt: clock.iso(), clockSource: 'server', actor: { kind: 'system', id: 'engine' }, correlationId: 'x',
    }] });
    await desk.crash();
    await open(desk.home);
    // A look that comes while the first is still at work finds nothing to do; the next one does.
    await eventually(async () => {
      await pass(30_000);
      return (await openTasks()).length === 1;
    });
    assert.deepEqual(await typesOf('device-silence:dc-1/device:S1'), ['DeviceSilent']);
  });

  it('of one station are missed together, and only when none of them reports', async () => {
    const { devices } = desk.engine;
    await devices.register(device('S1', { station: 'receiving/dock-1' }));
    await devices.register(device('S2', { station: 'receiving/dock-1' }));
    await devices.setWatch({ site, minutes: 60, per: 'station', calendar: '', role: 'supervisor', by: eve });
    const gate = desk.engine.deviceGate(site, rules);
    await pass(50 * minute);
    gate.judge({ deviceId: 'S2' });
    await pass(50 * minute);
    assert.equal(devices.silent, 0);
    await pass(11 * minute);
    assert.deepEqual([devices.silent, devices.get(site, 'S1')?.life, devices.get(site, 'S2')?.life], [1, 'silent', 'silent']);
    gate.judge({ deviceId: 'S1' });
    await pass(minute);
    assert.equal(devices.silent, 0);
  });

  it('are not missed at night, nor for a time in which nobody could hear them', async () => {
    const { calendars, devices } = desk.engine;
    const shift = [{ from: '08:00', to: '16:00' }];
    const placed = calendars.set('calendar-1', {
      name: 'Early', timeZone: 'UTC', weekly: { mon: shift, tue: shift, wed: shift, thu: shift, fri: shift, sat: [], sun: [] }, country: '', state: '', region: '', bankHolidays: false, closures: [], openings: [], hoursPerDay: 8,
    });
    assert.equal(await placed.problem, undefined);
    await devices.register(device('S1'));
    await devices.setWatch({ site, minutes: 120, per: 'device', calendar: 'Early', role: 'supervisor', by: eve });
    assert.deepEqual([devices.watch(site).problem, devices.calendars()], [undefined, ['Early']]);
    await clock.advanceTo('2026-06-15T15:00:00.000Z');
    desk.engine.deviceGate(site, rules).judge({ deviceId: 'S1' });
    await clock.advanceTo('2026-06-16T08:30:00.000Z');
    await devices.look();
    assert.equal(devices.silent, 0); // an hour of Monday, half an hour of Tuesday
    await desk.crash();
    await clock.advanceTo('2026-06-16T15:30:00.000Z');
    await open(desk.home);
    desk.engine.calendars.set('calendar-1', { name: 'Early', timeZone: 'UTC', weekly: { mon: shift, tue: shift, wed: shift, thu: shift, fri: shift }, country: '', state: '', region: '', bankHolidays: false, closures: [], openings: [], hoursPerDay: 8 });
    await desk.engine.devices.look();
    assert.equal(desk.engine.devices.silent, 0); // Waybill did not run
    await clock.advanceTo('2026-06-17T08:01:00.000Z');
    await desk.engine.devices.look();
    assert.equal(desk.engine.devices.silent, 1);
    placed.forget();
  });

  it('go on with a damaged or lost file of sightings, from now on', async () => {
    await desk.engine.devices.register(device('S1'));
    await desk.engine.devices.setWatch({ site, minutes: 60, per: 'device', calendar: '', role: 'supervisor', by: eve });
    for (const spoil of [(path: string) => { writeFileSync(path, '{"sites": 7'); }, (path: string) => { writeFileSync(path, '{"version":1,"savedAt":"x","sites":null}'); }, (path: string) => { rmSync(path); }]) {
      await desk.crash();
      spoil(join(desk.home, 'devices.json'));
      await clock.advanceBy(3 * 3_600_000);
      await open(desk.home);
      await pass(30 * minute);
      assert.equal(desk.engine.devices.silent, 0);
    }
    await pass(31 * minute);
    assert.equal(desk.engine.devices.silent, 1);
  });
});

describe('keys of devices', () => {
  it('are known by their verifier alone, and nothing else is', () => {
    const key = newDeviceKey();
    const verifier = verifierOf(key);
    assert.match(verifier, /^\$7\$101\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/);
    assert.notEqual(verifierOf(key), verifier);
    assert.ok(isKeyOf(verifier, key));
    for (const [known, password] of [[verifier, `${key} `], [verifier, ''], ['', key], ['$7$0$a$b', key], ['$7$999999999$YQ==$YQ==', key], ['$6$101$a$b', key], [verifier, 'x'.repeat(100_000)]] as const) assert.ok(!isKeyOf(known, password));
  });

});
