/** Problem details (RFC 9457). */

/** Stable codes of this ERP's refusals; the type URI of a problem ends in its code. */
export type ProblemCode =
  | 'not-found'
  | 'method-not-allowed'
  | 'malformed-json'
  | 'invalid-body'
  | 'body-too-large'
  | 'idempotency-key-missing'
  | 'idempotency-key-reused'
  | 'unknown-purchase-order'
  | 'unknown-line'
  | 'gtin-mismatch'
  | 'unit-mismatch'
  | 'line-closed'
  | 'unknown-receipt'
  | 'reversal-exceeds-receipt'
  | 'not-available'
  | 'store-unavailable'
  | 'injected-fault'
  | 'rate-limited';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** The faults of a body, one text each. */
  readonly errors?: readonly string[];
}

const TITLES: Readonly<Record<ProblemCode, string>> = {
  'not-found': 'There is no such resource',
  'method-not-allowed': 'The resource does not take this method',
  'malformed-json': 'The body is not JSON',
  'invalid-body': 'The body does not fit',
  'body-too-large': 'The body is too large',
  'idempotency-key-missing': 'The Idempotency-Key header is missing',
  'idempotency-key-reused': 'The idempotency key belongs to another request',
  'unknown-purchase-order': 'The purchase order does not exist',
  'unknown-line': 'The purchase order has no such line',
  'gtin-mismatch': 'The line orders another article',
  'unit-mismatch': 'The line is in another unit',
  'line-closed': 'The delivery of the line is complete',
  'unknown-receipt': 'The receipt to reverse does not exist',
  'reversal-exceeds-receipt': 'More would be reversed than was received',
  'not-available': 'The quantity is no longer available',
  'store-unavailable': 'The store cannot be written',
  'injected-fault': 'A fault was asked for',
  'rate-limited': 'Too many requests',
};

export function problem(status: number, code: ProblemCode, detail: string, errors?: readonly string[]): Problem {
  const base = { type: `urn:waybill:demo-erp:problem:${code}`, title: TITLES[code], status, detail, code };
  return errors === undefined ? base : { ...base, errors };
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'type' in value && 'status' in value && 'title' in value;
}
