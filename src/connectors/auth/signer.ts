import type { Authentication } from '../../domain/service/index.ts';
import type { WireRequest } from '../driver.ts';
import type { ClientCredentials } from './oauth.ts';
import { SecretError } from './secrets.ts';
import type { Secrets } from './secrets.ts';

/** Puts the sign-in onto requests of one service at one system. */
export interface Signer {
  /** @throws SecretError */
  sign(request: WireRequest): Promise<WireRequest>;
  /** The request as it is signed after the system answered 401 to it; undefined when it would be the same. */
  again(request: WireRequest, refused: WireRequest): Promise<WireRequest | undefined>;
}

/** @param oauth of a service that signs in by client credentials */
export function signerFor(authentication: Authentication, secrets: Secrets, oauth: ClientCredentials | undefined): Signer {
  const sign = async (request: WireRequest): Promise<WireRequest> => {
    switch (authentication.kind) {
      case 'bearer': return withAuthorization(request, `Bearer ${secrets.need('token')}`);
      case 'basic': return withAuthorization(request, `Basic ${Buffer.from(`${secrets.need('user')}:${secrets.need('password')}`).toString('base64')}`);
      case 'api-key': return authentication.in === 'header' ? withHeader(request, authentication.name, secrets.need('apiKey')) : withQuery(request, authentication.name, secrets.need('apiKey'));
      case 'oauth2-client-credentials': return withAuthorization(request, `Bearer ${await oauth?.token() ?? ''}`);
      // A certificate is the connection's, a session the driver's.
      case 'mtls': case 'session': case 'none': return request;
    }
  };
  return {
    sign,
    again: async (request, refused) => {
      if (authentication.kind === 'oauth2-client-credentials' && oauth !== undefined) {
        return withAuthorization(request, `Bearer ${await oauth.renew((refused.headers['authorization'] ?? '').slice(7))}`);
      }
      // A secret in a file may have been changed in this moment.
      const anew = await sign(request);
      return anew.path === refused.path && JSON.stringify(anew.headers) === JSON.stringify(refused.headers) ? undefined : anew;
    },
  };
}

function withHeader(request: WireRequest, name: string, value: string): WireRequest {
  // The document is not to blame for it: it may go when the secret is mended.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw new SecretError('The secret of the system holds a character that HTTP does not carry; compare it with the one that you were given, and write it anew.');
  return { ...request, headers: { ...request.headers, [name.toLowerCase()]: value } };
}
function withAuthorization(request: WireRequest, value: string): WireRequest {
  return withHeader(request, 'authorization', value);
}
function withQuery(request: WireRequest, name: string, value: string): WireRequest {
  return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}` };
}
