import { createOneTimeLink, ONE_TIME_LINK_MINUTES } from '../accounts/one-time-link.ts';
import { recordAccess } from '../access-log.ts';
import type { Caller } from '../auth/authenticate.ts';
import { MAX_PASSWORD_LENGTH, PasswordBusyError, verifyPassword } from '../auth/passwords.ts';
import { requireSameOrigin } from '../auth/same-origin.ts';
import { csrfToken } from '../auth/sessions.ts';
import type { Request } from '../http.ts';
import { operation, publicOperation, type Services } from '../operation.ts';
import { problem } from '../problems.ts';
import { clientAddress } from '../reach/client.ts';
import { array, nullable, object, text, time, choice } from '../schemas.ts';

const meSchema = object({
  userId: { type: 'string' }, name: { type: 'string' }, displayName: { type: 'string' }, roles: array({ type: 'string' }), sites: array({ type: 'string' }),
  permissions: array({ type: 'string' }), authMethod: { type: 'string' },
  csrfToken: nullable({ type: 'string', description: 'Send it as X-Waybill-CSRF with every write; null for API tokens, which need none.' }),
  site: { type: 'string', description: 'Default site of this instance.' },
  engine: object({ state: choice('opening', 'ready', 'suspended', 'refusing', 'closed'), reason: nullable({ type: 'string' }) }),
});

function me(caller: Caller, services: Services): object {
  return {
    userId: caller.user.id, name: caller.user.name, displayName: caller.user.displayName, roles: caller.identity.roles, sites: caller.identity.sites,
    permissions: [...caller.permissions].sort(), authMethod: caller.identity.authMethod,
    csrfToken: caller.session === undefined ? null : csrfToken(caller.session.id),
    site: services.waybill.settings.site, engine: { state: services.waybill.state, reason: services.waybill.reason ?? null },
  };
}

export const getMe = operation({
  id: 'getMe', method: 'get', path: '/me', tag: 'Session', access: 'signed-in', summary: 'The caller, and what the caller may do',
  success: { status: 200, description: 'The caller.', schema: meSchema },
  handle: ({ services }, caller) => Promise.resolve({ status: 200, json: me(caller, services) }),
});

export function remoteAddress(request: Request): string {
  return clientAddress(request);
}

export const signIn = publicOperation<object, object, { readonly name: string; readonly password: string }>({
  id: 'signIn', method: 'post', path: '/session', tag: 'Session', summary: 'Sign in with name and password',
  description: 'Answers with a session cookie. Attempts that fail are slowed down per account and address and per address: 429 with Retry-After.',
  body: object({ name: text(256), password: { type: 'string', minLength: 1, maxLength: MAX_PASSWORD_LENGTH } }),
  success: { status: 201, description: 'Signed in.', schema: object({ csrfToken: { type: 'string' } }) },
  problems: ['sign-in-failed', 'too-many-attempts', 'cross-site', 'busy'],
  handle: async ({ body, raw, services }) => {
    requireSameOrigin(raw, services.waybill.settings.publicUrl);
    const user = await services.accounts.findUserByName(body.name);
    const device = services.sessions.knownDevice(raw, user?.id);
    const attempt = { account: body.name, address: remoteAddress(raw), device };
    const refused = (reason: string): Promise<void> => recordAccess(services, {
      kind: 'refused', name: body.name, reason, remoteAddress: attempt.address, authMethod: 'password', ...(user === undefined ? {} : { userId: user.id }),
    });
    const delay = services.throttle.delay(attempt, Date.now());
    if (delay > 0) {
      await refused('too-many-attempts');
      const seconds = Math.ceil(delay / 1000);
      throw problem('too-many-attempts', `Too many attempts to sign in; try again in ${seconds} s.`, { headers: { 'Retry-After': String(seconds) } });
    }
    services.throttle.begin(attempt, Date.now());
    const matches = await verifyPassword(body.password, user?.passwordHash).catch((error: unknown) => {
      if (error instanceof PasswordBusyError) throw problem('busy', error.message, { headers: { 'Retry-After': '5' } });
      throw error;
    });
    if (user === undefined || !matches || user.disabled) {
      await refused(user?.disabled === true && matches ? 'account-disabled' : 'sign-in-failed');
      throw problem('sign-in-failed');
    }
    services.throttle.succeeded(attempt);
    const session = await services.sessions.start(services.accounts, raw, user, 'password');
    await recordAccess(services, { kind: 'signed-in', name: user.displayName, userId: user.id, authMethod: 'password', remoteAddress: attempt.address });
    return { status: 201, json: { csrfToken: csrfToken(session.id) }, headers: { 'Set-Cookie': session.cookies } };
  },
});

export const signOut = operation({
  id: 'signOut', method: 'delete', path: '/session', tag: 'Session', access: 'signed-in', summary: 'Sign out',
  success: { status: 204, description: 'The session is over.' },
  handle: async ({ raw, services }, caller) => {
    if (caller.session === undefined) return { status: 204 };
    return { status: 204, headers: { 'Set-Cookie': await services.sessions.end(services.accounts, raw, caller.session) } };
  },
});

export const makeOneTimeLink = operation<object, object, { readonly name: string; readonly minutes?: number }>({
  id: 'createOneTimeLink', method: 'post', path: '/session/one-time-link', tag: 'Session', access: 'accounts.manage',
  summary: 'Make a sign-in link for an account, which works once',
  body: object({ name: text(256, 'Sign-in name.'), minutes: { type: 'integer', minimum: 1, maximum: 1440, default: ONE_TIME_LINK_MINUTES } }, ['minutes']),
  success: {
    status: 201, description: 'The link; nobody can read it again.',
    schema: object({ path: { type: 'string' }, url: nullable({ type: 'string' }), expiresAt: time }),
  },
  handle: async ({ body, services }, caller) => {
    const user = await services.accounts.findUserByName(body.name);
    if (user === undefined || user.disabled) throw problem('not-found', 'There is no active account of this name.');
    const link = await createOneTimeLink(services.accounts, user.id, body.minutes);
    await recordAccess(services, { kind: 'account-changed', name: user.displayName, userId: user.id, reason: `one-time-link made by ${services.waybill.pseudonym(caller.identity.userId)}` });
    const { publicUrl } = services.waybill.settings;
    return { status: 201, json: { path: link.path, url: publicUrl === undefined ? null : new URL(link.path, publicUrl).href, expiresAt: link.expiresAt } };
  },
});

export const sessionResource = [getMe, signIn, signOut, makeOneTimeLink];
