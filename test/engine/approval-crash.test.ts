import assert from 'node:assert/strict';
import type { StepPattern } from '../../src/engine/api.ts';
import { approvalPattern } from '../../src/engine/patterns/approval/approval.ts';
import type { TaskRow } from '../../src/ledger/port.ts';
import { close, Desk, eve, eventually } from './review/support/desk.ts';

const held: StepPattern = approvalPattern({
  question: 'May it?', questionType: 'str', role: 'boss', quorum: 1, covers: '', autoApprove: '', ruleId: '', deadline: 0, deadlineUnit: 'hours', onExpiry: 'reject', unknownOperatorRole: 'boss', milestone: 'approved', hold: 1,
});
const boss = { ...eve, roles: ['boss'] };

/** PROTOCOL §8, §9: what is held, and what is asked for, outlives the process. */
describe('approvals over an end of the process', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  function wire(): void {
    desk.add({ id: 'scan', wires: [['ask']] });
    desk.add({ id: 'ask', wires: [['end'], ['end'], [], []], pattern: held });
    desk.add({ id: 'end', wires: [], pattern: close });
    desk.add({ id: 'undo', wires: [['end']], reversal: { of: ['ask'], process: 'returns', template: 'undo@1' } });
  }
  const taskOf = (caseId: string): Promise<TaskRow> => eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 1 })).items[0]);

  it('a held decision stands after its time, although the process ended in between', async () => {
    desk = await Desk.open();
    wire();
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const task = await taskOf(caseId);
    const answer = await desk.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by: boss });
    assert.ok(answer.ok && answer.heldUntil !== undefined);
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    wire();
    await desk.start();
    await desk.closed(caseId);
    const released = await desk.eventsOf(caseId, 'DecisionReleased');
    assert.equal(released.length, 1);
    assert.ok((released[0]?.recordedAt ?? '') >= answer.heldUntil, 'it stood before its time');
    assert.equal((await desk.eventsOf(caseId, 'Decided')).length, 1);
  });

  it('a reversal that was asked for opens its case after the next start, once', async () => {
    desk = await Desk.open();
    wire();
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const task = await taskOf(caseId);
    await desk.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by: boss });
    await desk.closed(caseId);
    // A deploy stops the flows: it is asked for and durable, and the process ends before the case is opened.
    desk.stop();
    const asked = await desk.engine.requestReversal({ taskId: task.task_id, reason: 'wrong', by: boss });
    assert.ok(asked.ok);
    assert.equal(await desk.engine.ledger.getCase(asked.reversalCaseId), undefined);
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    wire();
    await desk.start();
    await desk.closed(asked.reversalCaseId);
    assert.equal((await desk.engine.ledger.getCase(asked.reversalCaseId))?.parent_case_id, caseId);
    assert.equal((await desk.engine.ledger.timersDue('9999', 10, 'reversal')).length, 0);
  });
});
