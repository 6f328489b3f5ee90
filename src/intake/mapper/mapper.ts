/** From the bytes of one message to scans. Pure: the time of receipt comes in with the message. */
import { countScanned, type BaseUnitOptions } from './base-units.ts';
import { isDigits, parseEpc96, parseGs1, type Gs1Options, type Gs1Result } from '../gs1/index.ts';
import { expressionScans, type ExpressionEvaluator } from './expression.ts';
import { checkJson, isFault, readFlag, readQuantity, readText, readTime, type Fault } from './fields.ts';
import { auto, custom, proglove, waybill, zebraRfd, type Extractor } from './presets.ts';
import { QUARANTINE_MESSAGES, type QuarantineReason } from './quarantine.ts';
import type { MapperOptions, MapResult, MessageContext, RawScan, Rejection, Scan } from './types.ts';

export const DEFAULT_MAX_PAYLOAD_BYTES = 65_536;
const MAX_CODE_LENGTH = 4_296;
const MAX_DEPTH = 16;

export type ScanMapper = (payload: Uint8Array, context: MessageContext) => MapResult;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const decoder = new TextDecoder('utf-8', { fatal: true });

function decodeText(payload: Uint8Array): string | undefined {
  try {
    return decoder.decode(payload);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // the bytes are no UTF-8 (WHATWG Encoding §8.1.2)
    throw error;
  }
}

function parseJson(text: string): { document: unknown } | { detail: string } {
  try {
    return { document: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { detail: error.message };
    throw error;
  }
}

/** Line ends and STX/ETX that keyboard wedges put around a code. */
// eslint-disable-next-line no-control-regex
const FRAMING = /^[\u0002\s]+|[\u0003\r\n\t ]+$/g;

function extractorOf(options: MapperOptions): Extractor {
  switch (options.preset) {
    case 'proglove': return proglove;
    case 'zebra-rfd': return zebraRfd;
    case 'waybill': return waybill;
    case 'custom': {
      if (options.pointers === undefined) throw new RangeError('The custom mapper needs a JSON pointer to the code.');
      return custom(options.pointers);
    }
    case 'auto':
    case 'jsonata': // reads with its expression, before any extractor is asked
    case 'plain-text': return auto;
  }
}

function evaluatorOf(options: MapperOptions): ExpressionEvaluator | undefined {
  if (options.preset !== 'jsonata') return undefined;
  if (options.evaluate === undefined) throw new RangeError('The format JSONata needs an expression that gives the field code.');
  return options.evaluate;
}

/** Builds a mapper; throws RangeError, with one sentence that says what to mend, when it cannot be configured so. */
export function createScanMapper(options: MapperOptions): ScanMapper {
  const maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
  const extract = extractorOf(options);
  const evaluate = evaluatorOf(options);
  const counting: CodeOptions = { anyCode: options.codes === 'any', packaging: options.packaging, unknownPacks: options.unknownPacks ?? 'leave' };
  let gs1Options: Gs1Options = { referenceYear: 2000, ...(options.fnc1Substitutes === undefined ? {} : { fnc1Substitutes: options.fnc1Substitutes }) };
  let yearEnds = -Infinity;
  let yearBegins = Infinity;

  return (payload, context) => {
    if (context.receivedAt >= yearEnds || context.receivedAt < yearBegins) {
      const referenceYear = new Date(context.receivedAt).getUTCFullYear();
      yearBegins = Date.UTC(referenceYear, 0, 1);
      yearEnds = Date.UTC(referenceYear + 1, 0, 1);
      gs1Options = { ...gs1Options, referenceYear };
    }
    if (payload.length > maxPayloadBytes) return refuse('payload-too-large', `${payload.length} bytes, ${maxPayloadBytes} are allowed`);
    const decoded = decodeText(payload);
    if (decoded === undefined) return refuse('invalid-utf8');
    const text = decoded.replace(FRAMING, '');
    if (text === '') return refuse('empty-payload');
    const first = text.charCodeAt(0);
    const isJson = first === 0x7b || first === 0x5b;
    if (options.preset === 'plain-text' || (options.preset === 'auto' && !isJson)) return one(toScan({ code: text }, context, 0, gs1Options, counting));
    if (evaluate !== undefined && !isJson) return several(expressionScans(evaluate(JSON.stringify(text), JSON.stringify(context.topic ?? {})), MAX_DEPTH));

    const parsed = parseJson(text);
    if (!('document' in parsed)) return refuse('malformed-json', parsed.detail);
    const unsafe = checkJson(parsed.document, MAX_DEPTH);
    if (unsafe !== undefined) return refuse(unsafe);
    return several(evaluate === undefined ? extract(parsed.document) : expressionScans(evaluate(text, JSON.stringify(context.topic ?? {})), MAX_DEPTH));

    function several(raw: readonly RawScan[] | QuarantineReason | Fault): MapResult {
      if (typeof raw === 'string') return refuse(raw);
      if (isFault(raw)) return refuse(raw.reason, raw.detail);
      if (raw.length === 1) return one(toScan(raw[0] as RawScan, context, 0, gs1Options, counting));
      return batch(raw.map((entry, index) => toScan(entry, context, index, gs1Options, counting)));
    }
  };
}

function refuse(reason: QuarantineReason, detail?: string): MapResult {
  return { ok: false, ...rejection(reason, 0, detail) };
}

function rejection(reason: QuarantineReason, index: number, detail?: string): Mutable<Rejection> {
  const made: Mutable<Rejection> = { reason, message: QUARANTINE_MESSAGES[reason], index };
  if (detail !== undefined) made.detail = detail;
  return made;
}

function one(result: Scan | Rejection): MapResult {
  return 'reason' in result ? { ok: false, ...result } : { ok: true, scans: [result], rejections: [] };
}

function batch(results: readonly (Scan | Rejection)[]): MapResult {
  const scans: Scan[] = [];
  const rejections: Rejection[] = [];
  for (const result of results) {
    if ('reason' in result) rejections.push(result);
    else scans.push(result);
  }
  if (scans.length > 0) return { ok: true, scans, rejections };
  const [first] = rejections;
  if (first === undefined) return refuse('missing-code');
  return rejections.length === 1 ? { ok: false, ...first } : { ok: false, ...first, detail: `${rejections.length} scans, none of them readable; the first: ${first.detail ?? first.reason}` };
}

function parseCode(raw: RawScan, code: string, options: Gs1Options, anyCode: boolean): Gs1Result | undefined {
  if (raw.epc === true) {
    const epc = parseEpc96(code, options.referenceYear);
    return !epc.ok && anyCode ? undefined : epc;
  }
  const gs1 = parseGs1(code, options);
  if (gs1.ok || !anyCode) return gs1;
  // a damaged GS1 code never passes as some other label: a symbology identifier, brackets or bare digits mark it as one
  const marked = code.startsWith(']') || code.startsWith('(') || code.includes('\x1d') || isDigits(code);
  return marked && gs1.code !== 'not-gs1' ? gs1 : undefined;
}

const TEXT_FIELDS = [
  ['po', 'po', 35],
  ['line', 'line', 17],
  ['deliveryNote', 'deliveryNote', 35],
  ['operator', 'operatorId', 64],
  ['area', 'area', 64],
  ['station', 'station', 64],
] as const;

/** What a label may be, and how it is counted. */
interface CodeOptions extends BaseUnitOptions {
  readonly anyCode: boolean;
}

/** Checks one raw scan. Lengths of order, line and note follow UN/EDIFACT 1154 and 1156 (an..35, an..17). */
function toScan(raw: RawScan, context: MessageContext, index: number, gs1Options: Gs1Options, options: CodeOptions): Scan | Rejection {
  const fields = context.topic;
  const device = readText(raw.device, 'device', 128);
  const id = readText(raw.id, 'id', 128);
  const sequence = readText(raw.sequence, 'sequence', 96);
  const deviceId = (isFault(device) ? undefined : device) ?? fields?.['device'];
  const transportId = isFault(id) ? undefined : (id ?? (deviceId === undefined || isFault(sequence) || sequence === undefined ? undefined : `${deviceId}:${sequence}`));
  const code = typeof raw.code === 'number' ? String(raw.code) : typeof raw.code === 'string' ? raw.code.replace(FRAMING, '') : raw.code;

  const reject = (fault: Fault | QuarantineReason): Rejection => {
    const made = typeof fault === 'string' ? rejection(fault, index) : rejection(fault.reason, index, fault.detail);
    if (typeof code === 'string') made.code = code.slice(0, MAX_CODE_LENGTH);
    if (deviceId !== undefined) made.deviceId = deviceId;
    if (transportId !== undefined) made.transportId = transportId;
    if (raw.extra !== undefined && Object.keys(raw.extra).length > 0) made.extra = raw.extra;
    return made;
  };

  for (const fault of [device, id, sequence]) if (isFault(fault)) return reject(fault);
  if (code === undefined || code === null || code === '') return reject('missing-code');
  if (typeof code !== 'string') return reject({ reason: 'bad-field', detail: 'code is not text' });
  if (code.length > MAX_CODE_LENGTH) return reject({ reason: 'field-too-long', detail: `code has ${code.length} characters, ${MAX_CODE_LENGTH} are allowed` });

  const gs1 = parseCode(raw, code, gs1Options, options.anyCode);
  if (gs1 !== undefined && !gs1.ok) return reject({ reason: gs1.code === 'empty' ? 'missing-code' : gs1.code, detail: `${gs1.message} (at ${gs1.at})` });

  const scan: Mutable<Scan> = { code, extra: raw.extra ?? {} };
  if (transportId !== undefined) scan.transportId = transportId;
  if (deviceId !== undefined) scan.deviceId = deviceId;
  if (gs1 !== undefined) scan.gs1 = gs1;
  for (const [from, to, maxLength] of TEXT_FIELDS) {
    const value = readText(raw[from], from, maxLength);
    if (isFault(value)) return reject(value);
    if (value !== undefined) scan[to] = value;
  }
  const final = readFlag(raw.final, 'final');
  const reverse = readFlag(raw.reverse, 'reverse');
  if (isFault(final)) return reject(final);
  if (isFault(reverse)) return reject(reverse);
  if (final !== undefined) scan.final = final;
  if (reverse !== undefined) scan.reverse = reverse;
  const quantity = readQuantity(raw.quantity, final === true);
  if (isFault(quantity)) return reject(quantity);
  const baseUnits = readQuantity(raw.baseUnits, false);
  if (isFault(baseUnits)) return reject({ reason: baseUnits.reason, detail: `baseUnits: ${baseUnits.detail}` });
  if (baseUnits !== undefined) scan.baseUnits = baseUnits;

  if (scan.operatorId === undefined && fields?.['operator'] !== undefined) scan.operatorId = fields['operator'];
  const counted = countScanned({ gs1, said: quantity, baseUnits }, options);
  if (isFault(counted)) return reject(counted);
  if (counted.quantity !== undefined) scan.quantity = counted.quantity;
  if (counted.base !== undefined) scan.base = counted.base;
  if (counted.unknownPack === true) scan.unknownPack = true;
  if (scan.po === undefined && gs1?.purchaseOrder !== undefined) scan.po = gs1.purchaseOrder;
  const occurredAt = readTime(raw.time);
  if (occurredAt !== undefined) scan.occurredAt = occurredAt;
  else if (raw.time !== undefined && raw.time !== null) scan.extra = { ...scan.extra, time: raw.time as string };
  return scan;
}
