import express from 'express';
import { recordAccess } from './access-log.ts';
import { requireSameOrigin } from './auth/same-origin.ts';
import { hashSecret } from './auth/secrets.ts';
import { queryOf, send, sendProblem, type Request, type Response } from './http.ts';
import { inAppPath } from './in-app-path.ts';
import type { Services } from './operation.ts';
import { remoteAddress } from './resources/session.ts';

const html = 'text/html; charset=utf-8';

/** Served as a file because the content security policy allows nothing inline. */
const style = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}
main{max-width:26rem;padding:1.5rem}
h1{font-size:1.375rem;margin:0 0 .5rem}
button,a.button{display:inline-flex;align-items:center;text-decoration:none;font:inherit;font-weight:600;min-height:3rem;padding:0 1.5rem;border:0;border-radius:.5rem;background:#0b5fff;color:#fff;cursor:pointer}
button:focus-visible{outline:3px solid #f5a623;outline-offset:2px}
`;

function page(title: string, body: string, base: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${title} – Waybill</title><link rel="stylesheet" href="${base}/sign-in/style.css"></head>
<body><main><h1>${title}</h1>${body}</main></body></html>
`;
}

/**
 * `/waybill/sign-in/<secret>`: opening it shows a button, and only the button uses the link up (mail
 * scanners open links, they press no buttons).
 */
export function createSignInLinkRouter(services: () => Services, log: (message: string) => void): express.Router {
  const router = express.Router({ caseSensitive: true });
  router.get('/style.css', (request: Request, response: Response) => {
    send(request, response, { status: 200, body: style, contentType: 'text/css; charset=utf-8' });
  });
  router.get('/:secret', (request: Request, response: Response) => {
    const body = '<p>This link signs you in once. Press the button to use it.</p><form method="post"><button type="submit">Sign in</button></form>';
    send(request, response, { status: 200, body: page('Sign in to Waybill', body, request.waybillBase ?? ''), contentType: html });
  });
  router.post('/:secret', (request: Request, response: Response) => {
    consume(request, response, services()).catch((error: unknown) => sendProblem(request, response, error, log));
  });
  return router;
}

async function consume(request: Request, response: Response, services: Services): Promise<void> {
  requireSameOrigin(request, services.waybill.settings.publicUrl);
  const base = request.waybillBase ?? '';
  const secret = String(request.params?.['secret'] ?? '');
  const userId = await services.accounts.consumeOneTimeLink(hashSecret(secret), new Date().toISOString());
  const user = userId === undefined ? undefined : await services.accounts.getUser(userId);
  if (user === undefined || user.disabled) {
    await recordAccess(services, { kind: 'refused', name: user?.displayName ?? '', reason: 'link-invalid', authMethod: 'one-time-link', remoteAddress: remoteAddress(request) });
    const body = `<p>It was used, it has expired, or it was never there. Ask for a new one, or <a href="${base}/">sign in with your password</a>.</p>`;
    send(request, response, { status: 410, body: page('This link no longer works', body, base), contentType: html });
    return;
  }
  const session = await services.sessions.start(services.accounts, request, user, 'one-time-link');
  await recordAccess(services, { kind: 'signed-in', name: user.displayName, userId: user.id, authMethod: 'one-time-link', remoteAddress: remoteAddress(request) });
  send(request, response, { status: 303, headers: { 'Set-Cookie': session.cookies, Location: `${base}${inAppPath(queryOf(request)['to'])}` } });
}
