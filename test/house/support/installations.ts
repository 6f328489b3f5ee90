import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { ROOT } from '../../../scripts/lib/paths.ts';

const run = promisify(execFile);

const CACHE = path.join(ROOT, 'node_modules/.cache/waybill');

/** The oldest and the newest line of Node-RED that the package supports. */
export const [OLDEST, NEWEST] = ['4.1.15', '5.0.7'];
/** Of line 22 of Node.js, and one that is too old for the package. */
export const [NODE_22, NODE_TOO_OLD] = ['22.23.3', '20.19.0'];
/** The flow library's own checker. */
export const CHECKER = 'node-red-dev@0.1.6';

/** npm must not hand its own configuration of this test run down to the installations of the test. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV$|INIT_CWD$)/i.test(name)));
}

/** Runs npm; answers its standard output. */
export async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('npm', args, { cwd, env: cleanEnvironment(), maxBuffer: 32 * 1024 * 1024 });
  return stdout;
}

/** Installs one package, from the registry or a file, into a folder of its own; nothing of it is run. */
export async function install(folder: string, what: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"name": "site", "private": true}\n');
  await npm(folder, 'install', what, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev');
}

/** True when {@link cached} has nothing to download. */
export function isCached(what: string): boolean {
  return existsSync(path.join(CACHE, what, 'complete'));
}

/** Folder with one package installed from the registry, kept below node_modules for the next run. Who comes while another process installs it waits for that. */
export async function cached(what: string): Promise<string> {
  const folder = path.join(CACHE, what);
  while (!isCached(what)) {
    const release = take(`${folder}.lock`);
    if (release === undefined) {
      await sleep(200);
      continue;
    }
    try {
      rmSync(folder, { recursive: true, force: true });
      // A registry may be away for a moment.
      await install(folder, what).catch(() => install(folder, what));
      writeFileSync(path.join(folder, 'complete'), '');
    } finally {
      release();
    }
  }
  return folder;
}

/** Takes a lock; undefined while another process that is alive has it. */
function take(lock: string): (() => void) | undefined {
  mkdirSync(path.dirname(lock), { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return () => { rmSync(lock, { force: true }); };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if (!isAlive(lock)) rmSync(lock, { force: true });
  return undefined;
}

function isAlive(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    // The lock or its process is gone; a process of somebody else is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Folder of a bare Node-RED: the dev dependency, or a copy that is kept below node_modules for the next run. */
export async function bareNodeRed(version: string): Promise<string> {
  const own = path.join(ROOT, 'node_modules/node-red');
  if ((JSON.parse(readFileSync(path.join(own, 'package.json'), 'utf8')) as { version: string }).version === version) {
    return own;
  }
  return path.join(await cached(`node-red@${version}`), 'node_modules/node-red');
}

/**
 * A Node.js: `pinned` is the one of this repository, `floor` the lowest that package.json "engines" promises, anything
 * else a version. From the registry's per-platform packages, which hold the binary and run nothing.
 */
export async function nodeBinary(which: string): Promise<string> {
  if (which === 'pinned') return process.execPath;
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  const version = which === 'floor' ? (/\d+\.\d+\.\d+/.exec(engines.node)?.[0] ?? engines.node) : which;
  const name = `node-${process.platform}-${process.arch}`;
  return path.join(await cached(`${name}@${version}`), 'node_modules', name, 'bin/node');
}

/** Installs beforehand what tests ask for. */
export async function installAll(): Promise<void> {
  await bareNodeRed(OLDEST);
  for (const node of ['floor', NODE_22, NODE_TOO_OLD]) await nodeBinary(node);
  await cached(CHECKER);
}
