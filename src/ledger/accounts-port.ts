/**
 * The port for accounts: users, API tokens, sessions and one-time sign-in links. They are no part of
 * the ledger (secrets and names must be erasable at once), and several processes use them at the same
 * time: the server and the command line. Ids, hashes and times come in as arguments; times are
 * ISO 8601 UTC with milliseconds. Nothing here ever sees a password or a token in clear.
 */

/** A local account. `sites` holds site ids, or `'*'` for all of them. */
export interface UserRecord {
  /** UUID. */
  readonly id: string;
  /** Sign-in name, unique without regard to case. */
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  readonly sites: readonly string[];
  /** Badge as a scanner sends it; unique. Ties a device's operator to the account. */
  readonly badge?: string;
  /** Opaque to the store (scrypt with its parameters). */
  readonly passwordHash: string;
  readonly disabled: boolean;
  readonly createdAt: string;
}

/** What may be changed of a user; `badge: null` takes the badge away. */
export interface UserPatch {
  readonly name?: string;
  readonly displayName?: string;
  readonly roles?: readonly string[];
  readonly sites?: readonly string[];
  readonly badge?: string | null;
  readonly passwordHash?: string;
  readonly disabled?: boolean;
}

/** An API token; only its SHA-256 is kept. */
export interface ApiTokenRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly sites: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
}

/** A signed-in browser; only the hash of its id is kept. */
export interface SessionRecord {
  readonly idHash: string;
  readonly userId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastSeenAt: string;
  readonly authMethod: string;
}

/** A sign-in link that works once. */
export interface OneTimeLinkRecord {
  readonly hash: string;
  readonly userId: string;
  readonly expiresAt: string;
  readonly usedAt?: string;
}

export type AccountErrorCode = 'name-taken' | 'badge-taken' | 'id-taken' | 'unknown-user' | 'unavailable' | 'corrupt' | 'path';

export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly code: AccountErrorCode;
  constructor(code: AccountErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Every change is durable when its promise resolves. Rejects with {@link AccountError}. */
export interface AccountStore {
  /** Rejects with `name-taken`, `badge-taken` or `id-taken`. */
  createUser(user: UserRecord): Promise<void>;
  getUser(id: string): Promise<UserRecord | undefined>;
  /** Without regard to (ASCII) case. */
  findUserByName(name: string): Promise<UserRecord | undefined>;
  findUserByBadge(badge: string): Promise<UserRecord | undefined>;
  /** All users in name order. */
  listUsers(): Promise<readonly UserRecord[]>;
  countUsers(): Promise<number>;
  /** Rejects with `unknown-user`, `name-taken` or `badge-taken`; answers the user as it is now. */
  updateUser(id: string, patch: UserPatch): Promise<UserRecord>;
  /** Deletes the account with its tokens, sessions and links; false when there was none. */
  deleteUser(id: string): Promise<boolean>;

  /** Rejects with `unknown-user` or `id-taken`. */
  createToken(token: ApiTokenRecord): Promise<void>;
  /** Also when revoked or expired: the caller judges by the record. */
  findTokenByHash(hash: string): Promise<ApiTokenRecord | undefined>;
  listTokens(userId?: string): Promise<readonly ApiTokenRecord[]>;
  /** False when there is no such token or it was revoked before. */
  revokeToken(id: string, at: string): Promise<boolean>;

  createSession(session: SessionRecord): Promise<void>;
  getSession(idHash: string): Promise<SessionRecord | undefined>;
  /** Sets `lastSeenAt`, and `expiresAt` when given; false when the session is gone. */
  touchSession(idHash: string, lastSeenAt: string, expiresAt?: string): Promise<boolean>;
  deleteSession(idHash: string): Promise<boolean>;
  /** Ends all sessions of a user; answers how many there were. */
  deleteSessionsOf(userId: string): Promise<number>;
  /** Removes sessions and links that expired at or before `now`; answers how many. */
  deleteExpired(now: string): Promise<number>;

  createOneTimeLink(link: OneTimeLinkRecord): Promise<void>;
  /** Uses the link up: the user's id for exactly one caller, undefined for every other and when expired. */
  consumeOneTimeLink(hash: string, now: string): Promise<string | undefined>;

  close(): Promise<void>;
}
