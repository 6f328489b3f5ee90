import { builtinModules } from 'node:module';
import path from 'node:path';

import { build } from 'esbuild';
import type { BuildOptions, BuildResult, Metafile, Plugin } from 'esbuild';

import type { EntryPoint } from './entry-points.ts';
import { readPackageJson } from './manifest.ts';
import { DIST, ROOT } from './paths.ts';

/**
 * Pure libraries that are copied into the bundle, so that the published package has few run-time
 * dependencies (the flow library's checker allows six). Everything else that is imported must be a
 * (peer) dependency of package.json, or the build fails.
 */
export const BUNDLED_PACKAGES: readonly string[] = ['acorn', 'ajv-formats', 'big.js', 'cockatiel', 'date-holidays', 'dmn-moddle', 'feelin', 'jose', 'nodemailer', 'openid-client', 'safe-stable-stringify', 'saxen', 'temporal-polyfill', 'undici', 'uqr', 'yaml'];

/** One file that the build makes: absolute path and content. */
export interface BuiltFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** Files of one esbuild run, and which inputs went into them. */
export interface Bundle {
  readonly files: readonly BuiltFile[];
  readonly metafile: Metafile;
}

const NODE_TARGET = 'node22.22';
const EDITOR_TARGET = 'es2021';

// CommonJS libraries that are bundled into ES modules call require() for what stays outside.
const REQUIRE_BANNER =
  "import { createRequire as waybillCreateRequire } from 'node:module'; const require = waybillCreateRequire(import.meta.url);";

/** Bundles the ESM entry points; code that two of them use lands once, in a shared chunk. */
export async function bundleModules(entries: readonly EntryPoint[]): Promise<Bundle> {
  return run({
    entryPoints: entries.map(({ source, target }) => ({ in: source, out: target })),
    outdir: DIST,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    // Names stay, for stack traces; blanks and comments of libraries would be a quarter of the package.
    minifyWhitespace: true,
    platform: 'node',
    target: NODE_TARGET,
    sourcemap: 'linked',
    banner: { js: REQUIRE_BANNER },
    define: { __WAYBILL_BUNDLED__: 'true' },
    plugins: [dependencyPolicy()],
  });
}

/** Bundles runtime plugins as CommonJS; `import()` of a module entry point stays an import of the built file. */
export async function bundlePlugins(plugins: readonly EntryPoint[], modules: readonly EntryPoint[]): Promise<Bundle> {
  return run({
    entryPoints: plugins.map(({ source, target }) => ({ in: source, out: target })),
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    platform: 'node',
    target: NODE_TARGET,
    sourcemap: 'linked',
    define: { __WAYBILL_BUNDLED__: 'true' },
    plugins: [importOfBuiltModules(modules), dependencyPolicy()],
  });
}

/**
 * Bundles a module for settings.js as CommonJS whose module is itself the function that the file is named
 * after (`editor-sign-in` → `editorSignIn`), with all exports as properties: one line in settings.js is enough.
 */
export async function bundleSettingsModule(entry: EntryPoint): Promise<Bundle> {
  const main = path.basename(entry.target).replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  return run({
    entryPoints: [{ in: entry.source, out: entry.target }],
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    minifyWhitespace: true,
    platform: 'node',
    target: NODE_TARGET,
    sourcemap: 'linked',
    define: { __WAYBILL_BUNDLED__: 'true' },
    footer: { js: `module.exports = Object.assign(module.exports.${main}, module.exports);` },
    plugins: [dependencyPolicy()],
  });
}

/** Compiles one browser script of the editor to a self-contained classic script, as text for a `<script>`. */
export async function bundleEditorScript(source: string): Promise<string> {
  const { files } = await run({
    entryPoints: [source],
    outdir: DIST,
    format: 'iife',
    minifyWhitespace: true,
    platform: 'browser',
    target: EDITOR_TARGET,
    charset: 'utf8',
    tsconfig: path.join(ROOT, 'tsconfig.editor.json'),
    define: { __WAYBILL_BUNDLED__: 'true' },
  });
  const script = files[0];
  if (script === undefined) {
    throw new Error(`esbuild made nothing of ${source}`);
  }
  return Buffer.from(script.contents).toString('utf8');
}

async function run(options: BuildOptions): Promise<Bundle> {
  const result: BuildResult<{ write: false; metafile: true }> = await build({
    ...options,
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return { files: result.outputFiles, metafile: result.metafile };
}

/** Decides for every bare import: built into Node.js, a declared dependency, bundled, or a mistake. */
function dependencyPolicy(): Plugin {
  const manifest = readPackageJson();
  const external = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies ?? {})]);
  return {
    name: 'waybill-dependency-policy',
    setup(plugin) {
      plugin.onResolve({ filter: /^[^./]/ }, (args) => {
        if (args.kind === 'entry-point' || path.isAbsolute(args.path)) {
          return undefined;
        }
        if (args.path.startsWith('node:') || builtinModules.includes(args.path)) {
          return { path: args.path, external: true };
        }
        const name = packageName(args.path);
        if (external.has(name)) {
          return { path: args.path, external: true };
        }
        const fromLibrary = args.importer.includes(`${path.sep}node_modules${path.sep}`);
        if (BUNDLED_PACKAGES.includes(name) || fromLibrary) {
          return undefined;
        }
        return {
          errors: [
            {
              text: `"${name}" is neither a dependency of package.json nor on the list of bundled packages (scripts/lib/bundle.ts)`,
            },
          ],
        };
      });
    },
  };
}

function importOfBuiltModules(modules: readonly EntryPoint[]): Plugin {
  const targets = new Map(modules.map(({ source, target }) => [source, target]));
  return {
    name: 'waybill-import-of-built-modules',
    setup(plugin) {
      plugin.onResolve({ filter: /^\.\.?\// }, (args) => {
        if (args.kind !== 'dynamic-import') {
          return undefined;
        }
        const target = targets.get(path.resolve(args.resolveDir, args.path));
        if (target === undefined) {
          return { errors: [{ text: `import() of ${args.path}, which is no entry point of the build` }] };
        }
        return { path: `../${target}.js`, external: true };
      });
    },
  };
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}
