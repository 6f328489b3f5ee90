import type { NodeAPI } from 'node-red';
import type { Waybill } from '../../engine/api.ts';
import type { SystemLink } from '../../engine/services/system-link.ts';
import { linkOf } from '../../engine/services/system-node.ts';
import type { DeployedSystem, SystemCredentials, SystemNodeConfig } from '../../engine/services/system-node.ts';
import { refused, text } from '../governance/answer.ts';
import type { Reply } from '../governance/answer.ts';
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

/** Does something at a system as its form stands. A secret that nobody touched comes from the deployed node, and goes to the address that it was given for only. */
export async function atSystem(RED: SystemAdminApi, waybill: Waybill, given: Readonly<Record<string, unknown>>, act: (link: SystemLink) => Promise<Reply>): Promise<Reply> {
  if (RED.util === undefined) return refused('Node-RED gives no access to its settings here; deploy the system and look at its state.', 503);
  const node = RED.nodes.getNode(text(given['id'])) as { readonly id: string; readonly credentials?: SystemCredentials; readonly system?: DeployedSystem } | null;
  const deployed = node?.system === undefined || 'problem' in node.system ? undefined : node.system;
  const config = configOf(given);
  try {
    const link = linkOf({ util: RED.util }, (node ?? { id: text(given['id']) }) as never, waybill, config, credentialsOf(given, node?.credentials ?? {}));
    try {
      const kept = SECRETS.some((name) => given[name] === UNTOUCHED);
      if (kept && deployed !== undefined && deployed.base.origin !== link.base.origin) return { status: 422, body: { message: 'Type the secrets again: they are kept for the address that is deployed.' } };
      return await act(link);
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
