/** Turns what devices write into what a scan holds. Each reader gives undefined for absent and a Fault for wrong. */
import type { QuarantineReason } from './quarantine.ts';

export interface Fault {
  readonly reason: QuarantineReason;
  readonly detail: string;
}

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'reason' in value;
}

/** A name or number: text, trimmed, or a finite number; '' counts as absent. */
export function readText(value: unknown, name: string, maxLength: number): string | undefined | Fault {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return { reason: 'bad-field', detail: `${name} is neither text nor a number` };
  const text = value.trim();
  if (text.length > maxLength) return { reason: 'field-too-long', detail: `${name} has ${text.length} characters, ${maxLength} are allowed` };
  // a lone surrogate cannot be stored as UTF-8, a control character cannot be shown
  // eslint-disable-next-line no-control-regex
  if (!text.isWellFormed() || /[\u0000-\u001f\u007f]/.test(text)) return { reason: 'bad-field', detail: `${name} holds a character that is not allowed` };
  return text === '' ? undefined : text;
}

export function readFlag(value: unknown, name: string): boolean | undefined | Fault {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 1 || value === '1') return true;
  if (value === 'false' || value === 0 || value === '0' || value === '') return false;
  return { reason: 'bad-field', detail: `${name} is not true or false` };
}

const DECIMAL = /^0*(\d{1,12})(?:\.(\d{1,6}?)0*)?$/;

/** A quantity as a canonical decimal string ('012.50' is '12.5'); zero only where `allowZero`. */
export function readQuantity(value: unknown, allowZero: boolean): string | undefined | Fault {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const match = DECIMAL.exec(text);
  if (match === null) return { reason: 'bad-quantity', detail: 'quantity is not a positive decimal number' };
  const [, whole = '0', fraction] = match;
  const decimal = fraction === undefined || fraction === '0' ? whole : `${whole}.${fraction}`;
  if (!allowZero && /^[0.]*$/.test(decimal)) return { reason: 'bad-quantity', detail: 'quantity is zero' };
  return decimal;
}

/** Years in which a device's clock is believed: 2000 to 2199. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

/**
 * Epoch milliseconds, epoch seconds or an ISO 8601 text with date and time, as ISO 8601 in UTC. A clock that cannot be
 * read holds no goods back: undefined.
 */
export function readTime(value: unknown): string | undefined {
  let ms: number;
  if (typeof value === 'number') ms = value < 1e11 ? value * 1000 : value;
  else if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) ms = Date.parse(value);
  else return undefined;
  return ms >= EARLIEST && ms < LATEST ? new Date(ms).toISOString() : undefined;
}

/** True when nothing in `value` lies deeper than `depth` levels and every text can be stored as UTF-8. */
export function checkJson(value: unknown, depth: number): QuarantineReason | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'invalid-utf8';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return 'json-too-deep';
  for (const key in value) {
    if (key === '__proto__') return 'bad-field';
    if (!key.isWellFormed()) return 'invalid-utf8';
    const fault = checkJson((value as Record<string, unknown>)[key], depth - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
