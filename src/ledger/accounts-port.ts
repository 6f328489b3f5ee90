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
  /** Where the person is told of tasks. No part of who the person is: two accounts may have the same. */
  readonly email?: string;
  /** Opaque to the store (scrypt with its parameters). */
  readonly passwordHash: string;
  /** Hash of the PIN with which the person decides at shared devices; same form as the password's. */
  readonly pinHash?: string;
  readonly disabled: boolean;
  readonly createdAt: string;
}

/** What may be changed of a user; `badge: null` takes the badge away, `email: null` the address, `pinHash: null` the PIN. */
export interface UserPatch {
  readonly name?: string;
  readonly displayName?: string;
  readonly roles?: readonly string[];
  readonly sites?: readonly string[];
  readonly badge?: string | null;
  readonly email?: string | null;
  readonly passwordHash?: string;
  readonly pinHash?: string | null;
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
  /** From where the person signed in; empty when nobody knows. */
  readonly remoteAddress?: string;
  /** Browser and system in a few words. */
  readonly client?: string;
  /** Several people use the device: every change asks for the PIN of who makes it. */
  readonly shared?: boolean;
}

/**
 * A change of accounts that the ledger has not recorded yet. It is stored in the same transaction as the
 * change, by whichever process made it, and taken out when the ledger has it: none is lost, none is there twice.
 */
export interface AccessNote {
  /** UUID; names the entry in the ledger, so that a second recording is noticed. */
  readonly id: string;
  readonly at: string;
  /** What happened, for example `token-created read,decide`. Nothing secret, no names. */
  readonly what: string;
  /** Account that it is about. */
  readonly userId: string;
  /** Account of the person who did it; absent: whoever may run the command line there. */
  readonly byUserId?: string;
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

/**
 * Every change is durable when its promise resolves. Rejects with {@link AccountError}. A `note` becomes
 * durable with its change or not at all; when the change changes nothing (no such token), there is no note.
 */
export interface AccountStore {
  /** Rejects with `name-taken`, `badge-taken` or `id-taken`. */
  createUser(user: UserRecord, note?: AccessNote): Promise<void>;
  getUser(id: string): Promise<UserRecord | undefined>;
  /** Without regard to (ASCII) case. */
  findUserByName(name: string): Promise<UserRecord | undefined>;
  findUserByBadge(badge: string): Promise<UserRecord | undefined>;
  /** All users in name order. */
  listUsers(): Promise<readonly UserRecord[]>;
  countUsers(): Promise<number>;
  /** Rejects with `unknown-user`, `name-taken` or `badge-taken`; answers the user as it is now. */
  updateUser(id: string, patch: UserPatch, note?: AccessNote): Promise<UserRecord>;
  /** Deletes the account with its tokens, sessions and links; false when there was none. */
  deleteUser(id: string): Promise<boolean>;

  /** Rejects with `unknown-user` or `id-taken`. */
  createToken(token: ApiTokenRecord, note?: AccessNote): Promise<void>;
  /** Also when revoked or expired: the caller judges by the record. */
  findTokenByHash(hash: string): Promise<ApiTokenRecord | undefined>;
  listTokens(userId?: string): Promise<readonly ApiTokenRecord[]>;
  /** False when there is no such token or it was revoked before. */
  revokeToken(id: string, at: string, note?: AccessNote): Promise<boolean>;

  createSession(session: SessionRecord): Promise<void>;
  getSession(idHash: string): Promise<SessionRecord | undefined>;
  /** Sets `lastSeenAt`, and `expiresAt` when given; false when the session is gone. */
  touchSession(idHash: string, lastSeenAt: string, expiresAt?: string): Promise<boolean>;
  deleteSession(idHash: string, note?: AccessNote): Promise<boolean>;
  /** Living sessions, the last used first. */
  listSessions(now: string, userId?: string): Promise<readonly SessionRecord[]>;
  /** Ends all sessions of a user, but for the one with the hash `except`; answers how many there were. */
  deleteSessionsOf(userId: string, options?: { readonly except?: string; readonly note?: AccessNote }): Promise<number>;
  /** Removes sessions and links that expired at or before `now`; answers how many. */
  deleteExpired(now: string): Promise<number>;

  createOneTimeLink(link: OneTimeLinkRecord): Promise<void>;
  /** Uses the link up: the user's id for exactly one caller, undefined for every other and when expired. */
  consumeOneTimeLink(hash: string, now: string): Promise<string | undefined>;

  /** Keeps a note without a change of its own. */
  addNote(note: AccessNote): Promise<void>;
  /** Notes that the ledger has not recorded yet, oldest first. */
  pendingNotes(limit: number): Promise<readonly AccessNote[]>;
  /** The ledger has it. */
  removeNote(id: string): Promise<void>;

  close(): Promise<void>;
}
