/** Why a sign-in by OpenID Connect did not come to an end; the page says it by this code. */
export type OidcErrorCode = 'oidc-settings' | 'oidc-unavailable' | 'oidc-denied' | 'oidc-no-role' | 'oidc-expired' | 'oidc-failed' | 'account-disabled';

/** The message is for the operator's log; people read the page's own text for the code. */
export class OidcError extends Error {
  override readonly name = 'OidcError';
  readonly code: OidcErrorCode;
  constructor(code: OidcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
