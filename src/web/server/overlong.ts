import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { problem, problemDocument } from './problems.ts';

const known = new WeakSet<Server>();

/**
 * Node answers addresses and headers beyond its bound (16 KiB) with 431 by itself and without a word; this gives the same
 * answer a sentence, as a problem document. Does nothing where the host has its own handler.
 */
export function explainOverlong(server: Server | undefined): void {
  if (server === undefined || known.has(server)) return;
  known.add(server);
  if (server.listenerCount('clientError') > 0) return;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const overlong = error.code === 'HPE_HEADER_OVERFLOW';
    const document = problemDocument(problem('filter-too-long', 'The address or its headers are longer than 16 KiB; search for a few words or one key at a time.'), '/');
    const body = overlong ? JSON.stringify({ ...document, status: 431 }) : '';
    socket.end([
      overlong ? 'HTTP/1.1 431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'HTTP/1.1 408 Request Timeout' : 'HTTP/1.1 400 Bad Request',
      ...(overlong ? ['Content-Type: application/problem+json'] : []), `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', body,
    ].join('\r\n'));
  });
}
