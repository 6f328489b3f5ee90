import { own } from '../domain/index.ts';
import type { CaseState } from '../domain/index.ts';
import type { DeadLetterRow } from '../ledger/port.ts';

/** What became of a replayed dead letter. */
export interface ReplayOutcome { readonly status: 'succeeded' | 'failed-again'; readonly code?: string; readonly next?: string }

/** Undefined while it is still under way. A replay has succeeded when its cause is gone: the call was done, the message has arrived. */
export function replayOutcome(state: CaseState, row: DeadLetterRow): ReplayOutcome | undefined {
  const outcome = row.token_id === null ? ofCall(state, row) : ofMessage(state, row.token_id, row.dead_letter_id);
  return outcome ?? (state.status === 'closed' ? { status: 'failed-again', code: 'case-closed' } : undefined);
}

function ofMessage(state: CaseState, tokenId: string, deadLetterId: string): ReplayOutcome | undefined {
  const token = own(state.tokens, tokenId);
  if (token === undefined) return { status: 'failed-again', code: 'token-unknown' };
  if (token.state === 'consumed') return { status: 'succeeded' };
  if (token.state === 'void') return { status: 'failed-again', code: state.status === 'closed' ? 'case-closed' : 'gave-up' };
  const next = token.retry?.deadLetterId;
  return next === undefined || next === deadLetterId ? undefined : { status: 'failed-again', next };
}

function ofCall(state: CaseState, row: DeadLetterRow): ReplayOutcome | undefined {
  const first = own(state.effects, row.effect_id ?? '');
  if (first === undefined) return { status: 'failed-again', code: 'effect-unknown' };
  // A person may have said that it did not happen: then a later generation is the one that counts.
  const effect = Object.values(state.effects).filter((e) => e.runId === first.runId && e.system === first.system && e.operation === first.operation)
    .reduce((a, b) => (b.generation > a.generation ? b : a));
  if (effect.state === 'known') return effect.lastOutcome === 'success' ? { status: 'succeeded' } : { status: 'failed-again', code: 'refused-by-system' };
  const next = effect.state === 'dead' ? effect.deadLetterId : undefined;
  return next === undefined || next === row.dead_letter_id ? undefined : { status: 'failed-again', next };
}
