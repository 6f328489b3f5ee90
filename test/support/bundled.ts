import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Plugin } from 'esbuild';

import { hashFiles, writeIfChanged } from '../../scripts/lib/files.ts';
import { relativeToRoot, ROOT } from '../../scripts/lib/paths.ts';
import { takePlace } from './take-place.ts';

/** Inside the package, so that its own imports (`#package/…`) and its dependencies are found from there. */
const FOLDER = path.join(ROOT, 'test-results/bundled');
const KEPT_MS = 24 * 3_600_000;

interface Made {
  readonly hash: string;
  /** Every file that went into it. */
  readonly inputs: readonly string[];
}

/**
 * A program of the tests, and all of ours that it imports, as one JavaScript file: for what is started again and again. From the
 * sources each start, and each worker thread of it, would look up, read and strip hundreds of modules of their types. The code is the
 * same, bundled as for the package; it is made anew when one of its files has changed.
 *
 * @param entry absolute path of the TypeScript file
 * @returns absolute path of the JavaScript file
 */
export async function bundled(entry: string): Promise<string> {
  const name = relativeToRoot(entry).replaceAll(/[^\w]+/g, '-');
  const record = path.join(FOLDER, `${name}.json`);
  const known = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) as Made : undefined;
  if (known !== undefined && known.inputs.every((input) => existsSync(path.join(ROOT, input))) && known.hash === hashOf(known.inputs)) {
    const main = path.join(FOLDER, known.hash, 'main.js');
    if (existsSync(main)) return main;
  }
  mkdirSync(FOLDER, { recursive: true });
  const { build } = await import('esbuild'); // some time, and rarely needed
  const fresh = mkdtempSync(path.join(FOLDER, '.new-'));
  const { metafile } = await build({
    absWorkingDir: ROOT, entryPoints: { main: entry, worker: path.join(ROOT, 'src/ledger/sqlite/worker.ts') }, outdir: fresh,
    bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node22.22', packages: 'external', metafile: true, logLevel: 'warning',
    banner: { js: "import { createRequire as ownRequire } from 'node:module'; const require = ownRequire(import.meta.url);" },
    plugins: [workerBesideIt],
  });
  const inputs = Object.keys(metafile.inputs);
  const made: Made = { inputs, hash: hashOf(inputs) };
  const folder = path.join(FOLDER, made.hash);
  takePlace(fresh, folder);
  writeIfChanged(record, JSON.stringify(made));
  forgetOld(folder);
  return path.join(folder, 'main.js');
}

/** The ledger's worker thread is found beside the file that starts it (src/ledger/sqlite/worker-url.ts). */
const workerBesideIt: Plugin = {
  name: 'worker-beside-it',
  setup(plugin) {
    plugin.onLoad({ filter: /ledger\/sqlite\/worker-url\.ts$/ }, async ({ path: file }) => ({ contents: (await readFile(file, 'utf8')).replace("'./worker.ts'", "'./worker.js'"), loader: 'ts' }));
  },
};

function hashOf(inputs: readonly string[]): string {
  return hashFiles([...inputs.map((input) => path.join(ROOT, input)), import.meta.filename]).slice(0, 32);
}

/** What older sources made goes when nothing runs from it any more. */
function forgetOld(keep: string): void {
  for (const entry of readdirSync(FOLDER, { withFileTypes: true })) {
    const folder = path.join(FOLDER, entry.name);
    if (entry.isDirectory() && folder !== keep && Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
