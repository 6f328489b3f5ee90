import type { Json, JsonObject } from '../../../domain/json.ts';

/** Built-in types of OPC 10000-6 §5.1.2 that a tag may have, by their number. */
const TYPE_NAMES: readonly string[] = [
  'Null', 'Boolean', 'SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'UInt64', 'Float', 'Double', 'String', 'DateTime', 'Guid', 'ByteString',
  'XmlElement', 'NodeId', 'ExpandedNodeId', 'StatusCode', 'QualifiedName', 'LocalizedText', 'ExtensionObject', 'DataValue', 'Variant', 'DiagnosticInfo',
];

/** Name of a built-in type. */
export function typeName(dataType: number | undefined): string {
  return TYPE_NAMES[dataType ?? 0] ?? 'Null';
}

/** Number of a built-in type; undefined for one that does not exist. */
export function typeNumber(name: string): number | undefined {
  const at = TYPE_NAMES.indexOf(name);
  return at < 0 ? undefined : at;
}

interface VariantLike { readonly dataType?: number; readonly arrayType?: number; readonly value?: unknown }

/**
 * A value as JSON: whole numbers beyond 2^53 as decimal text, times as ISO 8601, bytes as base64, structures by their
 * fields. NaN and infinities stay numbers, for whoever reads them to refuse. Undefined when there is none.
 */
export function plainValue(variant: VariantLike | undefined | null): Json | undefined {
  if (variant === undefined || variant === null || variant.value === undefined || variant.value === null) return undefined;
  const { value, dataType } = variant;
  if ((variant.arrayType ?? 0) !== 0 && (Array.isArray(value) || ArrayBuffer.isView(value))) {
    return Array.from(value as ArrayLike<unknown>, (each) => plainScalar(each, dataType) ?? null);
  }
  return plainScalar(value, dataType);
}

function plainScalar(value: unknown, dataType: number | undefined): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (dataType === 8 || dataType === 9) return wholeNumber(value, dataType === 8);
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return fitting(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (dataType === 21) return String((value as { text?: unknown }).text ?? '');
  if (dataType === 19) return String((value as { name?: unknown }).name ?? value);
  if (dataType === 17 || dataType === 18 || dataType === 20) return String(value);
  return structure(value);
}

/** The library has 64-bit numbers as [high, low]. */
function wholeNumber(value: unknown, signed: boolean): Json | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return fitting(value);
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return undefined;
  const [high = 0, low = 0] = Array.from(value as unknown as ArrayLike<number>);
  const whole = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return fitting(signed ? BigInt.asIntN(64, whole) : whole);
}

function fitting(value: bigint): Json {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

/** A structure by its own fields; what the library cannot read is left as its text. */
function structure(value: unknown): Json {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? String(value) : JSON.parse(text) as JsonObject;
  } catch (error) {
    return `(${error instanceof Error ? error.message : String(error)})`;
  }
}

export type Coerced = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly code: WriteRefusal; readonly message: string };
/** Why a value is not written. */
export type WriteRefusal = 'not-a-number' | 'no-whole-number' | 'out-of-type' | 'wrong-type' | 'text-too-long' | 'unsupported-type';

const WHOLE: Readonly<Record<string, readonly [bigint, bigint]>> = {
  SByte: [-128n, 127n], Byte: [0n, 255n], Int16: [-32_768n, 32_767n], UInt16: [0n, 65_535n], Int32: [-2_147_483_648n, 2_147_483_647n], UInt32: [0n, 4_294_967_295n],
  Int64: [-(2n ** 63n), 2n ** 63n - 1n], UInt64: [0n, 2n ** 64n - 1n],
};
/** Largest magnitude of a single-precision number. */
const LARGEST_FLOAT = 3.4028234663852886e38;

const refuse = (code: WriteRefusal, message: string): Coerced => ({ ok: false, code, message });
const shown = (value: unknown): string => (typeof value === 'string' ? `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"` : JSON.stringify(value) ?? 'nothing');

/** A value in the form in which the library writes it, or one sentence why it does not fit: nothing is cut off, rounded or guessed. */
export function coerce(value: unknown, type: string, maxLength?: number): Coerced {
  if (type in WHOLE) return coerceWhole(value, type);
  switch (type) {
    case 'Boolean':
      if (typeof value === 'boolean') return { ok: true, value };
      if (value === 0 || value === 1) return { ok: true, value: value === 1 };
      return refuse('wrong-type', `${shown(value)} is neither true nor false.`);
    case 'Float': case 'Double': return coerceReal(value, type);
    case 'String':
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return refuse('wrong-type', `${shown(value)} is no text.`);
      if (maxLength !== undefined && String(value).length > maxLength) return refuse('text-too-long', `${shown(String(value))} has ${String(value).length} characters; ${maxLength} fit.`);
      return { ok: true, value: String(value) };
    case 'DateTime': return coerceTime(value);
    default: return refuse('unsupported-type', `Tags of type ${type} cannot be written from here.`);
  }
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  // A decimal of the case document is text (no grouping, no exponent).
  return typeof value === 'string' && /^\s*[-+]?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

function coerceWhole(value: unknown, type: string): Coerced {
  const [least, most] = WHOLE[type] as readonly [bigint, bigint];
  if (typeof value === 'number' && !Number.isFinite(value)) return refuse('not-a-number', `${String(value)} is no number.`);
  const number = numberOf(value);
  if (number === undefined) return refuse('wrong-type', `${shown(value)} is no number.`);
  const text = String(value).trim();
  const whole = typeof value === 'string' && /^[-+]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : Number.isInteger(number) ? BigInt(number) : undefined;
  if (whole === undefined) return refuse('no-whole-number', `${shown(value)} is no whole number, and the tag is of type ${type}.`);
  if (typeof value === 'number' && !Number.isSafeInteger(number)) return refuse('out-of-type', `${shown(value)} is too large to be exact; give it as text.`);
  if (whole < least || whole > most) return refuse('out-of-type', `${shown(value)} does not fit into ${type} (${least} to ${most}).`);
  if (type !== 'Int64' && type !== 'UInt64') return { ok: true, value: Number(whole) };
  const bits = BigInt.asUintN(64, whole);
  return { ok: true, value: [Number(bits >> 32n), Number(bits & 0xffff_ffffn)] };
}

function coerceReal(value: unknown, type: 'Float' | 'Double'): Coerced {
  const number = numberOf(value);
  if (number === undefined) return refuse('wrong-type', `${shown(value)} is no number.`);
  if (!Number.isFinite(number)) return refuse('not-a-number', `${String(value)} is no number.`);
  if (type === 'Float' && Math.abs(number) > LARGEST_FLOAT) return refuse('out-of-type', `${shown(value)} does not fit into Float.`);
  return { ok: true, value: number };
}

function coerceTime(value: unknown): Coerced {
  const time = typeof value === 'number' ? value : typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) ? { ok: true, value: new Date(time) } : refuse('wrong-type', `${shown(value)} is no time; write it like 2026-11-29T08:00:00Z.`);
}
