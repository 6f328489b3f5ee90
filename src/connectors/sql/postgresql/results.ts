import type { Json } from '../../../domain/json.ts';
import { parseExact } from '../../rest/outcome.ts';
import { timeText } from '../values.ts';

/** Numbers of types that never change (pg_type.dat). */
const BOOL = 16, BYTEA = 17, INT8 = 20, INT2 = 21, INT4 = 23, JSON_TYPE = 114, FLOAT4 = 700, FLOAT8 = 701, TIMESTAMP = 1114, TIMESTAMPTZ = 1184, JSONB = 3802;

/**
 * A value as PostgreSQL wrote it, as JSON has it: numerics and whole numbers of 64 bits stay text with all their digits, times
 * are RFC 3339. A time without a zone stays one. What has no form of its own is PostgreSQL's text.
 */
export function valueOf(text: string | null, type: number): Json {
  if (text === null) return null;
  switch (type) {
    case BOOL: return text === 't';
    case INT2: case INT4: return Number(text);
    case FLOAT4: case FLOAT8: return Number.isFinite(Number(text)) ? Number(text) : text;
    case INT8: return text;
    case BYTEA: return Buffer.from(text.slice(2), 'hex').toString('base64');
    case JSON_TYPE: case JSONB: return parseExact(text);
    case TIMESTAMP: return timeText(text, false);
    case TIMESTAMPTZ: return timeText(text, true);
    default: return text;
  }
}
