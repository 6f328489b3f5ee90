import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { problem, problemDocument } from './problems.ts';
import type { WebError } from './problems.ts';

const known = new WeakSet<Server>();

/** What Node refuses by itself and without a word, in the words of a problem document. */
function problemOf({ code }: NodeJS.ErrnoException): readonly [line: string, WebError] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': return ['431 Request Header Fields Too Large', problem('filter-too-long', 'The address or its headers are longer than 16 KiB; send shorter ones, and search for a few words or one key at a time.')];
    case 'ERR_HTTP_REQUEST_TIMEOUT': return ['408 Request Timeout', problem('request-unfinished')];
    default: return ['400 Bad Request', problem('request-unreadable')];
  }
}

/**
 * Node answers addresses and headers beyond its bound (16 KiB) with 431, what is no HTTP with 400 and what does not come with 408, by itself
 * and without a word; this gives the same answers a sentence, as problem documents. Does nothing where the host has its own handler.
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
    const [line, what] = problemOf(error);
    const body = JSON.stringify({ ...problemDocument(what, '/'), status: Number(line.slice(0, 3)) });
    socket.end([`HTTP/1.1 ${line}`, 'Content-Type: application/problem+json', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', body].join('\r\n'));
  });
}
