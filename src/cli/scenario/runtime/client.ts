import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ScenarioError } from '../scenario-error.ts';
import type { FromRuntime, RequestName, Requests, ToRuntime } from './messages.ts';

/** Set to `true` by the build (scripts/lib/bundle.ts); absent when the sources run directly. */
declare const __WAYBILL_BUNDLED__: boolean | undefined;

const inPackage = (file: string): string => fileURLToPath(import.meta.resolve(`#package/${file}`));

/** The runtime's program and the files of the package's nodes; in the repository their sources, unless the built ones are asked for. */
function program(built: boolean): { readonly child: string; readonly nodes: readonly string[] } {
  const manifest = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as { readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> } };
  const nodes = Object.values(manifest['node-red'].nodes);
  if (built || typeof __WAYBILL_BUNDLED__ !== 'undefined') return { child: inPackage('dist/cli/scenario/runtime/child.js'), nodes: nodes.map(inPackage) };
  return { child: inPackage('src/cli/scenario/runtime/child.ts'), nodes: nodes.map((file) => inPackage(file.replace(/^dist\/(.*)\.js$/, '$1.ts'))) };
}

/** Only what a program needs to start: what this machine sets for Waybill must not reach into scenarios. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('WAYBILL_'));
  return { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: path.join(tmpdir(), 'waybill-compile-cache') };
}

/** This process's side of a runtime (child.ts). */
export class RuntimeClient {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #up: Promise<void>;
  readonly #ended: Promise<void>;
  readonly #held: () => number;
  #ids = 0;
  #log = '';
  #logLength = 0;
  #gone = false;
  /** Virtual time, ms since 1970, as the runtime said last. */
  now = 0;

  /**
   * @param packageFile package.json of Node-RED
   * @param built runs what `npm run build` made: from the sources each start reads and strips hundreds of modules
   * @param held how many requests the scripted systems leave without an answer
   */
  constructor(packageFile: string, userDir: string, built: boolean, held: () => number) {
    const { child, nodes } = program(built);
    this.#held = held;
    this.#child = fork(child, [packageFile, userDir, ...nodes], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: environment() });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-8_000);
      this.#logLength += text.length;
    });
    let up: () => void = () => undefined;
    let failed: (error: Error) => void = () => undefined;
    this.#up = new Promise((resolve, reject) => {
      up = resolve;
      failed = reject;
    });
    // Whoever asks first is told.
    this.#up.catch(() => undefined);
    this.#child.on('message', (message: FromRuntime) => {
      if (message.kind === 'up') up();
      else if (message.kind === 'failed') failed(new ScenarioError('runtime', `Node-RED could not be started for the scenarios: ${message.reason}`, this.#lines()));
      else if (message.kind === 'held?') this.#send({ kind: 'held', id: message.id, count: this.#held() });
      else this.#answer(message);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.#gone = true;
        const error = new ScenarioError('runtime', 'The process of the scenario has ended by itself.', this.#lines());
        failed(error);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  #lines(): readonly string[] {
    return this.#log.split('\n').filter((line) => line !== '').slice(-20);
  }

  /** How much has been logged; for {@link loggedSince}. */
  get logged(): number {
    return this.#logLength;
  }
  /** The last lines that nodes and Waybill have logged since. */
  loggedSince(mark: number): readonly string[] {
    const fresh = this.#logLength - mark;
    return fresh <= 0 ? [] : this.#log.slice(-fresh).split('\n').map((line) => line.trim()).filter((line) => /\[(error|warn)\] \[/.test(line)).slice(-6);
  }

  #send(message: ToRuntime): void {
    if (!this.#gone) this.#child.send(message);
  }

  #answer(message: FromRuntime & { kind: 'answer' }): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    this.now = message.now;
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new ScenarioError('failed', message.error));
  }

  async ask<N extends RequestName>(name: N, ask: Requests[N]['ask']): Promise<Requests[N]['answer']> {
    await this.#up;
    if (this.#gone) throw new ScenarioError('runtime', 'The process of the scenario has ended.', this.#lines());
    const id = ++this.#ids;
    return new Promise<Requests[N]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#send({ kind: 'ask', id, name, ask } as ToRuntime);
    });
  }

  /** As a power failure would: nothing is closed. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
