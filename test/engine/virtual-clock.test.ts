import assert from 'node:assert/strict';
import { VirtualClock } from '../../src/engine/support/clock.ts';
import type { StepPattern } from '../../src/engine/api.ts';
import { close, Desk, pass, quiet } from './review/support/desk.ts';

describe('a virtual clock', () => {
  it('fires its timers in the order of their times, each at its own instant, and those they set', async () => {
    const clock = new VirtualClock('2026-03-02T08:00:00.000Z');
    const seen: string[] = [];
    const note = (name: string): void => { seen.push(`${name} ${clock.iso().slice(11, 19)}`); };
    clock.setTimeout(() => note('late'), 3_000);
    clock.setTimeout(() => { note('first'); clock.setTimeout(() => note('nested'), 1_000); }, 1_000);
    const cancelled = clock.setTimeout(() => note('never'), 1_500);
    clock.setTimeout(() => note('same time, later'), 1_000);
    clock.clearTimeout(cancelled);
    await clock.advanceBy(2_500);
    assert.deepEqual(seen, ['first 08:00:01', 'same time, later 08:00:01', 'nested 08:00:02']);
    assert.equal(clock.iso(), '2026-03-02T08:00:02.500Z');
    await clock.advanceTo('2026-03-02T08:00:03.000Z');
    assert.equal(seen.at(-1), 'late 08:00:03');
    assert.equal(clock.nextAt, undefined);
  });

  it('stands still while what a timer has set off comes to rest', async () => {
    const seen: string[] = [];
    const clock: VirtualClock = new VirtualClock(0, async () => {
      await new Promise((resolve) => { setImmediate(resolve); });
      seen.push(`settled ${clock.now()}`);
    });
    clock.setTimeout(() => seen.push('a'), 10);
    clock.setTimeout(() => seen.push('b'), 20);
    await clock.advanceBy(30);
    assert.deepEqual(seen, ['settled 0', 'a', 'settled 10', 'b', 'settled 20', 'settled 30']);
  });

  it('refuses what is no instant, and to go backwards', async () => {
    assert.throws(() => new VirtualClock('tomorrow'), /"tomorrow" is no instant/);
    await assert.rejects(new VirtualClock(1_000).advanceTo(999), /goes forwards/);
  });

  describe('under the engine', () => {
    let desk: Desk;
    afterEach(async () => { await desk.close(); });
    const start = '2026-03-02T08:00:00.000Z';
    const wait: StepPattern = { run: async (step) => {
      const timers = Object.values(step.state.timers).filter((t) => t.runId === step.runId);
      if (timers.length === 0) return void await step.commit([{ type: 'ScheduleTimer', timerId: `${step.runId}.t`, runId: step.runId, purpose: 'due', dueAt: '2026-03-06T08:00:00.000Z', destructive: true }]);
      if (timers.every((t) => t.dueAt <= step.now())) return step.complete([{ port: 0 }]);
      step.wakeAt(timers[0]!.dueAt);
    } };

    it('lets days pass in no time: timers fire when they are due, the ledger is dated by it, and no gap is seen', async () => {
      const clock: VirtualClock = new VirtualClock(start, () => quiet(desk));
      desk = await Desk.open({ clock });
      desk.add({ id: 'scan', wires: [['timed']] });
      desk.add({ id: 'timed', wires: [['end']], pattern: wait });
      desk.add({ id: 'end', wires: [], pattern: close });
      await desk.start();
      const { caseId } = await desk.openCase('scan');
      await clock.advanceTo('2026-03-06T08:00:00.000Z');
      assert.equal((await desk.engine.caseView(caseId))?.status, 'open', 'not before its time');
      await clock.advanceBy(1);
      assert.equal((await desk.engine.caseView(caseId))?.closedAt, '2026-03-06T08:00:00.001Z');
      const events = await desk.engine.ledger.readAll(1, 100);
      assert.deepEqual([...new Set(events.map((event) => event.recordedAt))], [start, '2026-03-06T08:00:00.001Z']);
      assert.ok(events.every((event) => event.type === 'GapRecorded' || event.occurredAt === event.recordedAt));
      assert.equal(events.some((event) => event.type === 'GapRecorded'), false);
    });

    it('has a message stall that no governed node takes in its time', async () => {
      const clock: VirtualClock = new VirtualClock(start, () => quiet(desk));
      desk = await Desk.open({ clock, tuning: { stallMs: 60_000 } });
      desk.add({ id: 'scan', wires: [['hole']] });
      desk.plain('hole', [], () => undefined);
      desk.add({ id: 'end', wires: [], pattern: pass });
      await desk.start();
      const { caseId } = await desk.openCase('scan');
      await clock.advanceBy(60_000);
      assert.deepEqual(await desk.exceptions(caseId), []);
      await clock.advanceBy(1);
      assert.deepEqual((await desk.exceptions(caseId)).map((row) => row.class), ['stalled-token']);
    });
  });
});
