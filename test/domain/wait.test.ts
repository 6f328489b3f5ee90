import assert from 'node:assert/strict';
import { given, happened } from './support/given.ts';
import * as make from './support/commands.ts';
import type { AwaitEvent, CaseCommand, CorrelateEvent } from '../../src/domain/index.ts';

describe('waiting for an event', () => {
  const [token] = [make.token('t-1', 'next')];
  const atWork = happened(make.openCase({ tokens: [token] }), make.enterStep('t-1'));
  const wait = (change: Partial<AwaitEvent> = {}): AwaitEvent => ({ type: 'AwaitEvent', runId: 't-1', name: 'asn-arrived', keyHash: 'hash', key: '4711', at: make.at(0), dueAt: make.at(30), ...change });
  const comes = (change: Partial<CorrelateEvent> = {}): CorrelateEvent => ({
    type: 'CorrelateEvent', runId: 't-1', signalId: 's-1', name: 'asn-arrived', keyHash: 'hash', broadcast: false, claim: { scope: 'event-taken', keyHash: 'taken' }, key: '4711', data: { pallets: 3 }, at: make.at(5), ...change,
  });
  const after = (...commands: readonly CaseCommand[]): ReturnType<typeof given> => given(commands.reduce((events, command) => [...events, ...given(events).when(command).decision.events], atWork));

  it('is recorded once', () => {
    after().when(wait()).thenTypes('EventAwaited');
    after(wait()).when(wait()).thenNothing('awaited');
  });

  it('takes the event with its name and key, once', () => {
    after(wait()).when(comes()).thenTypes('EventCorrelated');
    after(wait()).when(comes({ keyHash: 'other' })).thenNothing('not-waiting');
    after(wait()).when(comes({ name: 'other' })).thenNothing('not-waiting');
    after(wait(), comes()).when(comes({ signalId: 's-2' })).thenNothing('not-waiting');
    after().when(comes()).thenNothing('not-waiting');
  });

  it('takes a request of another system with its key and answer', () => {
    const request = { claim: { scope: 'transport', keyHash: 'key' }, service: 'a/b@1.0.0', operation: 'confirm', caller: 'dhl', requestHash: 'asks', status: 200, bodyHash: 'body' };
    const { events } = after(wait()).when(comes({ request, answer: { receipt: 'R' } })).decision;
    assert.deepEqual(events.map((event) => (event.type === 'EventCorrelated' ? [event.data.request, event.content] : [])), [[request, { key: '4711', data: { pallets: 3 }, answer: { receipt: 'R' } }]]);
  });

  it('is judged by the time of the event, not of the timer', () => {
    after(wait()).when(comes({ at: make.at(30) })).thenTypes('EventCorrelated');
    after(wait()).when(comes({ at: make.at(31) })).thenNothing('timed-out');
    after(wait()).when(comes({ at: make.at(31), graceUntil: make.at(40) })).thenTypes('EventCorrelated');
  });

  it('ends with its run, and never by a timeout when the event has come', () => {
    after(wait()).when({ type: 'EndWait', runId: 't-1' }).thenTypes('EventWaitEnded');
    after(wait(), comes()).when({ type: 'EndWait', runId: 't-1' }).thenRefused('event-came');
    after(wait()).when(make.completeStep('t-1', [])).thenTypes('EventWaitEnded', 'StepCompleted');
    after(wait(), comes()).when(make.completeStep('t-1', [])).thenTypes('StepCompleted');
    after(wait(), make.completeStep('t-1', [])).when(comes()).thenNothing('not-waiting');
    after(wait(), make.closeCase({ cancelOpen: true })).when(comes()).thenNothing('not-waiting');
    after(wait(), make.closeCase({ cancelOpen: true })).when(wait()).thenRefused('run-not-open');
  });
});
