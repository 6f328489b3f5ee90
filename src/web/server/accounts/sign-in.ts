import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import { verifyPassword } from '../auth/passwords.ts';
import type { SignInThrottle } from '../auth/sign-in-throttle.ts';

/** What slows guessing down, and from where somebody tries. */
export interface GuardedBy {
  readonly throttle: SignInThrottle;
  readonly address: string;
  /** True: only this account from this address is slowed down, not the address, behind which a hundred devices may connect at once. */
  readonly perAccountOnly?: boolean;
}

/**
 * The account behind a name and a password, for what signs in outside the web pages: Node-RED's editor,
 * devices at the broker. Undefined when there is none, it is disabled, the password is wrong, or attempts
 * from this address have to wait; an unknown name takes as long as a wrong password.
 */
export async function passwordSignIn(store: AccountStore, name: string | undefined, password: string | undefined, guard?: GuardedBy): Promise<UserRecord | undefined> {
  const attempt = { account: name ?? '', address: guard?.address ?? '', device: guard?.perAccountOnly === true ? `${guard.address} ${(name ?? '').toLowerCase()}` : undefined };
  if (guard !== undefined) {
    if (guard.throttle.delay(attempt, Date.now()) > 0) return undefined;
    guard.throttle.begin(attempt, Date.now());
  }
  const user = name === undefined ? undefined : await store.findUserByName(name);
  const right = await verifyPassword(password ?? '', user?.passwordHash);
  if (!right || user?.disabled !== false) return undefined;
  guard?.throttle.succeeded(attempt);
  return user;
}
