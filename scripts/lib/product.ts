/**
 * The product as `npm start` runs it, in a process of its own, for what plays a story with it: the demo, the screenshots
 * and the journeys of the tests. It is started from the sources of `scripts/start.ts` with what `dist/` holds.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { ROOT } from './paths.ts';

export interface ProductOptions {
  readonly home: string;
  /** Free ports by default. */
  readonly port?: number;
  readonly mqttPort?: number;
  /** Another ERP than the demo ERP that the product starts itself. */
  readonly erpUrl?: string;
  /** Further environment variables. Those of the caller's shell that begin with WAYBILL_ are left out. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take until it is ready, in ms; 60,000 by default. */
  readonly patienceMs?: number;
}

export interface Product {
  /** Where the editor is, without a slash at the end; Waybill is at `/waybill/` below it. */
  readonly url: string;
  readonly mqttUrl: string;
  readonly erpUrl: string;
  readonly home: string;
  /** From the start of the process until it said that it is ready, in ms. */
  readonly startedInMs: number;
  /** Passwords of the demo accounts by sign-in name; empty when the home had accounts already. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** Runs `waybill <args>` on its home; resolves with what it printed. Rejects with what it complained about. */
  cli(...args: string[]): Promise<string>;
  /** Ends it as Ctrl-C does (or with another signal) and waits until it is gone. SIGKILL follows after half a minute. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WAYBILL_|PORT$|HOST$)/.test(name)));
  return { ...own, ...more };
}

/** Starts it and resolves when it is ready. Rejects, with what it printed, when it ends or says that it is not ready. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const port = options.port ?? await freePort();
  const mqttPort = options.mqttPort ?? await freePort();
  const env = environment({
    WAYBILL_HOME: options.home, HOST: '127.0.0.1', PORT: String(port), WAYBILL_MQTT_PORT: String(mqttPort),
    ...(options.erpUrl === undefined ? {} : { WAYBILL_ERP_URL: options.erpUrl }), ...options.env,
  });
  const startedAt = performance.now();
  let readyAt = startedAt;
  // A process group of its own: Ctrl-C in the terminal reaches only us, and we end it in order.
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/start.ts')], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  const ended = once(child, 'close');
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(timer);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Waybill was not ready in time:\n${output}`)), options.patienceMs ?? 60_000);
      let quiet: NodeJS.Timeout | undefined;
      const settle = (outcome: () => void): void => { clearTimeout(timer); outcome(); };
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          output = (output + chunk).slice(-200_000);
          clearTimeout(quiet);
          if (readyAt === startedAt && output.includes('Waybill is ready')) readyAt = performance.now();
          // Everything below is read from the greeting; it is over when nothing but lines of Node-RED's log follows its last empty line.
          if (/(?:^|\n)Waybill is ready[^]*\n\n(?:\d+ \w+ [\d:]+ - [^\n]*\n|\n)*$/.test(output)) quiet = setTimeout(() => settle(resolve), 300);
          else if (/^Waybill is not ready/m.test(output)) settle(() => reject(new Error(output.trim())));
        });
      }
      child.once('error', (error) => settle(() => reject(error)));
      child.once('exit', () => settle(() => reject(new Error(`Waybill ended before it was ready:\n${output}`))));
    });
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
  const startedInMs = readyAt - startedAt;
  const said = (pattern: RegExp): string => pattern.exec(output)?.[1] ?? '';
  const passwords = Object.fromEntries([...output.matchAll(/^ {4}([a-z]+) +(\S+) +[a-z:-]+(?:, [a-z:-]+)*$/gm)].map(([, name = '', password = '']) => [name, password]));
  return {
    url: `http://127.0.0.1:${port}`, mqttUrl: said(/^ +MQTT +(\S+)/m), erpUrl: options.erpUrl ?? said(/^ +Demo ERP +(\S+)/m),
    home: options.home, startedInMs, passwords, process: child, output: () => output,
    cli: async (...args) => {
      const { stdout } = await promisify(execFile)(process.execPath, [path.join(ROOT, 'src/cli/waybill.ts'), ...args], { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 });
      return stdout;
    },
    stop,
  };
}
