import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unifiedDiff } from '../../src/cli/init/unified-diff.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
/** Of Waybill it is told nothing; what was compiled before is compiled. */
const ENVIRONMENT = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] };

/** Settings files that Node-RED takes, as people write them. */
const forms: Readonly<Record<string, string>> = {
  'the one Node-RED makes': readFileSync(join(root, 'node_modules/node-red/settings.js'), 'utf8'),
  'an object': "module.exports = {\n  flowFile: 'flows.json', // ours\n  uiPort: 1880\n};\n",
  'an object on one line': "module.exports={uiPort:1880,logging:{console:{level:'info'}}}",
  'an empty object': 'module.exports = {};\n',
  'line ends of Windows': "module.exports = {\r\n    uiPort: 1880,\r\n}\r\n",
  'a comment behind the brace': 'module.exports = { // settings of dock 3\n\tuiPort: 1880,\n}\n',
  'spreads and functions': "const base = { uiPort: 1880 };\nmodule.exports = {\n  ...base,\n  functionGlobalContext: { now: () => Date.now() },\n  httpNodeMiddleware(req, res, next) { next(); },\n};\n",
  'a constant': "'use strict';\nconst settings = { uiPort: 1880 };\nmodule.exports = settings;\n",
  'Object.assign': "const base = { uiPort: 1880 };\nmodule.exports = Object.assign({}, base, {\n  flowFile: 'flows.json',\n});\n",
  'exports as well': 'exports = module.exports = {\n  uiPort: 1880,\n};\n',
  'a byte order mark': '\uFEFFmodule.exports = {\n  uiPort: 1880,\n};\n',
  'projects': "module.exports = {\n  editorTheme: { projects: { enabled: true } },\n};\n",
};

describe('waybill init', function () {
  this.timeout(60_000);
  let dir: string;
  const file = (): string => join(dir, 'settings.js');
  const read = (): string => readFileSync(file(), 'utf8');

  async function init(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    return await run(process.execPath, [join(root, 'src/cli/waybill.ts'), 'init', '--user-dir', dir, ...args], { encoding: 'utf8', env: ENVIRONMENT })
      .then(({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }), (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, out: error.stdout, err: error.stderr }));
  }
  function load(env: NodeJS.ProcessEnv = {}): Record<string, unknown> & { waybill?: Record<string, string> } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', 'console.log(JSON.stringify(require(process.argv[1])))', file()], { encoding: 'utf8', env: { ...ENVIRONMENT, ...env } });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  }
  /** A package as small as can be with the one file that settings.js loads; the packed one is tested in test/house. */
  function installPackage(): void {
    const folder = join(dir, 'node_modules/@waybill/node-red');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"name": "@waybill/node-red", "version": "0.1.0", "exports": {"./editor-sign-in": "./sign-in.cjs", "./storage": "./storage.cjs", "./gate": "./gate.cjs"}}');
    writeFileSync(join(folder, 'storage.cjs'), "module.exports = Object.assign((options) => ({ wraps: options.storageModule }), { gated: true, toJSON: () => 'gated' });");
    writeFileSync(join(folder, 'gate.cjs'), "module.exports = () => Object.assign(() => undefined, { toJSON: () => 'gate' });");
    writeFileSync(join(folder, 'sign-in.cjs'), "module.exports = () => ({ type: 'strategy' });");
  }

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'waybill-init-'));
    installPackage();
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  for (const [name, source] of Object.entries(forms)) {
    it(`adopts and takes back: ${name}`, async () => {
      writeFileSync(file(), source);
      const shown = await init();
      assert.equal(shown.code, 0, shown.err);
      assert.match(shown.out, /^\+ +waybill: \{/m);
      assert.match(shown.out, /Nothing was changed\. Run it with --yes/);
      assert.equal(read(), source);

      const done = await init('--yes', '--site', 'dc-7', '--enterprise', 'globex');
      assert.equal(done.code, 0, done.err);
      const loaded = load();
      assert.deepEqual(loaded.waybill, { home: '.waybill', site: 'dc-7', gate: 'warn', enterprise: 'globex' });
      assert.deepEqual(load({ WAYBILL_HOME: '/srv/waybill', WAYBILL_SITE: 'x' }).waybill, { home: '/srv/waybill', site: 'dc-7', gate: 'warn', enterprise: 'globex' });
      assert.deepEqual(loaded['adminAuth'], { type: 'strategy' });
      assert.deepEqual([loaded['storageModule'], loaded['httpAdminMiddleware']], ['gated', 'gate']);
      assert.equal(readFileSync(`${file()}.before-waybill`, 'utf8'), source);
      const adopted = read();
      if (source.includes('\r\n')) assert.doesNotMatch(adopted, /[^\r]\n/);

      const again = await init('--yes');
      assert.deepEqual([again.code, read()], [0, adopted]);
      assert.match(again.out, /nothing to do/);

      const undone = await init('--undo', '--yes');
      assert.equal(undone.code, 0, undone.err);
      assert.equal(read(), source);
      assert.deepEqual(readdirSync(dir).sort(), ['node_modules', 'settings.js']);
    });
  }

  it('writes the difference that patch(1) would take', function () {
    const [a, b] = ['one\ntwo\nthree\nfour\nfive', 'one\ntwo\nTWO\nthree\nfour\nfive'];
    assert.equal(unifiedDiff(a, b, 's.js'), '--- s.js\n+++ s.js\n@@ -1,5 +1,6 @@\n one\n two\n+TWO\n three\n four\n five\n\\ No newline at end of file\n');
    assert.equal(unifiedDiff(a, a, 's.js'), '');
    const patch = spawnSync('patch', ['--version']);
    if (patch.error !== undefined) this.skip();
    writeFileSync(join(dir, 's.js'), a);
    assert.equal(spawnSync('patch', ['-p0', '-s'], { cwd: dir, input: unifiedDiff(a, b, 's.js') }).status, 0);
    assert.equal(readFileSync(join(dir, 's.js'), 'utf8'), b);
  });

  it('says that settings.js is in no project when projects are enabled', async () => {
    writeFileSync(file(), forms['projects']!);
    assert.match((await init()).out, /Projects are enabled: settings\.js belongs to the user folder/);
  });

  it('changes its own lines when other values are wanted', async () => {
    writeFileSync(file(), forms['an object']!);
    await init('--yes', '--site', 'a');
    const { out } = await init('--yes', '--site', 'b', '--public-url', 'https://w.example.com');
    assert.match(out, /^-.*site: 'a'/m);
    assert.deepEqual(load().waybill, { home: '.waybill', site: 'b', gate: 'warn', publicUrl: 'https://w.example.com' });
    await init('--undo', '--yes');
    assert.equal(read(), forms['an object']);
  });

  it('takes back exactly its own lines after other edits', async () => {
    writeFileSync(file(), forms['the one Node-RED makes']!);
    await init('--yes');
    const edit = (text: string): string => text.replace('flowFilePretty: true', 'flowFilePretty: false').replace(/^\/\*\*/, '/** dock 3 *');
    writeFileSync(file(), edit(read()));
    assert.equal((await init('--undo', '--yes')).code, 0);
    assert.equal(read(), edit(forms['the one Node-RED makes']!));
    assert.equal(readFileSync(`${file()}.before-waybill`, 'utf8'), forms['the one Node-RED makes']);
  });

  it('does not take back what somebody has changed in its lines', async () => {
    writeFileSync(file(), forms['an object']!);
    await init('--yes');
    const edited = read().replace("'dc-1'", "'dc-9'");
    writeFileSync(file(), edited);
    const { code, err } = await init('--undo', '--yes');
    assert.equal(code, 1);
    assert.match(err, /The lines 2 to 13 that "waybill init" wrote have been changed since.*by hand/);
    assert.equal(read(), edited);
    assert.match((await init('--yes', '--site', 'x')).out, /changed since, so they stay/);
    assert.equal(read(), edited);
  });

  it('leaves what is set already', async () => {
    const source = "module.exports = {\n  adminAuth: { type: 'credentials', users: [] },\n};\n";
    writeFileSync(file(), source);
    const { out } = await init('--yes');
    assert.match(out, /"adminAuth" is set already and stays/);
    assert.deepEqual(load()['adminAuth'], { type: 'credentials', users: [] });
    assert.equal(load().waybill?.['site'], 'dc-1');
    const own = "module.exports = {\n  waybill: { home: '/srv/w', site: 'x' },\n  adminAuth: { type: 'credentials', users: [] },\n  storageModule: {},\n  httpAdminMiddleware: [],\n};\n";
    writeFileSync(file(), own);
    const stays = (await init('--yes')).out;
    assert.match(stays, /"waybill" is set already[^]*nothing to do/);
    assert.match(stays, /"storageModule" is set already[^]*storage'\)\(\{ storageModule: [^]*"httpAdminMiddleware" is set already/);
    assert.equal(read(), own);
  });

  it('takes a baseline of what the flows breach today, once', async () => {
    writeFileSync(file(), forms['an object']!);
    const step = (id: string): object => ({ id, type: 'waybill-audit', z: 't', name: id, stepId: 'same', wires: [[]] });
    writeFileSync(join(dir, 'flows.json'), JSON.stringify([{ id: 't', type: 'tab', label: 'T' }, step('a'), step('b')]));
    const { out } = await init('--yes');
    assert.match(out, /The flows of today break rules of the deploy gate in \d+ places?\. These are admitted from here on/);
    const path = join(dir, '.waybill/gate/baseline.json');
    const taken = readFileSync(path, 'utf8');
    const rules = (JSON.parse(taken) as { findings: { rule: string }[] }).findings.map(({ rule }) => rule);
    assert.ok(rules.includes('duplicate-step-id'), taken);
    writeFileSync(join(dir, 'flows.json'), '[]');
    await init('--yes', '--gate', 'enforce');
    assert.equal(load().waybill?.['gate'], 'enforce');
    assert.equal(readFileSync(path, 'utf8'), taken);
    assert.equal((await init('--yes', '--gate', 'off')).code, 2);
  });

  it('finds what comes from elsewhere', async () => {
    writeFileSync(join(dir, 'company.js'), "module.exports = { adminAuth: { type: 'strategy', company: true } };");
    writeFileSync(file(), "module.exports = {\n  uiPort: 1880,\n  ...require('./company.js'),\n};\n");
    assert.match((await init('--yes')).out, /"adminAuth" is set already/);
    assert.deepEqual(load()['adminAuth'], { type: 'strategy', company: true });
  });

  const unusual: Readonly<Record<string, readonly [source: string, reason: RegExp]>> = {
    'a function': ['module.exports = () => ({ uiPort: 1880 });\n', /made by a program/],
    'another file': ["module.exports = require('./other.js');\n", /made by a program/],
    'two exports': ['module.exports = { a: 1 };\nmodule.exports = { b: 1 };\n', /more than once/],
    'keys one by one': ['module.exports.uiPort = 1880;\n', /does not say "module\.exports/],
    'an object that is set again': ["const s = { uiPort: 1880 };\nmodule.exports = s;\ns.waybill = undefined; s.adminAuth = undefined;\n", /sets "waybill" or "adminAuth" again/],
  };
  for (const [name, [source, reason]] of Object.entries(unusual)) {
    it(`leaves alone and says what to add by hand: ${name}`, async () => {
      writeFileSync(join(dir, 'other.js'), 'module.exports = {};');
      writeFileSync(file(), source);
      const { code, err } = await init('--yes');
      assert.equal(code, 1);
      assert.match(err, reason);
      assert.match(err, /by hand:\n\n {4}waybill: \{/);
      assert.equal(read(), source);
      assert.deepEqual(readdirSync(dir).sort(), ['node_modules', 'other.js', 'settings.js']);
    });
  }

  it('leaves a file that does not load', async () => {
    writeFileSync(file(), 'module.exports = {\n  uiPort: 1880\n  flowFile: 1\n};\n');
    const { code, err } = await init('--yes');
    assert.equal(code, 1);
    assert.match(err, /does not load: SyntaxError/);
  });

  it('leaves a file that somebody has made read-only, and a folder that takes nothing', async () => {
    writeFileSync(file(), forms['an object']!);
    await init('--yes');
    const adopted = read();
    chmodSync(file(), 0o444);
    for (const args of [['--yes', '--site', 'other'], ['--undo', '--yes']]) {
      const { code, err } = await init(...args);
      assert.deepEqual([code, read()], [1, adopted]);
      assert.match(err, /was left as it is\. It is read-only: allow writing/);
    }
    // Who may everything is kept out by nothing.
    if (process.getuid?.() === 0) return;
    chmodSync(file(), 0o644);
    chmodSync(dir, 0o555);
    const { code, err } = await init('--undo', '--yes');
    chmodSync(dir, 0o755);
    assert.deepEqual([code, read()], [1, adopted]);
    assert.match(err, /The folder .* is not yours to write to\. Mend that/);
  });

  it('leaves an ES module, which Node-RED does not take', async () => {
    writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
    writeFileSync(file(), 'export default { uiPort: 1880 };\n');
    assert.equal((await init('--yes')).code, 1);
    assert.equal(read(), 'export default { uiPort: 1880 };\n');
  });

  it('says what to do when there is no settings.js, no folder or no package', async () => {
    const none = await init('--yes');
    assert.equal(none.code, 1);
    assert.match(none.err, /start Node-RED once[^]*waybill: \{/);
    writeFileSync(file(), forms['an object']!);
    rmSync(join(dir, 'node_modules'), { recursive: true });
    const missing = await init('--yes');
    assert.equal(missing.code, 1);
    assert.match(missing.out, /^\+ +waybill: \{/m);
    assert.match(missing.err, /npm install @waybill\/node-red/);
    assert.equal(read(), forms['an object']);
    rmSync(dir, { recursive: true });
    assert.match((await init()).err, /There is no folder/);
    mkdirSync(dir);
  });

  it('refuses values that are none, before anything else', async () => {
    writeFileSync(file(), forms['an object']!);
    assert.equal((await init('--yes', '--site', 'a b')).code, 2);
    assert.equal((await init('--yes', '--public-url', 'w')).code, 2);
    assert.equal((await init('--no-such')).code, 2);
    assert.equal(read(), forms['an object']);
  });

  it('quotes what it writes', async () => {
    writeFileSync(file(), forms['an object']!);
    await init('--yes', '--home', "/srv/it's \\ here");
    assert.equal(load().waybill?.['home'], "/srv/it's \\ here");
  });

  it('keeps mode and link of the file', async () => {
    mkdirSync(join(dir, 'etc'));
    writeFileSync(join(dir, 'etc/node-red.js'), forms['an object']!);
    chmodSync(join(dir, 'etc/node-red.js'), 0o640);
    symlinkSync('etc/node-red.js', file());
    assert.equal((await init('--yes')).code, 0);
    assert.ok(lstatSync(file()).isSymbolicLink());
    assert.equal(statSync(file()).mode & 0o777, 0o640);
    assert.equal(statSync(join(dir, 'etc/node-red.js.before-waybill')).mode & 0o777, 0o640);
    assert.ok(existsSync(join(dir, 'etc/node-red.js')));
  });
});
