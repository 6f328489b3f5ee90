import type { Json, JsonObject } from '../../../domain/json.ts';
import { isDigits, parseEpc96, parseGs1, type Gs1Code } from '../../gs1/index.ts';

/** One code or tag of an AutoID scan event (OPC 30010 §9.3.8). */
export interface ScanResult {
  /** As a person reads it; hexadecimal for bytes that are no text; '' when nothing could be read. */
  readonly code: string;
  readonly codeType: string;
  readonly gs1?: Gs1Code;
  /** Epoch milliseconds by the reader. */
  readonly at?: number;
  /** All that the result had, with the names that the server gives. */
  readonly raw: JsonObject;
}

/** Results of one event that are looked at. */
const MOST_RESULTS = 1_000;

/** The codes of a scan event; undefined for an event that is none. Where the reader read nothing, that is a result without a code. */
export function scanResults(fields: JsonObject, referenceYear: number): readonly ScanResult[] | undefined {
  const results = fields['ScanResult'];
  if (results === undefined) return undefined;
  const list = Array.isArray(results) ? results as readonly Json[] : [results];
  return list.length === 0 ? [{ code: '', codeType: '', raw: {} }] : list.slice(0, MOST_RESULTS).map((result) => scanResult(result, referenceYear));
}

function scanResult(result: Json, referenceYear: number): ScanResult {
  const raw = isObject(result) ? result : { ScanData: result };
  const codeType = textOf(of(raw, 'CodeType'));
  const data = dataOf(of(raw, 'ScanData'));
  if (data === undefined || data.code === '') return { code: '', codeType, raw };
  const symbology = textOf(of(raw, 'Symbology'));
  const gs1 = data.hex === undefined
    ? parseGs1(symbology.startsWith(']') && !data.code.startsWith(']') ? `${symbology}${data.code}` : data.code, { referenceYear })
    : parseEpc96(data.hex, referenceYear);
  const at = Date.parse(textOf(of(raw, 'Timestamp')));
  return { code: data.code, codeType, ...(gs1.ok ? { gs1 } : {}), ...(Number.isFinite(at) ? { at } : {}), raw };
}

/** ScanData is a union of bytes, text, an EPC, and whatever the maker adds (§9.4.2). */
function dataOf(data: Json | undefined): { readonly code: string; readonly hex?: string } | undefined {
  if (typeof data === 'string' || typeof data === 'number') return { code: String(data).trim() };
  if (!isObject(data)) return undefined;
  const text = of(data, 'String');
  if (typeof text === 'string') return isHexEpc(text) ? { code: text.toUpperCase(), hex: text } : { code: text.trim() };
  const epc = of(data, 'Epc');
  const bytes = isObject(epc) ? of(epc, 'UId') : of(data, 'ByteString');
  if (typeof bytes === 'string') return bytesOf(Buffer.from(bytes, 'base64'), isObject(epc));
  const custom = of(data, 'Custom') ?? of(data, 'value');
  return custom === undefined || custom === null ? undefined : typeof custom === 'object' ? { code: JSON.stringify(custom) } : { code: String(custom) };
}

/** 24 hexadecimal digits are the 96 bits of an EPC, unless they are digits alone: those are some number. */
const isHexEpc = (text: string): boolean => /^[0-9a-fA-F]{24}$/.test(text) && !isDigits(text);

function bytesOf(bytes: Buffer, epc: boolean): { readonly code: string; readonly hex?: string } {
  const text = bytes.toString('latin1');
  // eslint-disable-next-line no-control-regex -- 0x1d is the FNC1 of a GS1 element string
  if (!epc && /^[\x1d\x20-\x7e]+$/.test(text)) return { code: text };
  const hex = bytes.toString('hex').toUpperCase();
  return { code: hex, hex };
}

/** Fields are named with a capital in the standard, and by libraries sometimes without. */
function of(object: JsonObject, name: string): Json | undefined {
  return object[name] ?? object[name.charAt(0).toLowerCase() + name.slice(1)];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}
