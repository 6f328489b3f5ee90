import type * as OpenIdClient from 'openid-client';
import { OidcError } from './oidc-error.ts';
import type { OidcSettings } from './settings.ts';

/** How long the provider's description is used before it is read again, in ms. */
const DISCOVERY_MS = 10 * 60_000;
/** How long one answer of the provider may take, in seconds. */
const TIMEOUT_SECONDS = 8;
/** By how much the provider's clock may differ from ours, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** What protects one sign-in: PKCE (RFC 7636), state (RFC 6749 §10.12) and nonce (OpenID Connect Core §15.5.2). */
export interface Protection { readonly state: string; readonly nonce: string; readonly verifier: string }

/** What a provider says about who signed in. */
export interface OidcIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Claims of the ID token, with those of the userinfo endpoint where groups were only there. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** For the sign-out at the provider. */
  readonly idToken: string | undefined;
}

/** The provider's side. openid-client is loaded with the first sign-in: who does not use it does not pay for it. */
export class OidcProvider {
  readonly #settings: OidcSettings;
  #known: { readonly until: number; readonly server: OpenIdClient.ServerMetadata } | undefined;

  constructor(settings: OidcSettings) {
    this.#settings = settings;
  }

  /** The provider's page to send the browser to, with what protects the way back. @throws OidcError `oidc-unavailable` */
  async begin(redirectUri: string): Promise<{ readonly url: URL; readonly protection: Protection }> {
    const client = await import('openid-client');
    const config = await this.#configuration(client);
    const protection = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri, scope: this.#settings.scopes, state: protection.state, nonce: protection.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(protection.verifier), code_challenge_method: 'S256',
    });
    return { url, protection };
  }

  /**
   * Exchanges the callback's code and checks the ID token: signature, issuer, audience, times, nonce.
   * @param needed answers whether the claims say enough; if not, the userinfo endpoint is asked as well
   * @throws OidcError `oidc-unavailable`, `oidc-denied`, `oidc-failed`
   */
  async finish(callback: URL, protection: Protection, needed: (claims: Readonly<Record<string, unknown>>) => boolean): Promise<OidcIdentity> {
    const client = await import('openid-client');
    // Made anew every time, so that signing keys are fetched now and a rotation is no failure.
    const config = await this.#configuration(client);
    try {
      const tokens = await client.authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: protection.verifier, expectedState: protection.state, expectedNonce: protection.nonce, idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new OidcError('oidc-failed', 'The provider sent no ID token.');
      const more = !needed(claims) && config.serverMetadata().userinfo_endpoint !== undefined
        ? await client.fetchUserInfo(config, tokens.access_token, claims.sub) : {};
      return { issuer: claims.iss, subject: claims.sub, claims: { ...more, ...claims }, idToken: tokens.id_token };
    } catch (error) {
      throw explained(error);
    }
  }

  /** Where the browser signs out at the provider; undefined when it offers none (RP-Initiated Logout 1.0 §2). */
  async endSession(idToken: string | undefined, returnTo: string): Promise<URL | undefined> {
    const client = await import('openid-client');
    const config = await this.#configuration(client);
    if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
    return client.buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo, ...(idToken === undefined ? {} : { id_token_hint: idToken }) });
  }

  async #configuration(client: typeof OpenIdClient): Promise<OpenIdClient.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const insecure = issuer.startsWith('http:');
    if (this.#known === undefined || this.#known.until < Date.now()) {
      try {
        // Refuses a document that names another issuer than the one asked for (Discovery 1.0 §4.3).
        const found = await client.discovery(new URL(issuer), clientId, undefined, client.None(), { timeout: TIMEOUT_SECONDS, execute: insecure ? [client.allowInsecureRequests] : [] });
        this.#known = { until: Date.now() + DISCOVERY_MS, server: found.serverMetadata() };
      } catch (error) {
        throw new OidcError('oidc-unavailable', `The sign-in provider ${issuer} does not answer as one: ${reason(error)}`, { cause: error });
      }
    }
    const { server } = this.#known;
    const config = new client.Configuration(server, clientId, { [client.clockTolerance]: CLOCK_TOLERANCE_SECONDS }, clientAuth(client, server, clientSecret));
    config.timeout = TIMEOUT_SECONDS;
    if (insecure) client.allowInsecureRequests(config);
    client.enableNonRepudiationChecks(config);
    return config;
  }
}

/** The way that the provider takes the client's secret; `client_secret_basic` when it does not say (Discovery 1.0 §3). */
function clientAuth(client: typeof OpenIdClient, server: OpenIdClient.ServerMetadata, secret: string | undefined): OpenIdClient.ClientAuth {
  if (secret === undefined) return client.None();
  const methods = server.token_endpoint_auth_methods_supported;
  return methods === undefined || methods.includes('client_secret_basic') ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
}

/** Failures become our codes here, at the edge. */
function explained(error: unknown): OidcError {
  if (error instanceof OidcError) return error;
  const { name, error: answered, status, code } = error as { readonly name?: string; readonly error?: string; readonly status?: number; readonly code?: string };
  if (name === 'AuthorizationResponseError') {
    const denied = answered === 'access_denied' || answered === 'login_required' || answered === 'consent_required' || answered === 'interaction_required';
    return new OidcError(denied ? 'oidc-denied' : answered === 'temporarily_unavailable' || answered === 'server_error' ? 'oidc-unavailable' : 'oidc-failed', `The provider answered ${answered ?? 'an error'}.`, { cause: error });
  }
  const network = error instanceof TypeError || code === 'OAUTH_TIMEOUT' || (status !== undefined && status >= 500);
  return new OidcError(network ? 'oidc-unavailable' : 'oidc-failed', `The sign-in at the provider failed: ${reason(error)}`, { cause: error });
}

/** The innermost messages, which say more than the outermost. */
function reason(error: unknown): string {
  const { message, cause, code } = error as { readonly message?: string; readonly cause?: { readonly message?: string; readonly code?: string }; readonly code?: string };
  return [message, cause?.message ?? cause?.code ?? code].filter((each) => each !== undefined && each !== '').join(': ');
}
