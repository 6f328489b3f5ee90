import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts';
import { parseVerifierKey, proofBundleFromJson, verifyProofBundle } from '../../src/ledger/transparency/index.ts';
import { needs } from '../support/system-programs.ts';
import { closed, commit, completed, entered, opened, withFolder } from './support.ts';

const root = join(import.meta.dirname, '../..');

interface Run { readonly code: number; readonly out: string; readonly err: string }

function waybill(home: string, ...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'src/cli/waybill.ts'), 'ledger', ...args], { env: { ...process.env, WAYBILL_HOME: home } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

/** A ledger with one whole case among others. */
async function filled(home: string): Promise<{ origin: string; verifierKey: string }> {
  const ledger = await openSqliteLedger({ home, site: 'dc-1', origin: 'waybill.example/dc-1' });
  await Promise.all(Array.from({ length: 300 }, (_, i) => ledger.append(commit(`other-${i}`, 0, opened()))));
  await ledger.append(commit('the-case', 0, opened({ keys: ['0034'] }), completed('scan', 't1'), entered('r1', 't1')));
  await Promise.all(Array.from({ length: 20 }, (_, i) => ledger.append(commit(`later-${i}`, 0, opened()))));
  await ledger.append(commit('the-case', 3, completed('r1'), closed()));
  await ledger.close();
  return { origin: ledger.origin, verifierKey: ledger.verifierKey };
}

describe('waybill ledger', function () {
  this.timeout(60_000);

  it('verifies, and finds one byte that was changed', () => withFolder(async (home) => {
    await filled(home);
    const good = await waybill(home, 'verify');
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, /325 events, 325 of them under a good checkpoint[^]*Unwitnessed since \d{4}-[^]*OK: nothing was changed, lost or moved\.\n$/);
    const path = join(home, 'ledger.db');
    const db = new DatabaseSync(path);
    db.exec(`UPDATE events SET leaf = CAST(replace(CAST(leaf AS TEXT), '"epoch":1', '"epoch":2') AS BLOB) WHERE stream_id = 'the-case' AND version = 2`);
    db.close();
    const bad = await waybill(home, 'verify');
    assert.equal(bad.code, 1);
    assert.match(bad.out, /FOUND leaf-changed: event 302 \(StepCompleted, version 2 of case the-case\): its leaf was changed after it was signed/);
    const json = JSON.parse((await waybill(home, 'verify', '--json')).out) as { findings: { code: string; position: number }[] };
    assert.deepEqual(json.findings.filter(({ code }) => code === 'leaf-changed').map(({ position }) => position), [302]);
  }));

  it('exports every event as a line of JSON, personal content only when asked', () => withFolder(async (home) => {
    await filled(home);
    const all = (await waybill(home, 'export')).out.trimEnd().split('\n').map((line) => JSON.parse(line) as { position: number; leaf: { type: string }; content?: { text: string }; personal?: unknown });
    assert.deepEqual(all.map(({ position }) => position), Array.from({ length: 325 }, (_, i) => i + 1));
    assert.equal(all[300]?.leaf.type, 'CaseOpened@1');
    assert.match(all[300]?.content?.text ?? '', /"value":"0034"/);
    assert.ok(all.every(({ personal }) => personal === undefined));
    const out = join(home, 'export.jsonl');
    assert.equal((await waybill(home, 'export', '--from', '301', '--personal', '--out', out)).code, 0);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, 25);
    assert.match(lines[0]!, /Ann Example/);
  }));

  it('proves a case in the form that public tools verify', () => withFolder(async (home) => {
    const { origin, verifierKey } = await filled(home);
    const run = await waybill(home, 'prove', 'the-case');
    assert.equal(run.code, 0, run.err);
    const proof = JSON.parse(run.out) as { events: { leafBytes: string; personal?: unknown }[]; unsigned: number[] };
    assert.equal(proof.events.length, 5);
    assert.deepEqual(proof.unsigned, []);
    const bundle = proofBundleFromJson(proof);
    assert.deepEqual(bundle.inclusion.map(({ index }) => index), [300, 301, 302, 323, 324]);
    assert.deepEqual(bundle.inclusion.map(({ leaf }) => Buffer.from(leaf).toString('base64')), proof.events.map(({ leafBytes }) => leafBytes));
    assert.equal(verifyProofBundle(bundle, { origin, keys: [parseVerifierKey(verifierKey)] }).checkpoint.size, 325);
    const unknown = await waybill(home, 'prove', 'nobody');
    assert.deepEqual([unknown.code, unknown.err], [1, 'waybill ledger: The ledger knows no case nobody.\n']);
  }));

  it('proves a case to Go\'s sumdb/note and sumdb/tlog', function () {
    this.timeout(300_000);
    const go = needs(this, 'go');
    if (!existsSync('/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog')) {
      if (process.env['WAYBILL_REQUIRE_ALL'] === '1') throw new Error('golang-golang-x-mod-dev is not installed');
      this.skip();
    }
    return withFolder(async (home) => {
      const { origin, verifierKey } = await filled(home);
      const out = join(home, 'proof.json');
      assert.equal((await waybill(home, 'prove', 'the-case', '--out', out)).code, 0);
      const program = join(home, 'verify');
      const built = spawnSync(go, ['build', '-o', program, './test/go/verify'], { cwd: root, env: { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' }, encoding: 'utf8' });
      assert.equal(built.status, 0, built.stderr);
      const verified = spawnSync(program, ['-key', verifierKey, '-origin', origin, out], { encoding: 'utf8' });
      assert.match(verified.stdout, /^ok origin=waybill\.example\/dc-1 size=325 .*inclusion=5/, verified.stderr);
    });
  });

  it('rebuilds, and recovers a restored backup', () => withFolder(async (home) => {
    await filled(home);
    const db = new DatabaseSync(join(home, 'ledger.db'));
    db.exec('DELETE FROM case_keys');
    db.close();
    assert.match((await waybill(home, 'rebuild')).out, /^case_keys case_id=the-case type=sscc value=0034: missing\n325 events projected; 1 or more rows differed and were put right\.\n$/);
    assert.match((await waybill(home, 'rebuild')).out, /^325 events projected; the projections were what the events say\.\n$/);
    assert.match((await waybill(home, 'recover')).out, /nothing to recover/);
    copyFileSync(join(home, 'ledger.db'), join(home, 'backup'));
    const ledger = await openSqliteLedger({ home });
    await ledger.append(commit('lost', 0, opened()));
    await ledger.close();
    copyFileSync(join(home, 'backup'), join(home, 'ledger.db'));
    assert.match((await waybill(home, 'verify')).out, /FOUND behind-checkpoint/);
    assert.match((await waybill(home, 'recover')).out, /over 326 events was known, 325 are here[^]*Incarnation 2 is open/);
    assert.equal((await waybill(home, 'verify')).code, 0);
  }));

  it('says what is wrong with its arguments and where there is no ledger', () => withFolder(async (home) => {
    assert.deepEqual((({ code, err }) => [code, err.split('\n')[0]])(await waybill(home)), [2, 'waybill ledger: Say what to do with the ledger.']);
    assert.equal((await waybill(home, 'explode')).code, 2);
    assert.equal((await waybill(home, 'verify', '--fast')).code, 2);
    assert.equal((await waybill(home, 'export', '--from', '0')).code, 2);
    assert.match((await waybill(home, '--help')).out, /^Usage:\n {2}waybill ledger verify/);
    const none = await waybill(home, 'verify');
    assert.deepEqual([none.code, /^waybill ledger: There is no ledger .*ledger\.db\. Say where with --home or WAYBILL_HOME\.\n$/.test(none.err)], [1, true], none.err);
    rmSync(home, { recursive: true });
  }));
});
