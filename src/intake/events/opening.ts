import type { Opening, OpeningOptions } from '../opening.ts';
import type { EventReader, ReadEvent } from './reader.ts';

/** What an event is turned into. `document`: `{event}`, the event as it is in structured mode, with `schema` beside it where the schema that it names is looked at. */
export interface EventOpening extends Opening {
  readonly transportId: string;
  readonly scan: Opening['scan'] & { readonly kind: 'event'; readonly skewSeconds?: number };
}

/**
 * An event is the same as another when `source` and `id` are (CloudEvents §3.1.1). Neither holds a control character, so no two
 * pairs are written alike.
 */
export function transportIdOf(event: { readonly source: string; readonly id: string }): string {
  return `event\u0000${event.source}\u0000${event.id}`;
}

/** The source as a device of the register has it. */
export function deviceOf(source: string): string {
  return source.slice(0, 128);
}

export function eventOpening(reader: EventReader, read: ReadEvent, origin: string, options: OpeningOptions): EventOpening {
  const { event, key, document, payload, title, schema } = read;
  return {
    process: options.process,
    template: options.template,
    site: options.site,
    title,
    keys: reader.keysOf(read),
    document: { event: document, ...(schema === undefined ? {} : { schema: { ...schema } }) },
    message: { payload, topic: origin },
    ...(key === undefined || options.uniqueScope === '' ? {} : { unique: { scope: options.uniqueScope, key } }),
    transportId: transportIdOf(event),
    device: deviceOf(event.source),
    scan: { kind: 'event', code: title, topic: origin, fields: { id: event.id, source: event.source, type: event.type, ...(event.time === undefined ? {} : { time: event.time }) } },
    ...(event.occurredAt === undefined ? {} : { occurredAt: event.occurredAt }),
  };
}
