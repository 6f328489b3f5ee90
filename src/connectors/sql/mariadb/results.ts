import type { FieldPacket } from 'mysql2';
import type { Json } from '../../../domain/json.ts';
import { timeText } from '../values.ts';

/** Types of columns on the wire (MariaDB protocol, Column Definition packet). */
const TIMESTAMP = 7, DATETIME = 12;
/** Of a text column that holds bytes. */
const BINARY = 63;

/** A value as the library gives it, as JSON has it: decimals and whole numbers of 64 bits are text, times RFC 3339. */
export function valueOf(value: unknown, column: FieldPacket | undefined): Json {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return (column as { readonly characterSet?: number } | undefined)?.characterSet === BINARY ? value.toString('base64') : value.toString('utf8');
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  const text = String(value);
  const type = column?.columnType;
  return type === TIMESTAMP || type === DATETIME ? timeText(text, type === TIMESTAMP) : text;
}
