import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../scripts/lib/free-port.ts';

/** A Node-RED of its own process, as an ordinary site runs it: headless, no Waybill start-up around it. */
export interface BareNodeRed {
  readonly baseUrl: string;
  /** What it has printed so far. */
  log(): string;
  /** Resolves when it has printed this; rejects when it ends before. */
  said(pattern: RegExp): Promise<void>;
  /** Asks the admin API for JSON; throws when the answer is not 2xx. */
  json(pathname: string): Promise<unknown>;
  /** Asks the admin API for text. */
  text(pathname: string, accept: string): Promise<string>;
  /** Ends it as an operating system would (SIGTERM); resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface BareNodeRedOptions {
  /** Folder of the installed `node-red` package. */
  readonly nodeRed: string;
  readonly userDir: string;
  /** The Node.js to run it with; default the one that runs the tests. */
  readonly node?: string;
  /** Further lines of settings.js, as JSON values. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A settings file of its own instead, which takes its port from the environment variable PORT; `settings` is not used then. */
  readonly settingsFile?: string;
  /** Further lines of settings.js, as JavaScript. */
  readonly expressions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints when it is ready; default that the flows have started. */
  readonly ready?: RegExp;
}

/** Starts Node-RED on a free loopback port; resolves when its flows have started, throws when it ends before. */
export async function startBareNodeRed(options: BareNodeRedOptions): Promise<BareNodeRed> {
  const port = await freePort();
  mkdirSync(options.userDir, { recursive: true });
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: 'test',
    telemetry: { enabled: false },
    editorTheme: { tours: false },
    // Node-RED would run npm once, to see whether there is one.
    externalModules: { autoInstall: false, palette: { allowInstall: false } },
    ...options.settings,
  };
  const settingsFile = options.settingsFile ?? path.join(options.userDir, 'settings.cjs');
  const lines = Object.entries(options.expressions ?? {}).map(([name, value]) => `module.exports.${name} = ${value};\n`);
  if (options.settingsFile === undefined) writeFileSync(settingsFile, `module.exports = ${JSON.stringify(settings, null, 2)};\n${lines.join('')}`);
  const child = spawn(
    options.node ?? process.execPath,
    [path.join(options.nodeRed, 'red.js'), '--userDir', options.userDir, '--settings', settingsFile],
    {
      cwd: options.userDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: String(port), WAYBILL_HOME: path.join(options.userDir, 'waybill-home'), ...options.env },
    },
  );
  const output = collect(child);
  const ended = once(child, 'exit');
  await waitFor(child, output, options.ready ?? /Started flows/);
  // flows can have started before it listens
  if (options.ready === undefined) await waitFor(child, output, /Server now running|headless mode/);
  const baseUrl = `http://127.0.0.1:${port}`;
  const get = async (pathname: string, accept: string): Promise<Response> => {
    const response = await fetch(`${baseUrl}${pathname}`, { headers: { accept } });
    if (!response.ok) {
      throw new Error(`GET ${pathname}: ${response.status} ${await response.text()}`);
    }
    return response;
  };
  return {
    baseUrl,
    log: () => output.text,
    said: (pattern) => waitFor(child, output, pattern),
    json: async (pathname) => (await get(pathname, 'application/json')).json(),
    text: async (pathname, accept) => (await get(pathname, accept)).text(),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await ended;
      }
      return child.exitCode;
    },
  };
}

interface Output {
  text: string;
}

function collect(child: ChildProcess): Output {
  const output: Output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output.text += chunk;
    });
  }
  return output;
}

function waitFor(child: ChildProcess, output: Output, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (pattern.test(output.text)) {
        resolve();
      }
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`Node-RED ended with ${signal ?? String(code)} before it said ${pattern}:\n${output.text}`));
    });
    look();
  });
}
