import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProbeAnswer, ProbeQuestion, ProbeReading } from './probe-protocol.ts';

export interface MeasuredProcessOptions {
  /** Script and its arguments. */
  readonly script: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Further options of Node.js. */
  readonly nodeOptions?: readonly string[];
  readonly cwd?: string;
}

/** The environment without Waybill's own variables: what is measured does not depend on how somebody's shell is set up. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WAYBILL_|PORT$|HOST$)/.test(name)));
}

/** A Node.js process with the probe in it. */
export class MeasuredProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #next = 1;
  #output = '';
  readonly #ended: Promise<unknown>;

  constructor(options: MeasuredProcessOptions) {
    const probe = path.join(import.meta.dirname, 'probe.ts');
    this.#child = spawn(process.execPath, ['--expose-gc', ...(options.nodeOptions ?? []), '--import', probe, ...options.script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...ownEnvironment(), ...options.env },
    });
    this.#ended = once(this.#child, 'close').then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The measured process ended.'));
      this.#waiting.clear();
    });
    this.#child.on('message', (answer: ProbeAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer.value);
      else waiting?.reject(new Error(answer.error));
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => { this.#output = (this.#output + chunk).slice(-200_000); });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with the first match in what it prints; rejects when it ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      if (!this.running) throw new Error(`The process ended before it said ${String(pattern)}:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  ask(question: ProbeQuestion['ask']): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.running) {
        reject(new Error(`The measured process is not running:\n${this.#output}`));
        return;
      }
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ask: question } satisfies ProbeQuestion, (error) => {
        if (error === null) return;
        this.#waiting.delete(id);
        reject(error);
      });
    });
  }

  read(): Promise<ProbeReading> {
    return this.ask('read') as Promise<ProbeReading>;
  }

  /** Resident memory as the operating system counts it, bytes; 0 when it has ended. */
  rss(): number {
    if (!this.running || !existsSync(`/proc/${this.pid}/status`)) return 0;
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) * 1_024;
  }

  /** Open file handles by kind: `socket`, `anon_inode`, or the path. */
  handles(): readonly string[] {
    return readdirSync(`/proc/${this.pid}/fd`);
  }

  /** Ends it with a signal and waits until it is gone; SIGKILL when an orderly stop takes longer than `patienceMs`. */
  async end(signal: NodeJS.Signals = 'SIGTERM', patienceMs = 30_000): Promise<void> {
    if (this.running) this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#ended;
    clearTimeout(timer);
  }
}
