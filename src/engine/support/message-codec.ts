import type { Json } from '../../domain/json.ts';

/**
 * The durable form of a message (PROTOCOL §1 "Envelope"): `{"v":1,"p":{…},"left":[…]}` as JSON text.
 * All own properties travel but `req`, `res`, `_msgid`, `waybill` and functions, which are left out and named in `left`.
 * Buffers, dates and decimals are tagged; NaN, infinities, BigInt and cycles are refused.
 */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly code: 'not-encodable' | 'too-large';
  constructor(code: 'not-encodable' | 'too-large', message: string) {
    super(message);
    this.code = code;
  }
}

/** Largest encoded message, characters of JSON. */
export const maxMessageLength = 1_048_576;
const maxDepth = 64;
const notCarried = new Set(['req', 'res', '_msgid', 'waybill', '_event', '_linkSource']);
const tag = /^\$(buffer|date|decimal|object)$/;

function encodeValue(value: unknown, path: string, left: string[], seen: Set<object>): Json | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean': return value;
    case 'number':
      if (!Number.isFinite(value)) throw new MessageError('not-encodable', `msg.${path} is ${value}; a message may only carry finite numbers.`);
      return value;
    case 'bigint': throw new MessageError('not-encodable', `msg.${path} is a BigInt; turn it into a string first.`);
    case 'undefined': return undefined;
    case 'function':
    case 'symbol':
      left.push(path);
      return undefined;
    default: return value === null ? null : encodeObject(value as object, path, left, seen);
  }
}

function encodeObject(value: object, path: string, left: string[], seen: Set<object>): Json | undefined {
  if (seen.has(value) || seen.size > maxDepth) throw new MessageError('not-encodable', `msg.${path} refers to itself or is nested too deeply.`);
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return { $buffer: Buffer.from(value).toString('base64') };
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new MessageError('not-encodable', `msg.${path} is an invalid date.`);
    return { $date: value.toISOString() };
  }
  seen.add(value);
  let result: Json;
  if (Array.isArray(value)) {
    result = value.map((item, i) => encodeValue(item, `${path}[${i}]`, left, seen) ?? null);
  } else if (typeof (value as { toFixed?: unknown }).toFixed === 'function' && 'c' in value && 'e' in value && 's' in value) {
    result = { $decimal: String(value) };
  } else {
    const copy: { [key: string]: Json } = {};
    let tagged = false;
    for (const [key, item] of Object.entries(value)) {
      const encoded = encodeValue(item, path === '' ? key : `${path}.${key}`, left, seen);
      if (encoded !== undefined && key !== '__proto__') copy[key] = encoded;
      if (tag.test(key)) tagged = true;
    }
    result = tagged ? { $object: copy } : copy;
  }
  seen.delete(value);
  return result;
}

/** Encodes a message. Throws {@link MessageError} with a sentence that names the property. */
export function encodeMessage(msg: object): string {
  const left: string[] = [];
  const properties: { [key: string]: Json } = {};
  const seen = new Set<object>();
  for (const [key, value] of Object.entries(msg)) {
    if (notCarried.has(key)) {
      if (key === 'req' || key === 'res') left.push(key);
      continue;
    }
    const encoded = encodeValue(value, key, left, seen);
    if (encoded !== undefined) properties[key] = encoded;
  }
  const text = JSON.stringify(left.length === 0 ? { v: 1, p: properties } : { v: 1, p: properties, left });
  if (text.length > maxMessageLength) {
    throw new MessageError('too-large', `The message is ${text.length} characters long; at most ${maxMessageLength} can travel between governed nodes.`);
  }
  return text;
}

function decodeValue(value: Json): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeValue);
  const object = value as { readonly [key: string]: Json };
  const keys = Object.keys(object);
  if (keys.length === 1) {
    const inner = object[keys[0] ?? ''];
    switch (keys[0]) {
      case '$buffer': return Buffer.from(String(inner), 'base64');
      case '$date': return new Date(String(inner));
      case '$decimal': return String(inner);
      case '$object': return decodeProperties(inner as { readonly [key: string]: Json });
      default:
    }
  }
  return decodeProperties(object);
}

function decodeProperties(object: { readonly [key: string]: Json }): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) result[key] = decodeValue(object[key] ?? null);
  return result;
}

/** Decodes what {@link encodeMessage} made: a fresh object each time. Decimals come back as strings. */
export function decodeMessage(text: string): Record<string, unknown> {
  const parsed = JSON.parse(text) as { v: number; p: { readonly [key: string]: Json } };
  if (parsed.v !== 1) throw new MessageError('not-encodable', `A message of envelope version ${parsed.v} was written by a newer Waybill; upgrade this one.`);
  return decodeProperties(parsed.p);
}
