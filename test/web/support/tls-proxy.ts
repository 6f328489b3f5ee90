import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

/** A reverse proxy of the usual kind: TLS in front, plain HTTP behind, web sockets passed on. */
export interface TlsProxy {
  readonly port: number;
  /** Requests that were made outside its path. */
  readonly outside: readonly string[];
  close(): Promise<void>;
}

/** A certificate for localhost that nobody knows. */
export async function selfSigned(): Promise<{ readonly cert: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  return { cert, key };
}

/**
 * @param target port behind it, on loopback; asked when a request comes
 * @param prefix path that it serves, for example `/warehouse`; it is taken away when `strip` is set
 */
export async function startTlsProxy(target: () => number, prefix: string, strip: boolean): Promise<TlsProxy> {
  const outside: string[] = [];
  const server = createServer(await selfSigned());
  const rewritten = (request: IncomingMessage): { readonly path: string; readonly headers: Record<string, string | string[]> } => {
    const url = request.url ?? '/';
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([, value]) => value !== undefined)) as Record<string, string | string[]>;
    return {
      path: strip ? url.slice(prefix.length) || '/' : url,
      headers: { ...headers, 'host': `127.0.0.1:${target()}`, 'x-forwarded-for': request.socket.remoteAddress ?? '', 'x-forwarded-proto': 'https', 'x-forwarded-host': String(request.headers.host) },
    };
  };
  server.on('request', (request, response) => {
    if (request.url !== prefix && !(request.url ?? '').startsWith(`${prefix}/`)) {
      if (request.url !== '/favicon.ico') outside.push(`${request.method} ${request.url}`);
      response.writeHead(404).end('not here');
      return;
    }
    const { path, headers } = rewritten(request);
    const onward = httpRequest({ host: '127.0.0.1', port: target(), method: request.method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => { response.destroy(); });
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('upgrade', (request, socket) => {
    const { path, headers } = rewritten(request);
    const onward = connect(target(), '127.0.0.1', () => {
      onward.write(`${request.method} ${path} HTTP/1.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`).join('\r\n')}\r\n\r\n`);
      socket.pipe(onward).pipe(socket);
    });
    for (const [one, other] of [[socket, onward], [onward, socket]] as const) one.once('error', () => other.destroy()).once('close', () => other.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, outside,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
