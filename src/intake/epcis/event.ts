/** From a scan to the EPCIS 2.0 event that says the same (decision 0046). Pure: time, place and ids are given. */
import { createHash } from 'node:crypto';
import type { Gs1Code } from '../gs1/index.ts';
import { eventHashId } from './hash-id.ts';
import { Identifiers } from './identifiers.ts';
import { ownPlaceId, placeId } from './place.ts';
import type { AggregationEvent, EpcisEvent, ObjectEvent, QuantityElement } from './types.ts';
import type { BusinessStep, Disposition } from './vocabulary.ts';

/** Names of our own in an event. */
export const NAMESPACES = { waybill: 'urn:waybill:epcis:' } as const;
/** GS1's own names, and ours. */
export const CONTEXT = ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', NAMESPACES] as const;

/** What a node says of the events of its scans. */
export interface EpcisOptions {
  readonly bizStep: BusinessStep;
  readonly disposition?: Disposition;
  /** Pattern of the place where it is scanned; '' for a name made of site, area and station. */
  readonly readPoint: string;
  /** Pattern of the place where the goods are then; '' for the site. */
  readonly bizLocation: string;
  /** Company prefixes whose keys are written as EPC URNs; none: everything is a Digital Link URI. */
  readonly companyPrefixes: readonly string[];
  /** GLN of the site, '' where it has none. */
  readonly gln: string;
  readonly enterprise: string;
  readonly site: string;
  readonly offsetAt: (epochMs: number) => string;
}

/** What was scanned. */
export interface ScannedObject {
  readonly gs1?: Gs1Code;
  /** Pieces: what the message says goes before what the label says. */
  readonly quantity?: string;
  readonly po?: string;
  readonly deliveryNote?: string;
  /** It takes back an earlier scan. */
  readonly reverse?: boolean;
}

export interface ScanMoment {
  /** When it was scanned, epoch milliseconds. */
  readonly at: number;
  /** Variables of the station's topic. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names the scan: the same for the same scan however often it comes, another for any other. */
  readonly scanId: string;
}

/**
 * The event of a scan. Undefined for what an event cannot say: a label that names no object by a GS1 key, and a scan
 * that takes back an earlier one (EPCIS corrects an event by declaring it erroneous, not by a second observation).
 */
export function epcisEvent(scan: ScannedObject, moment: ScanMoment, options: EpcisOptions): EpcisEvent | undefined {
  const { gs1 } = scan;
  if (gs1 === undefined || scan.reverse === true) return undefined;
  const identifiers = new Identifiers(options.companyPrefixes);
  const what = contentOf(gs1, scan.quantity, identifiers);
  if (what === undefined) return undefined;
  const { enterprise, site } = options;
  const variables = { ...moment.variables, enterprise, site, gln: options.gln };
  const common = {
    eventTime: new Date(moment.at).toISOString(),
    eventTimeZoneOffset: options.offsetAt(moment.at),
    action: 'OBSERVE',
    bizStep: options.bizStep,
    ...(options.disposition === undefined ? {} : { disposition: options.disposition }),
    readPoint: { id: placeId(options.readPoint, variables, identifiers) ?? ownPlaceId([enterprise, site, moment.variables['area'], moment.variables['station']]) },
    bizLocation: { id: placeId(options.bizLocation || '{gln}', variables, identifiers) ?? ownPlaceId([enterprise, site]) },
    ...transactions(scan, options),
    ...destination(gs1, identifiers),
    'waybill:scanId': scanIdOf(moment.scanId),
  } as const;
  const event = { ...what, ...common };
  const { type, ...members } = event;
  return { '@context': CONTEXT, type, eventID: eventHashId(event, NAMESPACES), ...members } as EpcisEvent;
}

type What = Pick<AggregationEvent, 'type' | 'parentID' | 'childQuantityList'> | Pick<ObjectEvent, 'type' | 'epcList' | 'quantityList'>;

function contentOf(gs1: Gs1Code, quantity: string | undefined, identifiers: Identifiers): What | undefined {
  const { sscc, gtin, contentGtin, lot, serial } = gs1;
  if (contentGtin !== undefined) {
    const content = quantityOf(gs1, contentGtin, identifiers.gtinClass(contentGtin, lot), quantity);
    return sscc === undefined ? { type: 'ObjectEvent', quantityList: [content] } : { type: 'AggregationEvent', parentID: identifiers.sscc(sscc), childQuantityList: [content] };
  }
  const epcs = [
    ...(sscc === undefined ? [] : [identifiers.sscc(sscc)]),
    ...(gtin === undefined || serial === undefined ? [] : [identifiers.sgtin(gtin, serial)]),
    ...assets(gs1, identifiers),
  ];
  const classes = gtin === undefined || serial !== undefined ? [] : [quantityOf(gs1, gtin, identifiers.gtinClass(gtin, lot), quantity)];
  if (epcs.length + classes.length === 0) return undefined;
  return { type: 'ObjectEvent', ...(epcs.length === 0 ? {} : { epcList: epcs }), ...(classes.length === 0 ? {} : { quantityList: classes }) };
}

function assets({ elements }: Gs1Code, identifiers: Identifiers): readonly string[] {
  return elements.flatMap(({ ai, value }) => {
    if (ai === '8003' && value.length > 14) return [identifiers.grai(value)];
    return ai === '8004' ? [identifiers.giai(value)] : [];
  });
}

/** Indicator digit 9: an item of variable measure, of which an event says how much (EPCIS 2.0 §7.3.3.3), not how many. */
function quantityOf({ tradeMeasure }: Gs1Code, gtin: string, epcClass: string, pieces: string | undefined): QuantityElement {
  if (gtin.startsWith('9') && tradeMeasure !== undefined) return { epcClass, quantity: Number(tradeMeasure.quantity), uom: tradeMeasure.unit };
  return pieces === undefined ? { epcClass } : { epcClass, quantity: Number(pieces) };
}

/** Orders and despatch advices (CBV 2.0 §7.3, §8.5.3). An order is ours, so our GLN names it; who sent the goods is not known. */
function transactions({ po, deliveryNote }: ScannedObject, { gln, enterprise, site }: EpcisOptions): Pick<ObjectEvent, 'bizTransactionList'> {
  const own = (kind: string, number: string): string => ownPlaceId([enterprise, site, kind, number]);
  const list = [
    ...(po === undefined ? [] : [{ type: 'po', bizTransaction: gln === '' ? own('po', po) : `urn:epcglobal:cbv:bt:${gln}:${encodeURIComponent(po)}` } as const]),
    ...(deliveryNote === undefined ? [] : [{ type: 'desadv', bizTransaction: own('desadv', deliveryNote) } as const]),
  ];
  return list.length === 0 ? {} : { bizTransactionList: list };
}

/** AI 410: the place that the goods are sent to (CBV 2.0 §7.4). */
function destination({ elements }: Gs1Code, identifiers: Identifiers): Pick<ObjectEvent, 'destinationList'> {
  const shipTo = elements.find(({ ai }) => ai === '410')?.value;
  return shipTo === undefined ? {} : { destinationList: [{ type: 'location', destination: identifiers.location(shipTo) }] };
}

/** Says which scan it is, and nothing of the device that did it. Dashes, so that no hash takes it for a number. */
function scanIdOf(scanId: string): string {
  const hex = createHash('sha256').update(scanId, 'utf8').digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
