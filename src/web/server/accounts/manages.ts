import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { inScope } from '../permissions.ts';
import { problem } from '../problems.ts';

/** True when the caller may look after this account: none of its sites is beyond the caller's own. */
export function manages(caller: Caller, user: Pick<UserRecord, 'sites'>): boolean {
  return caller.permissions.has('accounts.manage') && user.sites.every((site) => inScope(caller.identity.sites, site));
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
