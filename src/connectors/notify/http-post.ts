import { parseRetryAfter } from '../resilience/backoff.ts';
import { sendRequest } from '../rest/http-json.ts';
import { failed, told } from './told.ts';
import type { Told } from './told.ts';

/** What is wrong with the address of a hook, in one sentence without the address, which is itself a secret; undefined when it can be used. */
export function hookProblem(url: string, whose: string): string | undefined {
  if (!URL.canParse(url)) return `The address of ${whose} is no web address; copy it again from there.`;
  const { protocol, username, password } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return `The address of ${whose} must begin with https://.`;
  return username === '' && password === '' ? undefined : `The address of ${whose} must not hold a name or password.`;
}

/** They are about the address or who sends, not about the message. */
const mendable = new Set([401, 403, 404, 405, 407, 410]);

/**
 * Posts JSON to the address of a hook. Redirects are not followed: they would carry the text to another place than was set.
 * The address is a secret and never part of what is returned.
 */
export async function postJson(url: string, whose: string, body: string, headers: { readonly [name: string]: string }, options: { readonly timeoutMs?: number; readonly now: number }): Promise<Told> {
  const wrong = hookProblem(url, whose);
  if (wrong !== undefined) return failed('settings', 'bad-url', wrong);
  const result = await sendRequest({ method: 'POST', url, headers: { 'content-type': 'application/json; charset=utf-8', accept: 'application/json, text/plain', 'user-agent': 'Waybill', ...headers }, body, timeoutMs: options.timeoutMs ?? 15_000 });
  if (result.kind === 'failure') {
    const permanent = result.errorClass === 'bad-url' || result.errorClass === 'bad-request';
    return failed(permanent ? 'permanent' : 'transient', permanent ? 'bad-request' : result.errorClass.toLowerCase(), permanent ? `The request to ${whose} could not be made.` : `${whose} could not be reached (${result.errorClass}).`);
  }
  const { status } = result;
  if (status >= 200 && status < 300) return told;
  if (status >= 300 && status < 400) return failed('settings', `http-${status}`, `${whose} sends elsewhere (HTTP ${status}); set the address that it names.`);
  const retryAfterMs = parseRetryAfter(result.headers['retry-after'], options.now);
  const more = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status >= 500 || status === 408 || status === 425 || status === 429) return failed('transient', `http-${status}`, `${whose} answered HTTP ${status}.`, more);
  if (mendable.has(status)) return failed('settings', `http-${status}`, `${whose} does not take messages at this address (HTTP ${status}); set the one that is in use now.`);
  return failed('permanent', `http-${status}`, `${whose} refused the message (HTTP ${status}).`);
}
