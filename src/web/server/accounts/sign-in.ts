import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import { verifyPassword } from '../auth/passwords.ts';

/**
 * The account behind a name and a password, for what signs in outside the web pages: Node-RED's editor,
 * devices at the broker. Undefined when there is none, it is disabled, or the password is wrong; an unknown
 * name takes as long as a wrong password.
 */
export async function passwordSignIn(store: AccountStore, name: string | undefined, password: string | undefined): Promise<UserRecord | undefined> {
  const user = name === undefined ? undefined : await store.findUserByName(name);
  const right = await verifyPassword(password ?? '', user?.passwordHash);
  return right && user?.disabled === false ? user : undefined;
}
