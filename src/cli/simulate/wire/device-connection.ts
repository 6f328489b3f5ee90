/**
 * One device on MQTT 3.1.1, QoS 1 straight on a socket: several messages in flight, packets of one turn in one write, its own
 * book of what is unacknowledged. mqtt.js would need more of two shared cores than the broker it loads.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generate } from 'mqtt-packet';

export interface DeviceConnectionOptions<Item> {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly clientId: string;
  readonly maxInFlight: number;
  readonly user?: string;
  readonly password?: string;
  readonly onAck: (item: Item, sentAt: number) => void;
  /** Something was acknowledged, or the connection is back. */
  readonly onRoom: () => void;
  /** An unacknowledged message goes out again, after a lost connection. */
  readonly onResent?: (item: Item) => void;
  /** The connection did not come about, or broke, with an error. It is tried again all the same. */
  readonly onError?: (error: NodeJS.ErrnoException) => void;
}

interface Pending<Item> { readonly item: Item; readonly sentAt: number; readonly packet: Buffer }

const KEEPALIVE_SECONDS = 30;
const RECONNECT_MS = 100;
const DUP = 0x08;

/** One device: a session (clean session off) whose unacknowledged messages are sent again, in order, after a lost connection. */
export class DeviceConnection<Item = number> {
  reconnects = 0;
  resent = 0;
  readonly #options: DeviceConnectionOptions<Item>;
  readonly #pending = new Map<number, Pending<Item>>();
  #socket: Socket | undefined;
  #connected = false;
  #closed = false;
  #cut = false;
  #everOpen = false;
  #packetId = 0;
  #out: Buffer[] = [];
  #flushing = false;
  #rest: Buffer = Buffer.alloc(0);
  #ping: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #lastError: Error | undefined;
  #opened: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(options: DeviceConnectionOptions<Item>) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get hasRoom(): boolean {
    return this.#connected && this.#pending.size < this.#options.maxInFlight;
  }

  get unacked(): number {
    return this.#pending.size;
  }

  /** What was sent and not acknowledged, oldest first. */
  unackedItems(): Item[] {
    return [...this.#pending.values()].map(({ item }) => item);
  }

  /** Why the last connection did not come about, or broke. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Resolves at the first CONNACK; tries until then. Rejects when the broker refuses, or on abort. */
  open(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject };
      signal?.addEventListener('abort', () => {
        if (this.#everOpen) return; // whoever gave the signal for the first connection may use it up
        this.close();
        reject(new Error('stopped before the broker answered'));
      }, { once: true });
      this.#connect();
    });
  }

  send(item: Item, topic: string, payload: string | Uint8Array): void {
    do {
      this.#packetId = this.#packetId % 65_535 + 1;
    } while (this.#pending.has(this.#packetId));
    const packet = publishPacket(topic, this.#packetId, payload);
    this.#pending.set(this.#packetId, { item, sentAt: performance.now(), packet });
    this.#write(packet);
  }

  /** Breaks the line without a word, and keeps it broken until {@link mend}. */
  cut(): void {
    this.#cut = true;
    clearTimeout(this.#again);
    this.#socket?.destroy();
  }

  /** The line is back: connects again at once. */
  mend(): void {
    if (!this.#cut) return;
    this.#cut = false;
    clearTimeout(this.#again);
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#ping);
    clearTimeout(this.#again);
    if (this.#connected) this.#socket?.end(Buffer.from([0xe0, 0x00])); // DISCONNECT
    else this.#socket?.destroy();
  }

  #connect(): void {
    if (this.#closed || this.#cut) return;
    const { protocol, hostname, port } = new URL(this.#options.url);
    const secure = protocol === 'mqtts:';
    const host = hostname.replace(/^\[|\]$/g, '');
    const target = { host, port: port === '' ? (secure ? 8883 : 1883) : Number(port) };
    const socket = secure ? connectTls({ ...target, servername: host }) : connect({ ...target, noDelay: true });
    this.#socket = socket;
    this.#rest = Buffer.alloc(0);
    socket.on(secure ? 'secureConnect' : 'connect', () => {
      const { clientId, user, password } = this.#options;
      socket.write(generate({
        cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: false, clientId, keepalive: KEEPALIVE_SECONDS,
        ...(user === undefined ? {} : { username: user }),
        ...(password === undefined ? {} : { password: Buffer.from(password) }),
      }));
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => {
      this.#lastError = error;
      socket.destroy();
      this.#options.onError?.(error);
    });
    socket.on('close', () => this.#lost(socket));
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#connected = false;
    this.#out = [];
    clearInterval(this.#ping);
    if (!this.#closed && !this.#cut) this.#again = setTimeout(() => this.#connect(), RECONNECT_MS);
  }

  #ready(): void {
    this.#connected = true;
    this.#ping = setInterval(() => this.#write(Buffer.from([0xc0, 0x00])), KEEPALIVE_SECONDS * 500);
    if (this.#everOpen) this.reconnects += 1;
    this.#everOpen = true;
    for (const { packet, item } of this.#pending.values()) { // in the order in which they were sent, MQTT 3.1.1 §4.6
      packet[0] = (packet[0] as number) | DUP;
      this.resent += 1;
      this.#options.onResent?.(item);
      this.#write(packet);
    }
    this.#opened?.resolve();
    this.#opened = undefined;
    this.#options.onRoom();
  }

  #write(packet: Buffer): void {
    this.#out.push(packet);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      const out = this.#out;
      this.#out = [];
      if (this.#connected && out.length > 0) this.#socket?.write(out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out));
    });
  }

  /** Answers of a broker to a publisher: CONNACK, PUBACK, PINGRESP, all with a length of one byte. */
  #receive(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    let acked = false;
    while (data.length - at >= 2) {
      const length = data[at + 1] as number;
      if (data.length - at < 2 + length) break;
      const type = (data[at] as number) >> 4;
      if (type === 2) {
        this.#connack(data[at + 3] as number);
      } else if (type === 4) {
        const id = data.readUInt16BE(at + 2);
        const pending = this.#pending.get(id);
        if (pending !== undefined) {
          this.#pending.delete(id);
          this.#options.onAck(pending.item, pending.sentAt);
          acked = true;
        }
      }
      at += 2 + length;
    }
    this.#rest = Buffer.from(data.subarray(at));
    if (acked) this.#options.onRoom();
  }

  #connack(returnCode: number): void {
    if (returnCode === 0) {
      this.#ready();
      return;
    }
    this.#opened?.reject(new Error(`The broker refuses the connection (return code ${returnCode}).`));
    this.#opened = undefined;
    this.close();
  }
}

/** PUBLISH with QoS 1 (MQTT 3.1.1 §3.3). */
function publishPacket(topic: string, packetId: number, payload: string | Uint8Array): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  let remaining = 2 + topicBytes + 2 + payloadBytes;
  const packet = Buffer.allocUnsafe(5 + remaining);
  packet[0] = 0x32;
  let at = 1;
  do {
    const byte = remaining % 128;
    remaining = Math.floor(remaining / 128);
    packet[at] = remaining > 0 ? byte | 0x80 : byte;
    at += 1;
  } while (remaining > 0);
  at = packet.writeUInt16BE(topicBytes, at);
  at += packet.write(topic, at);
  at = packet.writeUInt16BE(packetId, at);
  if (typeof payload === 'string') at += packet.write(payload, at);
  else {
    packet.set(payload, at);
    at += payloadBytes;
  }
  return packet.subarray(0, at);
}
