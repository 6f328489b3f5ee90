import assert from 'node:assert/strict';
import { gatherPattern } from '../../../src/engine/patterns/gather.ts';
import type { GatherConfig } from '../../../src/engine/patterns/gather.ts';
import { parallelPattern } from '../../../src/engine/patterns/parallel.ts';
import type { ParallelConfig } from '../../../src/engine/patterns/parallel.ts';
import type { StepPattern } from '../../../src/engine/api.ts';
import { close, Desk, eve, eventually, pass, quiet } from '../review/support/desk.ts';

const gather = (change: Partial<GatherConfig> = {}): StepPattern => gatherPattern({ waitFor: 'all', count: 0, others: 'cancel', merge: 'object', parallel: '', deadline: 0, deadlineUnit: 'hours', ...change });
const parallel = (names: readonly string[], change: Partial<ParallelConfig> = {}): StepPattern =>
  parallelPattern({ branches: names.map((name) => ({ name, condition: '', conditionType: 'jsonata' })), onNone: 'raise', ...change });
/** Sends its name on as the payload. */
const says = (payload: string): StepPattern => ({ run: (step) => step.complete([{ port: 0, message: { ...step.message(), payload } }]) });
/** Keeps what comes until it is let go. */
function holdBack(): { readonly pattern: StepPattern; readonly letGo: () => void } {
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => { letGo = resolve; });
  return { pattern: { run: async (step) => { await gone; await step.complete([{ port: 0 }]); } }, letGo };
}
const payloads = (desk: Desk, id: string): readonly unknown[] => desk.sent.filter((msg) => (msg as { to?: string }).to === id).map((msg) => msg['payload']);

/** PROTOCOL §2.3: `parallel` and `gather` are how work is split and joined. */
describe('parallel and gather', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  /** scan → parallel → one step for each branch → gather → keep → end; partial → end-partial */
  function wire(at: Desk, steps: { readonly [branch: string]: StepPattern }, join: StepPattern = gather(), fork = parallel(Object.keys(steps))): { readonly merged: () => readonly Record<string, unknown>[] } {
    const merged: Record<string, unknown>[] = [];
    const names = Object.keys(steps);
    at.add({ id: 'scan', wires: [['fork']] });
    at.add({ id: 'fork', type: 'waybill-parallel', wires: names.map((name) => [name]), pattern: fork });
    for (const name of names) at.add({ id: name, wires: [['join']], pattern: steps[name] as StepPattern });
    at.add({ id: 'join', type: 'waybill-gather', wires: [['keep'], ['keep-partial']], pattern: join });
    const keep = (outcome: string): StepPattern => ({ run: async (step) => {
      merged.push(step.message());
      await step.commit([{ type: 'CloseCase', outcome, runId: step.runId, cancelOpen: false, at: step.now() }]);
    } });
    at.add({ id: 'keep', wires: [], pattern: keep('done') });
    at.add({ id: 'keep-partial', wires: [], pattern: keep('partial') });
    return { merged: () => merged };
  }

  it('split a case and join it once, with the payloads by branch', async () => {
    desk = await Desk.open();
    const { merged } = wire(desk, { quality: says('good'), weight: says('12 kg'), papers: says('complete') });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const view = await desk.closed(caseId);
    assert.equal(view.outcome, 'done');
    assert.deepEqual(merged().map((msg) => msg['payload']), [{ quality: 'good', weight: '12 kg', papers: 'complete' }]);
    assert.equal((await desk.eventsOf(caseId, 'BranchArrived')).length, 3);
    assert.deepEqual((await desk.eventsOf(caseId, 'Gathered')).map((e) => [e.data.outcome, e.data.missing]), [['complete', 0]]);
    assert.deepEqual(view.branches.map(({ arrived, missing, status }) => ({ arrived: [...arrived].sort(), missing, status })), [{ arrived: ['papers', 'quality', 'weight'], missing: [], status: 'complete' }]);
  });

  it('go on with k of n and cancel the rest by name, tasks and all', async () => {
    desk = await Desk.open();
    const asks: StepPattern = { run: async (step) => {
      if (Object.values(step.state.tasks).length > 0) return;
      await step.commit([{ type: 'CreateTask', taskId: step.newId(), runId: step.runId, role: 'boss', quorum: 1, at: step.now(), onExpiry: 'expire', covers: [], factsHash: '', unknownOperatorRole: 'boss', policyVersion: '1', title: 't', question: 'q', shown: {} }]);
    } };
    const first = holdBack();
    wire(desk, { a: first.pattern, b: says('b'), slow: asks }, gather({ waitFor: 'count', count: 2, merge: 'array' }));
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'TaskCreated')).length === 1 ? true : undefined));
    first.letGo();
    await desk.closed(caseId);
    const [gathered] = await desk.eventsOf(caseId, 'Gathered');
    assert.deepEqual([gathered?.data.outcome, gathered?.data.missing, gathered?.data.cancelledRuns.length], ['complete', 1, 1]);
    assert.equal((await desk.eventsOf(caseId, 'TaskVoided')).length, 1);
    assert.equal((await desk.eventsOf(caseId, 'StepVoided')).length, 1);
  });

  it('let late branches end and absorb them, never sent on twice', async () => {
    desk = await Desk.open();
    const slow = holdBack();
    const last = holdBack();
    const { merged } = wire(desk, { a: says('a'), slow: slow.pattern }, gather({ waitFor: 'count', count: 1, others: 'finish' }));
    desk.remove('keep');
    desk.add({ id: 'keep', wires: [['keep-partial']], pattern: last.pattern });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'Gathered')).length === 1 ? true : undefined));
    slow.letGo();
    await eventually(async () => ((await desk.eventsOf(caseId, 'BranchArrived')).length === 2 ? true : undefined));
    last.letGo();
    await desk.closed(caseId);
    assert.deepEqual((await desk.eventsOf(caseId, 'BranchArrived')).map((e) => e.data.late ?? false), [false, true]);
    assert.equal(merged().length, 1);
  });

  it('time out with what has come', async () => {
    desk = await Desk.open();
    const { merged } = wire(desk, { a: says('a'), never: { run: () => Promise.resolve() } }, gather({ deadline: 0.001 }));
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const view = await desk.closed(caseId);
    assert.equal(view.outcome, 'partial');
    assert.deepEqual(merged()[0]?.['payload'], { a: 'a' });
    assert.deepEqual(merged()[0]?.['gather'], { outcome: 'partial', branches: ['a'], of: 2 });
  });

  it('do not wait for a branch that has ended elsewhere', async () => {
    desk = await Desk.open();
    const { merged } = wire(desk, { a: says('a'), lost: says('lost') });
    desk.remove('lost');
    desk.add({ id: 'lost', wires: [], pattern: { run: (step) => step.complete([]) } });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    assert.equal((await desk.closed(caseId)).outcome, 'partial');
    assert.equal(merged().length, 1);
    const ended = await desk.eventsOf(caseId, 'BranchesEnded');
    assert.ok(ended.length === 0 || ended.every((e) => e.data.branches.includes('lost')));
  });

  it('raise for a message that came out of no parallel, and say what to do', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['join']] });
    desk.add({ id: 'join', wires: [['end'], []], pattern: gather() });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const exception = await desk.exception(caseId);
    assert.match(exception.message, /Put a parallel in front/);
    assert.equal((await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'continue', code: 'as-it-is', by: eve })).ok, true);
    await desk.closed(caseId);
  });

  it('keep concurrent and nested forks apart', async () => {
    desk = await Desk.open();
    const seen: unknown[] = [];
    desk.add({ id: 'scan', wires: [['outer']] });
    desk.add({ id: 'outer', wires: [['inner'], ['c']], pattern: parallel(['ab', 'c']) });
    desk.add({ id: 'inner', wires: [['a'], ['b']], pattern: parallel(['a', 'b']) });
    for (const id of ['a', 'b']) desk.add({ id, wires: [['join-inner']], pattern: says(id) });
    desk.add({ id: 'c', wires: [['join-outer']], pattern: says('c') });
    desk.add({ id: 'join-inner', wires: [['join-outer'], []], pattern: gather() });
    desk.add({ id: 'join-outer', wires: [['end'], []], pattern: gather() });
    desk.add({ id: 'end', wires: [], pattern: { run: async (step) => { seen.push(step.message()['payload']); await close.run(step); } } });
    await desk.start();
    const cases = await Promise.all(Array.from({ length: 8 }, () => desk.openCase('scan')));
    for (const { caseId } of cases) await desk.closed(caseId);
    assert.equal(seen.length, 8);
    for (const payload of seen) assert.deepEqual(payload, { ab: { a: 'a', b: 'b' }, c: 'c' });
  });

  it('take only the branches whose condition holds, and wait for no other', async () => {
    desk = await Desk.open();
    const { merged } = wire(desk, { heavy: says('h'), light: says('l'), always: says('x') }, gather(), parallelPattern({
      branches: [{ name: 'heavy', condition: 'yes', conditionType: 'jsonata' }, { name: 'light', condition: 'no', conditionType: 'jsonata' }, { name: 'always', condition: '', conditionType: 'jsonata' }], onNone: 'raise',
    }));
    desk.remove('fork');
    desk.add({ id: 'fork', wires: [['heavy'], ['light'], ['always']], evaluate: (value) => (value === 'yes' ? true : value === 'no' ? false : value), pattern: parallelPattern({
      branches: [{ name: 'heavy', condition: 'yes', conditionType: 'jsonata' }, { name: 'light', condition: 'no', conditionType: 'jsonata' }, { name: 'always', condition: '', conditionType: 'jsonata' }], onNone: 'raise',
    }) });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await desk.closed(caseId);
    assert.deepEqual(merged()[0]?.['payload'], { heavy: 'h', always: 'x' });
  });

  it('go on after an end of the process at the gather, also when the last branch came just before', async () => {
    desk = await Desk.open({ tuning: { drainMs: 200 } });
    const b = holdBack();
    wire(desk, { a: says('a'), b: b.pattern }, gather({ deadline: 8 }));
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'BranchArrived')).length === 1 ? true : undefined));
    b.letGo();
    await eventually(async () => ((await desk.eventsOf(caseId, 'StepEntered')).length >= 5 ? true : undefined));
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    const { merged } = wire(desk, { a: says('a'), b: pass }, gather({ deadline: 8 }));
    await desk.start();
    await desk.closed(caseId);
    assert.ok(merged().length <= 1);
    assert.equal((await desk.eventsOf(caseId, 'Gathered')).length, 1);
    await quiet(desk);
    assert.deepEqual(payloads(desk, 'nobody'), []);
  });
});
