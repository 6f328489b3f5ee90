/** Where the documented devices put what. Each preset turns one decoded message into raw scans; nothing is checked here. */
import { pointerTokens, resolvePointer } from './json-pointer.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { QuarantineReason } from './quarantine.ts';
import type { FieldPointers, RawScan } from './types.ts';

/** The raw scans of a message, or why there are none. */
export type Extraction = readonly RawScan[] | QuarantineReason;
export type Extractor = (document: unknown) => Extraction;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Waybill's own form: `{id, code, device, operator, po, line, quantity, time, final, reverse, deliveryNote}`, or a list of them. */
export const waybill: Extractor = (document) => {
  if (Array.isArray(document)) return document.map((entry: unknown) => (isObject(entry) ? waybillScan(entry) : {}));
  return isObject(document) ? [waybillScan(document)] : 'unknown-format';
};

/** An object whose members are named as the fields of a scan; what else it holds is kept beside them. */
export function waybillScan(entry: Record<string, unknown>): RawScan {
  const { id, code, device, sequence, operator, area, station, po, line, quantity, baseUnits, time, final, reverse, deliveryNote, ...rest } = entry;
  return { id, code, device, sequence, operator, area, station, po, line, quantity, baseUnits, time, final, reverse, deliveryNote, extra: rest as JsonObject };
}

/** ProGlove Streams API, scan event: https://docs.proglove.com/en/25673-25699-scan-event.html */
export const proglove: Extractor = (document) => {
  if (!isObject(document)) return 'unknown-format';
  const { event_type: type, event_id: id, time_created: time, scan_code: code, device_serial: device, ...rest } = document;
  return type === 'scan' || (type === undefined && code !== undefined) ? [{ id, code, device, time, extra: rest as JsonObject }] : 'not-a-scan';
};

/**
 * Zebra RFD40/RFD90 data event (IOTC): `{type, timestamp, data: {tagData: [{EPCid, eventNum, HOSTNAME…}], barcodeData:
 * [{symbology, decodedBarcode}]}}` on `<tenant>/DATA/clients/data1event/<serial>`. Only a tag has a number of its own, so
 * only a tag gets a transport id: device, second, number and tag together. Two bar codes of one second cannot be told
 * from one that came twice, and folding them would lose a piece.
 */
export const zebraRfd: Extractor = (document) => {
  if (!isObject(document)) return 'unknown-format';
  const data = isObject(document['data']) ? document['data'] : document;
  const tags: unknown = data['tagData'];
  const barcodes: unknown = data['barcodeData'];
  if (!Array.isArray(tags) && !Array.isArray(barcodes)) return document['type'] === undefined ? 'unknown-format' : 'not-a-scan';
  const { timestamp: time, type } = document;
  const scans: RawScan[] = [];
  for (const tag of Array.isArray(tags) ? (tags as unknown[]) : []) {
    if (!isObject(tag)) {
      scans.push({});
      continue;
    }
    const { EPCid: code, HOSTNAME: device, eventNum, ...rest } = tag;
    const numbered = typeof eventNum === 'number' && typeof code === 'string' && typeof time === 'string';
    scans.push({ code, device, time, epc: true, ...(numbered ? { sequence: `${time}:${eventNum}:${code}` } : {}), extra: { ...rest, eventNum, type } as JsonObject });
  }
  for (const barcode of Array.isArray(barcodes) ? (barcodes as unknown[]) : []) {
    if (!isObject(barcode)) {
      scans.push({});
      continue;
    }
    const { decodedBarcode: code, ...rest } = barcode;
    scans.push({ code, time, extra: { ...rest, type } as JsonObject });
  }
  return scans.length === 0 ? 'not-a-scan' : scans;
};

/** Looks at the message and takes the preset that it fits. */
export const auto: Extractor = (document) => {
  if (isObject(document)) {
    if ('event_type' in document || 'scan_code' in document) return proglove(document);
    if (isObject(document['data']) && ('tagData' in document['data'] || 'barcodeData' in document['data'])) return zebraRfd(document);
    if ('code' in document || 'id' in document) return waybill(document);
    return 'unknown-format';
  }
  return Array.isArray(document) ? waybill(document) : 'unknown-format';
};

/** Fields at configured places. Throws RangeError when a pointer is malformed. */
export function custom(pointers: FieldPointers): Extractor {
  const { items, ...fields } = pointers;
  const list = items === undefined ? undefined : pointerTokens(items);
  const places = Object.entries(fields).filter(([, pointer]) => pointer !== '').map(([field, pointer]) => [field, pointerTokens(pointer as string)] as const);
  const one = (entry: unknown): RawScan => {
    const raw: Record<string, unknown> = { extra: isObject(entry) ? entry : {} };
    for (const [field, tokens] of places) raw[field] = resolvePointer(entry, tokens);
    return raw;
  };
  return (document) => {
    if (list === undefined) return isObject(document) || Array.isArray(document) ? [one(document)] : 'unknown-format';
    const entries = resolvePointer(document, list);
    return Array.isArray(entries) ? entries.map(one) : 'unknown-format';
  };
}
