import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { expectedManifest, readPackageJson } from '../../scripts/lib/manifest.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { freePort } from '../../scripts/lib/free-port.ts';
import { startBareNodeRed } from '../support/bare-node-red.ts';
import { EVERY_COMBINATION } from '../support/every-combination.ts';
import type { BareNodeRed } from '../support/bare-node-red.ts';
import { bareNodeRed, cached, CHECKER, cleanEnvironment, install, isCached, NEWEST, NODE_22, NODE_TOO_OLD, nodeBinary, npm, OLDEST } from './support/installations.ts';

const run = promisify(execFile);

/** A combination that has to load the package. */
interface Site {
  readonly nodeRed: string;
  /** See nodeBinary(). */
  readonly node: string;
}

/** The oldest and the newest line of Node-RED on both lines of Node.js that the package supports, and the very lowest of both: that one is of line 22, too. */
const SITES: readonly Site[] = [
  { nodeRed: OLDEST, node: 'floor' },
  ...(EVERY_COMBINATION ? [{ nodeRed: OLDEST, node: NODE_22 }] : []),
  { nodeRed: OLDEST, node: 'pinned' },
  { nodeRed: NEWEST, node: NODE_22 },
  { nodeRed: NEWEST, node: 'pinned' },
];

/** What Node-RED itself warns of in a new, headless folder. */
const NODE_RED_WARNINGS = /Projects disabled|Encrypted credentials not found|Flow file not found/;

/** What the checker finds and docs/decisions/0023-flow-library-checker.md explains. */
const EXPLAINED: readonly string[] = ['P03', 'P07', 'D01', 'D03'];

interface SetInfo {
  readonly id: string;
  readonly name: string;
  readonly module: string;
  readonly enabled: boolean;
  readonly types?: readonly string[];
  readonly err?: unknown;
}

describe('the packed package', function () {
  this.timeout(300_000);
  const { name: packageName } = readPackageJson();
  const expected = expectedManifest();
  let work: string;
  let site: string;
  let users = 0;

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

  const installed = (): string => path.join(site, 'node_modules', packageName);

  /** A user folder with the package installed. */
  function userFolder(): string {
    users += 1;
    const folder = path.join(work, `user-${users}`);
    cpSync(site, folder, { recursive: true });
    return folder;
  }

  it('holds what it should and nothing of the workshop', () => {
    const top = readdirSync(installed()).sort();
    assert.deepEqual(top.filter((name) => ['src', 'test', 'bench', 'scripts', 'node_modules', 'nodes', 'demo', '.ci'].includes(name)), []);
    assert.ok(top.includes('LICENSE'));
    for (const file of [...Object.values(expected.nodes), ...Object.values(expected.plugins)]) {
      assert.ok(existsSync(path.join(installed(), file)), file);
    }
    const files = readdirSync(installed(), { recursive: true }).map(String);
    assert.deepEqual(files.filter((file) => /\.(map|ts|tsx|vue)$|\.test\.|(^|\/)(fixtures?|mocks?|\.stamps)(\/|$)/.test(file)), []);
    // Test libraries that slip into the bundle are found by their names in it.
    const notices = readFileSync(path.join(installed(), 'dist/THIRD-PARTY-NOTICES.md'), 'utf8');
    // The dates of public holidays are under CC BY-SA, which asks for their sources by name.
    assert.match(notices, /^## date-holidays [\s\S]*CC BY-SA 3\.0[\s\S]*wikipedia\.org\/wiki\/Feiertage_in_Deutschland/m);
    assert.doesNotMatch(notices, /^## (mocha|fast-check|playwright-core|selfsigned|axe-core|oidc-provider|aedes|node-red)/m);
  });

  it('has every file that its exports and its command name, and runs the command', async () => {
    const manifest = JSON.parse(readFileSync(path.join(installed(), 'package.json'), 'utf8')) as { exports: Record<string, string>; bin: Record<string, string> };
    for (const file of [...Object.values(manifest.exports), ...Object.values(manifest.bin)]) assert.ok(existsSync(path.join(installed(), file)), file);
    for (const node of ['floor', 'pinned']) {
      const { stdout } = await run(await nodeBinary(node), [path.join(installed(), manifest.bin['waybill'] ?? ''), '--help']);
      assert.match(stdout, /^Usage: waybill/);
    }
  });

  it('is small', () => {
    const [tarball] = readdirSync(work).filter((file) => file.endsWith('.tgz'));
    // 2.5 MiB until OPC UA, Sparkplug and CloudEvents came, 3 MiB until the connectors (undici alone is a fifth of one), 3.5 MiB until other systems could call
    assert.ok(statSync(path.join(work, tarball ?? '')).size < 3.8 * 1_048_576);
  });

  for (const { nodeRed, node } of SITES) {
    describe(`in a bare Node-RED ${nodeRed} on Node.js ${node}`, () => {
      let red: BareNodeRed;

      before(async () => {
        red = await startBareNodeRed({ nodeRed: await bareNodeRed(nodeRed), userDir: userFolder(), node: await nodeBinary(node) });
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

      it('serves the pages', async () => {
        assert.match(await red.text('/waybill/', 'text/html'), /<base href="\/waybill\/"/);
        assert.equal(((await red.json('/waybill/readyz')) as { status: string }).status, 'ready');
      });

      it('says nothing of an error or a warning, and ends on SIGTERM', async () => {
        const said = red.log().split('\n').filter((line) => /\[(error|warn)\]|Warning:/.test(line) && !NODE_RED_WARNINGS.test(line));
        // Node.js 22 announces node:sqlite, on which the ledger stands, as experimental; see docs/decisions/0001-node-floor.md.
        assert.deepEqual(said.filter((line) => !/ExperimentalWarning: SQLite/.test(line)), []);
        assert.equal(await red.stop(), 0);
      });
    });
  }

  /** The status of a node as the editor shows it: kept by Node-RED and given to whoever subscribes. */
  async function shownStatus(red: BareNodeRed, id: string): Promise<{ readonly fill: string; readonly text: string }> {
    const socket = new WebSocket(`${red.baseUrl.replace('http', 'ws')}/comms`);
    try {
      return await new Promise((resolve, reject) => {
        socket.onopen = () => { socket.send(JSON.stringify({ subscribe: 'status/#' })); };
        socket.onerror = () => { reject(new Error('no connection to the editor\'s messages')); };
        socket.onmessage = ({ data }) => {
          const found = ([JSON.parse(String(data))].flat() as { topic?: string; data: { fill: string; text: string } }[]).find(({ topic }) => topic === `status/${id}`);
          if (found !== undefined) resolve(found.data);
        };
      });
    } finally {
      socket.close();
    }
  }

  describe('with no change to settings.js', () => {
    /** Signs in by the link that the log shows; answers the answer to the button. */
    async function signInByLog(red: BareNodeRed): Promise<Response> {
      await red.said(/Open this link once[^\n]*: http\S+\s/);
      const link = /Open this link once[^\n]*: (http\S+)/.exec(red.log())?.[1];
      assert.ok(link, red.log());
      assert.equal((await fetch(link)).status, 200);
      return await fetch(link, { method: 'POST', headers: { origin: new URL(link).origin }, redirect: 'manual' });
    }

    it('keeps its home in the user folder, is below the node root, and lets the first person in by a link', async () => {
      const userDir = userFolder();
      const options = { nodeRed: await bareNodeRed(NEWEST), userDir, settings: { httpNodeRoot: '/red', httpAdminRoot: '/admin' }, env: { WAYBILL_HOME: '' } };
      let red = await startBareNodeRed(options);
      try {
        await red.said(/\[waybill\] Inbox: /);
        assert.ok(red.log().includes(`[waybill] Inbox: ${red.baseUrl}/red/waybill/`), red.log());
        assert.equal(statSync(path.join(userDir, '.waybill')).mode & 0o777, 0o700);
        const answer = await signInByLog(red);
        assert.equal(answer.status, 303);
        assert.equal(answer.headers.get('location'), '/red/waybill/');
        const cookie = answer.headers.getSetCookie().map((each) => each.split(';')[0]).join('; ');
        const me = await fetch(`${red.baseUrl}/red/waybill/api/v1/me`, { headers: { cookie } });
        assert.deepEqual(((await me.json()) as { roles: string[] }).roles, ['admin']);
        assert.equal((await signInByLog(red)).status, 410);
      } finally {
        await red.stop();
      }
      // Nobody has set a password yet, so the next start gives a way in again.
      red = await startBareNodeRed(options);
      try {
        assert.equal((await signInByLog(red)).status, 303);
      } finally {
        await red.stop();
      }
    });

    it('takes the port that is named when Node-RED asks for a password in front of all pages', async () => {
      const port = await freePort();
      const red = await startBareNodeRed({
        nodeRed: await bareNodeRed(NEWEST), userDir: userFolder(), env: { WAYBILL_WEB_PORT: String(port), WAYBILL_ADMIN_PASSWORD: 'a password for this test' },
        settings: { httpNodeAuth: { user: 'u', pass: '$2b$08$KHbHvEBoCLr9Yl8oPZaCZe6zT6hJ5lYj8yWjV6v0cQv3eS3tS2Wbe' } },
      });
      try {
        await red.said(/\[waybill\] Inbox: /);
        assert.equal((await fetch(`http://127.0.0.1:${port}/waybill/healthz`)).status, 200);
        assert.equal((await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' })).headers.get('location'), '/waybill/');
        assert.equal((await fetch(`${red.baseUrl}/waybill/healthz`)).status, 401);
        assert.match(red.log(), /httpNodeAuth asks for a password of its own/);
        assert.match(red.log(), /with the password of WAYBILL_ADMIN_PASSWORD/);
        assert.doesNotMatch(red.log(), /a password for this test|Open this link once/);
      } finally {
        await red.stop();
      }
    });

    it('takes a free port when Node-RED serves no pages of nodes, and says so when the one named is taken', async () => {
      const userDir = userFolder();
      const taken = createServer((_request, response) => { response.end('another program'); });
      taken.listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      const options = { nodeRed: await bareNodeRed(OLDEST), userDir, settings: { httpNodeRoot: false } };
      let red = await startBareNodeRed(options);
      try {
        await red.said(/\[waybill\] Inbox: .*\n/);
        const url = /\[waybill\] Inbox: (http:\/\/127\.0\.0\.1:\d+\/waybill\/) \(a port of its own/.exec(red.log())?.[1];
        assert.ok(url, red.log());
        assert.equal((await fetch(`${url}healthz`)).status, 200);
      } finally {
        await red.stop();
      }
      red = await startBareNodeRed({ ...options, env: { WAYBILL_WEB_PORT: String(port) } });
      try {
        await red.said(/pages are not served: .*\n/);
        assert.match(red.log(), new RegExp(`\\[error\\] \\[waybill\\] Waybill's pages are not served: port ${port} of WAYBILL_WEB_PORT is taken`));
        assert.equal(((await red.json('/nodes')) as SetInfo[]).filter((set) => set.module === packageName && set.err !== undefined).length, 0);
      } finally {
        await red.stop();
        taken.close();
      }
    });

    it('says why it does nothing on a Node.js that is too old, shows it on the nodes, and leaves the others alone', async () => {
      const userDir = userFolder();
      const flows = [
        { id: 'tab1', type: 'tab', label: 'Flow 1' },
        { id: 'say1', type: 'debug', z: 'tab1', name: '', active: true, tosidebar: false, console: true, complete: 'true', targetType: 'full', wires: [] },
        { id: 'plain1', type: 'inject', z: 'tab1', name: '', props: [{ p: 'payload' }], repeat: '', once: true, onceDelay: 0.1, topic: '', payload: 'others work', payloadType: 'str', wires: [['say1']] },
        { id: 'close1', type: 'waybill-case-close', z: 'tab1', name: '', stepId: 'close', configVersion: 1, wires: [] },
      ];
      writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(flows));
      const red = await startBareNodeRed({ nodeRed: await bareNodeRed(OLDEST), userDir, node: await nodeBinary(NODE_TOO_OLD), env: { WAYBILL_HOME: '' } });
      try {
        assert.match(red.log(), /\[error\] \[waybill\] Waybill refuses to work: Waybill needs Node\.js 22\.22\.2 or later of line 22, .*; this is 20\.19\.0/);
        const sets = ((await red.json('/nodes')) as SetInfo[]).filter((set) => set.module === packageName);
        assert.deepEqual(sets.filter((set) => set.err !== undefined), []);
        await red.said(/others work/);
        const status = await shownStatus(red, 'close1');
        assert.equal(status.fill, 'red');
        assert.match(status.text, /^Waybill needs Node\.js 22\.22\.2 or later/);
        assert.equal(existsSync(path.join(userDir, '.waybill')), false);
        assert.equal(await red.stop(), 0);
      } finally {
        await red.stop();
      }
    });
  });

  for (const nodeRed of [OLDEST, NEWEST]) {
    it(`is adopted by "waybill init" in Node-RED ${nodeRed} as it comes, and let go again`, async () => {
      const userDir = userFolder();
      const folder = await bareNodeRed(nodeRed);
      const settingsFile = path.join(userDir, 'settings.js');
      const before = readFileSync(path.join(folder, 'settings.js'), 'utf8').replace('//uiHost: "127.0.0.1"', 'uiHost: "127.0.0.1"');
      writeFileSync(settingsFile, before);
      const waybill = async (...args: string[]): Promise<string> =>
        (await run(process.execPath, [path.join(userDir, 'node_modules', packageName, 'dist/cli/waybill.js'), ...args, '--user-dir', userDir], { env: { ...cleanEnvironment(), WAYBILL_HOME: '' } })).stdout;
      await waybill('init', '--yes', '--site', 'dc-5');
      const red = await startBareNodeRed({ nodeRed: folder, userDir, settingsFile, env: { WAYBILL_HOME: '' } });
      try {
        assert.ok(existsSync(path.join(userDir, '.waybill/ledger.db')));
        assert.equal((await fetch(`${red.baseUrl}/flows`)).status, 401);
        const login = (await red.json('/auth/login')) as { type: string };
        assert.equal(login.type, 'strategy');
        assert.equal((await fetch(`${red.baseUrl}/waybill/healthz`)).status, 200);
      } finally {
        await red.stop();
      }
      await waybill('init', '--undo', '--yes');
      assert.equal(readFileSync(settingsFile, 'utf8'), before);
    });
  }

  it('passes the flow library\'s own checker but for what is explained', async function () {
    if (!isCached(CHECKER) && process.env['WAYBILL_REQUIRE_ALL'] !== '1') this.skip();
    const checker = path.join(await cached(CHECKER), 'node_modules/node-red-dev');
    const card = path.join(work, 'scorecard.json');
    await run(process.execPath, ['-r', path.join(ROOT, 'test/house/support/checker-preload.cjs'), path.join(checker, 'bin/run'), 'validate', '--path', installed(), '--output', card], {
      cwd: work, env: cleanEnvironment(), maxBuffer: 16 * 1_048_576,
    });
    const result = JSON.parse(readFileSync(card, 'utf8')) as Record<string, { readonly test?: boolean }>;
    const failed = Object.keys(result).filter((rule) => result[rule]?.test === false);
    assert.deepEqual(failed.filter((rule) => !EXPLAINED.includes(rule)), []);
    const note = readFileSync(path.join(ROOT, 'docs/decisions/0023-flow-library-checker.md'), 'utf8');
    for (const rule of failed) assert.ok(note.includes(`\`${rule}\``), rule);
    // Each part of the checker has run.
    for (const rule of ['P01', 'P04', 'P05', 'P06', 'N02', 'D02']) assert.equal(result[rule]?.test, true, rule);
  });
});
