import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import { accessNote } from '../accounts/access-note.ts';
import { hasPassword } from '../accounts/users.ts';
import { recordAccess } from '../access-log.ts';
import type { Caller } from '../auth/authenticate.ts';
import { hashPassword, MAX_PASSWORD_LENGTH, passwordProblem, PasswordBusyError, verifyPassword } from '../auth/passwords.ts';
import { pinProblem } from '../auth/pin-rules.ts';
import { csrfToken, type FoundSession } from '../auth/sessions.ts';
import type { Request } from '../http.ts';
import { operation, type Services } from '../operation.ts';
import { problem } from '../problems.ts';
import { clientAddress } from '../reach/client.ts';
import { array, choice, nullable, object } from '../schemas.ts';

/** How long after the use of a sign-in link its session may set a password without the one before. */
const LINK_MS = 60 * 60_000;

const meSchema = object({
  userId: { type: 'string' }, name: { type: 'string' }, displayName: { type: 'string' }, roles: array({ type: 'string' }), sites: array({ type: 'string' }),
  permissions: array({ type: 'string' }), authMethod: { type: 'string' },
  csrfToken: nullable({ type: 'string', description: 'Send it as X-Waybill-CSRF with every write; null for API tokens, which need none.' }),
  site: { type: 'string', description: 'Default site of this instance.' },
  engine: object({ state: choice('opening', 'ready', 'suspended', 'refusing', 'closed'), reason: nullable({ type: 'string' }) }),
  timeZone: { type: 'string', description: 'IANA time zone of this instance.' },
  zones: { type: 'object', additionalProperties: { type: 'string' }, description: 'IANA time zones of sites that have their own.' },
  shared: { type: 'boolean', description: 'The device is shared: every write of this session needs X-Waybill-Pin.' },
  hasPin: { type: 'boolean' },
  passwordChangeable: { type: 'boolean', description: 'False for API tokens and for accounts of a sign-in provider.' },
  currentPasswordNeeded: { type: 'boolean', description: 'False shortly after a sign-in link, with which a forgotten password is set anew.' },
  version: { type: 'string', description: 'Version of the program.' },
});

/** A sign-in link stands in for the password for an hour. */
function isFresh(session: FoundSession): boolean {
  return session.record.authMethod === 'one-time-link' && Date.now() - Date.parse(session.record.createdAt) < LINK_MS;
}

function me(caller: Caller, { waybill }: Services, version: string): object {
  const { session, user } = caller;
  return {
    userId: user.id, name: user.name, displayName: user.displayName, roles: caller.identity.roles, sites: caller.identity.sites,
    permissions: [...caller.permissions].sort(), authMethod: caller.identity.authMethod,
    csrfToken: session === undefined ? null : csrfToken(session.id),
    site: waybill.settings.site, engine: { state: waybill.state, reason: waybill.reason ?? null },
    timeZone: waybill.settings.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone, zones: waybill.zones(),
    shared: session?.record.shared === true, hasPin: user.pinHash !== undefined,
    passwordChangeable: session !== undefined && (hasPassword(user) || isFresh(session)),
    currentPasswordNeeded: session === undefined || !isFresh(session), version,
  };
}

export const getMe = operation({
  id: 'getMe', method: 'get', path: '/me', tag: 'Session', access: 'signed-in', summary: 'The caller, and what the caller may do',
  success: { status: 200, description: 'The caller.', schema: meSchema },
  handle: ({ services, version }, caller) => Promise.resolve({ status: 200, json: me(caller, services, version) }),
});

function sessionOf(caller: Caller): FoundSession {
  if (caller.session === undefined) throw problem('not-allowed', 'An API token cannot change how its person signs in.');
  return caller.session;
}

/** Checks the person's own password, slowed down like a sign-in. @throws WebError `password-wrong`, `too-many-attempts` */
async function requirePassword(services: Services, request: Request, user: UserRecord, password: string | undefined): Promise<void> {
  const attempt = { account: user.name, address: clientAddress(request), device: services.sessions.knownDevice(request, user.id) };
  const delay = services.throttle.delay(attempt, Date.now());
  if (delay > 0) {
    const seconds = Math.ceil(delay / 1_000);
    throw problem('too-many-attempts', `Too many attempts; try again in ${seconds} s.`, { headers: { 'Retry-After': String(seconds) } });
  }
  services.throttle.begin(attempt, Date.now());
  const right = await verifyPassword(password ?? '', user.passwordHash).catch((error: unknown) => {
    if (error instanceof PasswordBusyError) throw problem('busy', error.message, { headers: { 'Retry-After': '5' } });
    throw error;
  });
  if (!right) {
    await recordAccess(services, { kind: 'refused', name: user.displayName, userId: user.id, authMethod: 'password', reason: 'password-wrong', remoteAddress: attempt.address });
    throw problem('password-wrong', undefined, { members: { field: 'current' } });
  }
  services.throttle.succeeded(attempt);
}

/** Stores the new password; sessions but `except` end before and after it, whatever is killed in between. */
export async function changePassword(store: AccountStore, user: UserRecord, passwordHash: string, by: { readonly userId: string; readonly except?: string }): Promise<void> {
  const others = by.except === undefined ? {} : { except: by.except };
  await store.deleteSessionsOf(user.id, { ...others, note: accessNote('sessions-ended password-changed', user.id, by.userId) });
  await store.updateUser(user.id, { passwordHash }, accessNote('password-changed', user.id, by.userId));
  await store.deleteSessionsOf(user.id, others);
}

const secret = { type: 'string', minLength: 1, maxLength: MAX_PASSWORD_LENGTH } as const;

export const setPassword = operation<object, object, { readonly current?: string; readonly next: string }>({
  id: 'changePassword', method: 'put', path: '/me/password', tag: 'Session', access: 'signed-in', pin: 'never', summary: 'Change the own password',
  description: 'Ends all other sessions of the person. `current` may be left out within an hour of a sign-in by link.',
  body: object({ current: secret, next: { type: 'string', minLength: 1, maxLength: 1024 } }, ['current']),
  success: { status: 204, description: 'The password is changed.' },
  problems: ['password-weak', 'password-wrong', 'too-many-attempts', 'busy'],
  handle: async ({ body, raw, services }, caller) => {
    const session = sessionOf(caller);
    const { user } = session;
    const fresh = isFresh(session);
    if (!fresh && !hasPassword(user)) throw problem('not-allowed', 'This account signs in elsewhere and has no password here.');
    const weak = passwordProblem(body.next, user.name, [user.displayName, services.waybill.settings.site, services.waybill.settings.enterprise]);
    if (weak !== undefined) throw problem('password-weak', weak, { members: { field: 'next' } });
    if (!fresh) await requirePassword(services, raw, user, body.current);
    await changePassword(services.accounts, user, await hashPassword(body.next), { userId: user.id, except: session.record.idHash });
    services.waybill.accountsChanged();
    return { status: 204 };
  },
});

export const setPin = operation<object, object, { readonly password?: string; readonly pin: string }>({
  id: 'setPin', method: 'put', path: '/me/pin', tag: 'Session', access: 'signed-in', pin: 'never', summary: 'Set the PIN with which the person decides on shared devices',
  description: '4 to 8 digits. `password` is the person\'s own; accounts without one, and sessions within an hour of a sign-in link, leave it out.',
  body: object({ password: secret, pin: { type: 'string', minLength: 1, maxLength: 32 } }, ['password']),
  success: { status: 204, description: 'The PIN is set.' },
  problems: ['pin-weak', 'password-wrong', 'too-many-attempts', 'busy'],
  handle: async ({ body, raw, services }, caller) => {
    const session = sessionOf(caller);
    const { user } = session;
    const weak = pinProblem(body.pin);
    if (weak !== undefined) throw problem('pin-weak', weak, { members: { field: 'pin' } });
    if (hasPassword(user) && !isFresh(session)) await requirePassword(services, raw, user, body.password);
    else if (session.record.shared === true) throw problem('not-allowed', 'Set your PIN on a device that is yours alone.');
    await services.accounts.updateUser(user.id, { pinHash: await hashPassword(body.pin) }, accessNote('pin-set', user.id, user.id));
    services.waybill.accountsChanged();
    return { status: 204 };
  },
});

export const removePin = operation({
  id: 'removePin', method: 'delete', path: '/me/pin', tag: 'Session', access: 'signed-in', summary: 'Take the own PIN away',
  success: { status: 204, description: 'There is no PIN any more.' },
  handle: async ({ services }, caller) => {
    sessionOf(caller);
    if (caller.user.pinHash === undefined) return { status: 204 };
    await services.accounts.updateUser(caller.user.id, { pinHash: null }, accessNote('pin-removed', caller.user.id, caller.user.id));
    services.waybill.accountsChanged();
    return { status: 204 };
  },
});

export const meResource = [getMe, setPassword, setPin, removePin];
