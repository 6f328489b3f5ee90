import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { freePort } from '../../../scripts/lib/free-port.ts';

export interface Open62541Options {
  /** Tags `Line.Tag0` … that count up together; default 10. */
  readonly tags?: number;
  /** How often they do; default 100 ms. */
  readonly everyMs?: number;
  /** Tags `Load.Tag0` … that change in turn at the rate of `load`, each change with the next number: see `load_tick` in server.c. */
  readonly load?: { readonly tags: number; /** File to which `number ms` is appended as they change. */ readonly log: string };
  /** The longest queue that the server grants. */
  readonly queueLimit?: number;
  /** The shortest sampling interval that it grants; 0: every write is seen. */
  readonly leastSamplingMs?: number;
  /** DER files; with them the server offers signed and encrypted endpoints. */
  readonly certificate?: string;
  readonly key?: string;
  /** DER of the one client certificate that it takes; any when absent. */
  readonly trust?: string;
  /** Refuses who gives no name: `operator`, `line 4 secret`. */
  readonly anonymous?: boolean;
  readonly onlySecure?: boolean;
}

/** A server of the open62541 stack on loopback (server.c); its node ids are `ns=1;s=Line.…`. */
export class Open62541 {
  readonly port: number;
  readonly #program: string;
  readonly #args: readonly string[];
  #process: ChildProcessWithoutNullStreams | undefined;
  #lines: Interface | undefined;
  #answers: ((line: string) => void)[] = [];

  private constructor(program: string, port: number, args: readonly string[]) {
    this.#program = program;
    this.port = port;
    this.#args = args;
  }

  /** @param program of `needs(this, 'open62541')` */
  static async start(program: string, options: Open62541Options = {}): Promise<Open62541> {
    const port = await freePort();
    const server = new Open62541(program, port, [
      '--port', String(port), '--tags', String(options.tags ?? 10), '--every-ms', String(options.everyMs ?? 100),
      ...(options.load === undefined ? [] : ['--load-tags', String(options.load.tags), '--load-log', options.load.log]),
      ...(options.queueLimit === undefined ? [] : ['--queue-limit', String(options.queueLimit)]),
      ...(options.leastSamplingMs === undefined ? [] : ['--least-sampling-ms', String(options.leastSamplingMs)]),
      ...(options.certificate === undefined ? [] : ['--certificate', options.certificate]),
      ...(options.key === undefined ? [] : ['--key', options.key]),
      ...(options.trust === undefined ? [] : ['--trust', options.trust]),
      ...(options.anonymous === false ? ['--no-anonymous'] : []),
      ...(options.onlySecure === true ? ['--only-secure'] : []),
    ]);
    await server.run();
    return server;
  }

  /** With alarms and conditions (alarms.c): `ns=1;s=Line` tells the events of the alarms `Jam` and `Hot`. @param program of `needs(this, 'open62541-alarms')` */
  static async startAlarms(program: string): Promise<Open62541> {
    const port = await freePort();
    const server = new Open62541(program, port, ['--port', String(port)]);
    await server.run();
    return server;
  }

  get url(): string {
    return `opc.tcp://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again after `stop`: its counters begin at 0, and the numbers of its load at `loadFrom`. */
  async run(loadFrom = 0): Promise<void> {
    const running = spawn(this.#program, [...this.#args, ...(loadFrom === 0 ? [] : ['--load-from', String(loadFrom)])], { stdio: 'pipe' });
    this.#process = running;
    let said = '';
    running.stderr.setEncoding('utf8').on('data', (text: string) => { said += text; });
    this.#lines = createInterface({ input: running.stdout });
    await new Promise<void>((resolve, reject) => {
      running.once('exit', (code) => {
        for (const answer of this.#answers.splice(0)) answer('');
        reject(new Error(`the OPC UA server ended with ${String(code)}: ${said}`));
      });
      this.#lines?.on('line', (line) => {
        if (line.startsWith('listening')) resolve();
        else if (/^(done|sessions|counted|state|unknown)/u.test(line)) this.#answers.shift()?.(line);
      });
    });
  }

  /** One of the commands in server.c or alarms.c; resolves with its answer. */
  tell(command: string): Promise<string> {
    const running = this.#process;
    if (running === undefined || running.exitCode !== null) throw new Error('the OPC UA server does not run');
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      running.stdin.write(`${command}\n`);
    });
  }

  /** Sessions and subscriptions that the server holds now. */
  async counts(): Promise<{ readonly sessions: number; readonly subscriptions: number }> {
    const [, sessions, subscriptions] = /^sessions (\d+) subscriptions (\d+)$/u.exec(await this.tell('counts')) ?? [];
    if (sessions === undefined || subscriptions === undefined) throw new Error('the OPC UA server did not tell its sessions');
    return { sessions: Number(sessions), subscriptions: Number(subscriptions) };
  }

  /** How far its tags have counted. */
  async counted(): Promise<number> {
    return Number((await this.tell('counted')).replace('counted ', ''));
  }

  /** So many changes a second over all tags of the load; 0 stops it. @returns the number that the next change has */
  async load(perSecond: number): Promise<number> {
    await this.tell(`load ${perSecond}`);
    return Number((await this.tell('loaded')).replace('counted ', ''));
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** SIGSTOP and SIGCONT: a server that hangs. */
  freeze(frozen: boolean): void {
    this.#process?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#process;
    this.#lines?.close();
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  }
}
