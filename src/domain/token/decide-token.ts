import { addressKey } from '../envelope.ts';
import type { AnyEvent } from '../envelope.ts';
import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import { breachOf } from '../guard.ts';
import type { Breach } from '../guard.ts';
import { own } from '../own.ts';
import type { CaseState, Token } from '../case/state.ts';
import type { EnterStep, PoisonToken, RecordNodeFailure, ResendToken } from '../case/commands.ts';
import type { ExceptionClass } from '../events.ts';
import { attemptArrived } from '../retry/decide-retry.ts';

function exceptionAbout(command: EnterStep, exceptionClass: ExceptionClass, code: string, message: string, aboutToken: boolean): AnyEvent {
  return {
    type: 'ExceptionRaised',
    address: command.address,
    tokenId: command.tokenId,
    attempt: command.attempt,
    data: {
      exceptionId: command.exceptionId, class: exceptionClass, severity: 'high', queue: 'engineer', code,
      ...(aboutToken ? { tokenId: command.tokenId } : {}),
    },
    content: { message, ...(command.message === undefined ? {} : { payload: command.message }) },
  };
}

/** Is there already an open exception of this class and code (about this token)? Keeps a storm to one exception. */
function alreadyRaised(state: CaseState, exceptionClass: ExceptionClass, code: string, tokenId?: string): boolean {
  return Object.values(state.exceptions).some((e) => e.status === 'open' && e.class === exceptionClass && e.code === code && e.tokenId === tokenId);
}

/** A message came too late: recorded once, never entered. */
function late(token: Token, command: EnterStep, reason: 'void' | 'closed'): Decision {
  if (token.late === true) return nothing('late-again');
  return accepted({
    type: 'TokenLate', address: command.address, tokenId: token.tokenId, attempt: command.attempt,
    data: { tokenId: token.tokenId, attempt: command.attempt, reason },
  });
}

/** A consumed token came again (PROTOCOL §2.3): another attempt at the same step is a duplicate, all else a fork. */
function decideConsumed(state: CaseState, token: Token, command: EnterStep): Decision {
  const sameStep = token.consumedBy !== undefined && [addressKey(command.address), ...command.formerly ?? []].includes(addressKey(token.consumedBy));
  if (sameStep && command.attempt !== token.consumedAttempt) return nothing('duplicate');
  // A closed case takes no exception: the fork is kept as a late arrival.
  if (state.status === 'closed') return late(token, command, 'closed');
  const code = `forked-token:${command.tokenId}`;
  if (alreadyRaised(state, 'forked-token', code)) return nothing('fork-again');
  return accepted(exceptionAbout(command, 'forked-token', code,
    'A message of this case was sent twice between two governed nodes. Use "parallel" and "gather" to split work.', false));
}

function breachMessage({ milestone, reason, differentFrom }: Breach): string {
  if (reason === 'missing') return `This step needs "${milestone}", which the case has not reached.`;
  if (reason === 'facts-changed') return `The facts that "${milestone}" covers have changed since.`;
  return `This step needs "${milestone}" and "${differentFrom ?? ''}" by different people, and they are not. Let somebody else decide one of them.`;
}

/** A governed node received a token: makes the step responsible, or says why not. PROTOCOL §2.3, §2.4, §2.9. */
export function decideEnterStep(state: CaseState, command: EnterStep): Decision {
  const token = own(state.tokens, command.tokenId);
  if (token === undefined) {
    const code = 'token-unknown';
    const raise = state.status === 'open' && !alreadyRaised(state, 'guard-breached', code)
      ? [exceptionAbout(command, 'guard-breached', code, 'A message came with a token that the ledger never issued for this case.', false)]
      : [];
    return refused(command.type, code, raise);
  }
  if (token.state === 'consumed') return decideConsumed(state, token, command);
  if (token.state === 'void') return late(token, command, state.status === 'closed' ? 'closed' : 'void');
  return decideLive(state, token, command);
}

function decideLive(state: CaseState, token: Token, command: EnterStep): Decision {
  const stop = ({ code, ...data }: Breach, message: string): Decision => {
    if (alreadyRaised(state, 'guard-breached', code, token.tokenId)) return nothing('guard-again');
    return accepted(
      { type: 'GuardBreached', address: command.address, tokenId: token.tokenId, data },
      exceptionAbout(command, 'guard-breached', code, message, true),
    );
  };
  if (command.wireMismatch) {
    return stop({ milestone: 'wire', reason: 'missing', code: 'milestone-missing:wire' }, 'A message came to a governed node that its token was not issued for. Wire the flow as it was approved.');
  }
  const breach = breachOf(state, command.guards);
  if (breach !== undefined) return stop(breach, breachMessage(breach));
  if (token.hops >= command.hopLimit) {
    if (alreadyRaised(state, 'hop-limit', 'hop-limit', token.tokenId)) return nothing('hop-limit-again');
    return accepted(exceptionAbout(command, 'hop-limit', 'hop-limit', `The case passed ${token.hops} governed nodes: the flow goes round in a loop.`, true));
  }
  const events: AnyEvent[] = [...attemptArrived(token, command), {
    type: 'StepEntered', address: command.address, tokenId: token.tokenId, attempt: command.attempt,
    ...(command.paramsHash === undefined ? {} : { paramsHash: command.paramsHash }),
    data: { runId: token.tokenId, nodeType: command.nodeType, attempt: command.attempt },
    ...(command.message === undefined ? {} : { content: { message: command.message } }),
  }];
  for (const open of Object.values(state.exceptions)) {
    if (open.status === 'open' && open.tokenId === token.tokenId && open.class !== 'guard-breached') {
      events.push({ type: 'ExceptionResolved', data: { exceptionId: open.exceptionId, code: 'arrived', outcome: 'acknowledged', tokens: [] } });
    }
  }
  return { kind: 'accepted', events };
}

/** A token is to be delivered again: one attempt more, durable before it is sent (PROTOCOL §2.4). */
export function decideResendToken(state: CaseState, command: ResendToken): Decision {
  const token = own(state.tokens, command.tokenId);
  if (token === undefined) return refused(command.type, 'token-unknown');
  if (state.status !== 'open' || token.state !== 'live') return nothing('not-live');
  if (token.retry?.deadLetterId !== undefined) return nothing('given-up');
  return accepted({
    type: 'TokenResent', address: token.from, tokenId: token.tokenId, attempt: token.attempt + 1,
    data: { tokenId: token.tokenId, attempt: token.attempt + 1, uncleanEpochs: command.uncleanEpochs },
  });
}

/** An error on a token that is consumed or void already is recorded only, once for each token (PROTOCOL §2.4). */
export function decideRecordNodeFailure(state: CaseState, command: RecordNodeFailure): Decision {
  const token = own(state.tokens, command.tokenId);
  if (token === undefined || token.state === 'live') return nothing('token-live');
  if (token.failed === true) return nothing('recorded');
  return accepted({ type: 'NodeFailed', address: token.from, tokenId: token.tokenId, data: { tokenId: token.tokenId }, content: { message: command.message } });
}

/** A token that was in flight in too many epochs that ended uncleanly is not sent again (PROTOCOL §2.6). */
export function decidePoisonToken(state: CaseState, command: PoisonToken): Decision {
  const token = own(state.tokens, command.tokenId);
  if (token === undefined) return refused(command.type, 'token-unknown');
  if (state.status !== 'open' || token.state !== 'live') return nothing('not-live');
  if (alreadyRaised(state, 'poison', 'poison-token', token.tokenId)) return nothing('raised');
  return accepted({
    type: 'ExceptionRaised', address: token.from, tokenId: token.tokenId,
    data: { exceptionId: command.exceptionId, class: 'poison', severity: 'critical', queue: 'engineer', code: 'poison-token', tokenId: token.tokenId },
    content: { message: `Node-RED ended uncleanly ${command.limit} times while this message was on its way; it is not sent again by itself.` },
  });
}
