import assert from 'node:assert/strict';

import type { AnyEvent } from '../../src/domain/index.ts';
import * as make from './support/commands.ts';
import { given, happened } from './support/given.ts';

const at = (stepId: string): { readonly address: ReturnType<typeof make.address> } => ({ address: make.address(stepId) });
const fork = (branch: string, of = 2): { readonly fork: { readonly forkId: string; readonly branch: string; readonly of: number } } => ({ fork: { forkId: 't1', branch, of } });

/** A case in two branches, `a` at the gather, `b` at work in a step. */
const forked = happened(
  make.openCase(), make.enterStep('t1', at('fork')), make.completeStep('t1', [{ ...make.token('ta', 'a', 0), ...fork('a') }, { ...make.token('tb', 'b', 1), ...fork('b') }]),
  make.enterStep('ta', at('join')), make.enterStep('tb', at('work')),
);
const arrived = [...forked, ...happenedAfter(forked, make.arriveBranch('ta', 't1'))];

function happenedAfter(events: readonly AnyEvent[], command: Parameters<ReturnType<typeof given>['when']>[0]): readonly AnyEvent[] {
  return given(events).when(command).decision.events;
}

describe('a fork and its join', () => {
  it('the first branch to come waits, and its run stays open', () => {
    given(forked).when(make.arriveBranch('ta', 't1')).thenTypes('BranchArrived').thenState((state) => {
      assert.equal(state.runs['ta']?.state, 'pending');
      assert.deepEqual(Object.values(state.gatherings)[0]?.arrived, [{ branch: 'a', runId: 'ta' }]);
    });
  });

  it('a message is taken once: asked again, there is nothing to do', () => {
    given(arrived).when(make.arriveBranch('ta', 't1')).thenNothing('holds');
  });

  it('a message of no fork is refused', () => {
    given(happened(make.openCase(), make.enterStep('t1', at('join')))).when(make.arriveBranch('t1', 't1')).thenRefused('fork-unknown');
  });

  it('the last branch ends there without tokens and says that nothing more is waited for', () => {
    const all = [...arrived, ...happenedAfter(arrived, make.completeStep('tb', [make.token('tb2')]))];
    const came = [...all, ...happenedAfter(all, make.enterStep('tb2', at('join')))];
    given(came).when(make.arriveBranch('tb2', 't1')).thenTypes('BranchArrived', 'StepCompleted').thenState((state) => {
      assert.equal(Object.values(state.tokens).filter((token) => token.state === 'live').length, 0);
    });
  });

  it('a branch that comes to the step under another id joins those that came before, where they are', () => {
    const all = [...arrived, ...happenedAfter(arrived, make.completeStep('tb', [make.token('tb2')]))];
    const came = [...all, ...happenedAfter(all, make.enterStep('tb2', at('merge')))];
    given(came).when(make.arriveBranch('tb2', 't1', { at: make.address('join') })).thenTypes('BranchArrived', 'StepCompleted').thenState((state) => {
      assert.deepEqual(Object.values(state.gatherings).map(({ address, arrived: branches }) => [address.stepId, branches.length]), [['join', 2]]);
    });
    given(came).when(make.arriveBranch('tb2', 't1', { at: make.address('nowhere') })).thenTypes('BranchArrived').thenState((state) => {
      assert.deepEqual(Object.values(state.gatherings).map(({ address }) => address.stepId), ['join', 'merge']);
    });
  });

  it('a branch that ends elsewhere is not waited for any more, in the same commit', () => {
    given(arrived).when(make.completeStep('tb')).thenTypes('StepCompleted', 'BranchesEnded').thenState((state) => {
      assert.equal(Object.values(state.gatherings)[0]?.status, 'ended');
    });
  });

  it('going on without a branch voids it by name, its tasks and exceptions with it', () => {
    const asked = [...arrived, ...happenedAfter(arrived, make.createTask('tb', { taskId: 'k' }))];
    const raised = [...asked, ...happenedAfter(asked, make.raiseException({ exceptionId: 'x', runId: 'tb' }))];
    given(raised).when(make.endGathering('ta', ['ta'], { outcome: 'partial', cancelOthers: true })).thenTypes('TaskVoided', 'ExceptionResolved', 'StepVoided', 'Gathered');
  });

  it('never cuts off a call: its run is let end, and what comes of it is absorbed', () => {
    const calling = [...arrived, ...happenedAfter(arrived, make.intendEffect('tb'))];
    const gone = [...calling, ...happenedAfter(calling, make.endGathering('ta', ['ta'], { outcome: 'partial', cancelOthers: true }))];
    given(calling).when(make.endGathering('ta', ['ta'], { outcome: 'partial', cancelOthers: true })).thenTypes('Gathered');
    const ended = [...gone, ...happenedAfter(gone, make.endCall('e-tb', 'success'))];
    given(ended).when(make.completeStep('tb', [make.token('late')])).thenTypes('StepCompleted').thenState((state) => { assert.equal(state.tokens['late'], undefined); });
    const failed = [...gone, ...happenedAfter(gone, make.endCall('e-tb', 'transient'))];
    given(failed).when(make.scheduleRetry('e-tb')).thenTypes('StepVoided');
  });

  it('what was merged must still be all that has come', () => {
    given(arrived).when(make.endGathering('ta', [], { outcome: 'partial' })).thenRefused('gathering-moved');
    given(arrived).when(make.endGathering('ta', ['ta'], { outcome: 'complete' })).thenRefused('gathering-moved');
  });
});

describe('compensation', () => {
  /** Two undos are registered, the case is at work in a step. */
  const registered = happened(
    make.openCase(), make.enterStep('t1', at('one')), make.registerCompensation('t1'), make.completeStep('t1', [make.token('t2')]),
    make.enterStep('t2', at('two')), make.registerCompensation('t2', { how: 'task', role: 'picker' }), make.completeStep('t2', [make.token('t3')]), make.enterStep('t3', at('work')),
  );
  const cancelled = [...registered, ...happenedAfter(registered, make.compensateCase())];

  it('voids what is live and begins with the last undo', () => {
    given(registered).when(make.compensateCase()).thenTypes('StepVoided', 'CompensationStarted', 'CompensationIssued').thenState((state) => {
      assert.deepEqual([state.compensations['t1']?.status, state.compensations['t2']?.status], ['registered', 'running']);
    });
  });

  it('is refused while a call is under way, and a second time', () => {
    given(registered, happenedAfter(registered, make.intendEffect('t3'))).when(make.compensateCase()).thenRefused('effect-open');
    given(cancelled).when(make.compensateCase()).thenRefused('compensating');
    given(cancelled).when(make.closeCase({ cancelOpen: true, compensate: true })).thenRefused('compensating');
  });

  it('goes on with the next one in the commit that ends the one before, and closes after the last', () => {
    given(cancelled).when(make.completeStep('t2:undo')).thenTypes('StepCompleted', 'Compensated', 'CompensationIssued');
    const second = [...cancelled, ...happenedAfter(cancelled, make.completeStep('t2:undo'))];
    given(second).when(make.completeStep('t1:undo')).thenTypes('StepCompleted', 'Compensated', 'CaseClosed').thenState((state) => {
      assert.deepEqual([state.status, state.outcome, state.compensating], ['closed', 'cancelled', undefined]);
    });
  });

  it('an exception in an undo is retried or skipped with a reason, never cancelled', () => {
    const stuck = [...cancelled, ...happenedAfter(cancelled, make.raiseException({ exceptionId: 'x', runId: 't2:undo' }))];
    given(stuck).when(make.resolveException('x', 'cancel')).thenRefused('compensating');
    given(stuck).when(make.resolveException('x', 'retry')).thenTypes('ExceptionResolved');
    given(stuck).when(make.resolveException('x', 'continue', { code: 'written-off', by: make.susan })).thenTypes('ExceptionResolved', 'StepVoided', 'Compensated', 'CompensationIssued').thenState((state) => {
      assert.deepEqual([state.compensations['t2']?.status, state.compensations['t2']?.reason, state.compensations['t2']?.by], ['skipped', 'written-off', make.susan]);
    });
  });

  it('has nothing to run in a case that registered nothing, and is dropped by a close without it', () => {
    given(happened(make.openCase())).when(make.compensateCase()).thenNothing('nothing-registered');
    given(registered).when(make.closeCase({ cancelOpen: true })).thenTypes('CaseClosed').thenState((state) => { assert.equal(state.compensations['t1']?.status, 'dropped'); });
  });
});
