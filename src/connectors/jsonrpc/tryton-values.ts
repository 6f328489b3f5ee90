import type { Json } from '../../domain/json.ts';
import { plainDecimal, readExactJson, WireNumber } from './exact-json.ts';
import { Typed, type WireValue } from './typed.ts';

/**
 * Tryton's types in JSON (trytond/protocols/jsonrpc.py): objects with `__class__`. Moments are in UTC without saying so;
 * ours say it (`Z`). A float is written with exactly the digits that we were given.
 */
export function toTryton(value: WireValue): unknown {
  if (value instanceof Typed) return typedToTryton(value);
  if (value instanceof WireNumber || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((each: WireValue) => toTryton(each));
  return Object.fromEntries(Object.entries(value as { readonly [key: string]: WireValue }).map(([name, each]) => [name, toTryton(each)]));
}

function typedToTryton({ type, text }: Typed): unknown {
  switch (type) {
    case 'decimal': return { __class__: 'Decimal', decimal: text };
    case 'float': return new WireNumber(text);
    case 'timedelta': return { __class__: 'timedelta', seconds: new WireNumber(text) };
    case 'bytes': return { __class__: 'bytes', base64: text };
    case 'date': {
      const [year, month, day] = text.split('-').map(Number);
      return { __class__: 'date', year, month, day };
    }
    case 'datetime': {
      const [year, month, day, hour, minute, second] = text.slice(0, 19).split(/[-T:]/).map(Number);
      return { __class__: 'datetime', year, month, day, hour, minute, second, microsecond: Number(/\.(\d{6})/.exec(text)?.[1] ?? 0) };
    }
  }
}

/** @throws SyntaxError for what is no JSON, or has a type that is not Tryton's */
export function fromTryton(text: string): Json {
  return readExactJson(text, typedFromTryton);
}

/** Decimals, days, moments and times as text, a span as its seconds, bytes as base64. */
export function typedFromTryton(value: { [key: string]: unknown }): unknown {
  const part = (name: string, digits: number): string => String(Number(value[name] ?? 0)).padStart(digits, '0');
  const day = (): string => `${part('year', 4)}-${part('month', 2)}-${part('day', 2)}`;
  const time = (): string => `${part('hour', 2)}:${part('minute', 2)}:${part('second', 2)}${Number(value['microsecond'] ?? 0) === 0 ? '' : `.${part('microsecond', 6)}`}`;
  switch (value['__class__']) {
    case 'Decimal': return plainDecimal(String(value['decimal']));
    case 'date': return day();
    case 'datetime': return `${day()}T${time()}Z`;
    case 'time': return time();
    case 'timedelta': return plainDecimal(String(value['seconds']));
    case 'bytes': return String(value['base64']).replace(/\s+/g, '');
    default: return value;
  }
}
