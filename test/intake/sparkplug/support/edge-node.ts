import { createRequire } from 'node:module';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { get } from 'sparkplug-payload';
import { DATA_TYPES, type DataType } from '../../../../src/intake/sparkplug/index.ts';

interface PeerMetric { readonly name?: string; readonly alias?: unknown; readonly type: string; readonly value: unknown; readonly [more: string]: unknown }

interface PeerPayload { readonly timestamp?: unknown; readonly seq?: unknown; readonly metrics?: readonly PeerMetric[] }

const peer = get('spBv1.0') as unknown as { encodePayload(payload: object): Uint8Array; decodePayload(bytes: Uint8Array): PeerPayload };

const proto = createRequire(import.meta.url)('sparkplug-payload/lib/sparkplugPayloadProto') as { org: { eclipse: { tahu: { protobuf: { Payload: { encode(message: object): { finish(): Uint8Array } } } } } } };

/** Encoded by Cirrus Link's own library, which knows nothing of ours. */
export function encodePayload(payload: object): Uint8Array {
  return peer.encodePayload(payload);
}

export function peerDecode(bytes: Uint8Array): PeerPayload {
  return peer.decodePayload(bytes);
}

/** Arrays, which the library's wording does not know, by its message classes. */
export function rawPayload(type: DataType, bytesValue: Uint8Array): Uint8Array {
  return proto.org.eclipse.tahu.protobuf.Payload.encode({ timestamp: 1, seq: 0, metrics: [{ name: 'm', datatype: DATA_TYPES.indexOf(type), bytesValue }] }).finish();
}

/** Metrics without their data types, as a gateway sends them after its birth certificate. */
export function bareData(seq: number, timestamp: number, metrics: readonly object[]): Uint8Array {
  return proto.org.eclipse.tahu.protobuf.Payload.encode({ timestamp, seq, metrics }).finish();
}

/** An independent edge node: mqtt.js, sparkplug-payload, and the sequence as the specification has it. */
export class EdgePeer {
  readonly client: MqttClient;
  readonly commands: PeerPayload[] = [];
  readonly #base: string;
  readonly #name: string;
  readonly #bdSeq: number;
  #seq = 0;

  private constructor(client: MqttClient, group: string, name: string, bdSeq: number) {
    this.client = client;
    this.#base = `spBv1.0/${group}`;
    this.#name = name;
    this.#bdSeq = bdSeq;
    client.on('message', (topic, payload) => {
      if (topic === `${this.#base}/NCMD/${name}`) this.commands.push(peerDecode(payload));
    });
  }

  static async connect(url: string, group: string, name: string, bdSeq = 0, options: IClientOptions = {}): Promise<EdgePeer> {
    const client = connect(url, {
      protocolVersion: 4, clean: true, reconnectPeriod: 0, clientId: `${group}-${name}-${Math.random().toString(16).slice(2)}`,
      will: { topic: `spBv1.0/${group}/NDEATH/${name}`, payload: Buffer.from(death(bdSeq)), qos: 1, retain: false }, ...options,
    });
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
    });
    client.on('error', () => undefined);
    const edge = new EdgePeer(client, group, name, bdSeq);
    await client.subscribeAsync(`spBv1.0/${group}/NCMD/${name}`, { qos: 1 });
    return edge;
  }

  /** The number that the next message will have. */
  get seq(): number {
    return this.#seq;
  }

  async birth(metrics: readonly object[] = [], timestamp = Date.now()): Promise<void> {
    this.#seq = 0;
    await this.#send('NBIRTH', '', { timestamp, metrics: [{ name: 'bdSeq', type: 'Int64', value: this.#bdSeq }, { name: 'Node Control/Rebirth', type: 'Boolean', value: false }, ...metrics] });
  }

  deviceBirth(device: string, metrics: readonly object[], timestamp = Date.now()): Promise<void> {
    return this.#send('DBIRTH', `/${device}`, { timestamp, metrics });
  }

  data(metrics: readonly object[], timestamp = Date.now()): Promise<void> {
    return this.#send('NDATA', '', { timestamp, metrics });
  }

  deviceData(device: string, metrics: readonly object[], timestamp = Date.now()): Promise<void> {
    return this.#send('DDATA', `/${device}`, { timestamp, metrics });
  }

  deviceDeath(device: string, timestamp = Date.now()): Promise<void> {
    return this.#send('DDEATH', `/${device}`, { timestamp });
  }

  /** A message that is lost on the way. */
  lose(): void {
    this.#seq = (this.#seq + 1) % 256;
  }

  /** The network is gone: the broker publishes the will. */
  kill(): void {
    this.client.stream.destroy();
  }

  async #send(type: string, device: string, payload: object): Promise<void> {
    const seq = this.#seq;
    this.#seq = (this.#seq + 1) % 256;
    await this.client.publishAsync(`${this.#base}/${type}/${this.#name}${device}`, Buffer.from(encodePayload({ ...payload, seq })), { qos: 0 });
  }
}

/** A death certificate: bdSeq and nothing else, no sequence number. */
export function death(bdSeq: number): Uint8Array {
  return encodePayload({ timestamp: Date.now(), metrics: [{ name: 'bdSeq', type: 'Int64', value: bdSeq }] });
}
