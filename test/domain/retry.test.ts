import assert from 'node:assert/strict';
import fc from 'fast-check';

import { nextDelay } from '../../src/domain/retry/backoff.ts';
import { address, at, completeStep, enterStep, failAttempt, holdToken, openCase, policy, raiseException, reachMilestone, replayToken, resendToken, resolveException, closeCase, susan, token, olga } from './support/commands.ts';
import { given, happened } from './support/given.ts';

const opened = happened(openCase());
const failed = happened(openCase(), failAttempt('t1'));
const permanent = failAttempt('t1', { outcome: 'permanent', errorClass: 'http-404', error: 'HTTP 404', httpStatus: 404, answer: '{"payload":"no such order"}' });
const dead = happened(openCase(), permanent);

describe('retry of a token', () => {
  describe('FailAttempt', () => {
    it('says what the attempt came to and schedules the next one', () => {
      given(opened).when(failAttempt('t1', { system: 'erp' })).then({
        type: 'AttemptEnded', address: address('scan'), tokenId: 't1', attempt: 1,
        data: { tokenId: 't1', attempt: 1, outcome: 'transient', durationMs: 60_000, system: 'erp', errorClass: 'http-503', httpStatus: 503 }, content: { error: 'HTTP 503' },
      }, {
        type: 'TokenRetryScheduled', address: address('scan'), tokenId: 't1', attempt: 1,
        data: { tokenId: 't1', attempt: 1, dueAt: at(2.5), errorClass: 'http-503', failures: 1, roundStartedAt: at(1), holds: 0, system: 'erp' },
      }).thenState((state) => {
        assert.deepEqual(state.tokens['t1']?.retry, { failures: 1, roundStartedAt: at(1), holds: 0, dueAt: at(2.5) });
        assert.equal(state.tokens['t1']?.state, 'live');
      });
    });

    it('waits as long as the other side asks for', () => {
      const [, scheduled] = given(opened).when(failAttempt('t1', { retryAfterMs: 120_000 })).thenTypes('AttemptEnded', 'TokenRetryScheduled').decision.events;
      assert.equal(scheduled?.type === 'TokenRetryScheduled' ? scheduled.data.dueAt : '', at(4));
    });

    it('gives up at once when the error is permanent, with what the answer was', () => {
      given(opened).when(permanent).thenTypes('AttemptEnded', 'TokenDeadLettered').thenState((state) => {
        assert.deepEqual(state.tokens['t1']?.retry, { failures: 1, holds: 0, deadLetterId: 'dead-t1' });
      });
      assert.deepEqual(given(opened).when(permanent).decision.events[1], {
        type: 'TokenDeadLettered', address: address('scan'), tokenId: 't1', attempt: 1, reasonCode: 'permanent',
        data: { deadLetterId: 'dead-t1', tokenId: 't1', runId: 'r-intake', attempts: 1, reason: 'permanent', errorClass: 'http-404', system: '' },
        content: { error: 'HTTP 404', message: '{"payload":"no such order"}' },
      });
    });

    it('gives up when the attempts are used', () => {
      const twice = happened(openCase(), failAttempt('t1'), resendToken('t1'), failAttempt('t1', { attempt: 2, startedAt: at(4), at: at(5) }), resendToken('t1'));
      const [, last] = given(twice).when(failAttempt('t1', { attempt: 3, startedAt: at(8), at: at(9) })).thenTypes('AttemptEnded', 'TokenDeadLettered').decision.events;
      assert.equal(last?.reasonCode, 'attempts-used');
    });

    it('gives up when the next attempt would come too late', () => {
      const once = happened(openCase(), failAttempt('t1'), resendToken('t1'));
      const [, last] = given(once).when(failAttempt('t1', { attempt: 2, startedAt: at(60), at: at(61) })).thenTypes('AttemptEnded', 'TokenDeadLettered').decision.events;
      assert.equal(last?.reasonCode, 'time-used');
      const [, asked] = given(opened).when(failAttempt('t1', { retryAfterMs: 3_600_000 })).thenTypes('AttemptEnded', 'TokenDeadLettered').decision.events;
      assert.equal(asked?.reasonCode, 'time-used');
    });

    it('sends the message to output "gave up" where that is wired', () => {
      given(opened).when({ ...permanent, reroute: { tokens: [token('g1', 'clerk', 1)], message: '{"error":{}}' } }).thenTypes('AttemptEnded', 'TokenRerouted').thenState((state) => {
        assert.equal(state.tokens['t1']?.state, 'void');
        assert.deepEqual([state.tokens['g1']?.state, state.tokens['g1']?.attempt, state.tokens['g1']?.target, state.tokens['g1']?.message], ['live', 1, 'clerk', '{"error":{}}']);
      });
    });

    it('hears nothing of an attempt that was overtaken, failed already, or is held', () => {
      given(failed).when(failAttempt('t1')).thenNothing('rests');
      given(happened(openCase(), failAttempt('t1'), resendToken('t1'))).when(failAttempt('t1')).thenNothing('stale-attempt');
      given(happened(openCase(), enterStep('t1'))).when(failAttempt('t1')).thenNothing('not-live');
      given(dead).when(failAttempt('t1')).thenNothing('rests');
      given(happened(openCase(), raiseException({ tokenId: 't1' }))).when(failAttempt('t1')).thenNothing('held');
      given(opened).when(failAttempt('constructor')).thenRefused('token-unknown');
    });
  });

  describe('HoldToken', () => {
    it('waits for the circuit without counting an attempt', () => {
      given(opened).when(holdToken('t1')).then({
        type: 'TokenRetryScheduled', address: address('scan'), tokenId: 't1', attempt: 1,
        data: { tokenId: 't1', attempt: 1, dueAt: at(3), errorClass: 'circuit-open', failures: 0, roundStartedAt: at(2), holds: 1, system: 'erp' },
      });
      given(happened(openCase(), holdToken('t1'), resendToken('t1'))).when(holdToken('t1', { at: at(3), dueAt: at(4) })).thenState((state) => {
        assert.deepEqual(state.tokens['t1']?.retry, { failures: 0, roundStartedAt: at(2), holds: 2, dueAt: at(4) });
      });
    });

    it('waits no longer than the maximum time, then gives up', () => {
      given(opened).when(holdToken('t1', { dueAt: at(90) })).thenState((state) => { assert.equal(state.tokens['t1']?.retry?.dueAt, at(62)); });
      const held = happened(openCase(), holdToken('t1'), resendToken('t1'));
      const [last] = given(held).when(holdToken('t1', { at: at(62), dueAt: at(63) })).thenTypes('TokenDeadLettered').decision.events;
      assert.equal(last?.type === 'TokenDeadLettered' ? last.data.errorClass : '', 'circuit-open');
    });
  });

  describe('a late arrival (first arrival wins)', () => {
    it('of an earlier attempt ends the waiting', () => {
      given(failed).when(enterStep('t1', { tried: { durationMs: 5, system: 'erp' } })).thenTypes('AttemptEnded', 'TokenRetryEnded', 'StepEntered').thenState((state) => {
        assert.equal(state.tokens['t1']?.state, 'consumed');
        assert.equal(state.tokens['t1']?.retry, undefined);
      });
    });

    it('of an earlier attempt takes a dead letter back', () => {
      const [ended] = given(dead).when(enterStep('t1')).thenTypes('TokenRetryEnded', 'StepEntered').decision.events;
      assert.deepEqual(ended?.data, { tokenId: 't1', deadLetterId: 'dead-t1' });
    });

    it('of the later attempt is then a duplicate', () => {
      given(happened(openCase(), failAttempt('t1'), resendToken('t1'), enterStep('t1', { attempt: 1 }))).when(enterStep('t1', { attempt: 2 })).thenNothing('duplicate');
    });

    it('never enters once the message went to output "gave up"', () => {
      const rerouted = happened(openCase(), { ...permanent, reroute: { tokens: [token('g1', 'clerk', 1)], message: '{}' } });
      given(rerouted).when(enterStep('t1')).thenTypes('TokenLate');
    });
  });

  describe('ReplayToken', () => {
    it('begins a new round under the same token', () => {
      given(dead).when(replayToken('t1', { batchId: 'b1' })).then({
        type: 'TokenReplayed', address: address('scan'), tokenId: 't1', attempt: 1, data: { deadLetterId: 'dead-t1', tokenId: 't1', edited: false, batchId: 'b1' },
      }).thenState((state) => { assert.equal(state.tokens['t1']?.retry, undefined); });
      given(happened(openCase(), permanent, replayToken('t1'), resendToken('t1'))).when(failAttempt('t1', { attempt: 2, startedAt: at(500), at: at(501) }))
        .thenTypes('AttemptEnded', 'TokenRetryScheduled');
    });

    it('carries the edited message from then on, and counts its author among those who touched the case', () => {
      given(dead).when(replayToken('t1', { message: '{"payload":2}' })).thenTypes('TokenReplayed').thenState((state) => {
        assert.equal(state.tokens['t1']?.message, '{"payload":2}');
        assert.ok(state.operators.includes('p-clerk'));
      });
    });

    it('refuses an edit by somebody who touched the case, or past an approval', () => {
      given(dead).when(replayToken('t1', { person: olga, message: '{}' })).thenRefused('requester-may-not-decide');
      given(dead).when(replayToken('t1', { person: olga })).thenTypes('TokenReplayed');
      const approved = happened(openCase({ tokens: [token('t0'), token('t1')] }), enterStep('t0'), reachMilestone('t0', 'approved', 'facts-1'), permanent);
      given(approved).when(replayToken('t1', { person: susan, message: '{}', guards: [{ milestone: 'approved', factsHash: 'facts-2' }] })).thenRefused('facts-changed');
      given(approved).when(replayToken('t1', { person: susan, message: '{}', guards: [{ milestone: 'none', factsHash: undefined }] })).thenRefused('facts-changed');
      given(approved).when(replayToken('t1', { person: susan, message: '{}', guards: [{ milestone: 'constructor', factsHash: undefined }] })).thenRefused('facts-changed');
    });

    it('refuses what is no dead letter (any more), and while the circuit is open', () => {
      given(opened).when(replayToken('t1')).thenRefused('token-not-replayable');
      given(failed).when(replayToken('t1')).thenRefused('token-not-replayable');
      given(dead).when(replayToken('t1', { deadLetterId: 'another' })).thenRefused('token-not-replayable');
      given(happened(openCase(), permanent, replayToken('t1'))).when(replayToken('t1')).thenRefused('token-not-replayable');
      given(happened(openCase(), permanent, closeCase({ cancelOpen: true }))).when(replayToken('t1')).thenRefused('token-not-replayable');
      given(dead).when(replayToken('t1', { circuitOpen: true })).thenRefused('circuit-open');
    });
  });

  it('a dead letter is not sent again by a recovery', () => {
    given(dead).when(resendToken('t1')).thenNothing('given-up');
  });

  it('an exception about the token, resolved with retry, begins anew with a successor', () => {
    const orphaned = happened(openCase(), failAttempt('t1'), raiseException({ exceptionId: 'x-o', class: 'orphan', code: 'orphan:a/b', tokenId: 't1' }));
    given(orphaned).when(resolveException('x-o', 'retry', { successorTokenId: 't2' })).thenState((state) => {
      assert.equal(state.tokens['t2']?.retry, undefined);
      assert.equal(state.tokens['t1']?.state, 'void');
    });
  });

  it('completes the run that the token became, with its own message let go', () => {
    const edited = happened(openCase(), permanent, replayToken('t1', { message: '{"payload":2}' }), resendToken('t1'), enterStep('t1', { attempt: 2 }));
    assert.equal(given(edited).state.tokens['t1']?.message, '{"payload":2}');
    given(edited).when(completeStep('t1')).thenState((state) => { assert.equal(state.tokens['t1']?.message, undefined); });
  });

  it('back-off: never before Retry-After, never beyond the ceiling without it, never after the maximum time', () => {
    fc.assert(fc.property(fc.nat(20), fc.nat(7_200_000), fc.option(fc.nat(600_000), { nil: undefined }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (calls, elapsed, retryAfter, random) => {
      const delay = nextDelay(policy, calls + 1, elapsed, retryAfter, () => random);
      if (delay === undefined) return;
      assert.ok(calls + 1 < policy.maxAttempts && elapsed + delay <= policy.maxElapsedMs);
      assert.ok(delay >= (retryAfter ?? 0));
      assert.ok(delay <= Math.max(retryAfter ?? 0, Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** calls)));
    }));
  });
});
