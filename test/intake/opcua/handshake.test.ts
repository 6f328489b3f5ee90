import { deepEqual, equal, match } from 'node:assert/strict';
import fc from 'fast-check';
import type { Json } from '../../../src/domain/json.ts';
import { Handshake } from '../../../src/intake/opcua/telegrams/handshake.ts';
import type { HandshakeGap, HandshakePort, Telegram } from '../../../src/intake/opcua/telegrams/handshake.ts';
import { sequenceStep } from '../../../src/intake/opcua/telegrams/handshake-order.ts';
import type { TagRead, TagWrite } from '../../../src/intake/opcua/tags/tags.ts';
import { telegramOpening } from '../../../src/intake/opcua/telegrams/telegram-opening.ts';
import { withCheckDigit } from '../../../src/intake/gs1/index.ts';
import { until } from './until.ts';

const tags = { sequence: 'Sequence', handlingUnit: 'HandlingUnit', position: 'Position', acknowledge: 'Acknowledged', facts: { weight: 'Weight' } };

/** The tags of a conveyor; its own program decides when to write the next telegram. */
class Conveyor {
  readonly values: Record<string, Json> = { Sequence: 0, HandlingUnit: '', Position: '', Acknowledged: 0, Weight: 1.5, 'ns=0;i=2257': '2026-01-01T00:00:00.000Z' };
  readonly bad: Record<string, string> = {};
  readonly acknowledged: number[] = [];
  refuse: string | undefined;
  /** Called before each read is answered. */
  onRead: (() => void) | undefined;

  telegram(sequence: number, handlingUnit: string, position = 'S1'): void {
    Object.assign(this.values, { HandlingUnit: handlingUnit, Position: position, Sequence: sequence });
  }
  read(nodeIds: readonly string[]): Promise<readonly TagRead[]> {
    const reads = nodeIds.map((nodeId): TagRead => {
      const status = this.bad[nodeId] ?? 'Good';
      const value = this.values[nodeId];
      return { status, good: status === 'Good', type: typeof value === 'string' ? 'String' : nodeId === 'Weight' ? 'Double' : 'UInt16', array: false, at: 1_000, ...(value === undefined ? {} : { value }) };
    });
    this.onRead?.();
    return Promise.resolve(reads);
  }
  write(writes: readonly TagWrite[]): Promise<readonly string[]> {
    return Promise.resolve(writes.map(({ nodeId, value }) => {
      if (this.refuse !== undefined) return this.refuse;
      this.values[nodeId] = value as Json;
      this.acknowledged.push(value as number);
      return 'Good';
    }));
  }
}

/** A ledger that keeps what was opened over restarts of the handshake. */
class Kept {
  readonly ids = new Set<string>();
  readonly opened: Telegram[] = [];
  readonly gaps: HandshakeGap[] = [];
  problem: string | undefined;
  problems = 0;
  /** How the next openings go wrong: before the commit, or after it. */
  failures: ('before' | 'after')[] = [];
}

describe('handshake of a conveyor', () => {
  const closing: Handshake[] = [];
  afterEach(async () => { for (const one of closing.splice(0)) await one.close(); });

  function start(conveyor: Conveyor, kept: Kept): Handshake {
    const port: HandshakePort = {
      read: (nodeIds) => conveyor.read(nodeIds), write: (writes) => conveyor.write(writes), now: () => 5_000,
      open: (telegram) => {
        const failure = kept.failures.shift();
        if (failure === 'before') return Promise.reject(new Error('the ledger is away'));
        const known = kept.ids.has(telegram.id);
        if (!known) {
          kept.ids.add(telegram.id);
          kept.opened.push(telegram);
        }
        return failure === 'after' ? Promise.reject(new Error('the answer was lost')) : Promise.resolve(known ? 'duplicate' : 'opened');
      },
      gap: (gap) => { kept.gaps.push(gap); return Promise.resolve(); },
      problem: (reason) => {
        kept.problem = reason;
        if (reason !== undefined) kept.problems += 1;
      },
    };
    const handshake = new Handshake({ tags, name: 'plc1/S1', largest: 65_535, retry: { minMs: 1, maxMs: 5 }, pollMs: 60_000 }, port);
    closing.push(handshake);
    return handshake;
  }
  const units = (kept: Kept): readonly string[] => kept.opened.map(({ sequence, handlingUnit }) => `${sequence} ${handlingUnit}`);

  it('reads the telegram, opens its case, and acknowledges it only then', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    const handshake = start(conveyor, kept);
    conveyor.telegram(1, 'T-1');
    handshake.poke();
    await until(() => conveyor.acknowledged.length === 1);
    deepEqual(kept.opened.map(({ sequence, handlingUnit, position, facts }) => ({ sequence, handlingUnit, position, facts })), [{ sequence: 1, handlingUnit: 'T-1', position: 'S1', facts: { weight: 1.5 } }]);
    handshake.poke();
    handshake.poke();
    await handshake.close();
    deepEqual(conveyor.acknowledged, [1]);
  });

  it('does not acknowledge what the ledger does not have', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    kept.failures = ['before', 'before'];
    const handshake = start(conveyor, kept);
    conveyor.telegram(1, 'T-1');
    handshake.poke();
    await until(() => conveyor.acknowledged.length === 1);
    equal(kept.problems, 2);
    deepEqual(units(kept), ['1 T-1']);
    await until(() => kept.problem === undefined);
  });

  it('opens no second case when the answer of the ledger was lost', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    const handshake = start(conveyor, kept);
    conveyor.telegram(1, 'T-1');
    handshake.poke();
    await until(() => conveyor.acknowledged.length === 1);
    kept.failures = ['after'];
    conveyor.telegram(2, 'T-2');
    handshake.poke();
    await until(() => conveyor.acknowledged.length === 2);
    deepEqual(units(kept), ['1 T-1', '2 T-2']);
  });

  it('after a restart acknowledges what was recorded and not acknowledged, without a second case', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    conveyor.refuse = 'BadUserAccessDenied';
    const before = start(conveyor, kept);
    conveyor.telegram(1, 'T-1');
    before.poke();
    await until(() => kept.problem !== undefined);
    match(kept.problem ?? '', /refuses the acknowledgement of telegram 1 \(BadUserAccessDenied\); give this user the right/);
    await before.close();
    conveyor.refuse = undefined;
    start(conveyor, kept).poke();
    await until(() => conveyor.acknowledged.length === 1);
    deepEqual(units(kept), ['1 T-1']);
    deepEqual(kept.gaps, []);
  });

  it('mixes no two telegrams: it reads anew when the number changed meanwhile', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    conveyor.telegram(1, 'T-1');
    let reads = 0;
    conveyor.onRead = () => { if (++reads === 1) conveyor.telegram(2, 'T-2', 'S2'); };
    const handshake = start(conveyor, kept);
    handshake.poke();
    await until(() => conveyor.acknowledged.length === 1);
    deepEqual(kept.opened.map(({ sequence, handlingUnit, position }) => [sequence, handlingUnit, position]), [[2, 'T-2', 'S2']]);
    equal(handshake.counters.torn, 1);
  });

  it('says that telegrams were skipped, from a number to a number', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    const handshake = start(conveyor, kept);
    for (const sequence of [1, 5]) {
      conveyor.telegram(sequence, `T-${sequence}`);
      handshake.poke();
      await until(() => conveyor.acknowledged.at(-1) === sequence);
    }
    deepEqual(kept.gaps, [{ reason: 'telegrams-skipped', after: 1, before: 5, count: 3 }]);
  });

  it('knows by the acknowledgement what was skipped while it was away', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    conveyor.values['Acknowledged'] = 7;
    conveyor.telegram(10, 'T-10');
    start(conveyor, kept).poke();
    await until(() => conveyor.acknowledged.length === 1);
    deepEqual(kept.gaps, [{ reason: 'telegrams-skipped', after: 7, before: 10, count: 2 }]);
  });

  it('a number that wraps around is none that was skipped, one that goes back is a controller that was started anew', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    conveyor.values['Acknowledged'] = 65_534;
    const handshake = start(conveyor, kept);
    for (const sequence of [65_535, 0, 1]) {
      conveyor.telegram(sequence, `T-${sequence}`);
      handshake.poke();
      await until(() => conveyor.acknowledged.at(-1) === sequence);
    }
    deepEqual(kept.gaps, []);
    for (const sequence of [2, 3, 4]) conveyor.telegram(sequence, `T-${sequence}`);
    conveyor.values['Sequence'] = conveyor.values['Acknowledged'] = 0; // started anew, nothing to tell yet
    handshake.poke();
    await until(() => kept.gaps.length === 1);
    deepEqual(kept.gaps, [{ reason: 'sequence-went-back', after: 1, before: 0 }]);
    conveyor.telegram(1, 'T-1');
    handshake.poke();
    await until(() => units(kept).filter((unit) => unit === '1 T-1').length === 2);
  });

  it('a number and a unit that come again after others are a new telegram', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    const handshake = start(conveyor, kept);
    for (const [sequence, unit] of [[1, ''], [2, ''], [1, ''], [2, '']] as const) {
      conveyor.telegram(sequence, unit);
      const { taken } = handshake.counters;
      handshake.poke();
      await until(() => handshake.counters.taken === taken + 1 && conveyor.values['Acknowledged'] === sequence);
    }
    deepEqual(units(kept), ['1 ', '2 ', '1 ', '2 ']);
  });

  it('waits for tags with bad quality and says which', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    conveyor.bad['Position'] = 'BadNotConnected';
    conveyor.telegram(1, 'T-1');
    start(conveyor, kept).poke();
    await until(() => kept.problem !== undefined);
    match(kept.problem ?? '', /position tag .* \(BadNotConnected\); trying again/);
    deepEqual(units(kept), []);
    delete conveyor.bad['Position'];
    await until(() => conveyor.acknowledged.length === 1);
  });

  it('a further tag that cannot be used stops no conveyor', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    conveyor.values['Weight'] = Number.NaN;
    conveyor.telegram(1, 'T-1');
    start(conveyor, kept).poke();
    await until(() => conveyor.acknowledged.length === 1);
    deepEqual(kept.opened.map(({ facts, unusable }) => ({ facts, unusable })), [{ facts: {}, unusable: ['weight'] }]);
  });

  it('a sequence tag that is no number is said, not guessed', async () => {
    const conveyor = new Conveyor();
    const kept = new Kept();
    conveyor.values['Sequence'] = 'one';
    start(conveyor, kept).poke();
    await until(() => kept.problem !== undefined);
    match(kept.problem ?? '', /sequence tag of the handshake is no whole number \("one", String\); choose another tag/);
  });

  it('whatever fails when, each telegram has one case, in order', async function () {
    this.timeout(20_000);
    const trouble = fc.record({ opens: fc.array(fc.constantFrom('before', 'after'), { maxLength: 2 }), refused: fc.boolean(), restart: fc.boolean(), torn: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(trouble, { maxLength: 6 }), async (troubles) => {
      const conveyor = new Conveyor();
      const kept = new Kept();
      let handshake = start(conveyor, kept);
      for (const [at, { opens, refused, restart, torn }] of troubles.entries()) {
        kept.failures = [...opens] as ('before' | 'after')[];
        conveyor.refuse = refused ? 'BadNotWritable' : undefined;
        if (torn) conveyor.onRead = () => { conveyor.onRead = undefined; };
        conveyor.telegram(at + 1, `T-${at % 2}`);
        handshake.poke();
        if (restart) {
          await until(() => kept.failures.length === 0 || kept.problem !== undefined);
          await handshake.close();
          handshake = start(conveyor, kept);
          handshake.poke();
        }
        if (refused) {
          await until(() => kept.problem !== undefined && kept.failures.length === 0);
          conveyor.refuse = undefined;
        }
        await until(() => conveyor.values['Acknowledged'] === at + 1);
      }
      await handshake.close();
      deepEqual(units(kept), troubles.map((_each, at) => `${at + 1} T-${at % 2}`));
      deepEqual(kept.gaps, []);
    }), { numRuns: 25 });
  });
});

describe('sequence numbers of a handshake', () => {
  it('next is next, also over the end of the range', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 100_000 }), fc.integer({ min: 0, max: 100_000 }), (largest, last) => {
      fc.pre(last <= largest);
      equal(sequenceStep(last, last === largest ? 1 : last + 1, largest).kind, 'next');
    }));
  });

  it('counts what was skipped', () => {
    deepEqual(sequenceStep(10, 14, 65_535), { kind: 'skipped', first: 11, last: 13, count: 3 });
    deepEqual(sequenceStep(65_533, 3, 65_535), { kind: 'skipped', first: 65_534, last: 2, count: 4 });
    equal(sequenceStep(40_000, 1, 65_535).kind, 'back');
    equal(sequenceStep(5, 4, 65_535).kind, 'back');
  });
});

describe('the case of a telegram', () => {
  const options = { process: 'order-to-cash', template: 'sorting@1.0.0', site: 'dc-1', device: 'plc1', uniqueScope: '' };
  const telegram: Telegram = { sequence: 7, handlingUnit: '340123450000000017', position: 'S1', facts: { weight: 2 }, unusable: [], at: Date.parse('2026-11-29T08:00:00Z'), id: 'plc1#7' };
  const now = Date.parse('2026-11-29T08:00:05Z');

  it('knows an SSCC, and one with its application identifier', () => {
    const sscc = withCheckDigit('34012345000000001');
    equal(telegramOpening({ ...telegram, handlingUnit: sscc }, now, options).title, `SSCC ${sscc}`);
    equal(telegramOpening({ ...telegram, handlingUnit: 'TOTE-1' }, now, options).title, 'Handling unit TOTE-1');
    const labelled = telegramOpening({ ...telegram, handlingUnit: `]C100${sscc}` }, now, options);
    deepEqual([labelled.title, labelled.keys[0]], [`SSCC ${sscc}`, { type: 'sscc', value: sscc }]);
    equal(labelled.occurredAt, '2026-11-29T08:00:00.000Z');
  });

  it('a unit that could not be read has a case as well, and no identity', () => {
    const opening = telegramOpening({ ...telegram, handlingUnit: '' }, now, { ...options, uniqueScope: 'sorting' });
    deepEqual([opening.title, opening.keys, opening.unique, opening.scan.code], ['Not read at S1', [], undefined, 'S1 7']);
  });

  it('a time in the future is not believed', () => {
    equal(telegramOpening({ ...telegram, at: now + 3_600_000 }, now, options).occurredAt, undefined);
  });
});
