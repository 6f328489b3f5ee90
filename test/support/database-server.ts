import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, copyFileSync, lchownSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import mysql2 from 'mysql2/promise';
import pg from 'pg';
import { freePort } from '../../scripts/lib/free-port.ts';
import { Certificates } from './certificates.ts';

export const ACCOUNT = { user: 'waybill', password: 'Kai7-Dolmetsch' } as const;
const DATABASE = 'wms';

/** Databases refuse to run as root. */
const nobody: { readonly uid?: number; readonly gid?: number } = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

interface Programs { readonly server: string; readonly init: string; readonly openssl: string }

/** Debian's PostgreSQL or MariaDB on a loopback port, over a folder of its own, with TLS. */
export class DatabaseServer {
  readonly engine: 'postgresql' | 'mariadb';
  readonly port: number;
  readonly folder: string;
  readonly #server: string;
  #process: ChildProcess | undefined;

  private constructor(engine: DatabaseServer['engine'], port: number, folder: string, server: string) {
    this.engine = engine;
    this.port = port;
    this.folder = folder;
    this.#server = server;
  }

  /** With an account and an empty database `wms`. */
  static async start(engine: DatabaseServer['engine'], { server, init, openssl }: Programs): Promise<DatabaseServer> {
    const folder = mkdtempSync(path.join(tmpdir(), `waybill-${engine}-`));
    const port = await freePort();
    const certificates = new Certificates(openssl, folder);
    certificates.authority('ca');
    certificates.certificate('localhost', 'ca');
    copyFileSync(path.join(folder, 'localhost.key'), path.join(folder, 'server.key'));
    chmodSync(path.join(folder, 'server.key'), 0o600);
    writeFileSync(path.join(folder, 'password'), ACCOUNT.password);
    mkdirSync(path.join(folder, 'data'), { mode: 0o700 });
    const { uid, gid } = nobody;
    if (uid !== undefined && gid !== undefined) for (const name of ['.', ...readdirSync(folder)]) lchownSync(path.join(folder, name), uid, gid);
    const data = path.join(folder, 'data');
    if (engine === 'postgresql') await promisify(execFile)(init, ['-D', data, '--no-sync', '--auth=scram-sha-256', `--username=${ACCOUNT.user}`, `--pwfile=${path.join(folder, 'password')}`, '--encoding=UTF8', '--locale=C'], { ...nobody, cwd: folder });
    else await promisify(execFile)(init, ['--no-defaults', `--datadir=${data}`, '--skip-test-db', '--auth-root-authentication-method=normal'], { ...nobody, cwd: folder });
    const started = new DatabaseServer(engine, port, folder, server);
    await started.run();
    if (engine === 'postgresql') await started.sql(`CREATE DATABASE ${DATABASE}`, 'postgres');
    else await started.#asRoot([`CREATE DATABASE ${DATABASE}`, `CREATE USER '${ACCOUNT.user}'@'%' IDENTIFIED BY '${ACCOUNT.password}'`, `GRANT ALL ON ${DATABASE}.* TO '${ACCOUNT.user}'@'%'`]);
    return started;
  }

  get url(): string {
    return this.urlAt(this.port);
  }

  /** By way of another port, such as a proxy's. */
  urlAt(port: number, host = '127.0.0.1'): string {
    return `${this.engine}://${host}:${port}/${DATABASE}`;
  }

  get log(): string {
    return readFileSync(path.join(this.folder, 'log'), 'utf8');
  }

  /** Starts it, or starts it again after `kill`, over the same data. */
  async run(): Promise<void> {
    const log = openSync(path.join(this.folder, 'log'), 'a', 0o666);
    const file = (name: string): string => path.join(this.folder, name);
    const args = this.engine === 'postgresql'
      ? ['-D', file('data'), '-p', String(this.port), '-h', '127.0.0.1', '-k', this.folder, '-c', 'fsync=off', '-c', 'shared_buffers=8MB', '-c', 'max_connections=40', '-c', 'ssl=on', '-c', `ssl_cert_file=${file('localhost.crt')}`, '-c', `ssl_key_file=${file('server.key')}`]
      : ['--no-defaults', `--datadir=${file('data')}`, `--port=${this.port}`, '--bind-address=127.0.0.1', `--socket=${file('socket')}`, `--pid-file=${file('pid')}`, '--skip-log-bin', '--innodb-buffer-pool-size=16M', '--innodb-log-file-size=8M', '--innodb-flush-log-at-trx-commit=2', `--ssl-cert=${file('localhost.crt')}`, `--ssl-key=${file('server.key')}`];
    // A group of its own, so that all of it is killed at once.
    this.#process = spawn(this.#server, args, { stdio: ['ignore', log, log], detached: true, cwd: this.folder, ...nobody });
    closeSync(log);
    while (!await this.#answers()) {
      if (this.#process.exitCode !== null) throw new Error(`${this.engine} ended at its start:\n${this.log.slice(-2_000)}`);
      await delay(50);
    }
  }

  /** Ends all of its processes as a power cut does. */
  async kill(): Promise<void> {
    const running = this.#process;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    process.kill(-running.pid, 'SIGKILL');
    await once(running, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Rows of the last statement, all values as text. */
  async sql(text: string, database: string = DATABASE): Promise<readonly Readonly<Record<string, unknown>>[]> {
    if (this.engine === 'mariadb') {
      const connection = await mysql2.createConnection({ host: '127.0.0.1', port: this.port, ...ACCOUNT, database, multipleStatements: true, dateStrings: true, supportBigNumbers: true, bigNumberStrings: true });
      try {
        const [rows] = await connection.query(text);
        return (Array.isArray(rows) && Array.isArray(rows.at(-1)) ? rows.at(-1) : rows) as never;
      } finally {
        await connection.end();
      }
    }
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, ...ACCOUNT, database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const result = await client.query(text) as pg.QueryResult | pg.QueryResult[];
      return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) as never;
    } finally {
      await client.end();
    }
  }

  async #asRoot(statements: readonly string[]): Promise<void> {
    const connection = await mysql2.createConnection({ socketPath: path.join(this.folder, 'socket'), user: 'root' });
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  }

  async #answers(): Promise<boolean> {
    try {
      if (this.engine === 'mariadb') await this.#asRoot(['SELECT 1']);
      else await this.sql('SELECT 1', 'postgres');
      return true;
    } catch {
      return false;
    }
  }
}
