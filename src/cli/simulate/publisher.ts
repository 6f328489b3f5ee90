/** Publishes a plan over MQTT at QoS 1 and counts what the broker acknowledged. */
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedScan, ScanKind } from './planned-scan.ts';

export interface PublishOptions {
  /** mqtt://host:port */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Connections: one for each dock of the plan, as real scanners have; fewer are shared. */
  readonly docks: number;
  /** Unacknowledged messages of all docks together, at most; 1,000 by default. */
  readonly maxInFlight?: number;
  /** How long to wait for the first connection and for the last acknowledgements, in milliseconds. */
  readonly connectTimeoutMs?: number;
  readonly drainTimeoutMs?: number;
  /** Ends the shift early; what is on its way is still waited for. */
  readonly signal?: AbortSignal;
  /** Called for each acknowledged scan, in order of acknowledgement. */
  readonly onAcknowledged?: (scan: PlannedScan) => void;
}

/** Counts while and after publishing. */
export interface ShiftReport {
  published: number;
  acknowledged: number;
  /** Refused by the broker or given up. */
  failed: number;
  /** True while at least one dock has no connection. */
  disconnected: boolean;
  readonly byKind: Map<ScanKind, { published: number; acknowledged: number }>;
}

export function emptyReport(): ShiftReport {
  return { published: 0, acknowledged: 0, failed: 0, disconnected: false, byKind: new Map() };
}

async function connect(options: PublishOptions, dock: number): Promise<MqttClient> {
  const settings: IClientOptions = {
    // random, so that two simulators never take each other's session
    clientId: `waybill-simulate-${dock}-${Math.random().toString(36).slice(2, 10)}`,
    connectTimeout: options.connectTimeoutMs ?? 5_000, reconnectPeriod: 500,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  };
  return connectAsync(options.url, settings, false);
}

/**
 * Publishes every scan when it is due (or as fast as acknowledgements come, when it is late) and resolves when all are
 * acknowledged, or the time for it is over. Rejects when there is no first connection. `report` is kept up to date.
 */
export async function publishShift(plan: Iterable<PlannedScan>, options: PublishOptions, report: ShiftReport = emptyReport()): Promise<ShiftReport> {
  const clients: MqttClient[] = [];
  try {
    for (let dock = 1; dock <= options.docks; dock += 1) {
      const client = await connect(options, dock);
      clients.push(client);
      const watch = (): void => { report.disconnected = clients.some((one) => !one.connected); };
      client.on('connect', watch).on('close', watch);
      // mqtt.js reconnects by itself and sends what was not acknowledged again; without a listener the error would end the process
      client.on('error', watch);
    }
    await publishAll(plan, clients, options, report);
  } finally {
    await Promise.all(clients.map((client) => client.endAsync(true)));
  }
  return report;
}

async function publishAll(plan: Iterable<PlannedScan>, clients: readonly MqttClient[], options: PublishOptions, report: ShiftReport): Promise<void> {
  const maxInFlight = options.maxInFlight ?? 1_000;
  const start = performance.now();
  const inFlight = (): number => report.published - report.acknowledged - report.failed;
  let wake: () => void = () => undefined;
  const answered = (timeoutMs: number): Promise<void> => {
    const settled = new Promise<void>((resolve) => { wake = resolve; });
    return Promise.race([settled, sleep(timeoutMs, undefined, { ref: true })]);
  };

  for (const scan of plan) {
    while (inFlight() >= maxInFlight && options.signal?.aborted !== true) await answered(100);
    const early = scan.at - (performance.now() - start);
    if (early > 1) await sleepUntil(early, options.signal);
    if (options.signal?.aborted === true) break;
    const client = clients[(Number(scan.dock.slice(5)) - 1) % clients.length] as MqttClient;
    const counts = report.byKind.get(scan.kind) ?? { published: 0, acknowledged: 0 };
    report.byKind.set(scan.kind, counts);
    report.published += 1;
    counts.published += 1;
    client.publish(scan.topic, scan.payload, { qos: 1 }, (error) => {
      if (error) report.failed += 1;
      else {
        report.acknowledged += 1;
        counts.acknowledged += 1;
        options.onAcknowledged?.(scan);
      }
      wake();
    });
  }
  const giveUpAt = performance.now() + (options.drainTimeoutMs ?? 30_000);
  while (inFlight() > 0 && performance.now() < giveUpAt) await answered(100);
}

/** Sleeps, or returns at once when the shift is ended. */
async function sleepUntil(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
}
