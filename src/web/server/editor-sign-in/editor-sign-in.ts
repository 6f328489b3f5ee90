import type { UserRecord } from '../../../ledger/accounts-port.ts';
import { recordAccess } from '../access-log.ts';
import { authenticate } from '../auth/authenticate.ts';
import { cookieName, cookieOf, isSecure, setCookie } from '../auth/cookies.ts';
import { hashSecret, newSecret, sameSecret, TOKEN_PREFIX } from '../auth/secrets.ts';
import { passwordSignIn } from '../accounts/sign-in.ts';
import type { Request } from '../http.ts';
import type { Services } from '../operation.ts';
import { clientAddress } from '../reach/client.ts';
import { bindingName, readBinding } from './binding.ts';
import { EditorConnections } from './connections.ts';
import { editorPermission, type EditorPermission } from './permission.ts';

/** A user as Node-RED's `adminAuth` wants one. */
export interface EditorUser { readonly username: string; readonly permissions: EditorPermission }

/** How long a code is good, in ms, and how many there are at most. */
const CODE_MS = 60_000;
const MAX_CODES = 1_000;
/** Longest sign-in name that is looked for. */
const MAX_NAME = 256;
/** Marks the tokens that the password grant gives out: sessions of programs. */
const PROGRAM_PREFIX = 'wbp_';

/**
 * What `editor-sign-in.cts` in settings.js asks: it is loaded before anything of ours runs, and finds this one
 * at `globalThis[Symbol.for('waybill.editor-sign-in')]`.
 *
 * The way: editor → `auth/strategy` (a cookie marks the browser) → `/waybill/editor-sign-in` (has the session's
 * cookie, or asks for a sign-in first) → `auth/strategy/callback` with a code that works once, for this browser.
 */
export class EditorSignIn {
  readonly #services: () => Services;
  /** Path of Waybill's pages, for example `/waybill`. */
  readonly #base: string;
  readonly #codes = new Map<string, { readonly binding: string; readonly browser: string; readonly until: number }>();
  /** Bindings that counted when they were last seen. */
  readonly #seen = new Set<string>();
  /** Programs' tokens that counted when they were last seen, by hash: they hold web sockets open too. */
  readonly #programs = new Map<string, { readonly secret: string; readonly permissions: EditorPermission }>();
  readonly connections = new EditorConnections(() => this.#lost());

  constructor(base: string, services: () => Services) {
    this.#base = base;
    this.#services = services;
  }

  /** The first step: where the browser goes, and the cookie that marks it. @throws WebError while there are no accounts */
  begin(request: Request): { readonly location: string; readonly cookie: string } {
    const { settings } = this.#services().waybill;
    const path = (request.originalUrl ?? '/').split('?')[0]!.replace(/\/callback$/, '');
    const secure = isSecure(request, settings.publicUrl);
    const name = cookieName('editor', request, secure);
    const before = cookieOf(request, name);
    // Kept when it is there, so that two tabs do not take it from each other.
    const browser = before !== undefined && /^[\w-]{43}$/.test(before) ? before : newSecret();
    return {
      location: `${this.#base}/editor-sign-in?for=${hashSecret(browser)}&back=${encodeURIComponent(`${path}/callback`)}`,
      cookie: setCookie(name, browser, { path, maxAge: 3_600, secure, sameSite: 'Lax' }),
    };
  }

  /** A code for this session and the browser that began; undefined when the person has no business in the editor. */
  async code(request: Request, browser: string): Promise<string | undefined | 'not-signed-in'> {
    const services = this.#services();
    const session = await services.sessions.find(services.accounts, request);
    if (session === undefined) return 'not-signed-in';
    const permission = editorPermission(session.user, session.record.shared === true, services.waybill.settings.site);
    await recordAccess(services, {
      kind: permission === undefined ? 'refused' : 'signed-in', name: session.user.displayName, userId: session.user.id, authMethod: session.record.authMethod,
      reason: permission === undefined ? 'editor-not-allowed' : `editor ${permission}`, remoteAddress: clientAddress(request),
    });
    if (permission === undefined) return undefined;
    const code = newSecret();
    this.#codes.set(hashSecret(code), { binding: bindingName({ sessionHash: session.record.idHash, permission }), browser, until: Date.now() + CODE_MS });
    while (this.#codes.size > MAX_CODES) this.#codes.delete(this.#codes.keys().next().value!);
    return code;
  }

  /** The last step: the profile that Node-RED makes its token for; undefined when the code is none, is old, was used, or is another browser's. */
  finish(request: Request): { readonly username: string } | undefined {
    const code = new URL(request.originalUrl ?? '/', 'http://editor.invalid').searchParams.get('code') ?? '';
    const entry = this.#codes.get(hashSecret(code));
    this.#codes.delete(hashSecret(code));
    const browser = cookieOf(request, cookieName('editor', request, isSecure(request, this.#services().waybill.settings.publicUrl)));
    const good = entry !== undefined && entry.until > Date.now() && browser !== undefined && sameSecret(hashSecret(browser), entry.browser);
    return good ? { username: entry.binding } : undefined;
  }

  /** The user for `authenticate`: still under the binding's name, which Node-RED puts into its token. */
  async authenticate(name: string): Promise<EditorUser | null> {
    const permission = readBinding(name)?.permission;
    return permission !== undefined && await this.find(name) !== null ? { username: name, permissions: permission } : null;
  }

  /** The user of a binding, as Node-RED asks for at every request; null when it counts no more. */
  async find(name: string, touch = true): Promise<EditorUser | null> {
    const binding = readBinding(name);
    if (binding === undefined) return null;
    const services = this.#services();
    const living = await services.sessions.living(services.accounts, binding.sessionHash, { touch });
    if (living === undefined || editorPermission(living.user, living.record.shared === true, services.waybill.settings.site) !== binding.permission) return null;
    this.#seen.add(name);
    return { username: living.user.name, permissions: binding.permission };
  }

  /** The user of a program's bearer token: an API token (`admin` changes flows, `read` looks), or one of {@link password}. */
  async token(secret: string, request: Request = { headers: {} } as Request): Promise<EditorUser | null> {
    const user = await this.#byToken(secret, request, true);
    if (user !== null) this.#programs.set(hashSecret(secret), { secret, permissions: user.permissions });
    return user;
  }

  async #byToken(secret: string, request: Request, touch: boolean): Promise<EditorUser | null> {
    const services = this.#services();
    const { site } = services.waybill.settings;
    if (secret.startsWith(PROGRAM_PREFIX)) {
      const living = await services.sessions.living(services.accounts, hashSecret(secret.slice(PROGRAM_PREFIX.length)), { touch });
      return living === undefined ? null : userOf(living.user, editorPermission(living.user, living.record.shared === true, site));
    }
    if (!secret.startsWith(TOKEN_PREFIX)) return null;
    const caller = await authenticate(services.accounts, services.sessions, { ...request, headers: { authorization: `Bearer ${secret}` } } as Request).catch(() => undefined);
    if (caller === undefined) return null;
    const permission = editorPermission(caller.identity, false, site);
    const scopes = caller.scopes ?? [];
    return userOf(caller.user, permission === '*' && scopes.includes('admin') ? '*' : permission !== undefined && (scopes.includes('read') || scopes.includes('admin')) ? 'read' : undefined);
  }

  /** The password grant of programs (`node-red admin login`): a token that lives as long as a session. Throttled and recorded as every sign-in. */
  async password(request: Request, name: string, password: string): Promise<{ readonly accessToken: string } | undefined> {
    const services = this.#services();
    if (name.length > MAX_NAME) return undefined;
    const attempt = { account: name, address: clientAddress(request), device: undefined };
    const refused = async (reason: string): Promise<undefined> => {
      await recordAccess(services, { kind: 'refused', name, reason, remoteAddress: attempt.address, authMethod: 'password' });
      return undefined;
    };
    const user = await passwordSignIn(services.accounts, name, password, { throttle: services.throttle, address: attempt.address });
    if (user === undefined) return await refused('sign-in-failed');
    if (editorPermission(user, false, services.waybill.settings.site) === undefined) return await refused('editor-not-allowed');
    const session = await services.sessions.start(services.accounts, request, user, 'password');
    await recordAccess(services, { kind: 'signed-in', name: user.displayName, userId: user.id, authMethod: 'password', reason: 'editor program', remoteAddress: attempt.address });
    return { accessToken: `${PROGRAM_PREFIX}${session.id}` };
  }

  async #lost(): Promise<boolean> {
    let lost = false;
    for (const name of [...this.#seen]) {
      if (await this.find(name, false) !== null) continue;
      this.#seen.delete(name);
      lost = true;
    }
    for (const [key, { secret, permissions }] of [...this.#programs]) {
      if ((await this.#byToken(secret, { headers: {} } as Request, false))?.permissions === permissions) continue;
      this.#programs.delete(key);
      lost = true;
    }
    return lost;
  }
}

function userOf(user: UserRecord, permissions: EditorPermission | undefined): EditorUser | null {
  return permissions === undefined ? null : { username: user.name, permissions };
}
