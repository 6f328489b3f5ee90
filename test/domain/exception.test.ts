import assert from 'node:assert/strict';

import { address, closeCase, completeStep, enterStep, openCase, poisonRun, raiseException, resolveException, resumeStep, token } from './support/commands.ts';
import { given, happened } from './support/given.ts';

const opened = happened(openCase());
const entered = happened(openCase(), enterStep('t1'));
const aboutCase = happened(openCase(), raiseException());
const aboutToken = happened(openCase(), raiseException({ tokenId: 't1', class: 'stalled-token', code: 'stalled' }));
const aboutRun = happened(openCase(), enterStep('t1'), raiseException({ runId: 't1' }));
const closed = happened(openCase(), enterStep('t1'), raiseException({ runId: 't1' }), closeCase({ cancelOpen: true }));

describe('exception', () => {
  describe('RaiseException', () => {
    it('names what it is about, with the message as content', () => {
      given(entered).when(raiseException({ runId: 't1', effectId: 'e-1', system: 'erp', address: address('validate'), detail: { box: 3 }, payload: '{}' })).then({
        type: 'ExceptionRaised', address: address('validate'),
        data: { exceptionId: 'x-1', class: 'business', severity: 'medium', queue: 'clerk', code: 'damaged', runId: 't1', effectId: 'e-1', system: 'erp' },
        content: { message: 'The goods are damaged.', detail: { box: 3 }, payload: '{}' },
      }).thenState((state) => { assert.equal(state.exceptions['x-1']?.status, 'open'); });
      given(opened).when(raiseException({ tokenId: 't1' })).then({
        type: 'ExceptionRaised', tokenId: 't1',
        data: { exceptionId: 'x-1', class: 'business', severity: 'medium', queue: 'clerk', code: 'damaged', tokenId: 't1' }, content: { message: 'The goods are damaged.' },
      });
    });

    it('stays one exception while it is open, for each subject and code', () => {
      given(aboutRun).when(raiseException({ exceptionId: 'x-2', runId: 't1' })).thenNothing('raised');
      given(aboutRun).when(raiseException({ exceptionId: 'x-2', runId: 't1', code: 'wet' })).thenTypes('ExceptionRaised');
      given(aboutRun).when(raiseException({ exceptionId: 'x-2' })).thenTypes('ExceptionRaised');
      given(aboutRun, given(aboutRun).when(resolveException('x-1', 'retry')).decision.events).when(raiseException({ exceptionId: 'x-2', runId: 't1' })).thenTypes('ExceptionRaised');
    });

    it('does nothing about a token or a run that is gone', () => {
      given(entered).when(raiseException({ tokenId: 't1' })).thenNothing('token-gone');
      given(entered).when(raiseException({ tokenId: 'constructor' })).thenNothing('token-gone');
      given(happened(openCase(), enterStep('t1'), completeStep('t1'))).when(raiseException({ runId: 't1' })).thenNothing('run-gone');
      given(opened).when(raiseException({ runId: 'nowhere' })).thenNothing('run-gone');
    });

    it('is refused for a closed and for an absent case', () => {
      given(closed).when(raiseException()).thenRefused('case-closed');
      given().when(raiseException()).thenRefused('case-absent');
    });
  });

  describe('ResolveException about a token (PROTOCOL §2.4)', () => {
    it('voids the token and issues a successor with a new id on the same wire', () => {
      for (const outcome of ['retry', 'continue'] as const) {
        given(aboutToken).when(resolveException('x-1', outcome, { note: 'sent again', name: 'Susan' })).then({
          type: 'ExceptionResolved', address: address('scan'), reasonCode: 'seen-to',
          data: { exceptionId: 'x-1', code: 'seen-to', outcome, tokens: [{ ...token('x-1-successor'), replaces: 't1' }] },
          content: { note: 'sent again' }, personal: { name: 'Susan' },
        }).thenState((state) => {
          assert.equal(state.tokens['t1']?.state, 'void');
          assert.equal(state.tokens['x-1-successor']?.state, 'live');
          assert.equal(state.tokens['x-1-successor']?.attempt, 1);
          assert.equal(state.tokens['x-1-successor']?.issuedBy, 'r-intake');
        });
      }
    });

    it('cannot just be acknowledged while the token is live', () => {
      given(aboutToken).when(resolveException('x-1', 'acknowledged')).thenRefused('outcome-not-possible');
    });

    it('leaves the token to the close when it is cancelled', () => {
      given(aboutToken).when(resolveException('x-1', 'cancel')).thenTypes('ExceptionResolved')
        .thenState((state) => { assert.equal(state.tokens['t1']?.state, 'live'); });
    });

    it('cannot be retried when another resolution has replaced the token', () => {
      const two = [...aboutToken, ...given(aboutToken).when(raiseException({ exceptionId: 'x-2', tokenId: 't1', code: 'other' })).decision.events];
      const once = [...two, ...given(two).when(resolveException('x-1', 'retry')).decision.events];
      given(once).when(resolveException('x-2', 'retry')).thenRefused('outcome-not-possible');
      given(once).when(resolveException('x-2', 'acknowledged')).thenTypes('ExceptionResolved');
    });
  });

  describe('ResolveException about a run', () => {
    it('goes on with the run, and forgets the unclean epochs', () => {
      const poisoned = happened(openCase(), enterStep('t1'), resumeStep('t1', 3), poisonRun('t1', 'x-1'));
      given(poisoned).when(resolveException('x-1', 'retry')).then({
        type: 'ExceptionResolved', address: address('validate'), reasonCode: 'seen-to', data: { exceptionId: 'x-1', code: 'seen-to', outcome: 'retry', tokens: [] },
      }).thenState((state) => { assert.equal(state.runs['t1']?.uncleanEpochs, 0); });
    });

    it('cannot just be acknowledged while the run is open, and cannot be retried when it is not', () => {
      given(aboutRun).when(resolveException('x-1', 'acknowledged')).thenRefused('outcome-not-possible');
      given(aboutRun, given(aboutRun).when(completeStep('t1')).decision.events).when(resolveException('x-1', 'retry')).thenRefused('outcome-not-possible');
      given(aboutRun, given(aboutRun).when(completeStep('t1')).decision.events).when(resolveException('x-1', 'acknowledged')).thenTypes('ExceptionResolved');
    });
  });

  describe('ResolveException', () => {
    it('acknowledges what is about the case only', () => {
      given(aboutCase).when(resolveException('x-1', 'acknowledged')).thenTypes('ExceptionResolved');
      given(aboutCase).when(resolveException('x-1', 'continue')).thenRefused('outcome-not-possible');
    });

    it('is evidence on a closed case, and issues nothing there', () => {
      given(closed).when(resolveException('x-1', 'acknowledged')).thenTypes('ExceptionResolved').thenState((state) => { assert.equal(state.status, 'closed'); });
      given(closed).when(resolveException('x-1', 'cancel')).thenTypes('ExceptionResolved');
      given(closed).when(resolveException('x-1', 'retry')).thenRefused('outcome-not-possible');
    });

    it('is refused the second time and for an unknown exception', () => {
      given(aboutCase, given(aboutCase).when(resolveException('x-1', 'acknowledged')).decision.events).when(resolveException('x-1', 'acknowledged')).thenRefused('exception-resolved');
      given(aboutCase).when(resolveException('nowhere', 'acknowledged')).thenRefused('exception-unknown');
      given(aboutCase).when(resolveException('constructor', 'acknowledged')).thenRefused('exception-unknown');
    });
  });
});
