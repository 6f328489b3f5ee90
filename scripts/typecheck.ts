/**
 * Checks the types of all three worlds: Node.js, the Node-RED editor in the browser, the Vue app. What a file was found to
 * be is kept, so that the next run looks only at what has changed since, and at what depends on it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

import { browserPlugins, nodeNames } from './lib/entry-points.ts';
import { ROOT } from './lib/paths.ts';

/** Below node_modules. TypeScript 7 is a native program and takes a sixth of the time; linter and vue-tsc stand on the API of 6, which it does not have yet. */
const COMPILERS = { tsc: 'typescript-native/bin/tsc', vueTsc: 'vue-tsc/bin/vue-tsc.js' } as const;

interface Check {
  readonly compiler: keyof typeof COMPILERS;
  readonly project: string;
}

function checks(): Check[] {
  const editor = browserPlugins().length > 0 || nodeNames().some((name) => existsSync(path.join(ROOT, 'nodes', name, 'editor.ts')));
  const ui = 'src/web/ui';
  return [
    { compiler: 'tsc', project: 'tsconfig.json' },
    ...(editor ? [{ compiler: 'tsc', project: 'tsconfig.editor.json' } as const] : []),
    ...(existsSync(path.join(ROOT, ui, 'index.html')) ? [{ compiler: 'vueTsc', project: `${ui}/tsconfig.json` } as const] : []),
  ];
}

/** Below node_modules, so that `npm ci` forgets it. */
const KEPT = path.join(ROOT, 'node_modules/.cache/waybill/types');

/** Runs one compiler; resolves with its exit code, 1 when it was ended by a signal. */
function run({ compiler, project }: Check): Promise<number> {
  const program = path.join(ROOT, 'node_modules', COMPILERS[compiler]);
  const kept = path.join(KEPT, `${project.replaceAll('/', '-')}.tsbuildinfo`);
  const child = spawn(process.execPath, [program, '--noEmit', '--incremental', '--tsBuildInfoFile', kept, '-p', project], { cwd: ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

const all = checks();
const codes = await Promise.all(all.map(run));
const failed = all.filter((_, index) => codes[index] !== 0).map(({ project }) => project);
if (failed.length > 0) {
  console.error(`typecheck: errors in ${failed.join(', ')}`);
  process.exit(1);
}
console.log(`typecheck: ${all.map(({ project }) => project).join(', ')} clean`);
