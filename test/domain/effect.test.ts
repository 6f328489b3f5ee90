import assert from 'node:assert/strict';

import { address, at, closeCase, deadLetter, endCall, enterStep, intendEffect, openCase, reachMilestone, replayEffect, resolveOutcome, scheduleRetry, startCall } from './support/commands.ts';
import { given, happened } from './support/given.ts';

const entered = happened(openCase(), enterStep('t1'));
const calling = happened(openCase(), enterStep('t1'), intendEffect('t1'));
const transient = [...calling, ...given(calling).when(endCall('e-t1', 'transient')).decision.events];
const unknown = [...calling, ...given(calling).when(endCall('e-t1', 'unknown')).decision.events];
const success = [...calling, ...given(calling).when(endCall('e-t1', 'success')).decision.events];
const permanent = [...calling, ...given(calling).when(endCall('e-t1', 'permanent')).decision.events];
const waiting = [...transient, ...given(transient).when(scheduleRetry('e-t1')).decision.events];
const dead = [...transient, ...given(transient).when(deadLetter('e-t1')).decision.events];
const deadUnknown = [...unknown, ...given(unknown).when(deadLetter('e-t1')).decision.events];
const cancelled = [...transient, ...given(transient).when(closeCase({ cancelOpen: true })).decision.events];

/** A history of an effect whose service cannot be asked again with the same key. */
function withRecovery(recovery: 'query' | 'none' | 'safe', outcome: 'unknown' | 'transient'): typeof calling {
  return happened(openCase(), enterStep('t1'), intendEffect('t1', { recovery }), endCall('e-t1', outcome));
}

describe('effect', () => {
  describe('IntendEffect', () => {
    it('makes intention, key and first call durable before anything leaves (PROTOCOL §3)', () => {
      given(entered).when(intendEffect('t1')).then(
        {
          type: 'EffectIntended', address: address('validate'),
          data: {
            effectId: 'e-t1', runId: 't1', generation: 1, idempotencyKey: 'key-t1', requestHash: 'request-1', system: 'erp', service: 'goods-receipt@1',
            operation: 'post', recovery: 'same-key',
          },
          content: { request: { quantity: '5' } },
        },
        { type: 'CallStarted', address: address('validate'), data: { callId: 'call-1', effectId: 'e-t1', callNumber: 1 } },
      ).thenState((state) => {
        assert.equal(state.effects['e-t1']?.state, 'calling');
        assert.equal(state.effects['e-t1']?.openCallId, 'call-1');
        assert.equal(state.runs['t1']?.state, 'effect-intended');
      });
    });

    it('intends once', () => {
      given(calling).when(intendEffect('t1', { callId: 'call-9', idempotencyKey: 'other' })).thenNothing('intended');
      given(calling).when(intendEffect('t1', { effectId: 'e-2', callId: 'call-9' })).thenNothing('intended');
      given(success).when(intendEffect('t1', { effectId: 'e-2', callId: 'call-9' })).thenNothing('intended');
    });

    it('raises the generation only when it is known that the effect did not happen (PROTOCOL §3)', () => {
      const next = intendEffect('t1', { effectId: 'e-2', generation: 2, idempotencyKey: 'key-2', callId: 'call-9' });
      for (const history of [calling, unknown, deadUnknown, success]) given(history).when(next).thenRefused('effect-open');
      for (const history of [permanent, dead]) given(history).when(next).thenTypes('EffectIntended', 'CallStarted');
      given(success).when({ ...next, generation: 1, operation: 'label' }).thenTypes('EffectIntended', 'CallStarted');
    });

    it('is stopped by a guard whose facts were corrected after the step was entered (PROTOCOL §2.9, §8)', () => {
      const reached = happened(openCase(), enterStep('t1'), reachMilestone('t1', 'approved', 'facts-1'));
      given(reached).when(intendEffect('t1', { guards: [{ milestone: 'approved', factsHash: 'facts-1' }] })).thenTypes('EffectIntended', 'CallStarted');
      given(reached).when(intendEffect('t1', { guards: [{ milestone: 'approved', factsHash: 'facts-2' }] })).thenTypes('GuardBreached', 'ExceptionRaised').thenState((state) => {
        assert.deepEqual([state.exceptions['x-t1']?.class, state.exceptions['x-t1']?.code, state.exceptions['x-t1']?.runId], ['guard-breached', 'facts-changed:approved', 't1']);
        assert.deepEqual(state.effects, {});
      });
      given(entered).when(intendEffect('t1', { guards: [{ milestone: 'approved', factsHash: undefined }] })).thenTypes('GuardBreached', 'ExceptionRaised').thenState((state) => {
        assert.equal(state.exceptions['x-t1']?.code, 'milestone-missing:approved');
      });
    });

    it('lets no earlier generation act any more', () => {
      const next = [...dead, ...given(dead).when(intendEffect('t1', { effectId: 'e-2', generation: 2, idempotencyKey: 'key-2', callId: 'call-9' })).decision.events];
      given(next).when(replayEffect('dead-e-t1')).thenRefused('effect-not-replayable');
      const rejected = [...transient, ...given(transient).when(intendEffect('t1', { effectId: 'e-2', generation: 2, idempotencyKey: 'key-2', callId: 'call-9' })).decision.events];
      given(rejected).when(startCall('e-t1')).thenRefused('effect-unknown');
      given(rejected).when(endCall('e-2', 'success', 'call-9')).thenTypes('CallEnded');
    });

    it('is refused without an open run', () => {
      given(happened(openCase())).when(intendEffect('t1')).thenRefused('run-not-open');
      given(cancelled).when(intendEffect('t1', { effectId: 'e-2' })).thenRefused('run-not-open');
    });
  });

  describe('EndCall', () => {
    it('records the outcome with the answer as content', () => {
      given(calling).when(endCall('e-t1', 'success', 'call-1', { httpStatus: 201, response: { grn: '5000' } })).then({
        type: 'CallEnded', address: address('validate'), data: { callId: 'call-1', effectId: 'e-t1', outcome: 'success', durationMs: 12, httpStatus: 201 },
        content: { response: { grn: '5000' } },
      }).thenState((state) => {
        assert.equal(state.effects['e-t1']?.state, 'known');
        assert.deepEqual(state.effects['e-t1']?.response, { grn: '5000' });
        assert.equal(state.runs['t1']?.state, 'effect-known');
      });
    });

    it('records a failure with its class and its error', () => {
      given(calling).when(endCall('e-t1', 'transient', 'call-1', { errorClass: 'timeout', error: 'no answer' })).then({
        type: 'CallEnded', address: address('validate'), data: { callId: 'call-1', effectId: 'e-t1', outcome: 'transient', durationMs: 12, errorClass: 'timeout' },
        content: { error: 'no answer' },
      }).thenState((state) => {
        assert.equal(state.effects['e-t1']?.state, 'intended');
        assert.equal(state.runs['t1']?.state, 'effect-intended');
      });
    });

    it('knows a permanent rejection, and does not know an unknown outcome', () => {
      given(permanent).when(startCall('e-t1')).thenRefused('effect-open');
      assert.equal(given(permanent).state.effects['e-t1']?.state, 'known');
      assert.equal(given(unknown).state.effects['e-t1']?.state, 'unknown');
    });

    it('leaves an unknown outcome unknown when a later call fails for the time being', () => {
      const again = [...unknown, ...given(unknown).when(startCall('e-t1')).decision.events];
      given(again).when(endCall('e-t1', 'transient', 'call-2')).thenState((state) => { assert.equal(state.effects['e-t1']?.lastOutcome, 'unknown'); });
      given(again).when(endCall('e-t1', 'success', 'call-2')).thenState((state) => { assert.equal(state.effects['e-t1']?.lastOutcome, 'success'); });
    });

    it('does nothing for a call that has ended, or another one', () => {
      given(transient).when(endCall('e-t1', 'success')).thenNothing('call-ended');
      given(calling).when(endCall('e-t1', 'success', 'call-9')).thenNothing('call-ended');
    });

    it('is refused for an unknown effect', () => {
      given(calling).when(endCall('nowhere', 'success')).thenRefused('effect-unknown');
      given(calling).when(endCall('constructor', 'success')).thenRefused('effect-unknown');
    });
  });

  describe('StartCall and ScheduleRetry', () => {
    it('waits and calls again with the same key', () => {
      given(transient).when(scheduleRetry('e-t1')).then({
        type: 'RetryScheduled', address: address('validate'), data: { callId: 'retry-e-t1', effectId: 'e-t1', callNumber: 1, dueAt: at(3) },
      }).thenState((state) => { assert.deepEqual([state.effects['e-t1']?.state, state.effects['e-t1']?.dueAt], ['waiting', at(3)]); });
      given(waiting).when(startCall('e-t1')).then({ type: 'CallStarted', address: address('validate'), data: { callId: 'call-2', effectId: 'e-t1', callNumber: 2 } })
        .thenState((state) => {
          assert.equal(state.effects['e-t1']?.idempotencyKey, 'key-t1');
          assert.equal(state.effects['e-t1']?.dueAt, undefined);
          assert.equal(state.effects['e-t1']?.callsInRound, 2);
        });
    });

    it('never has two calls under way', () => {
      given(calling).when(startCall('e-t1')).thenRefused('effect-open');
      given(calling).when(scheduleRetry('e-t1')).thenNothing('not-waiting');
    });

    it('calls again after an unknown outcome only where that cannot do it twice (PROTOCOL §3: never guessed)', () => {
      given(unknown).when(startCall('e-t1')).thenTypes('CallStarted');
      given(unknown).when(scheduleRetry('e-t1')).thenTypes('RetryScheduled');
      given(withRecovery('safe', 'unknown')).when(startCall('e-t1')).thenTypes('CallStarted');
      for (const recovery of ['none', 'query'] as const) {
        given(withRecovery(recovery, 'unknown')).when(startCall('e-t1')).thenRefused('effect-open');
        given(withRecovery(recovery, 'transient')).when(startCall('e-t1')).thenTypes('CallStarted');
      }
    });

    it('is refused when the effect is known, dead or gone', () => {
      for (const history of [success, permanent, dead]) given(history).when(startCall('e-t1')).thenRefused('effect-open');
      for (const history of [success, dead, waiting]) given(history).when(scheduleRetry('e-t1')).thenNothing('not-waiting');
      for (const command of [startCall('e-t1'), scheduleRetry('e-t1')]) {
        given(entered).when(command).thenRefused('effect-unknown');
        given(cancelled).when(command).thenRefused('effect-unknown');
      }
    });
  });

  describe('DeadLetter and ReplayEffect', () => {
    it('gives up once', () => {
      given(waiting).when(deadLetter('e-t1')).then({
        type: 'DeadLettered', address: address('validate'), reasonCode: 'attempts-used', data: { deadLetterId: 'dead-e-t1', effectId: 'e-t1', reason: 'attempts-used' },
      }).thenState((state) => { assert.deepEqual([state.effects['e-t1']?.state, state.effects['e-t1']?.dueAt], ['dead', undefined]); });
      given(dead).when(deadLetter('e-t1', 'again')).thenNothing('dead');
    });

    it('does not give up a call under way or an outcome that is known', () => {
      for (const history of [calling, success, permanent]) given(history).when(deadLetter('e-t1')).thenRefused('effect-open');
      given(entered).when(deadLetter('e-t1')).thenRefused('effect-unknown');
      given(cancelled).when(deadLetter('e-t1')).thenRefused('effect-unknown');
    });

    it('replays with the key it had, in a new round', () => {
      given(dead).when(replayEffect('dead-e-t1', { batchId: 'batch-1' })).then({
        type: 'Replayed', address: address('validate'),
        data: { deadLetterId: 'dead-e-t1', effectId: 'e-t1', edited: false, requestHash: 'request-1', batchId: 'batch-1' },
      }).thenState((state) => {
        assert.equal(state.effects['e-t1']?.state, 'intended');
        assert.equal(state.effects['e-t1']?.idempotencyKey, 'key-t1');
        assert.equal(state.effects['e-t1']?.callsInRound, 0);
        assert.equal(state.effects['e-t1']?.calls, 1);
      });
    });

    it('replays an edited request, when nothing has reached the system', () => {
      given(dead).when(replayEffect('dead-e-t1', { request: { quantity: '4' }, requestHash: 'request-2' })).then({
        type: 'Replayed', address: address('validate'), data: { deadLetterId: 'dead-e-t1', effectId: 'e-t1', edited: true, requestHash: 'request-2' },
        content: { request: { quantity: '4' } },
      }).thenState((state) => {
        assert.deepEqual(state.effects['e-t1']?.request, { quantity: '4' });
        assert.equal(state.effects['e-t1']?.requestHash, 'request-2');
      });
      given(deadUnknown).when(replayEffect('dead-e-t1', { request: { quantity: '4' }, requestHash: 'request-2' })).thenRefused('effect-not-replayable');
    });

    it('keeps the hash of the request when it was not edited', () => {
      given(dead).when(replayEffect('dead-e-t1', { requestHash: 'request-9' })).thenState((state) => { assert.equal(state.effects['e-t1']?.requestHash, 'request-1'); });
    });

    it('keeps an unknown outcome unknown over a replay', () => {
      given(deadUnknown).when(replayEffect('dead-e-t1')).thenTypes('Replayed').thenState((state) => { assert.equal(state.effects['e-t1']?.state, 'unknown'); });
    });

    it('is refused for what is no dead letter (any more)', () => {
      const replayed = [...dead, ...given(dead).when(replayEffect('dead-e-t1')).decision.events];
      given(replayed).when(replayEffect('dead-e-t1')).thenRefused('effect-not-replayable');
      given(dead, given(dead).when(closeCase({ cancelOpen: true })).decision.events).when(replayEffect('dead-e-t1')).thenRefused('effect-not-replayable');
      given(calling).when(replayEffect('nowhere')).thenRefused('effect-unknown');
    });
  });

  describe('ResolveOutcome', () => {
    it('makes an unknown outcome known', () => {
      given(unknown).when(resolveOutcome('e-t1', 'happened', { method: 'query', response: { grn: '5000' } })).then({
        type: 'OutcomeResolved', address: address('validate'), data: { effectId: 'e-t1', method: 'query', outcome: 'happened' }, content: { response: { grn: '5000' } },
      }).thenState((state) => {
        assert.equal(state.effects['e-t1']?.state, 'known');
        assert.equal(state.effects['e-t1']?.lastOutcome, 'success');
        assert.equal(state.runs['t1']?.state, 'effect-known');
      });
    });

    it('lets the call be made again when it did not happen', () => {
      const open = given(withRecovery('none', 'unknown'));
      const resolved = open.when(resolveOutcome('e-t1', 'not-happened')).thenTypes('OutcomeResolved');
      given(withRecovery('none', 'unknown'), resolved.decision.events).when(startCall('e-t1')).thenTypes('CallStarted');
    });

    it('leaves no timer behind', () => {
      const scheduled = [...unknown, ...given(unknown).when(scheduleRetry('e-t1')).decision.events];
      given(scheduled).when(resolveOutcome('e-t1', 'happened')).thenState((state) => { assert.equal(state.effects['e-t1']?.dueAt, undefined); });
    });

    it('resolves an unknown outcome in the dead letters, too', () => {
      given(deadUnknown).when(resolveOutcome('e-t1', 'happened')).thenTypes('OutcomeResolved').thenState((state) => { assert.equal(state.effects['e-t1']?.state, 'known'); });
    });

    it('is refused for an outcome that is not in question', () => {
      for (const history of [calling, success, permanent, transient, dead]) given(history).when(resolveOutcome('e-t1', 'happened')).thenRefused('effect-not-unknown');
      given(unknown, given(unknown).when(startCall('e-t1')).decision.events).when(resolveOutcome('e-t1', 'happened')).thenRefused('effect-not-unknown');
      given(entered).when(resolveOutcome('e-t1', 'happened')).thenRefused('effect-unknown');
    });
  });
});
