import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ScanIntake, TriggerWindow, type ScanIntakeOptions, type ScanOutcome } from '../../../src/intake/mqtt/index.ts';
import { LedgerError } from '../../../src/ledger/port.ts';
import { EngineDouble, message } from './support/engine-double.ts';

const GTIN = '(01)09506000134352';
const OTHER = '(01)09506000134369';
const START = Date.UTC(2026, 10, 28);

describe('double pulls of a trigger', () => {
  let engine: EngineDouble;
  let now: number;
  let told: ScanOutcome[];
  let intakes: ScanIntake[];

  function intake(windowMs: number, options: Partial<ScanIntakeOptions> = {}): ScanIntake {
    const window = new TriggerWindow();
    window.windowMs = windowMs;
    const made = new ScanIntake(engine, {
      pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'auto', fnc1: '', maxBytes: 65_536, operatorRequired: false, process: 'procure-to-pay', template: 'receiving@1.0.0',
      enterprise: 'acme', site: 'dc-1', uniqueScope: '', clock: () => now, retry: { minMs: 2, maxMs: 4 }, window, onOutcome: (outcome) => told.push(outcome), ...options,
    });
    intakes.push(made);
    return made;
  }

  beforeEach(() => {
    engine = new EngineDouble();
    now = START;
    told = [];
    intakes = [];
  });
  afterEach(() => { for (const made of intakes) made.close(); });

  it('are one scan, counted and named as folded, with the case of the first', async () => {
    const made = intake(500);
    await made.take(message({ code: GTIN, device: 'ring-1' }));
    now += 499;
    await made.take(message({ code: GTIN, device: 'ring-1' }));
    assert.equal(engine.opened.length, 1);
    assert.deepEqual(told.map(({ kind, caseId }) => [kind, caseId]), [['opened', 'case-1'], ['folded', 'case-1']]);
    assert.deepEqual(engine.counters, { scans_received: 2, scans_opened: 1, scans_folded: 1 });
    now += 1; // 500 ms after the scan that was taken: the window does not slide
    await made.take(message({ code: GTIN, device: 'ring-1' }));
    assert.equal(engine.opened.length, 2);
  });

  it('are told by device and code together', async () => {
    const made = intake(500);
    await made.take(message({ code: GTIN, device: 'ring-1' }));
    await made.take(message({ code: GTIN, device: 'ring-2' }));
    await made.take(message({ code: OTHER, device: 'ring-1' }));
    assert.equal(engine.opened.length, 3);
  });

  it('are not folded while the option is off: identical pieces are pieces', async () => {
    for (const made of [intake(0), intake(0, { window: new TriggerWindow() })]) {
      for (let at = 0; at < 3; at += 1) await made.take(message({ code: GTIN, device: 'ring-1' }));
    }
    assert.equal(engine.opened.length, 6);
    assert.equal(engine.opened.some(({ possibleDuplicate }) => possibleDuplicate === true), false);
  });

  it('go by the device\'s clock where both have one: a backlog that comes at once is not one scan', async () => {
    const made = intake(1_000);
    await made.take(message({ id: 'a', code: GTIN, device: 'ring-1', time: '2026-11-27T07:00:00.000Z' }));
    await made.take(message({ id: 'b', code: GTIN, device: 'ring-1', time: '2026-11-27T07:10:00.000Z' }));
    assert.equal(engine.opened.length, 2);
    now += 60_000;
    await made.take(message({ id: 'c', code: GTIN, device: 'ring-1', time: '2026-11-27T07:10:00.400Z' }));
    assert.equal(engine.opened.length, 2);
    assert.equal(engine.counters.scans_folded, 1);
  });

  it('leave the same message to the ledger, which knows it for good', async () => {
    const made = intake(1_000);
    engine.answers.push({ kind: 'opened', caseId: 'case-1' }, { kind: 'duplicate', caseId: 'case-1' });
    await made.take(message({ id: 'a', code: GTIN, device: 'ring-1' }));
    await made.take(message({ id: 'a', code: GTIN, device: 'ring-1' }));
    assert.deepEqual(told.map(({ kind }) => kind), ['opened', 'duplicate']);
  });

  it('are not confirmed before the first is durable', async () => {
    const made = intake(1_000);
    engine.setAccepting(false);
    const [first, second] = [made.take(message({ code: GTIN })), made.take(message({ code: GTIN }))];
    let confirmed = false;
    void second.then(() => { confirmed = true; });
    await new Promise((resolve) => { setTimeout(resolve, 30); });
    assert.equal(confirmed, false);
    engine.setAccepting(true);
    await Promise.all([first, second]);
    assert.deepEqual([engine.opened.length, engine.counters.scans_folded], [1, 1]);
  });

  it('stand for the first when that was not recorded', async () => {
    const made = intake(1_000);
    engine.answers.push(new LedgerError('leaf-too-large', 'too large'));
    await Promise.all([made.take(message({ code: GTIN })), made.take(message({ code: GTIN })), made.take(message({ code: GTIN }))]);
    assert.deepEqual(told.map(({ kind }) => kind), ['quarantined', 'opened', 'folded']);
  });

  it('are uncertain after a start and on a second delivery, and the case says so', async () => {
    const made = intake(1_000);
    await made.take(message({ id: 'a', code: GTIN }));
    now += 1_000;
    await made.take(message({ id: 'b', code: OTHER }));
    await made.take(message({ id: 'c', code: '(01)09506000134376' }, { dup: true }));
    assert.deepEqual(engine.opened.map(({ possibleDuplicate }) => possibleDuplicate ?? false), [true, false, true]);
  });

  it('never lose a scan, and never keep more than one of a window: any sequence', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ code: fc.constantFrom(GTIN, OTHER), device: fc.constantFrom('a', 'b'), wait: fc.integer({ min: 0, max: 300 }) }), { maxLength: 40 }), async (pulls) => {
      engine = new EngineDouble();
      now = START;
      const made = intake(200);
      const taken = new Map<string, number>();
      let expected = 0;
      for (const { code, device, wait } of pulls) {
        now += wait;
        const last = taken.get(`${device} ${code}`);
        if (last === undefined || now - last >= 200) {
          taken.set(`${device} ${code}`, now);
          expected += 1;
        }
        await made.take(message({ code, device }));
      }
      assert.equal(engine.opened.length, expected);
      assert.equal((engine.counters.scans_folded ?? 0) + expected, pulls.length);
    }), { numRuns: 50 });
  });
});
