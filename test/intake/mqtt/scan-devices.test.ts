import assert from 'node:assert/strict';
import { ScanIntake, type ScanDevices, type ScanIntakeOptions, type ScanOutcome } from '../../../src/intake/mqtt/index.ts';
import { lifeSignOf } from '../../../src/intake/mapper/index.ts';
import { EngineDouble, message } from './support/engine-double.ts';

const SSCC = '340123450000000086';
const OPTIONS: ScanIntakeOptions = {
  pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'auto', fnc1: '', maxBytes: 65_536, operatorRequired: false,
  process: 'procure-to-pay', template: 'receiving@1.0.0', enterprise: 'acme', site: 'dc-1', uniqueScope: 'receiving',
  clock: () => Date.UTC(2025, 10, 23), retry: { minMs: 5, maxMs: 20 },
};

describe('devices at a scan intake', () => {
  let engine: EngineDouble;
  let made: ScanIntake | undefined;
  let asked: Parameters<ScanDevices['judge']>[0][];
  let lives: unknown[];
  const told: ScanOutcome[] = [];
  const intake = (devices: Partial<ScanDevices>): ScanIntake => made = new ScanIntake(engine, {
    ...OPTIONS, onOutcome: (outcome) => told.push(outcome),
    devices: { judge: (each) => { asked.push(each); return {}; }, repeated: () => undefined, alive: (...each) => lives.push(each), ...devices },
  });

  beforeEach(() => {
    engine = new EngineDouble();
    asked = [];
    lives = [];
    told.length = 0;
  });
  afterEach(() => made?.close());

  it('are asked about with serial, station, time and who signed in', async () => {
    await intake({}).take({ ...message({ id: 'e-1', code: `(00)${SSCC}`, device: 'ring-7', time: '2025-11-23T07:00:00Z' }), sender: { deviceId: 'gate-1', kind: 'gateway' } });
    assert.deepEqual(asked, [{ deviceId: 'ring-7', station: 'receiving/dock-1', signedIn: { deviceId: 'gate-1', kind: 'gateway' }, occurredAt: '2025-11-23T07:00:00.000Z' }]);
    assert.equal(engine.opened[0]?.device, 'ring-7');
  });

  it('stand for a scan that names none, when they signed in', async () => {
    await intake({}).take({ ...message(`(00)${SSCC}`), sender: { deviceId: 'ring-7', kind: 'scanner' } });
    assert.deepEqual([asked[0]?.deviceId, engine.opened[0]?.device], ['ring-7', 'ring-7']);
  });

  it('that may not send are put aside with their sentence, each scan of a batch by itself', async () => {
    const batch = [{ code: `(00)${SSCC}`, device: 'good' }, { code: '(01)09506000134352', device: 'bad' }];
    await intake({ judge: ({ deviceId }) => (deviceId === 'bad' ? { reason: 'device-unregistered', message: 'Register it; then admit it.' } : {}) }).take(message(batch));
    assert.deepEqual(engine.opened.map(({ device }) => device), ['good']);
    assert.deepEqual(engine.quarantined.map(({ reason, device, message: why }) => [reason, device, why]), [['device-unregistered', 'bad', 'Register it; then admit it.']]);
  });

  it('whose clock is off say so in the case, which keeps their time', async () => {
    await intake({ judge: () => ({ skewSeconds: 3_600 }) }).take(message({ code: `(00)${SSCC}`, time: '2025-11-23T08:00:00Z' }));
    assert.deepEqual([engine.opened[0]?.scan.skewSeconds, engine.opened[0]?.occurredAt], [3_600, '2025-11-23T08:00:00.000Z']);
  });

  it('that flood are acknowledged when the ledger says so, and taken in when it cannot', async () => {
    let begun = (): void => undefined;
    const waiting = new Promise<void>((resolve) => { begun = resolve; });
    let acknowledged = false;
    const taking = intake({ repeated: () => waiting }).take(message('not a label')).then(() => { acknowledged = true; });
    await new Promise((resolve) => { setImmediate(resolve); });
    assert.equal(acknowledged, false);
    begun();
    await taking;
    assert.deepEqual([engine.opened.length, engine.quarantined.length, engine.counters['scans_flood'], told[0]?.kind, told[0]?.flood], [0, 0, 1, 'duplicate', true]);
    await intake({ repeated: () => Promise.reject(new Error('the ledger takes nothing')) }).take(message(`(00)${SSCC}`));
    assert.equal(engine.opened.length, 1);
  });

  it('say that they are there without a scan', async () => {
    await intake({}).take(message({ api_version: '1.0', event_type: 'gateway_state', event_id: 'x', gateway_serial: 'G-1', gateway_state: 'CONNECTED' }));
    await intake({}).take(message({ event_type: 'heartbeat', device_serial: 'S-1', gateway_serial: 'G-1' }));
    assert.deepEqual(lives, [['G-1', 'receiving/dock-1'], ['S-1', 'receiving/dock-1']]);
    assert.deepEqual([engine.quarantined.length, engine.counters['scans_life_signs']], [0, 2]);
    // Whatever else is no scan is for a person to look at, and a sign of life all the same.
    await intake({}).take(message({ event_type: 'button_pressed', device_serial: 'S-1' }));
    assert.deepEqual([engine.quarantined.map(({ reason }) => reason), lives.length], [['not-a-scan'], 3]);
  });

  it('reads signs of life from nothing but small JSON that says so', () => {
    for (const text of ['', 'heartbeat', '[]', 'null', '{"type":7}', '{"type":"scan"}', `{"type":"heartbeat","x":"${'y'.repeat(5_000)}"}`]) assert.equal(lifeSignOf(Buffer.from(text)), undefined, text.slice(0, 30));
    assert.deepEqual(lifeSignOf(Buffer.from('{"type":"Heartbeat"}')), {});
    assert.deepEqual(lifeSignOf(Buffer.from('{"event":"online","serial":"S1"}')), { deviceId: 'S1' });
  });
});
