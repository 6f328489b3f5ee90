/** Types of the canonical contracts, written by scripts/contract-types.ts from contracts/; a test keeps them in step. */
import type { JsonObject } from '../json.ts';

/** Currency: a code of ISO 4217. */
export type Currency = string;

/** What two partners have agreed on besides; nothing of it is read by others. */
export type Extensions = JsonObject;

/** GLN: 13 digits. */
export type Gln = string;

/** GTIN-14: 14 digits, shorter ones filled up with zeros. */
export type Gtin = string;

/** A trade item. */
export interface Item {
  /** Central item number. */
  readonly id: string;
  readonly gtin?: Gtin;
  /** The supplier's number for it. */
  readonly supplierItem?: string;
  /** The customer's number for it. */
  readonly customerItem?: string;
  /** What it is, for people. */
  readonly description?: string;
}

/** A place. */
export interface Location {
  /** Site. */
  readonly site: string;
  readonly gln?: Gln;
  /** Area or storage type. */
  readonly area?: string;
  /** Bin. */
  readonly bin?: string;
}

/** An amount of money. */
export interface Money {
  /** Decimal text, four places at most. */
  readonly amount: string;
  readonly currency: Currency;
}

/** A line of a purchase order. */
export interface OrderLine {
  /** Purchase order. */
  readonly number: string;
  /** Line. */
  readonly line?: string;
}

/** The same goods counted in packages. */
export interface Packs {
  /** How many packages. */
  readonly count: string;
  /** Kind of package, for example XCT for a carton. */
  readonly type?: Unit;
  /** GTIN of the package. */
  readonly gtin?: Gtin;
  /** Base units in one of them. */
  readonly each?: string;
}

/** A company or a part of one. */
export interface Party {
  /** Central number. */
  readonly id: string;
  readonly gln?: Gln;
  /** Name. */
  readonly name?: string;
  /** Tax number, for example a VAT identification number. */
  readonly taxId?: string;
}

/** What one unit, or so many of them, costs. */
export interface Price {
  /** Decimal text, six places at most. */
  readonly amount: string;
  readonly currency: Currency;
  /** For how much the price is; absent: for one of the unit that the line counts in. */
  readonly per?: Quantity;
}

/** How much, in a unit. */
export interface Quantity {
  /** Decimal text, three places at most. */
  readonly value: string;
  readonly unit: Unit;
}

/** SSCC: 18 digits. */
export type Sscc = string;

/** Unit of measure: a code of UN/ECE Recommendation 20, or X and a code of Recommendation 21 for packages. */
export type Unit = string;

/** Stock as it stands, or a change of it. */
export interface InventoryV1 {
  /** Number of the count or movement. */
  readonly number: string;
  /** What it says. */
  readonly kind: 'snapshot' | 'count' | 'adjustment' | 'movement';
  readonly location: Location;
  /** Whose stock it is. */
  readonly owner?: Party;
  /** The time that it holds for. */
  readonly asOf: string;
  /** Day in the books. */
  readonly postingDate?: string;
  /** Why stock changes. */
  readonly reason?: string;
  /** Lines. */
  readonly lines: readonly {
    readonly item: Item;
    /** Where exactly; for a movement where it comes from. */
    readonly location?: Location;
    /** Where a movement leads. */
    readonly to?: Location;
    /** What may be done with it. */
    readonly status?: 'available' | 'quality' | 'blocked' | 'reserved' | 'in-transit';
    readonly quantity: Quantity;
    /** Second quantity of goods that are counted and weighed (catch weight), for example KGM beside EA. */
    readonly secondQuantity?: Quantity;
    readonly packs?: Packs;
    /** Lot or batch. */
    readonly lot?: string;
    /** Serial numbers. */
    readonly serials?: readonly string[];
    /** Not to be used after this day. */
    readonly expiryDate?: string;
    /** Best before this day. */
    readonly bestBeforeDate?: string;
    /** Made on this day. */
    readonly productionDate?: string;
    readonly sscc?: Sscc;
  }[];
  readonly extensions?: Extensions;
}

/** What a supplier asks to be paid. */
export interface InvoiceV1 {
  /** Number of the invoice. */
  readonly number: string;
  /** What it is. */
  readonly kind: 'invoice' | 'credit-note' | 'debit-note';
  /** Day of the invoice. */
  readonly issuedOn: string;
  /** Day in the books. */
  readonly postingDate?: string;
  /** Day on which it is to be paid. */
  readonly dueOn?: string;
  readonly supplier: Party;
  readonly buyer?: Party;
  readonly currency: Currency;
  /** Purchase orders. */
  readonly orders?: readonly string[];
  /** Lines. */
  readonly lines: readonly {
    /** Number of the line. */
    readonly number: string;
    readonly order?: OrderLine;
    /** Receipt. */
    readonly receipt?: string;
    readonly item?: Item;
    /** What is asked for where it is no item. */
    readonly description?: string;
    readonly quantity?: Quantity;
    /** Second quantity of goods that are counted and weighed (catch weight), for example KGM beside EA. */
    readonly secondQuantity?: Quantity;
    readonly packs?: Packs;
    readonly price?: Price;
    /** Net amount of the line. */
    readonly amount: Money;
    /** Rate of tax. */
    readonly taxPercent?: string;
  }[];
  /** Taxes by rate. */
  readonly taxes?: readonly {
    /** Rate. */
    readonly percent: string;
    /** What it is taken of. */
    readonly base?: Money;
    /** Tax. */
    readonly amount: Money;
  }[];
  readonly netTotal?: Money;
  readonly taxTotal?: Money;
  /** What is to be paid. */
  readonly grossTotal: Money;
  readonly extensions?: Extensions;
}

/** A trade item with its units and packaging levels. */
export interface ItemV1 {
  /** Central item number. */
  readonly id: string;
  /** GTIN of the base unit. */
  readonly gtin?: Gtin;
  /** What it is, for people. */
  readonly description?: string;
  /** Whether it is traded. */
  readonly status?: 'active' | 'blocked' | 'discontinued';
  /** Unit that stock is counted in. */
  readonly baseUnit: Unit;
  /** Unit of the second quantity of catch-weight goods. */
  readonly secondUnit?: Unit;
  /** Weight of one base unit, as expected. */
  readonly nominalWeight?: Quantity;
  /** Stock is kept by lot. */
  readonly lotControlled?: boolean;
  /** Stock is kept by serial number. */
  readonly serialControlled?: boolean;
  /** Days from production to expiry. */
  readonly shelfLifeDays?: number;
  /** Packaging levels, as those of scan in. */
  readonly packaging?: readonly {
    /** GTIN of the package. */
    readonly gtin: Gtin;
    /** GTIN of what it holds. */
    readonly contained: Gtin;
    /** How many of it. */
    readonly quantity: string;
    /** Kind of package. */
    readonly type?: Unit;
  }[];
  /** ISO 3166-1, two letters. */
  readonly countryOfOrigin?: string;
  /** Customs tariff number. */
  readonly commodityCode?: string;
  /** When it was changed last. */
  readonly changedAt?: string;
  readonly extensions?: Extensions;
}

/** Something was seen, packed or moved somewhere: the members of an EPCIS 2.0 event under their own names. */
export interface LocationEventV1 {
  /** Id of the event. */
  readonly eventID: string;
  /** Type of event. */
  readonly type: 'ObjectEvent' | 'AggregationEvent' | 'TransactionEvent';
  /** What it means for the life of the goods. */
  readonly action: 'ADD' | 'OBSERVE' | 'DELETE';
  /** When it was. */
  readonly eventTime: string;
  /** Offset of the place from UTC. */
  readonly eventTimeZoneOffset: string;
  /** Business step: a term of the Core Business Vocabulary. */
  readonly bizStep?: string;
  /** Disposition: a term of the Core Business Vocabulary. */
  readonly disposition?: string;
  /** Where it was seen. */
  readonly readPoint: Location;
  /** Where the goods are afterwards. */
  readonly bizLocation?: Location;
  /** The unit that holds the others. */
  readonly parent?: Sscc;
  /** Logistic units. */
  readonly sscc?: readonly Sscc[];
  /** Goods by class. */
  readonly goods?: readonly {
    readonly item: Item;
    readonly quantity?: Quantity;
    readonly secondQuantity?: Quantity;
    /** Lot or batch. */
    readonly lot?: string;
    /** Not to be used after this day. */
    readonly expiryDate?: string;
  }[];
  /** Device that saw it. */
  readonly device?: string;
  readonly order?: OrderLine;
  /** Shipment. */
  readonly shipment?: string;
  readonly extensions?: Extensions;
}

/** What a buyer ordered of a supplier. */
export interface PurchaseOrderV1 {
  /** Number of the order. */
  readonly number: string;
  /** How far it is. */
  readonly status?: 'open' | 'partially-received' | 'received' | 'closed' | 'cancelled';
  /** Day of the order. */
  readonly orderedOn?: string;
  /** Currency of all amounts that do not say another. */
  readonly currency?: Currency;
  readonly buyer?: Party;
  readonly supplier: Party;
  /** Where the goods go. */
  readonly shipTo?: Location;
  /** Incoterms 2020, three letters. */
  readonly incoterms?: string;
  /** Terms of payment. */
  readonly paymentTerms?: string;
  /** Lines. */
  readonly lines: readonly {
    /** Number of the line. */
    readonly number: string;
    readonly item: Item;
    readonly quantity: Quantity;
    /** Second quantity of goods that are counted and weighed (catch weight), for example KGM beside EA. */
    readonly secondQuantity?: Quantity;
    readonly packs?: Packs;
    readonly price?: Price;
    /** Net amount of the line. */
    readonly amount?: Money;
    /** Day on which it is wanted. */
    readonly deliverOn?: string;
    /** What has come so far. */
    readonly receivedQuantity?: Quantity;
    /** How much more is taken. */
    readonly overDeliveryPercent?: string;
    /** How much less is enough. */
    readonly underDeliveryPercent?: string;
    /** Nothing more is expected. */
    readonly closed?: boolean;
  }[];
  /** Net amount of the order. */
  readonly total?: Money;
  /** When it was changed last. */
  readonly changedAt?: string;
  readonly extensions?: Extensions;
}

/** What came, and what was refused, against an order or a shipment. */
export interface ReceiptV1 {
  /** Number of the receipt. */
  readonly number: string;
  /** Purchase order. */
  readonly order?: string;
  /** Shipment or delivery note. */
  readonly shipment?: string;
  readonly supplier?: Party;
  /** Where it was received. */
  readonly location: Location;
  /** When it was received. */
  readonly receivedAt: string;
  /** Day in the books. */
  readonly postingDate: string;
  /** The receipt that this one takes back. */
  readonly reverses?: string;
  /** Nothing more is expected of the order. */
  readonly final?: boolean;
  /** Lines. */
  readonly lines: readonly {
    /** Number of the line. */
    readonly number: string;
    readonly order?: OrderLine;
    readonly item: Item;
    readonly quantity: Quantity;
    /** Second quantity of goods that are counted and weighed (catch weight), for example KGM beside EA. */
    readonly secondQuantity?: Quantity;
    readonly packs?: Packs;
    /** What was not taken. */
    readonly refused?: Quantity;
    /** Why not. */
    readonly refusalReason?: 'damaged' | 'wrong-item' | 'too-many' | 'expired' | 'quality' | 'temperature' | 'documents' | 'other';
    /** Lot or batch. */
    readonly lot?: string;
    /** Serial numbers. */
    readonly serials?: readonly string[];
    /** Not to be used after this day. */
    readonly expiryDate?: string;
    /** Best before this day. */
    readonly bestBeforeDate?: string;
    /** Made on this day. */
    readonly productionDate?: string;
    readonly sscc?: Sscc;
    /** Nothing more is expected of the line. */
    readonly final?: boolean;
  }[];
  readonly extensions?: Extensions;
}

/** What is on its way: a ship notice with its logistic units. */
export interface ShipmentV1 {
  /** Number of the shipment or delivery note. */
  readonly number: string;
  /** How far it is. */
  readonly status?: 'planned' | 'shipped' | 'arrived' | 'cancelled';
  /** When it left. */
  readonly shippedAt?: string;
  /** When it is expected. */
  readonly expectedAt?: string;
  readonly from?: Party;
  readonly to?: Party;
  readonly shipTo?: Location;
  readonly carrier?: Party;
  /** The carrier's number. */
  readonly trackingNumber?: string;
  /** Seal. */
  readonly seal?: string;
  /** Logistic units. */
  readonly units?: readonly {
    readonly sscc: Sscc;
    /** The unit on which it stands. */
    readonly parent?: Sscc;
    /** Kind of package, for example XPX for a pallet. */
    readonly type?: Unit;
    readonly grossWeight?: Quantity;
  }[];
  /** Lines. */
  readonly lines: readonly {
    /** Number of the line. */
    readonly number: string;
    readonly order?: OrderLine;
    readonly item: Item;
    readonly quantity: Quantity;
    /** Second quantity of goods that are counted and weighed (catch weight), for example KGM beside EA. */
    readonly secondQuantity?: Quantity;
    readonly packs?: Packs;
    /** Lot or batch. */
    readonly lot?: string;
    /** Serial numbers. */
    readonly serials?: readonly string[];
    /** Not to be used after this day. */
    readonly expiryDate?: string;
    /** Best before this day. */
    readonly bestBeforeDate?: string;
    /** Made on this day. */
    readonly productionDate?: string;
    /** The unit that holds it. */
    readonly sscc?: Sscc;
  }[];
  readonly grossWeight?: Quantity;
  readonly extensions?: Extensions;
}
