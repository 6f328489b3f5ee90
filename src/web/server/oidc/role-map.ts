import { userProblem } from '../accounts/users.ts';
import { OidcError } from './oidc-error.ts';

/** What the members of a provider's group may do here. */
export interface GroupRights { readonly roles: readonly string[]; readonly sites: readonly string[] }

/** Rights by group name. */
export type RoleMap = ReadonlyMap<string, GroupRights>;

const form = 'write {"<group>": {"roles": ["receiving-supervisor"], "sites": ["dc-1"]}}';

/** Reads WAYBILL_OIDC_ROLE_MAP's JSON. @throws OidcError `oidc-settings` */
export function parseRoleMap(text: string): RoleMap {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new OidcError('oidc-settings', `WAYBILL_OIDC_ROLE_MAP is no JSON (${(error as Error).message}); ${form}.`, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) || Object.keys(parsed).length === 0) {
    throw new OidcError('oidc-settings', `WAYBILL_OIDC_ROLE_MAP names no group; ${form}.`);
  }
  return new Map(Object.entries(parsed as Record<string, unknown>).map(([group, rights]) => [group, groupRights(group, rights)]));
}

function groupRights(group: string, rights: unknown): GroupRights {
  const { roles, sites } = (rights ?? {}) as { readonly roles?: unknown; readonly sites?: unknown };
  const texts = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (!texts(roles) || !texts(sites)) throw new OidcError('oidc-settings', `WAYBILL_OIDC_ROLE_MAP: group "${group}" needs "roles" and "sites" as lists of texts; ${form}.`);
  const wrong = userProblem({ name: 'anybody', roles, sites });
  if (wrong !== undefined) throw new OidcError('oidc-settings', `WAYBILL_OIDC_ROLE_MAP: group "${group}": ${wrong}`);
  return { roles, sites };
}

/**
 * The groups that claims name: an array of texts, or one text with commas or spaces between. A claim that
 * begins with `/` is a JSON pointer (RFC 6901), as Keycloak's `/realm_access/roles`.
 */
export function groupsIn(claims: Readonly<Record<string, unknown>>, claim: string): readonly string[] | undefined {
  const path = claim.startsWith('/') ? claim.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')) : [claim];
  let value: unknown = claims;
  for (const part of path) {
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
  }
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string');
  return typeof value === 'string' ? value.split(/[\s,]+/).filter((each) => each !== '') : undefined;
}

/** What all the groups together may do: the union of their roles, in the union of their sites. Undefined when none is mapped. */
export function rightsOf(groups: readonly string[], map: RoleMap): GroupRights | undefined {
  const found = groups.flatMap((group) => map.get(group) ?? []);
  if (found.length === 0) return undefined;
  const sites = [...new Set(found.flatMap((each) => each.sites))].sort();
  return { roles: [...new Set(found.flatMap((each) => each.roles))].sort(), sites: sites.includes('*') ? ['*'] : sites };
}
