/** EPCIS 2.0: what a scan says, in the common language of visibility events. Pure. */
export { epcisDocument } from './document.ts';
export { epcisEvent, NAMESPACES, type EpcisOptions, type ScanMoment, type ScannedObject } from './event.ts';
export { eventHashId, preHash } from './hash-id.ts';
export { Identifiers, isGln } from './identifiers.ts';
export { ownPlaceId, placeId, placePatternProblem } from './place.ts';
export { timeZoneOffsets } from './time-zone.ts';
export type { AggregationEvent, EpcisDocument, EpcisEvent, ObjectEvent, QuantityElement } from './types.ts';
export { BUSINESS_STEPS, DISPOSITIONS, isBusinessStep, isDisposition } from './vocabulary.ts';
