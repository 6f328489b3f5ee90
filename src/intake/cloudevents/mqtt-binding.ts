/** CloudEvents over MQTT (MQTT Protocol Binding 1.0.2): binary and structured with MQTT 5, structured alone with 3.1.1. */
import { attributesOf, checkAttributes } from './attributes.ts';
import { bytesOf, dataOf } from './data.ts';
import { fault } from './faults.ts';
import { decodeJson, STRUCTURED, toDocument } from './json-format.ts';
import type { CloudEvent, DecodedMessage, EventLimits } from './types.ts';

/** What MQTT 5 says beside the payload; with 3.1.1 there is nothing. */
export interface MqttProperties {
  readonly contentType?: string;
  /** A name that was sent twice has a list of values. */
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>;
}

/** Reads one message. Structured without a content type is what a publisher with MQTT 3.1.1 sends (§3.2.1). */
export function decodeMqtt(payload: Uint8Array, properties: MqttProperties, limits: EventLimits): DecodedMessage {
  if (payload.length > limits.maxBytes) return fault('event-too-large', `${payload.length} bytes, ${limits.maxBytes} are allowed`);
  const { contentType, userProperties = {} } = properties;
  if (contentType !== undefined && /^application\/cloudevents/i.test(contentType)) { // §3: the mode goes by the content type
    return isJsonFormat(contentType) ? decodeJson(payload, limits, false) : fault('event-format', `content type ${contentType.slice(0, 100)}`);
  }
  if (!Object.hasOwn(userProperties, 'specversion')) return decodeJson(payload, limits, false);
  const attributes = new Map<string, unknown>();
  for (const [name, value] of Object.entries(userProperties)) {
    if (typeof value !== 'string') return fault('event-attribute', `${name.slice(0, 40)} is set more than once`);
    // user properties that no CloudEvents attribute can be called are another protocol's
    if (/^[a-z0-9]+$/.test(name)) attributes.set(name, value);
  }
  // §3.1.1 has it in the content type; the SDK of the project writes it here as well, which does no harm while both agree
  const said = attributes.get('datacontenttype');
  if (said !== undefined && contentType !== undefined && said !== contentType) return fault('event-attribute', 'datacontenttype and the content type of the message differ');
  if (contentType !== undefined) attributes.set('datacontenttype', contentType);
  const data = dataOf(payload, contentType ?? (typeof said === 'string' ? said : undefined));
  return data.ok ? { ok: true, batched: false, events: [checkAttributes(attributes, data.data)] } : data;
}

/** The JSON format, in UTF-8. */
export function isJsonFormat(contentType: string): boolean {
  return /^application\/cloudevents\+json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType);
}

export interface MqttEvent {
  readonly payload: Uint8Array;
  readonly contentType?: string;
  readonly userProperties?: Readonly<Record<string, string>>;
}

export function encodeMqtt(event: CloudEvent, mode: 'binary' | 'structured'): MqttEvent {
  if (mode === 'structured') return { payload: Buffer.from(JSON.stringify(toDocument(event))), contentType: STRUCTURED };
  const userProperties = Object.fromEntries(attributesOf(event).filter(([name]) => name !== 'datacontenttype').map(([name, value]) => [name, String(value)]));
  return { payload: bytesOf(event.data), userProperties, ...(event.datacontenttype === undefined ? {} : { contentType: event.datacontenttype }) };
}

/** A message as one document of JSON, whatever stands in it: what is kept of one that was put aside, and what a person is shown. */
export function asStructured(payload: Uint8Array, { contentType, userProperties = {} }: MqttProperties): Uint8Array {
  if (!Object.hasOwn(userProperties, 'specversion') || (contentType !== undefined && /^application\/cloudevents/i.test(contentType))) return payload;
  const data = dataOf(payload, contentType);
  const said = data.ok ? data.data : { kind: 'binary' as const, base64: Buffer.from(payload).toString('base64') };
  const members = said === undefined ? {} : said.kind === 'binary' ? { data_base64: said.base64 } : { data: said.value };
  return Buffer.from(JSON.stringify({ ...userProperties, ...(contentType === undefined ? {} : { datacontenttype: contentType }), ...members }));
}
