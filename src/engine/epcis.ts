import type { JsonObject } from '../domain/json.ts';
import { epcisDocument, type EpcisEvent } from '../intake/epcis/index.ts';

/** Recorded EPCIS events as an EPCISDocument. */
export function documentOf(events: readonly JsonObject[], creationDate: string): JsonObject {
  return epcisDocument(events as unknown as readonly EpcisEvent[], creationDate) as unknown as JsonObject;
}
