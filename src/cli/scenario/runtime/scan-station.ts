import { connect } from 'mqtt';
import type { MqttClient } from 'mqtt';
import { startEmbeddedBroker } from '../../../intake/mqtt/index.ts';

/** A broker in this process and a device on it; one for all scenarios of the process. */
export class ScanStation {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  /** Answers `running`, or opens the first one. */
  static async open(running?: ScanStation): Promise<ScanStation> {
    if (running !== undefined) return running;
    const broker = await startEmbeddedBroker({ port: 0, scanTopics: ['+/+/+/+/scan'] });
    const client = connect(broker.url, { protocolVersion: 4, clientId: 'scenario', reconnectPeriod: 50 });
    client.on('error', () => undefined);
    await new Promise<void>((resolve) => { client.once('connect', () => resolve()); });
    return new ScanStation(client);
  }

  /** Resolves when the message was acknowledged, so when the ledger has it. */
  async publish(topic: string, payload: string): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1 });
  }
}
