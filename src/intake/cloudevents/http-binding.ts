/** CloudEvents over HTTP (HTTP Protocol Binding 1.0.2): binary, structured and batched. */
import { attributesOf, checkAttributes } from './attributes.ts';
import { bytesOf, dataOf } from './data.ts';
import { fault } from './faults.ts';
import { BATCHED, decodeJson, STRUCTURED, toDocument } from './json-format.ts';
import { isJsonFormat } from './mqtt-binding.ts';
import type { CloudEvent, DecodedMessage, EventLimits } from './types.ts';

/** Header names in small letters; a header that was sent twice has a list of values. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Reads one request. The mode goes by the content type (§3). */
export function decodeHttp(headers: HttpHeaders, body: Uint8Array, limits: EventLimits): DecodedMessage {
  if (body.length > limits.maxBytes) return fault('event-too-large', `${body.length} bytes, ${limits.maxBytes} are allowed`);
  const contentType = headers['content-type'];
  if (contentType !== undefined && typeof contentType !== 'string') return fault('event-format', 'several content types');
  if (contentType !== undefined && /^application\/cloudevents-batch/i.test(contentType)) {
    return /^application\/cloudevents-batch\+json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType) ? decodeJson(body, limits, true) : fault('event-format', `content type ${contentType.slice(0, 100)}`);
  }
  if (contentType !== undefined && /^application\/cloudevents/i.test(contentType)) {
    return isJsonFormat(contentType) ? decodeJson(body, limits, false) : fault('event-format', `content type ${contentType.slice(0, 100)}`);
  }
  if (headers['ce-specversion'] === undefined) return fault('event-format', `content type ${contentType?.slice(0, 100) ?? 'missing'}, and no header ce-specversion`);
  const attributes = new Map<string, unknown>();
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('ce-') || value === undefined) continue;
    const name = header.slice(3);
    if (name === 'datacontenttype') return fault('event-attribute', 'datacontenttype stands in the header Content-Type'); // §3.1.1
    if (typeof value !== 'string') return fault('event-attribute', `${name.slice(0, 40)} is set more than once`);
    const decoded = decodeHeader(value);
    if (decoded === undefined) return fault('event-attribute', `${name.slice(0, 40)} is not percent-encoded UTF-8`);
    attributes.set(name, decoded);
  }
  if (contentType !== undefined) attributes.set('datacontenttype', contentType);
  const data = dataOf(body, contentType);
  return data.ok ? { ok: true, batched: false, events: [checkAttributes(attributes, data.data)] } : data;
}

/** §3.1.3.2: unquoted, then one round of percent-decoding; a value that is no UTF-8 is none. */
export function decodeHeader(value: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value);
  const text = quoted === null ? value : (quoted[1] ?? '').replace(/\\(.)/g, '$1');
  // bytes above ASCII reach us as Latin-1 (RFC 9110 §5.5); encoded senders never write them
  if (/[^\u0020-\u007e]/.test(text)) return undefined;
  // a percent sign that begins no encoding stands for itself
  try {
    return decodeURIComponent(text.replace(/%(?![0-9A-Fa-f]{2})/g, '%25'));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** §3.1.3.2: space, double quote, percent and what is not printable ASCII. */
export function encodeHeader(value: string): string {
  return value.replace(/[^\u0021\u0023\u0024\u0026-\u007e]/gu, (char) => [...Buffer.from(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));
}

export interface HttpEvent { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }

export function encodeHttp(event: CloudEvent, mode: 'binary' | 'structured'): HttpEvent {
  if (mode === 'structured') return { headers: { 'content-type': `${STRUCTURED}; charset=utf-8` }, body: Buffer.from(JSON.stringify(toDocument(event))) };
  const headers = Object.fromEntries(attributesOf(event).filter(([name]) => name !== 'datacontenttype').map(([name, value]) => [`ce-${name}`, encodeHeader(String(value))]));
  return { headers: { ...headers, ...(event.datacontenttype === undefined ? {} : { 'content-type': event.datacontenttype }) }, body: bytesOf(event.data) };
}

export function encodeHttpBatch(events: readonly CloudEvent[]): HttpEvent {
  return { headers: { 'content-type': `${BATCHED}; charset=utf-8` }, body: Buffer.from(JSON.stringify(events.map(toDocument))) };
}
