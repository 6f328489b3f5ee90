import assert from 'node:assert/strict';
import { LedgerError } from '../../../src/ledger/port.ts';
import { MqttIntakeError, ScanIntake, type ScanIntakeOptions, type ScanOutcome } from '../../../src/intake/mqtt/index.ts';
import { EngineDouble, message } from './support/engine-double.ts';
import { settle, until } from './support/device.ts';

const SSCC = '340123450000000086';
const GTIN = '09506000134352';

const OPTIONS: ScanIntakeOptions = {
  pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'auto', fnc1: '', maxBytes: 65_536, operatorRequired: false,
  process: 'procure-to-pay', template: 'receiving@1.0.0', enterprise: 'acme', site: 'dc-1', uniqueScope: 'receiving',
  clock: () => Date.UTC(2025, 10, 23), retry: { minMs: 5, maxMs: 20 },
};

describe('scan intake', () => {
  let engine: EngineDouble;
  let intakes: ScanIntake[];

  function intake(options: Partial<ScanIntakeOptions> = {}): ScanIntake {
    const made = new ScanIntake(engine, { ...OPTIONS, ...options });
    intakes.push(made);
    return made;
  }

  beforeEach(() => {
    engine = new EngineDouble();
    intakes = [];
  });
  afterEach(() => {
    for (const made of intakes) made.close();
    assert.equal(engine.listeners, 0, 'a closed intake leaves no listener behind');
  });

  it('opens a case from an SSCC: facts, station, keys, uniqueness, transport id of its device', async () => {
    await intake().take(message({ id: 'e-1', code: `(00)${SSCC}`, device: 'ring-7', operator: 'op-1', time: '2025-11-23T07:00:00Z' }));
    assert.deepEqual(engine.opened, [{
      process: 'procure-to-pay', template: 'receiving@1.0.0', site: 'dc-1',
      title: `SSCC ${SSCC}`,
      keys: [{ type: 'sscc', value: SSCC }],
      document: {
        scan: { code: `(00)${SSCC}`, sscc: SSCC },
        station: { enterprise: 'acme', site: 'dc-1', area: 'receiving', station: 'dock-1' },
      },
      message: { payload: { code: `(00)${SSCC}`, sscc: SSCC }, topic: 'acme/dc-1/receiving/dock-1/scan' },
      unique: { scope: 'receiving', key: SSCC },
      transportId: 'ring-7/e-1',
      device: 'ring-7',
      operator: 'op-1',
      scan: {
        code: `(00)${SSCC}`, topic: 'acme/dc-1/receiving/dock-1/scan',
        fields: { enterprise: 'acme', site: 'dc-1', area: 'receiving', station: 'dock-1', facts: { code: `(00)${SSCC}`, sscc: SSCC } },
      },
      occurredAt: '2025-11-23T07:00:00.000Z',
    }]);
    assert.deepEqual(engine.counters, { scans_received: 1, scans_opened: 1 });
  });

  it('takes a GTIN with quantity and order, which is unique by its transport id only', async () => {
    await intake().take(message({ id: 'e-2', code: `(01)${GTIN}(10)L42(17)260101`, quantity: 5, po: '4500012345', line: '10', deliveryNote: 'DN-9', final: true }));
    const [opening] = engine.opened;
    assert.equal(opening?.title, `GTIN ${GTIN} × 5`);
    assert.equal(opening?.unique, undefined);
    assert.deepEqual(opening?.keys, [{ type: 'gtin', value: GTIN }, { type: 'po', value: '4500012345' }, { type: 'deliveryNote', value: 'DN-9' }]);
    assert.deepEqual(opening?.message.payload, { code: `(01)${GTIN}(10)L42(17)260101`, gtin: GTIN, lot: 'L42', expiry: '2026-01-01', quantity: '5', po: '4500012345', line: '10', deliveryNote: 'DN-9', final: true });
  });

  it('reads bare text, names the station as device, and knows no transport id then', async () => {
    await intake().take(message(`]C100${SSCC}`));
    assert.equal(engine.opened[0]?.device, 'receiving/dock-1');
    assert.equal(engine.opened[0]?.transportId, undefined);
  });

  it('lets a reversal take up an SSCC that was received', async () => {
    await intake().take(message({ id: 'e-3', code: `(00)${SSCC}`, reverse: true }));
    assert.equal(engine.opened[0]?.unique, undefined);
    assert.equal(engine.opened[0]?.title, `Reversal: SSCC ${SSCC}`);
  });

  it('keeps SSCCs apart from nothing when the scope is empty', async () => {
    await intake({ uniqueScope: '' }).take(message(`(00)${SSCC}`));
    assert.equal(engine.opened[0]?.unique, undefined);
  });

  it('counts duplicates and repeats, and tells the station', async () => {
    const told: ScanOutcome[] = [];
    engine.answers.push({ kind: 'duplicate', caseId: 'c-1' }, { kind: 'repeat', caseId: 'c-2', closed: true });
    const made = intake({ onOutcome: (outcome) => told.push(outcome) });
    await made.take(message(`(00)${SSCC}`, { dup: true }));
    await made.take(message(`(00)${SSCC}`));
    assert.deepEqual(engine.counters, { scans_received: 2, scans_redelivered: 1, scans_duplicate: 1, scans_repeat: 1 });
    assert.deepEqual(told.map(({ kind, caseId, closed }) => ({ kind, caseId, closed })), [{ kind: 'duplicate', caseId: 'c-1', closed: undefined }, { kind: 'repeat', caseId: 'c-2', closed: true }]);
  });

  describe('quarantine', () => {
    const bad: readonly [reason: string, payload: Parameters<typeof message>[0], extra?: Parameters<typeof message>[1]][] = [
      ['unknown-site', `(00)${SSCC}`, { topic: 'acme/dc-9/receiving/dock-1/scan' }],
      ['unknown-site', `(00)${SSCC}`, { topic: 'other/dc-1/receiving/dock-1/scan' }],
      ['topic-outside-pattern', `(00)${SSCC}`, { topic: 'acme/dc-1/scan' }],
      ['malformed-json', '{"code": '],
      ['bad-check-digit', `(00)${SSCC.slice(0, 17)}9`],
      ['invalid-utf8', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
      ['empty-payload', ''],
      ['payload-too-large', Buffer.alloc(1024 * 1024, 'x')],
      ['payload-too-large', 'head', { truncated: true }],
      ['not-gs1', 'hello'],
      ['retained', `(00)${SSCC}`, { retain: true }],
    ];
    for (const [reason, payload, extra] of bad) {
      it(`${reason}: is put aside, durably, then acknowledged (${extra?.topic ?? 'dock-1'}, ${Buffer.from(payload as string).length} bytes)`, async () => {
        await intake().take(message(payload, extra));
        assert.deepEqual(engine.opened, []);
        assert.equal(engine.quarantined.length, 1);
        assert.equal(engine.quarantined[0]?.reason, reason);
        assert.equal(engine.quarantined[0]?.site, 'dc-1');
        assert.match(engine.quarantined[0]?.message ?? '', /^[A-Z].*[.)]$/, 'one sentence for a person');
        assert.deepEqual(engine.counters, { scans_received: 1, scans_quarantined: 1 });
      });
    }

    it('puts a scan without operator aside where one is required', async () => {
      const made = intake({ operatorRequired: true });
      await made.take(message({ id: 'e-1', code: `(00)${SSCC}` }));
      await made.take(message({ id: 'e-2', code: `(00)${SSCC}`, operator: 'op-1' }));
      assert.deepEqual(engine.quarantined.map(({ reason }) => reason), ['operator-missing']);
      assert.equal(engine.opened.length, 1);
    });

    it('puts aside what the ledger can never record', async () => {
      engine.answers.push(new LedgerError('leaf-too-large', 'The leaf is larger than 65,535 bytes.'));
      await intake().take(message(`(00)${SSCC}`));
      assert.deepEqual(engine.quarantined.map(({ reason, message: text }) => [reason, text]), [['not-recordable', 'The leaf is larger than 65,535 bytes.']]);
    });

    it('puts aside, after three tries, what fails for a reason of its own', async () => {
      for (let i = 0; i < 3; i += 1) engine.answers.push(new TypeError('cannot read properties of undefined'));
      await intake().take(message(`(00)${SSCC}`));
      assert.equal(engine.calls.length, 3);
      assert.deepEqual(engine.quarantined.map(({ reason }) => reason), ['not-recordable']);
    });
  });

  describe('several scans in one message', () => {
    const batch = [{ id: '1', code: `(01)${GTIN}` }, { id: '2', code: 'rubbish' }, { id: '3', code: `(00)${SSCC}` }];

    it('records each, puts the unreadable ones aside, and is acknowledged after the last', async () => {
      await intake().take(message(batch));
      assert.deepEqual(engine.opened.map(({ title }) => title), [`GTIN ${GTIN}`, `SSCC ${SSCC}`]);
      assert.equal(engine.quarantined.length, 1);
      assert.match(engine.quarantined[0]?.message ?? '', /scan 2 of the message/);
      assert.deepEqual(engine.counters, { scans_received: 1, scans_opened: 2, scans_quarantined: 1 });
    });

    it('is not acknowledged while one of them is not durable', async () => {
      engine.answers.push({ kind: 'opened', caseId: 'c' }, new LedgerError('unavailable', 'the disk is full'));
      let acknowledged = false;
      const made = intake({ retry: { minMs: 60_000, maxMs: 60_000 } });
      const work = made.take(message(batch)).then(() => { acknowledged = true; });
      await settle(30);
      assert.equal(acknowledged, false);
      engine.setAccepting(true);
      await work;
      assert.equal(engine.opened.length, 2);
    });
  });

  describe('while the ledger takes nothing', () => {
    it('holds the message and records it by itself when the ledger is back', async () => {
      engine.setAccepting(false);
      let acknowledged = false;
      const work = intake().take(message(`(00)${SSCC}`)).then(() => { acknowledged = true; });
      await settle(40);
      assert.equal(acknowledged, false);
      assert.deepEqual(engine.calls, [], 'nothing is even tried');
      engine.setAccepting(true);
      await work;
      assert.equal(engine.opened.length, 1);
    });

    for (const code of ['unavailable', 'queue-full'] as const) {
      it(`${code}: tries again with the same scan, until it is recorded`, async () => {
        for (let i = 0; i < 4; i += 1) engine.answers.push(new LedgerError(code, 'later'));
        await intake().take(message(`(00)${SSCC}`));
        assert.equal(engine.calls.length, 5);
        assert.equal(engine.opened.length, 1);
        assert.deepEqual(engine.quarantined, []);
      });
    }

    it('keeps the order of the messages', async () => {
      const made = intake();
      engine.answers.push(...Array.from({ length: 3 }, () => new LedgerError('queue-full', 'later')));
      const work = ['A', 'B', 'C'].map((lot) => made.take(message(`(01)${GTIN}(10)${lot}`)));
      await until(() => engine.calls.length === 3);
      work.push(made.take(message(`(01)${GTIN}(10)D`)));
      await Promise.all(work);
      assert.deepEqual(engine.opened.map(({ document }) => (document['scan'] as { lot: string }).lot), ['A', 'B', 'C', 'D']);
    });

    it('gives back to its successor what it has not recorded, when it is closed', async () => {
      engine.setAccepting(false);
      const made = intake();
      const work = made.take(message(`(00)${SSCC}`));
      made.close();
      await assert.rejects(work, (error: unknown) => error instanceof MqttIntakeError && error.code === 'detached');
    });

    it('lets go what its sender will deliver again', async () => {
      engine.setAccepting(false);
      let gone = false;
      const work = intake().take(message(`(00)${SSCC}`, { gone: () => gone }));
      gone = true;
      engine.setAccepting(true);
      await assert.rejects(work, (error: unknown) => error instanceof MqttIntakeError && error.code === 'closed');
      assert.deepEqual(engine.opened, []);
      assert.equal(engine.counters.scans_let_go, 1);
    });

    it('quarantine waits as well', async () => {
      engine.setAccepting(false);
      const work = intake().take(message('rubbish'));
      await settle(20);
      engine.setAccepting(true);
      await work;
      assert.equal(engine.quarantined.length, 1);
    });
  });

  it('says which topics are its own', () => {
    const { topics } = intake();
    assert.equal(topics.filter, '+/+/+/+/scan');
    assert.deepEqual(
      ['acme/dc-1/a/b/scan', 'acme/dc-2/a/b/scan', 'acme/dc-1/scan', 'a/b/c/d/e/scan', 'acme/dc-1/a/b/display', 'acme/dc-1/a//scan'].map((topic) => topics.claim(topic)),
      ['own', 'stray', 'stray', 'stray', 'none', 'stray'],
    );
  });

  it('refuses a configuration that cannot work, with a sentence', () => {
    assert.throws(() => new ScanIntake(engine, { ...OPTIONS, pattern: 'a/#' }), /topic pattern must be fixed text or one variable/);
    assert.throws(() => new ScanIntake(engine, { ...OPTIONS, preset: 'custom' }), /needs a JSON pointer to the code/);
  });
});
