import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blockDevice, changeDevice, changeKey, clockOf, evolveDevice, isDeviceId, isStation, judgeDevice, noteClock, registerDevice, retireDevice, skewOf, unblockDevice } from '../../../src/domain/device/index.ts';
import type { ChangeDevice, Device, DevicePolicy, RegisterDevice, Sighting, StationPolicy } from '../../../src/domain/device/index.ts';
import type { Decision } from '../../../src/domain/decision.ts';
import type { AnyEvent } from '../../../src/domain/envelope.ts';

const site = 'dc-1';
const registered: AnyEvent = { type: 'DeviceRegistered', data: { deviceId: 'S1', kind: 'scanner', station: 'receiving/dock-1', by: 'p_1' }, content: { name: 'Dock 1' } };
const thumbprint = 'ab'.repeat(32);
const given = (...events: readonly AnyEvent[]): Device | undefined => events.reduce<Device | undefined>((state, event) => evolveDevice(state, { ...event, site }), undefined);
const register = (more: Partial<RegisterDevice> = {}): RegisterDevice => ({ deviceId: 'S1', kind: 'scanner', name: 'Dock 1', by: 'p_1', ...more });
const change = (more: Partial<ChangeDevice> = {}): ChangeDevice => ({ kind: 'scanner', name: 'Dock 1', station: 'receiving/dock-1', ...more });
const codeOf = (decision: Decision): string => (decision.kind === 'refused' ? decision.code : decision.events.map(({ type }) => type).join(',') || 'nothing');

describe('the register of devices', () => {
  it('registers a device once, and again when it was retired', () => {
    assert.deepEqual(registerDevice(undefined, register({ station: 'receiving/dock-1' }), [], 0), { kind: 'accepted', events: [registered] });
    assert.equal(codeOf(registerDevice(given(registered), register(), [], 1)), 'device-exists');
    const retired = given(registered, { type: 'DeviceKeyChanged', data: { deviceId: 'S1', verifier: '$7$1$a$b' } }, { type: 'DeviceRetired', data: { deviceId: 'S1' } });
    assert.deepEqual([retired?.state, retired?.verifier, retired?.version], ['retired', undefined, 3]);
    assert.equal(codeOf(registerDevice(retired, register(), [], 1)), 'DeviceRegistered');
  });

  for (const [code, more] of [
    ['device-id-invalid', { deviceId: '' }], ['device-id-invalid', { deviceId: ' S1' }], ['device-id-invalid', { deviceId: 'S\n1' }], ['device-id-invalid', { deviceId: 'x'.repeat(129) }],
    ['device-kind-invalid', { kind: 'robot' as never }], ['device-name-invalid', { name: 'a\nb' }], ['device-name-invalid', { name: 'x'.repeat(121) }],
    ['device-station-invalid', { station: 'dock/+' }], ['device-station-invalid', { station: '#' }], ['device-station-invalid', { station: 'a//b' }], ['device-station-invalid', { station: '' }],
    ['device-certificate-invalid', { certificate: 'AB' }], ['device-silence-invalid', { silentAfter: -1 }], ['device-silence-invalid', { silentAfter: 1.5 }], ['device-silence-invalid', { silentAfter: 10_081 }],
  ] as const) it(`refuses ${JSON.stringify(more).slice(0, 60)} with ${code}`, () => { assert.equal(codeOf(registerDevice(undefined, register(more), [], 0)), code); });

  it('gives a certificate to one device that is in use, and bounds the site', () => {
    assert.equal(codeOf(registerDevice(undefined, register({ certificate: thumbprint }), [{ deviceId: 'S2', certificate: thumbprint, state: 'active' }], 1)), 'device-certificate-taken');
    assert.equal(codeOf(registerDevice(undefined, register({ certificate: thumbprint }), [{ deviceId: 'S2', certificate: thumbprint, state: 'retired' }], 1)), 'DeviceRegistered');
    assert.equal(codeOf(registerDevice(undefined, register(), [], 20_000)), 'device-too-many');
  });

  it('changes what differs and nothing else', () => {
    assert.equal(codeOf(changeDevice(given(registered), change(), [])), 'nothing');
    const moved = changeDevice(given(registered), change({ station: 'receiving/dock-2' }), []);
    assert.deepEqual(moved.events, [{ type: 'DeviceChanged', data: { deviceId: 'S1', kind: 'scanner', station: 'receiving/dock-2' }, content: { name: 'Dock 1' } }]);
    const { station: _none, ...nowhere } = change();
    assert.equal(given(registered, ...changeDevice(given(registered), nowhere, []).events)?.station, undefined);
    assert.equal(codeOf(changeDevice(undefined, change(), [])), 'device-unknown');
  });

  it('blocks with a reason, lets in again, and retires for good', () => {
    const blocked = [registered, { type: 'DeviceBlocked', data: { deviceId: 'S1' }, content: { reason: 'lost' } }] as const;
    assert.equal(codeOf(blockDevice(given(registered), { reason: ' ' })), 'device-reason-missing');
    assert.deepEqual(blockDevice(given(registered), { reason: 'lost' }).events, [blocked[1]]);
    assert.equal(codeOf(blockDevice(given(...blocked), { reason: 'lost' })), 'nothing');
    assert.equal(codeOf(unblockDevice(given(...blocked))), 'DeviceUnblocked');
    assert.equal(codeOf(unblockDevice(given(registered))), 'nothing');
    const retired = given(registered, { type: 'DeviceRetired', data: { deviceId: 'S1' } });
    for (const decision of [changeDevice(retired, change(), []), blockDevice(retired, { reason: 'x' }), unblockDevice(retired), changeKey(retired, { verifier: 'v' })]) assert.equal(codeOf(decision), 'device-retired');
    assert.equal(codeOf(retireDevice(retired, {})), 'nothing');
  });

  it('takes a key in the place of the one before, and keeps it over a move', () => {
    const keyed = given(registered, { type: 'DeviceKeyChanged', data: { deviceId: 'S1', verifier: 'v1' } }, { type: 'DeviceChanged', data: { deviceId: 'S1', kind: 'gateway' }, content: { name: 'Gate' } });
    assert.deepEqual([keyed?.verifier, keyed?.kind, keyed?.station, keyed?.name], ['v1', 'gateway', undefined, 'Gate']);
    assert.equal(given(registered, { type: 'DeviceKeyChanged', data: { deviceId: 'S1', verifier: 'v1' } }, { type: 'DeviceKeyChanged', data: { deviceId: 'S1' } })?.verifier, undefined);
  });

  it('knows serials and stations as devices and topics have them', () => {
    for (const id of ['M2MDE123', '24:4c:e3:aa', 'Zebra RFD40/17', 'https://erp.example/berlin', 'Plant1/Line4/Scanner 2', 'x'.repeat(128), 'Wäägë']) assert.ok(isDeviceId(id), id);
    for (const id of ['', ' a', 'a ', 'a\u0000b', 'a\u202eb']) assert.ok(!isDeviceId(id), id);
    for (const station of ['dock-1', 'receiving/dock-1', 'a/b/c/d']) assert.ok(isStation(station), station);
    for (const station of ['', '/', 'a/', '+', 'a/#', 'a b', 'a/b/c/d/e']) assert.ok(!isStation(station), station);
  });
});

describe('whether a message of a device is taken', () => {
  const device = given(registered);
  const at = (station: string, more: Partial<Sighting> = {}): Sighting => ({ deviceId: 'S1', station, ...more });

  it('goes by the policy of the intake', () => {
    assert.deepEqual(judgeDevice(undefined, at('receiving/dock-1'), 'any', 'any'), {});
    assert.deepEqual(judgeDevice(undefined, at('receiving/dock-1'), 'note', 'any'), { note: 'unknown' });
    assert.equal(judgeDevice(undefined, at('receiving/dock-1'), 'registered', 'any').reason, 'device-unregistered');
    const blocked = given(registered, { type: 'DeviceBlocked', data: { deviceId: 'S1' } });
    assert.equal(judgeDevice(blocked, at('receiving/dock-1'), 'registered', 'any').reason, 'device-not-active');
    assert.equal(judgeDevice(blocked, at('receiving/dock-1'), 'note', 'any').reason, 'device-not-active', 'a block holds whatever an intake asks');
    assert.equal(judgeDevice(blocked, at('receiving/dock-1'), 'any', 'any').reason, 'device-not-active');
    const retired = given(registered, { type: 'DeviceRetired', data: { deviceId: 'S1' } });
    assert.equal(judgeDevice(retired, at('receiving/dock-1'), 'registered', 'any').reason, 'device-not-active');
    assert.equal(judgeDevice(retired, at('receiving/dock-1'), 'any', 'any').reason, undefined);
  });

  it('sees a device that reports from elsewhere', () => {
    assert.deepEqual(judgeDevice(device, at('receiving/dock-1'), 'registered', 'quarantine'), {});
    assert.deepEqual(judgeDevice(device, at('receiving/dock-2'), 'any', 'note'), { note: 'other-station' });
    assert.equal(judgeDevice(device, at('receiving/dock-2'), 'any', 'quarantine').reason, 'device-other-station');
    assert.deepEqual(judgeDevice({ ...device!, station: 'dock-1' }, at('shipping/dock-1'), 'any', 'quarantine'), {});
  });

  it('sees a copied serial under another sign-in, and lets gateways speak for their scanners', () => {
    assert.equal(judgeDevice(device, at('receiving/dock-1', { signedIn: { deviceId: 'S9', kind: 'scanner' } }), 'any', 'any').reason, 'device-mismatch');
    assert.deepEqual(judgeDevice(device, at('receiving/dock-1', { signedIn: { deviceId: 'G1', kind: 'gateway' } }), 'any', 'any'), {});
    assert.deepEqual(judgeDevice(device, at('receiving/dock-1', { signedIn: { deviceId: 'S1', kind: 'scanner' } }), 'registered', 'quarantine'), {});
  });

  it('never puts aside without a sentence that says what to do', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(fc.property(
      fc.option(fc.record({ state: fc.constantFrom('active' as const, 'blocked' as const, 'retired' as const), station: fc.option(text, { nil: undefined }) }), { nil: undefined }), text, fc.option(text, { nil: undefined }),
      fc.option(fc.record({ deviceId: text, kind: fc.constantFrom('scanner', 'gateway') }), { nil: undefined }), fc.constantFrom<DevicePolicy>('any', 'note', 'registered'), fc.constantFrom<StationPolicy>('any', 'note', 'quarantine'),
      (known, deviceId, station, signedIn, policy, stationPolicy) => {
        const { station: own, state } = known ?? {};
        const verdict = judgeDevice(known === undefined ? undefined : { ...device!, deviceId, state: state!, ...(own === undefined ? { station: undefined as never } : { station: own }) }, { deviceId, ...(station === undefined ? {} : { station }), ...(signedIn === undefined ? {} : { signedIn }) }, policy, stationPolicy);
        if (verdict.reason !== undefined) assert.match(verdict.message ?? '', /;.*\.$/s);
        if (policy === 'any' && stationPolicy !== 'quarantine' && signedIn === undefined && state !== 'blocked') assert.equal(verdict.reason, undefined);
        if (state === 'blocked') assert.notEqual(verdict.reason, undefined);
        if (policy === 'registered' && state !== 'active') assert.notEqual(verdict.reason, undefined);
      },
    ));
  });
});

describe('the clock of a device', () => {
  it('is told from the message that was under way for the shortest time', () => {
    assert.equal(skewOf([]), undefined);
    assert.equal(skewOf([-1, -2]), undefined);
    assert.equal(skewOf([-0.2, -3, -0.4]), -0.2);
    assert.equal(skewOf([3_600, 3_599, 3_598]), 3_600);
    // Kept while the line was down: nothing can be said of the clock.
    assert.equal(skewOf([-7_200, -3_600, -1_800, -60, -30]), undefined);
  });

  it('is an event when its class changes, and well within the bound before it is right again', () => {
    assert.deepEqual([clockOf(30, 'ok'), clockOf(31, 'ok'), clockOf(-31, 'ok'), clockOf(20, 'ahead'), clockOf(15, 'ahead')], ['ok', 'ahead', 'behind', 'ahead', 'ok']);
    const device = given(registered)!;
    assert.deepEqual(noteClock(device, 3_600.4).events, [{ type: 'DeviceClockNoted', data: { deviceId: 'S1', clock: 'ahead', skewSeconds: 3_600 } }]);
    const noted = given(registered, ...noteClock(device, 3_600).events)!;
    assert.deepEqual([noteClock(noted, 3_700).events, noteClock(noted, 20).events], [[], []]);
    assert.equal(codeOf(noteClock(noted, 0)), 'DeviceClockNoted');
  });

  it('never goes to and fro on a steady skew', () => {
    fc.assert(fc.property(fc.double({ min: -120, max: 120, noNaN: true }), fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { maxLength: 30 }), (skew, jitter) => {
      let device = given(registered)!;
      let events = 0;
      for (const by of jitter) {
        const noted = noteClock(device, skew + by).events;
        events += noted.length;
        device = noted.reduce<Device>((state, event) => evolveDevice(state, { ...event, site }) ?? state, device);
      }
      assert.ok(events <= 1);
    }));
  });
});
