import type { CaseEvent } from '../case/evolve.ts';
import type { CaseState, Token, TokenRetry } from '../case/state.ts';

type RetryEvent = CaseEvent & { type: 'TokenRetryScheduled' | 'TokenDeadLettered' | 'TokenReplayed' | 'TokenRerouted' };

const untried: TokenRetry = { failures: 0, holds: 0 };

export function putToken(state: CaseState, token: Token): CaseState {
  return { ...state, tokens: { ...state.tokens, [token.tokenId]: token } };
}

/** What is void is never sent again, so nothing of its retrying has to stay. */
export function voided({ retry: _retry, message: _message, ...token }: Token): Token {
  return { ...token, state: 'void' };
}

/** It is sent again: what was counted stays, nothing is waited for. */
export function noLongerWaiting(token: Token): Token {
  const { retry, ...rest } = token;
  if (retry === undefined) return token;
  const { dueAt: _due, ...counted } = retry;
  return { ...rest, retry: counted };
}

/** What its token carried of its own is let go when the run completes. */
export function withoutOwnMessage(state: CaseState, tokenId: string): CaseState {
  const token = state.tokens[tokenId];
  if (token?.message === undefined) return state;
  const { message: _message, ...rest } = token;
  return putToken(state, rest);
}

/** A round of attempts begins anew with a replay; the epoch that records it is the one that sends it. */
function replayed(state: CaseState, { retry: _retry, ...token }: Token, event: CaseEvent & { type: 'TokenReplayed' }): CaseState {
  const { epoch } = event;
  return putToken(state, event.content === undefined ? { ...token, epoch } : { ...token, epoch, message: event.content.message });
}

function rerouted(state: CaseState, old: Token, event: CaseEvent & { type: 'TokenRerouted' }): CaseState {
  const { retry: _retry, message: _message, ...rest } = old;
  let next = putToken(state, voided(old));
  for (const { tokenId, port, wire, target } of event.data.tokens) {
    const successor: Token = { ...rest, tokenId, port, wire, target, state: 'live', attempt: 1, epoch: event.epoch, uncleanEpochs: 0 };
    next = putToken(next, event.content === undefined ? successor : { ...successor, message: event.content.message });
  }
  return next;
}

/** What retrying does to its token; who edited a replay is counted by the caller. */
export function evolveRetry(state: CaseState, event: RetryEvent): CaseState {
  const token = state.tokens[event.data.tokenId];
  if (token === undefined) return state;
  switch (event.type) {
    case 'TokenRetryScheduled': {
      const { failures, roundStartedAt, holds, dueAt } = event.data;
      return putToken(state, { ...token, retry: { failures, roundStartedAt, holds, dueAt } });
    }
    case 'TokenDeadLettered': {
      const { dueAt: _due, ...counted } = token.retry ?? untried;
      return putToken(state, { ...token, retry: { ...counted, failures: event.data.attempts, deadLetterId: event.data.deadLetterId } });
    }
    case 'TokenReplayed': return replayed(state, token, event);
    case 'TokenRerouted': return rerouted(state, token, event);
  }
}
