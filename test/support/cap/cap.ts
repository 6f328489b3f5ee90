import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../../scripts/lib/free-port.ts';

const installed = fileURLToPath(new URL('../../../node_modules/.cache/waybill/cap', import.meta.url));
const peer = fileURLToPath(new URL('peer.cjs', import.meta.url));

/** SAP CAP on loopback, in a process of its own, with a database that outlives it. */
export class Cap {
  readonly port: number;
  readonly #options: readonly string[];
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'waybill-cap-'));
  #process: ChildProcess | undefined;

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  /**
   * Skips the test where CAP is not installed (test/support/cap/install.sh), or fails it with WAYBILL_REQUIRE_ALL=1.
   *
   * @param options `csrf`: writes need a token, as at SAP Gateway; `oauth`: everything needs one of its /token
   */
  static async start(context: Mocha.Context, ...options: readonly ('csrf' | 'oauth')[]): Promise<Cap> {
    if (!existsSync(path.join(installed, 'installed'))) {
      if (process.env['WAYBILL_REQUIRE_ALL'] === '1') throw new Error('SAP CAP is not installed (test/support/cap/install.sh), and WAYBILL_REQUIRE_ALL=1 asks for every test');
      return context.skip();
    }
    const cap = new Cap(await freePort(), options);
    await cap.start();
    return cap;
  }

  /** By name: the adapter for V2 gives out links to `localhost`. */
  get url(): string { return `http://localhost:${this.port}`; }

  /** @param release `changed`: orders have no note any more */
  async start(release: 'same' | 'changed' = 'same'): Promise<void> {
    const started = spawn(process.execPath, [peer, String(this.port), path.join(this.#folder, 'peer.db'), ...this.#options, release], {
      cwd: installed, env: { ...process.env, NODE_PATH: path.join(installed, 'node_modules'), NODE_ENV: 'development' }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = started;
    let said = '';
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (data: Buffer) => { said = (said + data.toString()).slice(-4000); });
    await new Promise<void>((resolve, reject) => {
      started.stdout.on('data', () => { if (/^ready$/m.test(said)) resolve(); });
      started.once('exit', (code) => reject(new Error(`SAP CAP ended with ${code}: ${said}`)));
    });
  }

  /** As an outage does it: without an end of what is under way. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    running.removeAllListeners('exit');
    running.kill('SIGKILL');
    await once(running, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
