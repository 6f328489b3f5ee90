import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { expectedManifest, readPackageJson } from '../../scripts/lib/manifest.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { startBareNodeRed } from '../support/bare-node-red.ts';
import type { BareNodeRed } from '../support/bare-node-red.ts';

const run = promisify(execFile);

/** A combination that has to load the package. */
interface Site {
  readonly nodeRed: string;
  /** `pinned`: the Node.js of this repository; `floor`: the lowest that package.json "engines" promises. */
  readonly node: 'pinned' | 'floor';
}

/** The oldest and the newest line of Node-RED that the package supports, and the oldest Node.js with the oldest. */
const SITES: readonly Site[] = [
  { nodeRed: '4.1.15', node: 'pinned' },
  { nodeRed: '5.0.7', node: 'pinned' },
  { nodeRed: '4.1.15', node: 'floor' },
];

const CACHE = path.join(ROOT, 'node_modules/.cache/waybill');

interface SetInfo {
  readonly id: string;
  readonly name: string;
  readonly module: string;
  readonly enabled: boolean;
  readonly types?: readonly string[];
  readonly err?: unknown;
}

/** npm must not hand its own configuration of this test run down to the installations of the test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV$|INIT_CWD$)/i.test(name)));
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('npm', args, { cwd, env: cleanEnvironment(), maxBuffer: 32 * 1024 * 1024 });
  return stdout;
}

async function install(folder: string, what: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"name": "site", "private": true}\n');
  await npm(folder, 'install', what, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev');
}

/** Folder of a bare Node-RED: the dev dependency, or a copy that is kept below node_modules for the next run. */
async function bareNodeRed(version: string): Promise<string> {
  const own = path.join(ROOT, 'node_modules/node-red');
  if ((JSON.parse(readFileSync(path.join(own, 'package.json'), 'utf8')) as { version: string }).version === version) {
    return own;
  }
  return path.join(await cached(`node-red@${version}`), 'node_modules/node-red');
}

/** The binary of the lowest Node.js that package.json promises, from the registry's per-platform packages. */
async function floorNode(): Promise<string> {
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  const version = engines.node.replace(/^>=/, '');
  const name = `node-${process.platform}-${process.arch}`;
  return path.join(await cached(`${name}@${version}`), 'node_modules', name, 'bin/node');
}

/** Folder with one package installed from the registry, kept below node_modules for the next run. */
async function cached(what: string): Promise<string> {
  const folder = path.join(CACHE, what);
  const complete = path.join(folder, 'complete');
  if (!existsSync(complete)) {
    rmSync(folder, { recursive: true, force: true });
    await install(folder, what);
    writeFileSync(complete, '');
  }
  return folder;
}

describe('the packed package', function () {
  this.timeout(300_000);
  const { name: packageName } = readPackageJson();
  const expected = expectedManifest();
  let work: string;
  let site: string;

  before(async () => {
    work = mkdtempSync(path.join(tmpdir(), 'waybill-pack-'));
    await run(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT });
    const packed = JSON.parse(await npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', work)) as unknown;
    assert.ok(typeof packed === 'object' && packed !== null);
    const [tarball] = readdirSync(work).filter((file) => file.endsWith('.tgz'));
    assert.ok(tarball);
    site = path.join(work, 'site');
    await install(site, path.join(work, tarball));
  });

  after(() => {
    rmSync(work, { recursive: true, force: true });
  });

  it('holds what it should and nothing of the workshop', () => {
    const root = path.join(site, 'node_modules', packageName);
    const top = readdirSync(root).sort();
    assert.deepEqual(top.filter((name) => ['src', 'test', 'bench', 'scripts', 'node_modules', 'nodes', '.ci'].includes(name)), []);
    assert.ok(top.includes('LICENSE'));
    for (const file of [...Object.values(expected.nodes), ...Object.values(expected.plugins)]) {
      assert.ok(existsSync(path.join(root, file)), file);
    }
    const maps = readdirSync(path.join(root, 'dist'), { recursive: true }).filter((file) => String(file).endsWith('.map'));
    assert.deepEqual(maps, []);
  });

  for (const { nodeRed, node } of SITES) {
    describe(`in a bare Node-RED ${nodeRed} on the ${node} Node.js`, () => {
      let red: BareNodeRed;

      before(async () => {
        const userDir = path.join(work, `user-${nodeRed}-${node}`);
        cpSync(site, userDir, { recursive: true });
        red = await startBareNodeRed({
          nodeRed: await bareNodeRed(nodeRed),
          userDir,
          node: node === 'floor' ? await floorNode() : process.execPath,
        });
      });

      after(async () => {
        await red.stop();
      });

      it('loads every node set without an error', async () => {
        const sets = ((await red.json('/nodes')) as SetInfo[]).filter((set) => set.module === packageName);
        assert.deepEqual(
          sets.filter((set) => set.err !== undefined || !set.enabled),
          [],
          red.log(),
        );
        assert.deepEqual(sets.map((set) => set.name).sort(), Object.keys(expected.nodes).sort());
        assert.deepEqual(sets.flatMap((set) => set.types ?? []).sort(), Object.keys(expected.nodes).map((name) => `waybill-${name}`).sort());
      });

      it('loads every plugin without an error', async () => {
        const plugins = ((await red.json('/plugins')) as SetInfo[]).filter((set) => set.module === packageName);
        assert.deepEqual(
          plugins.filter((set) => set.err !== undefined || !set.enabled),
          [],
          red.log(),
        );
        assert.deepEqual(plugins.map((set) => set.name).sort(), Object.keys(expected.plugins).sort());
      });

      it('gives the editor a form, a script and help for every node', async () => {
        const pages = await red.text('/nodes', 'text/html');
        for (const name of Object.keys(expected.nodes)) {
          assert.match(pages, new RegExp(`data-template-name="waybill-${name}"`));
          assert.match(pages, new RegExp(`registerType\\(\\s*["']waybill-${name}["']`));
          assert.match(pages, new RegExp(`data-help-name=["']waybill-${name}["']`));
        }
      });

      it('serves our icons', async () => {
        const own = path.join(ROOT, 'icons');
        const icons = existsSync(own) ? readdirSync(own).filter((file) => file.endsWith('.svg')) : [];
        const served = ((await red.json('/icons')) as Record<string, string[] | undefined>)[packageName] ?? [];
        assert.deepEqual([...served].sort(), icons.sort());
      });

      it('says nothing of an error, and ends on SIGTERM', async () => {
        assert.doesNotMatch(red.log(), /\[error\]|\[warn\].*waybill/i);
        assert.equal(await red.stop(), 0);
      });
    });
  }
});
