import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseState, Token } from '../case/state.ts';
import type { EnterStep, FailAttempt, GivingUp, HoldToken, ReplayToken } from '../case/commands.ts';
import { whyNoEdit } from '../effect/decide-effect.ts';
import { own } from '../own.ts';
import { nextDelay } from './backoff.ts';

/** A token that is not sent now: it waits for its next attempt, or for a person. */
export function restsInRetry(token: Token): boolean {
  return token.retry?.dueAt !== undefined || token.retry?.deadLetterId !== undefined;
}

interface GivenUp extends GivingUp { readonly errorClass: string; readonly error: string; readonly system: string | undefined; readonly answer?: string | undefined }

/** Retrying ends: the message goes to output *gave up* where that is wired, else it lies for a person with all that is known of it. */
function giveUp(token: Token, failures: number, reason: string, how: GivenUp): AnyEvent {
  const place = { address: token.from, tokenId: token.tokenId, attempt: token.attempt, reasonCode: reason } as const;
  if (how.reroute !== undefined) {
    return {
      type: 'TokenRerouted', ...place,
      data: { tokenId: token.tokenId, tokens: how.reroute.tokens, attempts: failures, reason, errorClass: how.errorClass },
      content: { message: how.reroute.message },
    };
  }
  return {
    type: 'TokenDeadLettered', ...place,
    data: {
      deadLetterId: how.deadLetterId, tokenId: token.tokenId, runId: token.issuedBy, attempts: failures, reason, errorClass: how.errorClass, system: how.system ?? '',
    },
    content: { error: how.error, ...(how.answer === undefined ? {} : { message: how.answer }) },
  };
}

/** Why a command about an attempt has nothing to do; undefined when it has. What waits until after `at`, or for a person, has no attempt under way. */
function overtaken(state: CaseState, token: Token, at: string): string | undefined {
  if (state.status !== 'open' || token.state !== 'live') return 'not-live';
  if (token.retry?.deadLetterId !== undefined || (token.retry?.dueAt !== undefined && token.retry.dueAt > at)) return 'rests';
  return Object.values(state.exceptions).some((e) => e.status === 'open' && e.tokenId === token.tokenId) ? 'held' : undefined;
}

/** A failed attempt: tried again later, or given up. What an older attempt says afterwards changes nothing (PROTOCOL §2.3, §2.4). */
export function decideFailAttempt(state: CaseState, command: FailAttempt): Decision {
  const token = own(state.tokens, command.tokenId);
  if (token === undefined) return refused(command.type, 'token-unknown');
  const late = (restsInRetry(token) ? 'rests' : overtaken(state, token, command.at)) ?? (command.attempt === token.attempt ? undefined : 'stale-attempt');
  if (late !== undefined) return nothing(late);
  const failures = (token.retry?.failures ?? 0) + 1;
  const roundStartedAt = token.retry?.roundStartedAt ?? command.startedAt;
  const system = command.system === undefined ? {} : { system: command.system };
  const ended: AnyEvent = {
    type: 'AttemptEnded', address: token.from, tokenId: token.tokenId, attempt: token.attempt,
    data: {
      tokenId: token.tokenId, attempt: token.attempt, outcome: command.outcome, durationMs: Math.max(0, Date.parse(command.at) - Date.parse(command.startedAt)),
      ...system, errorClass: command.errorClass, ...(command.httpStatus === undefined ? {} : { httpStatus: command.httpStatus }),
    },
    content: { error: command.error },
  };
  const elapsed = Date.parse(command.at) - Date.parse(roundStartedAt);
  const delay = command.outcome === 'permanent' ? undefined : nextDelay(command.policy, failures, elapsed, command.retryAfterMs, () => command.random);
  if (delay === undefined) {
    const reason = command.outcome === 'permanent' ? 'permanent' : failures >= command.policy.maxAttempts ? 'attempts-used' : 'time-used';
    return accepted(ended, giveUp(token, failures, reason, { ...command, system: command.system }));
  }
  return accepted(ended, {
    type: 'TokenRetryScheduled', address: token.from, tokenId: token.tokenId, attempt: token.attempt,
    data: {
      tokenId: token.tokenId, attempt: token.attempt, dueAt: later(command.at, delay), errorClass: command.errorClass, failures, roundStartedAt, holds: 0, ...system,
    },
  });
}

/** Nothing leaves while the circuit is open; the maximum time holds all the same. */
export function decideHoldToken(state: CaseState, command: HoldToken): Decision {
  const token = own(state.tokens, command.tokenId);
  if (token === undefined) return refused(command.type, 'token-unknown');
  const late = overtaken(state, token, command.at);
  if (late !== undefined) return nothing(late);
  const { failures = 0, holds = 0, roundStartedAt = command.at } = token.retry ?? {};
  const until = later(roundStartedAt, command.policy.maxElapsedMs);
  if (command.at >= until) {
    return accepted(giveUp(token, failures, 'time-used', {
      ...command, errorClass: 'circuit-open', error: `The circuit of ${command.system} stayed open for longer than this message is tried.`,
    }));
  }
  return accepted({
    type: 'TokenRetryScheduled', address: token.from, tokenId: token.tokenId, attempt: token.attempt,
    data: { tokenId: token.tokenId, attempt: token.attempt, dueAt: command.dueAt < until ? command.dueAt : until, errorClass: 'circuit-open', failures, roundStartedAt, holds: holds + 1, system: command.system },
  });
}

/** A dead letter is sent again as the same token; an edit passes every guard and segregation of duties anew (PROTOCOL §3). */
export function decideReplayToken(state: CaseState, command: ReplayToken): Decision {
  const token = own(state.tokens, command.tokenId);
  if (token === undefined || state.status !== 'open' || token.state !== 'live' || token.retry?.deadLetterId !== command.deadLetterId) {
    return refused(command.type, 'token-not-replayable');
  }
  if (command.circuitOpen === true) return refused(command.type, 'circuit-open');
  const edited = command.message !== undefined;
  const mayNot = edited ? whyNoEdit(state, command) : undefined;
  if (mayNot !== undefined) return refused(command.type, mayNot);
  return accepted({
    type: 'TokenReplayed', address: token.from, tokenId: token.tokenId, attempt: token.attempt,
    data: {
      deadLetterId: command.deadLetterId, tokenId: token.tokenId, edited,
      ...(command.batchId === undefined ? {} : { batchId: command.batchId }), ...(edited ? { by: command.person } : {}),
    },
    ...(edited ? { content: { message: command.message } } : {}),
  });
}

/** What the arrival of a token under a policy says besides that its step is entered. */
export function attemptArrived(token: Token, command: EnterStep): readonly AnyEvent[] {
  const events: AnyEvent[] = [];
  const place = { address: token.from, tokenId: token.tokenId, attempt: command.attempt } as const;
  if (command.tried !== undefined) {
    events.push({ type: 'AttemptEnded', ...place, data: { tokenId: token.tokenId, attempt: command.attempt, outcome: 'success', ...command.tried } });
  }
  if (restsInRetry(token)) {
    const { deadLetterId } = token.retry ?? {};
    events.push({ type: 'TokenRetryEnded', ...place, data: { tokenId: token.tokenId, ...(deadLetterId === undefined ? {} : { deadLetterId }) } });
  }
  return events;
}

function later(iso: string, ms: number): string {
  return new Date(Date.parse(iso) + ms).toISOString();
}
