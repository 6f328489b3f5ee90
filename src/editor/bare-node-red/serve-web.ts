import type { Server } from 'node:http';
import process from 'node:process';
import express from 'express';
import type { Waybill } from '../../engine/api.ts';
import type * as Web from '../../web/server/index.ts';
import { firstSignIn } from './first-account.ts';
import { serveOnOwnPort } from './own-port.ts';
import { nodeRedUrl, webPlace } from './web-place.ts';
import type { HttpSettings } from './web-place.ts';

/** The part of Node-RED's runtime API that serving the pages needs. */
export interface BareRuntimeApi {
  readonly httpNode?: { use(path: string, router: unknown): void } | false;
  readonly settings: HttpSettings;
  readonly log: { info(text: string): void };
  readonly server?: Pick<Server, 'prependListener'>;
}

/**
 * Serves Waybill's pages in a Node-RED that knows nothing of Waybill, and says in the log where they
 * are and, while nobody has an account, how to get in. Rejects with a sentence when they cannot be served.
 */
export async function serveBareWeb(RED: BareRuntimeApi, waybill: Waybill, web: typeof Web): Promise<string> {
  const place = webPlace(RED.settings);
  const below = place.kind === 'below-node-red' && RED.httpNode ? place.root.replace(/\/+$/, '') : '';
  const router = web.createWebRouter({ waybill: () => waybill, base: `${below}/waybill` });
  if (RED.server !== undefined) web.attachEditor(RED.server, RED.settings.httpAdminRoot || '/', (text) => RED.log.info(`[waybill] ${text}`));
  signOutEverywhere(RED.settings, `${below}/waybill/sign-out`);
  let base: string;
  if (place.kind === 'below-node-red' && RED.httpNode) {
    // One use(), never get() or post(): `http in` nodes take routes of the same path away when they close.
    RED.httpNode.use('/waybill', router);
    base = nodeRedUrl(RED.settings, place.root);
    RED.log.info(`[waybill] Inbox: ${base}/waybill/`);
  } else {
    const app = express();
    app.disable('x-powered-by');
    app.use('/waybill', router);
    app.get('/', (_request, response) => { response.redirect(302, '/waybill/'); });
    const port = await serveOnOwnPort(app, process.env['WAYBILL_WEB_PORT']);
    base = `http://127.0.0.1:${port}`;
    RED.log.info(`[waybill] Inbox: ${base}/waybill/ (a port of its own on this machine, because ${place.kind === 'own-port' ? place.why : 'Node-RED serves no pages of nodes'})`);
  }
  // The pages are there whether or not this works; the next start tries again.
  const line = await firstSignIn(waybill, web, (waybill.settings.publicUrl ?? base).replace(/\/+$/, ''))
    .catch((error: unknown) => `A first sign-in could not be prepared: ${error instanceof Error ? error.message : String(error)}`);
  if (line !== undefined) RED.log.info(`[waybill] ${line}`);
  return place.kind === 'below-node-red' && RED.httpNode ? `${place.root.replace(/\/+$/, '')}/waybill/` : `${base}/waybill/`;
}

/** With Waybill's sign-in at the editor, signing out there ends the Waybill session too; without, the editor would sign in again by itself. */
function signOutEverywhere(settings: HttpSettings, path: string): void {
  const { adminAuth, editorTheme } = settings;
  if (adminAuth?.strategy?.name !== 'waybill' || editorTheme === undefined || editorTheme.logout !== undefined) return;
  editorTheme.logout = { redirect: path };
}
