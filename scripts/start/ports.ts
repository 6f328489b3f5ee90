import { createServer } from 'node:net';

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The first port from `from` on that nobody listens to on this machine's loopback. */
export async function firstFreePort(from: number): Promise<number> {
  for (let port = from; port < from + 50; port++) if (await isFree(port)) return port;
  throw new Error(`No port between ${from} and ${from + 49} is free.`);
}
