import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { asker, hello } from './support/flows.ts';
import { startGated } from './support/gated-node-red.ts';
import type { Gated } from './support/gated-node-red.ts';

/**
 * A storage in files that ends the process like a power cut, with SIGKILL, at the point that the file `crash` names; so does
 * writing the gate's own files.
 */
const STORE = `
const fs = require('node:fs'); const fsp = require('node:fs/promises'); const path = require('node:path');
const file = (name) => path.join(__dirname, name);
const at = (point) => { if (fs.existsSync(file('crash')) && fs.readFileSync(file('crash'), 'utf8') === point) { process.kill(process.pid, 'SIGKILL'); return new Promise(() => {}); } };
const open = fsp.open;
fsp.open = async (name, ...more) => { await at('open ' + path.basename(String(name))); return open(name, ...more); };
require('node:module').syncBuiltinESMExports();
const read = (name, none) => (fs.existsSync(file(name)) ? JSON.parse(fs.readFileSync(file(name), 'utf8')) : none);
const write = (name, value) => fs.writeFileSync(file(name), JSON.stringify(value));
module.exports = {
  async init() {}, async getFlows() { return read('f.json', []); }, async getCredentials() { return read('c.json', {}); },
  async saveCredentials(value) { await at('before credentials'); write('c.json', value); await at('after credentials'); },
  async saveFlows(value) { await at('before save'); write('f.json', value); await at('after save'); },
  async getSettings() { return read('s.json', null); }, async saveSettings(value) { write('s.json', value); },
  async getLibraryEntry() { return []; }, async saveLibraryEntry() {},
};`;

/** What is on the disk, and so what runs, after a crash there. */
const POINTS: Readonly<Record<string, 'one' | 'two'>> = {
  'open pending.json.new': 'one', 'before credentials': 'one', 'after credentials': 'one', 'before save': 'one', 'after save': 'two', 'open admitted.json.new': 'two',
};

describe('SIGKILL in the middle of a deploy', function () {
  this.timeout(60_000);
  let userDir: string;
  let nodeRed: Gated | undefined;

  before(() => { execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' }); });
  afterEach(async () => {
    await nodeRed?.stop();
    nodeRed = undefined;
    rmSync(userDir, { recursive: true, force: true });
  });

  const start = async (): Promise<Gated> => nodeRed = await startGated({
    version: '5.0.7', userDir, layers: ['gate'], expressions: { storageModule: `require(${JSON.stringify(path.join(ROOT, 'dist/settings/storage.cjs'))})({ storageModule: require('./store.js') })` },
  });
  const says = async (expected: string): Promise<void> => {
    for (let n = 0; ; n += 1) {
      const response = await fetch(`${nodeRed!.baseUrl}/hello`);
      const text = await response.text();
      if (response.ok && text === expected) return;
      if (n > 60) assert.equal(text, expected);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  };

  for (const [point, runs] of Object.entries(POINTS)) {
    it(`${point}: what is on the disk runs, is admitted once, and nothing drifted`, async () => {
      userDir = mkdtempSync(path.join(tmpdir(), 'waybill-kill-'));
      writeFileSync(path.join(userDir, 'store.js'), STORE);
      await start();
      assert.equal((await nodeRed!.deploy([...hello('one'), asker({ user: 'ada', password: 'first' })])).status, 200);
      await says('one');
      writeFileSync(path.join(userDir, 'crash'), point);
      await assert.rejects(nodeRed!.deploy([...hello('two'), asker({ user: 'eve', password: 'second' })]));
      rmSync(path.join(userDir, 'crash'));

      await nodeRed!.stop();
      await start();
      await says(runs);
      const deploys = nodeRed!.events('DeployAdmitted');
      assert.deepEqual(deploys.map(({ way }) => way), ['start', 'deploy', ...(runs === 'two' ? ['deploy'] : [])]);
      assert.equal(new Set(deploys.map(({ deployId }) => deployId)).size, deploys.length);
      assert.deepEqual(nodeRed!.events('DriftDetected'), []);
      assert.equal(existsSync(path.join(userDir, 'waybill-home/gate/admitted.json')), true);

      assert.equal((await nodeRed!.deploy([...hello('three'), asker({ user: 'eve', password: 'third' })])).status, 200);
      await says('three');
    });
  }
});
