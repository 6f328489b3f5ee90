import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { bundled } from '../../support/bundled.ts';
import type { FromRuntime, Look, RequestName, Requests } from './messages.ts';

/** These processes are started by the hundred. */
const RUNTIME = await bundled(join(import.meta.dirname, 'runtime-process.ts'));

/** One end of a process: how it ended. */
export interface Ended { readonly code: number | null; readonly signal: NodeJS.Signals | null }

type Acknowledged = Extract<FromRuntime, { kind: 'acknowledged' }>;

/** The test's side of a Node-RED process (runtime-process.ts). */
export class NodeRedProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #acknowledged: ((message: Acknowledged) => void)[] = [];
  readonly #up: Promise<void>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<Ended>;
  #isUp: () => void = () => undefined;
  #ids = 0;
  #gone: Ended | undefined;
  #log = '';

  constructor(userDir: string, options: { readonly admin?: boolean } = {}) {
    this.#child = fork(RUNTIME, [userDir, ...(options.admin === true ? ['--admin'] : [])], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Modules are compiled once for all these processes.
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'waybill-test-compile-cache'), WAYBILL_HOME: '', WAYBILL_MQTT_URL: '' },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { this.#log = (this.#log + text).slice(-20_000); });
    this.#up = new Promise((resolve) => { this.#isUp = resolve; });
    this.#child.on('message', (message: FromRuntime) => this.#hear(message));
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#gone = { code, signal };
        for (const { reject } of this.#waiting.values()) reject(new ProcessGone(this.#log));
        this.#waiting.clear();
        this.#isUp();
        resolve(this.#gone);
      });
    });
  }

  get gone(): boolean {
    return this.#gone !== undefined;
  }
  get log(): string {
    return this.#log;
  }

  #hear(message: FromRuntime): void {
    if (message.kind === 'up') this.#isUp();
    else if (message.kind === 'acknowledged') for (const listener of this.#acknowledged) listener(message);
    else {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(new Error(`${message.error}\n--- log of the process ---\n${this.#log}`));
    }
  }

  /** Rejects with {@link ProcessGone} when the process ends first. */
  async ask<N extends RequestName>(name: N, ask: Requests[N]['ask']): Promise<Requests[N]['answer']> {
    await this.#up;
    if (this.#gone !== undefined) throw new ProcessGone(this.#log);
    const id = ++this.#ids;
    return new Promise<Requests[N]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ id, name, ask }, (error) => {
        if (error !== null) reject(new ProcessGone(this.#log));
      });
    });
  }

  onAcknowledged(listener: (message: Acknowledged) => void): void {
    this.#acknowledged.push(listener);
  }

  /** Asks until `condition` holds; rejects with what was seen last after `ms`. */
  async until(condition: (look: Look) => boolean, ms = 20_000): Promise<Look> {
    const end = Date.now() + ms;
    for (;;) {
      const seen = await this.ask('look', {});
      if (condition(seen)) return seen;
      if (Date.now() > end) throw new Error(`it did not come to that within ${ms} ms:\n${JSON.stringify(seen, undefined, 1)}\n--- log ---\n${this.#log}`);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  /** As a power failure would. */
  kill(): Promise<Ended> {
    this.#child.kill('SIGKILL');
    return this.ended;
  }
}

/** The process ended before it answered. */
export class ProcessGone extends Error {
  override readonly name = 'ProcessGone';
  readonly code = 'process-gone';
  constructor(log: string) {
    super(`the process ended before it answered; its log:\n${log}`);
  }
}
