import type { RefusalCode } from '../../domain/index.ts';
import { refusalText } from '../../domain/refusal-texts.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';

export type Refusal = Outcome & { ok: false };

const forbidden: ReadonlySet<RefusalCode> = new Set([
  'requester-may-not-decide', 'operator-unknown', 'role-missing', 'delegation-missing', 'delegation-self-approval', 'level-decided-by-same-person', 'duties-conflict',
  'limit-exceeded', 'limit-not-comparable', 'task-assigned-to-other', 'reassign-not-allowed', 'recall-not-yours', 'answer-not-yours', 'withdraw-not-yours', 'bulk-not-allowed',
]);
const notFound: ReadonlySet<RefusalCode> = new Set(['task-unknown', 'exception-unknown', 'case-absent', 'effect-unknown']);

/** A refusal of the domain as an answer. */
export function refusal(code: RefusalCode): Refusal {
  const status = forbidden.has(code) ? 'forbidden' : notFound.has(code) ? 'not-found' : 'conflict';
  return { ok: false, code, message: refusalText[code], status };
}

/** The answer to a commit that the ledger did not take. @throws the error when it is another */
export function notRecorded(error: unknown): Refusal {
  if (!(error instanceof LedgerError)) throw error;
  return { ok: false, code: 'ledger-unavailable', message: `Nothing was recorded: ${error.message}`, status: 'unavailable' };
}

export function missing(what: string): Refusal {
  return { ok: false, code: `${what}-unknown`, message: `There is no such ${what}; it may belong to another site.`, status: 'not-found' };
}

export function inScope(by: PersonIdentity, site: string): boolean {
  return by.sites.includes('*') || by.sites.includes(site);
}
