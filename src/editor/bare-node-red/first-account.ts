import process from 'node:process';
import type { Waybill } from '../../engine/api.ts';
import type { createOneTimeLink, createUser } from '../../web/server/index.ts';

/** The web layer's functions that make accounts. */
export interface AccountMaking { readonly createUser: typeof createUser; readonly createOneTimeLink: typeof createOneTimeLink }

const name = 'admin';
/** As the web layer marks an account that nobody can sign in to with a password. */
const noPassword = '!';

/**
 * How the first person gets in where nobody has an account: `admin` is made, and the log gets a link
 * that signs in once. As long as `admin` is alone and without a password, every start gives a new link,
 * so that one that was missed or has expired locks nobody out. With WAYBILL_ADMIN_PASSWORD that is the
 * password, and no link is made.
 * @param base address that the link begins with, without a slash at the end
 * @returns the line for the log; undefined when somebody can sign in already
 */
export async function firstSignIn(waybill: Waybill, web: AccountMaking, base: string): Promise<string | undefined> {
  const { accounts } = waybill;
  if (accounts === undefined) return undefined;
  const given = process.env['WAYBILL_ADMIN_PASSWORD'] || undefined;
  const users = await accounts.listUsers();
  const only = users.length === 1 ? users[0] : undefined;
  if (users.length > 0 && (only?.name !== name || only.passwordHash !== noPassword || only.disabled)) return undefined;
  const admin = only ?? await web.createUser(accounts, {
    name, displayName: 'Administrator', roles: ['admin'], sites: ['*'], ...(given === undefined ? {} : { password: given }),
  }, { what: 'account-created roles admin sites *' });
  if (only === undefined && given !== undefined) return `Nobody had an account: "${name}" was made, with the password of WAYBILL_ADMIN_PASSWORD.`;
  const link = await web.createOneTimeLink(accounts, admin.id);
  return `Nobody can sign in yet. Open this link once, before ${link.expiresAt.slice(11, 16)} UTC, to sign in as "${name}" and set a password: ${base}${link.path}`;
}
