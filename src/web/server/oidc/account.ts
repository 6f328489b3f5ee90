import { createHash } from 'node:crypto';
import type { AccountErrorCode, AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import { emailProblem } from '../accounts/users.ts';
import { OidcError } from './oidc-error.ts';
import type { OidcIdentity } from './provider.ts';
import type { GroupRights } from './role-map.ts';

/** What was done to an account by a sign-in. */
export interface OidcAccount { readonly user: UserRecord; readonly change: 'made' | 'rights' | undefined }

/** No hash of any password: such an account signs in at its provider only. */
const NO_PASSWORD = '!';

/**
 * The account's id: made from issuer and subject alone, the only pair of claims that OpenID Connect promises
 * to be unique and stable (Core 1.0 §5.7). So an account is tied to it by construction, and neither a name
 * nor an e-mail address, which change hands, ever leads to somebody else's account. UUID version 8 (RFC 9562 §5.8).
 */
export function oidcUserId(issuer: string, subject: string): string {
  const bytes = createHash('sha256').update(JSON.stringify(['waybill oidc', issuer, subject])).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Finds or makes the account and gives it the rights of its groups as they are now. @throws OidcError `account-disabled` */
export async function accountOf(store: AccountStore, identity: OidcIdentity, rights: GroupRights): Promise<OidcAccount> {
  const id = oidcUserId(identity.issuer, identity.subject);
  const known = await store.getUser(id);
  if (known === undefined) return await make(store, id, identity, rights);
  if (known.disabled) throw new OidcError('account-disabled', `The account ${known.name} is disabled.`);
  const displayName = nameClaim(identity) ?? known.displayName;
  const moved = !same(known.roles, rights.roles) || !same(known.sites, rights.sites);
  const email = emailClaim(identity) ?? known.email;
  if (!moved && displayName === known.displayName && email === known.email) return { user: known, change: undefined };
  return { user: await store.updateUser(id, { displayName, roles: rights.roles, sites: rights.sites, ...(email === undefined ? {} : { email }) }), change: moved ? 'rights' : undefined };
}

/** Takes away what an account may do, and its sessions, when its groups give it nothing any more; undefined when there is no such account. */
export async function withdraw(store: AccountStore, identity: OidcIdentity): Promise<UserRecord | undefined> {
  const known = await store.getUser(oidcUserId(identity.issuer, identity.subject));
  if (known === undefined) return undefined;
  await store.deleteSessionsOf(known.id);
  return known.roles.length === 0 ? known : await store.updateUser(known.id, { roles: [], sites: [] });
}

async function make(store: AccountStore, id: string, identity: OidcIdentity, rights: GroupRights): Promise<OidcAccount> {
  const email = emailClaim(identity);
  const wanted = signInName(identity) ?? `user-${id.slice(0, 8)}`;
  // A name that is taken belongs to somebody else, whoever that is: never to this person.
  for (const name of [wanted, `${wanted.slice(0, 55)}-${id.slice(0, 8)}`]) {
    const user: UserRecord = {
      id, name, displayName: nameClaim(identity) ?? wanted, roles: rights.roles, sites: rights.sites, ...(email === undefined ? {} : { email }), passwordHash: NO_PASSWORD, disabled: false, createdAt: new Date().toISOString(),
    };
    try {
      await store.createUser(user);
      return { user, change: 'made' };
    } catch (error) {
      const { code } = error as { readonly code?: AccountErrorCode };
      // The same person's other tab was first.
      if (code === 'id-taken') return { user: (await store.getUser(id))!, change: undefined };
      if (code !== 'name-taken') throw error;
    }
  }
  throw new OidcError('oidc-failed', `No sign-in name is free for ${wanted}.`);
}

function textClaim(identity: OidcIdentity, claim: string): string | undefined {
  const value = identity.claims[claim];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function nameClaim(identity: OidcIdentity): string | undefined {
  const name = textClaim(identity, 'name') ?? textClaim(identity, 'preferred_username');
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return name?.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 120);
}

/** Where the person is told of tasks, unless the provider itself says that it does not know whose address it is (Core 1.0 §5.1, email_verified). */
function emailClaim(identity: OidcIdentity): string | undefined {
  const email = textClaim(identity, 'email');
  return email === undefined || identity.claims['email_verified'] === false || emailProblem(email) !== undefined ? undefined : email;
}

function signInName(identity: OidcIdentity): string | undefined {
  const name = (textClaim(identity, 'preferred_username') ?? textClaim(identity, 'email'))?.split('@')[0]?.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 64);
  return name === undefined || name === '' ? undefined : name;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().every((each, index) => each === [...b].sort()[index]);
}
