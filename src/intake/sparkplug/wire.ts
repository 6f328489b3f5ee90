import { SparkplugPayloadError } from './errors.ts';

/** Wire types of protocol buffers (protobuf.dev, "Encoding"); groups (3, 4) are not used by Sparkplug. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the wire format of protocol buffers out of bytes that nobody vouches for: every length is checked against
 * what is there, 64-bit numbers are whole, text is valid UTF-8. Throws SparkplugPayloadError, and nothing else.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get more(): boolean {
    return this.#at < this.#end;
  }

  /** Number of the next field and its wire type. */
  field(): { readonly field: number; readonly type: number } {
    const tag = this.uint32();
    const field = tag >>> 3;
    if (field === 0) throw new SparkplugPayloadError('malformed', 'a field with the number 0');
    return { field, type: tag & 7 };
  }

  uint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new SparkplugPayloadError('malformed', 'a number of more than ten bytes');
  }

  /** The low 32 bits, as protocol buffers want it of a longer number. */
  uint32(): number {
    let value = 0;
    for (let count = 0; count < 10; count += 1) {
      const byte = this.#byte();
      if (count < 5) value |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return value >>> 0;
    }
    throw new SparkplugPayloadError('malformed', 'a number of more than ten bytes');
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  bytes(most: number): Uint8Array {
    const length = this.#length();
    if (length > most) throw new SparkplugPayloadError('too-long', `a value of ${length} bytes, where ${most} are taken at most`);
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  string(most: number): string {
    try {
      return utf8.decode(this.bytes(most));
    } catch (error) {
      if (error instanceof SparkplugPayloadError) throw error;
      throw new SparkplugPayloadError('malformed', 'text that is no UTF-8');
    }
  }

  /** The message that lies in the next field. */
  message(): WireReader {
    const length = this.#length();
    const at = this.#take(length);
    return new WireReader(this.#bytes, at, at + length);
  }

  /** Passes over a field that is not known. */
  skip(type: number): void {
    switch (type) {
      case WIRE.varint: this.uint64(); return;
      case WIRE.fixed64: this.#take(8); return;
      case WIRE.bytes: this.#take(this.#length()); return;
      case WIRE.fixed32: this.#take(4); return;
      default: throw new SparkplugPayloadError('malformed', `a field of wire type ${type}`);
    }
  }

  #length(): number {
    const length = this.uint64();
    if (length > BigInt(this.#end - this.#at)) throw new SparkplugPayloadError('malformed', 'a length that reaches beyond the end');
    return Number(length);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw new SparkplugPayloadError('malformed', 'an end in the middle of a value');
    this.#at = at + length;
    return at;
  }
}

/** Writes the little that a host application sends. */
export class WireWriter {
  readonly #bytes: number[] = [];

  varint(field: number, value: bigint): this {
    this.#varint(BigInt(field << 3 | WIRE.varint));
    this.#varint(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(BigInt(field << 3 | WIRE.bytes));
    this.#varint(BigInt(value.length));
    this.#bytes.push(...value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #varint(value: bigint): void {
    let left = value;
    do {
      const byte = Number(left & 0x7fn);
      left >>= 7n;
      this.#bytes.push(left === 0n ? byte : byte | 0x80);
    } while (left !== 0n);
  }
}
