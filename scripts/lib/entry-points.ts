import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { listFolders } from './files.ts';
import { ROOT } from './paths.ts';

/** One source file and the built file that it becomes, without extension, below dist/. */
export interface EntryPoint {
  /** Absolute path of the source. */
  readonly source: string;
  /** Path below dist/ without extension, for example `nodes/approval/approval`. */
  readonly target: string;
}

const FIXED: readonly string[] = ['engine/runtime', 'ledger/sqlite/worker', 'cli/waybill', 'cli/scenario/runtime/child', 'web/server/index', 'editor/decision/routes', 'editor/governance/routes', 'editor/intake/routes', 'editor/intake/event-routes', 'editor/mapping/routes'];

/** Names of the palette nodes: folders `nodes/<node>/` that hold `<node>.ts`. */
export function nodeNames(root: string = ROOT): string[] {
  const dir = path.join(root, 'nodes');
  return listFolders(dir).filter((name) => existsSync(path.join(dir, name, `${name}.ts`)));
}

/** ESM entry points of the package that every process shares code between. */
export function moduleEntryPoints(root: string = ROOT): EntryPoint[] {
  return [
    ...FIXED.map((name) => ({ source: path.join(root, 'src', `${name}.ts`), target: name })),
    ...nodeNames(root).map((name) => ({
      source: path.join(root, 'nodes', name, `${name}.ts`),
      target: `nodes/${name}/${name}`,
    })),
  ];
}

/**
 * The runtime half of our Node-RED plugins, built as CommonJS because Node-RED loads plugins with
 * `require()` (@node-red/registry/lib/loader.js, loadPlugin): `src/editor/runtime-plugin.ts` becomes
 * `plugins/runtime`, `src/editor/plugins/<name>.ts` becomes `plugins/<name>`.
 */
export function runtimePlugins(root: string = ROOT): EntryPoint[] {
  const single = path.join(root, 'src/editor/runtime-plugin.ts');
  return [
    ...(existsSync(single) ? [{ source: single, target: 'plugins/runtime' }] : []),
    ...filesNamed(path.join(root, 'src/editor/plugins'), /^([a-z0-9-]+)\.c?ts$/),
  ];
}

/**
 * What people `require()` in Node-RED's settings.js, before anything of ours runs: built as CommonJS, and
 * named in package.json's "exports". `src/editor/settings/<name>.ts` becomes `settings/<name>.cjs`; the two layers
 * of the deploy gate are `settings/storage.cjs` and `settings/gate.cjs`, the rules for nrlint's command line `settings/nrlint.cjs`.
 */
export function settingsModules(root: string = ROOT): EntryPoint[] {
  const gate = [['storage', 'storage'], ['admin-middleware', 'gate']] as const;
  return [
    ...filesNamed(path.join(root, 'src/editor/settings'), /^([a-z0-9-]+)\.ts$/).map(({ source, target }) => ({ source, target: target.replace(/^plugins\//, 'settings/') })),
    ...gate.map(([file, name]) => ({ source: path.join(root, 'src/editor/gate', `${file}.ts`), target: `settings/${name}` })).filter(({ source }) => existsSync(source)),
    ...[{ source: path.join(root, 'src/governance/gate/nrlint.ts'), target: 'settings/nrlint' }].filter(({ source }) => existsSync(source)),
  ];
}

/** The browser half of our Node-RED plugins: `src/editor/browser/<name>.plugin.ts`. */
export function browserPlugins(root: string = ROOT): EntryPoint[] {
  return filesNamed(path.join(root, 'src/editor/browser'), /^([a-z0-9-]+)\.plugin\.ts$/);
}

function filesNamed(dir: string, pattern: RegExp): EntryPoint[] {
  if (!existsSync(dir)) {
    return [];
  }
  return readdirSync(dir)
    .sort()
    .flatMap((file) => {
      const name = pattern.exec(file)?.[1];
      return name === undefined ? [] : [{ source: path.join(dir, file), target: `plugins/${name}` }];
    });
}
