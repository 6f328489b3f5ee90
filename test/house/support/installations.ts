import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from '../../../scripts/lib/paths.ts';

const run = promisify(execFile);

const CACHE = path.join(ROOT, 'node_modules/.cache/waybill');

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

/** Folder with one package installed from the registry, kept below node_modules for the next run. */
export async function cached(what: string): Promise<string> {
  const folder = path.join(CACHE, what);
  if (!isCached(what)) {
    rmSync(folder, { recursive: true, force: true });
    await install(folder, what);
    writeFileSync(path.join(folder, 'complete'), '');
  }
  return folder;
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
