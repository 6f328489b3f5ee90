import type { BusinessKey } from '../../domain/envelope.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { Scan } from '../mapper/index.ts';
import type { Opening, OpeningOptions } from '../opening.ts';

/** What a scan is turned into. `document`: `{scan, station}`. */
export interface ScanOpening extends Opening {
  readonly message: Opening['message'] & { readonly payload: JsonObject };
  readonly operator?: string;
  /** `fields`: the station's topic variables, which later address its display; `facts` of this scan; what else the message held. */
  readonly scan: Opening['scan'] & { readonly skewSeconds?: number };
  /** It may have been taken before, and nobody can tell. */
  readonly possibleDuplicate?: boolean;
}

/** What is taken once per scope is an SSCC. */
export interface ScanOpeningOptions extends OpeningOptions {
  readonly enterprise: string;
}

/** Facts of the label that a flow works with, from the scan's own names for them. */
const LABEL_FACTS = ['sscc', 'lot', 'serial', 'expiry', 'bestBefore', 'productionDate', 'netWeightKg'] as const;
const MESSAGE_FACTS = ['quantity', 'po', 'line', 'deliveryNote', 'final', 'reverse'] as const;

/**
 * Builds the opening of a case from a scan on a topic with these variables.
 * @param sender device that signed in for the connection; it stands for a scan that names none
 */
export function scanOpening(scan: Scan, topic: string, variables: Readonly<Record<string, string>>, options: ScanOpeningOptions, sender?: string): ScanOpening {
  const station: JsonObject = { enterprise: options.enterprise, site: options.site, ...placeOf(scan), ...variables };
  const facts = scanFacts(scan);
  const device = scan.deviceId ?? sender ?? stationName({ ...placeOf(scan), ...variables }, topic);
  const { sscc } = scan.gs1 ?? {};
  return {
    process: options.process,
    template: options.template,
    site: options.site,
    title: titleOf(scan),
    keys: keysOf(scan),
    document: { scan: facts, station },
    message: { payload: facts, topic },
    // an SSCC is a business identity; a reversal takes up again what its first scan took
    ...(sscc === undefined || options.uniqueScope === '' || scan.reverse === true ? {} : { unique: { scope: options.uniqueScope, key: sscc } }),
    // a device's own numbering means something together with the device only
    ...(scan.transportId === undefined ? {} : { transportId: `${device}/${scan.transportId}` }),
    device,
    ...(scan.operatorId === undefined ? {} : { operator: scan.operatorId }),
    scan: { code: scan.code, topic, fields: { ...station, facts, ...(Object.keys(scan.extra).length === 0 ? {} : { extra: scan.extra }) } },
    ...(scan.occurredAt === undefined ? {} : { occurredAt: scan.occurredAt }),
  };
}

function scanFacts(scan: Scan): JsonObject {
  const facts: Record<string, Json> = { code: scan.code };
  const gtin = gtinOf(scan);
  if (gtin !== undefined) facts['gtin'] = gtin;
  for (const name of LABEL_FACTS) {
    const value = scan.gs1?.[name];
    if (value !== undefined) facts[name] = value;
  }
  for (const name of MESSAGE_FACTS) {
    const value = scan[name];
    if (value !== undefined) facts[name] = value;
  }
  return { ...facts, ...baseFacts(scan), ...measureFacts(scan) };
}

/** The same goods in base units; `packaging` says when nobody knows. */
function baseFacts({ base, unknownPack }: Scan): JsonObject {
  return {
    ...(base?.gtin === undefined ? {} : { baseGtin: base.gtin }),
    ...(base?.quantity === undefined ? {} : { baseQuantity: base.quantity }),
    ...(base?.unit === undefined ? {} : { baseUnit: base.unit }),
    ...(unknownPack === true ? { packaging: 'unknown' } : {}),
  };
}

/** Second quantity and price of a variable measure item, and everything that was measured. */
function measureFacts({ gs1 }: Scan): JsonObject {
  if (gs1 === undefined) return {};
  const { tradeMeasure, measures, price, amountPayable, unitPrice } = gs1;
  return {
    ...(tradeMeasure === undefined ? {} : { secondQuantity: tradeMeasure.quantity, secondUnit: tradeMeasure.unit }),
    ...(measures === undefined ? {} : { measures: measures.map(({ ai, quantity, unit }) => ({ ai, quantity, unit })) }),
    ...(price === undefined ? {} : { price: price.amount, ...(price.currency === undefined ? {} : { priceCurrency: price.currency }) }),
    ...(unitPrice === undefined ? {} : { unitPrice }),
    ...(amountPayable === undefined ? {} : { amountPayable: amountPayable.amount, ...(amountPayable.currency === undefined ? {} : { amountCurrency: amountPayable.currency }) }),
  };
}

/** AI 01, or for a logistic unit what it holds (AI 02). */
function gtinOf(scan: Scan): string | undefined {
  return scan.gs1?.gtin ?? scan.gs1?.contentGtin;
}

function keysOf(scan: Scan): readonly BusinessKey[] {
  const keys: [string, string | undefined][] = [['sscc', scan.gs1?.sscc], ['gtin', gtinOf(scan)], ['po', scan.po], ['deliveryNote', scan.deliveryNote]];
  return keys.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value }]));
}

/** `SSCC 340123450000000018`, `GTIN 09506000134352 × 5`, or the code of another label. */
function titleOf(scan: Scan): string {
  const gtin = gtinOf(scan);
  const what = scan.gs1?.sscc !== undefined ? `SSCC ${scan.gs1.sscc}` : gtin !== undefined ? `GTIN ${gtin}` : `Label ${scan.code.slice(0, 60)}`;
  const quantity = scan.quantity === undefined || scan.gs1?.sscc !== undefined ? '' : ` × ${scan.quantity}`;
  return `${scan.reverse === true ? 'Reversal: ' : ''}${what}${quantity}`;
}

/** Where the message says it was scanned; what its topic says goes before it, for a broker can guard a topic. */
function placeOf({ area, station }: Scan): { readonly area?: string; readonly station?: string } {
  return { ...(area === undefined ? {} : { area }), ...(station === undefined ? {} : { station }) };
}

/** Where it was scanned, as a device of the register has it: `area/station` or `station`; undefined when nothing says so. */
export function stationOf({ area, station }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof station !== 'string') return undefined;
  return typeof area === 'string' ? `${area}/${station}` : station;
}

/** Stands in for the device where the message names none: `area/station`, else the topic. */
export function stationName(variables: Readonly<Record<string, string>>, topic: string): string {
  return stationOf(variables) ?? topic;
}
