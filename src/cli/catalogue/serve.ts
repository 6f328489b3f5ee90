import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { open } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { LIMITS } from '../../governance/catalogue/limits.ts';
import { openFolder, publicFolder, readTree } from '../../governance/catalogue/publisher/folder.ts';
import type { PublisherFolder } from '../../governance/catalogue/publisher/folder.ts';
import { release } from '../../governance/catalogue/publisher/release.ts';
import { holdFolder } from '../../governance/lock.ts';
import type { Signer } from '../../governance/signing/signer.ts';
import { UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { catalogueFolder } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { openOnline } from './passphrase.ts';

const SERVED = /^\/(metadata\/[A-Za-z0-9.-]+\.json|targets\/(?:[a-z0-9-]+\/)*[0-9A-Za-z._-]+\.json)$/;
/** No such name, or none that may be read here: a link, a folder on the way. */
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO']);
const MOST_CONNECTIONS = 256;
const HOUR = 3_600_000;
const RENEW_PART = 1 / 2;

/** The content of a served file; undefined when there is none. Nothing but a file within the bounds is one, whatever its name. */
async function content(folder: PublisherFolder, name: string): Promise<Buffer | undefined> {
  let handle;
  try {
    handle = await open(path.join(publicFolder(folder), name), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const stat = await handle.stat();
    return stat.isFile() && stat.size <= LIMITS.target ? await handle.readFile() : undefined;
  } catch (error) {
    if (NO_FILE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  } finally {
    await handle?.close();
  }
}

/** Serves the signed files and nothing else: what is beside them in the folder has no address. */
async function answer(folder: PublisherFolder, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const end = (status: number, headers: Record<string, string> = {}): void => { response.writeHead(status, { 'Content-Length': '0', ...headers }).end(); };
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, { Allow: 'GET, HEAD' });
  const [, name] = SERVED.exec((request.url ?? '').split('?')[0] ?? '') ?? [];
  const bytes = name === undefined || name.includes('..') ? undefined : await content(folder, name);
  if (bytes === undefined) return end(404, { 'Cache-Control': 'no-cache' });
  // Only the statement has one name for all its versions. RFC 9110 13.1.2: the tag is the content's hash.
  const headers = { ETag: `"${createHash('sha256').update(bytes).digest('hex')}"`, 'Cache-Control': name === 'metadata/timestamp.json' ? 'no-cache' : 'public, max-age=86400, immutable' };
  const asked = request.headers['if-none-match'];
  if (asked !== undefined && (asked.trim() === '*' || asked.split(',').some((tag) => tag.trim().replace(/^W\//, '') === headers.ETag))) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': String(bytes.length), 'X-Content-Type-Options': 'nosniff', ...headers });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** A server of a publisher's folder, listening. */
async function serveCatalogue(folder: PublisherFolder, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 15_000;
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Renews the statement when half of its time is gone. */
async function renew(folder: PublisherFolder, online: Signer): Promise<void> {
  const unlock = await holdFolder(path.join(folder.path, 'lock'));
  if (unlock === undefined) return;
  try {
    const expires = Date.parse((await readTree(folder))?.timestamp.signed.expires ?? '');
    if (expires - Date.now() > folder.lifetimes.timestamp * 24 * HOUR * RENEW_PART) return;
    const { expires: until } = await release(folder, online, Date.now());
    say(`The statement is renewed until ${until.slice(0, 10)}.`);
  } finally {
    await unlock();
  }
}

/** `waybill catalogue serve [--port] [--host] [--online-key]`. */
export async function serveCommand(args: CatalogueArguments): Promise<number> {
  const folder = await openFolder(catalogueFolder(args));
  const port = /^\d{1,5}$/.test(args.values.port ?? '1890') ? Number(args.values.port ?? 1890) : Number.NaN;
  if (!Number.isInteger(port) || port > 65_535) throw new UsageError('--port takes a number from 0 to 65535.');
  const online = await openOnline(folder, args.values);
  const server = await serveCatalogue(folder, args.values.host ?? '127.0.0.1', port).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === 'EADDRINUSE' ? `Port ${port} is taken; name another with --port.` : `It cannot be listened on: ${error.message}`);
  });
  const { address, port: actual } = server.address() as AddressInfo;
  say(`Serving ${publicFolder(folder)} at http://${address.includes(':') ? `[${address}]` : address}:${actual}/ until Ctrl-C. Every file is signed; whoever listens in can read it.`);
  say(online === undefined ? 'The statement is not renewed here: no online key (--online-key).' : 'The statement is renewed when half of its time is gone.');
  const look = (): void => {
    if (online !== undefined) renew(folder, online).catch((error: unknown) => { process.stderr.write(`waybill catalogue: the statement was not renewed: ${(error as Error).message}\n`); });
  };
  look();
  const timer = setInterval(look, HOUR);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(timer);
  server.close();
  server.closeAllConnections();
  return 0;
}
