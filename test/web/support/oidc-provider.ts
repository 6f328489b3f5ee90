import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { JWK } from 'oidc-provider';

/** A real OpenID provider on loopback, whose sign-in and consent pages answer by themselves. */
export interface TestProvider {
  readonly issuer: string;
  /** Groups by account; an account that is not here cannot sign in. */
  readonly people: Map<string, { readonly groups?: readonly string[]; readonly name?: string; readonly username?: string }>;
  /** Who signs in next, and whether they consent. */
  next: { account: string; consent: boolean };
  /** Changes the answers of the token endpoint; undefined leaves them. */
  tamper: ((tokens: Record<string, unknown>) => Record<string, unknown>) | undefined;
  /** Answers 503 to everything. */
  down: boolean;
  /** Signs with new keys from now on, and forgets the old ones. */
  rotateKeys(): void;
  close(): Promise<void>;
}

export const CLIENT = { id: 'waybill', secret: 'a secret of the tests' };

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() } as JWK;
}

/** @param redirectUris the client's, for sign-in */
export async function startProvider(redirectUris: readonly string[], afterSignOut: readonly string[]): Promise<TestProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const make = (): { readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> } => {
    const provider = new Provider(issuer, {
      jwks: { keys: [newKey()] },
      clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [...redirectUris], post_logout_redirect_uris: [...afterSignOut], response_types: ['code'], grant_types: ['authorization_code'] }],
      claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
      scopes: ['openid', 'profile', 'groups'],
      cookies: { keys: ['a key of the tests'] },
      features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
      findAccount: (_ctx, sub) => (self.people.has(sub) ? {
        accountId: sub,
        claims: () => { const { groups, name, username } = self.people.get(sub)!; return { sub, groups, name, preferred_username: username ?? sub }; },
      } : undefined),
      interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
      ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Grant: 60, Interaction: 60, Session: 60 },
    });
    const callback = provider.callback();
    return {
      handle: async (request, response) => {
        if (!(request.url ?? '').startsWith('/interaction/')) return await callback(request, response);
        const details = await provider.interactionDetails(request, response);
        if (!self.next.consent) return await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'the person said no' });
        const grant = new provider.Grant({ accountId: self.next.account, clientId: CLIENT.id });
        grant.addOIDCScope('openid profile groups');
        await provider.interactionFinished(request, response, { login: { accountId: self.next.account }, consent: { grantId: await grant.save() } });
        void details;
      },
    };
  };
  const self: TestProvider = {
    issuer, people: new Map(), next: { account: 'nobody', consent: true }, tamper: undefined, down: false,
    rotateKeys: () => { current = make(); },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  let current = make();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (self.down) {
      response.writeHead(503).end();
      return;
    }
    if (request.url === '/token' && self.tamper !== undefined) tamperWith(response, self.tamper);
    current.handle(request, response).catch((error: unknown) => { response.writeHead(500).end(String(error)); });
  });
  return self;
}

/** Rewrites the JSON that the provider sends. */
function tamperWith(response: ServerResponse, tamper: (tokens: Record<string, unknown>) => Record<string, unknown>): void {
  const end = response.end.bind(response);
  response.end = ((body?: unknown) => {
    const text = Buffer.isBuffer(body) ? body.toString('utf8') : String(body ?? '');
    const changed = JSON.stringify(tamper(JSON.parse(text) as Record<string, unknown>));
    response.setHeader('Content-Length', Buffer.byteLength(changed));
    return end(changed);
  }) as typeof response.end;
}
