import assert from 'node:assert/strict';

import { address, at, claimTask, createTask, decideTask, enterStep, expireTask, olga, openCase, susan, tom, uma, completeStep, recordScan, token } from '../support/commands.ts';
import { given, happened } from '../support/given.ts';

const asked = (change: Parameters<typeof createTask>[1]): ReturnType<typeof happened> => happened(openCase(), enterStep('t1'), createTask('t1', change));
const supervisor = ['supervisor'];
const behalf = (person: string, roles: readonly string[] = supervisor): object => ({ onBehalfOf: { person, roles } });

describe('decisions on approvals', () => {
  it('a limit of the person, or of the delegator, is not exceeded', () => {
    const task = asked({ amount: '1000', currency: 'EUR' });
    given(task).when(decideTask('task-t1', { limit: { amount: '999.99', currency: 'EUR' } })).thenRefused('limit-exceeded');
    given(task).when(decideTask('task-t1', { limit: { amount: '5000', currency: 'USD' } })).thenRefused('limit-not-comparable');
    given(task).when(decideTask('task-t1', { decision: 'reject', limit: { amount: '1', currency: 'EUR' } })).thenTypes('Decided');
    given(task).when(decideTask('task-t1', { limit: { amount: '1000', currency: 'EUR' } })).thenTypes('Decided');
  });

  it('a delegate decides with the delegator\'s role, never for who touched the case, and never for themselves', () => {
    const task = asked({});
    given(task).when(decideTask('task-t1', { person: uma, roles: [], ...behalf(susan) })).thenTypes('Decided');
    given(task).when(decideTask('task-t1', { person: uma, roles: [], ...behalf(susan, []) })).thenRefused('delegation-missing');
    given(task).when(decideTask('task-t1', { person: uma, roles: supervisor, ...behalf(olga) })).thenRefused('delegation-self-approval');
    given(task).when(decideTask('task-t1', { person: olga, roles: supervisor, ...behalf(susan) })).thenRefused('requester-may-not-decide');
    given(task).when(decideTask('task-t1', { person: susan, ...behalf(susan) })).thenRefused('delegation-self-approval');
  });

  it('a delegate and the delegator count once', () => {
    const task = asked({ quorum: 2 });
    const one = [...task, ...given(task).when(decideTask('task-t1', { person: uma, roles: [], ...behalf(susan) })).decision.events];
    given(one).when(decideTask('task-t1', { person: susan })).thenRefused('decided-already');
    given(one).when(decideTask('task-t1', { person: tom })).thenTypes('Decided');
  });

  it('a held decision does not expire; it stands at its time, or is recalled before', () => {
    const task = asked({ holdSeconds: 60 });
    const held = [...task, ...given(task).when(decideTask('task-t1', { heldUntil: at(6) })).decision.events];
    given(held).when(expireTask('task-t1', 61)).thenNothing('held');
    given(held).when(decideTask('task-t1', { person: tom })).thenRefused('task-held');
    given(held).when({ type: 'RecallDecision', taskId: 'task-t1', person: tom, at: at(5) }).thenRefused('recall-not-yours');
    given(held).when({ type: 'RecallDecision', taskId: 'task-t1', person: susan, at: at(7) }).thenRefused('recall-too-late');
    given(held).when({ type: 'RecallDecision', taskId: 'task-t1', person: susan, at: at(6) }).thenTypes('DecisionRecalled');
    given(held).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(5), currentFactsHash: 'facts-1' }).thenNothing('not-due');
    given(held).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(6), currentFactsHash: 'facts-2' }).thenTypes('TaskVoided');
    given(held).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(6), currentFactsHash: 'facts-1' }).thenTypes('DecisionReleased');
    given(held, given(held).when(recordScan({ operator: susan })).decision.events).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(6), currentFactsHash: 'facts-1' }).thenTypes('DecisionRecalled');
  });

  it('nobody decides two levels, and a rejection of one ends the other', () => {
    const first = asked({ levels: 2 });
    const both = [...first, ...given(first).when(createTask('t1', { taskId: 'second', level: 2, levels: 2 })).decision.events];
    const one = [...both, ...given(both).when(decideTask('task-t1', { person: susan })).decision.events];
    given(one).when(decideTask('second', { person: susan })).thenRefused('level-decided-by-same-person');
    given(one).when(decideTask('second', { person: uma, roles: [], ...behalf(susan) })).thenRefused('level-decided-by-same-person');
    given(both).when(decideTask('second', { person: tom, decision: 'reject' })).thenTypes('Decided', 'TaskVoided');
    given(both).when(expireTask('second', 61)).thenTypes('TaskExpired', 'TaskVoided');
  });

  it('all who hold the role have to agree; nobody guesses who they are', () => {
    const task = asked({ quorumOf: 'all' });
    given(task).when(decideTask('task-t1')).thenRefused('members-unknown');
    const one = [...task, ...given(task).when(decideTask('task-t1', { members: [susan, tom, olga] })).decision.events];
    given(one).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(5), currentFactsHash: 'facts-1', members: [susan, tom] }).thenNothing('not-held');
    given(one).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(5), currentFactsHash: 'facts-1', members: [susan] }).thenTypes('DecisionReleased');
    given(one).when(decideTask('task-t1', { person: tom, members: [susan, tom, olga] })).thenTypes('Decided');
  });

  it('conflicting duties of one case are not done by one person', () => {
    const first = asked({ levels: 1 });
    const done = [...first, ...given(first).when(decideTask('task-t1')).decision.events];
    const completed = [...done, ...given(done).when(completeStep('t1', [{ tokenId: 't2', port: 0, wire: 0, target: 'pay' }])).decision.events];
    const entered = [...completed, ...given(completed).when(enterStep('t2')).decision.events];
    const paying = [...entered, ...given(entered).when(createTask('t2', { role: 'payer' })).decision.events];
    const roles = ['payer'];
    given(paying).when(decideTask('task-t2', { roles, conflicts: [['supervisor', 'payer']] })).thenRefused('duties-conflict');
    given(paying).when(decideTask('task-t2', { person: tom, roles, conflicts: [['supervisor', 'payer']] })).thenTypes('Decided');
  });

  it('a duty was done in the role of the task then, whichever role it went to afterwards', () => {
    const two = asked({ quorum: 2 });
    const one = [...two, ...given(two).when(decideTask('task-t1')).decision.events];
    const moved = [...one, ...given(one).when({ type: 'ReassignTask', taskId: 'task-t1', person: uma, roles: ['site-manager'], toRole: { role: 'payer', held: true }, reason: 'away', at: at(5) }).thenTypes('Reassigned').decision.events];
    const done = [...moved, ...given(moved).when(decideTask('task-t1', { person: tom, roles: ['payer'] })).decision.events];
    const paid = [...done, ...given(done).when(completeStep('t1', [token('t2', 'pay')])).decision.events];
    const paying = [...paid, ...given(paid).when(enterStep('t2', { address: address('pay') })).decision.events];
    const next = [...paying, ...given(paying).when(createTask('t2', { role: 'payer' })).decision.events];
    given(next).when(decideTask('task-t2', { roles: ['payer'], conflicts: [['supervisor', 'payer']] })).thenRefused('duties-conflict');
    given(next).when(decideTask('task-t2', { person: tom, roles: ['payer'], conflicts: [['supervisor', 'payer']] })).thenTypes('Decided');
  });

  it('a question pauses the deadline, and who answers has taken part', () => {
    const task = asked({});
    const question = [...task, ...given(task).when({ type: 'RequestInfo', taskId: 'task-t1', person: susan, roles: supervisor, infoId: 'i-1', question: 'Why?', at: at(5), to: tom }).decision.events];
    given(question).when(expireTask('task-t1', 600)).thenNothing('not-due');
    given(question).when({ type: 'AnswerInfo', taskId: 'task-t1', person: uma, roles: [], answer: 'So.', at: at(6) }).thenRefused('answer-not-yours');
    const answered = [...question, ...given(question).when({ type: 'AnswerInfo', taskId: 'task-t1', person: tom, roles: [], answer: 'So.', at: at(300), dueAt: at(355) }).decision.events];
    given(answered).when(decideTask('task-t1', { person: tom, at: at(301) })).thenRefused('requester-may-not-decide');
    given(answered).when(decideTask('task-t1', { at: at(350) })).thenTypes('Decided');
    given(answered).when(decideTask('task-t1', { at: at(356) })).thenRefused('task-overdue', 'TaskExpired');
  });

  describe('a decision that was made in time and is held', () => {
    const late = at(61);
    const task = asked({ holdSeconds: 60 });
    const held = [...task, ...given(task).when(decideTask('task-t1', { at: at(60), heldUntil: at(62) })).decision.events];

    it('does not expire because somebody else comes after the deadline', () => {
      given(held).when(decideTask('task-t1', { person: tom, at: late })).thenRefused('task-held');
      given(held).when({ type: 'RequestInfo', taskId: 'task-t1', person: tom, roles: supervisor, infoId: 'i-1', question: 'Why?', at: late }).thenRefused('task-held');
      given(held).when({ type: 'ReassignTask', taskId: 'task-t1', person: tom, roles: supervisor, toPerson: { person: uma, holdsRole: true }, reason: 'away', at: late }).thenRefused('task-held');
    });

    it('is not claimed', () => {
      given(held).when(claimTask('task-t1', tom)).thenRefused('task-held');
    });

    it('does not stand when an earlier approval counts no more: its quorum is short', () => {
      const two = asked({ holdSeconds: 60, quorum: 2 });
      const first = [...two, ...given(two).when(decideTask('task-t1', { person: tom })).decision.events];
      const both = [...first, ...given(first).when(decideTask('task-t1', { heldUntil: at(6) })).decision.events];
      const short = [...both, ...given(both).when(recordScan({ operator: tom })).decision.events];
      given(both).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(6), currentFactsHash: 'facts-1' }).thenTypes('DecisionReleased');
      given(short).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(6), currentFactsHash: 'facts-1' }).thenTypes('DecisionRecalled')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'open'); });
    });

    it('counts when it is given again after an operator has become unknown', () => {
      const roles = [...supervisor, 'site-manager'];
      const lost = [...held, ...given(held).when(recordScan({ operatorUnknown: true })).decision.events];
      const back = [...lost, ...given(lost).when({ type: 'RecallDecision', taskId: 'task-t1', person: susan, at: at(60) }).thenTypes('DecisionRecalled').decision.events];
      const again = [...back, ...given(back).when(decideTask('task-t1', { roles, at: at(60), heldUntil: at(62) })).thenTypes('Decided').decision.events];
      given(again).when({ type: 'ReleaseDecision', taskId: 'task-t1', at: at(62), currentFactsHash: 'facts-1' }).thenTypes('DecisionReleased');
    });
  });

  it('is not claimed by whoever has a part in a decision of it already, which would only keep others from it', () => {
    const task = asked({ quorum: 2 });
    const one = [...task, ...given(task).when(decideTask('task-t1', { person: uma, roles: [], ...behalf(susan) })).decision.events];
    given(one).when(claimTask('task-t1', susan)).thenRefused('decided-already');
    given(one).when({ type: 'ClaimTask', taskId: 'task-t1', person: tom, roles: [], ...behalf(susan) }).thenRefused('decided-already');
    given(one).when(claimTask('task-t1', tom)).thenTypes('TaskClaimed');
  });

  it('what one person has claimed is not passed on by a colleague, but by who manages the site', () => {
    const task = asked({});
    const claimed = [...task, ...given(task).when(claimTask('task-t1', susan)).decision.events];
    const pass = (person: string, roles: readonly string[]) => ({ type: 'ReassignTask', taskId: 'task-t1', person, roles, toPerson: { person: tom, holdsRole: true }, reason: 'away', at: at(5) }) as const;
    given(claimed).when(pass(tom, supervisor)).thenRefused('claimed-by-other');
    given(claimed).when(pass(susan, supervisor)).thenTypes('Reassigned');
    given(claimed).when(pass(uma, ['site-manager'])).thenTypes('Reassigned');
  });

  it('all have agreed when who is left may not decide by conflicting duties', () => {
    const conflicts = [['supervisor', 'payer']] as const;
    const release = { type: 'ReleaseDecision', taskId: 'task-t1', at: at(6), currentFactsHash: 'facts-1', members: [susan, tom] } as const;
    const both = happened(openCase({ tokens: [token('t1'), token('t2', 'pay', 0, 1)] }), enterStep('t1'), enterStep('t2', { address: address('pay') }), createTask('t1', { quorumOf: 'all' }), createTask('t2', { role: 'payer' }),
      decideTask('task-t1', { members: [susan, tom], conflicts }), decideTask('task-t2', { person: tom, roles: ['payer'], conflicts }));
    given(both).when(decideTask('task-t1', { person: tom, members: [susan, tom], conflicts })).thenRefused('duties-conflict');
    given(both).when({ ...release, conflicts }).thenTypes('DecisionReleased');
    given(both).when(release).thenNothing('not-held');
  });
});
