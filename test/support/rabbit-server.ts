import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, lchownSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../scripts/lib/free-port.ts';

export const BROKER_ACCOUNT = { user: 'waybill', password: 'Kai7-Dolmetsch' } as const;
const nobody: { readonly uid?: number; readonly gid?: number } = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Debian's RabbitMQ with AMQP 0-9-1 and 1.0 on a loopback port, over a folder of its own. */
export class RabbitServer {
  readonly port: number;
  readonly folder = mkdtempSync(path.join(tmpdir(), 'waybill-rabbit-'));
  readonly #program: string;
  readonly #more: string;
  readonly #names: { readonly epmd: number; readonly dist: number };
  #process: ChildProcess | undefined;

  private constructor(program: string, port: number, epmd: number, dist: number, more: string) {
    this.#more = more;
    this.#program = program;
    this.port = port;
    this.#names = { epmd, dist };
  }

  /** @param tls PEM files of a server that speaks TLS alone, to who shows a certificate of its authority. @param settings more of its settings, by Erlang's name */
  static async start(program: string, { tls, settings = {} }: { readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }; readonly settings?: Readonly<Record<string, number>> } = {}): Promise<RabbitServer> {
    const server = new RabbitServer(program, await freePort(), await freePort(), await freePort(), Object.entries(settings).map(([name, value]) => `-rabbit ${name} ${value}`).join(' '));
    const file = (name: string): string => path.join(server.folder, name);
    writeFileSync(file('plugins'), '[rabbitmq_amqp1_0].');
    writeFileSync(file('rabbitmq.conf'), [...(tls === undefined ? [`listeners.tcp.1 = 127.0.0.1:${server.port}`] : ['listeners.tcp = none', `listeners.ssl.1 = 127.0.0.1:${server.port}`, ...Object.entries({ cacertfile: tls.ca, certfile: tls.cert, keyfile: tls.key }).map(([name, from]) => {
      copyFileSync(from, file(name));
      return `ssl_options.${name} = ${file(name)}`;
    }), 'ssl_options.verify = verify_peer', 'ssl_options.fail_if_no_peer_cert = true']), `default_user = ${BROKER_ACCOUNT.user}`, `default_pass = ${BROKER_ACCOUNT.password}`, ...['configure', 'read', 'write'].map((right) => `default_permissions.${right} = .*`), ''].join('\n'));
    const { uid, gid } = nobody;
    if (uid !== undefined && gid !== undefined) for (const name of ['.', ...readdirSync(server.folder)]) lchownSync(file(name), uid, gid);
    await server.run();
    return server;
  }

  get url(): string {
    return `amqp://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again after `kill`, over the same queues. */
  async run(): Promise<void> {
    const file = (name: string): string => path.join(this.folder, name);
    if (existsSync(file('log'))) truncateSync(file('log'));
    const log = openSync(file('log'), 'a');
    const started = this.#process = spawn(this.#program, [], {
      stdio: ['ignore', log, log], detached: true, cwd: this.folder, ...nobody,
      env: {
        PATH: '/usr/bin:/bin:/usr/sbin', HOME: this.folder, ERL_EPMD_ADDRESS: '127.0.0.1', ERL_EPMD_PORT: String(this.#names.epmd), RABBITMQ_NODENAME: `w${this.port}@localhost`, RABBITMQ_DIST_PORT: String(this.#names.dist),
        RABBITMQ_CONFIG_FILE: file('rabbitmq'), RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins'), RABBITMQ_MNESIA_BASE: file('mnesia'), RABBITMQ_LOG_BASE: file('logs'), RABBITMQ_LOGS: '-', RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} ${this.#more}`,
      },
    });
    closeSync(log);
    while (!readFileSync(file('log'), 'utf8').includes('Server startup complete')) {
      if (started.exitCode !== null) throw new Error(`RabbitMQ ended at its start:\n${readFileSync(file('log'), 'utf8').slice(-2_000)}`);
      await delay(100);
    }
  }

  /** Ends all of it as a power cut does. */
  async kill(): Promise<void> {
    const running = this.#process;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    process.kill(-running.pid, 'SIGKILL');
    await once(running, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    // The daemon of names that Erlang has started for this broker alone.
    for (let tries = 0; tries < 50 && spawnSync('epmd', ['-port', String(this.#names.epmd), '-kill'], { stdio: 'ignore', env: { ...process.env, ERL_EPMD_PORT: String(this.#names.epmd) } }).status !== 0; tries++) await delay(100);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
