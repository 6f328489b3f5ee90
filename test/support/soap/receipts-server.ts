import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../scripts/lib/free-port.ts';

const PROGRAM = fileURLToPath(new URL('receipts.py', import.meta.url));
/** spyne is Debian's, for Debian's Python. */
const PYTHON = '/usr/bin/python3';

export interface BookedReceipt { readonly key: string; readonly number: number; readonly order: string; readonly arrived: string; readonly note: string | null; readonly total: string }

/** Goods receipts over SOAP 1.1 (`/soap11`) and 1.2 (`/soap12`) by spyne; what it booked outlives its kill. */
export class ReceiptsServer {
  readonly port: number;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'waybill-soap-'));
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<ReceiptsServer> {
    const server = new ReceiptsServer(await freePort());
    await server.run();
    return server;
  }

  get booked(): readonly BookedReceipt[] {
    const file = path.join(this.#folder, 'booked');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as BookedReceipt) : [];
  }

  async wsdl(version: '11' | '12'): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}/soap${version}/?wsdl`)).text();
  }

  async run(): Promise<void> {
    const log = openSync(path.join(this.#folder, 'log'), 'a');
    const started = this.#process = spawn(PYTHON, [PROGRAM, String(this.port), path.join(this.#folder, 'booked')], { stdio: ['ignore', log, log] });
    closeSync(log);
    for (;;) {
      try {
        await this.wsdl('11');
        return;
      } catch (error) {
        if (started.exitCode !== null) throw new Error(`spyne ended at its start:\n${readFileSync(path.join(this.#folder, 'log'), 'utf8').slice(-2_000)}`, { cause: error });
        await delay(100);
      }
    }
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
