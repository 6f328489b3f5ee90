import assert from 'node:assert/strict';

import { address, closeCase, completeStep, enterStep, openCase, poisonToken, raiseException, reachMilestone, resendToken, resolveException, token } from './support/commands.ts';
import { given, happened } from './support/given.ts';
import type { RecordNodeFailure } from '../../src/domain/case/commands.ts';

const opened = happened(openCase());
const entered = happened(openCase(), enterStep('t1'));
const closedOver = happened(openCase({ tokens: [token('t1'), token('t2')] }), enterStep('t1'), closeCase({ runId: 't1', cancelOpen: true }));
/** t1 was replaced by x-t1-successor. */
const replaced = happened(openCase(), raiseException({ exceptionId: 'x-t1', class: 'stalled-token', code: 'stalled', tokenId: 't1' }), resolveException('x-t1', 'retry'));

describe('token', () => {
  describe('EnterStep with a live token', () => {
    it('consumes it and makes the step responsible', () => {
      given(opened).when(enterStep('t1', { message: '{"payload":{"changed":true}}' })).then({
        type: 'StepEntered', address: address('validate'), tokenId: 't1', attempt: 1,
        data: { runId: 't1', nodeType: 'waybill-validate', attempt: 1 }, content: { message: '{"payload":{"changed":true}}' },
      }).thenState((state) => {
        assert.equal(state.tokens['t1']?.state, 'consumed');
        assert.deepEqual(state.tokens['t1']?.consumedBy, address('validate'));
        assert.equal(state.runs['t1']?.state, 'pending');
        assert.equal(state.runs['t1']?.message, '{"payload":{"changed":true}}');
      });
    });

    it('has no content when the message came as the token carried it', () => {
      const [event] = given(opened).when(enterStep('t1')).thenTypes('StepEntered').decision.events;
      assert.equal(event?.content, undefined);
    });

    it('resolves the exceptions about the token on its arrival, but not the guard\'s', () => {
      const stalled = given(opened, given(opened).when(raiseException({ exceptionId: 'x-s', class: 'stalled-token', code: 'stalled', tokenId: 't1' })).decision.events);
      stalled.when(enterStep('t1')).thenTypes('StepEntered', 'ExceptionResolved').thenState((state) => {
        assert.equal(state.exceptions['x-s']?.outcome, 'acknowledged');
      });
      given(opened, given(opened).when(enterStep('t1', { wireMismatch: true })).decision.events).when(enterStep('t1')).thenTypes('StepEntered');
    });
  });

  describe('EnterStep with a consumed token (PROTOCOL §2.3)', () => {
    it('drops another attempt at the same step as a duplicate', () => {
      given(entered).when(enterStep('t1', { attempt: 2 })).thenNothing('duplicate');
    });

    it('takes the same attempt at the same step as a fork, and keeps the payload', () => {
      given(entered).when(enterStep('t1', { exceptionId: 'x-fork', message: '{"payload":2}' })).then({
        type: 'ExceptionRaised', address: address('validate'), tokenId: 't1', attempt: 1,
        data: { exceptionId: 'x-fork', class: 'forked-token', severity: 'high', queue: 'engineer', code: 'forked-token:t1' },
        content: {
          message: 'A message of this case was sent twice between two governed nodes. Use "parallel" and "gather" to split work.', payload: '{"payload":2}',
        },
      }).thenState((state) => { assert.equal(state.runs['t1']?.state, 'pending'); });
    });

    it('takes an arrival at another step as a fork, whatever the attempt', () => {
      for (const attempt of [1, 2]) {
        given(entered).when(enterStep('t1', { attempt, address: address('label'), exceptionId: 'x-fork' })).thenTypes('ExceptionRaised');
      }
    });

    it('knows the step by the addresses that it had in other versions of its template', () => {
      const renamed = { address: address('inspect'), formerly: ['i/other', `${address('validate').instance}/validate`] };
      given(entered).when(enterStep('t1', { ...renamed, attempt: 2 })).thenNothing('duplicate');
      given(entered).when(enterStep('t1', { ...renamed, attempt: 1 })).thenTypes('ExceptionRaised');
    });

    it('raises a fork once while it is open, and again after it was resolved', () => {
      const forked = happened(openCase(), enterStep('t1'), enterStep('t1', { exceptionId: 'x-fork' }));
      given(forked).when(enterStep('t1')).thenNothing('fork-again');
      given(forked, given(forked).when(resolveException('x-fork', 'acknowledged')).decision.events).when(enterStep('t1', { exceptionId: 'x-2' })).thenTypes('ExceptionRaised');
    });

    it('tells the forks of two tokens apart', () => {
      const both = happened(openCase({ tokens: [token('t1'), token('t2')] }), enterStep('t1'), enterStep('t2'), enterStep('t1', { exceptionId: 'x-1' }));
      given(both).when(enterStep('t2', { exceptionId: 'x-2' })).thenTypes('ExceptionRaised');
    });
  });

  describe('EnterStep with a token that is not good any more (PROTOCOL §2.4)', () => {
    it('records a void token once and never enters', () => {
      const late = given(replaced).when(enterStep('t1')).then({
        type: 'TokenLate', address: address('validate'), tokenId: 't1', attempt: 1, data: { tokenId: 't1', attempt: 1, reason: 'void' },
      });
      given(replaced, late.decision.events).when(enterStep('t1')).thenNothing('late-again');
      given(replaced).when(enterStep('x-t1-successor')).thenTypes('StepEntered');
    });

    it('records a late arrival at a closed case once', () => {
      const late = given(closedOver).when(enterStep('t2')).thenTypes('TokenLate').thenState((state) => { assert.equal(state.status, 'closed'); });
      given(closedOver, late.decision.events).when(enterStep('t2')).thenNothing('late-again');
    });

    it('drops a duplicate at a closed case, and records a fork there as late', () => {
      given(closedOver).when(enterStep('t1', { attempt: 2 })).thenNothing('duplicate');
      const late = given(closedOver).when(enterStep('t1', { address: address('label') })).then({
        type: 'TokenLate', address: address('label'), tokenId: 't1', attempt: 1, data: { tokenId: 't1', attempt: 1, reason: 'closed' },
      });
      given(closedOver, late.decision.events).when(enterStep('t1', { address: address('label') })).thenNothing('late-again');
    });
  });

  describe('EnterStep with a token that was never issued', () => {
    it('is refused, with an exception', () => {
      given(opened).when(enterStep('forged')).thenRefused('token-unknown', 'ExceptionRaised').thenState((state) => {
        assert.equal(state.exceptions['x-forged']?.class, 'guard-breached');
        assert.equal(state.exceptions['x-forged']?.tokenId, undefined);
      });
    });

    it('is refused without a second exception while the first is open', () => {
      const forged = given(opened).when(enterStep('forged'));
      given(opened, forged.decision.events).when(enterStep('forged-2')).thenRefused('token-unknown');
    });

    it('is refused for a closed and for an absent case', () => {
      given(closedOver).when(enterStep('forged')).thenRefused('token-unknown');
      given().when(enterStep('forged')).thenRefused('token-unknown');
    });

    it('is refused for names that every object inherits', () => {
      for (const id of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
        given(opened).when(enterStep(id)).thenRefused('token-unknown', 'ExceptionRaised');
        given(opened).when(resendToken(id)).thenRefused('token-unknown');
        given(opened).when(poisonToken(id)).thenRefused('token-unknown');
      }
    });
  });

  describe('guards (PROTOCOL §2.9)', () => {
    const guard = { milestone: 'approved', factsHash: 'facts-1' };
    const twoTokens = happened(openCase({ tokens: [token('t0'), token('t1'), token('t2')] }), enterStep('t0'));
    const approved = [...twoTokens, ...given(twoTokens).when(reachMilestone('t0', 'approved')).decision.events];

    it('let pass when the milestone was reached on these facts', () => {
      given(approved).when(enterStep('t1', { guards: [guard] })).thenTypes('StepEntered');
    });

    it('stop a token before a milestone, once for each token', () => {
      const stopped = given(twoTokens).when(enterStep('t1', { guards: [guard] })).thenTypes('GuardBreached', 'ExceptionRaised').thenState((state) => {
        assert.equal(state.tokens['t1']?.state, 'live');
        assert.equal(state.exceptions['x-t1']?.code, 'milestone-missing:approved');
      });
      given(twoTokens, stopped.decision.events).when(enterStep('t1', { guards: [guard], attempt: 2, exceptionId: 'x-again' })).thenNothing('guard-again');
      given(twoTokens, stopped.decision.events).when(enterStep('t2', { guards: [guard] })).thenTypes('GuardBreached', 'ExceptionRaised');
    });

    it('stop a token when the covered facts have changed or cannot be computed', () => {
      for (const factsHash of ['facts-2', undefined]) {
        given(approved).when(enterStep('t1', { guards: [{ milestone: 'approved', factsHash }] })).thenTypes('GuardBreached', 'ExceptionRaised')
          .thenState((state) => { assert.equal(state.exceptions['x-t1']?.code, 'facts-changed:approved'); });
      }
    });

    it('are not met by names that every object inherits', () => {
      given(twoTokens).when(enterStep('t1', { guards: [{ milestone: 'constructor', factsHash: undefined }] })).thenTypes('GuardBreached', 'ExceptionRaised')
        .thenState((state) => { assert.equal(state.exceptions['x-t1']?.code, 'milestone-missing:constructor'); });
    });

    it('stop a token at a step that it was not issued for', () => {
      given(approved).when(enterStep('t1', { wireMismatch: true })).thenTypes('GuardBreached', 'ExceptionRaised')
        .thenState((state) => { assert.equal(state.exceptions['x-t1']?.code, 'milestone-missing:wire'); });
    });

    it('let pass a token that was stopped, once the milestone is reached', () => {
      const stopped = given(twoTokens).when(enterStep('t1', { guards: [guard] })).decision.events;
      const reached = given(twoTokens, stopped).when(reachMilestone('t0', 'approved')).decision.events;
      given(twoTokens, stopped, reached).when(enterStep('t1', { guards: [guard], attempt: 2 })).thenTypes('StepEntered');
    });
  });

  describe('hop limit', () => {
    it('stops a case that goes round in a loop, once for each token', () => {
      const looped = happened(openCase(), enterStep('t1'), completeStep('t1', [token('t2')]));
      const stopped = given(looped).when(enterStep('t2', { hopLimit: 2 })).thenTypes('ExceptionRaised')
        .thenState((state) => {
          assert.equal(state.tokens['t2']?.state, 'live');
          assert.equal(state.exceptions['x-t2']?.class, 'hop-limit');
        });
      given(looped, stopped.decision.events).when(enterStep('t2', { hopLimit: 2 })).thenNothing('hop-limit-again');
      given(looped).when(enterStep('t2', { hopLimit: 3 })).thenTypes('StepEntered');
    });

    it('lets a person send the case on for as many hops again', () => {
      const stopped = happened(openCase(), enterStep('t1'), completeStep('t1', [token('t2')]), enterStep('t2', { hopLimit: 2 }), resolveException('x-t2', 'retry'));
      given(stopped).when(enterStep('x-t2-successor', { hopLimit: 2 })).thenTypes('StepEntered');
    });
  });

  describe('ResendToken', () => {
    it('is one attempt more, at the address that issued the token', () => {
      given(opened).when(resendToken('t1', 1)).then({
        type: 'TokenResent', address: address('scan'), tokenId: 't1', attempt: 2, data: { tokenId: 't1', attempt: 2, uncleanEpochs: 1 },
      }).thenState((state) => {
        assert.equal(state.tokens['t1']?.attempt, 2);
        assert.equal(state.tokens['t1']?.uncleanEpochs, 1);
      });
    });

    it('does nothing for a token that is consumed, void or of a closed case', () => {
      given(entered).when(resendToken('t1')).thenNothing('not-live');
      given(replaced).when(resendToken('t1')).thenNothing('not-live');
      given(closedOver).when(resendToken('t2')).thenNothing('not-live');
    });

    it('is refused for an unknown token', () => {
      given(opened).when(resendToken('nowhere')).thenRefused('token-unknown');
    });
  });

  describe('RecordNodeFailure (PROTOCOL §2.4)', () => {
    const failure = (tokenId: string): RecordNodeFailure => ({ type: 'RecordNodeFailure', tokenId, message: 'The node "change" failed.' });

    it('records an error on a consumed or void token, once, and raises nothing', () => {
      const recorded = given(entered).when(failure('t1')).then({
        type: 'NodeFailed', address: address('scan'), tokenId: 't1', data: { tokenId: 't1' }, content: { message: 'The node "change" failed.' },
      });
      given(entered, recorded.decision.events).when(failure('t1')).thenNothing('recorded');
      given(replaced).when(failure('t1')).thenTypes('NodeFailed');
      given(closedOver).when(failure('t2')).thenTypes('NodeFailed');
    });

    it('leaves a live token to its exception, and knows no others', () => {
      given(opened).when(failure('t1')).thenNothing('token-live');
      given(opened).when(failure('nowhere')).thenNothing('token-live');
    });
  });

  describe('PoisonToken (PROTOCOL §2.6)', () => {
    it('becomes an exception, once', () => {
      const poisoned = given(opened).when(poisonToken('t1')).thenTypes('ExceptionRaised').thenState((state) => {
        assert.equal(state.exceptions['x-poison']?.class, 'poison');
        assert.equal(state.exceptions['x-poison']?.tokenId, 't1');
        assert.equal(state.tokens['t1']?.state, 'live');
      });
      given(opened, poisoned.decision.events).when(poisonToken('t1', 'x-again')).thenNothing('raised');
    });

    it('does nothing for a token that is not live, and is refused for an unknown one', () => {
      given(entered).when(poisonToken('t1')).thenNothing('not-live');
      given(closedOver).when(poisonToken('t2')).thenNothing('not-live');
      given(opened).when(poisonToken('nowhere')).thenRefused('token-unknown');
    });
  });
});
