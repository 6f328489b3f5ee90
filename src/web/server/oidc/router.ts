import express from 'express';
import { recordAccess } from '../access-log.ts';
import { cookieName, cookieOf, isSecure, setCookie } from '../auth/cookies.ts';
import { hashSecret } from '../auth/secrets.ts';
import { queryOf, send, sendProblem, type Request, type Response } from '../http.ts';
import { inAppPath } from '../in-app-path.ts';
import type { Services } from '../operation.ts';
import { clientAddress } from '../reach/client.ts';
import { goOn } from '../server-page.ts';
import { accountOf, withdraw } from './account.ts';
import { FLOW_SECONDS, FlowCookies } from './flow-cookie.ts';
import { OidcError } from './oidc-error.ts';
import type { OidcSignIn } from './oidc-sign-in.ts';
import type { OidcIdentity } from './provider.ts';
import { groupsIn, rightsOf } from './role-map.ts';

/** `/waybill/sign-in/oidc` and its callback. Failures land on the sign-in page with their code, where a local account still signs in. */
export function createOidcRouter(oidc: OidcSignIn, services: () => Services, log: (message: string) => void): express.Router {
  const flows = new FlowCookies();
  const router = express.Router({ caseSensitive: true, strict: true });
  const serve = (handle: (request: Request, response: Response, services: Services) => Promise<void>) => (request: Request, response: Response): void => {
    Promise.resolve().then(() => services()).then((available) => handle(request, response, available).catch((error: unknown) => failed(request, response, available, error)))
      .catch((error: unknown) => sendProblem(request, response, error, log));
  };
  router.get('/', serve((request, response, available) => begin(oidc, flows, request, response, available)));
  router.get('/callback', serve((request, response, available) => finish(oidc, flows, request, response, available)));
  return router;
}

function cookiePath(request: Request): string {
  return `${request.waybillBase ?? ''}/sign-in/oidc`;
}

function flowCookie(request: Request, services: Services, state: string, value: string, maxAge: number): string {
  const secure = isSecure(request, services.waybill.settings.publicUrl);
  // Lax: the provider's redirect is a navigation that another site began.
  return setCookie(cookieName(FlowCookies.mark(state), request, secure), value, { path: cookiePath(request), maxAge, secure, sameSite: 'Lax' });
}

async function begin(oidc: OidcSignIn, flows: FlowCookies, request: Request, response: Response, services: Services): Promise<void> {
  const { url, protection } = await oidc.provider.begin(oidc.redirectUri(request, services.waybill.settings.publicUrl));
  const sealed = flows.seal({ ...protection, to: inAppPath(queryOf(request)['to']), expires: Date.now() + FLOW_SECONDS * 1_000 });
  send(request, response, { status: 302, headers: { Location: url.href, 'Set-Cookie': flowCookie(request, services, protection.state, sealed, FLOW_SECONDS) } });
}

async function finish(oidc: OidcSignIn, flows: FlowCookies, request: Request, response: Response, services: Services): Promise<void> {
  const { settings } = services.waybill;
  const { state } = queryOf(request);
  const name = state === undefined ? '' : cookieName(FlowCookies.mark(state), request, isSecure(request, settings.publicUrl));
  const flow = state === undefined ? undefined : flows.take(cookieOf(request, name), state, Date.now());
  if (flow === undefined) throw new OidcError('oidc-expired', 'A sign-in came back that this browser did not begin here, or that is too old, or that came back before.');
  response.appendHeader('Set-Cookie', flowCookie(request, services, flow.state, '', 0));
  const callback = new URL(oidc.redirectUri(request, settings.publicUrl));
  callback.search = new URL(request.originalUrl ?? request.url ?? '/', 'http://request.invalid').search;
  const identity = await oidc.provider.finish(callback, flow, (claims) => groupsIn(claims, oidc.settings.groupsClaim) !== undefined);
  const groups = groupsIn(identity.claims, oidc.settings.groupsClaim) ?? [];
  const rights = rightsOf(groups, oidc.settings.roleMap);
  if (rights === undefined) return await refuseStranger(identity, groups, oidc, services);
  const { user, change } = await accountOf(services.accounts, identity, rights);
  if (change !== undefined) {
    await recordAccess(services, {
      kind: 'account-changed', name: user.displayName, userId: user.id, authMethod: 'oidc',
      reason: `${change === 'made' ? 'account made' : 'rights follow the groups'}: roles ${user.roles.join(' ')}, sites ${user.sites.join(' ')}`,
    });
  }
  const session = await services.sessions.start(services.accounts, request, user, 'oidc');
  oidc.remember(hashSecret(session.id), identity.idToken);
  await recordAccess(services, { kind: 'signed-in', name: user.displayName, userId: user.id, authMethod: 'oidc', remoteAddress: clientAddress(request) });
  for (const cookie of session.cookies) response.appendHeader('Set-Cookie', cookie);
  goOn(request, response, flow.to);
}

/** Known to the provider, and none of the groups is one of ours. */
async function refuseStranger(identity: OidcIdentity, groups: readonly string[], oidc: OidcSignIn, services: Services): Promise<never> {
  const withdrawn = await withdraw(services.accounts, identity);
  if (withdrawn !== undefined) {
    await recordAccess(services, { kind: 'account-changed', name: withdrawn.displayName, userId: withdrawn.id, authMethod: 'oidc', reason: 'rights follow the groups: none is left' });
  }
  throw new OidcError('oidc-no-role', groups.length === 0
    ? `The provider named no groups in the claim "${oidc.settings.groupsClaim}"; check WAYBILL_OIDC_GROUPS_CLAIM, WAYBILL_OIDC_SCOPES and what the provider sends.`
    : `None of the person's ${groups.length} groups is in WAYBILL_OIDC_ROLE_MAP.`);
}

async function failed(request: Request, response: Response, services: Services, error: unknown): Promise<void> {
  if (!(error instanceof OidcError)) throw error;
  services.log(`OIDC sign-in: ${error.code}: ${error.message}`);
  await recordAccess(services, { kind: 'refused', name: '', authMethod: 'oidc', reason: error.code, remoteAddress: clientAddress(request) });
  const code = error.code === 'oidc-settings' ? 'oidc-unavailable' : error.code;
  send(request, response, { status: 303, headers: { Location: `${request.waybillBase ?? ''}/sign-in?problem=${code}` } });
}
