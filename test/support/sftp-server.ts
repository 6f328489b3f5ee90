import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { freePort } from '../../scripts/lib/free-port.ts';
import { needs } from './system-programs.ts';

/** OpenSSH's own server on loopback, for the account of the test, by keys alone; nothing of the machine's own service is touched. */
export class SftpServer {
  readonly home: string;
  readonly port: number;
  readonly user = userInfo().username;
  /** Where partners' files are. */
  readonly folder: string;
  /** `SHA256:…` of the host's key. */
  readonly hostKey: string;
  readonly clientKeyFile: string;
  readonly #program: string;
  #process: ChildProcess | undefined;

  private constructor(program: string, home: string, port: number, hostKey: string) {
    this.#program = program;
    this.home = home;
    this.port = port;
    this.hostKey = hostKey;
    this.folder = path.join(home, 'files');
    this.clientKeyFile = path.join(home, 'client');
  }

  /** @param extra lines of its configuration, for example a `ForceCommand` */
  static async start(ctx: Mocha.Context, extra: readonly string[] = []): Promise<SftpServer> {
    const [program, keygen] = [needs(ctx, 'sshd'), needs(ctx, 'ssh-keygen')];
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-sftp-'));
    const port = await freePort();
    for (const name of ['host', 'client']) execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path.join(home, name)]);
    writeFileSync(path.join(home, 'authorized'), readFileSync(path.join(home, 'client.pub')));
    chmodSync(path.join(home, 'authorized'), 0o600);
    writeFileSync(path.join(home, 'config'), [
      `Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${home}/host`, `AuthorizedKeysFile ${home}/authorized`, 'PidFile none', 'StrictModes no', 'UsePAM no', 'PermitRootLogin yes',
      'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'MaxStartups 100', 'LogLevel ERROR', 'Subsystem sftp internal-sftp', ...extra, '',
    ].join('\n'));
    const [, fingerprint = ''] = execFileSync(keygen, ['-lf', path.join(home, 'host.pub')], { encoding: 'utf8' }).split(' ');
    const server = new SftpServer(program, home, port, fingerprint);
    mkdirSync(server.folder);
    await server.run();
    return server;
  }

  get url(): string {
    return `sftp://127.0.0.1:${this.port}${this.folder}`;
  }

  /** @param mostBlocks bound of a file in blocks of 512 bytes: beyond it, writing fails as on a full disk */
  async run({ mostBlocks }: { readonly mostBlocks?: number } = {}): Promise<void> {
    // Where it separates its privileges, when root runs it.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const command = [this.#program, '-D', '-e', '-f', path.join(this.home, 'config')];
    const [program = '', ...args] = mostBlocks === undefined ? command : ['/bin/sh', '-c', `trap '' XFSZ; ulimit -f ${mostBlocks}; exec "$0" "$@"`, ...command];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.#process = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text; });
    while (!await listens(this.port)) {
      if (child.exitCode !== null) throw new Error(`sshd did not start: ${said}`);
    }
  }

  /** Ends it with all its connections, as a machine that loses its power does. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => { setTimeout(() => { resolve(false); }, 20); });
  });
}
