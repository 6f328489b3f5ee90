import { parseRetryAfter } from '../../connectors/resilience/backoff.ts';
import { ConfigError } from './typed.ts';

/** Tells what makes no sense to try again; the first rule that fits decides. */
export interface RetryRule {
  /** `status`: `404, 5xx, 500-599`; `error`: part of the error's code or message, or `/a pattern/`; `expression`: JSONata over the message. */
  readonly kind: 'status' | 'error' | 'expression';
  readonly match: string;
  readonly verdict: 'permanent' | 'transient';
}

/** What of a failure the rules look at. */
export interface FailureFacts { readonly status: number | undefined; readonly text: string }

/** Answers that ask to try again (RFC 9110 §15, RFC 6585 §4, RFC 8470). */
const tryAgain = new Set([408, 425, 429]);
/** Further 4xx that time may mend: a conflict, a lock. */
const mayPass = new Set([...tryAgain, 409, 423]);

const longestText = 2_000;

/** Status of an HTTP answer in a message, when there is one. */
export function statusOf(msg: Record<string, unknown>): number | undefined {
  const { statusCode } = msg;
  const status = typeof statusCode === 'string' && /^\d{3}$/.test(statusCode) ? Number(statusCode) : statusCode;
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined;
}

/** The default of `failsWhen`: 408, 425, 429, 5xx, or the code of a connection that failed, which *http request* puts in place of a status. */
export function failsByStatus(msg: Record<string, unknown>): boolean {
  const status = statusOf(msg);
  if (status !== undefined) return tryAgain.has(status) || status >= 500;
  return typeof msg['statusCode'] === 'string' && /^[A-Z][A-Z0-9_]{2,}$/.test(msg['statusCode']);
}

/** Where no rule fits: most 4xx will not get better, everything else may. */
export function byDefault({ status }: FailureFacts): 'permanent' | 'transient' {
  return status !== undefined && status >= 400 && status < 500 && !mayPass.has(status) ? 'permanent' : 'transient';
}

type Matcher = (facts: FailureFacts) => boolean;

function statusMatcher(match: string): Matcher {
  const ranges = match.split(',').map((part) => part.trim()).filter((part) => part !== '').map((part) => {
    const [, hundred] = /^([1-5])xx$/i.exec(part) ?? [];
    if (hundred !== undefined) return [Number(hundred) * 100, Number(hundred) * 100 + 99] as const;
    const [, from, to] = /^(\d{3})(?:\s*-\s*(\d{3}))?$/.exec(part) ?? [];
    if (from === undefined) throw new ConfigError(`"${part}" is no HTTP status; write 404, 5xx or 500-599, separated by commas.`);
    return [Number(from), Number(to ?? from)] as const;
  });
  if (ranges.length === 0) throw new ConfigError('A rule by status names no status; write 404, 5xx or 500-599, or remove the rule.');
  return ({ status }) => status !== undefined && ranges.some(([from, to]) => status >= from && status <= to);
}

function errorMatcher(match: string): Matcher {
  const [, pattern] = /^\/(.+)\/i?$/.exec(match.trim()) ?? [];
  if (pattern !== undefined) {
    let expression: RegExp;
    try {
      expression = new RegExp(pattern, 'i');
    } catch (error) {
      throw new ConfigError(`The pattern ${match} of a rule cannot be read: ${(error as Error).message}`);
    }
    return ({ text }) => expression.test(text.slice(0, longestText));
  }
  const part = match.trim().toLowerCase();
  if (part === '') throw new ConfigError('A rule by error says nothing to look for; give a part of the error\'s code or message, or remove the rule.');
  return ({ text }) => text.toLowerCase().includes(part);
}

/** A rule made ready; `matches` undefined: it has to be evaluated. */
export interface ReadyRule { readonly verdict: 'permanent' | 'transient'; readonly matches: Matcher | undefined; readonly expression: string }

/** @throws ConfigError with a sentence that says what to mend */
export function readyRules(rules: readonly RetryRule[]): readonly ReadyRule[] {
  return rules.map(({ kind, match, verdict }) => ({
    verdict, expression: match, matches: kind === 'status' ? statusMatcher(match) : kind === 'error' ? errorMatcher(match) : undefined,
  }));
}

/** Code of an error that may stand in the ledger: technical, short. */
export function errorClassOf(error: unknown, fallback: string): string {
  const { code, name } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; name?: unknown };
  for (const candidate of [code, name]) {
    if (typeof candidate === 'string' && candidate !== 'Error' && /^[A-Za-z][A-Za-z0-9_.-]{1,63}$/.test(candidate)) return candidate;
  }
  return fallback;
}

/** `Retry-After` of an answer's headers, or of an error (`retryAfter`: seconds or an HTTP date). */
export function retryAfterOf(source: unknown, now: number): number | undefined {
  if (typeof source !== 'object' || source === null) return undefined;
  const { headers, retryAfter } = source as { headers?: unknown; retryAfter?: unknown };
  if (typeof retryAfter === 'number' && Number.isFinite(retryAfter) && retryAfter >= 0) return Math.round(retryAfter * 1_000);
  if (typeof retryAfter === 'string') return parseRetryAfter(retryAfter, now);
  const header = typeof headers === 'object' && headers !== null ? Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1] as unknown : undefined;
  return typeof header === 'string' || typeof header === 'number' ? parseRetryAfter(String(header), now) : undefined;
}
