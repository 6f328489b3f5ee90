import type { Json } from '../json.ts';
import { decimal, isDay } from './literal.ts';
import type { Literal } from './literal.ts';
import type { ColumnType } from './table.ts';

/**
 * A fact as a value of a column; undefined when it is none. Numbers may come as decimal text, which stays exact; of a date with
 * a time the day counts as it is written.
 */
export function asLiteral(value: Json | undefined, type: ColumnType): Literal | undefined {
  if (value === undefined || value === null || value === '') return { type: 'null' };
  switch (type) {
    case 'number':
    case 'decimal': {
      if (typeof value !== 'number' && typeof value !== 'string') return undefined;
      const read = decimal(String(value).trim());
      return read === undefined ? undefined : { type: 'number', value: read };
    }
    case 'string': return typeof value === 'string' || typeof value === 'number' ? { type: 'string', value: String(value) } : undefined;
    case 'boolean': return typeof value === 'boolean' ? { type: 'boolean', value } : value === 'true' || value === 'false' ? { type: 'boolean', value: value === 'true' } : undefined;
    case 'date': {
      const day = typeof value === 'string' ? /^(\d{4}-\d{2}-\d{2})(?:$|T)/.exec(value)?.[1] : undefined;
      return day !== undefined && isDay(day) ? { type: 'date', value: day } : undefined;
    }
  }
}

/** A literal as an output: `number` as a JSON number, `decimal` as exact text. */
export function asJson(literal: Literal, type: ColumnType): Json {
  switch (literal.type) {
    case 'null': return null;
    case 'number': return type === 'decimal' ? literal.value : Number(literal.value);
    default: return literal.value;
  }
}
