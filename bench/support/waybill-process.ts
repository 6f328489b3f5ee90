import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { MeasuredProcess } from './measured-process.ts';

export interface WaybillProcessOptions {
  readonly home: string;
  /** Port of the web server and, for the embedded broker, of MQTT; both stay the same over restarts. */
  readonly port: number;
  readonly mqttPort?: number;
  /** An outside broker instead of the embedded one. */
  readonly mqttUrl?: string;
  readonly erpUrl: string;
  /** Flow of a new home; default the receiving flow. */
  readonly flow?: readonly object[];
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The flow must be there before the first start; later starts keep what the home has. */
export function putFlow(home: string, flow: readonly object[]): void {
  mkdirSync(path.join(home, 'node-red'), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(home, 'node-red', 'flows.json'), JSON.stringify(flow));
}

/** Waybill as `npm start` composes it, in a process of its own. */
export class WaybillProcess extends MeasuredProcess {
  readonly url: string;
  readonly mqttUrl: string;
  readonly #startedAt = performance.now();

  private constructor(options: WaybillProcessOptions) {
    const mqttUrl = options.mqttUrl ?? `mqtt://127.0.0.1:${options.mqttPort ?? 0}`;
    super({
      script: [path.join(ROOT, 'scripts/start.ts')], cwd: ROOT,
      nodeOptions: ['--max-semi-space-size=64', ...options.nodeOptions ?? []], // as `npm start` has it
      env: {
        WAYBILL_HOME: options.home, HOST: '127.0.0.1', PORT: String(options.port), WAYBILL_ERP_URL: options.erpUrl,
        WAYBILL_ADMIN_PASSWORD: 'bench-and-crash-tests', WAYBILL_MQTT_HOST: '127.0.0.1',
        WAYBILL_MQTT_URL: options.mqttUrl ?? '', WAYBILL_MQTT_PORT: String(options.mqttPort ?? ''), ...options.env,
      },
    });
    this.url = `http://127.0.0.1:${options.port}`;
    this.mqttUrl = mqttUrl;
  }

  /** Starts it; does not wait for it. */
  static spawn(options: WaybillProcessOptions): WaybillProcess {
    if (options.flow !== undefined) putFlow(options.home, options.flow);
    return new WaybillProcess(options);
  }

  /** Starts it and waits until it is ready. */
  static async start(options: WaybillProcessOptions): Promise<WaybillProcess> {
    const started = WaybillProcess.spawn(options);
    await started.ready();
    return started;
  }

  /** Resolves when /waybill/readyz answers 200, with the milliseconds since the process was started. */
  async ready(patienceMs = 60_000): Promise<number> {
    for (;;) {
      if (!this.running) throw new Error(`Waybill ended before it was ready:\n${this.output}`);
      const ms = performance.now() - this.#startedAt;
      if (await answers(`${this.url}/waybill/readyz`)) break;
      if (ms > patienceMs) throw new Error(`Waybill is not ready after ${patienceMs} ms:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const ms = performance.now() - this.#startedAt;
    if (this.output.includes('the usual port was taken')) throw new Error('The port of the broker was taken by another process.');
    return ms;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch (error) {
    if (error instanceof TypeError) return false; // nobody listens yet
    throw error;
  }
}
