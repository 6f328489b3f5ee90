/** EPCIS 2.0 in JSON, as far as a scan has something to say. */
import type { BusinessStep, Disposition } from './vocabulary.ts';

/** A class of objects and how many, or how much, of it (EPCIS 2.0 §7.3.3.3). Without `quantity` it is not known how many. */
export interface QuantityElement {
  readonly epcClass: string;
  readonly quantity?: number;
  /** UN/ECE Recommendation 20; absent for pieces. */
  readonly uom?: string;
}

interface EventBase {
  /** Present where the event stands alone. */
  readonly '@context'?: readonly (string | Readonly<Record<string, string>>)[];
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventTimeZoneOffset: string;
  /** When the ledger had it; absent until then (§7.4.1). */
  readonly recordTime?: string;
  readonly action: 'OBSERVE';
  readonly bizStep: BusinessStep;
  readonly disposition?: Disposition;
  readonly readPoint: { readonly id: string };
  readonly bizLocation?: { readonly id: string };
  readonly bizTransactionList?: readonly { readonly type: 'po' | 'desadv'; readonly bizTransaction: string }[];
  readonly sourceList?: readonly { readonly type: 'owning_party'; readonly source: string }[];
  readonly destinationList?: readonly { readonly type: 'location'; readonly destination: string }[];
  /** Tells this scan from another one of the same goods at the same instant. */
  readonly 'waybill:scanId': string;
}

/** Something was seen (§7.4.2). */
export interface ObjectEvent extends EventBase {
  readonly type: 'ObjectEvent';
  readonly epcList?: readonly string[];
  readonly quantityList?: readonly QuantityElement[];
}

/** A logistic unit was seen, and its label says what it holds (§7.4.3, action OBSERVE). */
export interface AggregationEvent extends EventBase {
  readonly type: 'AggregationEvent';
  readonly parentID: string;
  readonly childQuantityList: readonly QuantityElement[];
}

export type EpcisEvent = ObjectEvent | AggregationEvent;

export interface EpcisDocument {
  readonly '@context': readonly (string | Readonly<Record<string, string>>)[];
  readonly type: 'EPCISDocument';
  readonly schemaVersion: '2.0';
  readonly creationDate: string;
  readonly epcisBody: { readonly eventList: readonly EpcisEvent[] };
}
