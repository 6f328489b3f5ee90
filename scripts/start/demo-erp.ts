import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';
import { firstFreePort } from './ports.ts';

/** The demo ERP as `npm start` runs it: a process of its own that ends with this one. */
export interface RunningErp { readonly url: string; readonly process: ChildProcess; stop(): Promise<void> }

const preferredPort = 1881;

/** Retries carry the ERP's address, so that the port of the first start is kept. */
async function rememberedPort(home: string): Promise<number> {
  const path = join(home, 'demo-erp.json');
  if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { port: number }).port;
  const port = await firstFreePort(preferredPort);
  writeFileSync(path, `${JSON.stringify({ port })}\n`);
  return port;
}

/** Starts it and waits until it listens. Rejects with a sentence when it cannot. */
export async function startDemoErp(home: string): Promise<RunningErp> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const port = await rememberedPort(home);
  const child = spawn(process.execPath, [join(ROOT, 'demo/erp/main.ts'), '--port', String(port), '--store', join(home, 'demo-erp.sqlite'), '--with-parent'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const listening = await new Promise<number | undefined>((resolve) => {
    lines.on('line', (line) => {
      if (line.startsWith('{')) resolve((JSON.parse(line) as { listening: number }).listening);
    });
    child.once('exit', () => resolve(undefined));
  });
  if (listening === undefined) {
    const why = errors.join('').trim();
    if (/port \d+ is taken/.test(why)) throw new Error(`Port ${port} is taken, and the demo ERP of this home had it before. End what listens there, or delete ${join(home, 'demo-erp.json')} and start again: then it takes another one.`);
    throw new Error(`The demo ERP did not start: ${why || 'no reason given'}`);
  }
  return {
    url: `http://127.0.0.1:${listening}`, process: child,
    stop: () => new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    }),
  };
}
