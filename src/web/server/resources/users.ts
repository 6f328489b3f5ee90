import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import { accessNote } from '../accounts/access-note.ts';
import { managedUser, manages } from '../accounts/manages.ts';
import { createOneTimeLink, ONE_TIME_LINK_MINUTES } from '../accounts/one-time-link.ts';
import { createUser, emailProblem, hasPassword, rightsChange, userProblem } from '../accounts/users.ts';
import type { Caller } from '../auth/authenticate.ts';
import { hashPassword, passwordProblem, readablePassword } from '../auth/passwords.ts';
import { operation, type Services } from '../operation.ts';
import { inScope, permissionsOf, roleTable } from '../permissions.ts';
import { problem } from '../problems.ts';
import { array, id, nullable, object, pageOf, text, time } from '../schemas.ts';
import { changePassword } from './me.ts';

const userProperties = {
  userId: id, name: { type: 'string' }, displayName: { type: 'string' }, roles: array({ type: 'string' }), sites: array({ type: 'string' }),
  badge: nullable({ type: 'string' }), email: nullable({ type: 'string', description: 'Where the person is told of tasks.' }), disabled: { type: 'boolean' }, createdAt: time, hasPassword: { type: 'boolean' }, hasPin: { type: 'boolean' },
} as const;
const userSchema = object(userProperties);

function view(user: UserRecord): object {
  const { name, displayName, roles, sites, disabled, createdAt } = user;
  return { userId: user.id, name, displayName, roles, sites, badge: user.badge ?? null, email: user.email ?? null, disabled, createdAt, hasPassword: hasPassword(user), hasPin: user.pinHash !== undefined };
}

interface UserBody {
  readonly name: string; readonly displayName?: string; readonly roles: readonly string[]; readonly sites: readonly string[];
  readonly badge?: string | null; readonly email?: string | null; readonly password?: string;
}
type UserPatchBody = Partial<Pick<UserBody, 'displayName' | 'roles' | 'sites' | 'badge' | 'email'>> & { readonly disabled?: boolean };

const rights = {
  displayName: text(128), roles: { type: 'array', items: text(64), minItems: 1, maxItems: 32, uniqueItems: true },
  sites: { type: 'array', items: text(64), minItems: 1, maxItems: 500, uniqueItems: true }, badge: nullable(text(64)), email: nullable(text(254)),
} as const;

/** Names, roles and sites that can be, and no site beyond the caller's own. @throws WebError `request-invalid`, `not-allowed` */
function requireFitting(caller: Caller, user: Pick<UserBody, 'name' | 'roles' | 'sites'> & { readonly email?: string | null }): void {
  const wrong = userProblem(user) ?? (user.email == null ? undefined : emailProblem(user.email));
  if (wrong !== undefined) throw problem('request-invalid', wrong);
  const outside = user.sites.find((site) => !inScope(caller.identity.sites, site));
  if (outside !== undefined) throw problem('not-allowed', `You cannot give the site "${outside}"; it is not among yours (${caller.identity.sites.join(', ')}).`);
}

/** Somebody must be left who can manage all accounts. @throws WebError `last-admin` */
async function requireAnotherAdmin(store: AccountStore, user: UserRecord): Promise<void> {
  const canManage = (each: UserRecord): boolean => !each.disabled && each.sites.includes('*') && permissionsOf(each.roles).has('accounts.manage');
  if (canManage(user) && !(await store.listUsers()).some((each) => each.id !== user.id && canManage(each))) throw problem('last-admin');
}

/** Names and badges that are taken become answers. */
async function taken<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    const code = (error as { code?: unknown }).code;
    if (code === 'name-taken' || code === 'badge-taken') throw problem(code, undefined, { members: { field: code === 'name-taken' ? 'name' : 'badge' } });
    throw error;
  });
}

function weakPassword(services: Services, password: string, user: Pick<UserRecord, 'name' | 'displayName'>): void {
  const weak = passwordProblem(password, user.name, [user.displayName, services.waybill.settings.site, services.waybill.settings.enterprise]);
  if (weak !== undefined) throw problem('password-weak', weak, { members: { field: 'password' } });
}

export const listUsers = operation({
  id: 'listUsers', method: 'get', path: '/users', tag: 'Accounts', access: 'accounts.manage', summary: 'Accounts that the caller looks after',
  success: { status: 200, description: 'The accounts by name.', schema: pageOf(userSchema) },
  handle: async ({ services }, caller) => ({ status: 200, json: { items: (await services.accounts.listUsers()).filter((each) => manages(caller, each)).map(view) } }),
});

export const addUser = operation<object, object, UserBody>({
  id: 'createUser', method: 'post', path: '/users', tag: 'Accounts', access: 'accounts.manage', summary: 'Make an account',
  description: 'Without a password; the person sets one with a sign-in link.',
  body: object({ name: text(64), ...rights, password: text(1024) }, ['displayName', 'badge', 'email', 'password']),
  success: { status: 201, description: 'The account.', schema: userSchema },
  problems: ['name-taken', 'badge-taken', 'password-weak'],
  handle: async ({ body, services }, caller) => {
    const { badge, email, password, ...rest } = body;
    requireFitting(caller, body);
    if (password !== undefined) weakPassword(services, password, { name: body.name, displayName: body.displayName ?? body.name });
    const what = `account-created roles ${body.roles.join(',')} sites ${body.sites.join(',')}`;
    const user = await taken(createUser(
      services.accounts, { ...rest, ...(badge == null ? {} : { badge }), ...(email == null ? {} : { email }), ...(password === undefined ? {} : { password }) }, { what, byUserId: caller.identity.userId },
    ));
    services.waybill.accountsChanged();
    return { status: 201, json: view(user) };
  },
});

export const changeUser = operation<{ readonly userId: string }, object, UserPatchBody>({
  id: 'changeUser', method: 'patch', path: '/users/{userId}', tag: 'Accounts', access: 'accounts.manage', summary: 'Change name, roles, sites, badge or e-mail address, disable or enable',
  description: 'What is left out stays. Changed rights hold at the next request of the person; disabling ends all sessions and stops the API tokens.',
  params: { userId: id },
  body: object({ ...rights, disabled: { type: 'boolean' } }, ['displayName', 'roles', 'sites', 'badge', 'email', 'disabled']),
  success: { status: 200, description: 'The account as it is now.', schema: userSchema },
  problems: ['badge-taken', 'last-admin'],
  handle: async ({ params, body, services }, caller) => {
    const store = services.accounts;
    const before = await managedUser(store, caller, params.userId);
    const after = { ...before, ...body };
    requireFitting(caller, after);
    const stays = !after.disabled && after.sites.includes('*') && permissionsOf(after.roles).has('accounts.manage');
    if (!stays) await requireAnotherAdmin(store, before);
    const changed = rightsChange(before, body);
    if (body.disabled === true) await store.deleteSessionsOf(before.id, { note: accessNote('sessions-ended disabled', before.id, caller.identity.userId) });
    const user = await taken(store.updateUser(before.id, body, changed === '' ? undefined : accessNote(`account-changed ${changed}`, before.id, caller.identity.userId)));
    if (body.disabled === true) await store.deleteSessionsOf(before.id);
    services.waybill.accountsChanged();
    return { status: 200, json: view(user) };
  },
});

export const setUserPassword = operation<{ readonly userId: string }, object, { readonly password?: string }>({
  id: 'setUserPassword', method: 'post', path: '/users/{userId}/password', tag: 'Accounts', access: 'accounts.manage', summary: 'Give an account a new password',
  description: 'Without `password` one is made and answered once. All sessions of the account end.',
  params: { userId: id },
  body: object({ password: text(1024) }, ['password']), bodyOptional: true,
  success: { status: 200, description: 'The password that was made, or null.', schema: object({ password: nullable({ type: 'string' }) }) },
  problems: ['password-weak'],
  handle: async ({ params, body, services }, caller) => {
    const user = await managedUser(services.accounts, caller, params.userId);
    const { password } = body;
    if (password !== undefined) weakPassword(services, password, user);
    const made = password ?? readablePassword();
    await changePassword(services.accounts, user, await hashPassword(made), { userId: caller.identity.userId });
    services.waybill.accountsChanged();
    return { status: 200, json: { password: password === undefined ? made : null } };
  },
});

export const makeSignInLink = operation<{ readonly userId: string }, object, { readonly minutes?: number }>({
  id: 'createSignInLink', method: 'post', path: '/users/{userId}/sign-in-link', tag: 'Accounts', access: 'accounts.manage',
  summary: 'Make a sign-in link for an account, which works once',
  params: { userId: id },
  body: object({ minutes: { type: 'integer', minimum: 1, maximum: 1440, default: ONE_TIME_LINK_MINUTES } }, ['minutes']), bodyOptional: true,
  success: { status: 201, description: 'The link; nobody can read it again.', schema: object({ path: { type: 'string' }, url: nullable({ type: 'string' }), expiresAt: time }) },
  handle: async ({ params, body, services }, caller) => {
    const user = await managedUser(services.accounts, caller, params.userId);
    if (user.disabled) throw problem('not-found', 'The account is disabled; enable it first.');
    const link = await createOneTimeLink(services.accounts, user.id, body.minutes);
    await services.accounts.addNote(accessNote('one-time-link-made', user.id, caller.identity.userId));
    services.waybill.accountsChanged();
    const { publicUrl } = services.waybill.settings;
    return { status: 201, json: { path: link.path, url: publicUrl === undefined ? null : publicUrl.replace(/\/+$/, '') + link.path, expiresAt: link.expiresAt } };
  },
});

export const listRoles = operation({
  id: 'listRoles', method: 'get', path: '/roles', tag: 'Accounts', access: 'signed-in', summary: 'Roles and what each may do',
  description: 'Any other role may read cases and read and decide the tasks that ask for it.',
  success: { status: 200, description: 'The roles.', schema: pageOf(object({ role: { type: 'string' }, permissions: array({ type: 'string' }) })) },
  handle: () => Promise.resolve({ status: 200, json: { items: roleTable() } }),
});

export const usersResource = [listUsers, addUser, changeUser, setUserPassword, makeSignInLink, listRoles];
