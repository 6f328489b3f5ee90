import assert from 'node:assert/strict';
import type { StepPattern } from '../../src/engine/api.ts';
import { close, Desk, eve, eventually, pass } from './review/support/desk.ts';

/** PROTOCOL §2.6: what is in flight in epochs that end uncleanly. */
describe('epochs', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  const hang: StepPattern = { run: () => Promise.resolve() };
  async function again(wire: (desk: Desk) => void): Promise<void> {
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    wire(desk);
    await desk.start();
  }

  it('raise an exception instead of a fourth delivery after three that ended uncleanly', async () => {
    const wire = (at: Desk): void => {
      at.add({ id: 'scan', wires: [['crashes']] });
      at.plain('crashes', [], () => undefined);
    };
    desk = await Desk.open();
    wire(desk);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    for (const attempt of [2, 3]) {
      await again(wire);
      await eventually(() => (desk.sent.some((msg) => (msg['waybill'] as { attempt: number }).attempt === attempt) ? true : undefined));
    }
    await again(wire);
    const exception = await desk.exception(caseId);
    assert.deepEqual([exception.class, exception.code, exception.severity], ['poison', 'poison-token', 'critical']);
    assert.deepEqual(desk.sent, []);
    // Once somebody has mended the node, the case goes on under a new token that starts from nothing.
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    desk.add({ id: 'scan', wires: [['end']] });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'retry', code: 'mended', by: eve }), { ok: true });
    await desk.closed(caseId);
  });

  it('raise an exception instead of starting a step again that was at work in three that ended uncleanly', async () => {
    const wire = (at: Desk): void => {
      at.add({ id: 'scan', wires: [['step']] });
      at.add({ id: 'step', wires: [['end']], pattern: hang });
      at.add({ id: 'end', wires: [], pattern: close });
    };
    desk = await Desk.open();
    wire(desk);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'StepEntered')).length === 1 ? true : undefined));
    for (const resumed of [1, 2]) {
      await again(wire);
      await eventually(async () => ((await desk.eventsOf(caseId, 'StepResumed')).length === resumed ? true : undefined));
    }
    await again(wire);
    const exception = await desk.exception(caseId);
    assert.deepEqual([exception.class, exception.code], ['poison', 'poison-step']);
  });

  it('that end in order leave nothing against a token', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['lost']] });
    desk.plain('lost', [], () => undefined);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    for (let i = 0; i < 4; i += 1) {
      await desk.close(true);
      desk = await Desk.open({ home: desk.home });
      assert.equal((await desk.engine.ledger.readStream(`epoch:${desk.engine.epoch - 1}`)).some((e) => e.type === 'EpochEnded' && e.data.clean), true);
      desk.add({ id: 'scan', wires: [[i === 3 ? 'end' : 'lost']] });
      desk.plain('lost', [], () => undefined);
      desk.add({ id: 'end', wires: [], pattern: close });
      await desk.start();
      await eventually(() => (desk.sent.length > 0 ? true : undefined));
    }
    await desk.closed(caseId);
    assert.deepEqual((await desk.eventsOf(caseId, 'TokenResent')).map((e) => e.data.uncleanEpochs), [0, 0, 0, 0]);
  });

  it('that end while a step is at work lose nothing of it', async () => {
    desk = await Desk.open({ tuning: { drainMs: 50 } });
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => { go = resolve; });
    desk.add({ id: 'scan', wires: [['step']] });
    desk.add({ id: 'step', wires: [['end']], pattern: { run: async (step) => { await held; await pass.run(step); } } });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'StepEntered')).length === 1 ? true : undefined));
    await desk.close(true);
    go();
    desk = await Desk.open({ home: desk.home });
    desk.add({ id: 'scan', wires: [['step']] });
    desk.add({ id: 'step', wires: [['end']], pattern: pass });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    await desk.closed(caseId);
    assert.equal((await desk.eventsOf(caseId, 'StepCompleted')).filter((e) => e.address?.stepId === 'step').length, 1);
  });
});
