/**
 * Builds dist/: what Node-RED, the command line and the browser read. See docs/decisions/0002-build.md.
 *
 *   node scripts/build.ts              build (the UI only when its sources changed)
 *   node scripts/build.ts --if-stale   only when a source changed since the last build
 *   node scripts/build.ts --manifest   write the lists of nodes and plugins into package.json
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { bundleEditorScript, bundleModules, bundlePlugins, bundleSettingsModule } from './lib/bundle.ts';
import type { BuiltFile, Bundle } from './lib/bundle.ts';
import { browserPlugins, moduleEntryPoints, nodeNames, runtimePlugins, settingsModules } from './lib/entry-points.ts';
import { hashFiles, listFiles, removeOthers, writeIfChanged } from './lib/files.ts';
import { manifestDifferences, writeManifest } from './lib/manifest.ts';
import { assembleNode, assemblePluginPage } from './lib/node-html.ts';
import { thirdPartyNotices } from './lib/notices.ts';
import { DIST, relativeToRoot, ROOT } from './lib/paths.ts';
import { buildUi } from './lib/ui.ts';

const STAMP = path.join(DIST, '.stamps', 'build');

function sourceStamp(): string {
  const folders = ['src', 'nodes', 'icons', 'scripts/lib'].map((folder) => path.join(ROOT, folder));
  const single = ['package.json', 'package-lock.json', 'scripts/build.ts', 'tsconfig.json', 'tsconfig.editor.json'];
  return hashFiles([...folders.flatMap(listFiles), ...single.map((file) => path.join(ROOT, file))]);
}

async function buildAll(): Promise<void> {
  const started = performance.now();
  const stamp = sourceStamp();
  const entries = moduleEntryPoints().filter(({ source }) => existsSync(source) || notYet(source));
  const plugins = runtimePlugins();
  const [modules, runtimeParts, settingsParts, nodePages, pluginPages] = await Promise.all([
    bundleModules(entries),
    plugins.length > 0 ? bundlePlugins(plugins, moduleEntryPoints()) : ({ files: [], metafile: { inputs: {}, outputs: {} } } satisfies Bundle),
    Promise.all(settingsModules().map(bundleSettingsModule)),
    Promise.all(nodeNames().map(assembleNode)),
    Promise.all(browserPlugins().map(async ({ source, target }) => file(`${target}.html`, await assemblePluginPage(source)))),
  ]);
  const files = [
    ...modules.files,
    ...runtimeParts.files,
    ...settingsParts.flatMap(({ files: built }) => built),
    ...nodePages.flat(),
    ...pluginPages,
    ...icons(),
    ...pluginTexts(),
    ...await nrlintRules(),
    file('vendor/jsonata.js', readFileSync(path.join(ROOT, 'node_modules/jsonata/jsonata.min.js'))), // read as text, see src/engine/intake/expression.ts
    file('THIRD-PARTY-NOTICES.md', thirdPartyNotices([modules.metafile, runtimeParts.metafile], ['jsonata'])),
  ];
  for (const { path: target, contents } of files) {
    writeIfChanged(target, contents);
  }
  removeOthers(DIST, new Set(files.map(({ path: target }) => target)), [path.join(DIST, 'ui'), path.join(DIST, '.stamps')]);
  const ui = await buildUi();
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp);
  for (const difference of manifestDifferences()) {
    console.warn(`build: package.json: ${difference}; run "npm run build -- --manifest"`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`build: ${files.length} files, UI ${ui}, ${nodeNames().length} nodes, in ${seconds} s`);
}

/** Node-RED serves `resources/` as it is; nrlint's worker in the editor loads its rules from there. */
async function nrlintRules(): Promise<BuiltFile[]> {
  const source = path.join(ROOT, 'src/editor/browser/nrlint-worker.ts');
  return existsSync(source) ? [{ path: path.join(ROOT, 'resources/nrlint-rules.js'), contents: Buffer.from(await bundleEditorScript(source)) }] : [];
}

/** Node-RED looks for icons beside the files of a package's sets, plugins included (getModuleNodeFiles). */
function icons(): BuiltFile[] {
  return listFiles(path.join(ROOT, 'icons'))
    .filter((icon) => icon.endsWith('.svg'))
    .map((icon) => file(`plugins/icons/${path.basename(icon)}`, readFileSync(icon)));
}

/** Message catalogues of the browser plugins; Node-RED looks for them beside the plugin's page (loadNodeLocales). */
function pluginTexts(): BuiltFile[] {
  const root = path.join(ROOT, 'src/editor/browser/locales');
  return listFiles(root)
    .filter((text) => text.endsWith('.json'))
    .map((text) => file(`plugins/locales/${path.relative(root, text)}`, readFileSync(text)));
}

function file(target: string, contents: string | Uint8Array): BuiltFile {
  return { path: path.join(DIST, target), contents: Buffer.from(contents) };
}

function notYet(source: string): false {
  console.warn(`build: ${relativeToRoot(source)} does not exist yet, left out`);
  return false;
}

if (process.argv.includes('--manifest')) {
  writeManifest();
}
const fresh = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourceStamp();
if (!process.argv.includes('--if-stale') || !fresh) {
  try {
    await buildAll();
  } catch (error) {
    // esbuild and Vite have printed their findings; a stack trace of this script would only hide them.
    console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
