/** Structured and batched mode: the JSON Event Format 1.0.2. */
import type { Json, JsonObject } from '../../domain/json.ts';
import { attributesOf, checkAttributes, saysJson } from './attributes.ts';
import { readJson, utf8 } from './data.ts';
import { fault } from './faults.ts';
import type { CloudEvent, Decoded, DecodedMessage, EventData, EventFault, EventLimits } from './types.ts';

export const STRUCTURED = 'application/cloudevents+json';
export const BATCHED = 'application/cloudevents-batch+json';
const MOST_EVENTS = 1_000;
/** RFC 4648 §4, padded. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads one event, or with `batch` a list of them (§4). */
export function decodeJson(bytes: Uint8Array, limits: EventLimits, batch: boolean): DecodedMessage {
  if (bytes.length > limits.maxBytes) return fault('event-too-large', `${bytes.length} bytes, ${limits.maxBytes} are allowed`);
  const text = utf8(bytes);
  if (text === undefined) return fault('event-not-utf8');
  if (text.trim() === '') return fault('event-empty');
  const read = readJson(text);
  if (!read.ok) return read;
  if (!batch) return { ok: true, batched: false, events: [decodeDocument(read.value)] };
  if (!Array.isArray(read.value)) return fault('event-batch', 'it is no list');
  const most = limits.maxEvents ?? MOST_EVENTS;
  if (read.value.length > most) return fault('event-batch', `${read.value.length} events, ${most} are allowed`);
  return { ok: true, batched: true, events: (read.value as readonly Json[]).map((entry) => decodeDocument(entry)) };
}

export function decodeDocument(document: Json): Decoded {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return fault('event-format', 'the JSON is no object');
  const members = new Map<string, Json>(Object.entries(document));
  const data = dataOf(members, (document as JsonObject)['datacontenttype']);
  if (!data.ok) return data;
  members.delete('data');
  members.delete('data_base64');
  return checkAttributes(members, data.data);
}

/** §3.1.1: `data` or `data_base64`, never both. */
function dataOf(members: ReadonlyMap<string, Json>, contentType: Json | undefined): { readonly ok: true; readonly data: EventData | undefined } | ({ readonly ok: false } & EventFault) {
  const coded = members.get('data_base64');
  const value = members.get('data');
  if (coded !== undefined && coded !== null) {
    if (value !== undefined && value !== null) return fault('event-data', 'both data and data_base64 are set');
    return typeof coded === 'string' && BASE64.test(coded) ? { ok: true, data: { kind: 'binary', base64: coded } } : fault('event-data', 'data_base64 is not Base64');
  }
  if (value === undefined) return { ok: true, data: undefined };
  // a text under a type other than JSON is the data itself
  if (typeof value === 'string' && typeof contentType === 'string' && !saysJson(contentType)) return { ok: true, data: { kind: 'text', value } };
  return { ok: true, data: { kind: 'json', value } };
}

/** An event as a JSON document. */
export function toDocument(event: CloudEvent): JsonObject {
  const document: Record<string, Json> = Object.fromEntries(attributesOf(event));
  if (event.data !== undefined) {
    if (event.data.kind === 'binary') document['data_base64'] = event.data.base64;
    else document['data'] = event.data.value;
  }
  return document;
}
