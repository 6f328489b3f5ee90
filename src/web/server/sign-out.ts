import express from 'express';
import { recordAccess } from './access-log.ts';
import { requireSameOrigin } from './auth/same-origin.ts';
import { headerOf, send, sendProblem, type Request, type Response } from './http.ts';
import type { OidcSignIn } from './oidc/oidc-sign-in.ts';
import { OidcError } from './oidc/oidc-error.ts';
import type { Services } from './operation.ts';
import { clientAddress } from './reach/client.ts';
import { pageLanguage, sendPage } from './server-page.ts';

/**
 * `/waybill/sign-out`: ends the session and, when it came from a provider that offers it, the session there.
 * A link of our own pages signs out at once; from elsewhere a button asks first, so that no other site
 * signs people out.
 */
export function createSignOutRouter(oidc: OidcSignIn | undefined, services: () => Services, log: (message: string) => void): express.Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const serve = (handle: (request: Request, response: Response) => Promise<void>) => (request: Request, response: Response): void => {
    handle(request, response).catch((error: unknown) => sendProblem(request, response, error, log));
  };
  router.get('/', serve(async (request, response) => {
    if (headerOf(request, 'sec-fetch-site') === 'same-origin') return await signOut(oidc, services(), request, response);
    const [title, button] = pageLanguage(request) === 'de' ? ['Von Waybill abmelden?', 'Abmelden'] : ['Sign out of Waybill?', 'Sign out'];
    sendPage(request, response, { status: 200, title, body: `<form method="post"><button type="submit">${button}</button></form>` });
  }));
  router.post('/', serve(async (request, response) => {
    const available = services();
    requireSameOrigin(request, available.waybill.settings.publicUrl);
    await signOut(oidc, available, request, response);
  }));
  return router;
}

async function signOut(oidc: OidcSignIn | undefined, services: Services, request: Request, response: Response): Promise<void> {
  const base = request.waybillBase ?? '';
  const session = await services.sessions.find(services.accounts, request);
  if (session === undefined) return send(request, response, { status: 303, headers: { Location: `${base}/sign-in` } });
  const cookies = await services.sessions.end(services.accounts, request, session);
  await recordAccess(services, { kind: 'signed-out', name: session.user.displayName, userId: session.user.id, authMethod: session.record.authMethod, remoteAddress: clientAddress(request) });
  const elsewhere = oidc === undefined || session.record.authMethod !== 'oidc' ? undefined : await endAtProvider(oidc, services, request, session.record.idHash);
  send(request, response, { status: 303, headers: { 'Set-Cookie': cookies, Location: elsewhere ?? `${base}/sign-in` } });
}

/** The session here is over in any case; a provider that does not answer keeps nobody signed in. */
async function endAtProvider(oidc: OidcSignIn, services: Services, request: Request, sessionHash: string): Promise<string | undefined> {
  try {
    return (await oidc.provider.endSession(oidc.forget(sessionHash), `${oidc.address(request, services.waybill.settings.publicUrl)}/sign-in`))?.href;
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    services.log(`OIDC sign-out: ${error.code}: ${error.message}`);
    return undefined;
  }
}
