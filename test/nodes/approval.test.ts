import assert from 'node:assert/strict';
import type { TaskRow } from '../../src/ledger/port.ts';
import { end, eventually, knownOperator, opener, person, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';

const boss = person('sam', 'receiving-supervisor');

function approval(config: Readonly<Record<string, unknown>> = {}): FlowNode {
  return step('approval', 'decide', {
    question: '"Take " & $facts.receipt.qty & "?"', questionType: 'jsonata', role: 'receiving-supervisor', covers: 'receipt', deadline: 0,
    wires: [['approved'], ['rejected'], [], ['expired']], ...config,
  });
}
const approvalNamed = (id: string): FlowNode => ({ ...approval(), id, stepId: id });
const ends = [end('approved'), end('rejected'), end('expired')];
const facts = { receipt: { qty: 12 }, note: 'x' };

describe('approval node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.open();
    await knownOperator(rig, 'anna');
  });
  afterEach(() => rig.close());

  async function ask(config: Readonly<Record<string, unknown>> = {}, operator: string | undefined = 'anna'): Promise<TaskRow> {
    await rig.load([opener(['decide']), approval(config), ...ends]);
    return rig.task(await rig.start(facts, operator));
  }
  const decide = (task: TaskRow, decision: 'approve' | 'reject', by = boss): ReturnType<Rig['engine']['decideTask']> =>
    rig.engine.decideTask({ taskId: task.task_id, decision, factsHash: task.facts_hash, by, comment: 'as agreed' });

  it('asks the role, shows the covered facts, and goes on when somebody approves', async () => {
    const task = await ask();
    assert.deepEqual([task.role, task.question, task.quorum, task.due_at], ['receiving-supervisor', 'Take 12?', 1, null]);
    assert.deepEqual(JSON.parse(task.shown), { receipt: { qty: 12 } });
    assert.equal((await rig.view(task.case_id)).activity, 'approval');
    assert.deepEqual(await decide(task, 'approve'), { ok: true, taskStatus: 'approved', approvals: 1, quorum: 1 });
    assert.equal((await rig.closed(task.case_id)).outcome, 'approved');
    const [milestone] = await rig.eventsOf(task.case_id, 'MilestoneReached');
    const [decided] = await rig.eventsOf(task.case_id, 'Decided');
    assert.deepEqual(milestone?.data, { milestone: 'approved', covers: ['receipt'], factsHash: task.facts_hash, by: [decided?.actor.id] });
    assert.deepEqual([decided?.data.mode, decided?.data.outcome, decided?.personal?.comment], ['person', 'approved', 'as agreed']);
  });

  it('leaves by the second output when somebody rejects', async () => {
    const task = await ask();
    assert.equal((await decide(task, 'reject')).ok, true);
    assert.equal((await rig.closed(task.case_id)).outcome, 'rejected');
    assert.equal((await rig.eventsOf(task.case_id, 'MilestoneReached')).length, 0);
  });

  it('takes a decision on a task that others see before the commit has been answered', async () => {
    await rig.load([opener(['decide']), approval(), ...ends]);
    const { ledger } = rig.engine;
    const append = ledger.append.bind(ledger);
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => { answer = resolve; });
    ledger.append = async (request) => {
      const result = await append(request);
      if (request.events.some((event) => event.type === 'TaskCreated')) await held;
      return result;
    };
    const task = await rig.task(await rig.start(facts, 'anna'));
    const decided = decide(task, 'approve');
    // By then the decision has read its row as well.
    await ledger.getTask(task.task_id);
    setImmediate(answer);
    assert.deepEqual(await decided, { ok: true, taskStatus: 'approved', approvals: 1, quorum: 1 });
    assert.equal((await rig.closed(task.case_id)).outcome, 'approved');
  });

  it('waits for the quorum, and counts nobody twice', async () => {
    const task = await ask({ quorum: 2 });
    assert.deepEqual(await decide(task, 'approve'), { ok: true, taskStatus: 'open', approvals: 1, quorum: 2 });
    assert.equal((await decide(task, 'approve')).ok, false);
    assert.deepEqual(await decide(task, 'approve', person('kim', 'receiving-supervisor')), { ok: true, taskStatus: 'approved', approvals: 2, quorum: 2 });
    assert.equal((await rig.closed(task.case_id)).outcome, 'approved');
  });

  it('approves by its rule without a task, and names the rule', async () => {
    await rig.load([opener(['decide']), approval({ autoApprove: '$facts.receipt.qty <= 12', ruleId: 'tolerance@1' }), ...ends]);
    const caseId = await rig.start(facts, 'anna');
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
    assert.equal((await rig.eventsOf(caseId, 'TaskCreated')).length, 0);
    const [decided] = await rig.eventsOf(caseId, 'Decided');
    assert.deepEqual([decided?.data.mode, decided?.data.ruleId], ['auto', 'tolerance@1']);
    await rig.task(await rig.start({ receipt: { qty: 13 } }, 'anna'));
  });

  it('only a true rule approves; a value that merely looks true asks a person', async () => {
    const task = await ask({ autoApprove: '"yes"' });
    assert.equal(task.status, 'open');
  });

  it('refuses the one who scanned, and those without the role', async () => {
    const task = await ask();
    const own = await decide(task, 'approve', person('anna', 'receiving-supervisor'));
    assert.deepEqual(own.ok ? undefined : [own.code, own.status], ['requester-may-not-decide', 'forbidden']);
    const clerk = await decide(task, 'approve', person('chris', 'clerk'));
    assert.deepEqual(clerk.ok ? undefined : [clerk.code, clerk.status], ['role-missing', 'forbidden']);
    assert.deepEqual((await rig.eventsOf(task.case_id, 'CommandRefused')).map((event) => event.data.code), ['requester-may-not-decide', 'role-missing']);
  });

  it('asks the fallback role when nobody knows who scanned', async () => {
    const task = await ask({}, 'somebody');
    assert.equal(task.role, 'site-manager');
    const refused = await decide(task, 'approve');
    assert.equal(refused.ok ? undefined : refused.code, 'operator-unknown');
    assert.equal((await decide(task, 'approve', person('morgan', 'site-manager'))).ok, true);
    assert.equal((await rig.closed(task.case_id)).outcome, 'approved');
  });

  it('asks anew when covered facts were corrected before anybody decided, and refuses the old view of them', async () => {
    await rig.load([opener(['decide', 'other']), approval(), step('exception', 'other', { queue: 'clerk', code: 'count', wires: [['decide2']] }), approvalNamed('decide2'), ...ends]);
    const caseId = await rig.start(facts, 'anna');
    const task = await rig.task(caseId);
    const raised = await rig.exception(caseId);
    await rig.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'continue', code: 'counted', correction: { receipt: { qty: 99 } }, by: person('eve', 'engineer') });
    assert.equal((await rig.engine.ledger.getTask(task.task_id))?.status, 'voided');
    const late = await decide(task, 'approve');
    assert.equal(late.ok ? undefined : late.code, 'task-not-open');
    const anew = await eventually(async () => (await rig.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 5 })).items.find((row) => row.address === task.address));
    assert.deepEqual(JSON.parse(anew.shown), { receipt: { qty: 99 } });
  });

  it('does not let pass what was corrected after it had been approved', async () => {
    await rig.load([opener(['decide']), approval({ wires: [[], ['rejected'], [], ['expired']] }), ...ends]);
    const caseId = await rig.start(facts, 'anna');
    await decide(await rig.task(caseId), 'approve');
    const unwired = await rig.exception(caseId);
    assert.equal(unwired.code, 'not-wired:0');
    await rig.load([opener(['decide']), approval(), ...ends]);
    const eve = person('eve', 'engineer');
    await rig.engine.resolveException({ exceptionId: unwired.exception_id, outcome: 'continue', code: 'counted', correction: { receipt: { qty: 99 } }, by: eve });
    const moved = await rig.exception(caseId);
    assert.deepEqual([moved.class, moved.code], ['guard-breached', 'facts-changed:approved']);
    await rig.engine.resolveException({ exceptionId: moved.exception_id, outcome: 'continue', code: 'put-back', correction: { receipt: { qty: 12 } }, by: eve });
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
  });

  it('rejects or expires when the deadline passes, and never approves', async () => {
    for (const [onExpiry, outcome] of [['reject', 'rejected'], ['expire', 'expired']] as const) {
      const task = await ask({ deadline: 0.002, deadlineUnit: 'minutes', onExpiry });
      assert.ok(task.due_at);
      assert.equal((await rig.closed(task.case_id)).outcome, outcome);
      const late = await decide(task, 'approve');
      assert.equal(late.ok ? undefined : late.code, 'task-not-open');
    }
  });

  it('asks no second time when the step is run again', async () => {
    const task = await ask();
    await rig.load([opener(['decide']), approval(), ...ends]);
    await decide(task, 'approve');
    await eventually(() => rig.closed(task.case_id));
    assert.equal((await rig.eventsOf(task.case_id, 'TaskCreated')).length, 1);
  });
});
