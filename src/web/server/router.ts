import { createHash } from 'node:crypto';
import process from 'node:process';
import express from 'express';
import type { Waybill } from '../../engine/api.ts';
import { createApiRouter } from './api-router.ts';
import { Sessions } from './auth/sessions.ts';
import { SignInThrottle } from './auth/sign-in-throttle.ts';
import { requestPath, send, sendProblem, setSecurityHeaders, type Request, type Response } from './http.ts';
import { metricsText } from './metrics-text.ts';
import type { Services } from './operation.ts';
import { operations } from './operations.ts';
import { problem } from './problems.ts';
import { createSignInLinkRouter } from './sign-in-link-page.ts';
import { createStaticUi, defaultUiFolder } from './static-ui.ts';

/** What the router needs. */
export interface WebRouterOptions {
  /** The engine; undefined until the runtime has put it up. Asked at every request. */
  readonly waybill: () => Waybill | undefined;
  /** Version that the API's document names. */
  readonly version?: string;
  /** Folder of the built UI, by default the package's `dist/ui`. */
  readonly uiFolder?: string;
  /** Takes one line for the process's log; by default standard error. */
  readonly log?: (message: string) => void;
}

const starting = 'Waybill is starting.';

/** Tells which ledger answers, without saying its id: `waybill doctor` compares it with the home's. */
function instance(waybill: Waybill | undefined): { readonly instance?: string } {
  const id = waybill?.ledger?.ledgerId;
  return id === undefined ? {} : { instance: createHash('sha256').update(id).digest('hex').slice(0, 16) };
}

/**
 * Everything of Waybill's web: API, inbox, sign-in links, health and metrics. Mount it at `/waybill` of
 * an Express 4 or 5 app: `app.use('/waybill', createWebRouter({ waybill }))`.
 */
export function createWebRouter(options: WebRouterOptions): express.Router {
  const log = options.log ?? ((message: string) => process.stderr.write(`waybill web: ${message}\n`));
  const sessions = new Sessions(() => options.waybill()?.settings.publicUrl);
  const throttle = new SignInThrottle();
  const services = (): Services => {
    const waybill = options.waybill();
    if (waybill === undefined) throw problem('engine-not-ready', starting, { headers: { 'Retry-After': '2' } });
    if (waybill.accounts === undefined) throw problem('accounts-unavailable', waybill.reason);
    return { waybill, accounts: waybill.accounts, sessions, throttle, log };
  };

  const router = express.Router({ caseSensitive: true });
  router.use((request: Request, response: Response, next: (error?: unknown) => void) => {
    request.waybillBase = (request.baseUrl ?? '').replace(/\/+$/, '');
    setSecurityHeaders(response);
    response.removeHeader('X-Powered-By');
    // `/waybill` without its slash would make the app's relative addresses wrong.
    if (request.waybillBase !== '' && requestPath(request) === request.waybillBase) {
      send(request, response, { status: 308, headers: { Location: `${request.waybillBase}/` } });
      return;
    }
    next();
  });
  router.get('/healthz', (request: Request, response: Response) => send(request, response, { status: 200, json: { status: 'alive', ...instance(options.waybill()) } }));
  router.get('/readyz', (request: Request, response: Response) => {
    const waybill = options.waybill();
    const state = waybill?.state ?? 'opening';
    const reason = waybill?.reason ?? (state === 'ready' ? undefined : starting);
    send(request, response, { status: state === 'ready' ? 200 : 503, json: { status: state, ...(reason === undefined ? {} : { reason }) } });
  });
  router.get('/metrics', (request: Request, response: Response) => {
    const waybill = options.waybill();
    const metrics = waybill?.metrics() ?? { counters: {}, gauges: {}, ledger: undefined };
    send(request, response, { status: 200, body: metricsText(metrics, waybill?.state ?? 'opening'), contentType: 'text/plain; version=0.0.4; charset=utf-8' });
  });
  router.use('/api/v1', createApiRouter({ operations, version: options.version ?? '1', services, log }));
  router.use('/sign-in', createSignInLinkRouter(services, log));
  router.use(createStaticUi(options.uiFolder ?? defaultUiFolder(), log));
  // Express recognises an error handler by its four parameters.
  router.use((error: unknown, request: Request, response: Response, _next: (error?: unknown) => void) => {
    const { status } = error as { status?: unknown };
    // Malformed addresses and ranges: what Express itself refuses.
    sendProblem(request, response, typeof status === 'number' && status >= 400 && status < 500 ? problem('not-found') : error, log);
  });
  return router;
}
