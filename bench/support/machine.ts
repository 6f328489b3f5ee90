import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';

/** Where and with what a run was measured. */
export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Load average of the minute before: near 0 when nothing else ran. */
  readonly loadBefore: number;
  readonly versions: Readonly<Record<'Node.js' | 'Node-RED' | 'SQLite' | 'aedes', string>>;
}

function versionOf(name: string): string {
  const manifest = path.join(path.dirname(createRequire(import.meta.url).resolve(name)), 'package.json');
  for (let folder = path.dirname(manifest); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const text = readManifest(path.join(folder, 'package.json'));
    if (text?.name === name) return text.version;
  }
  return 'unknown';
}

function readManifest(file: string): { readonly name: string; readonly version: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch (error) {
    if (error instanceof Error) return 'none'; // not a clone
    throw error;
  }
}

export function machine(): Machine {
  const db = new DatabaseSync(':memory:');
  const sqlite = String(db.prepare('SELECT sqlite_version() AS version').get()?.['version']);
  db.close();
  return {
    date: new Date().toISOString().slice(0, 10), commit: commit(), processor: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30), system: `${type()} ${release()}`, loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
    versions: { 'Node.js': process.versions.node, 'Node-RED': versionOf('node-red'), SQLite: sqlite, aedes: versionOf('aedes') },
  };
}
