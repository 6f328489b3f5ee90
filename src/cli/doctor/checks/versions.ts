import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { nodeVersionProblem } from '../../../engine/node-red/node-version.ts';
import type { Findings } from '../finding.ts';
import type { Machine } from '../machine.ts';
import type { Check } from '../run-checks.ts';

const packageFile = (): string => fileURLToPath(import.meta.resolve('#package/package.json'));

async function versionIn(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(await readFile(file, 'utf8')) as { version?: string }).version;
}

/** package.json of the Node-RED that serves this user folder: beside it, beside the package, or the `node-red` on the PATH. */
async function nodeRedPackage({ userDir, mode, env }: Machine): Promise<string | undefined> {
  for (const from of [...(userDir !== undefined && mode === 'node-red' ? [path.join(userDir, 'x.js')] : []), packageFile()]) {
    try {
      return createRequire(from).resolve('node-red/package.json');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const program = path.join(folder, 'node-red');
    if (!existsSync(program)) continue;
    const file = path.join(path.dirname(await realpath(program)), 'package.json');
    if (existsSync(file)) return file;
  }
  return undefined;
}

/** Node.js, Node-RED and the package itself. */
export const versions: Check = {
  name: 'versions', title: 'Versions',
  async run(machine: Machine, findings: Findings) {
    const tooOld = nodeVersionProblem(process.versions.node);
    if (tooOld === undefined) findings.ok(`Node.js ${process.versions.node}`);
    else findings.fail(`Node.js ${process.versions.node}`, tooOld);
    const file = await nodeRedPackage(machine);
    const version = file === undefined ? undefined : await versionIn(file);
    const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
    if (version === undefined) findings.warn('Node-RED was not found from here', 'Say where its user folder is: waybill doctor --user-dir <folder>.');
    else if (major < 4 || (major === 4 && minor < 1)) findings.fail(`Node-RED ${version}`, 'Update Node-RED to 4.1 or 5: Waybill uses what older ones do not have.');
    else if (major > 5) findings.warn(`Node-RED ${version}`, 'Waybill is tested with Node-RED 4.1 and 5; look for a newer Waybill.');
    else findings.ok(`Node-RED ${version}`);
  },
};

/** The built package, and whether Node-RED has it. */
export const packageBuild: Check = {
  name: 'package', title: 'Package',
  async run(machine: Machine, findings: Findings) {
    const root = path.dirname(packageFile());
    const own = await versionIn(packageFile());
    const missing = ['dist/engine/runtime.js', 'dist/web/server/index.js', 'dist/plugins/runtime.cjs', 'dist/ui/index.html'].filter((file) => !existsSync(path.join(root, file)));
    if (missing.length > 0) findings.fail(`@waybill/node-red ${own ?? '?'} lacks ${missing.join(', ')}`, existsSync(path.join(root, 'src')) ? 'Build it: npm run build.' : 'Install the package again: npm install @waybill/node-red.');
    else findings.ok(`@waybill/node-red ${own ?? '?'}, built`);
    if (machine.mode !== 'node-red' || machine.userDir === undefined) return;
    const installed = await versionIn(path.join(machine.userDir, 'node_modules/@waybill/node-red/package.json'));
    if (installed === undefined) findings.fail(`not installed in ${machine.userDir}`, `Install it there: cd ${machine.userDir} && npm install @waybill/node-red, then restart Node-RED.`);
    else if (installed !== own) findings.warn(`${machine.userDir} has version ${installed}, this command is of ${own ?? '?'}`, `Run the command of the same installation: cd ${machine.userDir} && npx waybill doctor.`);
    if (machine.settingsProblem !== undefined) findings.fail(machine.settingsProblem, 'Mend settings.js; Node-RED does not start with it.');
  },
};
