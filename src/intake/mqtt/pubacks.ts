import type { Writable } from 'node:stream';

/** Bytes of a PUBACK without reason code and properties: success (MQTT 5 §3.4.2.1, MQTT 3.1.1 §3.4). */
const PUBACK_BYTES = 4;

/** PUBACKs to the broker: those of one turn of the event loop leave in one write, in the order in which they were given. */
export class Pubacks {
  readonly #stream: () => Writable;
  #ids: number[] = [];

  /** @param stream the connection as it is when they are written; what it does not take, the broker sends again */
  constructor(stream: () => Writable) {
    this.#stream = stream;
  }

  add(packetId: number): void {
    if (this.#ids.push(packetId) === 1) process.nextTick(() => this.#write());
  }

  #write(): void {
    const ids = this.#ids;
    this.#ids = [];
    const stream = this.#stream();
    if (stream.destroyed || stream.writableEnded) return;
    const bytes = Buffer.allocUnsafe(PUBACK_BYTES * ids.length);
    let at = 0;
    for (const id of ids) {
      at = bytes.writeUInt16BE(0x4002, at); // type 4, two bytes follow
      at = bytes.writeUInt16BE(id, at);
    }
    stream.write(bytes);
  }
}
