import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import type { PersonIdentity } from '../../../engine/api.ts';
import { headerOf, type Request } from '../http.ts';
import { narrowSites, permissionsOf, type Permission } from '../permissions.ts';
import { problem } from '../problems.ts';
import { requireSameOrigin } from './same-origin.ts';
import { hashSecret, sameSecret, TOKEN_PREFIX } from './secrets.ts';
import { csrfToken, type FoundSession, type Sessions } from './sessions.ts';

/** Who sends the request, and what they may do. */
export interface Caller {
  readonly user: UserRecord;
  readonly identity: PersonIdentity;
  readonly permissions: ReadonlySet<Permission>;
  /** Present when a browser's cookie speaks. */
  readonly session: FoundSession | undefined;
  /** Scopes of the API token, when one speaks. */
  readonly scopes: readonly string[] | undefined;
}

function identityOf(user: UserRecord, sites: readonly string[], authMethod: string, channel: string): PersonIdentity {
  return { userId: user.id, name: user.displayName, roles: user.roles, sites, authMethod, channel };
}

async function byToken(store: AccountStore, secret: string): Promise<Caller> {
  const token = secret.startsWith(TOKEN_PREFIX) ? await store.findTokenByHash(hashSecret(secret)) : undefined;
  const now = new Date().toISOString();
  const user = token === undefined ? undefined : await store.getUser(token.userId);
  if (token === undefined || token.revokedAt !== undefined || (token.expiresAt !== undefined && token.expiresAt <= now) || user === undefined || user.disabled) {
    throw problem('token-invalid', undefined, { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } });
  }
  return {
    user, identity: identityOf(user, narrowSites(user.sites, token.sites), 'token', 'api'),
    permissions: permissionsOf(user.roles, token.scopes), session: undefined, scopes: token.scopes,
  };
}

/**
 * The caller of a request: an API token when an `Authorization` header is there (RFC 6750), else a
 * session's cookie; undefined when neither is.
 * @throws WebError `token-invalid`
 */
export async function authenticate(store: AccountStore, sessions: Sessions, request: Request): Promise<Caller | undefined> {
  const authorization = headerOf(request, 'authorization');
  const bearer = authorization === undefined ? null : /^Bearer +(\S+)$/i.exec(authorization);
  if (bearer !== null) return await byToken(store, bearer[1]!);
  const session = await sessions.find(store, request);
  if (session === undefined) return undefined;
  return {
    user: session.user, identity: identityOf(session.user, session.user.sites, session.record.authMethod, 'inbox'),
    permissions: permissionsOf(session.user.roles), session, scopes: undefined,
  };
}

/**
 * Who makes a write: on a shared device the person of the PIN that came with it, else the caller.
 * @throws WebError as {@link PinGuard.personOf}
 */
export async function writerOf(store: AccountStore, sessions: Sessions, caller: Caller, request: Request): Promise<Caller> {
  const { session } = caller;
  if (session?.record.shared !== true) return caller;
  const person = await sessions.pins.personOf(store, session, request);
  // A few digits, typed where others look on, decide; they do not give out rights.
  const permissions = new Set([...permissionsOf(person.roles)].filter((permission) => permission !== 'accounts.manage'));
  return { user: person, identity: identityOf(person, person.sites, 'pin', 'shared-device'), permissions, session, scopes: undefined };
}

/**
 * A write by cookie must come from our own page and carry the session's CSRF token. Tokens are sent
 * by programs on purpose, so they need neither.
 * @throws WebError `cross-site`, `csrf-token`
 */
export function requireOwnPage(caller: Caller, request: Request, publicUrl: string | undefined): void {
  if (caller.session === undefined) return;
  requireSameOrigin(request, publicUrl);
  const sent = headerOf(request, 'x-waybill-csrf');
  if (sent === undefined || !sameSecret(sent, csrfToken(caller.session.id))) throw problem('csrf-token');
}
