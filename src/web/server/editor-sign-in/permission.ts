import { inScope, permissionsOf } from '../permissions.ts';

/** What a person may do in Node-RED's editor: change everything, or look. */
export type EditorPermission = '*' | 'read';

/**
 * Engineers and administrators change flows; who may see what flows are found to break may look at them.
 * Others have no business in the editor: flows tell how a site is built. A shared device never changes
 * flows, for the editor cannot ask for a PIN. Flows run the whole instance: who is not for its site has no
 * business there either.
 */
export function editorPermission({ roles, sites }: { readonly roles: readonly string[]; readonly sites: readonly string[] }, shared: boolean, site: string): EditorPermission | undefined {
  if (!inScope(sites, site)) return undefined;
  if (!shared && (roles.includes('admin') || roles.includes('engineer'))) return '*';
  return permissionsOf(roles).has('findings.read') ? 'read' : undefined;
}
