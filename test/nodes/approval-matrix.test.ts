import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DIRECTORY_DEFAULTS } from '../../nodes/directory/migrations.ts';
import type { Outcome, PersonIdentity, TaskDetail } from '../../src/engine/api.ts';
import type { TaskRow } from '../../src/ledger/port.ts';
import { end, eventually, opener, person, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';

type Level = Readonly<Record<string, unknown>>;
const level = (role: string, more: Level = {}): Level => ({ role, quorum: 1, deadline: 0, deadlineUnit: 'hours', working: false, onExpiry: 'reject', hold: 0, ...more });
const row = (id: string, from: string, to: string, levels: readonly Level[], more: Level = {}): Level => ({ id, from, to, conditions: [], auto: false, levels, ...more });

/** Up to 100 by itself, to 1000 by a buyer, above by a buyer and then finance. */
const rows = [row('small', '', '100', [], { auto: true }), row('middle', '100', '1000', [level('buyer')]), row('large', '1000', '', [level('buyer'), level('finance')])];
const matrix = (more: Level = {}): Level => ({ hit: 'unique', order: 'sequence', amount: 'order.total', currency: 'order.currency', base: 'EUR', rates: [{ currency: 'USD', rate: '0.9', from: '2020-01-01' }], cumulative: { keys: '', days: 30, scope: '' }, rows, ...more });

function approval(config: Level = {}, id = 'decide'): FlowNode {
  return step('approval', id, { question: 'Buy it?', questionType: 'str', covers: 'order', configVersion: 2, matrix: matrix(), wires: [['approved'], ['rejected'], ['rework'], ['expired']], ...config });
}
const ends = ['approved', 'rejected', 'rework', 'expired'].map(end);
const order = (total: string, more: Level = {}): object => ({ order: { total, currency: 'EUR', ...more } });

describe('approval matrix', () => {
  withNodeRed();
  let rig: Rig;
  const people = new Map<string, PersonIdentity>();

  async function account(name: string, ...roles: string[]): Promise<PersonIdentity> {
    const someone = person(name, ...roles);
    await rig.engine.accounts?.createUser({ id: someone.userId, name, displayName: name, roles, sites: ['*'], passwordHash: 'none', disabled: false, createdAt: new Date().toISOString() });
    rig.engine.accountsChanged();
    people.set(name, someone);
    return someone;
  }
  const who = (name: string): PersonIdentity => {
    const found = people.get(name);
    assert.ok(found);
    return found;
  };

  beforeEach(async () => {
    rig = await Rig.open();
    people.clear();
    for (const [name, ...roles] of [['anna', 'receiving-supervisor'], ['bob', 'buyer'], ['bea', 'buyer'], ['fred', 'finance'], ['mia', 'site-manager'], ['both', 'buyer', 'finance']] as const) await account(name, ...roles);
  });
  afterEach(() => rig.close());

  async function ask(facts: object, config: Level = {}, more: readonly FlowNode[] = []): Promise<string> {
    await rig.load([opener(['decide']), approval(config), ...ends, ...more]);
    return rig.start(facts, 'anna');
  }
  const taskOf = (caseId: string, role: string): Promise<TaskRow> => eventually(async () => (await rig.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 10 })).items.find((each) => each.role === role));
  const decide = (task: TaskRow, name: string, decision: 'approve' | 'reject' | 'rework' = 'approve', onBehalfOf?: string): ReturnType<Rig['engine']['decideTask']> =>
    rig.engine.decideTask({ taskId: task.task_id, decision, factsHash: task.facts_hash, by: who(name), comment: `${decision} by ${name}`, ...(onBehalfOf === undefined ? {} : { onBehalfOf: who(onBehalfOf).userId }) });
  const codeOf = (outcome: Outcome<object>): string | undefined => (outcome.ok ? undefined : outcome.code);
  const detail = async (task: TaskRow, name: string): Promise<TaskDetail> => {
    const found = await rig.engine.taskDetail(task.task_id, who(name));
    assert.ok(found);
    return found;
  };

  it('asks the levels of the row one after the other, tells why, and hands on what was decided', async () => {
    await rig.load([opener(['decide']), approval({ wires: [['show'], [], [], []] }), { id: 'show', type: 'helper', z: 'tab', x: 0, y: 0, wires: [['approved']] }, ...ends]);
    const seen: Record<string, unknown>[] = [];
    rig.node('show').on('input', (msg: object) => { seen.push(msg as Record<string, unknown>); (rig.node('show') as unknown as { send(m: object): void }).send(msg); });
    const caseId = await rig.start(order('2000'), 'anna');
    const first = await taskOf(caseId, 'buyer');
    const why = await detail(first, 'bob');
    assert.deepEqual(why.why, { row: 'large', because: ['amount >= 1000 EUR'], amount: '2000', currency: 'EUR', original: { amount: '2000', currency: 'EUR' }, rate: '1' });
    assert.deepEqual(why.levels.map((each) => [each.level, each.role, each.status, each.eligible]), [[1, 'buyer', 'open', 3], [2, 'finance', 'waiting', null]]);
    assert.equal((await decide(first, 'bob')).ok, true);
    const second = await taskOf(caseId, 'finance');
    assert.equal((await decide(second, 'fred')).ok, true);
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
    const approvalIn = seen[0]?.['approval'] as { outcome: string; row: string; round: number; decisions: Record<string, unknown>[] };
    assert.deepEqual([approvalIn.outcome, approvalIn.row, approvalIn.round, approvalIn.decisions.map((each) => [each['level'], each['role'], each['decision'], each['comment']])],
      ['approved', 'large', 1, [[1, 'buyer', 'approve', 'approve by bob'], [2, 'finance', 'approve', 'approve by fred']]]);
    const [created] = await rig.eventsOf(caseId, 'TaskCreated');
    assert.deepEqual([created?.data.matrixRow, created?.data.amount, created?.data.levels, created?.data.eligibleCount], ['large', '2000', 2, 3]);
  });

  it('approves the smallest band by itself, and counts in the base currency', async () => {
    const caseId = await ask(order('110', { currency: 'USD' }));
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
    const [decided] = await rig.eventsOf(caseId, 'Decided');
    assert.deepEqual([decided?.data.mode, decided?.data.ruleId], ['auto', 'small']);
  });

  it('lets nobody decide two levels, also not in the name of somebody else', async () => {
    const caseId = await ask(order('2000'));
    assert.equal((await decide(await taskOf(caseId, 'buyer'), 'both')).ok, true);
    assert.equal(codeOf(await decide(await taskOf(caseId, 'finance'), 'both')), 'level-decided-by-same-person');
  });

  it('lets a step require that two approvals were decided by different people', async () => {
    const one = { matrix: matrix({ rows: [row('all', '', '', [level('buyer')])] }) };
    for (const [second, ending] of [['bob', 'same-person:checked:approved'], ['bea', undefined]] as const) {
      await rig.load([
        opener(['decide']), approval({ ...one, wires: [['again'], ['rejected'], ['rework'], ['expired']] }), approval({ ...one, milestone: 'checked', wires: [['pay'], [], [], []] }, 'again'),
        step('case-close', 'pay', { outcome: 'paid', outcomeType: 'str', requires: 'checked != approved' }), ...ends,
      ]);
      const caseId = await rig.start(order('500'), 'anna');
      assert.equal((await decide(await taskOf(caseId, 'buyer'), 'bob')).ok, true);
      const asked = await eventually(async () => (await rig.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 10 })).items.find((each) => each.address.endsWith('/again')));
      assert.equal((await decide(asked, second)).ok, true);
      if (ending === undefined) assert.equal((await rig.closed(caseId)).outcome, 'paid');
      else assert.equal((await eventually(async () => (await rig.engine.ledger.listExceptions({ status: 'open', caseId }, { limit: 10 })).items[0])).code, ending);
    }
  });

  it('asks all levels at once when the matrix says so, and ends them all with one rejection', async () => {
    const caseId = await ask(order('2000'), { matrix: matrix({ order: 'parallel' }) });
    const buyer = await taskOf(caseId, 'buyer');
    const finance = await taskOf(caseId, 'finance');
    assert.equal((await decide(finance, 'fred', 'reject')).ok, true);
    assert.equal((await rig.closed(caseId)).outcome, 'rejected');
    assert.equal((await rig.engine.ledger.getTask(buyer.task_id))?.status, 'voided');
  });

  for (const [name, facts, code] of [
    ['a negative amount', order('-5'), 'approval-amount-negative'], ['an unknown currency', order('5', { currency: 'XXX' }), 'approval-currency-unknown'],
    ['no amount', { order: { currency: 'EUR' } }, 'approval-amount-missing'], ['an amount that is none', order('five'), 'approval-amount-invalid'],
    ['a currency without a rate on that day', order('5', { currency: 'GBP' }), 'approval-rate-missing'],
  ] as const) {
    it(`${name} ends in an exception that says what to mend, and is never approved`, async () => {
      const caseId = await ask(facts, { matrix: matrix({ rates: [{ currency: 'GBP', rate: '1.2', from: '2999-01-01' }] }) });
      const exception = await rig.exception(caseId);
      assert.deepEqual([exception.code, exception.class], [code, 'business']);
      await rig.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'continue', code: 'corrected', correction: { order: { total: '50', currency: 'EUR' } }, by: person('eve', 'engineer') });
      assert.equal((await rig.closed(caseId)).outcome, 'approved');
    });
  }

  it('a case that no row fits stops', async () => {
    const caseId = await ask(order('5000'), { matrix: matrix({ rows: rows.slice(0, 2) }) });
    assert.equal((await rig.exception(caseId)).code, 'approval-no-row');
  });

  it('rows that overlap are named at the deploy', async () => {
    await rig.load([opener(['decide']), approval({ matrix: matrix({ rows: [...rows, row('extra', '500', '1500', [level('finance')])] }) }), ...ends]);
    const text = rig.shown('decide').map((each) => JSON.stringify(each)).join();
    assert.match(text, /red/);
    assert.match(String((rig.node('decide').error as unknown as { args: unknown[][] }).args[0]?.[0]), /Rows “middle” and “extra” fit the same case/);
  });

  it('asks anew, from the first level on, when the facts change between the levels', async () => {
    await rig.load([opener(['decide', 'other']), approval(), step('exception', 'other', { queue: 'clerk', code: 'count', wires: [[]] }), ...ends]);
    const caseId = await rig.start(order('2000'), 'anna');
    const first = await taskOf(caseId, 'buyer');
    await decide(first, 'bob');
    const finance = await taskOf(caseId, 'finance');
    const raised = await eventually(async () => (await rig.engine.ledger.listExceptions({ status: 'open', caseId }, { limit: 5 })).items.find((each) => each.code === 'count'));
    await rig.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'continue', code: 'counted', correction: { order: { total: '3000' } }, by: person('eve', 'engineer') });
    assert.equal(codeOf(await decide(finance, 'fred')), 'task-not-open');
    const again = await taskOf(caseId, 'buyer');
    assert.deepEqual([again.level, JSON.parse(again.shown)], [1, { order: { total: '3000', currency: 'EUR' } }]);
    assert.equal((await decide(again, 'bob')).ok, true, 'what was said about other facts does not count');
    assert.equal((await decide(await taskOf(caseId, 'finance'), 'fred')).ok, true);
    assert.equal((await eventually(async () => ((await rig.view(caseId)).status === 'closed' ? true : (await rig.eventsOf(caseId, 'MilestoneReached')).length === 1 ? true : undefined))), true);
  });

  it('refuses a forged hash of the facts, and records that', async () => {
    const caseId = await ask(order('500'));
    const task = await taskOf(caseId, 'buyer');
    assert.equal(codeOf(await rig.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: 'forged', by: who('bob') })), 'facts-changed');
    assert.equal((await rig.eventsOf(caseId, 'CommandRefused')).at(-1)?.data.code, 'facts-changed');
  });

  it('all of a role have to agree, and a leaver lowers their number', async () => {
    const caseId = await ask(order('500'), { matrix: matrix({ rows: [row('all', '', '', [level('buyer', { quorum: 'all' })])] }) });
    const task = await taskOf(caseId, 'buyer');
    await decide(task, 'bob');
    await decide(task, 'bea');
    assert.equal((await rig.engine.ledger.getTask(task.task_id))?.status, 'open');
    await rig.engine.accounts?.updateUser(who('both').userId, { disabled: true });
    rig.engine.accountsChanged();
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
  });

  it('somebody who is taken out of the directory\'s file lowers the number of all as well', async () => {
    const file = path.join(rig.home, 'people.json');
    const write = (...names: string[]): void => writeFileSync(file, JSON.stringify({ people: names.map((account) => ({ account, roles: ['buyer'], sites: ['dc-1'] })) }));
    write('bob', 'bea', 'both');
    const caseId = await ask(order('500'), { directory: 'dir', matrix: matrix({ rows: [row('all', '', '', [level('buyer', { quorum: 'all' })])] }) }, [{ id: 'dir', type: 'waybill-directory', ...DIRECTORY_DEFAULTS, source: 'file', file: 'people.json' }]);
    const task = await taskOf(caseId, 'buyer');
    for (const name of ['bob', 'bea']) assert.equal((await decide(task, name)).ok, true);
    assert.equal((await rig.engine.ledger.getTask(task.task_id))?.status, 'open');
    const reach = async (name: string): Promise<boolean> => (await rig.engine.taskReach(who(name))).standing(task).own;
    assert.deepEqual([await reach('both'), await reach('anna')], [true, false]);
    write('bob', 'bea');
    await eventually(async () => (await reach('both') ? undefined : true));
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
  });

  it('a quorum that nobody can make up any more is an exception, and goes on when somebody gets the role', async () => {
    const caseId = await ask(order('500'), { quorumOf: 'all', matrix: matrix({ rows: [row('all', '', '', [level('night-shift', { quorum: 'all' })])] }) });
    const exception = await rig.exception(caseId);
    assert.equal(exception.code, 'approval-nobody-eligible');
    assert.match(exception.message, /night-shift at dc-1/);
    await account('nora', 'night-shift');
    await rig.resolve(exception.exception_id, 'retry');
    await decide(await taskOf(caseId, 'night-shift'), 'nora');
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
  });

  it('who asked for it, by the facts, does not decide; an unknown requester leaves it to another role', async () => {
    const caseId = await ask(order('500', { requester: 'bob' }), { requesters: 'order.requester' });
    assert.equal(codeOf(await decide(await taskOf(caseId, 'buyer'), 'bob')), 'requester-may-not-decide');
    const other = await rig.start(order('500', { requester: 'nobody-known' }), 'anna');
    const task = await taskOf(other, 'site-manager');
    assert.equal(codeOf(await decide(task, 'bea')), 'operator-unknown');
    assert.equal((await decide(task, 'mia')).ok, true);
  });

  describe('delegation', () => {
    const delegate = async (from: string, to: string): Promise<void> => {
      const granted = await rig.engine.delegations.grant({ to: who(to).userId, toTime: new Date(Date.now() + 3_600_000).toISOString(), by: who(from), manages: false });
      assert.deepEqual(granted.ok ? '' : granted.message, '');
    };
    it('a delegate decides for the delegator, and both stand in the ledger', async () => {
      await account('dora', 'clerk');
      await delegate('fred', 'dora');
      const caseId = await ask(order('500'), { matrix: matrix({ rows: [row('all', '', '', [level('finance')])] }) });
      const task = await taskOf(caseId, 'finance');
      assert.deepEqual((await detail(task, 'dora')).delegators.map((each) => each.name), ['fred']);
      assert.equal((await decide(task, 'dora', 'approve', 'fred')).ok, true);
      const [decided] = await rig.eventsOf(caseId, 'Decided');
      assert.equal(decided?.data.onBehalfOf, rig.engine.pseudonym(who('fred').userId));
      assert.equal(decided?.actor.onBehalfOf, decided?.data.onBehalfOf);
    });
    it('nobody approves through a delegate what they asked for, in either direction', async () => {
      await account('dora', 'clerk');
      await delegate('fred', 'dora');
      const config = { requesters: 'order.requester', matrix: matrix({ rows: [row('all', '', '', [level('finance')])] }) };
      const byDelegator = await ask(order('500', { requester: 'fred' }), config);
      assert.equal(codeOf(await decide(await taskOf(byDelegator, 'finance'), 'dora', 'approve', 'fred')), 'delegation-self-approval');
      const byDelegate = await rig.start(order('500', { requester: 'dora' }), 'anna');
      assert.equal(codeOf(await decide(await taskOf(byDelegate, 'finance'), 'dora', 'approve', 'fred')), 'requester-may-not-decide');
      assert.equal(codeOf(await decide(await taskOf(byDelegate, 'finance'), 'bea', 'approve', 'fred')), 'delegation-missing');
    });
  });

  it('a held decision is recalled by its decider, and stands when its time is over', async () => {
    const config = { matrix: matrix({ rows: [row('all', '', '', [level('buyer', { hold: 1 })])] }) };
    const caseId = await ask(order('500'), config);
    const task = await taskOf(caseId, 'buyer');
    const held = await decide(task, 'bob');
    assert.ok(held.ok && held.heldUntil !== undefined && held.taskStatus === 'open');
    assert.equal(codeOf(await decide(task, 'bea')), 'task-held');
    assert.equal((await detail(task, 'bob')).mayRecall, true);
    assert.equal(codeOf(await rig.engine.recallDecision({ taskId: task.task_id, by: who('bea') })), 'recall-not-yours');
    assert.equal((await rig.engine.recallDecision({ taskId: task.task_id, by: who('bob') })).ok, true);
    assert.equal((await decide(task, 'bea', 'reject')).ok, true);
    assert.equal((await rig.closed(caseId)).outcome, 'rejected');
  });

  it('a question pauses the deadline; its answer lets the rest of it run on', async () => {
    const caseId = await ask(order('500', { requester: 'anna' }), { requesters: 'order.requester', matrix: matrix({ rows: [row('all', '', '', [level('buyer', { deadline: 2 })])] }) });
    const task = await taskOf(caseId, 'buyer');
    const asked = await rig.engine.requestInfo({ taskId: task.task_id, question: 'Why so many?', by: who('bob') });
    assert.ok(asked.ok, JSON.stringify(asked));
    assert.equal((await rig.engine.ledger.getTask(task.task_id))?.due_at, null);
    assert.equal((await rig.engine.ledger.timersDue('9999', 10, 'task-expiry')).length, 0);
    assert.equal(codeOf(await rig.engine.answerInfo({ taskId: task.task_id, answer: 'Because.', by: who('bob') })), 'answer-not-yours');
    assert.equal((await detail(task, 'anna')).mayAnswer, true);
    assert.equal((await rig.engine.answerInfo({ taskId: task.task_id, answer: 'A campaign.', by: who('anna') })).ok, true);
    const again = await rig.engine.ledger.getTask(task.task_id);
    assert.ok(again?.due_at !== null && (again?.due_at ?? '') > (task.due_at ?? ''));
    assert.deepEqual((await detail(task, 'bob')).conversation.map((each) => [each.kind, each.text]), [['question', 'Why so many?'], ['answer', 'A campaign.']]);
  });

  it('goes back for rework as often as the node says, and says the round', async () => {
    const caseId = await ask(order('500'), { maxRounds: 1, wires: [['approved'], ['rejected'], ['decide2'], ['expired']] }, [approval({}, 'decide2')]);
    assert.equal((await decide(await taskOf(caseId, 'buyer'), 'bob', 'rework')).ok, true);
    const [rework] = await rig.eventsOf(caseId, 'ReworkRequested');
    assert.deepEqual([rework?.data.fromStep, rework?.data.round], ['decide', 1]);
    await decide(await taskOf(caseId, 'buyer'), 'bob');
    assert.equal((await rig.closed(caseId)).outcome, 'approved');
  });

  it('is withdrawn by who asked for it, and leaves by the second output', async () => {
    const caseId = await ask(order('500'));
    const task = await taskOf(caseId, 'buyer');
    assert.equal(codeOf(await rig.engine.withdrawTask({ taskId: task.task_id, reason: 'no more', by: who('bob') })), 'withdraw-not-yours');
    assert.equal((await rig.engine.withdrawTask({ taskId: task.task_id, reason: 'no more', by: who('anna') })).ok, true);
    assert.equal((await rig.closed(caseId)).outcome, 'rejected');
    assert.equal((await rig.engine.ledger.getTask(task.task_id))?.status, 'withdrawn');
  });

  it('is reassigned to somebody of the role, by whoever decides it; to another role only by who manages the site', async () => {
    const caseId = await ask(order('500'));
    const task = await taskOf(caseId, 'buyer');
    const give = (name: string, to: { readonly toRole?: string; readonly toPerson?: string }): Promise<Outcome> => rig.engine.reassignTask({ taskId: task.task_id, reason: 'holiday', by: who(name), ...to });
    assert.equal(codeOf(await give('bob', { toPerson: who('fred').userId })), 'assignee-lacks-role');
    assert.equal(codeOf(await give('bob', { toPerson: who('anna').userId })), 'assignee-touched-case');
    assert.equal(codeOf(await give('bob', { toRole: 'finance' })), 'reassign-not-allowed');
    assert.equal(codeOf(await give('mia', { toRole: 'nobody' })), 'role-nobody-holds');
    assert.equal((await give('bob', { toPerson: who('bea').userId })).ok, true);
    assert.equal(codeOf(await decide(task, 'both')), 'task-assigned-to-other');
    assert.equal((await give('mia', { toRole: 'finance' })).ok, true);
    assert.equal((await decide(await taskOf(caseId, 'finance'), 'fred')).ok, true);
  });

  it('sums up what one requester buys, also at the same instant, and gives back what was rejected', async () => {
    const summed = { matrix: matrix({ cumulative: { keys: 'order.supplier', days: 30, scope: 'buying' } }) };
    await rig.load([opener(['decide']), approval(summed), ...ends]);
    for (let i = 0; i < 6; i += 1) rig.send({ payload: order('60', { supplier: 'acme' }), operator: 'anna' });
    const cases = await eventually(async () => {
      const { items } = await rig.engine.ledger.listCases({}, { limit: 100 });
      const counts = await rig.engine.ledger.counts();
      return items.length === 6 && counts.casesClosed + counts.tasksOpen === 6 ? items : undefined;
    });
    assert.equal(cases.filter((each) => each.outcome === 'approved').length, 1, 'only the first stays below the band');
    const totals = (await Promise.all(cases.map((each) => rig.eventsOf(each.case_id, 'AmountAccumulated')))).flat().map((event) => Number(event.data.total)).sort((a, b) => a - b);
    assert.deepEqual(totals, [60, 120, 180, 240, 300, 360]);
    for (const each of cases.filter((one) => one.status === 'open')) {
      await decide(await taskOf(each.case_id, 'buyer'), 'bob', 'reject');
      await rig.closed(each.case_id);
    }
    const next = await rig.start(order('30', { supplier: 'acme' }), 'anna');
    assert.equal((await rig.closed(next)).outcome, 'approved', 'what was rejected counts no more');
  });

  it('is reversed by a case of its own, once; without a flow for it somebody is told what to add', async () => {
    const caseId = await ask(order('500'));
    const task = await taskOf(caseId, 'buyer');
    await decide(task, 'bob');
    await rig.closed(caseId);
    const reverse = (): ReturnType<Rig['engine']['requestReversal']> => rig.engine.requestReversal({ taskId: task.task_id, reason: 'wrong supplier', by: who('bea') });
    const without = await reverse();
    assert.equal(codeOf(without), 'no-reversal-node');
    await rig.load([opener(['decide']), approval(), ...ends, step('case-open', 'undo', { reversalsOf: 'decide', wires: [['decide-undo'], []] }), step('approval', 'decide-undo', { role: 'buyer', covers: 'reverses', configVersion: 2, wires: [['approved'], ['rejected'], [], []] })]);
    const done = await reverse();
    assert.ok(done.ok);
    const reversal = await rig.view(done.reversalCaseId);
    assert.deepEqual((reversal.document['reverses'] as Record<string, unknown>)['caseId'], caseId);
    assert.equal((await rig.engine.ledger.getCase(done.reversalCaseId))?.parent_case_id, caseId);
    assert.equal(codeOf(await reverse()), 'reversed-already');
    const own = await taskOf(done.reversalCaseId, 'buyer');
    assert.equal(codeOf(await decide(own, 'bea')), 'requester-may-not-decide', 'who asks for the reversal does not approve it');
    assert.equal((await decide(own, 'bob')).ok, true);
    assert.equal((await rig.engine.ledger.timersDue('9999', 10, 'reversal')).length, 0);
    assert.equal((await detail(task, 'bob')).reversedBy, done.reversalCaseId);
  });

  it('two people at the same instant: one decides, the other is told so', async () => {
    const caseId = await ask(order('500'));
    const task = await taskOf(caseId, 'buyer');
    const answers = await Promise.all([decide(task, 'bob'), decide(task, 'bea', 'reject')]);
    assert.deepEqual(answers.map((each) => each.ok).sort(), [false, true]);
    assert.equal(answers.map(codeOf).find((code) => code !== undefined), 'task-not-open');
    assert.equal((await rig.eventsOf(caseId, 'Decided')).length, 1);
  });
});
