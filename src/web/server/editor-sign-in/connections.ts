import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** How often it is looked whether somebody with an open editor has lost the right to it, in ms. */
const LOOK_MS = 2_000;

/**
 * The editor's web sockets. Node-RED looks at a token only when a socket opens, so a socket would outlive the
 * session. When somebody has lost the right to the editor, all of its sockets are closed: editors connect
 * again by themselves within a second, unnoticed, and only those that still may get through.
 */
export class EditorConnections {
  readonly #sockets = new Set<Duplex>();
  readonly #lost: () => Promise<boolean>;
  #timer: NodeJS.Timeout | undefined;

  /** @param lost answers true once for everybody who has lost the right since it was asked last */
  constructor(lost: () => Promise<boolean>) {
    this.#lost = lost;
  }

  /** Watches the sockets that open at `path`. */
  attach(server: Pick<Server, 'prependListener'>, path: string, log: (message: string) => void): void {
    server.prependListener('upgrade', (request, socket) => {
      // Wherever it stands: Node-RED takes the path out of more forms of an address than one.
      if (!(request.url ?? '').includes(path)) return;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#timer ??= setInterval(() => { this.#look().catch((error: unknown) => log(`editor sign-in: ${String(error)}`)); }, LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    if (!await this.#lost()) return;
    for (const socket of this.#sockets) socket.destroy();
  }
}
