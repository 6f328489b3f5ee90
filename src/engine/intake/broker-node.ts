import type { NodeAPI, Node, NodeDef } from 'node-red';
import { DisplayBoard, MqttClientSource, MqttIntakeError, runningEmbeddedBroker, stateFor, withoutPassword, type BrokerTls, type EmbeddedBroker, type ScanSource, type SourceState } from '../../intake/mqtt/index.ts';
import type { OwnConnection } from '../../intake/sparkplug/index.ts';
import type { CaseProgress, Waybill } from '../api.ts';
import { currentWaybill } from '../node-red/current.ts';
import { LedgerNotes } from './ledger-notes.ts';
import { logOf } from './node-log.ts';

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
  /** The same broker, for an intake that needs a connection of its own: the one above has a session that lasts. */
  readonly own: OwnConnection;
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

/** The connection of a broker as a node with this filter has it. */
export function connectionOf(source: ScanSource, filter: string): { state(): SourceState; onState(listener: () => void): () => void } {
  return { state: () => stateFor(source.state, filter), onState: (listener) => source.onState(listener) };
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
    if (embedded !== undefined && (url === undefined || sameAddress(url, embedded.url))) return openEmbedded(embedded, waybill);
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

function openEmbedded({ source, url, open: connect }: EmbeddedBroker, waybill: Waybill): Opened {
  const displays = new DisplayBoard((topic, payload) => source.publish(topic, payload));
  const unlisten = [waybill.nodes.onCaseProgress((progress) => tell(displays, progress)), waybill.nodes.measure(() => brokerGauges('embedded', source))];
  return {
    link: { source, displays, own: { url, protocol: 4, keepaliveSeconds: 30, open: connect } },
    close: () => {
      for (const stop of unlisten) stop();
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
  const own: OwnConnection = {
    url: config.url,
    protocol: config.protocol === 'auto' ? 'auto' : config.protocol === '4' ? 4 : 5,
    keepaliveSeconds: config.keepaliveSeconds,
    ...(tls === undefined ? {} : { tls }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  };
  const clientId = config.clientId || `waybill-${enterprise}-${site}-${node.id}`;
  const name = `${clientId} ${withoutPassword(config.url)}`;
  const source = new MqttClientSource({
    ...own,
    clientId,
    sessionExpirySeconds: config.sessionExpirySeconds,
    ...(config.sharedGroup === '' ? {} : { sharedGroup: config.sharedGroup }),
    onUnrouted: async (message) => {
      await waybill.nodes.quarantine({
        site, reason: 'unrouted', bytes: message.payload, topic: message.topic,
        message: `No scan in node takes messages from the topic "${message.topic}" any more, and the broker still had one.`,
      });
      waybill.nodes.count('scans_quarantined');
    },
    onNewSession: (from, to) => { missed(from, to); },
    log: logOf(node),
  });
  let heardBefore: number | undefined;
  const notes = new LedgerNotes(waybill, { what: 'mqtt', address: `broker/${clientId}`, site, source: name }, logOf(node));
  const missed = (from: number, to: number): void => {
    const since = from > 0 ? from : heardBefore;
    // the first session of all has missed nothing, and one that no node listens to neither
    if (since !== undefined && source.filters().length > 0) notes.gap({ source: name, reason: 'session-lost', from: since, to });
    notes.heard(to);
  };
  const displays = new DisplayBoard((topic, payload) => source.publish(topic, payload));
  source.setReading(waybill.nodes.accepting());
  const unlisten = [
    waybill.nodes.onAccepting((accepting) => source.setReading(accepting)),
    waybill.nodes.onCaseProgress((progress) => tell(displays, progress)),
    waybill.nodes.measure(() => brokerGauges(name, source)),
  ];
  // The nodes of this deploy attach first. Where the engine refuses for good, another process may be at work on this ledger:
  // a second connection with the same client id would take its session away.
  if (waybill.state !== 'refusing') {
    setImmediate(() => {
      notes.begin(() => (source.state.kind === 'connected' ? source.heardAt : undefined), (known) => {
        heardBefore = known;
        source.start();
      });
    });
  }
  return {
    link: { source, displays, own },
    close: async () => {
      for (const stop of unlisten) stop();
      const heardAt = source.state.kind === 'connected' ? source.heardAt : undefined;
      await source.close();
      await notes.close(heardAt);
    },
  };
}

/** Of one broker for the metrics, by its name there. What it counts begins again with a deploy that replaces the node. */
function brokerGauges(name: string, { state, inFlight, counters }: ScanSource): Readonly<Record<string, number>> {
  const label = `{broker=${JSON.stringify(name)}}`;
  return {
    [`broker_connected${label}`]: state.kind === 'connected' ? 1 : 0,
    [`broker_topics_refused${label}`]: state.refused?.length ?? 0,
    [`broker_unacknowledged_messages${label}`]: inFlight.messages,
    [`broker_unacknowledged_bytes${label}`]: inFlight.bytes,
    [`broker_received_messages${label}`]: counters.received,
    [`broker_durable_messages${label}`]: counters.durable,
    [`broker_redelivered_messages${label}`]: counters.redelivered,
    ...(counters.connects === undefined ? {} : { [`broker_connects${label}`]: counters.connects }),
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
