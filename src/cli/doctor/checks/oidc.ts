import { oidcSettingsFromEnvironment } from '../../../web/server/oidc/settings.ts';
import type { OidcSettings } from '../../../web/server/oidc/settings.ts';
import { getUrl, isCertificateError, reasonOf } from '../http-probe.ts';
import type { Check } from '../run-checks.ts';
import { shownUrl } from '../secrets.ts';

/** Sign-in by the company's provider: its settings, and its discovery document (OpenID Connect Discovery 1.0 §4). */
export const oidc: Check = {
  name: 'oidc', title: 'Sign-in',
  async run({ env, publicUrl }, findings, signal) {
    let settings: OidcSettings | undefined;
    try {
      settings = oidcSettingsFromEnvironment(env);
    } catch (error) {
      findings.fail('the settings of the sign-in provider cannot be used', (error as Error).message);
      return;
    }
    if (settings === undefined) {
      findings.ok('local accounts only (WAYBILL_OIDC_ISSUER is not set)');
      return;
    }
    const { issuer } = settings;
    const shown = shownUrl(issuer);
    if (publicUrl === undefined) findings.warn('WAYBILL_PUBLIC_URL is not set', 'Set it to what people open: the provider sends them back to that address after they have signed in.');
    try {
      const { status, body, ms } = await getUrl(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal);
      const document = status === 200 ? documentOf(body) : undefined;
      if (document === undefined) findings.fail(`${shown} answers ${status} and no discovery document`, 'Set WAYBILL_OIDC_ISSUER to the issuer, without /.well-known/….');
      else if (document.issuer !== issuer) findings.fail(`${shown} calls itself ${typeof document.issuer === 'string' ? shownUrl(document.issuer) : 'nothing'}`, 'Set WAYBILL_OIDC_ISSUER to exactly the issuer that the provider\'s discovery document names, slash at the end included.');
      else findings.ok(`${shown} answers as its issuer in ${Math.round(ms)} ms`);
    } catch (error) {
      findings.fail(`${shown}: ${reasonOf(error)}`, isCertificateError(error) ? 'Mend the provider\'s certificate, or name its authority in NODE_EXTRA_CA_CERTS.' : 'Mend WAYBILL_OIDC_ISSUER or the way to the provider; local accounts work meanwhile.');
    }
  },
};

function documentOf(body: string): { readonly issuer?: unknown } | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
