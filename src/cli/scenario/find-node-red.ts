import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ScenarioError } from './scenario-error.ts';

function resolvedFrom(folder: string): string | undefined {
  try {
    return createRequire(path.join(folder, 'x.js')).resolve('node-red/package.json');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw error;
  }
}

/** The Node-RED of the program `node-red` on the PATH. */
function onPath(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const program = path.join(folder, 'node-red');
    if (folder === '' || !existsSync(program)) continue;
    const file = path.join(path.dirname(realpathSync(program)), 'package.json');
    if (existsSync(file)) return file;
  }
  return undefined;
}

/**
 * package.json of the Node-RED in which scenarios run: the one asked for, else the one that is installed here, beside this package,
 * beside the Node-RED user folder, on the PATH or globally.
 * @throws ScenarioError `no-node-red`
 */
export function findNodeRed(asked: string | undefined): string {
  if (asked !== undefined) {
    const file = path.resolve(asked, 'package.json');
    if (existsSync(file)) return file;
    throw new ScenarioError('no-node-red', `There is no Node-RED in ${path.resolve(asked)}; give the folder that holds its package.json, for example /usr/lib/node_modules/node-red.`);
  }
  const folders = [process.cwd(), path.dirname(fileURLToPath(import.meta.resolve('#package/package.json'))), path.join(homedir(), '.node-red'), path.join(path.dirname(process.execPath), '../lib')];
  for (const folder of folders) {
    const file = resolvedFrom(folder);
    if (file !== undefined) return file;
  }
  const program = onPath();
  if (program !== undefined) return program;
  throw new ScenarioError('no-node-red', 'Scenarios run in Node-RED, and none was found from here. Install it beside your templates (npm install --save-dev node-red), or say where it is: --node-red <folder>.');
}
