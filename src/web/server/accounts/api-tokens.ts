import { randomUUID } from 'node:crypto';
import type { AccessNote, AccountStore, ApiTokenRecord } from '../../../ledger/accounts-port.ts';
import { hashSecret, newApiToken } from '../auth/secrets.ts';

/** Lifetime of a token that nobody gave one, days. */
export const DEFAULT_TOKEN_DAYS = 90;
/** Longest lifetime; only the command line makes one without an end. */
export const MAX_TOKEN_DAYS = 365;

/** A new API token as people describe it. */
export interface NewApiToken {
  readonly userId: string;
  readonly name: string;
  /** Any of `read`, `decide`, `admin`. */
  readonly scopes: readonly string[];
  /** Narrows the person's own sites; `*` leaves them as they are. */
  readonly sites: readonly string[];
  /** ISO 8601; absent: no expiry. */
  readonly expiresAt?: string;
}

/** Makes and stores a token. `secret` is the only copy in clear. @throws AccountError `unknown-user` */
export async function createApiToken(store: AccountStore, token: NewApiToken, note?: AccessNote): Promise<{ readonly secret: string; readonly record: ApiTokenRecord }> {
  const secret = newApiToken();
  const record: ApiTokenRecord = {
    id: randomUUID(),
    userId: token.userId,
    name: token.name,
    hash: hashSecret(secret),
    scopes: [...token.scopes],
    sites: [...token.sites],
    createdAt: new Date().toISOString(),
    ...(token.expiresAt === undefined ? {} : { expiresAt: token.expiresAt }),
  };
  await store.createToken(record, note);
  return { secret, record };
}
