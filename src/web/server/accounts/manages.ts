import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { inScope } from '../permissions.ts';
import { problem } from '../problems.ts';

/**
 * True when the caller may look after this account: none of its sites is beyond the caller's own. An account
 * without sites, whose groups gave it nothing the last time, may get any of them back: it is for all sites.
 */
export function manages(caller: Caller, user: Pick<UserRecord, 'sites'>): boolean {
  const { sites } = caller.identity;
  return caller.permissions.has('accounts.manage') && (user.sites.length === 0 ? sites.includes('*') : user.sites.every((site) => inScope(sites, site)));
}

/** Ending sessions and revoking tokens is nothing that a token to read or to decide does. @throws WebError `scope-missing` */
export function requireAccountScope(caller: Caller): void {
  if (caller.scopes !== undefined && !caller.scopes.includes('admin')) throw problem('scope-missing');
}

/** The account with this id. @throws WebError `not-found` when it is none that the caller looks after */
export async function managedUser(store: AccountStore, caller: Caller, userId: string): Promise<UserRecord> {
  const user = await store.getUser(userId);
  if (user === undefined || !manages(caller, user)) throw problem('not-found');
  return user;
}

/** Whose sessions or tokens are meant: the caller's own, or those of an account that the caller looks after. */
export async function requireOwner(store: AccountStore, caller: Caller, userId: string | undefined): Promise<UserRecord> {
  return userId === undefined || userId === caller.user.id ? caller.user : await managedUser(store, caller, userId);
}
