import assert from 'node:assert/strict';
import { compensatePattern } from '../../../src/engine/patterns/compensate.ts';
import type { CompensateConfig } from '../../../src/engine/patterns/compensate.ts';
import { caseClosePattern } from '../../../src/engine/patterns/case-close.ts';
import type { StepPattern } from '../../../src/engine/api.ts';
import { Desk, eve, eventually, quiet } from '../review/support/desk.ts';

const compensate = (change: Partial<CompensateConfig> = {}): StepPattern => compensatePattern({
  mode: 'register', undoName: '', undoNameType: 'str', how: 'flow', role: '', question: '', questionType: 'str', photos: 0, deadline: 0, deadlineUnit: 'hours', ...change,
});
const done = (): StepPattern => compensate({ mode: 'done' });
const worker = { ...eve, userId: 'will', name: 'will', roles: ['picker'] };

/** PROTOCOL §2.8: on cancel the compensations run, last first, each durable. */
describe('compensation', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  /** Undo steps that were at work, in order. */
  let undone: string[];
  beforeEach(() => { undone = []; });
  const undo = (name: string, meanwhile: () => Promise<void> = () => Promise.resolve()): StepPattern => ({ run: async (step) => {
    undone.push(name);
    await meanwhile();
    await step.complete([{ port: 0 }]);
  } });

  /** scan → register each → stop (an exception that a person cancels); each undo path: undo-x → done */
  function wire(at: Desk, names: readonly string[], undos: { readonly [name: string]: StepPattern } = {}, registers: { readonly [name: string]: Partial<CompensateConfig> } = {}): void {
    at.add({ id: 'scan', wires: [[names[0] ?? 'stop']] });
    names.forEach((name, i) => {
      at.add({ id: name, type: 'waybill-compensate', wires: [[names[i + 1] ?? 'stop'], [`undo-${name}`]], pattern: compensate({ undoName: `undo ${name}`, ...registers[name] }) });
      at.add({ id: `undo-${name}`, wires: [['undone']], pattern: undos[name] ?? undo(name) });
    });
    at.add({ id: 'undone', type: 'waybill-compensate', wires: [], pattern: done() });
    at.add({ id: 'stop', wires: [['close']], pattern: { run: (step) => (step.resolvedException() === undefined ? step.raise({ class: 'business', severity: 'high', queue: 'clerk', code: 'stop', message: 'Stop.' }) : step.complete([{ port: 0 }])) } });
    at.add({ id: 'close', wires: [], pattern: caseClosePattern({ outcome: 'done', outcomeType: 'str', cancelOpen: false }) });
  }
  async function cancel(caseId: string): Promise<{ readonly ok: boolean; readonly code?: string }> {
    const exception = await desk.exception(caseId);
    return desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'cancel', code: 'not-wanted', by: eve });
  }

  it('runs last first, one after the other, and closes the case last', async () => {
    desk = await Desk.open();
    wire(desk, ['reserve', 'book', 'move']);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    assert.equal((await cancel(caseId)).ok, true);
    const view = await desk.closed(caseId);
    assert.equal(view.outcome, 'cancelled');
    assert.deepEqual(undone, ['move', 'book', 'reserve']);
    assert.deepEqual(view.compensations.map(({ name, status, order }) => [name, status, order]), [['undo reserve', 'done', 1], ['undo book', 'done', 2], ['undo move', 'done', 3]]);
    const types = (await desk.events(caseId)).map((e) => e.type).filter((type) => /Compens|Closed/.test(type));
    assert.deepEqual(types, ['CompensationRegistered', 'CompensationRegistered', 'CompensationRegistered', 'CompensationStarted', 'CompensationIssued', 'Compensated', 'CompensationIssued', 'Compensated', 'CompensationIssued', 'Compensated', 'CaseClosed']);
  });

  it('is dropped when the case closes as it should', async () => {
    desk = await Desk.open();
    wire(desk, ['reserve']);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const exception = await desk.exception(caseId);
    await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'continue', code: 'go-on', by: eve });
    const view = await desk.closed(caseId);
    assert.deepEqual([view.outcome, view.compensations.map((one) => one.status), undone], ['done', ['dropped'], []]);
  });

  it('refuses a second cancel while it runs, and retries or skips what is stuck, with the reason', async () => {
    desk = await Desk.open();
    let broken = true;
    wire(desk, ['reserve', 'book'], { book: { run: async (step) => {
      if (broken) throw new Error('The system is down.');
      undone.push('book');
      await step.complete([{ port: 0 }]);
    } }, reserve: { run: () => Promise.reject(new Error('It is gone.')) } });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await cancel(caseId);
    const first = await desk.exception(caseId);
    assert.equal((await cancel(caseId)).code, 'compensating');
    assert.deepEqual((await desk.engine.caseView(caseId))?.compensating, { outcome: 'cancelled' });
    broken = false;
    await desk.engine.resolveException({ exceptionId: first.exception_id, outcome: 'retry', code: 'again', by: eve });
    const second = await eventually(async () => (await desk.exceptions(caseId)).find((e) => e.exception_id !== first.exception_id));
    assert.equal(second.message, 'It is gone.');
    await desk.engine.resolveException({ exceptionId: second.exception_id, outcome: 'continue', code: 'stock-written-off', note: 'Nothing left to undo.', by: eve });
    const view = await desk.closed(caseId);
    assert.deepEqual(view.compensations.map(({ status, reason }) => [status, reason]), [['skipped', 'stock-written-off'], ['done', undefined]]);
    assert.deepEqual((await desk.eventsOf(caseId, 'Compensated')).map((e) => [e.data.outcome, e.data.by !== undefined]), [['done', false], ['skipped', true]]);
  });

  it('asks a person for a physical undo, and says who did it', async () => {
    desk = await Desk.open();
    wire(desk, ['move'], {}, { move: { how: 'task', role: 'picker', question: 'Move pallet 7 back to quarantine' } });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await cancel(caseId);
    const task = await eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 5 })).items[0]);
    assert.deepEqual([task.question, task.role, task.kind], ['Move pallet 7 back to quarantine', 'picker', 'work']);
    const by = worker;
    assert.equal((await desk.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by })).ok, true);
    const view = await desk.closed(caseId);
    assert.deepEqual(view.compensations.map(({ status, by: who }) => [status, who]), [['done', desk.engine.pseudonym('will')]]);
  });

  it('asks again when it is said that it cannot be undone, and is retried', async () => {
    desk = await Desk.open();
    wire(desk, ['move'], {}, { move: { how: 'task', role: 'picker', question: 'Move it back' } });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await cancel(caseId);
    const openTask = (): Promise<{ task_id: string; facts_hash: string; level: number }> => eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 5 })).items[0]);
    const first = await openTask();
    await desk.engine.decideTask({ taskId: first.task_id, decision: 'reject', factsHash: first.facts_hash, by: worker });
    const exception = await desk.exception(caseId);
    assert.match(exception.message, /cannot be undone/);
    await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'retry', code: 'again', by: eve });
    const second = await openTask();
    assert.notEqual(second.task_id, first.task_id);
    await desk.engine.decideTask({ taskId: second.task_id, decision: 'approve', factsHash: second.facts_hash, by: worker });
    await desk.closed(caseId);
  });

  it('becomes an orphan when its node is gone, and goes on when it is back', async () => {
    desk = await Desk.open();
    wire(desk, ['reserve']);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await desk.exception(caseId);
    desk.stop();
    desk.remove('reserve');
    await desk.start();
    await cancel(caseId);
    const orphan = await eventually(async () => (await desk.exceptions(caseId)).find((e) => e.class === 'orphan'));
    assert.match(orphan.message, /no node/);
    desk.stop();
    desk.add({ id: 'reserve', type: 'waybill-compensate', wires: [['stop'], ['undo-reserve']], pattern: compensate() });
    await desk.start();
    assert.equal((await desk.closed(caseId)).outcome, 'cancelled');
  });

  it('goes on between two undos after an end of the process', async () => {
    desk = await Desk.open({ tuning: { drainMs: 200 } });
    let reached: () => void = () => undefined;
    const atSecond = new Promise<void>((resolve) => { reached = resolve; });
    wire(desk, ['reserve', 'book'], { reserve: undo('reserve', () => { reached(); return new Promise(() => undefined); }) });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await cancel(caseId);
    await atSecond;
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    wire(desk, ['reserve', 'book']);
    await desk.start();
    await desk.closed(caseId);
    assert.deepEqual(undone, ['book', 'reserve', 'reserve'], 'the second undo is gone on with, the first is not run again');
    assert.equal((await desk.eventsOf(caseId, 'Compensated')).length, 2);
  });

  it('runs for a case close that cancels other work, and never for one that is set not to', async () => {
    for (const setting of ['auto', 'never'] as const) {
      desk = await Desk.open();
      undone = [];
      desk.add({ id: 'scan', wires: [['reserve']] });
      desk.add({ id: 'reserve', type: 'waybill-compensate', wires: [['close', 'waits'], ['undo']], pattern: compensate() });
      desk.add({ id: 'undo', wires: [['undone']], pattern: undo('reserve') });
      desk.add({ id: 'undone', type: 'waybill-compensate', wires: [], pattern: done() });
      desk.add({ id: 'waits', wires: [], pattern: { run: () => Promise.resolve() } });
      desk.add({ id: 'close', wires: [], pattern: caseClosePattern({ outcome: 'done', outcomeType: 'str', cancelOpen: true, compensate: setting }) });
      await desk.start();
      const { caseId } = await desk.openCase('scan');
      assert.equal((await desk.closed(caseId)).outcome, 'done');
      await quiet(desk);
      assert.deepEqual(undone, setting === 'auto' ? ['reserve'] : []);
      if (setting === 'auto') await desk.close();
    }
  });
});
