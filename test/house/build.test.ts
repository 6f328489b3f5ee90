import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from '../../scripts/lib/paths.ts';

/** Sources of a package as small as it can be that uses everything the build does. */
const SOURCES: Readonly<Record<string, string>> = {
  'src/engine/runtime.ts': `
    import Big from 'big.js';
    import stringify from 'safe-stable-stringify';
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    import { workerUrl } from '../ledger/sqlite/worker-url.ts';
    export async function openRuntime(): Promise<string> {
      const [answer] = (await once(new Worker(workerUrl()), 'message')) as [string];
      return String(stringify({ sum: new Big('0.1').plus('0.2').toString(), answer }));
    }`,
  'src/ledger/sqlite/worker.ts': `
    import { parentPort } from 'node:worker_threads';
    parentPort?.postMessage('worker ' + import.meta.url.split('/').slice(-3).join('/'));`,
  'src/cli/waybill.ts': `#!/usr/bin/env node
    import { openRuntime } from '../engine/runtime.ts';
    console.log(await openRuntime());`,
  'src/editor/runtime-plugin.ts': `
    export default async function plugin(): Promise<string> {
      const { openRuntime } = await import('../engine/runtime.ts');
      return openRuntime();
    }`,
  'src/editor/browser/sidebar.plugin.ts': `RED.plugins.registerPlugin('waybill-sidebar', { type: 'waybill', note: '</script>' });`,
  'nodes/approval/approval.ts': `
    import { openRuntime } from '../../src/engine/runtime.ts';
    export default function approval(): unknown { return openRuntime; }`,
  'nodes/approval/editor.ts': `RED.nodes.registerType('waybill-approval', { category: 'waybill' });`,
  'nodes/approval/form.html': `<div class="form-row"></div>\n`,
  'nodes/approval/locales/en-US/approval.md': 'Asks a person.\n',
  'nodes/approval/locales/en-US/approval.json': '{"label": "approval"}\n',
  'nodes/approval/locales/de/approval.html': '<script type="text/html" data-help-name="waybill-approval">Fragt.</script>\n',
  'icons/approval.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
};

describe('build', function () {
  this.timeout(60_000);
  let house: string;

  function build(...args: string[]): { status: number | null; output: string } {
    const result = spawnSync(process.execPath, ['scripts/build.ts', ...args], { cwd: house, encoding: 'utf8' });
    return { status: result.status, output: result.stdout + result.stderr };
  }
  const read = (file: string): string => readFileSync(path.join(house, 'dist', file), 'utf8');
  const write = (file: string, content: string): void => {
    mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
    writeFileSync(path.join(house, file), content);
  };
  const runNode = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: house, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };

  before(() => {
    house = mkdtempSync(path.join(tmpdir(), 'waybill-build-'));
    for (const part of ['scripts', 'tsconfig.json', 'tsconfig.editor.json', 'package.json', 'package-lock.json', 'src/ledger/sqlite/worker-url.ts']) {
      cpSync(path.join(ROOT, part), path.join(house, part), { recursive: true });
    }
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(house, 'node_modules'));
    for (const [file, content] of Object.entries(SOURCES)) {
      write(file, content);
    }
    const { status, output } = build('--manifest');
    assert.equal(status, 0, output);
  });

  after(() => {
    rmSync(house, { recursive: true, force: true });
  });

  it('bundles pure libraries and finds the worker from source, bundle and plugin alike', () => {
    const expected = (worker: string): string => `{"answer":"worker ${worker}","sum":"0.3"}`;
    assert.equal(runNode('src/cli/waybill.ts'), expected('ledger/sqlite/worker.ts'));
    assert.equal(runNode('dist/cli/waybill.js'), expected('ledger/sqlite/worker.js'));
    const plugin = `require('./dist/plugins/runtime.cjs').default().then(console.log)`;
    assert.equal(runNode('-e', plugin.replace('require', `require('node:module').createRequire('${house}/x.js')`)), expected('ledger/sqlite/worker.js'));
  });

  it('puts code that entry points share into one chunk', () => {
    assert.match(read('nodes/approval/approval.js'), /\.\.\/\.\.\/chunks\//);
    assert.match(read('engine/runtime.js'), /\.\.\/chunks\//);
  });

  it('assembles the page that Node-RED reads beside a node', () => {
    const page = read('nodes/approval/approval.html');
    assert.match(page, /<script type="text\/javascript">[^]*registerType\("waybill-approval"/);
    assert.match(page, /<script type="text\/html" data-template-name="waybill-approval">\n<div class="form-row"><\/div>\n<\/script>/);
  });

  it('wraps help that is not wrapped, per language', () => {
    assert.equal(
      read('nodes/approval/locales/en-US/approval.html'),
      '<script type="text/markdown" data-help-name="waybill-approval">\nAsks a person.\n</script>\n',
    );
    assert.equal(read('nodes/approval/locales/de/approval.html'), SOURCES['nodes/approval/locales/de/approval.html']);
    assert.deepEqual(JSON.parse(read('nodes/approval/locales/en-US/approval.json')), { label: 'approval' });
  });

  it('keeps a script tag in a string from ending the page script of a plugin', () => {
    assert.equal(read('plugins/sidebar.html').match(/<\/script>/g)?.length, 1);
  });

  it('lays icons beside the plugins, where Node-RED looks for a package', () => {
    assert.ok(existsSync(path.join(house, 'dist/plugins/icons/approval.svg')));
  });

  it('writes what it built into package.json', () => {
    const manifest = JSON.parse(readFileSync(path.join(house, 'package.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(manifest['node-red'], {
      version: '>=4.1.0',
      nodes: { approval: 'dist/nodes/approval/approval.js' },
      plugins: { runtime: 'dist/plugins/runtime.cjs', sidebar: 'dist/plugins/sidebar.html' },
    });
  });

  it('names the licences of what it copied in', () => {
    assert.match(read('THIRD-PARTY-NOTICES.md'), /## big\.js [\d.]+ \(MIT\)/);
  });

  it('does nothing with --if-stale until a source changes, and then removes what is no longer built', () => {
    const stamp = path.join(house, 'dist/.stamps/build');
    const before = statSync(stamp).mtimeMs;
    assert.deepEqual(build('--if-stale'), { status: 0, output: '' });
    assert.equal(statSync(stamp).mtimeMs, before);
    const chunks = readdirSync(path.join(house, 'dist/chunks'));
    write('src/engine/runtime.ts', `${SOURCES['src/engine/runtime.ts'] ?? ''}\nexport const changed = true;\n`);
    assert.equal(build('--if-stale').status, 0);
    const after = readdirSync(path.join(house, 'dist/chunks'));
    assert.notDeepEqual(after, chunks);
    assert.equal(after.length, chunks.length);
  });

  it('refuses an import that is neither a dependency nor bundled', () => {
    const file = 'nodes/approval/approval.ts';
    write(file, `import 'fast-check';\n${SOURCES[file] ?? ''}`);
    const { status, output } = build();
    write(file, SOURCES[file] ?? '');
    assert.equal(status, 1);
    assert.match(output, /"fast-check" is neither a dependency of package\.json nor/);
    assert.doesNotMatch(output, /^\s+at /m);
  });

  it('refuses a node without its form', () => {
    rmSync(path.join(house, 'nodes/approval/form.html'));
    const { status, output } = build();
    assert.equal(status, 1);
    assert.match(output, /node approval lacks nodes\/approval\/form\.html/);
  });
});

describe('check-node', () => {
  const check = (version: string): { status: number | null; stderr: string } => {
    const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`;
    return spawnSync(process.execPath, ['--import', pretend, 'scripts/check-node.js'], { cwd: ROOT, encoding: 'utf8' });
  };

  it('says in one line what to do on a Node.js that cannot run the scripts', () => {
    const { status, stderr } = check('20.20.2');
    assert.equal(status, 1);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.match(stderr, /this is Node\.js 20\.20\.2.*npm ci/);
  });

  it('is silent on one that can', () => {
    const { status, stderr } = check('24.21.0');
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
  });
});
