import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { EVERY_COMBINATION } from '../../support/every-combination.ts';
import { asker, hello, twins } from './support/flows.ts';
import { startGated } from './support/gated-node-red.ts';
import type { Gated, GatedOptions } from './support/gated-node-red.ts';

const NEWEST = '5.0.7';

for (const version of [NEWEST, '4.1.15']) {
  // The older line is asked how it starts, reloads and stores; what the gate makes of that is the same for both.
  const own = (title: string, test: () => Promise<void>): void => { if (version === NEWEST || EVERY_COMBINATION) it(title, test); };

  describe(`flows that lie on the disk, with the gate of Node-RED ${version}`, function () {
    this.timeout(60_000);
    let userDir: string;
    let nodeRed: Gated | undefined;

    before(() => { execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' }); });
    beforeEach(() => { userDir = mkdtempSync(path.join(tmpdir(), 'waybill-rest-')); });
    afterEach(async () => {
      await nodeRed?.stop();
      nodeRed = undefined;
      rmSync(userDir, { recursive: true, force: true });
    });

    const disk = (): string => path.join(userDir, 'flows.json');
    const gateFile = (name: string): string => path.join(userDir, 'waybill-home/gate', name);
    const start = async (more: Partial<GatedOptions> = {}): Promise<Gated> => nodeRed = await startGated({ version, userDir, ...more });
    const restart = async (more: Partial<GatedOptions> = {}): Promise<Gated> => {
      await nodeRed?.stop();
      return start(more);
    };
    const says = async (expected: string | undefined, id = 'hello'): Promise<void> => {
      for (let n = 0; ; n += 1) {
        const response = await fetch(`${nodeRed?.baseUrl ?? ''}/${id}`);
        const text = response.ok ? await response.text() : undefined;
        if (text === expected) return;
        if (n > 60) assert.equal(text, expected);
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
    };

    it('run again when they are what was admitted last, without another admission', async () => {
      await start();
      assert.equal((await nodeRed!.deploy(hello('one'))).status, 200);
      await says('one');
      await restart();
      await says('one');
      assert.deepEqual(nodeRed!.events('DeployAdmitted').map(({ way }) => way), ['start', 'deploy']);
      assert.deepEqual(nodeRed!.events('DriftDetected'), []);
    });

    own('are admitted when they were changed and break no rule, and the ledger says that they drifted', async () => {
      await start();
      await nodeRed!.deploy(hello('one'));
      await nodeRed!.stop();
      writeFileSync(disk(), JSON.stringify(hello('by hand')));
      await restart();
      await says('by hand');
      assert.deepEqual(nodeRed!.events('DriftDetected').map(({ what, outcome }) => [what, outcome]), [['flows', 'admitted']]);
      assert.deepEqual(nodeRed!.events('DeployAdmitted').map(({ way }) => way), ['start', 'deploy', 'start']);
    });

    own('that are damaged or gone stop nothing: what was admitted last runs', async () => {
      await start();
      await nodeRed!.deploy(hello('one'));
      for (const damage of [() => { writeFileSync(disk(), '[{"id":'); }, () => { rmSync(disk()); }]) {
        await nodeRed!.stop();
        damage();
        rmSync(path.join(userDir, '.flows.json.backup'), { force: true });
        await restart();
        await says('one');
      }
      assert.deepEqual(nodeRed!.events('DriftDetected').map(({ what, outcome }) => [what, outcome]), [['flows', 'refused'], ['flows', 'refused']]);
      assert.equal((await nodeRed!.deploy([])).status, 200, 'who deploys nothing gets nothing');
      await restart();
      await says(undefined);
    });

    own('are set aside when they break a rule; what was admitted last runs, credentials included', async () => {
      await start();
      assert.equal((await nodeRed!.deploy([...hello('one'), asker({ user: 'ada', password: 'secret' })])).status, 200);
      await nodeRed!.stop();
      writeFileSync(disk(), JSON.stringify([...hello('tampered'), ...twins()]));
      rmSync(path.join(userDir, 'flows_cred.json'));
      await restart();
      await says('one');
      assert.equal((await nodeRed!.flows()).length, 5, 'the editor shows what runs');
      assert.deepEqual(await nodeRed!.json('/credentials/http-request/asker'), { user: 'ada', has_password: true });
      const [refused] = nodeRed!.events('DeployRefused');
      assert.equal(refused?.['way'], 'start');
      const aside = readdirSync(path.join(userDir, 'waybill-home/gate')).filter((name) => name.startsWith('refused-'));
      assert.equal(aside.length, 1);
      assert.equal(refused?.['setAside'], gateFile(aside[0]!));
      assert.equal((JSON.parse(readFileSync(gateFile(aside[0]!), 'utf8')) as object[]).length, 7);

      // The same again at the next start: refused again, kept once.
      await restart();
      await says('one');
      assert.equal(readdirSync(path.join(userDir, 'waybill-home/gate')).filter((name) => name.startsWith('refused-')).length, 1);
      assert.equal((await nodeRed!.deploy(hello('two'))).status, 200, 'and can be deployed over');
      await says('two');
      await restart();
      await says('two');
    });

    it('are set aside at a reload as well', async () => {
      await start();
      await nodeRed!.deploy(hello('one'));
      writeFileSync(disk(), JSON.stringify([...hello('tampered'), ...twins()]));
      assert.equal((await nodeRed!.send('POST', '/flows', undefined, { 'node-red-deployment-type': 'reload', 'node-red-api-version': 'v2' })).status, 200);
      await says('one');
      assert.deepEqual(nodeRed!.events('DeployRefused').map(({ way }) => way), ['reload']);
      writeFileSync(disk(), JSON.stringify(hello('pulled')));
      await nodeRed!.send('POST', '/flows', undefined, { 'node-red-deployment-type': 'reload', 'node-red-api-version': 'v2' });
      await says('pulled');
    });

    own('do not start when they break a rule and nothing was admitted before, can be seen, mended and deployed', async () => {
      writeFileSync(disk(), JSON.stringify([...hello('first'), ...twins()]));
      await start();
      await says(undefined);
      assert.equal((await nodeRed!.flows()).length, 7);
      assert.equal((await nodeRed!.deploy([...hello('first'), ...twins()])).status, 422);
      await says(undefined);
      assert.equal((await nodeRed!.deploy(hello('mended'))).status, 200);
      await says('mended');
      await restart();
      await says('mended');
    });

    own('do not count as admitted when somebody has put an older copy of the gate back, or has written one', async () => {
      await start();
      await nodeRed!.deploy(hello('one'));
      await nodeRed!.stop();
      copyFileSync(gateFile('admitted.json'), path.join(userDir, 'old.json'));
      const old = readFileSync(disk());
      await restart();
      await nodeRed!.deploy(hello('two'));
      await nodeRed!.stop();
      copyFileSync(path.join(userDir, 'old.json'), gateFile('admitted.json'));
      writeFileSync(disk(), old);
      await restart();
      await says('one');
      const drift = (): unknown => nodeRed!.events('DriftDetected').map(({ what, outcome }) => [what, outcome]);
      assert.deepEqual(drift(), [['admitted-copy', 'ignored'], ['flows', 'admitted']]);
      assert.equal(nodeRed!.events('DeployAdmitted').length, 4, 'it was judged and admitted anew');

      await nodeRed!.stop();
      const copy = JSON.parse(readFileSync(gateFile('admitted.json'), 'utf8')) as { flows: unknown[]; hash: string };
      writeFileSync(disk(), JSON.stringify([...hello('forged'), ...twins()]));
      const { flowsHash } = await import('../../../src/governance/gate/content.ts');
      const flows = JSON.parse(readFileSync(disk(), 'utf8')) as unknown[];
      writeFileSync(gateFile('admitted.json'), JSON.stringify({ ...copy, flows, hash: flowsHash(flows) }));
      await restart();
      await says(undefined);
      assert.equal(nodeRed!.events('DeployRefused').at(-1)?.['way'], 'start');
    });

    own('are admitted in warn mode with a baseline of that day; what comes to them is refused once the site enforces', async () => {
      writeFileSync(disk(), JSON.stringify([...hello('old'), ...twins()]));
      await start({ env: { WAYBILL_GATE: 'warn' } });
      await says('old');
      assert.deepEqual(nodeRed!.events('BaselineTaken').length, 1);
      await restart();
      await says('old');
      assert.equal((await nodeRed!.deploy([...hello('new'), ...twins()])).status, 200, 'the old breach blocks nobody');
      const third = { id: 'twin-3', type: 'waybill-audit', z: 'twins-tab', name: 'twin-3', stepId: 'evidence', configVersion: 1, x: 100, y: 100, wires: [[]] };
      const { status, body } = await nodeRed!.deploy([...hello('new'), ...twins(), third]);
      assert.equal(status, 422);
      const yours = body.remote?.findings.filter(({ rule }) => rule === 'duplicate-step-id').map(({ node, yours: mine }) => [node?.id, mine]);
      assert.deepEqual(yours, [['twin-3', true], ['twin-2', false]]);

      await nodeRed!.stop();
      const baseline = JSON.parse(readFileSync(gateFile('baseline.json'), 'utf8')) as { findings: object[] };
      writeFileSync(gateFile('baseline.json'), JSON.stringify({ ...baseline, takenAt: '2026-01-01T00:00:00.000Z' }));
      await restart();
      assert.deepEqual(nodeRed!.events('DriftDetected').map(({ what, outcome }) => [what, outcome]), [['baseline', 'ignored']]);
      assert.equal((await nodeRed!.deploy([...hello('newer'), ...twins()])).status, 422);
      assert.equal(existsSync(gateFile('baseline.json')), true);
    });

    it('pass through another storage module, of which the gate is told', async () => {
      mkdirSync(path.join(userDir, 'store'), { recursive: true });
      writeFileSync(path.join(userDir, 'store/index.js'), `
        const fs = require('node:fs'); const file = (n) => require('node:path').join(__dirname, n);
        const read = (n, none) => fs.existsSync(file(n)) ? JSON.parse(fs.readFileSync(file(n), 'utf8')) : none;
        const write = async (n, v) => fs.writeFileSync(file(n), JSON.stringify(v));
        module.exports = { async init() {}, async getFlows() { return read('f.json', []); }, saveFlows: (v) => write('f.json', v), async getCredentials() { return read('c.json', {}); }, saveCredentials: (v) => write('c.json', v),
          async getSettings() { return read('s.json', null); }, saveSettings: (v) => write('s.json', v), async getLibraryEntry() { return []; }, async saveLibraryEntry() {} };`);
      await start({ layers: ['gate'], expressions: { storageModule: `require(${JSON.stringify(path.join(ROOT, 'dist/settings/storage.cjs'))})({ storageModule: require('./store') })` } });
      assert.equal((await nodeRed!.deploy(hello('elsewhere'))).status, 200);
      await says('elsewhere');
      assert.equal((await nodeRed!.deploy([...hello('bad'), ...twins()])).status, 422);
      assert.equal((JSON.parse(readFileSync(path.join(userDir, 'store/f.json'), 'utf8')) as object[]).length, 4);
      assert.equal(existsSync(disk()), false);
    });
  });
}
