import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

type WebModule = typeof import('../../src/web/server/index.ts');
type Request = Parameters<WebModule['noteClient']>[0];

/** What stands in front of Waybill's and Node-RED's apps. */
export interface FrontOptions {
  readonly web: WebModule;
  readonly proxies: ReturnType<WebModule['proxiesFromEnvironment']>;
  readonly publicAddress: ReturnType<WebModule['publicUrl']>;
  /** True when only this machine reaches the server; then names are checked. */
  readonly loopback: boolean;
  /** Address to open on this machine, for the answer to a wrong name. */
  readonly listensAt: () => string;
}

/** Express's app, or anything like it. */
export type App = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Makes the handler of the HTTP server: it notes who really asks, refuses names that are not ours, sets the
 * headers that also the editor gets, and puts the path of WAYBILL_PUBLIC_URL back that a proxy has taken away.
 */
export function front(options: FrontOptions, app: App): App {
  const prefix = options.publicAddress?.prefix ?? '';
  return (request: Request, response) => {
    options.web.noteClient(request, response, options.proxies);
    if (options.loopback && !options.web.hostIsOurs(request, options.publicAddress)) return options.web.refuseHost(request, response, options.listensAt());
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('X-Frame-Options', 'SAMEORIGIN');
    response.setHeader('Referrer-Policy', 'same-origin');
    if (!isBelow(request, prefix)) {
      const page = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
      if (page && request.waybillClient?.proxied !== true) {
        // Somebody on this machine without the proxy: to the address that links and cookies are made for.
        response.writeHead(307, { Location: `${prefix}${request.url ?? '/'}`, 'Cache-Control': 'no-store' }).end();
        return;
      }
      request.url = `${prefix}${request.url ?? '/'}`;
    }
    app(request, response);
  };
}

/** The same for web sockets; to be attached before Node-RED attaches its own. */
export function frontOfSockets(options: FrontOptions, server: Server): void {
  const prefix = options.publicAddress?.prefix ?? '';
  server.prependListener('upgrade', (request: Request, socket: Duplex) => {
    if (options.loopback && !options.web.hostIsOurs(request, options.publicAddress)) {
      socket.destroy();
      return;
    }
    if (!isBelow(request, prefix)) request.url = `${prefix}${request.url ?? '/'}`;
  });
}

function isBelow(request: IncomingMessage, prefix: string): boolean {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
}
