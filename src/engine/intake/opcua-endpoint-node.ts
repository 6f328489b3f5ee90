import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeAPI, Node, NodeDef } from 'node-red';
import { addressOf, OpcUaConnection, OpcUaIntakeError, PkiFolder, sessionFile } from '../../intake/opcua/index.ts';
import type { EndpointPki, OpcUaConnectionOptions, OpcUaIdentity, OpcUaSecurityMode, OpcUaSecurityPolicy, OpcUaSessionKeeper, OpcUaState } from '../../intake/opcua/index.ts';
import type { Waybill } from '../api.ts';
import { currentWaybill } from '../node-red/current.ts';
import { noEngine } from './broker-node.ts';
import { connectionStatus } from './intake-status.ts';
import { logOf } from './node-log.ts';

export interface OpcUaEndpointConfig {
  readonly name: string;
  readonly url: string;
  readonly securityMode: OpcUaSecurityMode;
  readonly securityPolicy: OpcUaSecurityPolicy;
  readonly identity: OpcUaIdentity['kind'];
  /** Name of a file in `<home>/pki/opcua/user` without `.pem`: a certificate and its key. */
  readonly userCertificate: string;
  /** How long the server keeps session and values while nobody fetches them, seconds. */
  readonly outageSeconds: number;
}

export type OpcUaLogin = Partial<Record<'user' | 'password', string>>;

/** A server that nodes share: one connection and one session. */
export interface OpcUaLink {
  readonly connection: OpcUaConnection;
  /** The longest outage that nothing is to be lost in, ms: subscriptions live at least as long. */
  readonly outageMs: number;
  /** What gaps and statuses call the server. */
  readonly name: string;
  readonly config: OpcUaEndpointConfig;
  /** What is trusted, and what the server showed last. */
  readonly pki: EndpointPki;
}

export interface OpcUaEndpointNode extends Node {
  readonly opcua: OpcUaLink | { readonly problem: string };
}

/** Registers the config node: one connection and one session with a server, for all nodes that use it. */
export function registerOpcUaEndpointNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => OpcUaEndpointConfig): void {
  function EndpointNode(this: Node<OpcUaLogin>, raw: NodeDef): void {
    RED.nodes.createNode(this, raw);
    const opened = open(this, () => migrate({ ...raw }));
    Object.assign(this, { opcua: opened });
    if ('problem' in opened) {
      this.error(opened.problem);
      return;
    }
    links.add(opened);
    this.on('close', (done: () => void) => {
      links.delete(opened);
      opened.connection.close().then(done, (error: unknown) => {
        this.warn(`The connection to the OPC UA server was not closed in order: ${String(error)}`);
        done();
      });
    });
  }
  RED.nodes.registerType<Node<OpcUaLogin>, NodeDef, unknown, OpcUaLogin>(type, EndpointNode, { credentials: { user: { type: 'text' }, password: { type: 'password' } } });
}

/** The server of a node's configuration, or why there is none. */
export function opcUaOf(RED: Pick<NodeAPI, 'nodes'>, nodeId: string): OpcUaLink | { readonly problem: string } {
  const node = nodeId === '' ? null : (RED.nodes.getNode(nodeId) as Partial<OpcUaEndpointNode> | null);
  if (node?.opcua === undefined) return { problem: nodeId === '' ? 'No OPC UA server is set; choose an OPC UA endpoint.' : 'The OPC UA endpoint is missing or disabled; choose another one.' };
  return node.opcua;
}

/** What a node shows of the connection to its server. */
export function opcUaStatus(state: OpcUaState): { readonly fill: 'green' | 'yellow' | 'red'; readonly shape: 'dot' | 'ring'; readonly text: string } {
  return connectionStatus(state, () => ({ fill: 'green', shape: 'dot', text: 'connected' } as const));
}

const links = new Set<OpcUaLink>();

/** The servers of the running flows. */
export function opcUaLinks(): ReadonlySet<OpcUaLink> {
  return links;
}

const folders = new Map<string, PkiFolder>();

/** The certificates of a home, one object for all endpoints and forms. */
export function pkiOf({ settings: { home, enterprise, site } }: Waybill): PkiFolder {
  let pki = folders.get(home);
  if (pki === undefined) {
    pki = new PkiFolder({ folder: path.join(home, 'pki', 'opcua'), enterprise, site });
    folders.set(home, pki);
  }
  return pki;
}

/** What a connection needs, of a configuration. @throws OpcUaIntakeError that says what to mend. */
export function opcUaOptions(waybill: Waybill, config: OpcUaEndpointConfig, login: OpcUaLogin): OpcUaConnectionOptions & { readonly pki: EndpointPki } {
  const { url } = addressOf(config.url);
  const folder = pkiOf(waybill);
  return {
    url, securityMode: config.securityMode, securityPolicy: config.securityPolicy,
    identity: identityOf(waybill, config, login), applicationUri: folder.applicationUri, pki: folder.at(url),
    sessionTimeoutMs: config.outageSeconds * 1_000,
  };
}

function identityOf(waybill: Waybill, { identity, userCertificate }: OpcUaEndpointConfig, { user = '', password = '' }: OpcUaLogin): OpcUaIdentity {
  if (identity === 'anonymous') return { kind: 'anonymous' };
  if (identity === 'user') {
    if (user === '') throw new OpcUaIntakeError('config', 'The endpoint signs in by user and password and has no user; fill it in.');
    return { kind: 'user', user, password };
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(userCertificate)) throw new OpcUaIntakeError('config', 'The endpoint signs in by a certificate and names none; write the name of its file.');
  const file = path.join(waybill.settings.home, 'pki', 'opcua', 'user', `${userCertificate}.pem`);
  try {
    const pem = readFileSync(file, 'utf8');
    const key = pem.search(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
    if (key < 0) throw new OpcUaIntakeError('config', `${file} holds no private key; put the certificate and its key there, as PEM in one file.`);
    return { kind: 'certificate', certificate: pem, privateKey: pem.slice(key) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new OpcUaIntakeError('config', `${file} is missing; put the certificate and its key there, as PEM in one file.`, { cause: error });
  }
}

/** A session that was opened with other settings is another one. */
function sessionOf({ settings: { home } }: Waybill, nodeId: string, { url, securityMode, securityPolicy, identity, userCertificate }: OpcUaEndpointConfig, user: string): OpcUaSessionKeeper {
  const file = `${nodeId.replace(/[^A-Za-z0-9.-]/g, '_')}.json`;
  return sessionFile(path.join(home, 'pki', 'opcua', 'sessions', file), JSON.stringify([url, securityMode, securityPolicy, identity, userCertificate, user]));
}

function open(node: Node<OpcUaLogin>, read: () => OpcUaEndpointConfig): OpcUaLink | { readonly problem: string } {
  const waybill = currentWaybill();
  if (waybill === undefined) return { problem: noEngine };
  try {
    const config = read();
    const options = opcUaOptions(waybill, config, node.credentials ?? {});
    const connection = new OpcUaConnection({ ...options, sessions: sessionOf(waybill, node.id, config, node.credentials?.user ?? ''), log: logOf(node) });
    // The nodes of this deploy listen first. Where the engine refuses for good, another process may have this ledger's session.
    if (waybill.state !== 'refusing') setImmediate(() => { connection.start(); });
    return { connection, outageMs: config.outageSeconds * 1_000, name: config.name || addressOf(config.url).address, config, pki: options.pki };
  } catch (error) {
    if (error instanceof OpcUaIntakeError || (error instanceof Error && error.name === 'ConfigVersionError')) return { problem: error.message };
    throw error;
  }
}
