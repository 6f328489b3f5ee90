import { readFileSync } from 'node:fs';
import { hostName, isLoopbackHost } from '../reach/hosts.ts';
import { OidcError } from './oidc-error.ts';
import { parseRoleMap, type RoleMap } from './role-map.ts';

/** How people sign in at their company's provider. */
export interface OidcSettings {
  /** Issuer identifier, exactly as the provider's own discovery document names it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly scopes: string;
  /** What the button says after "Sign in with". */
  readonly label: string;
  readonly groupsClaim: string;
  readonly roleMap: RoleMap;
}

/**
 * Reads WAYBILL_OIDC_*; undefined when WAYBILL_OIDC_ISSUER is not set.
 * @throws OidcError `oidc-settings`, with one sentence that says what to do
 */
export function oidcSettingsFromEnvironment(env: NodeJS.ProcessEnv, readFile: (path: string) => string = (path) => readFileSync(path, 'utf8')): OidcSettings | undefined {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const issuer = text('WAYBILL_OIDC_ISSUER');
  if (issuer === undefined) return undefined;
  checkIssuer(issuer);
  const clientId = text('WAYBILL_OIDC_CLIENT_ID');
  if (clientId === undefined) throw new OidcError('oidc-settings', 'WAYBILL_OIDC_ISSUER is set and WAYBILL_OIDC_CLIENT_ID is not; set it to the client id that the provider gave for Waybill.');
  const file = (name: string, path: string): string => {
    try {
      return readFile(path).trim();
    } catch (error) {
      throw new OidcError('oidc-settings', `${name}: the file ${path} cannot be read: ${(error as Error).message}`, { cause: error });
    }
  };
  const secretFile = text('WAYBILL_OIDC_CLIENT_SECRET_FILE');
  const secret = text('WAYBILL_OIDC_CLIENT_SECRET');
  if (secret !== undefined && secretFile !== undefined) throw new OidcError('oidc-settings', 'WAYBILL_OIDC_CLIENT_SECRET and WAYBILL_OIDC_CLIENT_SECRET_FILE are both set; keep one.');
  const map = text('WAYBILL_OIDC_ROLE_MAP');
  if (map === undefined) throw new OidcError('oidc-settings', 'WAYBILL_OIDC_ROLE_MAP is not set, so nobody could sign in; set it to JSON or to a file of it: {"<group>": {"roles": ["receiving-supervisor"], "sites": ["dc-1"]}}.');
  const scopes = (text('WAYBILL_OIDC_SCOPES') ?? 'openid profile email').split(/[\s,]+/);
  return {
    issuer, clientId,
    clientSecret: secretFile === undefined ? secret : file('WAYBILL_OIDC_CLIENT_SECRET_FILE', secretFile),
    scopes: [...new Set(['openid', ...scopes])].join(' '),
    label: text('WAYBILL_OIDC_LABEL') ?? hostName(new URL(issuer).host),
    groupsClaim: text('WAYBILL_OIDC_GROUPS_CLAIM') ?? 'groups',
    roleMap: parseRoleMap(map.startsWith('{') ? map : file('WAYBILL_OIDC_ROLE_MAP', map)),
  };
}

/** An issuer is an https address without query and fragment (OpenID Connect Discovery 1.0 §3); http only on this machine. */
function checkIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new OidcError('oidc-settings', `WAYBILL_OIDC_ISSUER: "${issuer}" is no issuer; write the address under which the provider's /.well-known/openid-configuration is found.`);
  }
  if (url.protocol === 'http:' && !isLoopbackHost(hostName(url.host))) {
    throw new OidcError('oidc-settings', `WAYBILL_OIDC_ISSUER: ${issuer} is not https; plain http is taken from this machine only.`);
  }
}
