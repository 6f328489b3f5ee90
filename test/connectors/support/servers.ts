import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A server of a test on a free loopback port. */
export interface Listening {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Connections that were made to it so far. */
  readonly connections: number;
  close(): Promise<void>;
}

async function listening(server: Server, close: () => void): Promise<Listening> {
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get connections() { return connections; },
    close: async () => {
      close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) {
        server.close();
        await once(server, 'close');
      }
    },
  };
}

/** An HTTP server with this handler. */
export function httpServer(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<Listening> {
  const server = createHttpServer(handler);
  return listening(server, () => server.closeAllConnections());
}

/** A TCP server that does with each connection what the test says; no HTTP of its own. */
export function tcpServer(onConnection: (socket: Socket) => void): Promise<Listening> {
  const server = createServer((socket) => {
    // A client that gives up resets the connection; that is what these tests are about.
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  return listening(server, () => undefined);
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await tcpServer((socket) => socket.destroy());
  await server.close();
  return server.port;
}

/** The body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
