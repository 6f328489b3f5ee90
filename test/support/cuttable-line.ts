import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A line to a server on loopback that can be cut and mended. */
export class CuttableLine {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  port = 0;
  #cut = false;

  private constructor(target: number) {
    this.#server = createServer((near) => {
      if (this.#cut) {
        near.destroy();
        return;
      }
      const far = connect(target, '127.0.0.1');
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      const end = (): void => {
        near.destroy();
        far.destroy();
        this.#pairs.delete(pair);
      };
      for (const socket of pair) socket.on('error', end).on('close', end);
      near.pipe(far).pipe(near);
    });
  }

  static async to(target: number): Promise<CuttableLine> {
    const line = new CuttableLine(target);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    line.port = (line.#server.address() as { readonly port: number }).port;
    return line;
  }

  get url(): string {
    return `opc.tcp://127.0.0.1:${this.port}`;
  }

  cut(): void {
    this.#cut = true;
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  mend(): void {
    this.#cut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
