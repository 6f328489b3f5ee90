/** Canonical contracts: what they are made of, and units, currencies and decimals as they have them. Pure. */
export { cutZeros, isDecimalText, plainDecimal, roomOf, SAFE_DIGITS, significantDigits } from './decimal-text.ts';
export type { DecimalRoom } from './decimal-text.ts';
export { convertUnit, UNIT_CODE, UNITS } from './units.ts';
export type { Dimension, Unit } from './units.ts';
export { currencyCodes, currencyPlaces } from './currencies.ts';
export { ANY_ENTRY, fieldAt, isNeeded, schemaField } from './schema-field.ts';
export type { JsonType, SchemaField } from './schema-field.ts';
export { inferSchema } from './infer-schema.ts';
export type { InventoryV1, InvoiceV1, ItemV1, LocationEventV1, Money, PurchaseOrderV1, Quantity, ReceiptV1, ShipmentV1 } from './types.ts';
