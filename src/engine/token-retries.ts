import { addressKey, own } from '../domain/index.ts';
import type { CaseCommand, CaseState, IssuedToken, Json, Token } from '../domain/index.ts';
import type { GivingUp } from '../domain/case/commands.ts';
import type { AttemptEnd } from '../connectors/resilience/circuit.ts';
import type { Circuits } from './circuits.ts';
import type { RegisteredStep, StepRegistry } from './step-registry.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import { uuidv7 } from './support/ids.ts';
import { decodeMessage, encodeMessage } from './support/message-codec.ts';
import { carriedBy } from './carried.ts';
import { evaluatorFor, gaveUpPort, policyOf } from './token-policy.ts';
import type { Failure, TokenPolicy } from './token-policy.ts';

/** What a failed attempt was like. */
export type FailedHow =
  | { readonly kind: 'error'; readonly error: unknown; readonly message: string; readonly msg: Record<string, unknown>; readonly nodeId: string }
  | { readonly kind: 'stall'; readonly message: string; readonly nodeId: string };

interface Governed { readonly token: Token; readonly policy: TokenPolicy; readonly source: RegisteredStep }

/** Makes the commands about tokens that are under a retry policy. Everything else is not its business, and costs one look. */
export class TokenRetries {
  readonly #registry: StepRegistry;
  readonly #circuits: Circuits;
  readonly #clock: Clock;
  #countedAt = -1;
  #any = false;

  constructor(options: { readonly registry: StepRegistry; readonly circuits: Circuits; readonly clock?: Clock }) {
    this.#registry = options.registry;
    this.#circuits = options.circuits;
    this.#clock = options.clock ?? systemClock;
  }

  /** Whether any node of the running flows has a policy; where none has, no message pays for it. */
  get any(): boolean {
    if (this.#countedAt !== this.#registry.changes) {
      this.#countedAt = this.#registry.changes;
      this.#any = [...this.#registry.all()].some((step) => step.registration.tokenPolicy !== undefined);
    }
    return this.#any;
  }

  #governed(state: CaseState, tokenId: string): Governed | undefined {
    const token = own(state.tokens, tokenId);
    if (token?.state !== 'live') return undefined;
    const policy = policyOf(this.#registry, token);
    const source = policy === undefined ? undefined : this.#registry.byAddress(addressKey(token.from));
    return policy === undefined || source === undefined ? undefined : { token, policy, source };
  }

  /** The system that an attempt goes to, when the token has a policy; empty: none is named. */
  systemOf(state: CaseState, tokenId: string): string | undefined {
    return this.#governed(state, tokenId)?.policy.system;
  }

  /** Judges an arrival at a governed node: commands when it counts as failed, undefined when it is to be entered. */
  async arrived(state: CaseState, tokenId: string, attempt: number, sentAt: number | undefined, msg: Record<string, unknown>, encoded: string): Promise<readonly CaseCommand[] | undefined> {
    const governed = this.#governed(state, tokenId);
    if (governed === undefined) return undefined;
    const failure = await governed.policy.answered(msg, evaluatorFor(governed.source, state.document ?? {}), this.#clock.now());
    return failure === undefined ? undefined : this.#fail(state, governed, attempt, sentAt, failure, { answer: encoded });
  }

  /** Commands for an error of a plain node or a stall; undefined when the token has no policy. */
  async failed(state: CaseState, tokenId: string, attempt: number, sentAt: number | undefined, how: FailedHow): Promise<readonly CaseCommand[] | undefined> {
    const governed = this.#governed(state, tokenId);
    if (governed === undefined) return undefined;
    if (how.kind === 'stall') {
      const outcome = governed.policy.verdict(undefined, 'stalled') ?? 'transient';
      return this.#fail(state, governed, attempt, sentAt, { outcome, errorClass: 'stalled', error: how.message }, { nodeId: how.nodeId });
    }
    const judged = await governed.policy.failed(how.error, how.msg, evaluatorFor(governed.source, state.document ?? {}), this.#clock.now());
    return this.#fail(state, governed, attempt, sentAt, { ...judged, error: how.message }, { nodeId: how.nodeId });
  }

  #fail(state: CaseState, { token, policy, source }: Governed, attempt: number, sentAt: number | undefined, failure: Failure, about: { readonly answer?: string; readonly nodeId?: string }): readonly CaseCommand[] {
    const now = this.#clock.now();
    return [{
      type: 'FailAttempt', tokenId: token.tokenId, attempt, outcome: failure.outcome, errorClass: failure.errorClass, error: failure.error,
      ...(failure.httpStatus === undefined ? {} : { httpStatus: failure.httpStatus }), ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
      ...(policy.system === '' ? {} : { system: policy.system }), ...(about.answer === undefined ? {} : { answer: about.answer }),
      policy: policy.retry, random: Math.random(), startedAt: new Date(sentAt ?? now).toISOString(), at: new Date(now).toISOString(),
      ...this.#givingUp(state, token, source, failure, about.nodeId),
    }];
  }

  /** The circuit of the token's system is open: commands that hold it; undefined when it may leave. */
  held(state: CaseState, tokenId: string): readonly CaseCommand[] | undefined {
    const governed = this.#governed(state, tokenId);
    if (governed === undefined || !this.#circuits.isOpen(governed.policy.system)) return undefined;
    const { token, policy, source } = governed;
    const error = `The circuit of ${policy.system} is open.`;
    return [{
      type: 'HoldToken', tokenId, system: policy.system, policy: policy.retry, at: this.#clock.iso(), dueAt: this.#circuits.heldUntil(policy.system, token.retry?.holds ?? 0),
      ...this.#givingUp(state, token, source, { outcome: 'transient', errorClass: 'circuit-open', error }, undefined),
    }];
  }

  #givingUp(state: CaseState, token: Token, source: RegisteredStep, failure: Failure, nodeId: string | undefined): GivingUp {
    const deadLetterId = uuidv7();
    const wires = source.node.wires?.[gaveUpPort] ?? [];
    const carried = carriedBy(state, token.tokenId);
    if (wires.length === 0 || carried === undefined) return { deadLetterId };
    const tokens = wires.map((target, wire): IssuedToken => ({ tokenId: uuidv7(), port: gaveUpPort, wire, target }));
    const error: Json = {
      message: failure.error, code: failure.errorClass, outcome: failure.outcome, attempts: (token.retry?.failures ?? 0) + (failure.errorClass === 'circuit-open' ? 0 : 1),
      ...(failure.httpStatus === undefined ? {} : { statusCode: failure.httpStatus }), ...(nodeId === undefined ? {} : { source: { id: nodeId } }),
    };
    return { deadLetterId, reroute: { tokens, message: encodeMessage({ ...decodeMessage(carried), error }) } };
  }
}

/** What an attempt that was judged says of its system. */
export function endOf(commands: readonly CaseCommand[] | undefined): AttemptEnd {
  const failed = commands?.find((command) => command.type === 'FailAttempt');
  return failed === undefined || failed.outcome === 'permanent' ? 'answered' : 'failed';
}
