import fc from 'fast-check';
import type { Commit } from '../../src/ledger/port.ts';
import { closed, commit, completed, decided, entered, opened, taskCreated } from './support.ts';
import type { AnyDraft } from './support.ts';

/**
 * Random histories of several cases that are told as a domain could tell them: tokens are issued and consumed or voided, steps
 * are entered, held and completed, tasks decided, effects called, retried and given up, cases closed at any moment.
 */

interface CaseState {
  readonly id: string;
  version: number;
  readonly tokens: string[];
  readonly runs: { id: string; task?: string; effect?: string; letter?: string; exception?: string }[];
  open: boolean;
}

const dueAt = '2031-05-05T05:05:05.005Z';

/** One thing that may happen to a case; `pick` chooses among what there is. */
function happen(state: CaseState, action: number, pick: number, newId: (kind: string) => string): AnyDraft[] {
  const run = state.runs[pick % Math.max(1, state.runs.length)];
  const token = state.tokens[pick % Math.max(1, state.tokens.length)];
  const drop = <T>(list: T[], item: T): void => { list.splice(list.indexOf(item), 1); };
  switch (action) {
    case 0: {
      if (token === undefined) return [];
      drop(state.tokens, token);
      const id = newId('run');
      state.runs.push({ id });
      return [entered(id, token)];
    }
    case 1: {
      if (run === undefined) return [];
      drop(state.runs, run);
      const issued = Array.from({ length: pick % 3 }, () => newId('token'));
      state.tokens.push(...issued);
      return [completed(run.id, ...issued)];
    }
    case 2: {
      if (run === undefined || run.task !== undefined) return [];
      run.task = newId('task');
      return [taskCreated(run.task, run.id, pick % 2 === 0 ? dueAt : undefined)];
    }
    case 3: {
      if (run?.task === undefined) return [];
      const { task } = run;
      delete run.task;
      return pick % 3 === 0 ? [{ type: 'TaskExpired', data: { taskId: task, dueAt, outcome: 'rejected' } }] : [decided(task, run.id), decided(task, run.id, pick % 2 === 0 ? 'approved' : 'rejected')];
    }
    case 4: {
      if (run === undefined) return [];
      run.effect = newId('effect');
      return [
        { type: 'EffectIntended', data: { effectId: run.effect, runId: run.id, generation: 1, idempotencyKey: 'i', requestHash: 'h', system: 'erp', service: 's', operation: 'o', recovery: 'none' }, content: { request: {} } },
        { type: 'CallStarted', data: { callId: newId('call'), effectId: run.effect, callNumber: 1 } },
        { type: 'RetryScheduled', data: { callId: newId('call'), effectId: run.effect, callNumber: 2, dueAt } },
      ];
    }
    case 5: {
      if (run?.effect === undefined) return [];
      run.letter = newId('letter');
      return [{ type: 'CallStarted', data: { callId: newId('call'), effectId: run.effect, callNumber: 2 } }, { type: 'DeadLettered', data: { deadLetterId: run.letter, effectId: run.effect, reason: 'gave up' } }];
    }
    case 6: {
      if (run?.letter === undefined || run.effect === undefined) return [];
      const { letter } = run;
      delete run.letter;
      return [{ type: 'Replayed', data: { deadLetterId: letter, effectId: run.effect, edited: false, requestHash: 'h' } }];
    }
    case 7: {
      if (run === undefined || run.exception !== undefined) return [];
      run.exception = newId('exception');
      return [{ type: 'ExceptionRaised', data: { exceptionId: run.exception, class: 'node-error', severity: 'low', queue: 'q', runId: run.id, code: 'c' }, content: { message: 'm' } }];
    }
    case 8: {
      if (run?.exception === undefined) return [];
      const { exception } = run;
      delete run.exception;
      return [{ type: 'ExceptionResolved', data: { exceptionId: exception, code: 'r', outcome: pick % 2 === 0 ? 'retry' : 'continue', tokens: [] } }];
    }
    case 9: return token === undefined ? [] : [{ type: 'TokenResent', epoch: 2 + pick % 3, data: { tokenId: token, attempt: 2, uncleanEpochs: 1 } }];
    case 10: return run === undefined ? [] : [{ type: 'StepResumed', epoch: 2 + pick % 3, data: { runId: run.id, uncleanEpochs: 1 } }];
    case 11: {
      if (token === undefined) return [];
      drop(state.tokens, token);
      return [{ type: 'TokenVoided', data: { tokenId: token, reason: 'x' } }];
    }
    case 12: return [{ type: 'QuantityReserved', data: { claimId: newId('claim'), scope: 'po', keyHash: `line-${pick % 3}`, quantity: '1', total: String(pick), limit: '9', overBy: '0', reservationVersion: pick + 1 } }];
    case 13: {
      if (pick % 4 !== 0) return [];
      state.open = false;
      return [closed()];
    }
    default: return [];
  }
}

/** Commits of a random history, in the order in which they are appended. */
export const histories: fc.Arbitrary<Commit[]> = fc
  .array(fc.tuple(fc.nat(5), fc.nat(13), fc.nat(11)), { minLength: 20, maxLength: 150 })
  .map((choices) => {
    const cases = new Map<number, CaseState>();
    let ids = 0;
    const newId = (kind: string): string => `${kind}-${String(ids += 1).padStart(5, '0')}`;
    return choices.flatMap(([which, action, pick]): Commit[] => {
      const known = cases.get(which);
      if (known === undefined || !known.open) {
        const state: CaseState = { id: newId('case'), version: 0, tokens: [newId('token')], runs: [], open: true };
        cases.set(which, state);
        state.version = 2;
        return [commit(state.id, 0, opened({ keys: [`key-${pick}`], claims: [state.id] }), completed('scan', state.tokens[0]!))];
      }
      const drafts = happen(known, action, pick, newId);
      if (drafts.length === 0) return [];
      const made = commit(known.id, known.version, ...drafts);
      known.version += drafts.length;
      return [made];
    });
  });
