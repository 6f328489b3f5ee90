import assert from 'node:assert/strict';
import type { StepPattern } from '../../../src/engine/api.ts';
import { exceptionPattern } from '../../../src/engine/patterns/exception.ts';
import type { AppendResult, Commit, Ledger } from '../../../src/ledger/port.ts';
import { close, Desk, eve, eventually, quiet } from './support/desk.ts';

const stop = exceptionPattern({ severity: 'high', queue: 'clerk', code: 'no-asn', message: 'No ship notice is known.', messageType: 'str', place: '', placeType: 'str' });
/** Asks a person twice, so that an exception can be opened again while its run is at work. */
const twice: StepPattern = {
  run: async (step) => {
    for (const code of ['first', 'second']) {
      if (step.resolvedException(code) !== undefined) continue;
      return step.raise({ class: 'business', severity: 'medium', queue: 'clerk', code, message: `The ${code} question.` });
    }
    await step.complete([{ port: 0 }]);
  },
};

/** A ledger that takes no resolution that follows from another one: as if the process ended in between. */
function holdingBack(real: Ledger): Ledger {
  const append = (commit: Commit): Promise<AppendResult> => (
    commit.events.some((event) => event.type === 'ExceptionResolved' && event.data.along !== undefined) ? new Promise(() => undefined) : real.append(commit));
  return new Proxy(real, {
    get(target, name): unknown {
      if (name === 'append') return append;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

describe('exceptions that people work on', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  const flow = async (pattern: StepPattern = stop): Promise<void> => {
    desk.add({ id: 'scan', wires: [['stop']] });
    desk.add({ id: 'stop', wires: [['end']], pattern });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
  };
  const raised = async (): Promise<{ readonly caseId: string; readonly exceptionId: string }> => {
    const { caseId } = await desk.openCase('scan');
    return { caseId, exceptionId: (await desk.exception(caseId)).exception_id };
  };
  const merge = async (exceptionId: string, into: string): Promise<void> => {
    assert.deepEqual(await desk.engine.workException({ exceptionId, by: eve, work: { do: 'merge', into } }), { ok: true });
  };
  const resolve = (exceptionId: string, outcome: 'retry' | 'cancel' | 'acknowledged') => desk.engine.resolveException({ exceptionId, outcome, code: 'seen-to', by: eve });

  it('hold their step again when they are opened again while it is at work', async () => {
    desk = await Desk.open();
    await flow(twice);
    const { caseId, exceptionId } = await raised();
    await resolve(exceptionId, 'retry');
    const second = await eventually(async () => (await desk.exceptions(caseId)).find((each) => each.code === 'second'));
    assert.deepEqual(await desk.engine.workException({ exceptionId, by: eve, work: { do: 'reopen', reason: 'It was not so.' } }), { ok: true });
    await resolve(second.exception_id, 'retry');
    await quiet(desk);
    assert.equal((await desk.engine.caseView(caseId))?.status, 'open', 'the first question stands again');
    await resolve(exceptionId, 'retry');
    await desk.closed(caseId);
    assert.equal((await desk.eventsOf(caseId, 'StepCompleted')).length, 2, 'the step has completed once');
  });

  it('are resolved with their main one after a crash in between, once', async () => {
    desk = await Desk.open({ ledger: holdingBack });
    await flow();
    const [main, one, two] = [await raised(), await raised(), await raised()];
    await merge(one.exceptionId, main.exceptionId);
    await merge(two.exceptionId, main.exceptionId);
    assert.deepEqual(await resolve(main.exceptionId, 'retry'), { ok: true });
    await desk.closed(main.caseId);
    await desk.crash();
    const { home } = desk;
    desk = await Desk.open({ home });
    assert.equal((await desk.exceptions(one.caseId)).length, 1);
    await flow();
    for (const { caseId } of [one, two]) {
      await desk.closed(caseId);
      const [resolved, ...more] = await desk.eventsOf(caseId, 'ExceptionResolved');
      assert.deepEqual([resolved?.data.along, resolved?.data.code, more.length], [main.exceptionId, 'seen-to', 0]);
    }
  });

  it('are resolved at once when the main one was resolved in the same instant as they were merged', async () => {
    desk = await Desk.open();
    await flow();
    const [main, one] = [await raised(), await raised()];
    const [merged, resolved] = await Promise.all([desk.engine.workException({ exceptionId: one.exceptionId, by: eve, work: { do: 'merge', into: main.exceptionId } }), resolve(main.exceptionId, 'retry')]);
    assert.equal(resolved.ok, true);
    if (merged.ok) await desk.closed(one.caseId);
    else assert.equal((await desk.exceptions(one.caseId)).length, 1);
  });

  it('cancel each case of the group', async () => {
    desk = await Desk.open();
    await flow();
    const [main, one] = [await raised(), await raised()];
    await merge(one.exceptionId, main.exceptionId);
    await resolve(main.exceptionId, 'cancel');
    assert.equal((await desk.closed(one.caseId)).outcome, 'cancelled');
    assert.equal((await desk.closed(main.caseId)).outcome, 'cancelled');
  });

  it('are worked on alone again when the case of the main one is cancelled for another reason', async () => {
    desk = await Desk.open();
    await flow(twice);
    const [main, one] = [await raised(), await raised()];
    await resolve(main.exceptionId, 'retry');
    const second = await eventually(async () => (await desk.exceptions(main.caseId)).find((each) => each.code === 'second'));
    await desk.engine.workException({ exceptionId: main.exceptionId, by: eve, work: { do: 'reopen', reason: 'To look at later.' } });
    await merge(one.exceptionId, main.exceptionId);
    await resolve(second.exception_id, 'cancel');
    await desk.closed(main.caseId);
    const [unmerged] = await eventually(async () => { const found = await desk.eventsOf(one.caseId, 'Unmerged'); return found.length > 0 ? found : undefined; });
    assert.equal(unmerged?.data.reason, 'case-cancelled');
    assert.equal((await desk.exceptions(one.caseId)).length, 1);
  });

  it('are worked on alone again where the outcome of the main one is not possible for them', async () => {
    desk = await Desk.open();
    await flow();
    const one = await raised();
    // A second wire closes the case, so that its exception is nothing but evidence.
    desk.add({ id: 'fork', wires: [['stop', 'shut']] });
    desk.add({ id: 'shut', wires: [], pattern: { run: async (step) => {
      await eventually(() => (Object.keys(step.state.exceptions).length > 0 ? true : step.commit([]).then(() => undefined)));
      await step.commit([{ type: 'CloseCase', outcome: 'done', runId: step.runId, cancelOpen: true, at: step.now() }]);
    } } });
    const { caseId } = await desk.openCase('fork');
    await desk.closed(caseId);
    const main = await desk.exception(caseId);
    await merge(one.exceptionId, main.exception_id);
    assert.deepEqual(await resolve(main.exception_id, 'acknowledged'), { ok: true });
    const [unmerged] = await eventually(async () => { const found = await desk.eventsOf(one.caseId, 'Unmerged'); return found.length > 0 ? found : undefined; });
    assert.equal(unmerged?.data.reason, 'outcome-not-possible');
    assert.equal((await desk.exceptions(one.caseId))[0]?.merged_into, null);
  });
});
