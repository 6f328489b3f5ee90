import { BUSINESS_OPERATIONS, serviceReference } from '../../domain/service/index.ts';
import type { ServiceOperation } from '../../domain/service/index.ts';
import type { Waybill } from '../../engine/api.ts';
import { mediaTypes, takesDocuments } from '../../engine/offered/media-types.ts';
import type { DeployedSystem } from '../../engine/services/system-node.ts';
import type { KnownService } from '../../engine/services/source.ts';
import { trySystem } from '../../engine/services/try-system.ts';
import { replying, text } from '../governance/answer.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import { atSystem } from './form-system.ts';
import type { SystemAdminApi } from './form-system.ts';
import { mountODataRoutes } from './odata-routes.ts';

/** Serves what the forms of `system` and `call` show. Whoever may write flows has a system tried: a request goes out to an address of the person's choice. */
export function mountSystemRoutes(RED: SystemAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const [mayRead, mayWrite] = [RED.auth.needsPermission('waybill.read'), RED.auth.needsPermission('waybill.write')];
  RED.httpAdmin.get(`${EDITOR_PATH}/services`, mayRead, replying(() => ({ body: { services: waybill.services.services().map((known) => ({ ...serviceView(known), stopped: waybill.nodes.serviceStop(serviceReference(known.definition)) })), business: BUSINESS_OPERATIONS } })));
  RED.httpAdmin.get(`${EDITOR_PATH}/systems/state`, mayRead, replying(({ query }) => ({ body: stateOf(RED, waybill, text(query['node'])) })));
  RED.httpAdmin.post(`${EDITOR_PATH}/systems/test`, mayWrite, replying((request) => atSystem(RED, waybill, record(record(request.body)['system']), async (link) => ({ body: await trySystem(link, waybill.services.services()) }))));
  mountODataRoutes(RED, waybill);
}

/** What a form needs of a service to choose an operation and to show what it takes. */
function serviceView({ definition, status, sunset, successor }: KnownService): object {
  const { id, version, title, description, system, operations } = definition;
  const offered = definition.offered !== undefined;
  const documents = offered && takesDocuments(definition);
  return {
    reference: `${id}@${version}`, id, version, title, description, system, offered, documents, status, sunset, successor,
    operations: Object.entries(operations).map(([name, operation]) => ({
      name, title: operation.title, effect: operation.effect, request: operation.request, answer: operation.answer, recovery: operation.recovery.by, idempotency: operation.idempotency, business: businessView(operation),
      ...(offered ? { address: `${String(operation.binding['method'] ?? 'POST')} …/waybill/services/${id}/${version}${String(operation.binding['path'] ?? '')}` } : {}),
      ...(documents ? { media: mediaTypes(definition, operation) } : {}),
    })),
  };
}

/** Its mappings are long, and no form shows them. */
function businessView({ business }: ServiceOperation): object | undefined {
  if (business === undefined) return undefined;
  const { as, takes, gives } = business;
  return { as, ...(takes === undefined ? {} : { takes: { contract: takes.contract } }), ...(gives === undefined ? {} : { gives: { contract: gives.contract } }) };
}

function stateOf(RED: SystemAdminApi, waybill: Waybill, id: string): object {
  const system = (RED.nodes.getNode(id) as { readonly system?: DeployedSystem } | null)?.system;
  if (system === undefined) return { running: false };
  if ('problem' in system) return { running: true, problem: system.problem };
  const circuit = waybill.nodes.circuit(system.settings.name);
  return {
    running: true, now: waybill.clock.now(), name: system.settings.name, origin: system.base.origin, lastProblem: system.lastProblem, lastAnswerAt: system.lastAnswerAt,
    circuit: circuit === undefined ? undefined : { state: circuit.state, until: circuit.until, manual: circuit.manual, failures: circuit.failures, running: circuit.running, waiting: circuit.waiting, limit: circuit.limit },
  };
}
