import type { RequestHandler } from 'express';
import type { Waybill } from '../../engine/api.ts';
import { answering } from './answering.ts';
import { restingCases, siteReport } from './resting.ts';
import { EDITOR_PATH } from './editor-path.ts';
import { mountPeopleRoutes } from './people-routes.ts';
import { sharedAnswer } from './shared-answer.ts';

/** The part of Node-RED's runtime API that the sidebar's endpoints need. `httpAdmin` is absent where the editor is switched off. */
export interface AdminApi {
  readonly httpAdmin?: { get(path: string, ...handlers: RequestHandler[]): unknown; post(path: string, ...handlers: RequestHandler[]): unknown } | false;
  readonly auth?: { needsPermission(permission: string): RequestHandler };
}

/** Node ids that one request may name; what a person has selected, hardly ever more. */
const MOST_IDS = 200;

const SHARED_MS = 1_000;

/**
 * Serves what the Waybill sidebar of the editor shows, to whoever may read flows.
 * @param console where the browser finds inbox and console (`/waybill/`, an address on another port), or undefined when they are not served
 */
export function mountEditorRoutes(RED: AdminApi, waybill: Waybill, console: () => string | undefined): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const mayRead = RED.auth.needsPermission('waybill.read');
  mountPeopleRoutes(RED.httpAdmin, mayRead, waybill);
  const report = sharedAnswer(() => siteReport(waybill, console()), SHARED_MS);
  RED.httpAdmin.get(`${EDITOR_PATH}/site`, mayRead, answering('ledger-unavailable', report));
  RED.httpAdmin.get(`${EDITOR_PATH}/cases`, mayRead, answering('ledger-unavailable', (request) => {
    const { nodes } = request.query;
    const ids = typeof nodes === 'string' ? nodes.split(',').filter((id) => id !== '').slice(0, MOST_IDS) : [];
    return restingCases(waybill, ids);
  }));
}
