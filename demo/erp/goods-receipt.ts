/** Goods receipts: what a request must hold, and what comes back. */
import { fromMillionths, toMillionths } from './seed.ts';
import { problem, type Problem } from './problem.ts';

/** A request that fits. The quantity is positive, also of a reversal. */
export interface ReceiptRequest {
  readonly po: string;
  readonly line: string;
  readonly gtin: string;
  readonly quantity: string;
  readonly unit: string;
  readonly postingDate: string;
  readonly reference: string;
  readonly sscc?: string;
  readonly final?: boolean;
  readonly reversalOf?: string;
}

/** Shape of a posted receipt; the quantity of a reversal is negative. */
export interface Receipt extends ReceiptRequest {
  readonly receipt: string;
  readonly final: boolean;
  readonly idempotencyKey: string;
  readonly postedAt: string;
}

function text(body: Record<string, unknown>, name: string, pattern: RegExp, errors: string[], wanted: string): string {
  const value = body[name];
  if (typeof value === 'string' && pattern.test(value)) return value;
  errors.push(`${name} must be ${wanted}`);
  return '';
}

function isDate(value: string): boolean {
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

/** The request that a JSON body stands for, or the problem with it. */
export function readReceiptRequest(body: unknown): ReceiptRequest | Problem {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return problem(400, 'invalid-body', 'A JSON object was expected.');
  const fields = body as Record<string, unknown>;
  const errors: string[] = [];
  const quantity = toMillionths(fields['quantity']);
  if (quantity === undefined || quantity < 0n || (quantity === 0n && fields['final'] !== true)) errors.push('quantity must be a positive decimal string');
  const request = {
    po: text(fields, 'po', /^[!-~]{1,35}$/, errors, 'the number of a purchase order'),
    line: text(fields, 'line', /^[!-~]{1,17}$/, errors, 'the number of a line'),
    gtin: text(fields, 'gtin', /^\d{14}$/, errors, '14 digits'),
    quantity: fromMillionths(quantity ?? 0n),
    unit: text(fields, 'unit', /^[A-Z0-9]{1,3}$/, errors, 'a unit code'),
    postingDate: text(fields, 'postingDate', /^\d{4}-\d\d-\d\d$/, errors, 'a date, YYYY-MM-DD'),
    reference: text(fields, 'reference', /^[!-~]{1,64}$/, errors, 'the id of the case, at most 64 characters'),
    ...(fields['sscc'] === undefined ? {} : { sscc: text(fields, 'sscc', /^\d{18}$/, errors, '18 digits') }),
    ...(fields['final'] === undefined ? {} : { final: fields['final'] === true }),
    ...(fields['reversalOf'] === undefined ? {} : { reversalOf: text(fields, 'reversalOf', /^GR-\d{6,}$/, errors, 'the number of a receipt') }),
  };
  if (fields['final'] !== undefined && typeof fields['final'] !== 'boolean') errors.push('final must be true or false');
  if (request.postingDate !== '' && !isDate(request.postingDate)) errors.push('postingDate must be a day that exists');
  return errors.length === 0 ? request : problem(400, 'invalid-body', 'The goods receipt cannot be read.', errors);
}

/** GR-000001 and on. */
export function receiptNumber(id: number): string {
  return `GR-${String(id).padStart(6, '0')}`;
}

/** The row id of a receipt number, or undefined. */
export function receiptId(number: string): number | undefined {
  return /^GR-\d{6,15}$/.test(number) ? Number(number.slice(3)) : undefined;
}
