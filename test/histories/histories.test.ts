import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';

import { absentCase, evolve } from '../../src/domain/index.ts';
import type { CaseEvent } from '../../src/domain/index.ts';
import { controlState } from '../domain/support/control-state.ts';
import { asRecorded, folder, readHistory, replay } from './history.ts';
import { stories } from './stories.ts';

const files = readdirSync(folder).filter((file) => file.endsWith('.json')).sort();

describe('recorded histories', () => {
  it('are all there', () => {
    assert.deepEqual(files, Object.keys(stories).sort());
  });

  for (const file of files) {
    const history = readHistory(file);

    describe(history.title, () => {
      it('leads to the same control state as when it was recorded', () => {
        assert.deepEqual(asRecorded(controlState(replay(history)), history.expected), history.expected);
      });

      it('leads there without its erasable parts, too', () => {
        const erased = history.events.map(({ content: _content, personal: _personal, ...leaf }) => leaf as CaseEvent);
        assert.deepEqual(asRecorded(controlState(replay({ ...history, events: erased as unknown as typeof history.events })), history.expected), history.expected);
        assert.equal(erased.reduce(evolve, absentCase).document, undefined);
      });

      it('counts its versions without a gap', () => {
        assert.deepEqual(history.events.map((event) => event.version), history.events.map((_, index) => index + 1));
      });
    });
  }

  it('show what the stories tell', () => {
    const ends = files.map((file) => {
      const state = replay(readHistory(file));
      return [file, state.outcome, Object.values(state.tasks).map((t) => t.status), Object.values(state.effects).map((e) => [e.calls, e.lastOutcome])];
    });
    assert.deepEqual(ends, [
      ['receiving-cancelled.json', 'cancelled', ['expired'], []],
      ['receiving-dead-letter.json', 'received', [], [[4, 'success']]],
      ['receiving-over-receipt.json', 'received', ['voided', 'approved'], [[1, 'success']]],
      ['receiving-within-tolerance.json', 'received', [], [[1, 'success']]],
    ]);
  });

  it('hold most event types that a case can have', () => {
    const types = new Set(files.flatMap((file) => readHistory(file).events.map((event) => event.type)));
    // Not written by any decider today: StepVoided, TokenVoided, ExceptionAssigned. Told by tests alone: TaskReleased.
    assert.deepEqual([...types].sort(), [
      'AuditRecorded', 'CallEnded', 'CallStarted', 'CaseClosed', 'CaseOpened', 'CommandRefused', 'DeadLettered', 'Decided', 'EffectIntended', 'ExceptionRaised',
      'ExceptionResolved', 'FactsCorrected', 'FactsRecorded', 'GuardBreached', 'MilestoneReached', 'OutcomeResolved', 'QuantityReleased', 'QuantityReserved', 'Replayed',
      'RetryScheduled', 'ScanRecorded', 'StepCompleted', 'StepEntered', 'StepResumed', 'TaskClaimed', 'TaskCreated', 'TaskExpired', 'TaskOpened', 'TaskVoided',
      'TokenLate', 'TokenResent', 'Validated',
    ]);
  });
});
