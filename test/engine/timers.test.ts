import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { StepPattern } from '../../src/engine/api.ts';
import type { Json } from '../../src/domain/json.ts';
import { close, Desk, eve, eventually, pass, quiet } from './review/support/desk.ts';

/** PROTOCOL §7: durable timers. */
describe('timers', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  /** Longer than the engine's own look at its clock, every second. */
  const standstillMs = 1_500;
  const later = (ms: number): string => new Date(Date.now() + ms).toISOString();
  /** Asks for a decision until `dueAt`; leaves at output 1 when it has expired. */
  const ask = (dueAt: () => string): StepPattern => ({ run: async (step) => {
    const task = Object.values(step.state.tasks).find((t) => t.runId === step.runId);
    if (task?.status === 'expired') return step.complete([{ port: 0 }]);
    if (task !== undefined) return;
    await step.commit([{
      type: 'CreateTask', taskId: step.newId(), runId: step.runId, role: 'boss', quorum: 1, at: step.now(), dueAt: dueAt(), onExpiry: 'expire', covers: [],
      factsHash: step.hashFacts(step.state, []), unknownOperatorRole: 'boss', policyVersion: '1', title: 't', question: 'q', shown: {},
    }]);
  } });
  /** A call that is to be made again at `dueAt`, and passes when its time has come. */
  const wait = (dueAt: () => string): StepPattern => ({ run: async (step) => {
    const effect = Object.values(step.state.effects).find((e) => e.runId === step.runId);
    if (effect === undefined) {
      const [effectId, callId] = [step.newId(), step.newId()];
      await step.commit([
        { type: 'IntendEffect', effectId, runId: step.runId, generation: 1, idempotencyKey: randomUUID(), requestHash: 'h', system: 's', service: '', operation: 'o', recovery: 'safe', request: {} as { [key: string]: Json }, callId, at: step.now(), guards: [], exceptionId: step.newId() },
        { type: 'EndCall', effectId, callId, outcome: 'transient', durationMs: 0 },
        { type: 'ScheduleRetry', effectId, callId, dueAt: dueAt() },
      ]);
    } else if (effect.dueAt !== undefined && effect.dueAt <= step.now()) {
      const callId = step.newId();
      await step.complete([{ port: 0 }], [{ type: 'StartCall', effectId: effect.effectId, callId }, { type: 'EndCall', effectId: effect.effectId, callId, outcome: 'success', durationMs: 0 }]);
    } else step.wakeAt(effect.dueAt ?? step.now());
  } });

  function wire(at: Desk, pattern: StepPattern): void {
    at.add({ id: 'scan', wires: [['timed']] });
    at.add({ id: 'timed', wires: [['end']], pattern });
    at.add({ id: 'end', wires: [], pattern: close });
  }

  it('expire a task at its deadline', async () => {
    desk = await Desk.open();
    wire(desk, ask(() => later(60)));
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await desk.closed(caseId);
    const [expired] = await desk.eventsOf(caseId, 'TaskExpired');
    assert.ok(expired !== undefined && expired.recordedAt > expired.data.dueAt);
  });

  it('go on with a call at its time, also when the process ended meanwhile', async () => {
    desk = await Desk.open();
    wire(desk, wait(() => later(150)));
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'RetryScheduled')).length === 1 ? true : undefined));
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    wire(desk, wait(() => later(150)));
    await desk.start();
    await desk.closed(caseId);
    assert.equal((await desk.eventsOf(caseId, 'RetryScheduled')).length, 1);
  });

  it('put expiries off after a standstill, for the grace period, and nothing else', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['timed']] });
    desk.add({ id: 'scan-2', wires: [['called']] });
    // Both are to be there at once, and both over at the next start.
    desk.add({ id: 'timed', wires: [['end']], pattern: ask(() => later(standstillMs)) });
    desk.add({ id: 'called', wires: [['end']], pattern: wait(() => later(standstillMs)) });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    const asked = await desk.openCase('scan');
    const called = await desk.openCase('scan-2');
    await eventually(async () => ((await desk.engine.ledger.counts()).timers === 2 ? true : undefined));
    await desk.crash();
    await new Promise((resolve) => { setTimeout(resolve, standstillMs + 200); });
    const started = Date.now();
    desk = await Desk.open({ home: desk.home, tuning: { standstillMs, graceMs: 700 } });
    desk.add({ id: 'scan', wires: [['timed']] });
    desk.add({ id: 'scan-2', wires: [['called']] });
    desk.add({ id: 'timed', wires: [['end']], pattern: ask(() => later(100)) });
    desk.add({ id: 'called', wires: [['end']], pattern: wait(() => later(100)) });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    await desk.closed(called.caseId);
    await desk.closed(asked.caseId);
    const [expired] = await desk.eventsOf(asked.caseId, 'TaskExpired');
    assert.ok(Date.parse(expired?.recordedAt ?? '') >= started + 700, 'it expired within the grace period');
    const all = await desk.engine.ledger.readAll(1, 1_000);
    assert.equal(all.filter((e) => e.type === 'GapRecorded').length, 1);
  });

  it('fire although hundreds of others are put off or held', async function () {
    this.timeout(90_000);
    const n = 230;
    desk = await Desk.open();
    const dueInMs = 4_000;
    let due = later(dueInMs);
    const dueAt = Date.parse(due);
    desk.add({ id: 'scan', wires: [['timed']] });
    desk.add({ id: 'timed', wires: [['end']], pattern: ask(() => due) });
    desk.add({ id: 'scan-2', wires: [['called']] });
    desk.add({ id: 'called', wires: [['end']], pattern: wait(() => due) });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    const held = await Promise.all(Array.from({ length: n }, () => desk.openCase('scan-2')));
    await Promise.all(Array.from({ length: n }, () => desk.openCase('scan')));
    await eventually(async () => ((await desk.engine.ledger.counts()).timers === 2 * n ? true : undefined));
    await desk.crash();
    await new Promise((resolve) => { setTimeout(resolve, Math.max(standstillMs + 200, dueAt + 100 - Date.now())); });
    // The next start finds all expiries put off and all calls orphaned; one more call is to be made in time.
    desk = await Desk.open({ home: desk.home, tuning: { standstillMs, graceMs: 600_000 } });
    due = later(1);
    desk.add({ id: 'scan', wires: [['timed']] });
    desk.add({ id: 'timed', wires: [['end']], pattern: ask(() => due) });
    desk.add({ id: 'scan-2', wires: [['called-too']] });
    desk.add({ id: 'called-too', wires: [['end']], pattern: wait(() => later(20)) });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    await eventually(async () => ((await desk.engine.ledger.counts()).exceptionsOpen === n ? true : undefined));
    const { caseId } = await desk.openCase('scan-2');
    await desk.closed(caseId);
    assert.equal((await desk.engine.ledger.counts()).timers, 2 * n);
    // What was held goes on when its node is back.
    desk.stop();
    desk.add({ id: 'called', wires: [['end']], pattern: wait(() => due) });
    await desk.start();
    for (const { caseId: one } of held) await desk.closed(one);
  });

  it('do not expire what was decided in time', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['timed']] });
    desk.add({ id: 'timed', wires: [['end']], pattern: { run: async (step) => {
      const task = Object.values(step.state.tasks)[0];
      if (task?.status === 'approved') await pass.run(step);
      else await ask(() => later(1_500)).run(step);
    } } });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const task = await eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 1 })).items[0]);
    assert.equal((await desk.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by: { ...eve, roles: ['boss'] } })).ok, true);
    await desk.closed(caseId);
    await new Promise((resolve) => { setTimeout(resolve, 1_600); });
    await quiet(desk);
    assert.deepEqual(await desk.eventsOf(caseId, 'TaskExpired'), []);
  });
});
