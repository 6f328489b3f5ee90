import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Waybill } from '../../../src/engine/api.ts';
import type { AccountStore } from '../../../src/ledger/accounts-port.ts';
import { createApiToken, createUser, createWebRouter, type WebRouterOptions } from '../../../src/web/server/index.ts';

/** A web server of its own on a free loopback port. */
export interface TestServer {
  readonly url: string;
  /** Address of the API. */
  readonly api: string;
  readonly log: readonly string[];
  close(): Promise<void>;
}

export async function startServer(waybill: () => Waybill | undefined, options: Partial<WebRouterOptions> = {}, port = 0): Promise<TestServer> {
  const log: string[] = [];
  const app = express();
  app.use('/waybill', createWebRouter({ waybill, log: (line) => log.push(line), ...options }));
  const server: Server = createServer(app);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url, api: `${url}/waybill/api/v1`, log,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Password of every account that {@link addPerson} makes. */
export const PASSWORD = 'plain words in a row';

/** An account with an API token that may do all that its roles allow. */
export async function addPerson(
  store: AccountStore, name: string, roles: readonly string[], sites: readonly string[] = ['dc-1'], scopes: readonly string[] = ['read', 'decide', 'admin'],
): Promise<{ readonly userId: string; readonly headers: { readonly authorization: string } }> {
  const user = await createUser(store, { name, displayName: name.toUpperCase(), roles, sites, password: PASSWORD });
  const { secret } = await createApiToken(store, { userId: user.id, name: 'test', scopes, sites: ['*'] });
  return { userId: user.id, headers: { authorization: `Bearer ${secret}` } };
}

/** A signed-in browser: its cookies and its CSRF token. */
export interface BrowserSession { readonly cookie: string; readonly csrf: string; readonly setCookie: readonly string[] }

export async function signIn(server: TestServer, name: string, password: string = PASSWORD): Promise<BrowserSession> {
  const response = await fetch(`${server.api}/session`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, password }),
  });
  if (response.status !== 201) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
  const setCookie = response.headers.getSetCookie();
  const { csrfToken } = await response.json() as { csrfToken: string };
  return { cookie: setCookie.map((each) => each.split(';')[0]).join('; '), csrf: csrfToken, setCookie };
}

/** Asks with a JSON body when there is one; answers status, headers and decoded body. */
export async function ask(
  url: string, options: { readonly method?: string; readonly headers?: Record<string, string>; readonly json?: unknown } = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: options.method ?? 'GET', redirect: 'manual',
    headers: { ...(options.json === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : { text }) as Record<string, unknown> };
}
