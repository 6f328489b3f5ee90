import process from 'node:process';
import type { RuntimeApi } from '../engine/node-red/connect.ts';
import type { Waybill } from '../engine/api.ts';
import { gateParts } from '../engine/governance/in-place.ts';
import { setCurrentWaybill } from '../engine/node-red/current.ts';
import { nodeVersionProblem } from '../engine/node-red/node-version.ts';
import { RefusingWaybill } from '../engine/refusing.ts';
import { siteSettings } from '../engine/settings.ts';
import { serveBareWeb } from './bare-node-red/serve-web.ts';
import type { BareRuntimeApi } from './bare-node-red/serve-web.ts';
import { mountEditorRoutes } from './here/routes.ts';
import type { AdminApi } from './here/routes.ts';
import type { DecisionAdminApi } from './decision/routes.ts';
import type { IntakeAdminApi } from './intake/routes.ts';

/** Where whoever starts Node-RED leaves what is to be done between the opening of the engine and the start of the flows. */
const beforeFlows = Symbol.for('waybill.before-flows');

/**
 * Node-RED's runtime plugin: it is awaited before nodes load and flows start, so that the engine is
 * there first. Loaded with require(), so the engine is imported, and only on a Node.js that has what
 * the engine needs: on an older one the nodes load, show why they do nothing, and leave all others alone.
 */
export default async function openWaybill(RED: RuntimeApi & BareRuntimeApi & AdminApi & DecisionAdminApi & IntakeAdminApi): Promise<void> {
  gateParts().mayDeploy = RED.auth?.needsPermission('flows.write') as ReturnType<typeof gateParts>['mayDeploy'];
  const tooOld = nodeVersionProblem(process.versions.node);
  if (tooOld !== undefined) {
    RED.log.error(`[waybill] Waybill refuses to work: ${tooOld}`);
    const refusing = new RefusingWaybill(siteSettings(RED.settings.waybill, RED.settings.userDir ?? process.cwd()), tooOld);
    setCurrentWaybill(refusing);
    mountEditorRoutes(RED, refusing, () => undefined);
    return;
  }
  const { openRuntime } = await import('../engine/runtime.ts');
  const waybill = await openRuntime(RED);
  // What has to be there before the first message comes, such as the accounts of a new home.
  await (globalThis as { [key: symbol]: unknown } & { [beforeFlows]?: (waybill: Waybill) => Promise<void> })[beforeFlows]?.(waybill);
  // `npm start` serves Waybill before Node-RED's own apps.
  const served = (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.web')] === true;
  let pages: string | undefined = served ? '/waybill/' : undefined;
  mountEditorRoutes(RED, waybill, () => pages);
  (await import('./decision/routes.ts')).mountDecisionRoutes(RED);
  (await import('./intake/routes.ts')).mountIntakeRoutes(RED, waybill);
  (await import('./intake/event-routes.ts')).mountEventRoutes(RED, waybill, () => pages);
  (await import('./mapping/routes.ts')).mountMappingRoutes(RED);
  (await import('./governance/routes.ts')).mountGovernanceRoutes(RED, waybill, () => pages);
  if (served) return;
  try {
    pages = await serveBareWeb(RED, waybill, await import('../web/server/index.ts'));
  } catch (error) {
    // Flows work without the pages; a rejected plugin would only hide why they are missing.
    RED.log.error(`[waybill] Waybill's pages are not served: ${error instanceof Error ? error.message : String(error)}`);
  }
}
