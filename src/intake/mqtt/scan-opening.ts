import type { BusinessKey } from '../../domain/envelope.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Scan } from '../mapper/index.ts';

/** What a scan is turned into: the opening of a case, without the step that opens it. */
export interface ScanOpening {
  readonly process: string;
  readonly template: string;
  readonly site: string;
  readonly title: string;
  readonly keys: readonly BusinessKey[];
  /** `{scan, station}`: the first facts of the case. */
  readonly document: JsonObject;
  readonly message: { readonly payload: JsonObject; readonly topic: string };
  readonly unique?: { readonly scope: string; readonly key: string };
  readonly transportId?: string;
  readonly device: string;
  readonly operator?: string;
  /** `fields`: the station's topic variables, which later address its display; `facts` of this scan; what else the message held. */
  readonly scan: { readonly code: string; readonly topic: string; readonly fields: JsonObject };
  readonly occurredAt?: string;
}

export interface ScanOpeningOptions {
  readonly process: string;
  readonly template: string;
  readonly enterprise: string;
  readonly site: string;
  /** An SSCC is taken once per scope; '' for as often as it is scanned. */
  readonly uniqueScope: string;
}

/** Facts of the label that a flow works with, from the scan's own names for them. */
const LABEL_FACTS = ['sscc', 'lot', 'serial', 'expiry', 'bestBefore', 'productionDate', 'netWeightKg'] as const;
const MESSAGE_FACTS = ['quantity', 'po', 'line', 'deliveryNote', 'final', 'reverse'] as const;

/** Builds the opening of a case from a scan on a topic with these variables. */
export function scanOpening(scan: Scan, topic: string, variables: Readonly<Record<string, string>>, options: ScanOpeningOptions): ScanOpening {
  const station: JsonObject = { enterprise: options.enterprise, site: options.site, ...variables };
  const facts = scanFacts(scan);
  const device = scan.deviceId ?? stationName(variables, topic);
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
  const facts: Record<string, string | boolean> = { code: scan.code };
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
  return facts;
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

/** Stands in for the device where the message names none: `area/station`, else the topic. */
function stationName(variables: Readonly<Record<string, string>>, topic: string): string {
  const { area, station } = variables;
  if (station === undefined) return topic;
  return area === undefined ? station : `${area}/${station}`;
}
