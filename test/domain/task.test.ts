import assert from 'node:assert/strict';

import { address, at, claimTask, closeCase, completeStep, createTask, decideAutomatically, decideTask, enterStep, expireTask, olga, openCase, openTask, recordFacts, recordScan, releaseTask, susan, token, tom, uma, voidTask } from './support/commands.ts';
import { given, happened } from './support/given.ts';

const entered = happened(openCase(), enterStep('t1'));
const asked = happened(openCase(), enterStep('t1'), createTask('t1'));
const askedTwo = happened(openCase(), enterStep('t1'), createTask('t1', { quorum: 2 }));
const oneOfTwo = [...askedTwo, ...given(askedTwo).when(decideTask('task-t1')).decision.events];
const approved = happened(openCase(), enterStep('t1'), createTask('t1'), decideTask('task-t1'));
const rejected = happened(openCase(), enterStep('t1'), createTask('t1'), decideTask('task-t1', { decision: 'reject' }));
const expired = happened(openCase(), enterStep('t1'), createTask('t1'), expireTask('task-t1', 61));
const voided = happened(openCase(), enterStep('t1'), createTask('t1'), voidTask('task-t1'));
const closed = happened(openCase(), enterStep('t1'), createTask('t1'), closeCase({ cancelOpen: true }));

describe('task', () => {
  describe('CreateTask', () => {
    it('asks persons, and pins the policy and the hash of the facts (PROTOCOL §8)', () => {
      given(entered).when(createTask('t1')).then({
        type: 'TaskCreated', address: address('validate'), policyVersion: 'over-receipt@1',
        data: {
          taskId: 'task-t1', runId: 't1', level: 1, role: 'supervisor', quorum: 1, createdAt: at(1), dueAt: at(60), onExpiry: 'reject', covers: ['quantity'],
          factsHash: 'facts-1', unknownOperatorRole: 'site-manager',
        },
        content: { title: 'Over-receipt', question: 'Take 6 of 5?', shown: { quantity: '6' } },
      }).thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'open'); });
    });

    it('asks once, while the task is open and after it was decided or has expired', () => {
      given(asked).when(createTask('t1', { taskId: 'task-2' })).thenNothing('task-open');
      for (const history of [approved, rejected, expired]) given(history).when(createTask('t1', { taskId: 'task-2' })).thenNothing('decided');
      given(entered, given(entered).when(decideAutomatically('t1')).decision.events).when(createTask('t1')).thenNothing('decided');
    });

    it('asks again when the first task was voided', () => {
      given(voided).when(createTask('t1', { taskId: 'task-2' })).thenTypes('TaskCreated');
    });

    it('is refused without an open run', () => {
      given(happened(openCase())).when(createTask('t1')).thenRefused('run-not-open');
      given(closed).when(createTask('t1')).thenRefused('case-closed');
      given().when(createTask('t1')).thenRefused('case-absent');
    });
  });

  describe('DecideTask', () => {
    it('approves with the quorum, and names what was shown and to whom', () => {
      given(asked).when(decideTask('task-t1', { comment: 'fine' })).then({
        type: 'Decided', address: address('validate'),
        data: {
          taskId: 'task-t1', runId: 't1', decision: 'approve', mode: 'person', channel: 'inbox', authMethod: 'password', factsHash: 'facts-1', ruleId: '',
          decider: susan, outcome: 'approved',
        },
        personal: { name: 'Susan', comment: 'fine' },
      }).thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'approved'); });
    });

    it('rejects with one voice, whatever the quorum', () => {
      given(oneOfTwo).when(decideTask('task-t1', { decision: 'reject', person: tom })).thenTypes('Decided')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'rejected'); });
    });

    it('needs as many different persons as the quorum says', () => {
      given(oneOfTwo).when(decideTask('task-t1')).thenRefused('decided-already');
      given(oneOfTwo).when(decideTask('task-t1', { decision: 'reject' })).thenRefused('decided-already');
      given(oneOfTwo).when(decideTask('task-t1', { person: tom })).thenTypes('Decided')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'approved'); });
    });

    it('refuses whoever touched the case, with any role', () => {
      given(asked).when(decideTask('task-t1', { person: olga, roles: ['supervisor', 'site-manager'] })).thenRefused('requester-may-not-decide');
      given(asked, given(asked).when(recordScan({ operator: tom })).decision.events).when(decideTask('task-t1', { person: tom })).thenRefused('requester-may-not-decide');
    });

    it('does not count an approval of a person who has touched the case since', () => {
      given(oneOfTwo, given(oneOfTwo).when(recordScan({ operator: susan })).decision.events).when(decideTask('task-t1', { person: tom })).thenTypes('Decided')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'open'); });
    });

    it('fails closed to another role while an operator is unknown', () => {
      const unknown = given(asked, given(asked).when(recordScan({ operatorUnknown: true })).decision.events);
      unknown.when(decideTask('task-t1')).thenRefused('operator-unknown');
      unknown.when(decideTask('task-t1', { person: uma, roles: ['site-manager'] })).thenTypes('Decided');
      unknown.when(decideTask('task-t1', { person: olga, roles: ['site-manager'] })).thenRefused('requester-may-not-decide');
    });

    it('does not count an approval of the ordinary role once an operator is unknown', () => {
      const unknown = [...oneOfTwo, ...given(oneOfTwo).when(recordScan({ operatorUnknown: true })).decision.events];
      const first = given(unknown).when(decideTask('task-t1', { person: uma, roles: ['site-manager'] })).thenTypes('Decided')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'open'); });
      given(unknown, first.decision.events).when(decideTask('task-t1', { person: tom, roles: ['site-manager'] }))
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'approved'); });
      given(unknown).when(decideTask('task-t1', { roles: ['site-manager'] })).thenRefused('decided-already');
    });

    it('refuses a person without the role', () => {
      given(asked).when(decideTask('task-t1', { roles: ['clerk'] })).thenRefused('role-missing');
    });

    it('expires the task instead of deciding late (PROTOCOL §7)', () => {
      given(asked).when(decideTask('task-t1', { at: at(60) })).thenTypes('Decided');
      given(asked).when(decideTask('task-t1', { at: at(61) })).thenRefused('task-overdue', 'TaskExpired')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'expired'); });
    });

    it('lets a person decide in the grace after a standstill, when nobody could before (PROTOCOL §7)', () => {
      given(asked).when(decideTask('task-t1', { at: at(61), graceUntil: at(70) })).thenTypes('Decided');
      given(asked).when(decideTask('task-t1', { at: at(71), graceUntil: at(70) })).thenRefused('task-overdue', 'TaskExpired');
      given(asked).when(decideTask('task-t1', { at: at(61), graceUntil: at(50) })).thenRefused('task-overdue', 'TaskExpired');
    });

    it('does not expire while deadlines are put off after a standstill because somebody asks a question or passes it on', () => {
      const asks = { type: 'RequestInfo', taskId: 'task-t1', person: susan, roles: ['supervisor'], infoId: 'i-1', question: 'Why?', at: at(61) } as const;
      const passes = { type: 'ReassignTask', taskId: 'task-t1', person: susan, roles: ['supervisor'], toPerson: { person: tom, holdsRole: true }, reason: 'away', at: at(61) } as const;
      given(asked).when({ ...asks, graceUntil: at(70) }).thenTypes('InfoRequested');
      given(asked).when({ ...passes, graceUntil: at(70) }).thenTypes('Reassigned');
      for (const command of [asks, passes]) given(asked).when(command).thenRefused('task-overdue', 'TaskExpired');
    });

    it('is refused to who corrected the facts (PROTOCOL §4)', () => {
      const corrected = [...asked, ...given(asked).when(recordFacts({ correction: true, by: susan })).decision.events];
      given(corrected).when(decideTask('task-t1', { person: susan })).thenRefused('requester-may-not-decide');
      const again = [...corrected, ...given(corrected).when(recordFacts({ correction: true, by: susan })).decision.events];
      given(again).when(recordFacts({ correction: true })).thenTypes('FactsCorrected').thenState((state) => {
        assert.equal(state.operators.filter((operator) => operator === susan).length, 1);
      });
    });

    it('is refused when the facts are others than shown', () => {
      given(asked).when(decideTask('task-t1', { factsHash: 'facts-0' })).thenRefused('facts-changed')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'open'); });
    });

    it('voids the task when the facts have changed since it was asked', () => {
      given(asked).when(decideTask('task-t1', { currentFactsHash: 'facts-2' })).thenRefused('facts-changed', 'TaskVoided')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'voided'); });
      given(asked).when(decideTask('task-t1', { factsHash: 'facts-2', currentFactsHash: 'facts-2' })).thenRefused('facts-changed', 'TaskVoided');
    });

    it('is refused while another person has claimed the task', () => {
      const claimed = [...asked, ...given(asked).when(claimTask('task-t1')).decision.events];
      given(claimed).when(decideTask('task-t1', { person: tom })).thenRefused('claimed-by-other');
      given(claimed).when(decideTask('task-t1')).thenTypes('Decided');
    });

    it('ends the claim of the person who decided, so that others can make up the quorum', () => {
      const claimed = [...askedTwo, ...given(askedTwo).when(claimTask('task-t1')).decision.events];
      const decided = given(claimed).when(decideTask('task-t1')).thenTypes('Decided');
      given(claimed, decided.decision.events).when(decideTask('task-t1', { person: tom })).thenTypes('Decided')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'approved'); });
    });

    it('is refused for a task that is not open', () => {
      for (const history of [approved, rejected, expired, voided, closed]) given(history).when(decideTask('task-t1', { person: tom })).thenRefused('task-not-open');
    });

    it('is refused for an unknown task', () => {
      given(asked).when(decideTask('nowhere')).thenRefused('task-unknown');
      given(asked).when(decideTask('constructor')).thenRefused('task-unknown');
      given().when(decideTask('task-t1')).thenRefused('task-unknown');
    });
  });

  describe('DecideAutomatically', () => {
    it('decides by a rule of the policy', () => {
      given(entered).when(decideAutomatically('t1')).then({
        type: 'Decided', address: address('validate'), policyVersion: 'over-receipt@1',
        data: {
          runId: 't1', decision: 'approve', mode: 'auto', channel: 'policy', authMethod: 'none', factsHash: 'facts-1', ruleId: 'within-tolerance',
          decider: 'policy', outcome: 'approved',
        },
      }).thenState((state) => { assert.equal(state.autoDecided['t1'], 'approved'); });
    });

    it('decides once', () => {
      given(entered, given(entered).when(decideAutomatically('t1')).decision.events).when(decideAutomatically('t1')).thenNothing('decided');
    });

    it('is refused once persons are asked, have decided, or the task has expired', () => {
      for (const history of [asked, approved, rejected, expired]) given(history).when(decideAutomatically('t1')).thenRefused('run-decided');
      given(voided).when(decideAutomatically('t1')).thenTypes('Decided');
    });

    it('is refused without an open run', () => {
      given(happened(openCase())).when(decideAutomatically('t1')).thenRefused('run-not-open');
      given(happened(openCase(), enterStep('t1'), completeStep('t1'))).when(decideAutomatically('t1')).thenRefused('run-not-open');
      given(closed).when(decideAutomatically('t1')).thenRefused('run-not-open');
    });
  });

  describe('ExpireTask (PROTOCOL §7: judged by the time of the command)', () => {
    it('expires after the deadline, never at it', () => {
      given(asked).when(expireTask('task-t1', 60)).thenNothing('not-due');
      given(asked).when(expireTask('task-t1', 61)).then({ type: 'TaskExpired', address: address('validate'), data: { taskId: 'task-t1', dueAt: at(60), outcome: 'rejected' } });
    });

    it('says what the expiry comes to', () => {
      const softer = happened(openCase(), enterStep('t1'), createTask('t1', { onExpiry: 'expire' }));
      given(softer).when(expireTask('task-t1', 61)).then({ type: 'TaskExpired', address: address('validate'), data: { taskId: 'task-t1', dueAt: at(60), outcome: 'expired' } });
    });

    it('never expires a task without a deadline', () => {
      const { dueAt: _none, ...endless } = createTask('t1');
      given(entered, given(entered).when(endless).decision.events).when(expireTask('task-t1', 1e6)).thenNothing('not-due');
    });

    it('does nothing for a task that is not open', () => {
      for (const history of [approved, voided, expired, closed, entered]) given(history).when(expireTask('task-t1', 61)).thenNothing('not-open');
    });
  });

  describe('VoidTask', () => {
    it('voids an open task', () => {
      given(asked).when(voidTask('task-t1')).then({ type: 'TaskVoided', address: address('validate'), data: { taskId: 'task-t1', reason: 'facts-changed' } });
    });

    it('does nothing for a task that is not open', () => {
      for (const history of [approved, voided, closed, entered]) given(history).when(voidTask('task-t1')).thenNothing('not-open');
    });
  });

  describe('OpenTask', () => {
    it('records once that a person looked at it', () => {
      const seen = given(asked).when(openTask('task-t1')).then({ type: 'TaskOpened', address: address('validate'), data: { taskId: 'task-t1', person: susan } });
      given(asked, seen.decision.events).when(openTask('task-t1')).thenNothing('seen');
      given(asked, seen.decision.events).when(openTask('task-t1', tom)).thenTypes('TaskOpened');
      given(approved).when(openTask('task-t1')).thenNothing('seen');
    });
  });

  describe('ClaimTask and ReleaseTask', () => {
    const claimed = [...asked, ...given(asked).when(claimTask('task-t1')).decision.events];

    it('claims for one person', () => {
      given(asked).when(claimTask('task-t1')).then({ type: 'TaskClaimed', address: address('validate'), data: { taskId: 'task-t1', claimant: susan } });
      given(claimed).when(claimTask('task-t1')).thenNothing('claimed');
      given(claimed).when(claimTask('task-t1', tom)).thenRefused('claimed-by-other');
    });

    it('is refused to those who may not decide', () => {
      given(asked).when(claimTask('task-t1', olga)).thenRefused('requester-may-not-decide');
      given(asked).when(claimTask('task-t1', susan, ['clerk'])).thenRefused('role-missing');
      given(asked, given(asked).when(recordScan({ operatorUnknown: true })).decision.events).when(claimTask('task-t1')).thenRefused('operator-unknown');
      given(oneOfTwo).when(claimTask('task-t1')).thenRefused('decided-already');
    });

    it('is refused for a task that is not open or not there', () => {
      given(approved).when(claimTask('task-t1', tom)).thenRefused('task-not-open');
      given(closed).when(claimTask('task-t1')).thenRefused('task-not-open');
      given(asked).when(claimTask('nowhere')).thenRefused('task-unknown');
      given(asked).when(claimTask('constructor')).thenRefused('task-unknown');
    });

    it('is released by the person who claimed it', () => {
      given(claimed).when(releaseTask('task-t1')).then({ type: 'TaskReleased', address: address('validate'), data: { taskId: 'task-t1' } })
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.claimedBy, undefined); });
      given(claimed).when(releaseTask('task-t1', tom)).thenRefused('claimed-by-other');
      given(asked).when(releaseTask('task-t1')).thenNothing('not-claimed');
      given(approved).when(releaseTask('task-t1')).thenNothing('not-claimed');
    });
  });

  it('leaves the tasks of other runs alone', () => {
    const two = happened(openCase({ tokens: [token('t1'), token('t2')] }), enterStep('t1'), enterStep('t2'), createTask('t1'), createTask('t2'));
    given(two).when(decideTask('task-t1')).thenState((state) => {
      assert.deepEqual([state.tasks['task-t1']?.status, state.tasks['task-t2']?.status], ['approved', 'open']);
    });
  });
});
