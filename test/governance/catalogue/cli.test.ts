import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { catalogue } from '../../../src/cli/commands/catalogue.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { openSite, temporary } from './support/central.ts';

const PASSPHRASE = 'correct horse battery staple';
const TEMPLATE = path.join(ROOT, 'templates', 'procure-to-pay', 'goods-receipt');
const ID = 'procure-to-pay/goods-receipt';
const { version: VERSION } = JSON.parse(readFileSync(path.join(TEMPLATE, 'template.json'), 'utf8')) as { readonly version: string };

interface Answer { readonly code: number; readonly out: string; readonly err: string }

/** Runs the command in this process, in a folder; several of its steps a second matter in a test run of thousands. */
async function here(cwd: string, args: readonly string[]): Promise<Answer> {
  const [out, err]: [string[], string[]] = [[], []];
  const before = { cwd: process.cwd(), passphrase: process.env['WAYBILL_PASSPHRASE'], home: process.env['WAYBILL_HOME'], out: process.stdout.write, err: process.stderr.write };
  process.chdir(cwd);
  Object.assign(process.env, { WAYBILL_PASSPHRASE: PASSPHRASE, WAYBILL_HOME: path.join(cwd, 'home') });
  process.stdout.write = (text: string | Uint8Array) => out.push(String(text)) > 0;
  process.stderr.write = (text: string | Uint8Array) => err.push(String(text)) > 0;
  try {
    const code = await catalogue([...args]);
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    Object.assign(process.stdout, { write: before.out });
    Object.assign(process.stderr, { write: before.err });
    process.chdir(before.cwd);
    for (const [name, value] of [['WAYBILL_PASSPHRASE', before.passphrase], ['WAYBILL_HOME', before.home]] as const) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Runs the command line as a process of its own, with passphrases by standard input. */
function piped(cwd: string, args: readonly string[], input: string): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path.join(ROOT, 'src/cli/waybill.ts'), 'catalogue', ...args], { cwd, env: { ...process.env, WAYBILL_PASSPHRASE: '', WAYBILL_ONLINE_PASSPHRASE: '' } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
    child.stdin?.end(input);
  });
}


describe('waybill catalogue', function () {
  this.timeout(120_000);

  it('brings a template from a folder to a site, signed, and tells each step', async () => {
    const cwd = temporary('cli');
    const ok = async (...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await here(cwd, args);
      assert.equal(code, 0, `${args.join(' ')}: ${err}${out}`);
      return out;
    };
    assert.match(await ok('init', '--make-keys', 'keys', '--family', 'procure-to-pay'), /WAYBILL_CATALOGUE_ROOT=.*1\.root\.json/);
    assert.match((await here(cwd, ['publish', TEMPLATE, '--ring', 'all'])).err, /is new, and a new version of this family begins with the ring "test", not "all"/);
    assert.match(await ok('publish', TEMPLATE), /goods-receipt@\S+ is staged for test; the owners of procure-to-pay sign it/);
    assert.equal(existsSync(path.join(cwd, 'catalogue/public/targets')), false);
    assert.match(await ok('sign', '--key', 'keys/procure-to-pay.key', '--online-key', 'keys/online.key'), /new, for test.*\n(.*\n)*Published: procure-to-pay/);
    assert.match(await ok('verify'), /In order[\s\S]*sha256:[0-9a-f]{64} {2}signed by Owner of procure-to-pay/);
    assert.match((await here(cwd, ['promote', `${ID}@${VERSION}`, '--ring', 'all'])).err, /is out for "test"; it goes one ring at a time, so "pilot" comes before "all"\./);
    for (const ring of ['pilot', 'all']) {
      assert.match(await ok('promote', `${ID}@${VERSION}`), new RegExp(`is staged for ${ring}\\.`));
      await ok('sign', '--key', 'keys/procure-to-pay.key', '--online-key', 'keys/online.key');
    }
    assert.match((await here(cwd, ['promote', `${ID}@${VERSION}`])).err, /out for "all" already, and there is no further ring/);
    await ok('deprecate', `${ID}@${VERSION}`, '--sunset', '2099-12-31', '--reason', 'Use 2.0.0.');
    assert.match(await ok('status'), /published {2}all +a change is draft[^]*LIST +VERSION +MADE +RUNS OUT[^]*timestamp +\d+ +0 hours ago +\d{4}-\d\d-\d\d, in 13 days/);
    await ok('sign', '--key', 'keys/procure-to-pay.key', '--online-key', 'keys/online.key');
    assert.match(await ok('status'), /deprecated {2}all {3}2099-12-31/);
    await ok('key', 'new.key', '--name', 'Newton');
    await ok('rotate', '--key', 'keys/procure-to-pay.key', '--new', 'new.key.pub');
    await ok('sign', '--key', 'keys/board.key');
    assert.match(await ok('sign', '--key', 'new.key', '--online-key', 'keys/online.key'), /Published: targets, procure-to-pay/);
    const site = await openSite({ public: path.join(cwd, 'catalogue'), rootFile: path.join(cwd, 'catalogue/public/metadata/1.root.json') });
    assert.equal((await site.refresh()).state, 'fresh');
    assert.deepEqual([site.template(ID, VERSION)?.status, site.template(ID, VERSION)?.signedBy[0]?.name], ['deprecated', 'Newton']);
    assert.match(await ok('status', '--site'), /no catalogue/);
  });

  it('asks three functions and a board of two by a plan; the last signature puts it out', async () => {
    const cwd = temporary('cli');
    const people = { ada: [], bert: [], online: [], olga: ['operations'], ivan: ['it'], fay: ['finance'] } as const;
    for (const [name, [office]] of Object.entries(people)) assert.equal((await here(cwd, ['key', `${name}.key`, '--name', name, ...(office === undefined ? [] : ['--function', office])])).code, 0);
    writeFileSync(path.join(cwd, 'plan.json'), JSON.stringify({ board: { keys: ['ada.key.pub', 'bert.key.pub'], threshold: 2 }, online: 'online.key.pub', families: { 'procure-to-pay': { keys: ['olga.key.pub', 'ivan.key.pub', 'fay.key.pub'], threshold: 1, functions: ['operations', 'it', 'finance'] } } }));
    assert.equal((await here(cwd, ['init', '--plan', 'plan.json'])).code, 0);
    await here(cwd, ['sign', '--key', 'ada.key']);
    assert.match((await here(cwd, ['publish', '--online-key', 'online.key'])).err, /The root is not signed yet/);
    assert.match((await here(cwd, ['sign', '--key', 'bert.key', '--online-key', 'online.key'])).out, /Published: root, targets/);
    await here(cwd, ['publish', TEMPLATE]);
    for (const [key, expected] of [['olga', /in review, signed by olga \(1 of 3, one of it and finance is missing\)/], ['ivan', /one of finance is missing/], ['fay', /Published: procure-to-pay/]] as const) {
      assert.match((await here(cwd, ['sign', '--key', `${key}.key`, '--online-key', 'online.key'])).out, expected);
    }
  });

  it('says in one sentence what is wrong', async () => {
    const cwd = temporary('cli');
    const fails = async (code: number, message: RegExp, args: readonly string[], options?: { readonly input: string }): Promise<void> => {
      const answer = options?.input === undefined ? await here(cwd, args) : await piped(cwd, args, options.input);
      assert.equal(answer.code, code, `${args.join(' ')}: ${answer.out}${answer.err}`);
      assert.match(answer.err, message);
      assert.doesNotMatch(answer.err, /\n\s+at /, 'no stack');
    };
    await fails(2, /Say what to do with the catalogue/, []);
    await fails(2, /There is no "waybill catalogue frobnicate"/, ['frobnicate']);
    await fails(1, /There is no catalogue in .*catalogue\. "waybill catalogue init" makes one/, ['publish']);
    await fails(2, /at least one family/, ['init', '--make-keys', 'keys']);
    await fails(2, /no name of a family/, ['init', '--make-keys', 'keys', '--family', 'Procure to Pay']);
    await here(cwd, ['init', '--make-keys', 'keys', '--family', 'procure-to-pay']);
    await fails(2, /There is a catalogue in .* already/, ['init', '--make-keys', 'keys', '--family', 'procure-to-pay']);
    await fails(2, /nowhere is not there/, ['publish', 'nowhere']);
    await fails(1, /The catalogue has no family "inventory-movement"/, ['publish', path.join(ROOT, 'templates/inventory-movement/replenishment')]);
    await fails(1, /template\.json is no JSON|template\.json is missing/, ['publish', 'keys']);
    cpSync(TEMPLATE, path.join(cwd, 'leaky'), { recursive: true });
    const flow = JSON.parse(readFileSync(path.join(TEMPLATE, 'flow.json'), 'utf8')) as { readonly id: string; readonly type: string }[];
    writeFileSync(path.join(cwd, 'leaky/flow.json'), JSON.stringify(flow.map((node) => (node.type === 'waybill-call' ? { ...node, password: 'hunter2' } : node))));
    await fails(1, /leaky holds what looks like a secret in clear, and was not staged\.\n {2}.*password/, ['publish', 'leaky']);
    writeFileSync(path.join(cwd, 'leaky/flow.json'), JSON.stringify([...flow, { id: 'ab12cd34ab12cd34', type: 'http request', z: flow[0]!.id, url: 'http://10.1.2.3/erp', x: 1, y: 1, wires: [] }]));
    await fails(1, /lint finds 1 error in .*leaky, and it was not staged\.\n {2}.*"http:\/\/10\.1\.2\.3" is an address of one site\. \[site-address\]/, ['publish', 'leaky']);
    await fails(2, /There is nothing to sign/, ['sign', '--key', 'keys/board.key']);
    await here(cwd, ['publish', TEMPLATE]);
    await fails(2, /Governance board is not among those who sign procure-to-pay/, ['sign', '--key', 'keys/board.key']);
    await fails(1, /the passphrase is wrong, or the file was changed/, ['sign', '--key', 'keys/procure-to-pay.key'], { input: 'another passphrase\n' });
    await fails(2, /No passphrase came on standard input/, ['sign', '--key', 'keys/procure-to-pay.key'], { input: '' });
    await fails(2, /is no version of a template or a service: family\/name@1\.2\.3/, ['deprecate', 'goods-receipt', '--sunset', '2027-01-01']);
    await fails(2, /There is no catalogue at \/nowhere: no such folder/, ['verify', '/nowhere']);
    await fails(2, /Say by which root it is to be trusted/, ['verify', 'https://central.example/']);
    await fails(1, /Say whose key it is/, ['key', 'x.key', '--name', ' ']);
    await fails(1, /all of which can be seen/, ['key', 'x.key', '--name', 'Ada\u202e']);
    await fails(2, /Say with which key, or from which files/, ['sign']);
    await fails(2, /There is no ring "everybody"/, ['promote', `${ID}@${VERSION}`, '--ring', 'everybody']);
    await fails(1, /The catalogue has no procure-to-pay\/goods-receipt@3\.0\.0/, ['revoke', `${ID}@3.0.0`, '--reason', 'x']);
    await fails(2, /beginning|begins with abcdef/, ['rotate', '--key', 'abcdef', '--new', 'keys/board.key.pub']);
    assert.equal((await piped(cwd, ['sign', '--key', 'keys/procure-to-pay.key', '--online-key', 'keys/online.key'], `${PASSPHRASE}\n${PASSPHRASE}\n`)).code, 0, 'two passphrases by one pipe');
  });

  it('verifies what was changed on the way, with exit code 1', async () => {
    const cwd = temporary('cli');
    await here(cwd, ['init', '--make-keys', 'keys', '--family', 'procure-to-pay']);
    await here(cwd, ['publish', TEMPLATE]);
    await here(cwd, ['sign', '--key', 'keys/procure-to-pay.key', '--online-key', 'keys/online.key']);
    cpSync(path.join(cwd, 'catalogue/public'), path.join(cwd, 'copy'), { recursive: true });
    const folder = path.join(cwd, 'copy/targets/templates', ID);
    const file = path.join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(file, readFileSync(file, 'utf8').replace(`"version":"${VERSION}"`, `"version":"${VERSION.replace(/\d$/, (last) => last === '9' ? '8' : '9')}"`));
    const { code, out } = await here(cwd, ['verify', 'copy']);
    assert.equal(code, 1);
    assert.match(out, /Refused \(mismatch\): The file templates\/procure-to-pay\/goods-receipt\/\S+\.json is not the one that was signed/);
  });

  it('serves what is signed over HTTP, and nothing beside it', async () => {
    const cwd = temporary('cli');
    await here(cwd, ['init', '--make-keys', 'catalogue/keys', '--family', 'procure-to-pay', '--ring', 'all']);
    await here(cwd, ['publish', TEMPLATE]);
    await here(cwd, ['sign', '--key', 'catalogue/keys/procure-to-pay.key']);
    const server = spawn(process.execPath, [path.join(ROOT, 'src/cli/waybill.ts'), 'catalogue', 'serve', '--port', '0'], { cwd, env: { ...process.env, WAYBILL_PASSPHRASE: PASSPHRASE } });
    try {
      let said = '';
      for await (const data of server.stdout) {
        said += String(data);
        if (/statement is/.test(said)) break;
      }
      const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0] ?? '';
      const site = await openSite({ public: address, rootFile: path.join(cwd, 'catalogue/public/metadata/1.root.json') });
      assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
      assert.equal(site.templates().length, 1);
      for (const odd of ['keys/board.key', '../catalogue.json', 'catalogue.json', 'metadata/../../catalogue.json', 'metadata/%2e%2e/%2e%2e/catalogue.json', 'metadata/', 'drafts/targets.json', 'metadata/99.root.json']) {
        assert.equal((await fetch(`${address}${odd}`)).status, 404, odd);
      }
      assert.equal((await fetch(`${address}metadata/timestamp.json`, { method: 'PUT', body: '{}' })).status, 405);
      const statement = await fetch(`${address}metadata/timestamp.json`);
      const tag = statement.headers.get('etag') ?? '';
      assert.match(tag, /^"[0-9a-f]{64}"$/);
      assert.equal(statement.headers.get('cache-control'), 'no-cache');
      for (const known of [tag, `"x", W/${tag}`, '*']) {
        const again = await fetch(`${address}metadata/timestamp.json`, { headers: { 'If-None-Match': known } });
        assert.deepEqual([again.status, again.headers.get('etag'), await again.text()], [304, tag, '']);
      }
      assert.equal((await fetch(`${address}metadata/timestamp.json`, { headers: { 'If-None-Match': '"old"' } })).status, 200);
      const head = await fetch(`${address}metadata/timestamp.json`, { method: 'HEAD' });
      assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, String((await statement.arrayBuffer()).byteLength), '']);
      mkdirSync(path.join(cwd, 'catalogue/public/metadata/9.x.json'));
      symlinkSync(path.join(cwd, 'catalogue/catalogue.json'), path.join(cwd, 'catalogue/public/metadata/8.x.json'));
      for (const name of ['9.x.json', '8.x.json', `${'a'.repeat(300)}.json`, '1.root.json/x.json']) assert.equal((await fetch(`${address}metadata/${name}`)).status, 404, name);
    } finally {
      server.kill('SIGTERM');
      const [code] = await once(server, 'exit') as [number];
      assert.equal(code, 0);
    }
  });
});
