import type { RefusalCode } from '../../domain/decision.ts';
import { refusalText } from '../../domain/refusal-texts.ts';
import type { Outcome } from '../api.ts';

export type Refused = Outcome & { readonly ok: false };

const forbidden: ReadonlySet<RefusalCode> = new Set(['change-own', 'change-not-owner', 'change-of-other']);
const conflicts: ReadonlySet<RefusalCode> = new Set(['change-over', 'change-not-as-shown', 'answer-other-site', 'answer-other-request']);

/** A refusal of the rules of changes as an answer. */
export function refusalOf(code: RefusalCode): Refused {
  const status = code === 'change-unknown' ? 'not-found' : forbidden.has(code) ? 'forbidden' : conflicts.has(code) ? 'conflict' : 'invalid';
  return { ok: false, code, message: refusalText[code], status };
}
