import { randomUUID } from 'node:crypto';
import type { AccountStore, UserRecord } from '../../../ledger/accounts-port.ts';
import { ROLE } from '../../../domain/directory/role.ts';
import { hashPassword } from '../auth/passwords.ts';
import { accessNote } from './access-note.ts';

/** A new local account as people describe it. */
export interface NewUser {
  readonly name: string;
  readonly displayName?: string;
  readonly roles: readonly string[];
  /** Site ids, or `*`. */
  readonly sites: readonly string[];
  readonly badge?: string;
  /** Where the person is told of tasks. */
  readonly email?: string;
  /** Absent: nobody can sign in with a password, for people who only carry a badge. */
  readonly password?: string;
}

/** No hash of any password. */
const NO_PASSWORD = '!';

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;
const SITE = /^(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

/** Why these cannot be an account's name, roles and sites, in one sentence; undefined when they can. */
export function userProblem(user: Pick<NewUser, 'name' | 'roles' | 'sites'>): string | undefined {
  if (!NAME.test(user.name)) return `"${user.name}" cannot be a sign-in name: use letters, digits, dots, dashes and underscores, at most 64.`;
  const role = user.roles.find((each) => !ROLE.test(each));
  if (role !== undefined) return `"${role}" cannot be a role: use small letters, digits and dashes, for example receiving-supervisor, or owner:order-to-cash for who owns a process family.`;
  if (user.roles.length === 0) return 'Name at least one role.';
  const site = user.sites.find((each) => !SITE.test(each));
  if (site !== undefined) return `"${site}" cannot be a site id: use letters, digits, dots, dashes and underscores, or * for all sites.`;
  if (user.sites.length === 0) return 'Name at least one site, or * for all sites.';
  return undefined;
}

/** One address: what is around the @ is the mail server's business, but nothing that ends a header or begins a list. */
const EMAIL = /^[^\s@<>",;:\\()[\]]{1,64}@[^\s@<>",;:\\()[\]]{1,189}$/;

/** Why this cannot be an e-mail address; undefined when it can. */
export function emailProblem(email: string): string | undefined {
  return EMAIL.test(email) ? undefined : `"${email}" cannot be an e-mail address: write one, for example anna@acme.example.`;
}

/** True when the account can sign in with a password here. */
export function hasPassword(user: Pick<UserRecord, 'passwordHash'>): boolean {
  return user.passwordHash !== NO_PASSWORD;
}

/** What a change does to an account's rights, for the ledger, for example `roles clerk → clerk,buyer`; empty when nothing. Names stay out. */
export function rightsChange(before: UserRecord, change: { readonly roles?: readonly string[]; readonly sites?: readonly string[]; readonly disabled?: boolean; readonly displayName?: string; readonly badge?: string | null; readonly email?: string | null }): string {
  const lists = (['roles', 'sites'] as const).flatMap((what) => {
    const now = change[what];
    return now === undefined || now.join() === before[what].join() ? [] : [`${what} ${before[what].join(',')} → ${now.join(',')}`];
  });
  return [
    ...lists,
    ...(change.disabled === undefined || change.disabled === before.disabled ? [] : [change.disabled ? 'disabled' : 'enabled']),
    ...(change.displayName === undefined || change.displayName === before.displayName ? [] : ['display name']),
    ...(change.badge === undefined || (change.badge ?? undefined) === before.badge ? [] : ['badge']),
    ...(change.email === undefined || (change.email ?? undefined) === before.email ? [] : ['email']),
  ].join('; ');
}

/** Hashes the password and stores the account. @throws AccountError `name-taken` or `badge-taken` */
export async function createUser(store: AccountStore, user: NewUser, told?: { readonly what: string; readonly byUserId?: string }): Promise<UserRecord> {
  const record: UserRecord = {
    id: randomUUID(),
    name: user.name,
    displayName: user.displayName ?? user.name,
    roles: [...user.roles],
    sites: [...user.sites],
    ...(user.badge === undefined ? {} : { badge: user.badge }),
    ...(user.email === undefined ? {} : { email: user.email }),
    passwordHash: user.password === undefined ? NO_PASSWORD : await hashPassword(user.password),
    disabled: false,
    createdAt: new Date().toISOString(),
  };
  await store.createUser(record, told === undefined ? undefined : accessNote(told.what, record.id, told.byUserId));
  return record;
}
