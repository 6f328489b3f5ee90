import assert from 'node:assert/strict';
import type { StepPattern } from '../../src/engine/api.ts';
import { close, Desk, eve, eventually, pass, quiet } from './review/support/desk.ts';

/** PROTOCOL §2.3 to §2.9: what a step may be entered with. */
describe('entering a step', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  /** Reaches `approved` over the fact `amount`. */
  const approve: StepPattern = { run: (step) => step.complete([{ port: 0 }], (state) => [
    { type: 'ReachMilestone', runId: step.runId, milestone: 'approved', covers: ['amount'], factsHash: step.hashFacts(state, ['amount']) },
  ]) };
  /** Changes the fact that was approved. */
  const change: StepPattern = { run: (step) => step.complete([{ port: 0 }], (state) => [step.factsCommand(state, 'amount', '1000000')]) };

  it('is refused on a wire around the approval, and again when somebody retries it', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['pay']] });
    desk.add({ id: 'pay', wires: [], pattern: close, requires: ['approved'] });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    for (let i = 0; i < 2; i += 1) {
      const exception = await desk.exception(caseId);
      assert.deepEqual([exception.class, exception.code], ['guard-breached', 'milestone-missing:approved']);
      assert.deepEqual(await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'retry', code: 'again', by: eve }), { ok: true });
      await eventually(async () => ((await desk.eventsOf(caseId, 'GuardBreached')).length === i + 2 ? true : undefined));
    }
    assert.equal((await desk.eventsOf(caseId, 'StepEntered')).length, 0);
  });

  it('is refused when the approved facts were changed on the way', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['approve']] });
    desk.add({ id: 'approve', wires: [['change']], pattern: approve });
    desk.add({ id: 'change', wires: [['pay']], pattern: change });
    desk.add({ id: 'pay', wires: [], pattern: close, requires: ['approved'] });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const exception = await desk.exception(caseId);
    assert.deepEqual([exception.class, exception.code], ['guard-breached', 'facts-changed:approved']);
    assert.deepEqual((await desk.eventsOf(caseId, 'GuardBreached')).map((e) => e.data), [{ milestone: 'approved', reason: 'facts-changed' }]);
  });

  it('is refused to a message whose waybill was taken from another wire of the case', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['approve']] });
    desk.add({ id: 'approve', wires: [['pay']], pattern: approve });
    desk.add({ id: 'pay', wires: [], pattern: close });
    await desk.start();
    // The plain node of another flow hands the message straight to the last step.
    const receive = desk.engine.receive.bind(desk.engine);
    desk.engine.receive = (handle, msg) => receive(handle.node.id === 'approve' ? desk.handle('pay') : handle, msg);
    const { caseId } = await desk.openCase('scan');
    const exception = await desk.exception(caseId);
    assert.deepEqual([exception.class, exception.code], ['guard-breached', 'milestone-missing:wire']);
    assert.deepEqual(await desk.eventsOf(caseId, 'StepEntered'), []);
  });

  it('is refused to a token that the ledger never issued; the message is kept each time', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['step']] });
    desk.add({ id: 'step', wires: [], pattern: { run: () => Promise.resolve() } });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'StepEntered')).length === 1 ? true : undefined));
    for (const token of ['__proto__', 'constructor', '00000000-0000-7000-8000-000000000000']) {
      await desk.engine.receive(desk.handle('step'), { payload: token, waybill: { caseId, token, attempt: 1 } });
    }
    await desk.engine.receive(desk.handle('step'), { payload: 'x', waybill: { caseId: 'no-such-case', token: 't', attempt: 1 } });
    const exception = await desk.exception(caseId);
    assert.deepEqual([exception.class, exception.code], ['guard-breached', 'token-unknown']);
    const held = await desk.engine.ledger.listQuarantine({ status: 'held' }, { limit: 10 });
    assert.deepEqual(held.items.map((item) => item.reason).sort(), ['unknown-case', 'unknown-token', 'unknown-token']);
    assert.equal((await desk.eventsOf(caseId, 'StepEntered')).length, 1);
  });

  it('ends a loop at the hop limit, and a person may grant as many hops again', async () => {
    desk = await Desk.open({ tuning: { hopLimit: 5 } });
    let rounds = 0;
    desk.add({ id: 'scan', wires: [['round']] });
    desk.add({ id: 'round', wires: [['round'], ['end']], pattern: { run: (step) => step.complete([{ port: ++rounds < 8 ? 0 : 1 }]) } });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const exception = await desk.exception(caseId);
    assert.deepEqual([exception.class, rounds], ['hop-limit', 4]);
    await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'retry', code: 'long-way', by: eve });
    assert.equal((await desk.closed(caseId)).outcome, 'done');
  });

  it('tells an earlier delivery that comes late from the last, also without its waybill (PROTOCOL §2.5)', async () => {
    desk = await Desk.open();
    const held: ((msg: Record<string, unknown>) => void)[] = [];
    const messages: Record<string, unknown>[] = [];
    desk.add({ id: 'scan', wires: [['slow']] });
    desk.plain('slow', ['step'], (msg, send) => {
      held.push(send);
      messages.push({ _msgid: msg['_msgid'], payload: msg['payload'] });
    });
    desk.add({ id: 'step', wires: [['end']], pattern: pass });
    desk.add({ id: 'end', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(() => (held.length === 1 ? true : undefined));
    desk.stop();
    await desk.start();
    await eventually(() => (held.length === 2 ? true : undefined));
    // Both deliveries arrive, the first one first, and neither carries its waybill.
    held.forEach((send, i) => { send(messages[i] ?? {}); });
    await desk.closed(caseId);
    await quiet(desk);
    assert.deepEqual((await desk.eventsOf(caseId, 'StepEntered')).map((e) => e.data.attempt)[0], 1);
    assert.deepEqual(await desk.eventsOf(caseId, 'ExceptionRaised'), []);
    assert.deepEqual((await desk.engine.ledger.listQuarantine({}, { limit: 10 })).items.map((item) => item.reason), []);
  });

  it('that nobody asks for in the stall time is an exception that names the node which had the message last (PROTOCOL §2.4)', async () => {
    desk = await Desk.open({ tuning: { stallMs: 200 } });
    desk.add({ id: 'scan', wires: [['first']] });
    desk.plain('first', ['second'], (msg, send) => send(msg));
    desk.plain('second', [], () => undefined);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const exception = await desk.exception(caseId);
    assert.deepEqual([exception.class, exception.queue], ['stalled-token', 'engineer']);
    assert.match(exception.message, /last seen at "second"/);
    assert.ok(exception.token_id);
  });

  it('resolves whatever else was raised when a person cancels the case', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['pay', 'pay-too']] });
    desk.add({ id: 'pay', wires: [], pattern: close, requires: ['approved'] });
    desk.add({ id: 'pay-too', wires: [], pattern: close, requires: ['approved'] });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const [first] = await eventually(async () => {
      const open = await desk.exceptions(caseId);
      return open.length === 2 ? open : undefined;
    });
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: first?.exception_id ?? '', outcome: 'cancel', code: 'wrong-goods', by: eve }), { ok: true });
    assert.equal((await desk.closed(caseId)).outcome, 'cancelled');
    assert.deepEqual(await desk.exceptions(caseId), []);
  });
});
