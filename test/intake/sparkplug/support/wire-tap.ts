import { createServer, connect, type Server, type Socket } from 'node:net';
import { parser, type Packet } from 'mqtt-packet';

/** Stands between a client and a broker, passes everything on, and notes what the client sends. */
export class WireTap {
  readonly packets: Packet[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #open = true;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(port: number): Promise<WireTap> {
    const server = createServer();
    const tap = new WireTap(server);
    server.on('connection', (client) => tap.#pass(client, port));
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return tap;
  }

  get url(): string {
    const address = this.#server.address();
    return `mqtt://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  of<K extends Packet['cmd']>(cmd: K): readonly Extract<Packet, { cmd: K }>[] {
    return this.packets.filter((packet): packet is Extract<Packet, { cmd: K }> => packet.cmd === cmd);
  }

  /** The network is gone: no packet says so. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** While shut nobody gets through. */
  shut(shut: boolean): void {
    this.#open = !shut;
    if (shut) this.cut();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => { this.#server.close(() => resolve()); });
  }

  #pass(client: Socket, port: number): void {
    if (!this.#open) {
      client.destroy();
      return;
    }
    const broker = connect(port, '127.0.0.1');
    let read = parser({ protocolVersion: 4 });
    const note = (packet: Packet): void => {
      this.packets.push(packet);
      if (packet.cmd === 'connect' && packet.protocolVersion === 5) {
        read = parser({ protocolVersion: 5 });
        read.on('packet', note);
      }
    };
    read.on('packet', note);
    client.on('data', (chunk: Buffer) => {
      read.parse(chunk);
      broker.write(chunk);
    });
    broker.on('data', (chunk: Buffer) => { client.write(chunk); });
    for (const [socket, other] of [[client, broker], [broker, client]] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
