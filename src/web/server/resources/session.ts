import { accessNote } from '../accounts/access-note.ts';
import { manages } from '../accounts/manages.ts';
import { createOneTimeLink, ONE_TIME_LINK_MINUTES } from '../accounts/one-time-link.ts';
import { recordAccess } from '../access-log.ts';
import { hashPassword, MAX_PASSWORD_LENGTH, needsRehash, PasswordBusyError, verifyPassword } from '../auth/passwords.ts';
import { requireSameOrigin } from '../auth/same-origin.ts';
import { csrfToken } from '../auth/sessions.ts';
import type { Request } from '../http.ts';
import { operation, publicOperation } from '../operation.ts';
import { problem } from '../problems.ts';
import { clientAddress } from '../reach/client.ts';
import { nullable, object, text, time } from '../schemas.ts';

export function remoteAddress(request: Request): string {
  return clientAddress(request);
}

export const sessionOptions = publicOperation({
  id: 'getSessionOptions', method: 'get', path: '/session/options', tag: 'Session', summary: 'Ways to sign in',
  success: {
    status: 200, description: 'The ways.',
    schema: object({ password: { type: 'boolean' }, oidc: nullable(object({ label: { type: 'string' }, href: { type: 'string' } })) }),
  },
  handle: ({ raw, services }) => Promise.resolve({
    status: 200, json: { password: true, oidc: services.oidc === undefined ? null : { label: services.oidc.label, href: `${raw.waybillBase ?? ''}/sign-in/oidc` } },
  }),
});

export const signIn = publicOperation<object, object, { readonly name: string; readonly password: string; readonly shared?: boolean }>({
  id: 'signIn', method: 'post', path: '/session', tag: 'Session', summary: 'Sign in with name and password',
  description: 'Answers with a session cookie. Attempts that fail are slowed down per account and address and per address: 429 with Retry-After.',
  body: object({ name: text(256), password: { type: 'string', minLength: 1, maxLength: MAX_PASSWORD_LENGTH }, shared: { type: 'boolean', description: 'The device is shared: every write asks for the PIN of who makes it.' } }, ['shared']),
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
    if (needsRehash(user.passwordHash)) await services.accounts.updateUser(user.id, { passwordHash: await hashPassword(body.password) });
    // Recorded first: a kill in between leaves a sign-in that nobody used, never a session that nobody recorded.
    await recordAccess(services, { kind: 'signed-in', name: user.displayName, userId: user.id, authMethod: 'password', remoteAddress: attempt.address });
    const session = await services.sessions.start(services.accounts, raw, user, 'password', { shared: body.shared === true });
    return { status: 201, json: { csrfToken: csrfToken(session.id) }, headers: { 'Set-Cookie': session.cookies } };
  },
});

export const signOut = operation({
  id: 'signOut', method: 'delete', pin: 'never', path: '/session', tag: 'Session', access: 'signed-in', summary: 'Sign out',
  success: { status: 204, description: 'The session is over.' },
  handle: async ({ raw, services }, caller) => {
    if (caller.session === undefined) return { status: 204 };
    const cookies = await services.sessions.end(services.accounts, raw, caller.session);
    await recordAccess(services, { kind: 'signed-out', name: caller.user.displayName, userId: caller.user.id, authMethod: caller.identity.authMethod, remoteAddress: remoteAddress(raw) });
    return { status: 204, headers: { 'Set-Cookie': cookies } };
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
    if (user === undefined || user.disabled || !manages(caller, user)) throw problem('not-found', 'There is no active account of this name.');
    const link = await createOneTimeLink(services.accounts, user.id, body.minutes);
    await services.accounts.addNote(accessNote('one-time-link-made', user.id, caller.identity.userId));
    services.waybill.accountsChanged();
    const { publicUrl } = services.waybill.settings;
    return { status: 201, json: { path: link.path, url: publicUrl === undefined ? null : publicUrl.replace(/\/+$/, '') + link.path, expiresAt: link.expiresAt } };
  },
});

export const sessionResource = [sessionOptions, signIn, signOut, makeOneTimeLink];
