import type { Json } from '../../domain/json.ts';

/** What an event is about, as its content type says: JSON, text, or bytes that nobody here looks into. */
export type EventData =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'binary'; readonly base64: string };

export type AttributeValue = string | number | boolean;

/** An event by CloudEvents 1.0 (§3), checked. `specversion` is always 1.0. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339, as its sender wrote it. */
  readonly time?: string;
  /** The same instant as ISO 8601 in UTC. */
  readonly occurredAt?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly extensions: Readonly<Record<string, AttributeValue>>;
  readonly data?: EventData;
}

/** Why a message is no event; the code is stable, the sentence is for a person. */
export interface EventFault {
  readonly code: EventFaultCode;
  readonly message: string;
  readonly detail?: string;
}

export type EventFaultCode =
  | 'event-too-large'
  | 'event-empty'
  | 'event-not-utf8'
  | 'event-not-json'
  | 'event-too-deep'
  | 'event-format'
  | 'event-version'
  | 'event-attribute-missing'
  | 'event-attribute'
  | 'event-data'
  | 'event-batch';

export type Decoded = { readonly ok: true; readonly event: CloudEvent } | ({ readonly ok: false } & EventFault);

/** One message may hold several events (JSON Event Format §4); each is judged by itself. */
export type DecodedMessage = { readonly ok: true; readonly events: readonly Decoded[]; readonly batched: boolean } | ({ readonly ok: false } & EventFault);

export interface EventLimits {
  readonly maxBytes: number;
  /** Events in one batch; 1,000 by default. */
  readonly maxEvents?: number;
}
