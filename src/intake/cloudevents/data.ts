/** Data of events beside their attributes (binary mode), and bounds of what is read as JSON. */
import type { Json } from '../../domain/json.ts';
import { saysJson } from './attributes.ts';
import { fault } from './faults.ts';
import type { EventData, EventFault } from './types.ts';

export const MAX_DEPTH = 32;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of bytes, without a byte order mark; undefined when they are no UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // WHATWG Encoding §8.1.2
    throw error;
  }
}

/** A JSON document within bounds; what could not be stored or would hide a member is refused. */
export function readJson(text: string): { readonly ok: true; readonly value: Json } | ({ readonly ok: false } & EventFault) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return fault('event-not-json', error.message.slice(0, 200));
    throw error;
  }
  const wrong = bounded(value, MAX_DEPTH);
  return wrong === undefined ? { ok: true, value: value as Json } : fault(wrong === 'depth' ? 'event-too-deep' : 'event-not-json', wrong === 'depth' ? undefined : wrong);
}

function bounded(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'half a character stands alone in it';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number is too large';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return 'depth';
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') return 'a member is called __proto__';
    if (!key.isWellFormed()) return 'half a character stands alone in the name of a member';
    const wrong = bounded(inner, depth - 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/**
 * Data of the binary mode by its content type: JSON, text, else bytes. Without a content type it is JSON where it reads as such:
 * many devices leave the type out.
 */
export function dataOf(bytes: Uint8Array, contentType: string | undefined): { readonly ok: true; readonly data: EventData | undefined } | ({ readonly ok: false } & EventFault) {
  if (bytes.length === 0) return { ok: true, data: undefined };
  const text = utf8(bytes);
  if (contentType === undefined) {
    const read = text === undefined ? undefined : readJson(text);
    if (read?.ok === true) return { ok: true, data: { kind: 'json', value: read.value } };
    return { ok: true, data: base64(bytes) };
  }
  if (saysJson(contentType)) {
    if (text === undefined) return fault('event-not-utf8');
    const read = readJson(text);
    return read.ok ? { ok: true, data: { kind: 'json', value: read.value } } : read;
  }
  if (/^text\/|^application\/xml|\+xml/i.test(contentType) && text !== undefined) return { ok: true, data: { kind: 'text', value: text } };
  return { ok: true, data: base64(bytes) };
}

function base64(bytes: Uint8Array): EventData {
  return { kind: 'binary', base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}

/** The bytes of data, as they stand beside the attributes. */
export function bytesOf(data: EventData | undefined): Uint8Array {
  if (data === undefined) return new Uint8Array();
  switch (data.kind) {
    case 'json': return Buffer.from(JSON.stringify(data.value));
    case 'text': return Buffer.from(data.value);
    case 'binary': return Buffer.from(data.base64, 'base64');
  }
}
