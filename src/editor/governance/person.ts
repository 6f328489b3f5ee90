import type { Request } from 'express';
import type { PersonIdentity, Waybill } from '../../engine/api.ts';

/**
 * Who sits at the editor. With Waybill's sign-in it is an account; where the editor has a sign-in of its own, or none, the
 * ledger says so: such a person may ask, and has no role by which to decide anything.
 */
export async function personAt(request: Request, waybill: Waybill): Promise<PersonIdentity> {
  const { username } = ((request as { user?: unknown }).user ?? {}) as { readonly username?: unknown };
  const name = typeof username === 'string' ? username : '';
  const account = name === '' ? undefined : await waybill.accounts?.findUserByName(name);
  if (account !== undefined) {
    return { userId: account.id, name: account.displayName, roles: account.roles, sites: account.sites, authMethod: 'editor', channel: 'editor' };
  }
  const { site } = waybill.settings;
  return name === ''
    ? { userId: 'editor', name: 'not signed in', roles: [], sites: [site], authMethod: 'none', channel: 'editor' }
    : { userId: `editor:${name}`, name, roles: [], sites: [site], authMethod: 'editor', channel: 'editor' };
}
