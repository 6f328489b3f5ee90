import assert from 'node:assert/strict';
import type { StepPattern } from '../../src/engine/api.ts';
import type { Condition } from '../../src/ledger/port.ts';
import { close, Desk, eve, eventually } from './review/support/desk.ts';

const scope = 'po-line';

/** Takes one piece of an order line; over the limit it leaves at the second output. */
const take: StepPattern = { run: async (step) => {
  let conditions: readonly Condition[] = [];
  const wanted = { scope, key: '4711/10', quantity: '1', limit: '40' };
  await step.commit(async (state) => {
    const reserved = await step.reservation(state, wanted);
    assert.ok(reserved);
    conditions = [reserved.condition];
    return reserved.commands;
  }, { conditions: () => conditions });
  const over = Object.values(step.state.holds).some((hold) => hold.overBy !== '0');
  await step.complete([{ port: over ? 1 : 0 }]);
} };

/** PROTOCOL §4: a reservation in the transaction, so that two docks at the same instant cannot both take it. */
describe('reservations', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  it('let many cases at the same instant take what there is, and not one more', async function () {
    this.timeout(30_000);
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['take']] });
    desk.add({ id: 'take', wires: [['end'], ['hold']], pattern: take });
    desk.add({ id: 'end', wires: [], pattern: close });
    desk.add({ id: 'hold', wires: [], pattern: { run: (step) => step.raise({ class: 'business', severity: 'low', queue: 'clerk', code: 'over', message: 'Too much.' }) } });
    await desk.start();
    const cases = await Promise.all(Array.from({ length: 60 }, () => desk.openCase('scan')));
    await eventually(async () => {
      const counts = await desk.engine.ledger.counts();
      return counts.casesClosed + counts.exceptionsOpen === 60 ? true : undefined;
    });
    const exceptions = (await desk.engine.ledger.listExceptions({ status: 'open' }, { limit: 100 })).items;
    assert.deepEqual([...new Set(exceptions.map((e) => e.code))], ['over'], 'a case failed instead of waiting for its turn');
    assert.equal(exceptions.length, 20);
    const reserved = (await Promise.all(cases.map(({ caseId }) => desk.eventsOf(caseId, 'QuantityReserved')))).flat();
    assert.deepEqual(reserved.map((e) => Number(e.data.total)).sort((a, b) => a - b), Array.from({ length: 60 }, (_, i) => i + 1));
    assert.deepEqual(reserved.map((e) => e.data.reservationVersion).sort((a, b) => a - b), Array.from({ length: 60 }, (_, i) => i + 1));

    // Cancelled, all that were over give back what they held.
    await Promise.all(exceptions.map((e) => desk.engine.resolveException({ exceptionId: e.exception_id, outcome: 'cancel', code: 'too-much', by: eve })));
    const released = (await Promise.all(exceptions.map((e) => desk.eventsOf(e.case_id, 'QuantityReleased')))).flat();
    assert.equal(released.length, 20);
    assert.equal(Math.min(...released.map((e) => Number(e.data.total))), 40);
  });
});
