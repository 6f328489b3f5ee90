import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { freePort } from '../../scripts/lib/free-port.ts';

/** WriteRequest and CallRequest as they begin in a message without encryption (OPC 10000-6 §5.2.2.9: four-byte node id, namespace 0). */
export const REQUESTS = { write: Buffer.from([0x01, 0x00, 0xa1, 0x02]), call: Buffer.from([0x01, 0x00, 0xc8, 0x02]) } as const;

/** Stands between a client and an OPC UA server on loopback and breaks the connection at a request: after it was passed on, or before. */
export class CuttingProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut: { readonly request: Buffer; readonly passOn: boolean; times: number } | undefined;
  /** How often it broke one. */
  cuts = 0;

  private constructor(port: number, to: number) {
    this.port = port;
    this.#server = createServer((client) => { this.#join(client, connect(to, '127.0.0.1')); });
  }

  static async start(to: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(await freePort(), to);
    proxy.#server.listen(proxy.port, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Breaks the connection at the next such requests. `passOn`: the server gets them, and only the answers are lost. */
  cutAt(request: Buffer, passOn: boolean, times = 1): void {
    this.#cut = { request, passOn, times };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    let muted = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        if (!muted) server.destroy();
      });
    }
    server.on('data', (data) => { if (!muted) client.write(data); });
    client.on('data', (data: Buffer) => {
      const cut = this.#cut;
      if (cut === undefined || cut.times === 0 || !data.includes(cut.request)) {
        server.write(data);
        return;
      }
      cut.times -= 1;
      this.cuts += 1;
      muted = true;
      if (cut.passOn) server.write(data, () => { setTimeout(() => { server.destroy(); }, 200); });
      else server.destroy();
      client.destroy();
    });
  }
}
