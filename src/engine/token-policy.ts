import { addressKey } from '../domain/index.ts';
import type { JsonObject, RetryPolicy, Token } from '../domain/index.ts';
import type { RegisteredStep, StepRegistry } from './step-registry.ts';

/** What went wrong in one attempt, as the policy judges it. */
export interface Failure {
  /** `permanent`: no further attempt makes sense. */
  readonly outcome: 'transient' | 'permanent';
  /** Stable and technical: `http-503`, `ECONNREFUSED`, `stalled`. */
  readonly errorClass: string;
  /** One sentence for the person who looks at it. */
  readonly error: string;
  readonly httpStatus?: number;
  /** The other side asked to wait so long. */
  readonly retryAfterMs?: number;
}

/** Evaluates JSONata over a message and the facts of its case. */
export type Evaluate = (expression: string, msg: Record<string, unknown>) => Promise<unknown>;

/** Under what a token stands that leaves output 1 of a `retry` node, until the next governed node takes it. */
export interface TokenPolicy {
  readonly retry: RetryPolicy;
  /** How long one attempt may take, ms. */
  readonly answerMs: number;
  /** The system behind the plain nodes, for the circuit; empty: none is named. */
  readonly system: string;
  /** Judges a message that reached the next governed node; undefined: it counts as success. */
  answered(msg: Record<string, unknown>, evaluate: Evaluate, now: number): Promise<Failure | undefined>;
  /** Judges the error of a plain node. */
  failed(error: unknown, msg: Record<string, unknown>, evaluate: Evaluate, now: number): Promise<Failure>;
  /** What the rules say of an HTTP status or a technical error; undefined: nothing. Without expressions. */
  verdict(httpStatus: number | undefined, text: string): 'transient' | 'permanent' | undefined;
}

/** Output of a retry node for what it gave up. */
export const gaveUpPort = 1;

/** Node id that a token's wire leads to now. */
export function targetOf(source: RegisteredStep, token: Token): string | undefined {
  const wires = source.node.wires?.[token.port] ?? [];
  return wires.includes(token.target) ? token.target : wires[token.wire];
}

/** The policy of a token; none where its wire leads straight to a governed node, which answers for itself. */
export function policyOf(registry: StepRegistry, token: Token): TokenPolicy | undefined {
  if (token.port !== 0) return undefined;
  const source = registry.byAddress(addressKey(token.from));
  const policy = source?.registration.tokenPolicy;
  if (source === undefined || policy === undefined) return undefined;
  const target = targetOf(source, token);
  return target === undefined || registry.byNode(target) !== undefined ? undefined : policy;
}

/** The policy of the retry node that sent a token straight to the governed node that consumed it. */
export function policyAbove(registry: StepRegistry, token: Token | undefined, nodeId: string | undefined): TokenPolicy | undefined {
  if (token?.port !== 0) return undefined;
  const source = registry.byAddress(addressKey(token.from));
  return source === undefined || targetOf(source, token) !== nodeId ? undefined : source.registration.tokenPolicy;
}

/** How JSONata is evaluated for a token: by the node that has the policy. */
export function evaluatorFor(source: RegisteredStep, document: JsonObject): Evaluate {
  return (expression, msg) => {
    const { evaluate } = source.registration;
    if (evaluate === undefined) throw new Error('This node cannot evaluate expressions.');
    return evaluate(expression, 'jsonata', msg, document);
  };
}
