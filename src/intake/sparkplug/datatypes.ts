import type { Json } from '../../domain/json.ts';

/** Names of the data types by their number (Sparkplug 3.0 §6.4.16, enum DataType). */
export const DATA_TYPES = [
  'Unknown', 'Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32', 'UInt64', 'Float', 'Double', 'Boolean', 'String', 'DateTime', 'Text',
  'UUID', 'DataSet', 'Bytes', 'File', 'Template', 'PropertySet', 'PropertySetList', 'Int8Array', 'Int16Array', 'Int32Array', 'Int64Array', 'UInt8Array',
  'UInt16Array', 'UInt32Array', 'UInt64Array', 'FloatArray', 'DoubleArray', 'BooleanArray', 'StringArray', 'DateTimeArray',
] as const;

export type DataType = (typeof DATA_TYPES)[number];

/** Undefined for a number that Sparkplug 3.0 does not know. */
export function dataTypeOf(code: number): DataType | undefined {
  return DATA_TYPES[code];
}

/** A value as it lies on the wire; what it means depends on the data type, which may stand in the birth only. */
export type RawValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'float' | 'double'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /** A DataSet, a Template or property sets, read already. */
  | { readonly kind: 'dataset' | 'template' | 'properties'; readonly value: Json };

export type Interpreted = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly reason: string };

const MOST_ELEMENTS = 10_000;
const SIGNED: Readonly<Record<string, number>> = { Int8: 8, Int16: 16, Int32: 32, Int64: 64 };
const UNSIGNED: Readonly<Record<string, number>> = { UInt8: 8, UInt16: 16, UInt32: 32, UInt64: 64 };

/**
 * What a value on the wire means by its data type (§6.4.16). Numbers of 64 bits are decimal text, so that none is
 * rounded; a DateTime is RFC 3339, bytes are base64. NaN and infinity are no value that a case could be opened with.
 */
export function interpret(raw: RawValue, type: DataType): Interpreted {
  const wrong: Interpreted = { ok: false, reason: `a ${raw.kind} value, where its data type is ${type}` };
  switch (type) {
    case 'Int8': case 'Int16': case 'Int32': case 'Int64':
    case 'UInt8': case 'UInt16': case 'UInt32': case 'UInt64': return raw.kind === 'int' || raw.kind === 'long' ? integer(raw.value, type) : wrong;
    case 'Float': return raw.kind === 'float' ? finite(raw.value, shortest(raw.value)) : wrong;
    case 'Double': return raw.kind === 'double' || raw.kind === 'float' ? finite(raw.value, raw.value) : wrong;
    case 'Boolean': return raw.kind === 'boolean' ? { ok: true, value: raw.value } : wrong;
    case 'String': case 'Text': case 'UUID': return raw.kind === 'string' ? { ok: true, value: raw.value } : wrong;
    case 'DateTime': return raw.kind === 'long' || raw.kind === 'int' ? { ok: true, value: dateTime(BigInt(raw.value)) } : wrong;
    case 'Bytes': case 'File': return raw.kind === 'bytes' ? { ok: true, value: Buffer.from(raw.value).toString('base64') } : wrong;
    case 'DataSet': return raw.kind === 'dataset' ? { ok: true, value: raw.value } : wrong;
    case 'Template': return raw.kind === 'template' ? { ok: true, value: raw.value } : wrong;
    case 'PropertySet': case 'PropertySetList': return raw.kind === 'properties' ? { ok: true, value: raw.value } : wrong;
    case 'Unknown': return { ok: false, reason: 'a value of the data type Unknown' };
    default: return raw.kind === 'bytes' ? array(raw.value, type) : wrong;
  }
}

/**
 * Integers of up to 32 bits come in two's complement of their own width or of 32 bits (encoders differ), UInt32 as
 * `int_value` or `long_value`.
 */
function integer(given: number | bigint, type: DataType): Interpreted {
  const value = BigInt(given);
  const signed = SIGNED[type];
  if (signed !== undefined) {
    for (const width of new Set([signed, 32, 64])) {
      const read = BigInt.asIntN(width, value);
      if (BigInt.asUintN(width, read) === value && BigInt.asIntN(signed, read) === read) return { ok: true, value: signed === 64 ? String(read) : Number(read) };
    }
    return { ok: false, reason: `the number ${value}, which is no ${type}` };
  }
  const width = UNSIGNED[type] as number;
  if (BigInt.asUintN(width, value) !== value) return { ok: false, reason: `the number ${value}, which is no ${type}` };
  return { ok: true, value: width === 64 ? String(value) : Number(value) };
}

function finite(value: number, shown: number): Interpreted {
  return Number.isFinite(value) ? { ok: true, value: Object.is(shown, -0) ? 0 : shown } : { ok: false, reason: `${value}, which is no number` };
}

/** The shortest decimal that is this 32-bit number: 1.23 and not 1.2300000190734863. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function dateTime(milliseconds: bigint): string {
  return milliseconds <= 8_640_000_000_000_000n ? new Date(Number(milliseconds)).toISOString() : String(milliseconds);
}

/** §6.4.16, array types: packed little-endian; BooleanArray bits behind a count of 32 bits, StringArray text that ends in 0. */
function array(bytes: Uint8Array, type: DataType): Interpreted {
  if (type === 'BooleanArray') return booleans(bytes);
  if (type === 'StringArray') return strings(bytes);
  const read = ELEMENTS[type];
  if (read === undefined) return { ok: false, reason: `a value of the data type ${type}` };
  const [width, element] = read;
  if (bytes.length % width !== 0) return { ok: false, reason: `${bytes.length} bytes, which is no ${type}` };
  if (bytes.length / width > MOST_ELEMENTS) return { ok: false, reason: `an array of ${bytes.length / width} elements, where ${MOST_ELEMENTS} are taken at most` };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: Json[] = [];
  for (let at = 0; at < bytes.length; at += width) {
    const value = element(view, at);
    if (typeof value === 'number' && !Number.isFinite(value)) return { ok: false, reason: `${value}, which is no number` };
    values.push(Object.is(value, -0) ? 0 : value);
  }
  return { ok: true, value: values };
}

const ELEMENTS: Readonly<Partial<Record<DataType, readonly [width: number, read: (view: DataView, at: number) => number | string]>>> = {
  Int8Array: [1, (view, at) => view.getInt8(at)],
  Int16Array: [2, (view, at) => view.getInt16(at, true)],
  Int32Array: [4, (view, at) => view.getInt32(at, true)],
  Int64Array: [8, (view, at) => String(view.getBigInt64(at, true))],
  UInt8Array: [1, (view, at) => view.getUint8(at)],
  UInt16Array: [2, (view, at) => view.getUint16(at, true)],
  UInt32Array: [4, (view, at) => view.getUint32(at, true)],
  UInt64Array: [8, (view, at) => String(view.getBigUint64(at, true))],
  FloatArray: [4, (view, at) => shortest(view.getFloat32(at, true))],
  DoubleArray: [8, (view, at) => view.getFloat64(at, true)],
  DateTimeArray: [8, (view, at) => dateTime(view.getBigUint64(at, true))],
};

function booleans(bytes: Uint8Array): Interpreted {
  const count = bytes.length < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (count < 0 || bytes.length !== 4 + Math.ceil(count / 8)) return { ok: false, reason: `${bytes.length} bytes, which is no BooleanArray` };
  if (count > MOST_ELEMENTS) return { ok: false, reason: `an array of ${count} elements, where ${MOST_ELEMENTS} are taken at most` };
  // the first value is the highest bit: the example of the specification packs F F T T F T F F as 0x34
  return { ok: true, value: Array.from({ length: count }, (_none, at) => ((bytes[4 + (at >> 3)] as number) >> (7 - (at & 7)) & 1) === 1) };
}

function strings(bytes: Uint8Array): Interpreted {
  if (bytes.length > 0 && bytes.at(-1) !== 0) return { ok: false, reason: 'a StringArray whose last text does not end' };
  try {
    const texts = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\0').slice(0, -1);
    if (texts.length > MOST_ELEMENTS) return { ok: false, reason: `an array of ${texts.length} elements, where ${MOST_ELEMENTS} are taken at most` };
    return { ok: true, value: texts };
  } catch (error) {
    return { ok: false, reason: `a StringArray that is no UTF-8 (${error instanceof Error ? error.message : String(error)})` };
  }
}
