import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { hashFiles, listFiles } from './files.ts';
import { DIST, ROOT } from './paths.ts';
import { serviceWorker } from './ui-service-worker.ts';

const SOURCE = path.join(ROOT, 'src/web/ui');
const TARGET = path.join(DIST, 'ui');
const STAMP = path.join(DIST, '.stamps', 'ui');

/** What the build of the UI came to. */
export type UiOutcome = 'absent' | 'unchanged' | 'built';

/** Builds the Vite app `src/web/ui` into `dist/ui`, unless its sources and lock file are the ones it was built from. */
export async function buildUi(): Promise<UiOutcome> {
  if (!existsSync(path.join(SOURCE, 'index.html'))) {
    rmSync(TARGET, { recursive: true, force: true });
    return 'absent';
  }
  const stamp = hashFiles([...listFiles(SOURCE), path.join(ROOT, 'package-lock.json'), import.meta.filename, path.join(import.meta.dirname, 'ui-service-worker.ts')]);
  if (existsSync(STAMP) && existsSync(path.join(TARGET, 'index.html')) && readFileSync(STAMP, 'utf8') === stamp) {
    return 'unchanged';
  }
  const { build } = await import('vite');
  await build({
    root: SOURCE,
    mode: 'production',
    logLevel: 'warn',
    plugins: [serviceWorker(path.join(SOURCE, 'service-worker.js'))],
    build: { outDir: TARGET, emptyOutDir: true, license: { fileName: 'third-party-licences.md' }, rolldownOptions: { checks: { pluginTimings: false } } },
  });
  compressAssets();
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp);
  return 'built';
}

/** Puts `<asset>.br` and `<asset>.gz` beside what is worth it; src/web/server/static-ui.ts serves them. Browsers take Brotli with https and on the same machine only. */
function compressAssets(): void {
  for (const file of listFiles(path.join(TARGET, 'assets'))) {
    const bytes = readFileSync(file);
    if (!/\.(?:js|css|svg)$/.test(file) || bytes.length < 1_024) continue;
    writeFileSync(`${file}.br`, brotliCompressSync(bytes));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
