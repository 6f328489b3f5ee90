import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import process from 'node:process';
import express from 'express';
import type { Waybill } from '../../engine/api.ts';
import { createAbsenceRouter } from './absence-page.ts';
import { createApiRouter } from './api-router.ts';
import { Sessions } from './auth/sessions.ts';
import { SignInThrottle } from './auth/sign-in-throttle.ts';
import { requestPath, send, sendProblem, setSecurityHeaders, type Request, type Response } from './http.ts';
import { createEditorSignInRouter } from './editor-sign-in/router.ts';
import { EditorSignIn } from './editor-sign-in/editor-sign-in.ts';
import { createEventWebhookRouter } from './event-webhook.ts';
import { FieldMaskError, readFieldMasks, type FieldMask } from './masking-settings.ts';
import { metricsText } from './metrics-text.ts';
import { OidcError } from './oidc/oidc-error.ts';
import { OidcSignIn } from './oidc/oidc-sign-in.ts';
import { createOidcRouter } from './oidc/router.ts';
import { oidcSettingsFromEnvironment, type OidcSettings } from './oidc/settings.ts';
import type { Services } from './operation.ts';
import { operations } from './operations.ts';
import { explainOverlong } from './overlong.ts';
import { problem } from './problems.ts';
import { noteClient, proxiesFromEnvironment, type TrustedProxies } from './reach/index.ts';
import { createServiceRouter } from './services/router.ts';
import { createSignInLinkRouter } from './sign-in-link-page.ts';
import { createSignOutRouter } from './sign-out.ts';
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
  /** Path at which browsers find the router, for the editor's way to it; `/waybill` by default. */
  readonly base?: string;
  /** Proxies whose headers are believed; by default what WAYBILL_TRUSTED_PROXIES declares. */
  readonly proxies?: TrustedProxies;
  /** Declared proxies show client certificates; by default what WAYBILL_PROXY_CLIENT_CERT says. */
  readonly proxyShowsCertificates?: boolean;
  /** Facts that only some roles see; by default what the file of WAYBILL_FIELD_MASKS says. */
  readonly masks?: readonly FieldMask[];
  /** Sign-in at a provider; by default what WAYBILL_OIDC_* say. */
  readonly oidc?: OidcSettings;
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
  const proxies = options.proxies ?? proxiesFromEnvironment();
  const oidc = oidcOf(options, log);
  const masks = options.masks ?? masksOf(log);
  const services = (): Services => {
    const waybill = options.waybill();
    if (waybill === undefined) throw problem('engine-not-ready', starting, { headers: { 'Retry-After': '2' } });
    if (waybill.accounts === undefined) throw problem('accounts-unavailable', waybill.reason);
    if (masks instanceof FieldMaskError) throw problem('masks-invalid', masks.message);
    return { waybill, accounts: waybill.accounts, sessions, throttle, masks, oidc: oidc === undefined ? undefined : { label: oidc.settings.label }, log };
  };

  const router = express.Router({ caseSensitive: true });
  router.use((request: Request, response: Response, next: (error?: unknown) => void) => {
    noteClient(request, response, proxies);
    request.waybillBase = (request.baseUrl ?? '').replace(/\/+$/, '');
    setSecurityHeaders(response);
    explainOverlong((request.socket as { server?: Server }).server);
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
  router.use('/events', createEventWebhookRouter(log));
  router.use('/services', createServiceRouter({ waybill: options.waybill, log, proxyShowsCertificates: options.proxyShowsCertificates ?? process.env['WAYBILL_PROXY_CLIENT_CERT'] === '1' }));
  router.use('/api/v1', createApiRouter({ operations, version: options.version ?? '1', services, log }));
  const editor = new EditorSignIn(options.base ?? '/waybill', services);
  (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.editor-sign-in')] = editor;
  router.use('/editor-sign-in', createEditorSignInRouter(editor, log));
  router.use('/sign-out', createSignOutRouter(oidc, services, log));
  if (oidc !== undefined) router.use('/sign-in/oidc', createOidcRouter(oidc, services, log));
  router.use('/sign-in', createSignInLinkRouter(services, log));
  router.use('/absence', createAbsenceRouter(services, log));
  router.use(createStaticUi(options.uiFolder ?? defaultUiFolder(), log));
  // Express recognises an error handler by its four parameters.
  router.use((error: unknown, request: Request, response: Response, _next: (error?: unknown) => void) => {
    const { status } = error as { status?: unknown };
    // Malformed addresses and ranges: what Express itself refuses.
    sendProblem(request, response, typeof status === 'number' && status >= 400 && status < 500 ? problem('not-found') : error, log);
  });
  return router;
}

/** A list with a mistake hides nothing, so then nothing is shown at all. */
function masksOf(log: (message: string) => void): readonly FieldMask[] | FieldMaskError {
  try {
    return readFieldMasks(process.env['WAYBILL_FIELD_MASKS']);
  } catch (error) {
    if (!(error instanceof FieldMaskError)) throw error;
    log(`${error.message} Until then nobody can sign in.`);
    return error;
  }
}

/** A provider that is described wrongly is left out, and the log says why: people still sign in with local accounts. */
function oidcOf(options: WebRouterOptions, log: (message: string) => void): OidcSignIn | undefined {
  try {
    const settings = options.oidc ?? oidcSettingsFromEnvironment(process.env);
    return settings === undefined ? undefined : new OidcSignIn(settings);
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    log(`${error.message} Until then there is no sign-in at the provider.`);
    return undefined;
  }
}
