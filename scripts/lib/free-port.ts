import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports that no operating system gives to a server that asks for any (port 0), nor to an outgoing connection: those of
 * Linux begin at 32,768, those of others at 49,152. A port of these stays free until the program that it was found for
 * has started, however long that takes.
 */
const FIRST = 20_000;
const COUNT = 12_000;

/** Processes that look for ports at the same time begin far from each other, and none gives the same port twice. */
let next = (process.pid * 997) % COUNT;

/** A TCP port that is free on loopback, and that nothing else takes by chance. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries += 1) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${FIRST} to ${FIRST + COUNT - 1} is free.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
