import type { AccountStore } from '../../../ledger/accounts-port.ts';
import { hashSecret, newSecret } from '../auth/secrets.ts';

/** How long a sign-in link works when nobody says otherwise. */
export const ONE_TIME_LINK_MINUTES = 60;

/** A sign-in link that works once. */
export interface OneTimeLink {
  /** Path below the server's root, `/waybill/sign-in/<secret>`; put the server's address in front of it. */
  readonly path: string;
  readonly secret: string;
  readonly expiresAt: string;
}

/**
 * Makes a link with which the account's owner signs in once, without a password. Opening it shows a
 * page with a button, and only the button uses it up: mail scanners that open links do not burn it.
 * @throws AccountError `unknown-user`
 */
export async function createOneTimeLink(store: AccountStore, userId: string, minutes: number = ONE_TIME_LINK_MINUTES): Promise<OneTimeLink> {
  const secret = newSecret();
  const expiresAt = new Date(Date.now() + minutes * 60_000).toISOString();
  await store.createOneTimeLink({ hash: hashSecret(secret), userId, expiresAt });
  return { path: `/waybill/sign-in/${secret}`, secret, expiresAt };
}
