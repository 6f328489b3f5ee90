import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { AccountStore, SessionRecord, UserRecord } from '../../../ledger/accounts-port.ts';
import { headerOf, type Request } from '../http.ts';
import { clientAddress } from '../reach/client.ts';
import { clientLabel } from './client-label.ts';
import { cookieName, cookieOf, isSecure, setCookie } from './cookies.ts';
import { PinGuard } from './pin-guard.ts';
import { hashSecret, newSecret, sameSecret } from './secrets.ts';

/** A session ends after so long without a request… */
const IDLE_MS = 8 * 3_600_000;
/** …and in any case so long after the sign-in. */
const ABSOLUTE_MS = 24 * 3_600_000;
/** How often at most the store hears that a session is in use. */
const TOUCH_MS = 60_000;
/** How long a browser counts as one that has signed in before. */
const DEVICE_SECONDS = 180 * 86_400;

/** A browser's session as found in a request. */
export interface FoundSession {
  readonly id: string;
  readonly record: SessionRecord;
  readonly user: UserRecord;
}

/** Starts, finds and ends the sessions of browsers: opaque random ids in a cookie, kept as hashes. */
export class Sessions {
  readonly #publicUrl: () => string | undefined;
  /** Who makes the writes of shared sessions. */
  readonly pins = new PinGuard();
  /** Signs device cookies; new with every start, which only costs known browsers their own counter. */
  readonly #deviceKey = randomBytes(32);

  constructor(publicUrl: () => string | undefined) {
    this.#publicUrl = publicUrl;
  }

  /** Starts a session; answers it with the `Set-Cookie` headers to send. */
  async start(store: AccountStore, request: Request, user: UserRecord, authMethod: string, options: { readonly shared?: boolean } = {}): Promise<{ readonly id: string; readonly cookies: readonly string[] }> {
    const id = newSecret();
    const now = Date.now();
    await store.deleteExpired(new Date(now).toISOString());
    const client = clientLabel(headerOf(request, 'user-agent'));
    await store.createSession({
      idHash: hashSecret(id), userId: user.id, authMethod,
      createdAt: new Date(now).toISOString(), lastSeenAt: new Date(now).toISOString(), expiresAt: new Date(now + IDLE_MS).toISOString(),
      remoteAddress: clientAddress(request).slice(0, 64), ...(client === undefined ? {} : { client }), ...(options.shared === true ? { shared: true } : {}),
    });
    return { id, cookies: [this.#cookie(request, 'session', id, ABSOLUTE_MS / 1000), this.#cookie(request, 'device', this.#deviceMark(user.id), DEVICE_SECONDS)] };
  }

  /** The session that the request's cookie names; undefined when there is none that still counts. */
  async find(store: AccountStore, request: Request): Promise<FoundSession | undefined> {
    const id = cookieOf(request, this.#name('session', request));
    if (id === undefined) return undefined;
    const living = await this.living(store, hashSecret(id));
    return living === undefined ? undefined : { id, ...living };
  }

  /** The session of this hash with its person; undefined when it does not count any more. It counts as used now, unless `touch` is false. */
  async living(store: AccountStore, idHash: string, { touch = true }: { readonly touch?: boolean } = {}): Promise<Omit<FoundSession, 'id'> | undefined> {
    const record = await store.getSession(idHash);
    const now = Date.now();
    if (record === undefined || Date.parse(record.expiresAt) <= now) return undefined;
    const user = await store.getUser(record.userId);
    if (user === undefined || user.disabled) return undefined;
    if (touch && now - Date.parse(record.lastSeenAt) > TOUCH_MS) {
      const end = Math.min(now + IDLE_MS, Date.parse(record.createdAt) + ABSOLUTE_MS);
      await store.touchSession(record.idHash, new Date(now).toISOString(), new Date(end).toISOString());
    }
    return { record, user };
  }

  /** Ends the session; answers the `Set-Cookie` header that takes the cookie away. */
  async end(store: AccountStore, request: Request, session: FoundSession): Promise<readonly string[]> {
    await store.deleteSession(session.record.idHash);
    return [this.#cookie(request, 'session', '', 0)];
  }

  /** The mark of a browser that has signed in to this account before; undefined otherwise. */
  knownDevice(request: Request, userId: string | undefined): string | undefined {
    const mark = cookieOf(request, this.#name('device', request));
    const nonce = mark?.split('.')[0];
    if (userId === undefined || mark === undefined || nonce === undefined) return undefined;
    return sameSecret(mark, this.#deviceMark(userId, nonce)) ? mark : undefined;
  }

  #deviceMark(userId: string, nonce: string = randomBytes(16).toString('base64url')): string {
    return `${nonce}.${createHmac('sha256', this.#deviceKey).update(`${userId} ${nonce}`).digest('base64url')}`;
  }

  #name(base: string, request: Request): string {
    return cookieName(base, request, isSecure(request, this.#publicUrl()));
  }

  #cookie(request: Request, base: string, value: string, maxAge: number): string {
    const secure = isSecure(request, this.#publicUrl());
    return setCookie(cookieName(base, request, secure), value, { path: request.waybillBase || '/', maxAge, secure });
  }
}

/** Names a session in lists; nothing can be signed with it. */
export function publicSessionId(idHash: string): string {
  return createHash('sha256').update(`waybill session ${idHash}`).digest('hex').slice(0, 32);
}

/**
 * The CSRF token of a session: derived from its id, which only the cookie holds and no script can read.
 * A page gets it from `GET me` and sends it in `X-Waybill-CSRF` with every write.
 */
export function csrfToken(sessionId: string): string {
  return createHash('sha256').update(`waybill csrf ${sessionId}`).digest('base64url');
}
