import { WireNumber } from './exact-json.ts';
import { Typed, type WireValue } from './typed.ts';

/** Odoo's types in JSON and XML-RPC alike: numbers are floats, days and moments are text, moments in UTC without saying so, bytes are base64. */
export function toOdoo(value: WireValue): WireValue {
  if (value instanceof WireNumber || value === null || typeof value !== 'object') return value;
  if (value instanceof Typed) {
    if (value.type === 'datetime') return value.text.slice(0, 19).replace('T', ' ');
    return value.type === 'date' || value.type === 'bytes' ? value.text : new WireNumber(value.text);
  }
  if (Array.isArray(value)) return value.map((each: WireValue) => toOdoo(each));
  return Object.fromEntries(Object.entries(value as { readonly [key: string]: WireValue }).map(([name, each]) => [name, toOdoo(each)]));
}
