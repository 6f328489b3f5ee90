import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

const PUBLISH = 3;

export interface PacketGuardOptions {
  /** Largest packet that is let through: bytes after the fixed header (MQTT 3.1.1 §2.2.3), of a PUBLISH its payload. */
  readonly maxPacketBytes: number;
  /** A larger PUBLISH to such a topic is let through with its payload cut to `maxPacketBytes`; to others it is refused. */
  readonly cut: (topic: string) => boolean;
  /** A packet was too large; the connection is closed when `refused`. */
  readonly onOversize: (refused: boolean, description: string) => void;
}

/**
 * Stands between a device's socket and the broker's parser, which would collect up to 256 MB for one packet.
 * Only fixed headers are looked at. A PUBLISH that is too large, but that somebody wants to see, is cut so that
 * it can be put aside and acknowledged, else the device would send it for ever; its payload is then exactly
 * `maxPacketBytes` long, which no whole packet's can be. Everything else that is too large ends the connection.
 */
export class PacketGuard extends Duplex {
  readonly #socket: Socket;
  readonly #options: PacketGuardOptions;
  /** Bytes of a packet's beginning that did not suffice to judge it. */
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of the current packet still to be let through. */
  #pass = 0;
  /** Bytes of the current packet still to be thrown away. */
  #skip = 0;
  #stopped = false;

  constructor(socket: Socket, options: PacketGuardOptions) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** Of the device at the other end of a TLS connection, when it showed one. */
  get certificate(): { readonly thumbprint: string; readonly validTo: number } | undefined {
    if (!(this.#socket instanceof TLSSocket)) return undefined;
    const { fingerprint256, valid_to: validTo } = this.#socket.getPeerCertificate();
    return typeof fingerprint256 !== 'string' ? undefined : { thumbprint: fingerprint256.replaceAll(':', '').toLowerCase(), validTo: Date.parse(validTo) };
  }

  /** Stops reading the socket until `resumeReading`; what was read goes on. */
  stopReading(): void {
    this.#stopped = true;
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#stopped = false;
    if (this.readableLength < this.readableHighWaterMark) this.#socket.resume();
  }

  override _read(): void {
    if (!this.#stopped) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.write(chunk)) done();
    else this.#socket.once('drain', done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (error === null) this.#socket.destroySoon(); // what is written, a last PUBACK say, still goes out
    else this.#socket.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    const data = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    let at = 0;
    /** Start of what can be let through as it is. */
    let from = 0;
    while (at < data.length) {
      const left = data.length - at;
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, left);
        this.#skip -= skipped;
        at += skipped;
        from = at;
        continue;
      }
      if (this.#pass > 0) {
        const passed = Math.min(this.#pass, left);
        this.#pass -= passed;
        at += passed;
        continue;
      }
      const header = fixedHeader(data, at);
      if (header === 'malformed') {
        this.#refuse('a packet with a malformed length');
        return;
      }
      if (header === undefined) break; // wait for the rest of the length
      if (header.remaining <= this.#options.maxPacketBytes) {
        this.#pass = header.bytes + header.remaining;
        continue;
      }
      if (header.type !== PUBLISH) {
        this.#refuse(`a packet of ${header.remaining} bytes`);
        return;
      }
      const cut = cutPublish(data.subarray(at), header, this.#options);
      if (cut === undefined) break; // wait for as much of it as will be kept
      if (cut === 'whole') {
        this.#pass = header.bytes + header.remaining;
        continue;
      }
      if (cut === 'refused') {
        this.#refuse(`a message of ${header.remaining} bytes`);
        return;
      }
      this.#options.onOversize(false, `a message of ${header.remaining} bytes`);
      this.#emit(data.subarray(from, at));
      this.#emit(cut);
      this.#skip = header.bytes + header.remaining;
      from = at;
    }
    this.#emit(data.subarray(from, at));
    if (at < data.length) this.#held = Buffer.from(data.subarray(at));
  }

  #emit(bytes: Buffer): void {
    if (bytes.length > 0 && !this.push(bytes)) this.#socket.pause();
  }

  #refuse(description: string): void {
    this.#options.onOversize(true, description);
    this.destroy();
  }
}

interface FixedHeader { readonly type: number; readonly first: number; readonly bytes: number; readonly remaining: number }

/** MQTT 3.1.1 §2.2: type and flags, then one to four bytes of length, seven bits each, lowest first. */
function fixedHeader(data: Buffer, at: number): FixedHeader | 'malformed' | undefined {
  const first = data[at] as number;
  let remaining = 0;
  for (let i = 0; i < 4; i += 1) {
    const byte = data[at + 1 + i];
    if (byte === undefined) return undefined;
    remaining += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { type: first >> 4, first, bytes: 2 + i, remaining };
  }
  return 'malformed';
}

/** The PUBLISH (MQTT 3.1.1 §3.3) with its payload cut, or undefined while too little of it has come. */
function cutPublish(data: Buffer, header: FixedHeader, options: PacketGuardOptions): Buffer | 'whole' | 'refused' | undefined {
  if (data.length < header.bytes + 2) return undefined;
  const topicLength = data.readUInt16BE(header.bytes);
  const variable = 2 + topicLength + ((header.first & 0x06) === 0 ? 0 : 2);
  if (header.remaining < variable) return 'refused'; // malformed
  if (header.remaining - variable < options.maxPacketBytes) return 'whole'; // only the topic makes it longer
  if (data.length < header.bytes + 2 + topicLength) return undefined;
  const topic = data.toString('utf8', header.bytes + 2, header.bytes + 2 + topicLength);
  if (!options.cut(topic)) return 'refused';
  const kept = variable + options.maxPacketBytes;
  if (data.length < header.bytes + kept) return undefined;
  return Buffer.concat([Buffer.from([header.first, ...encodeLength(kept)]), data.subarray(header.bytes, header.bytes + kept)]);
}

/** MQTT 3.1.1 §2.2.3. */
export function encodeLength(length: number): number[] {
  const bytes: number[] = [];
  let left = length;
  do {
    const byte = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return bytes;
}
