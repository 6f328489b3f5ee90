import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { freePort } from '../../../scripts/lib/free-port.ts';

const BOOKS = fileURLToPath(new URL('books.py', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/waybill/tryton', import.meta.url));
/** trytond and its modules are Debian's, for Debian's Python. */
const PYTHON = '/usr/bin/python3';

/** What stands in the books at the start. */
export interface Books { readonly company: number; readonly supplier: number; readonly warehouse: number; readonly products: { readonly [code: string]: number } }

export const PURCHASING = JSON.parse(readFileSync(new URL('../../../services/erp/tryton-purchasing/service.json', import.meta.url), 'utf8')) as ServiceDefinition;

export const CREDENTIALS = { database: 'books', user: 'waybill', password: 'Quay7-Dolmetsch' } as const;
/** May process orders, too. */
export const BUYER = { database: 'books', user: 'buyer', password: 'Quay8-Dolmetsch' } as const;
/** Signs in, and may do nothing. */
export const NOBODY = { database: 'books', user: 'nobody', password: 'Quay9-Dolmetsch' } as const;

/** Debian's trytond on loopback with books of its own: 32 purchase orders, PO1001 to PO1032, each of 40 cans and 12.5 kg of flour. */
export class TrytonServer {
  readonly books: Books;
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, books: Books) {
    this.#folder = folder;
    this.port = port;
    this.books = books;
  }

  static async start(): Promise<TrytonServer> {
    const made = await madeBooks();
    const folder = mkdtempSync(path.join(tmpdir(), 'waybill-tryton-'));
    const port = await freePort();
    copyFileSync(path.join(made, 'books.sqlite'), path.join(folder, 'books.sqlite'));
    configure(folder, port);
    const server = new TrytonServer(folder, port, JSON.parse(readFileSync(path.join(made, 'books.json'), 'utf8')) as Books);
    await server.run();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get log(): string {
    return readFileSync(path.join(this.#folder, 'log'), 'utf8');
  }

  /** Starts it, or starts it again after `kill`, over the same books. */
  async run(): Promise<void> {
    const log = openSync(path.join(this.#folder, 'log'), 'a');
    this.#process = spawn(PYTHON, ['/usr/bin/trytond', '-c', path.join(this.#folder, 'trytond.conf')], { stdio: ['ignore', log, log] });
    closeSync(log);
    while (!(await this.#answers())) {
      if (this.#process.exitCode !== null) throw new Error(`trytond ended at its start:\n${this.log.slice(-2000)}`);
      await delay(100);
    }
  }

  /** Ends it as a power cut does: what it had under way is neither finished nor answered. */
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

  async #answers(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/books/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: 1, method: 'system.listMethods', params: [] }) });
      await response.arrayBuffer();
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }
}

function configure(folder: string, port: number): void {
  writeFileSync(path.join(folder, 'trytond.conf'), `[database]\nuri = sqlite://\npath = ${folder}\n[web]\nlisten = 127.0.0.1:${port}\n`);
}

/** The folder with books as Tryton's own models made them; half a minute's work, kept for whoever comes later. */
async function madeBooks(): Promise<string> {
  const version = await promisify(execFile)(PYTHON, ['-c', 'import trytond; print(trytond.__version__)']);
  const name = createHash('sha256').update(readFileSync(BOOKS)).update(version.stdout).digest('hex').slice(0, 16);
  const made = path.join(CACHE, name);
  mkdirSync(CACHE, { recursive: true });
  while (!existsSync(made)) {
    const folder = `${made}.making`;
    if (!claim(folder)) {
      await delay(500);
      continue;
    }
    configure(folder, 0);
    const { stdout } = await promisify(execFile)(PYTHON, [BOOKS, path.join(folder, 'trytond.conf'), 'books']);
    writeFileSync(path.join(folder, 'books.json'), stdout);
    renameSync(folder, made);
  }
  return made;
}

const staleMs = 600_000;

/** Whether it is ours to make them: somebody else may be at it, or have been killed over it. */
function claim(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    if (Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > staleMs) rmSync(folder, { recursive: true, force: true });
    return false;
  }
}

if (import.meta.main) console.log(await madeBooks());
