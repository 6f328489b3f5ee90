import { refusedUnprocessed } from '../unprocessed.ts';
import type { HttpResult } from './http-json.ts';

export interface Classified {
  readonly outcome: 'success' | 'transient' | 'permanent' | 'unknown';
  readonly errorClass?: string;
  /** No further call makes sense before somebody mends something, for example credentials. */
  readonly hopeless?: true;
}

/** Said something that counts, be it a refusal. */
export function isAnswer(result: HttpResult): boolean {
  return result.kind === 'response' && result.status < 500 && result.status !== 429 && result.status !== 408;
}

/**
 * What an answer means for the effect. `safe`: the request changes nothing, so an unknown outcome is a transient one.
 * `repeated`: an earlier call under the same idempotency key may have happened; a 409 then says that it is still being
 * worked on (draft-ietf-httpapi-idempotency-key-header-07 §2.7), not that it was refused.
 */
export function classify(result: HttpResult, safe: boolean, { repeated = false }: { readonly repeated?: boolean } = {}): Classified {
  if (result.kind === 'failure') {
    if (result.errorClass === 'bad-url' || result.errorClass === 'bad-request') return { outcome: 'permanent', errorClass: result.errorClass };
    return { outcome: result.sent && !safe ? 'unknown' : 'transient', errorClass: result.errorClass };
  }
  const { status } = result;
  if (status >= 200 && status < 300) return { outcome: 'success' };
  const errorClass = `http-${status}`;
  if (status === 401 || status === 403 || status === 407) return { outcome: 'transient', errorClass: 'not-authorised', hopeless: true };
  if (refusedUnprocessed.has(status)) return { outcome: 'transient', errorClass };
  if (status === 409 && repeated && !safe) return { outcome: 'unknown', errorClass };
  if (status >= 500) return { outcome: safe ? 'transient' : 'unknown', errorClass };
  return { outcome: 'permanent', errorClass };
}
