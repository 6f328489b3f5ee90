import { connect, type IClientOptions, type MqttClient } from 'mqtt';

/** A real device: mqtt.js, MQTT 3.1.1 as most scanners speak it. */
export async function device(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = connect(url, { protocolVersion: 4, reconnectPeriod: 50, connectTimeout: 5_000, ...options });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
  client.on('error', () => undefined);
  return client;
}

/** Resolves once `condition` holds; the test's own time limit ends the waiting. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => { setTimeout(resolve, 5); });
}

/** Lets everything that is on its way over loopback arrive. For proving that something does NOT happen. */
export async function settle(ms = 150): Promise<void> {
  await new Promise((resolve) => { setTimeout(resolve, ms); });
}

/** Resolves when the client's connection is gone. */
export function closing(client: MqttClient): Promise<void> {
  return new Promise((resolve) => { client.once('close', () => resolve()); });
}
