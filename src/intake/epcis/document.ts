import { CONTEXT } from './event.ts';
import type { EpcisDocument, EpcisEvent } from './types.ts';

/** Events as a document that an EPCIS 2.0 capture interface takes (§8.1). */
export function epcisDocument(events: readonly EpcisEvent[], creationDate: string): EpcisDocument {
  return {
    '@context': CONTEXT, type: 'EPCISDocument', schemaVersion: '2.0', creationDate,
    epcisBody: { eventList: events.map(({ '@context': _, ...event }) => event as EpcisEvent) },
  };
}
