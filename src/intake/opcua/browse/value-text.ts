/** Built-in types and the abstract ones that servers name (OPC UA Part 6, 5.1.2; Part 5). */
const TYPES: Readonly<Record<number, string>> = {
  1: 'Boolean', 2: 'SByte', 3: 'Byte', 4: 'Int16', 5: 'UInt16', 6: 'Int32', 7: 'UInt32', 8: 'Int64', 9: 'UInt64', 10: 'Float', 11: 'Double', 12: 'String', 13: 'DateTime', 14: 'Guid', 15: 'ByteString',
  16: 'XmlElement', 17: 'NodeId', 18: 'ExpandedNodeId', 19: 'StatusCode', 20: 'QualifiedName', 21: 'LocalizedText', 22: 'Structure', 23: 'DataValue', 24: 'BaseDataType', 25: 'DiagnosticInfo',
  26: 'Number', 27: 'Integer', 28: 'UInteger', 29: 'Enumeration', 290: 'Duration', 294: 'UtcTime', 884: 'Range', 887: 'EUInformation',
};
const LONGEST = 300;
const MOST_ELEMENTS = 20;

/** Name of a data type of the standard; undefined for one that has to be asked for. `id`: as the library writes node ids, `ns=0;i=11`. */
export function builtInTypeName(id: string): string | undefined {
  const number = /^(?:ns=0;)?i=(\d{1,5})$/.exec(id)?.[1];
  return number === undefined ? undefined : TYPES[Number(number)];
}

/** A value as a person reads it, never longer than fits. */
export function valueText(variant: { readonly dataType: unknown; readonly value: unknown }): string {
  const text = textOf(variant.value, Number(variant.dataType));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const INT64 = 8;
const UINT64 = 9;

function textOf(value: unknown, type: number): string {
  if (value === null || value === undefined) return '';
  if ((type === INT64 || type === UINT64) && Array.isArray(value) && value.length === 2 && value.every((half) => typeof half === 'number')) return wide(value as [number, number], type);
  if (value instanceof Uint8Array && type === 15) return Buffer.from(value.subarray(0, 64)).toString('hex');
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const elements = Array.from(value as ArrayLike<unknown>);
    return `[${elements.slice(0, MOST_ELEMENTS).map((each) => textOf(each, type)).join(', ')}${elements.length > MOST_ELEMENTS ? `, … ${elements.length} in all` : ''}]`;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (typeof value === 'object') return objectText(value as Readonly<Record<string, unknown>>);
  return String(value);
}

/** 64-bit numbers come as two halves, the upper one first. */
function wide([high, low]: readonly [number, number], type: number): string {
  const whole = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return String(type === INT64 ? BigInt.asIntN(64, whole) : whole);
}

function objectText(value: Readonly<Record<string, unknown>>): string {
  if (typeof value['text'] === 'string') return value['text']; // LocalizedText
  if (typeof value['name'] === 'string' && 'namespaceIndex' in value) return value['name']; // QualifiedName
  const { toJSON } = value;
  if (typeof toJSON === 'function') return JSON.stringify(value);
  const own = Object.entries(value).filter(([name, each]) => !name.startsWith('_') && typeof each !== 'function');
  return JSON.stringify(Object.fromEntries(own), (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
}
