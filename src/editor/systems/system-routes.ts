import type { NodeAPI } from 'node-red';
import type { Waybill } from '../../engine/api.ts';
import { linkOf } from '../../engine/services/system-node.ts';
import type { DeployedSystem, SystemCredentials, SystemNodeConfig } from '../../engine/services/system-node.ts';
import type { KnownService } from '../../engine/services/source.ts';
import { trySystem } from '../../engine/services/try-system.ts';
import { replying, refused, text } from '../governance/answer.ts';
import type { Reply } from '../governance/answer.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { AdminApi } from '../here/routes.ts';

/** The part of Node-RED's runtime API that the forms of systems and calls need. */
export interface SystemAdminApi extends AdminApi {
  readonly nodes: { getNode(id: string): unknown };
  readonly util?: NodeAPI['util'];
}

/** What Node-RED's editor has in the place of a secret that nobody touched. */
const UNTOUCHED = '__PWRD__';
const LONGEST = 4_096;
const SECRETS = ['user', 'password', 'token', 'apiKey', 'clientId', 'clientSecret', 'proxyPassword'] as const;

/** Serves what the forms of `system` and `call` show. Whoever may write flows has a system tried: a request goes out to an address of the person's choice. */
export function mountSystemRoutes(RED: SystemAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const [mayRead, mayWrite] = [RED.auth.needsPermission('waybill.read'), RED.auth.needsPermission('waybill.write')];
  RED.httpAdmin.get(`${EDITOR_PATH}/services`, mayRead, replying(() => ({ body: { services: waybill.services.services().map(serviceView) } })));
  RED.httpAdmin.get(`${EDITOR_PATH}/systems/state`, mayRead, replying(({ query }) => ({ body: stateOf(RED, waybill, text(query['node'])) })));
  RED.httpAdmin.post(`${EDITOR_PATH}/systems/test`, mayWrite, replying((request) => test(RED, waybill, record(record(request.body)['system']))));
}

/** What a form needs of a service to choose an operation and to show what it takes. */
function serviceView({ definition, status, sunset, successor }: KnownService): object {
  const { id, version, title, description, system, operations } = definition;
  return {
    reference: `${id}@${version}`, id, version, title, description, system, offered: definition.offered !== undefined, status, sunset, successor,
    operations: Object.entries(operations).map(([name, operation]) => ({ name, title: operation.title, effect: operation.effect, request: operation.request, answer: operation.answer, recovery: operation.recovery.by, ...(definition.offered === undefined ? {} : { address: `${String(operation.binding['method'] ?? 'POST')} …/waybill/services/${id}/${version}${String(operation.binding['path'] ?? '')}` }) })),
  };
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

/** Tries a system as its form stands. A secret that nobody touched comes from the deployed node, and goes to the address that it was given for only. */
async function test(RED: SystemAdminApi, waybill: Waybill, given: Readonly<Record<string, unknown>>): Promise<Reply> {
  if (RED.util === undefined) return refused('Node-RED gives no access to its settings here; deploy the system and look at its state.', 503);
  const node = RED.nodes.getNode(text(given['id'])) as { readonly id: string; readonly credentials?: SystemCredentials; readonly system?: DeployedSystem } | null;
  const deployed = node?.system === undefined || 'problem' in node.system ? undefined : node.system;
  const config = configOf(given);
  try {
    const link = linkOf({ util: RED.util }, (node ?? { id: text(given['id']) }) as never, waybill, config, credentialsOf(given, node?.credentials ?? {}));
    try {
      const kept = SECRETS.some((name) => given[name] === UNTOUCHED);
      if (kept && deployed !== undefined && deployed.base.origin !== link.base.origin) return { status: 422, body: { message: 'Type the secrets again: they are kept for the address that is deployed.' } };
      return { body: await trySystem(link, waybill.services.services()) };
    } finally {
      await link.close();
    }
  } catch (error) {
    if (error instanceof RangeError) return { status: 422, body: { message: error.message } };
    throw error;
  }
}

function configOf(given: Readonly<Record<string, unknown>>): SystemNodeConfig {
  const field = (name: string): string => text(given[name], LONGEST);
  const { secrets } = given;
  return {
    name: field('name') || 'system', kind: field('kind'), url: field('url'), urlType: field('urlType') === 'env' ? 'env' : 'str', database: field('database'), hostKey: field('hostKey'), caFile: field('caFile'), certFile: field('certFile'), keyFile: field('keyFile'),
    proxy: field('proxy'), proxyUser: field('proxyUser'),
    secrets: (Array.isArray(secrets) ? secrets : []).slice(0, 20).map(record).map(({ name, value, valueType }) => ({ name: text(name), value: text(value, LONGEST), valueType: valueType === 'file' ? 'file' : 'env' })),
  };
}

function credentialsOf(given: Readonly<Record<string, unknown>>, kept: SystemCredentials): SystemCredentials {
  return Object.fromEntries(SECRETS.flatMap((name): [string, string][] => {
    const typed = given[name];
    const value = typed === UNTOUCHED || typed === undefined ? kept[name] : typeof typed === 'string' ? typed.slice(0, LONGEST) : undefined;
    return value === undefined || value === '' ? [] : [[name, value]];
  }));
}
