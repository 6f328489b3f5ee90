import path from 'node:path';
import type { NodeAPI, Node, NodeDef } from 'node-red';
import { SECRET_NAMES, Secrets } from '../../connectors/auth/index.ts';
import type { SecretName, SecretSource } from '../../connectors/auth/index.ts';
import { isFileAddress } from '../../connectors/file-transfer/index.ts';
import { readBase } from '../../connectors/http/index.ts';
import type { Waybill } from '../api.ts';
import { currentWaybill } from '../node-red/current.ts';
import { once } from '../support/reporting.ts';
import { SystemLink } from './system-link.ts';
import type { SystemSettings } from './system-link.ts';

/** Configuration of a `system` node. */
export interface SystemNodeConfig {
  readonly name: string; readonly kind: string;
  readonly url: string; readonly urlType: string; readonly database: string;
  readonly hostKey: string;
  readonly caFile: string; readonly certFile: string; readonly keyFile: string;
  readonly proxy: string; readonly proxyUser: string;
  /** Which secret stands elsewhere, and where: `env` a variable, `file` a file. */
  readonly secrets: readonly { readonly name: string; readonly value: string; readonly valueType: string }[];
}

export type SystemCredentials = Partial<Record<SecretName | 'proxyPassword', string>>;

/** What the node is for others: its link, or one sentence that says what to mend. */
export type DeployedSystem = SystemLink | { readonly problem: string };

interface SystemNode extends Node<SystemCredentials> { system: DeployedSystem }

const links = new Map<string, SystemLink>();

/** The systems of the running flows, by the ids of their nodes. */
export function systemLinks(): ReadonlyMap<string, SystemLink> {
  return links;
}

/** Registers the config node: where a system of the site is, and how to sign in there. */
export function registerSystemNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => SystemNodeConfig): void {
  function System(this: SystemNode, raw: NodeDef): void {
    RED.nodes.createNode(this, raw);
    const opened = open(RED, this, () => migrate({ ...raw }));
    this.system = opened;
    if ('problem' in opened) {
      this.error(opened.problem);
      return;
    }
    links.set(this.id, opened);
    this.on('close', (done: () => void) => {
      if (links.get(this.id) === opened) links.delete(this.id);
      // What is under way comes to its end; a deploy does not wait for it.
      opened.close().catch((error: unknown) => once('system-close', `The connections of ${opened.settings.name} were not closed in order: ${String(error)}`));
      done();
    });
  }
  RED.nodes.registerType<SystemNode, NodeDef, unknown, SystemCredentials>(type, System, {
    credentials: { user: { type: 'text' }, password: { type: 'password' }, token: { type: 'password' }, apiKey: { type: 'password' }, clientId: { type: 'text' }, clientSecret: { type: 'password' }, proxyPassword: { type: 'password' } },
  });
}

/** The system of a node's configuration, or why there is none. */
export function systemOf(RED: Pick<NodeAPI, 'nodes'>, nodeId: string): DeployedSystem {
  const node = RED.nodes.getNode(nodeId) as Partial<SystemNode> | null;
  return node?.system ?? { problem: 'The system of this call is missing or disabled; choose another one, and deploy.' };
}

function open(RED: NodeAPI, node: Node<SystemCredentials>, read: () => SystemNodeConfig): DeployedSystem {
  const waybill = currentWaybill();
  if (waybill === undefined) return { problem: 'Waybill is not running in this Node-RED.' };
  try {
    return linkOf(RED, node, waybill, read(), node.credentials ?? {});
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && error.name === 'ConfigVersionError')) return { problem: error.message };
    throw error;
  }
}

/** @throws RangeError with one sentence that says what to mend */
export function linkOf(RED: Pick<NodeAPI, 'util'>, node: Pick<Node, 'id'>, waybill: Waybill, config: SystemNodeConfig, credentials: SystemCredentials): SystemLink {
  const name = config.name.trim();
  if (name === '') throw new RangeError('The system has no name; give it one: circuits, events and people know it by that.');
  const url = String(RED.util.evaluateNodeProperty(config.url, config.urlType as never, node as never, {}) ?? '').trim();
  if (url === '') throw new RangeError(config.urlType === 'env' ? `The variable ${config.url} holds no address for the system ${name}; set it, or write the address into the node.` : `The system ${name} has no address; give it one such as https://erp.example/api.`);
  const settings: SystemSettings = { id: node.id, name, kind: config.kind.trim() || 'erp', url, database: config.database.trim(), tls: tlsFiles(waybill.settings.home, config, url), hostKey: config.hostKey.trim(), ...proxyOf(config, credentials) };
  const variable = (key: string): string | undefined => {
    const value: unknown = RED.util.getSetting(node as never, key);
    return typeof value === 'string' ? value : undefined;
  };
  return new SystemLink(settings, new Secrets(credentials, sourcesOf(waybill.settings.home, config), variable), waybill.clock);
}

/** A name without a folder is one in the home. */
function inHome(home: string, name: string): string {
  return path.resolve(home, 'pki', 'systems', name.trim());
}

function tlsFiles(home: string, { caFile, certFile, keyFile }: SystemNodeConfig, url: string): SystemSettings['tls'] {
  if (!isFileAddress(url) && (certFile.trim() === '') !== (keyFile.trim() === '')) throw new RangeError('A certificate of our own needs its key as well; name both files, or none.');
  const file = (kind: string, name: string): object => (name.trim() === '' ? {} : { [kind]: inHome(home, name) });
  return { ...file('ca', caFile), ...file('cert', certFile), ...file('key', keyFile) };
}

function proxyOf({ proxy, proxyUser }: SystemNodeConfig, { proxyPassword = '' }: SystemCredentials): Pick<SystemSettings, 'proxy'> {
  if (proxy.trim() === '') return {};
  const { origin } = readBase(proxy);
  return { proxy: { url: origin, ...(proxyUser.trim() === '' ? {} : { token: `Basic ${Buffer.from(`${proxyUser.trim()}:${proxyPassword}`).toString('base64')}` }) } };
}

function sourcesOf(home: string, { secrets }: SystemNodeConfig): Readonly<Partial<Record<SecretName, SecretSource>>> {
  return Object.fromEntries(secrets.filter(({ value }) => value.trim() !== '').map(({ name, value, valueType }): [SecretName, SecretSource] => {
    const known = SECRET_NAMES.find((each) => each === name);
    if (known === undefined) throw new RangeError(`"${name}" is no secret that a system has; it is one of ${SECRET_NAMES.join(', ')}.`);
    return [known, valueType === 'file' ? { from: 'file', name: inHome(home, value) } : { from: 'env', name: value.trim() }];
  }));
}
