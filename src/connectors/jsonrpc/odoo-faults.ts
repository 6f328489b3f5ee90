import type { RpcResult } from './dialect.ts';

/** What Odoo says of an exception: its class where the protocol names it. */
export interface OdooFault {
  /** Such as `odoo.exceptions.UserError`; blank when the protocol has no place for it. */
  readonly name: string;
  readonly message: string;
}

export type OdooRefusal = Exclude<RpcResult, { kind: 'answer' } | { kind: 'changed' }>;

/** A person has to change the document (odoo/exceptions.py). */
const refused = new Set(['UserError', 'ValidationError', 'RedirectWarning', 'MissingError', 'CacheMiss', 'except_orm', 'Warning']);
const notAllowed = new Set(['AccessDenied', 'AccessError', 'Unauthorized', 'Forbidden', 'SessionExpiredException']);
/** The transaction was rolled back over another one: Odoo has tried five times by itself. */
const contended = new Set(['SerializationFailure', 'DeadlockDetected', 'LockNotAvailable', 'TransactionRollbackError', 'ConcurrencyError', 'OperationalError']);

/**
 * What a fault means for the call. Odoo commits when a method has returned and discards everything on an exception, but an
 * answer that cannot be written down fails after the commit: what is none of the known exceptions is unknown.
 */
export function meaningOf({ name, message }: OdooFault, safe: boolean, status?: number): OdooRefusal {
  const short = name.split('.').at(-1) ?? name;
  const title = firstLine(message) || short || 'Odoo did not carry out the call.';
  const base = { title, ...(name === '' ? {} : { code: name }), ...(status === undefined ? {} : { status }) };
  if (notAllowed.has(short)) return { kind: 'again', hopeless: true, problem: { ...base, errorClass: 'not-authorised' } };
  if (refused.has(short)) return { kind: 'refused', problem: { ...base, errorClass: 'refused' } };
  if (contended.has(short)) return { kind: 'again', problem: { ...base, errorClass: 'contended' } };
  return { kind: safe ? 'again' : 'unknown', problem: { ...base, title: 'Something went wrong in Odoo.', detail: lastLine(message), errorClass: 'server-error' } };
}

const firstLine = (text: string): string => text.trim().split('\n')[0]?.slice(0, 400) ?? '';
/** A traceback ends with what is wrong. */
const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 400) ?? '';
