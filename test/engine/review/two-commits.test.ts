import assert from 'node:assert/strict';
import { approvalPattern } from '../../../src/engine/patterns/approval/approval.ts';
import { callPattern } from '../../../src/engine/patterns/call.ts';
import type { AppendResult, Commit, Ledger } from '../../../src/ledger/port.ts';
import { close, Desk, eve, eventually, quiet } from './support/desk.ts';

const ask = approvalPattern({
  question: 'Accept it?', questionType: 'str', role: 'receiving-supervisor', quorum: 1, covers: 'amount', autoApprove: '', ruleId: '', deadline: 4, deadlineUnit: 'hours', onExpiry: 'reject',
  unknownOperatorRole: 'receiving-supervisor', milestone: '',
});
const call = callPattern({
  system: 'erp', service: 'receipts@1', operation: 'post', method: 'POST', url: 'http://127.0.0.1:9/', urlType: 'str', body: '$document', bodyType: 'case', timeoutSeconds: 5, idempotencyHeader: 'Idempotency-Key',
  recovery: 'same-key', queryUrl: '', queryUrlType: 'str', maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 1, maxDelaySeconds: 1, recordAs: '', milestone: '',
});

/** A ledger that never answers such commits, nor takes them: the process ends between the commit before it and this one. */
function without(stops: (commit: Commit) => boolean): (real: Ledger) => Ledger {
  return (real) => new Proxy(real, {
    get(target, name): unknown {
      if (name === 'append') return (commit: Commit): Promise<AppendResult> => (stops(commit) ? new Promise(() => undefined) : target.append(commit));
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

describe('what takes two commits, when the process ends between them', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  /** The process is gone, and a new one begins with the same home. */
  async function restarted(flow: () => Promise<void>): Promise<void> {
    const { home } = desk;
    await desk.crash();
    desk = await Desk.open({ home });
    await flow();
  }

  describe('the reversal of an approval', () => {
    const flow = async (takes = true): Promise<void> => {
      desk.add({ id: 'scan', wires: [['ask']] });
      desk.add({ id: 'ask', wires: [['end'], ['end'], [], []], pattern: ask, type: 'waybill-approval' });
      desk.add({ id: 'end', wires: [], pattern: close });
      if (takes) desk.add({ id: 'undo', wires: [['end']], reversal: { of: ['ask'], process: 'undo', template: 'undo@1.0.0' } });
      await desk.start();
    };
    const approved = async (): Promise<{ readonly caseId: string; readonly taskId: string }> => {
      const { caseId } = await desk.openCase('scan', { operator: 'olga' });
      const task = await eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 1 })).items[0]);
      assert.equal((await desk.engine.decideTask({ taskId: task.task_id, by: eve, decision: 'approve', factsHash: task.facts_hash })).ok, true);
      await desk.closed(caseId);
      return { caseId, taskId: task.task_id };
    };
    const requested = async (caseId: string): Promise<string> => await eventually(async () => (await desk.eventsOf(caseId, 'ReversalRequested'))[0]?.data.reversalCaseId);

    it('opens its case after the next start, once, without anybody asking again', async () => {
      desk = await Desk.open({ ledger: without(({ events }) => events.some(({ type, parentCaseId }) => type === 'CaseOpened' && parentCaseId !== undefined)) });
      await flow();
      const { caseId, taskId } = await approved();
      void desk.engine.requestReversal({ taskId, by: eve, reason: 'The wrong carton.' });
      const reversal = await requested(caseId);
      assert.equal(await desk.engine.ledger.getCase(reversal), undefined);
      await restarted(flow);
      await desk.closed(reversal);
      await quiet(desk);
      assert.equal((await desk.eventsOf(reversal, 'CaseOpened')).length, 1);
      assert.deepEqual(await desk.eventsOf(reversal, 'CommandRefused'), []);
      assert.equal((await desk.engine.ledger.timersDue('9999', 10, 'reversal')).length, 0);
      const again = await desk.engine.requestReversal({ taskId, by: eve, reason: 'The wrong carton.' });
      assert.deepEqual([again.ok, again.ok ? '' : again.code], [false, 'reversed-already']);
    });

    it('waits for a flow that takes it, when none is there after the start', async () => {
      desk = await Desk.open({ ledger: without(({ events }) => events.some(({ type, parentCaseId }) => type === 'CaseOpened' && parentCaseId !== undefined)) });
      await flow();
      const { caseId, taskId } = await approved();
      void desk.engine.requestReversal({ taskId, by: eve, reason: 'The wrong carton.' });
      const reversal = await requested(caseId);
      await restarted(() => flow(false));
      await quiet(desk);
      assert.equal(await desk.engine.ledger.getCase(reversal), undefined);
      desk.stop();
      desk.add({ id: 'undo', wires: [['end']], reversal: { of: ['ask'], process: 'undo', template: 'undo@1.0.0' } });
      await desk.start();
      await desk.closed(reversal);
    });
  });

  it('a dead letter that is discarded is an exception until the case is cancelled, and once only', async () => {
    const flow = async (): Promise<void> => {
      desk.add({ id: 'scan', wires: [['post']] });
      desk.add({ id: 'post', wires: [['end'], []], pattern: call, type: 'waybill-call' });
      desk.add({ id: 'end', wires: [], pattern: close });
      await desk.start();
    };
    desk = await Desk.open({ ledger: without(({ events }) => events.some(({ type }) => type === 'ExceptionResolved')) });
    await flow();
    const { caseId } = await desk.openCase('scan', { operator: 'olga' });
    const letter = await eventually(async () => (await desk.engine.ledger.listDeadLetters({ status: 'open', caseId }, { limit: 1 })).items[0]);
    const discard = { deadLetterId: letter.dead_letter_id, by: eve, reason: 'Nobody wants it.', commandKey: 'discard-1' };
    void desk.engine.discardDeadLetter(discard);
    const exception = await desk.exception(caseId);
    await restarted(flow);
    await quiet(desk);
    assert.deepEqual((await desk.exceptions(caseId)).map((one) => one.exception_id), [exception.exception_id], 'somebody sees what is left to do');
    assert.equal((await desk.engine.ledger.getDeadLetter(letter.dead_letter_id))?.status, 'open');
    assert.deepEqual(await desk.engine.discardDeadLetter(discard), { ok: true });
    assert.equal((await desk.closed(caseId)).outcome, 'cancelled');
    assert.deepEqual(await desk.exceptions(caseId), []);
    assert.equal((await desk.eventsOf(caseId, 'ExceptionRaised')).length, 1);
  });
});
