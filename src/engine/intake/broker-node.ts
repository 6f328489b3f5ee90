import type { NodeAPI, Node, NodeDef } from 'node-red';
import { DisplayBoard, MqttClientSource, MqttIntakeError, runningEmbeddedBroker, type BrokerTls, type ScanSource } from '../../intake/mqtt/index.ts';
import type { CaseProgress, Waybill } from '../api.ts';
import { currentWaybill } from '../node-red/current.ts';

export interface BrokerNodeConfig {
  readonly url: string;
  readonly clientId: string;
  readonly sessionExpirySeconds: number;
  /** Id of a `tls-config` node, or ''. */
  readonly tls: string;
  readonly protocol: 'auto' | '5' | '4';
  readonly keepaliveSeconds: number;
  readonly sharedGroup: string;
}

/** Node-RED's own node for keys and certificates (`@node-red/nodes`, 05-tls.js). */
interface TlsConfigNode extends Node {
  readonly valid: boolean;
  addTLSOptions(options: BrokerTls): BrokerTls;
}

/** A connection that intake nodes share. */
export interface BrokerNode extends Node {
  readonly broker: BrokerLink | { readonly problem: string };
}

export interface BrokerLink {
  readonly source: ScanSource;
  readonly displays: DisplayBoard;
}

type Login = Partial<Record<'user' | 'password', string>>;

/** What a node says when there is no engine. */
export const noEngine = 'Waybill is not running in this Node-RED; its plugin was not loaded, the log of the start says why.';

/** Registers the broker config node: one connection and one session for all nodes that use it. */
export function registerBrokerNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => BrokerNodeConfig): void {
  function BrokerConfigNode(this: Node<Login>, raw: NodeDef): void {
    RED.nodes.createNode(this, raw);
    const opened = open(RED, this, () => migrate({ ...raw }));
    if ('problem' in opened) {
      Object.assign(this, { broker: opened });
      this.error(opened.problem);
      return;
    }
    Object.assign(this, { broker: opened.link });
    this.on('close', (done: () => void) => {
      opened.close().then(done, (error: unknown) => {
        this.warn(`The connection to the broker was not closed in order: ${String(error)}`);
        done();
      });
    });
  }
  RED.nodes.registerType<Node<Login>, NodeDef, unknown, Login>(type, BrokerConfigNode, { credentials: { user: { type: 'text' }, password: { type: 'password' } } });
}

/** The broker of a node's configuration, or why there is none. */
export function brokerOf(RED: NodeAPI, nodeId: string): BrokerLink | { readonly problem: string } {
  const node = nodeId === '' ? null : (RED.nodes.getNode(nodeId) as Partial<BrokerNode> | null);
  if (node?.broker === undefined) return { problem: nodeId === '' ? 'No broker is set; choose a broker node.' : 'The broker node is missing or disabled; choose another one.' };
  return node.broker;
}

interface Opened { readonly link: BrokerLink; close(): Promise<void> }

function open(RED: NodeAPI, node: Node<Login>, read: () => BrokerNodeConfig): Opened | { readonly problem: string } {
  const waybill = currentWaybill();
  if (waybill === undefined) return { problem: noEngine };
  try {
    const config = read();
    const embedded = runningEmbeddedBroker();
    const url = config.url || (embedded === undefined ? waybill.settings.mqttUrl : undefined);
    // a connection of our own to the broker in this process would take its acknowledgement for a durable one
    if (embedded !== undefined && (url === undefined || sameAddress(url, embedded.url))) return openEmbedded(embedded.source, waybill);
    if (url === undefined) return { problem: 'No broker runs in this process; give the broker node an address, or set WAYBILL_MQTT_URL.' };
    if (config.sharedGroup !== '' && config.clientId === '') return { problem: 'Instances that share messages need a client id each; give the broker node one, for example ${HOSTNAME}.' };
    const tls = tlsOf(RED, config.tls);
    if (tls !== undefined && 'problem' in tls) return tls;
    return openOutside(node, { ...config, url }, tls, waybill);
  } catch (error) {
    if (error instanceof MqttIntakeError || (error instanceof Error && error.name === 'ConfigVersionError')) return { problem: error.message };
    throw error;
  }
}

function openEmbedded(source: ScanSource, waybill: Waybill): Opened {
  const displays = new DisplayBoard((topic, payload) => source.publish(topic, payload));
  const unlisten = waybill.nodes.onCaseProgress((progress) => tell(displays, progress));
  return {
    link: { source, displays },
    close: () => {
      unlisten();
      return Promise.resolve();
    },
  };
}

/** What the broker node's TLS node holds, or what is wrong with it. */
function tlsOf(RED: NodeAPI, nodeId: string): BrokerTls | { readonly problem: string } | undefined {
  if (nodeId === '') return undefined;
  const node = RED.nodes.getNode(nodeId) as TlsConfigNode | null;
  if (node === null) return { problem: 'The TLS node of the broker is missing or disabled; choose another one.' };
  if (!node.valid) return { problem: 'The TLS node of the broker cannot read its key or certificate; open it and correct the files.' };
  return node.addTLSOptions({});
}

function openOutside(node: Node<Login>, config: BrokerNodeConfig, tls: BrokerTls | undefined, waybill: Waybill): Opened {
  const { site, enterprise } = waybill.settings;
  const { user, password } = node.credentials ?? {};
  const source = new MqttClientSource({
    url: config.url,
    clientId: config.clientId || `waybill-${enterprise}-${site}-${node.id}`,
    sessionExpirySeconds: config.sessionExpirySeconds,
    protocol: config.protocol === 'auto' ? 'auto' : config.protocol === '4' ? 4 : 5,
    keepaliveSeconds: config.keepaliveSeconds,
    ...(config.sharedGroup === '' ? {} : { sharedGroup: config.sharedGroup }),
    ...(tls === undefined ? {} : { tls }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    onUnrouted: async (message) => {
      await waybill.nodes.quarantine({
        site, reason: 'unrouted', bytes: message.payload, topic: message.topic,
        message: `No scan in node takes messages from the topic "${message.topic}" any more, and the broker still had one.`,
      });
      waybill.nodes.count('scans_quarantined');
    },
    log: (level, text) => { node[level === 'warn' ? 'warn' : 'log'](text); },
  });
  const displays = new DisplayBoard((topic, payload) => source.publish(topic, payload));
  source.setReading(waybill.nodes.accepting());
  const unlisten = [
    waybill.nodes.onAccepting((accepting) => source.setReading(accepting)),
    waybill.nodes.onCaseProgress((progress) => tell(displays, progress)),
  ];
  // The nodes of this deploy attach first. Where the engine refuses for good, another process may be at work on this ledger:
  // a second connection with the same client id would take its session away.
  if (waybill.state !== 'refusing') setImmediate(() => source.start());
  return {
    link: { source, displays },
    close: async () => {
      for (const stop of unlisten) stop();
      await source.close();
    },
  };
}

/** What the intake itself tells its station is not told a second time. */
function tell(displays: DisplayBoard, progress: CaseProgress): void {
  if (progress.kind === 'recorded' || progress.kind === 'repeat') return;
  displays.tellOrigin(progress.origin, progress);
}

function sameAddress(one: string, other: string): boolean {
  const read = (text: string): string | undefined => {
    if (!URL.canParse(text)) return undefined;
    const { hostname, port } = new URL(text);
    return `${hostname === 'localhost' || hostname === '[::1]' ? '127.0.0.1' : hostname}:${port === '' ? '1883' : port}`;
  };
  return read(one) !== undefined && read(one) === read(other);
}
