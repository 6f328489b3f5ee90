import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the search for a free port begins: the first after Node-RED's and the demo ERP's. */
export const FIRST_WEB_PORT = 1882;
const portsTried = 50;

async function listen(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/**
 * Serves on loopback: on `wanted` (the text of WAYBILL_WEB_PORT), else on the first free port from 1882.
 * The server keeps no process alive. Throws with a sentence that says what to do.
 */
export async function serveOnOwnPort(app: RequestListener, wanted: string | undefined): Promise<number> {
  const server = createServer(app);
  server.unref();
  if (wanted === undefined || wanted === '') {
    for (let port = FIRST_WEB_PORT; port < FIRST_WEB_PORT + portsTried; port += 1) if (await listen(server, port)) return port;
    throw new Error(`no port from ${FIRST_WEB_PORT} to ${FIRST_WEB_PORT + portsTried - 1} is free. Name one in WAYBILL_WEB_PORT.`);
  }
  const port = Number(wanted);
  if (!/^\d+$/.test(wanted) || port > 65_535) throw new Error(`WAYBILL_WEB_PORT=${wanted} is no port; use a number from 0 to 65535.`);
  if (!await listen(server, port)) throw new Error(`port ${port} of WAYBILL_WEB_PORT is taken. End what listens there, or name another one.`);
  return (server.address() as AddressInfo).port;
}
