import type { Request } from '../http.ts';
import { hostName, isLoopbackHost } from '../reach/hosts.ts';
import { publicUrl } from '../reach/public-url.ts';
import { OidcError } from './oidc-error.ts';
import { OidcProvider } from './provider.ts';
import type { OidcSettings } from './settings.ts';

/** ID tokens kept for the sign-out at the provider; the oldest go first. */
const MAX_REMEMBERED = 5_000;

/** Sign-in by OpenID Connect as the routes use it. */
export class OidcSignIn {
  readonly settings: OidcSettings;
  readonly provider: OidcProvider;
  /** ID tokens by session, in memory only: after a restart the provider asks who signs out. */
  readonly #idTokens = new Map<string, string>();

  constructor(settings: OidcSettings) {
    this.settings = settings;
    this.provider = new OidcProvider(settings);
  }

  remember(sessionHash: string, idToken: string | undefined): void {
    if (idToken === undefined) return;
    this.#idTokens.set(sessionHash, idToken);
    while (this.#idTokens.size > MAX_REMEMBERED) this.#idTokens.delete(this.#idTokens.keys().next().value!);
  }

  /** The session's ID token, for the last time. */
  forget(sessionHash: string): string | undefined {
    const idToken = this.#idTokens.get(sessionHash);
    this.#idTokens.delete(sessionHash);
    return idToken;
  }

  /** The callback's address as the provider knows it. @throws OidcError `oidc-settings` */
  redirectUri(request: Request, publicAddress: string | undefined): string {
    return `${this.address(request, publicAddress)}/sign-in/oidc/callback`;
  }

  /** Address of Waybill's pages from outside; never taken from a request, but for loopback. @throws OidcError `oidc-settings` */
  address(request: Request, publicAddress: string | undefined): string {
    const base = request.waybillBase ?? '';
    const outside = publicUrl(publicAddress);
    if (outside !== undefined) return `${outside.origin}${base.startsWith(`${outside.prefix}/`) ? '' : outside.prefix}${base}`;
    const host = request.waybillClient?.host ?? request.headers.host ?? '';
    if (!isLoopbackHost(hostName(host))) throw new OidcError('oidc-settings', 'Set WAYBILL_PUBLIC_URL: the provider sends people back to it.');
    return `${(request.waybillClient?.secure ?? 'encrypted' in request.socket) ? 'https' : 'http'}://${host}${base}`;
  }
}
