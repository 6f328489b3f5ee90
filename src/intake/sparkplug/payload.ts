import type { Json, JsonObject } from '../../domain/json.ts';
import { dataTypeOf, interpret, type DataType, type RawValue } from './datatypes.ts';
import { SparkplugPayloadError } from './errors.ts';
import { WireReader } from './wire.ts';

/** What is taken of one payload; beyond it the whole payload is refused. */
export interface PayloadLimits {
  readonly bytes: number;
  /** Metrics, cells, parameters and properties together. */
  readonly elements: number;
  readonly nameBytes: number;
  readonly valueBytes: number;
  /** Templates in templates, property sets in property sets. */
  readonly depth: number;
}

export const defaultPayloadLimits: PayloadLimits = { bytes: 1_048_576, elements: 50_000, nameBytes: 1_024, valueBytes: 65_536, depth: 8 };

/** §6.4.1 Payload. Times are epoch milliseconds. */
export interface SparkplugPayload {
  readonly timestamp?: number;
  readonly seq?: number;
  readonly uuid?: string;
  readonly metrics: readonly PayloadMetric[];
}

export type Quality = 'good' | 'bad' | 'stale';

/** §6.4.6 Metric. */
export interface PayloadMetric {
  readonly name?: string;
  /** Decimal text: aliases are 64-bit numbers. */
  readonly alias?: string;
  readonly timestamp?: number;
  readonly type?: DataType;
  readonly historical: boolean;
  readonly transient: boolean;
  readonly isNull: boolean;
  readonly raw?: RawValue;
  /** The property `Quality` (§6.4.12); good when absent. */
  readonly quality: Quality;
  readonly properties?: JsonObject;
}

/** Reads a payload. Throws SparkplugPayloadError. */
export function decodePayload(bytes: Uint8Array, limits: PayloadLimits = defaultPayloadLimits): SparkplugPayload {
  if (bytes.length > limits.bytes) throw new SparkplugPayloadError('too-long', `${bytes.length} bytes, where ${limits.bytes} are taken at most`);
  return new PayloadDecoder(limits).payload(new WireReader(bytes));
}

class PayloadDecoder {
  readonly #limits: PayloadLimits;
  #elements = 0;

  constructor(limits: PayloadLimits) {
    this.#limits = limits;
  }

  payload(reader: WireReader): SparkplugPayload {
    const read: { timestamp?: number; seq?: number; uuid?: string } = {};
    const metrics: PayloadMetric[] = [];
    while (reader.more) {
      const { field, type } = reader.field();
      switch (field << 3 | type) {
        case 1 << 3 | 0: time(read, reader.uint64()); break;
        case 2 << 3 | 2: metrics.push(this.#metric(reader.message(), 0)); break;
        case 3 << 3 | 0: read.seq = sequence(reader.uint64()); break;
        case 4 << 3 | 2: read.uuid = reader.string(this.#limits.nameBytes); break;
        default: reader.skip(type);
      }
    }
    return { ...read, metrics };
  }

  #metric(reader: WireReader, depth: number): PayloadMetric {
    this.#count();
    const read: { -readonly [K in keyof PayloadMetric]: PayloadMetric[K] } = { historical: false, transient: false, isNull: false, quality: 'good' };
    while (reader.more) {
      const { field, type } = reader.field();
      switch (field << 3 | type) {
        case 1 << 3 | 2: read.name = reader.string(this.#limits.nameBytes); break;
        case 2 << 3 | 0: read.alias = String(reader.uint64()); break;
        case 3 << 3 | 0: time(read, reader.uint64()); break;
        case 4 << 3 | 0: read.type = typeOf(reader.uint32()); break;
        case 5 << 3 | 0: read.historical = reader.bool(); break;
        case 6 << 3 | 0: read.transient = reader.bool(); break;
        case 7 << 3 | 0: read.isNull = reader.bool(); break;
        case 9 << 3 | 2: Object.assign(read, this.#metricProperties(reader.message(), depth)); break;
        case 10 << 3 | 0: read.raw = { kind: 'int', value: reader.uint32() }; break;
        case 11 << 3 | 0: read.raw = { kind: 'long', value: reader.uint64() }; break;
        case 12 << 3 | 5: read.raw = { kind: 'float', value: reader.float() }; break;
        case 13 << 3 | 1: read.raw = { kind: 'double', value: reader.double() }; break;
        case 14 << 3 | 0: read.raw = { kind: 'boolean', value: reader.bool() }; break;
        case 15 << 3 | 2: read.raw = { kind: 'string', value: reader.string(this.#limits.valueBytes) }; break;
        case 16 << 3 | 2: read.raw = { kind: 'bytes', value: reader.bytes(this.#limits.valueBytes) }; break;
        case 17 << 3 | 2: read.raw = { kind: 'dataset', value: this.#dataSet(reader.message()) }; break;
        case 18 << 3 | 2: read.raw = { kind: 'template', value: this.#template(reader.message(), depth + 1) }; break;
        default: reader.skip(type);
      }
    }
    return read;
  }

  #metricProperties(reader: WireReader, depth: number): { readonly quality: Quality; readonly properties: JsonObject } {
    const properties = this.#propertySet(reader, depth + 1);
    const code = properties['Quality'];
    return { quality: code === 0 ? 'bad' : code === 500 ? 'stale' : 'good', properties };
  }

  /** §6.4.10: keys and values in the same order. */
  #propertySet(reader: WireReader, depth: number): JsonObject {
    this.#deep(depth);
    const keys: string[] = [];
    const values: Json[] = [];
    while (reader.more) {
      const { field, type } = reader.field();
      if (field === 1 && type === 2) {
        this.#count();
        keys.push(reader.string(this.#limits.nameBytes));
      } else if (field === 2 && type === 2) {
        this.#count();
        values.push(this.#propertyValue(reader.message(), depth));
      } else reader.skip(type);
    }
    if (keys.length !== values.length) throw new SparkplugPayloadError('malformed', `a property set of ${keys.length} keys and ${values.length} values`);
    return Object.fromEntries(keys.map((key, at) => [key, values[at] ?? null]));
  }

  #propertyValue(reader: WireReader, depth: number): Json {
    let kind: DataType | undefined;
    let isNull = false;
    let raw: RawValue | undefined;
    while (reader.more) {
      const { field, type } = reader.field();
      switch (field << 3 | type) {
        case 1 << 3 | 0: kind = typeOf(reader.uint32()); break;
        case 2 << 3 | 0: isNull = reader.bool(); break;
        case 9 << 3 | 2: raw = { kind: 'properties', value: this.#propertySet(reader.message(), depth + 1) }; break;
        case 10 << 3 | 2: raw = { kind: 'properties', value: this.#propertySetList(reader.message(), depth + 1) }; break;
        default: raw = this.#scalar(reader, field - 3, type) ?? raw;
      }
    }
    return meaning(raw, kind, isNull);
  }

  #propertySetList(reader: WireReader, depth: number): Json {
    this.#deep(depth);
    const sets: Json[] = [];
    while (reader.more) {
      const { field, type } = reader.field();
      if (field === 1 && type === 2) {
        this.#count();
        sets.push(this.#propertySet(reader.message(), depth + 1));
      } else reader.skip(type);
    }
    return sets;
  }

  /** The six plain values that properties, parameters and cells have in this order, from `int_value` on. */
  #scalar(reader: WireReader, at: number, type: number): RawValue | undefined {
    switch (at << 3 | type) {
      case 0 << 3 | 0: return { kind: 'int', value: reader.uint32() };
      case 1 << 3 | 0: return { kind: 'long', value: reader.uint64() };
      case 2 << 3 | 5: return { kind: 'float', value: reader.float() };
      case 3 << 3 | 1: return { kind: 'double', value: reader.double() };
      case 4 << 3 | 0: return { kind: 'boolean', value: reader.bool() };
      case 5 << 3 | 2: return { kind: 'string', value: reader.string(this.#limits.valueBytes) };
      default:
        reader.skip(type);
        return undefined;
    }
  }

  /** §6.4.8: `{columns, types, rows}`. */
  #dataSet(reader: WireReader): Json {
    const columns: string[] = [];
    const types: (DataType | undefined)[] = [];
    const rows: (RawValue | undefined)[][] = [];
    while (reader.more) {
      const { field, type } = reader.field();
      switch (field << 3 | type) {
        case 2 << 3 | 2: this.#count(); columns.push(reader.string(this.#limits.nameBytes)); break;
        case 3 << 3 | 0: this.#count(); types.push(typeOf(reader.uint32())); break;
        case 3 << 3 | 2: { // packed
          const packed = reader.message();
          while (packed.more) {
            this.#count();
            types.push(typeOf(packed.uint32()));
          }
          break;
        }
        case 4 << 3 | 2: this.#count(); rows.push(this.#row(reader.message())); break;
        default: reader.skip(type);
      }
    }
    if (types.length !== columns.length || rows.some((row) => row.length !== columns.length)) throw new SparkplugPayloadError('malformed', 'a data set whose rows, columns and types are not of one length');
    return { columns, types: types.map((type) => type ?? 'Unknown'), rows: rows.map((row) => row.map((cell, at) => meaning(cell, types[at], false))) };
  }

  #row(reader: WireReader): (RawValue | undefined)[] {
    const cells: (RawValue | undefined)[] = [];
    while (reader.more) {
      const { field, type } = reader.field();
      if (field !== 1 || type !== 2) {
        reader.skip(type);
        continue;
      }
      this.#count();
      const cell = reader.message();
      let value: RawValue | undefined;
      while (cell.more) {
        const inner = cell.field();
        value = this.#scalar(cell, inner.field - 1, inner.type) ?? value;
      }
      cells.push(value);
    }
    return cells;
  }

  /** §6.4.13: `{version, templateRef, isDefinition, metrics, parameters}`. */
  #template(reader: WireReader, depth: number): Json {
    this.#deep(depth);
    const read: Record<string, Json> = {};
    const metrics: Json[] = [];
    const parameters: Json[] = [];
    while (reader.more) {
      const { field, type } = reader.field();
      switch (field << 3 | type) {
        case 1 << 3 | 2: read['version'] = reader.string(this.#limits.nameBytes); break;
        case 2 << 3 | 2: {
          const { name, type: kind, raw, isNull } = this.#metric(reader.message(), depth);
          metrics.push({ name: name ?? '', type: kind ?? 'Unknown', value: meaning(raw, kind, isNull) });
          break;
        }
        case 3 << 3 | 2: parameters.push(this.#parameter(reader.message())); break;
        case 4 << 3 | 2: read['templateRef'] = reader.string(this.#limits.nameBytes); break;
        case 5 << 3 | 0: read['isDefinition'] = reader.bool(); break;
        default: reader.skip(type);
      }
    }
    return { ...read, metrics, parameters };
  }

  #parameter(reader: WireReader): Json {
    this.#count();
    let name = '';
    let kind: DataType | undefined;
    let raw: RawValue | undefined;
    while (reader.more) {
      const { field, type } = reader.field();
      if (field === 1 && type === 2) name = reader.string(this.#limits.nameBytes);
      else if (field === 2 && type === 0) kind = typeOf(reader.uint32());
      else raw = this.#scalar(reader, field - 3, type) ?? raw;
    }
    return { name, type: kind ?? 'Unknown', value: meaning(raw, kind, false) };
  }

  #count(): void {
    this.#elements += 1;
    if (this.#elements > this.#limits.elements) throw new SparkplugPayloadError('too-many', `more than ${this.#limits.elements} metrics, cells and properties`);
  }

  #deep(depth: number): void {
    if (depth > this.#limits.depth) throw new SparkplugPayloadError('too-many', `more than ${this.#limits.depth} levels of templates or property sets`);
  }
}

/** A value inside of another one: what cannot be told by its type is null. */
function meaning(raw: RawValue | undefined, type: DataType | undefined, isNull: boolean): Json {
  if (raw === undefined || isNull) return null;
  const read = interpret(raw, type ?? BY_KIND[raw.kind]);
  return read.ok ? read.value : null;
}

const BY_KIND: Readonly<Record<RawValue['kind'], DataType>> = {
  int: 'UInt32', long: 'UInt64', float: 'Float', double: 'Double', boolean: 'Boolean', string: 'String', bytes: 'Bytes', dataset: 'DataSet', template: 'Template', properties: 'PropertySet',
};

function typeOf(code: number): DataType {
  return dataTypeOf(code) ?? 'Unknown';
}

/** A time that no calendar has is none. */
function time(target: { timestamp?: number }, value: bigint): void {
  if (value <= 8_640_000_000_000_000n) target.timestamp = Number(value);
}

/** tck-id-payloads-sequence-num-req-nbirth: 0 to 255. */
function sequence(value: bigint): number {
  if (value > 255n) throw new SparkplugPayloadError('malformed', `the sequence number ${value}, where 255 is the last`);
  return Number(value);
}
