import type { StepPattern } from '../api.ts';
import type { CircuitDeclaration } from '../circuits.ts';
import type { Evaluate, Failure, TokenPolicy } from '../token-policy.ts';
import { byDefault, errorClassOf, failsByStatus, readyRules, retryAfterOf, statusOf } from './retry-rules.ts';
import type { FailureFacts, RetryRule } from './retry-rules.ts';
import { positive } from './typed.ts';

/** Config of a `retry` node. */
export interface RetryConfig {
  readonly system: string;
  readonly maxAttempts: number | string; readonly maxMinutes: number | string; readonly baseDelaySeconds: number | string; readonly maxDelaySeconds: number | string;
  readonly answerSeconds: number | string;
  /** JSONata over the message as it arrives at the next governed node; blank: by its status. */
  readonly failsWhen: string;
  readonly rules?: readonly RetryRule[];
  readonly circuitFailures: number | string; readonly openSeconds: number | string; readonly concurrency: number | string;
}

/** Completes its step and sends the message on; what follows is its policy's ({@link retryPolicy}) until the next governed node. */
export function retryPattern(_config: RetryConfig): StepPattern {
  return {
    async run(step) {
      // A status from before would look like the answer of the nodes behind.
      const { statusCode: _before, ...message } = step.message();
      await step.complete([{ port: 0, message }]);
    },
  };
}

/** @throws ConfigError */
export function retryPolicy(config: RetryConfig): TokenPolicy {
  const rules = readyRules(config.rules ?? []);
  const failsWhen = (config.failsWhen ?? '').trim();

  async function judge(facts: FailureFacts, msg: Record<string, unknown>, evaluate: Evaluate): Promise<'permanent' | 'transient'> {
    for (const rule of rules) {
      if (rule.matches === undefined ? await evaluate(rule.expression, msg) === true : rule.matches(facts)) return rule.verdict;
    }
    return byDefault(facts);
  }

  /** An expression that fails would fail again: a person has to mend it. */
  function unreadable(error: unknown): Failure {
    return { outcome: 'permanent', errorClass: 'expression-failed', error: error instanceof Error ? error.message : String(error) };
  }

  async function answered(msg: Record<string, unknown>, evaluate: Evaluate, now: number): Promise<Failure | undefined> {
    try {
      if (!(failsWhen === '' ? failsByStatus(msg) : await evaluate(failsWhen, msg) === true)) return undefined;
      const status = statusOf(msg);
      const code = typeof msg['statusCode'] === 'string' && status === undefined ? msg['statusCode'] : undefined;
      const error = status !== undefined ? `The answer was HTTP ${status}.` : code !== undefined ? `There was no answer: ${code}.` : 'The answer counts as failed.';
      const outcome = await judge({ status, text: `${code ?? ''} ${error}` }, msg, evaluate);
      const retryAfterMs = retryAfterOf(msg, now);
      return {
        outcome, error, errorClass: status !== undefined ? `http-${status}` : code !== undefined ? errorClassOf({ code }, 'answer-failed') : 'answer-failed',
        ...(status === undefined ? {} : { httpStatus: status }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
    } catch (error) {
      return unreadable(error);
    }
  }

  async function failed(error: unknown, msg: Record<string, unknown>, evaluate: Evaluate, now: number): Promise<Failure> {
    const { statusCode, status: plain } = (typeof error === 'object' && error !== null ? error : {}) as { statusCode?: unknown; status?: unknown };
    const status = statusOf({ statusCode: statusCode ?? plain });
    const message = error instanceof Error ? error.message : typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
    const errorClass = errorClassOf(error, status === undefined ? 'node-error' : `http-${status}`);
    try {
      const outcome = await judge({ status, text: `${errorClass} ${message}` }, { ...msg, error: { message, code: errorClass, ...(status === undefined ? {} : { status }) } }, evaluate);
      const retryAfterMs = retryAfterOf(error, now);
      return { outcome, errorClass, error: message.slice(0, 2_000), ...(status === undefined ? {} : { httpStatus: status }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    } catch (broken) {
      return unreadable(broken);
    }
  }

  return {
    retry: {
      maxAttempts: Math.max(1, Math.round(positive(config.maxAttempts, 5))), maxElapsedMs: positive(config.maxMinutes, 60) * 60_000,
      baseDelayMs: positive(config.baseDelaySeconds, 2) * 1_000, maxDelayMs: positive(config.maxDelaySeconds, 300) * 1_000,
    },
    answerMs: positive(config.answerSeconds, 60) * 1_000,
    system: (config.system ?? '').trim(),
    answered, failed,
    verdict: (httpStatus, text) => rules.find((rule) => rule.matches?.({ status: httpStatus, text }) === true)?.verdict,
  };
}

/** What the node says of the traffic to its system; undefined when it names none. */
export function circuitOf(config: { readonly system?: string; readonly circuitFailures?: number | string; readonly openSeconds?: number | string; readonly concurrency?: number | string }): CircuitDeclaration | undefined {
  const system = (config.system ?? '').trim();
  if (system === '') return undefined;
  const number = (value: unknown): number | undefined => {
    const given = positive(value, 0);
    return given === 0 ? undefined : given;
  };
  const threshold = number(config.circuitFailures);
  const openSeconds = number(config.openSeconds);
  const concurrency = number(config.concurrency);
  return {
    system, ...(threshold === undefined ? {} : { threshold: Math.max(1, Math.round(threshold)) }), ...(threshold === undefined || openSeconds === undefined ? {} : { openMs: openSeconds * 1_000 }),
    ...(concurrency === undefined ? {} : { concurrency: Math.max(1, Math.round(concurrency)) }),
  };
}
