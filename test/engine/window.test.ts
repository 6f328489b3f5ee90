import assert from 'node:assert/strict';
import type { StepPattern } from '../../src/engine/api.ts';
import { close, Desk, eventually, pass } from './review/support/desk.ts';

/** PROTOCOL §2.6: a bounded window; what is beyond it waits in the ledger. */
describe('the window', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  const gauge = (name: string): number => desk.engine.metrics().gauges[name] ?? -1;
  async function allClosed(): Promise<void> {
    await eventually(async () => ((await desk.engine.ledger.counts()).casesOpen === 0 ? true : undefined));
  }
  async function nothingLeft(): Promise<void> {
    await eventually(() => (gauge('tokens_in_flight') + gauge('steps_active') + gauge('mailboxes') === 0 ? true : undefined));
  }

  it('lets all arrive when many times more tokens are issued than it holds, and never holds more', async () => {
    desk = await Desk.open({ tuning: { window: 10 } });
    let most = 0;
    const observed: StepPattern = { run: async (step) => {
      most = Math.max(most, gauge('tokens_in_flight') + gauge('steps_active'));
      await pass.run(step);
    } };
    // Every case leaves on three wires: the case is closed by what comes last.
    desk.add({ id: 'scan', wires: [['one', 'two', 'three']] });
    for (const id of ['one', 'two', 'three']) desk.add({ id, wires: [['end']], pattern: observed });
    desk.add({ id: 'end', wires: [], pattern: { run: async (step) => {
      const left = Object.values(step.state.tokens).filter((t) => t.state === 'live').length + Object.values(step.state.runs).filter((r) => r.runId !== step.runId && r.state === 'pending').length;
      if (left === 0) await close.run(step);
      else await step.commit([{ type: 'CompleteStep', runId: step.runId, tokens: [], messages: {} }]);
    } } });
    await desk.start();
    await Promise.all(Array.from({ length: 80 }, () => desk.openCase('scan')));
    await eventually(async () => ((await desk.engine.ledger.counts()).tokensLive + (await desk.engine.ledger.counts()).stepsOpen === 0 ? true : undefined));
    await nothingLeft();
    assert.ok((desk.engine.metrics().counters['tokens_left_waiting'] ?? 0) > 0, 'nothing was ever left in the ledger');
    assert.ok(most <= 10, `${most} tokens and steps were under way at once`);
    const tokens = desk.sent.map((msg) => (msg['waybill'] as { token: string }).token);
    assert.equal(new Set(tokens).size, tokens.length, 'a token was sent twice');
    assert.equal(tokens.length, 80 * 6);
  });

  it('goes on with everything after a start, however much waits', async () => {
    desk = await Desk.open({ tuning: { window: 8 } });
    desk.add({ id: 'scan', wires: [['lost']] });
    desk.plain('lost', [], () => undefined);
    await desk.start();
    await Promise.all(Array.from({ length: 100 }, () => desk.openCase('scan')));
    await desk.crash();
    desk = await Desk.open({ home: desk.home, tuning: { window: 8 } });
    desk.add({ id: 'scan', wires: [['step']] });
    desk.add({ id: 'step', wires: [['end']], pattern: pass });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    await allClosed();
    await nothingLeft();
    assert.deepEqual((await desk.engine.ledger.listExceptions({}, { limit: 10 })).items, []);
  });

  it('resumes more steps than it holds', async () => {
    desk = await Desk.open({ tuning: { window: 200, drainMs: 10 } });
    desk.add({ id: 'scan', wires: [['step']] });
    let hang = true;
    const step: StepPattern = { run: async (context) => {
      if (!hang) await pass.run(context);
    } };
    desk.add({ id: 'step', wires: [['end']], pattern: step });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    await Promise.all(Array.from({ length: 60 }, () => desk.openCase('scan')));
    await eventually(async () => ((await desk.engine.ledger.counts()).stepsOpen === 60 ? true : undefined));
    await desk.crash();
    hang = false;
    desk = await Desk.open({ home: desk.home, tuning: { window: 4 } });
    desk.add({ id: 'scan', wires: [['step']] });
    desk.add({ id: 'step', wires: [['end']], pattern: step });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    await allClosed();
    await nothingLeft();
    assert.equal(desk.engine.metrics().counters['steps_resumed'], 60);
  });
});
