import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A line to a server on loopback that breaks connections after so many bytes to the server. */
export class CuttingLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #after = Number.POSITIVE_INFINITY;
  #times = 0;
  /** How often it broke one. */
  cuts = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(to: number): Promise<CuttingLine> {
    const server = createServer();
    const line = new CuttingLine(server);
    server.on('connection', (near) => { line.#join(near, connect(to, '127.0.0.1')); });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next connections, so many of them, break after these bytes. */
  cutNext(after: number, times = Number.POSITIVE_INFINITY): void {
    this.#after = after;
    this.#times = times;
  }

  mend(): void {
    this.#times = 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #join(near: Socket, far: Socket): void {
    const after = this.#times > 0 ? this.#after : Number.POSITIVE_INFINITY;
    this.#times -= 1;
    let passed = 0;
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => {
        near.destroy();
        far.destroy();
        this.#sockets.delete(socket);
      });
    }
    near.on('data', (piece: Buffer) => {
      passed += piece.length;
      if (passed <= after) {
        far.write(piece);
        return;
      }
      if (!near.destroyed) this.cuts += 1;
      near.destroy();
    });
    far.on('data', (piece: Buffer) => { near.write(piece); });
  }
}
