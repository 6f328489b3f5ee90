import assert from 'node:assert/strict';
import { escalationPattern } from '../../src/engine/patterns/escalation.ts';
import type { EscalationConfig, RungConfig } from '../../src/engine/patterns/escalation.ts';
import type { PersonIdentity, StepPattern } from '../../src/engine/api.ts';
import { Desk, eventually, quiet } from './review/support/desk.ts';

/** Ladders: each rung once, also over crashes and deploys, and what it changes in the same commit. */
describe('escalation', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  const person = (name: string, ...roles: string[]): PersonIdentity => ({ userId: name, name, roles, sites: ['*'], authMethod: 'password', channel: 'inbox' });
  const minutes = (ms: number): number => ms / 60_000;
  const rung = (ms: number, action: RungConfig['action'], more: Partial<RungConfig> = {}): RungConfig => ({ value: minutes(ms), unit: 'minutes', working: false, action, ...more });
  const ask = (kind: 'approval' | 'work' = 'approval'): StepPattern => ({ run: async (step) => {
    const task = Object.values(step.state.tasks).findLast((t) => t.runId === step.runId);
    if (task === undefined) {
      await step.commit([{
        type: 'CreateTask', taskId: step.newId(), runId: step.runId, role: 'clerk', quorum: 1, at: step.now(), onExpiry: 'expire', covers: [], factsHash: step.hashFacts(step.state, []),
        unknownOperatorRole: 'clerk', policyVersion: '1', title: 't', question: 'q', shown: {}, kind,
      }]);
    } else if (task.status === 'approved' || task.status === 'rejected') {
      await step.complete([{ port: task.status === 'approved' ? 0 : 1 }], task.status === 'approved' ? [{ type: 'ReachMilestone', runId: step.runId, milestone: 'approved', covers: [], factsHash: step.hashFacts(step.state, []) }] : []);
    }
  } });
  const closeAs = (outcome: string): StepPattern => ({ run: async (step) => { await step.commit([{ type: 'CloseCase', outcome, runId: step.runId, cancelOpen: false, at: step.now() }]); } });

  function wire(rungs: readonly RungConfig[], config: Partial<EscalationConfig> = {}, kind: 'approval' | 'work' = 'approval'): void {
    desk.add({ id: 'scan', wires: [['climb']] });
    desk.add({ id: 'climb', wires: [['ask'], []], pattern: escalationPattern({ watch: 'task', steps: '', until: 'approved', calendar: '', rungs, ...config }) });
    desk.add({ id: 'ask', wires: [['yes'], ['no']], pattern: ask(kind) });
    desk.add({ id: 'yes', wires: [], pattern: closeAs('approved') });
    desk.add({ id: 'no', wires: [], pattern: closeAs('rejected') });
  }
  async function open(rungs: readonly RungConfig[], config: Partial<EscalationConfig> = {}, options: Parameters<typeof Desk.open>[0] = {}, kind: 'approval' | 'work' = 'approval'): Promise<void> {
    desk = await Desk.open(options);
    wire(rungs, config, kind);
    await desk.start();
  }
  const start = async (): Promise<string> => (await desk.openCase('scan', { document: {} })).caseId;
  const rungsOf = async (caseId: string): Promise<readonly (readonly [number, string])[]> => (await desk.eventsOf(caseId, 'Escalated')).map(({ data }) => [data.rung, data.action] as const);
  const task = (caseId: string): Promise<{ readonly task_id: string; readonly facts_hash: string; readonly role: string }> => eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 10 })).items[0]);
  const reached = (caseId: string, n: number): Promise<true> => eventually(async () => ((await rungsOf(caseId)).length >= n ? true : undefined));
  const decide = async (caseId: string, by: PersonIdentity, decision: 'approve' | 'reject' = 'approve'): Promise<string> => {
    const { task_id: taskId, facts_hash: factsHash } = await task(caseId);
    const answer = await desk.engine.decideTask({ taskId, factsHash, decision, by });
    return answer.ok ? answer.taskStatus : answer.code;
  };

  it('climbs rung by rung, and rejects at the end: the task is decided by the policy, and the case goes on at rejected', async () => {
    await open([rung(60, 'remind'), rung(120, 'raise', { role: 'boss' }), rung(180, 'reassign', { role: 'chief' }), rung(240, 'reject')]);
    const caseId = await start();
    assert.equal((await desk.closed(caseId)).outcome, 'rejected');
    assert.deepEqual(await rungsOf(caseId), [[1, 'remind'], [2, 'raise'], [3, 'reassign'], [4, 'reject']]);
    const [decided] = await desk.eventsOf(caseId, 'Decided');
    assert.deepEqual([decided?.data.mode, decided?.data.ruleId, decided?.data.outcome], ['auto', 'escalation', 'rejected']);
    assert.equal((await desk.eventsOf(caseId, 'LadderEnded'))[0]?.data.reason, 'subject-ended');
    assert.equal((await desk.engine.ledger.counts()).timers, 0);
    for (const event of await desk.eventsOf(caseId, 'Escalated')) assert.ok(event.recordedAt >= event.data.dueAt);
  });

  it('ends with the decision, and never climbs after it', async () => {
    await open([rung(1_500, 'remind'), rung(1_600, 'reject')]);
    const caseId = await start();
    assert.equal(await decide(caseId, person('anna', 'clerk')), 'approved');
    await desk.closed(caseId);
    await new Promise((resolve) => { setTimeout(resolve, 1_650); });
    assert.deepEqual(await rungsOf(caseId), []);
    assert.equal((await desk.eventsOf(caseId, 'LadderEnded')).length, 1);
  });

  it('lets the next role decide beside the first one after a raise, and hands over at a reassignment', async () => {
    await open([rung(50, 'raise', { role: 'boss' })], {}, {}, 'work');
    const raised = await start();
    await reached(raised, 1);
    assert.equal(await decide(raised, person('carl', 'chief')), 'role-missing');
    assert.equal(await decide(raised, person('bert', 'boss')), 'approved');

    await desk.close();
    await open([rung(50, 'reassign', { role: 'chief' })], {}, {}, 'work');
    const given = await start();
    await reached(given, 1);
    assert.equal((await task(given)).role, 'chief');
    assert.equal(await decide(given, person('anna', 'clerk')), 'role-missing');
    assert.equal(await decide(given, person('carl', 'chief')), 'approved');
  });

  it('watches the case until its milestone, and raises an exception that holds nothing', async () => {
    await open([rung(60, 'exception', { queue: 'site-manager', severity: 'critical', code: 'receipt-late' })], { watch: 'case' });
    const caseId = await start();
    const raised = await desk.exception(caseId);
    assert.deepEqual([raised.code, raised.queue, raised.severity, raised.run_id], ['escalated:receipt-late', 'site-manager', 'critical', null]);
    assert.match(raised.message, /milestone "approved"/);
    assert.equal((await desk.eventsOf(caseId, 'LadderEnded'))[0]?.data.reason, 'done');
    assert.equal(await decide(caseId, person('anna', 'clerk')), 'approved');
    assert.equal((await desk.closed(caseId)).outcome, 'approved');
  });

  it('makes an exception of the case more severe, and watches no exception of a ladder', async () => {
    await open([rung(50, 'raise'), rung(100, 'exception', { code: 'still-open' })], { watch: 'exception', until: '' });
    desk.add({ id: 'scan-2', wires: [['climb-2']] });
    desk.add({ id: 'climb-2', wires: [['bad'], []], pattern: escalationPattern({ watch: 'exception', steps: '', until: '', calendar: '', rungs: [rung(50, 'raise'), rung(100, 'exception', { code: 'still-open' })] }) });
    desk.add({ id: 'bad', wires: [['yes']], pattern: { run: (step) => (step.resolvedException() === undefined ? step.raise({ class: 'business', severity: 'medium', queue: 'clerk', code: 'odd', message: 'm' }) : step.complete([{ port: 0 }])) } });
    const { caseId } = await desk.openCase('scan-2');
    await reached(caseId, 2);
    const rows = await desk.exceptions(caseId);
    assert.deepEqual(rows.map(({ code, severity }) => [code, severity]).sort(), [['escalated:still-open', 'high'], ['odd', 'high']]);
    assert.equal((await desk.eventsOf(caseId, 'LadderStarted')).length, 1);
  });

  it('goes on after a crash and through a deploy where it stood, each rung once', async () => {
    const rungs = [rung(60, 'remind'), rung(900, 'remind'), rung(1_100, 'reject')];
    await open(rungs);
    const caseId = await start();
    await reached(caseId, 1);
    desk.stop();
    desk.remove('scan', 'climb', 'ask', 'yes', 'no');
    wire(rungs);
    await desk.start();
    await desk.crash();
    await open(rungs, {}, { home: desk.home });
    assert.equal((await desk.closed(caseId)).outcome, 'rejected');
    assert.deepEqual(await rungsOf(caseId), [[1, 'remind'], [2, 'remind'], [3, 'reject']]);
  });

  it('after a standstill tells of overdue reminders once, and rejects only after the grace period', async () => {
    const rungs = [rung(1_000, 'remind'), rung(1_100, 'remind'), rung(1_200, 'remind'), rung(1_300, 'reject')];
    await open(rungs);
    const caseId = await start();
    await task(caseId);
    await desk.crash();
    await new Promise((resolve) => { setTimeout(resolve, 1_700); });
    await open(rungs, {}, { home: desk.home, tuning: { standstillMs: 1_500, graceMs: 900 } });
    await reached(caseId, 3);
    assert.deepEqual((await desk.eventsOf(caseId, 'Escalated')).map(({ data }) => [data.rung, data.coalesced ?? false, data.taskId !== undefined]), [[1, true, false], [2, true, false], [3, false, true]]);
    await quiet(desk);
    assert.equal((await rungsOf(caseId)).length, 3, 'nobody loses a task to an outage');
    assert.equal((await desk.closed(caseId)).outcome, 'rejected');
  });

  it('lets a decision in the grace period count', async () => {
    const rungs = [rung(1_000, 'reject')];
    await open(rungs);
    const caseId = await start();
    await task(caseId);
    await desk.crash();
    await new Promise((resolve) => { setTimeout(resolve, 1_700); });
    await open(rungs, {}, { home: desk.home, tuning: { standstillMs: 1_500, graceMs: 5_000 } });
    assert.equal(await decide(caseId, person('anna', 'clerk')), 'approved');
  });

  it('stands still while a person has paused the case, and keeps what was left', async () => {
    await open([rung(1_500, 'remind')]);
    const caseId = await start();
    await task(caseId);
    const by = person('mia', 'site-manager');
    assert.deepEqual(await desk.engine.pauseCase({ caseId, reason: 'supplier', by }), { ok: true });
    const again = await desk.engine.pauseCase({ caseId, reason: 'supplier', by });
    assert.equal(again.ok ? '' : again.code, 'case-paused');
    await new Promise((resolve) => { setTimeout(resolve, 1_600); });
    assert.deepEqual(await rungsOf(caseId), []);
    assert.equal((await desk.engine.ledger.counts()).timers, 0);
    const [paused] = await desk.eventsOf(caseId, 'LadderPaused');
    assert.deepEqual(await desk.engine.resumeCase({ caseId, reason: 'answered', by }), { ok: true });
    const [resumed] = await desk.eventsOf(caseId, 'LadderResumed');
    assert.equal(Date.parse(resumed!.data.next.dueAt) - Date.parse(resumed!.recordedAt) <= paused!.data.left[0]!, true);
    await reached(caseId, 1);
  });

  it('is refused on the node for what can never work', () => {
    const bad = (rungs: readonly RungConfig[], config: Partial<EscalationConfig> = {}): string => {
      try {
        escalationPattern({ watch: 'task', steps: '', until: '', calendar: '', rungs, ...config });
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.match(bad([]), /no rungs/);
    assert.match(bad([rung(1, 'reassign')]), /Rung 1 names no role/);
    assert.match(bad([rung(1, 'remind'), { ...rung(1, 'remind'), value: 'soon' }]), /Rung 2 has no time/);
    assert.match(bad([rung(1, 'explode' as never)]), /Rung 1 does nothing/);
    assert.match(bad([{ ...rung(1, 'remind'), working: true }]), /needs a calendar/);
    assert.match(bad([rung(1, 'reject')], { watch: 'exception' }), /watches exceptions/);
    assert.equal(bad([rung(1, 'raise')], { watch: 'exception' }), '');
  });
});

