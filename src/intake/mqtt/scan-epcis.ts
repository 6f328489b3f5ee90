import { randomUUID } from 'node:crypto';
import { epcisEvent, type EpcisOptions } from '../epcis/index.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Scan } from '../mapper/index.ts';
import type { ScanOpening } from './scan-opening.ts';

/**
 * The opening with the EPCIS event of its scan, as the fact `epcis` and with the scan itself, so that a repeat has one as
 * well. As it was where the scan is none that EPCIS could tell.
 * @param receivedAt stands for the time of a scan that has none, epoch milliseconds
 */
export function withEpcis(opening: ScanOpening, scan: Scan, receivedAt: number, options: EpcisOptions): ScanOpening {
  const { transportId, site, document } = opening;
  const event = epcisEvent(scan, {
    at: opening.occurredAt === undefined ? receivedAt : Date.parse(opening.occurredAt),
    variables: textsOf(document['station']),
    // what nobody can tell from another one is not to look like the same one to those who get the event
    scanId: transportId === undefined ? randomUUID() : `${site}\0${transportId}`,
  }, options) as unknown as JsonObject | undefined;
  if (event === undefined) return opening;
  return { ...opening, document: { ...document, epcis: event }, scan: { ...opening.scan, fields: { ...opening.scan.fields, epcis: event } } };
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
