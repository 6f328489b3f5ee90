import assert from 'node:assert/strict';

import { isOpenRun } from '../../src/domain/index.ts';
import { address, closeCase, completeStep, createTask, endCall, enterStep, intendEffect, openCase, poisonRun, reachMilestone, recordAudit, recordValidation, resumeStep, token } from './support/commands.ts';
import { given, happened, only } from './support/given.ts';

const opened = happened(openCase());
const entered = happened(openCase(), enterStep('t1'));
const completed = happened(openCase(), enterStep('t1'), completeStep('t1', [token('t2')]));
const closed = happened(openCase({ tokens: [token('t1'), token('t2')] }), enterStep('t1'), enterStep('t2'), closeCase({ runId: 't1', cancelOpen: true }));

describe('step', () => {
  describe('CompleteStep', () => {
    it('ends the run and issues one token per wire in one commit (PROTOCOL §2.2)', () => {
      given(entered).when(completeStep('t1', [token('t2', 'a'), token('t3', 'b', 0, 1), token('t4', 'c', 1)])).then({
        type: 'StepCompleted', address: address('validate'),
        data: { runId: 't1', tokens: [token('t2', 'a'), token('t3', 'b', 0, 1), token('t4', 'c', 1)], hops: 2 }, content: { messages: { '0': '{"payload":{}}' } },
      }).thenState((state) => {
        assert.equal(state.runs['t1']?.state, 'completed');
        assert.deepEqual(['t2', 't3', 't4'].map((id) => state.tokens[id]?.state), ['live', 'live', 'live']);
        assert.equal(state.tokens['t4']?.hops, 2);
        assert.deepEqual(state.tokens['t4']?.from, address('validate'));
      });
    });

    it('does nothing the second time, so that no second set of tokens is issued', () => {
      given(completed).when(completeStep('t1', [token('t9')])).thenNothing('completed');
    });

    it('is refused for an unknown run, a void run and a closed case', () => {
      given(opened).when(completeStep('t1')).thenRefused('run-unknown');
      given(opened).when(completeStep('constructor')).thenRefused('run-unknown');
      given(closed).when(completeStep('t2')).thenRefused('case-closed');
    });

    it('is refused while a call is under way or its outcome is unknown', () => {
      const calling = happened(openCase(), enterStep('t1'), intendEffect('t1'));
      given(calling).when(completeStep('t1', [token('t2')])).thenRefused('effect-open');
      given(calling, given(calling).when(endCall('e-t1', 'unknown')).decision.events).when(completeStep('t1')).thenRefused('effect-open');
      for (const outcome of ['success', 'permanent', 'transient'] as const) {
        given(calling, given(calling).when(endCall('e-t1', outcome)).decision.events).when(completeStep('t1')).thenTypes('StepCompleted');
      }
    });

    it('withdraws a task that is still open', () => {
      given(entered, given(entered).when(createTask('t1')).decision.events).when(completeStep('t1')).thenTypes('TaskVoided', 'StepCompleted')
        .thenState((state) => { assert.equal(state.tasks['task-t1']?.status, 'voided'); });
    });
  });

  describe('a result that comes after the run has ended', () => {
    it('does not open the run again', () => {
      const calling = happened(openCase(), enterStep('t1'), intendEffect('t1'));
      const voided = given(calling, { type: 'StepVoided', data: { runId: 't1', reason: 'migrated' } });
      voided.when(endCall('e-t1', 'success')).thenTypes('CallEnded').thenState((state) => { assert.equal(state.runs['t1']?.state, 'void'); });
      const ended = given(calling).when(endCall('e-t1', 'success')).decision.events;
      given(calling, { type: 'StepCompleted', address: address('validate'), data: { runId: 't1', tokens: [], hops: 2 } }, ended).when(completeStep('t1', [token('t9')])).thenNothing('completed');
    });
  });

  describe('ResumeStep', () => {
    it('goes on with an open run', () => {
      given(entered).when(resumeStep('t1', 2)).then({ type: 'StepResumed', address: address('validate'), data: { runId: 't1', uncleanEpochs: 2 } })
        .thenState((state) => { assert.equal(state.runs['t1']?.uncleanEpochs, 2); });
    });

    it('does nothing for a run that is not open', () => {
      given(completed).when(resumeStep('t1')).thenNothing('not-open');
      given(opened).when(resumeStep('t1')).thenNothing('not-open');
      given(closed).when(resumeStep('t2')).thenNothing('not-open');
    });
  });

  describe('PoisonRun (PROTOCOL §2.6)', () => {
    it('becomes an exception, once', () => {
      const poisoned = given(entered).when(poisonRun('t1')).thenTypes('ExceptionRaised').thenState((state) => {
        assert.equal(state.exceptions['x-poison']?.runId, 't1');
        assert.ok(isOpenRun(state.runs['t1']));
      });
      given(entered, poisoned.decision.events).when(poisonRun('t1', 'x-again')).thenNothing('raised');
    });

    it('does nothing for a run that is not open', () => {
      given(completed).when(poisonRun('t1')).thenNothing('not-open');
    });
  });

  describe('evidence of an open run', () => {
    it('reaches a milestone, and reaches it again on other facts', () => {
      const reached = given(entered).when(reachMilestone('t1')).then({
        type: 'MilestoneReached', address: address('validate'), data: { milestone: 'validated', covers: ['quantity'], factsHash: 'facts-1' },
      });
      given(entered, reached.decision.events).when(reachMilestone('t1', 'validated', 'facts-2')).thenTypes('MilestoneReached')
        .thenState((state) => { assert.equal(state.milestones['validated']?.factsHash, 'facts-2'); });
    });

    it('records a validation with the list of errors as content', () => {
      given(entered).when(recordValidation('t1')).then({ type: 'Validated', address: address('validate'), data: { contract: 'receipt@1', valid: true, errors: 0 } });
      given(entered).when(recordValidation('t1', [{ path: '/po', message: 'is missing' }])).then({
        type: 'Validated', address: address('validate'), data: { contract: 'receipt@1', valid: false, errors: 1 }, content: { errors: [{ path: '/po', message: 'is missing' }] },
      });
    });

    it('records business evidence', () => {
      given(entered).when(recordAudit('t1', { evidence: { seal: 'whole' } })).then({
        type: 'AuditRecorded', address: address('validate'), data: { what: 'seal-checked', attachments: [{ name: 'seal.jpg', sha256: 'aa', bytes: 12 }] },
        content: { why: 'The seal was whole.', evidence: { seal: 'whole' } },
      });
      assert.deepEqual(only(given(entered).when(recordAudit('t1')).decision.events[0]).content, { why: 'The seal was whole.' });
    });

    it('is refused from a run that is not open', () => {
      for (const history of [opened, completed]) {
        given(history).when(reachMilestone('t1')).thenRefused('run-not-open');
        given(history).when(recordValidation('t1')).thenRefused('run-not-open');
        given(history).when(recordAudit('t1')).thenRefused('run-not-open');
      }
      given(closed).when(reachMilestone('t2')).thenRefused('run-not-open');
    });
  });
});
