import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AppendResult, Ledger, LedgerError, LedgerHealth } from '../../../src/ledger/port.ts';
import { ledgerFiles } from '../../../src/ledger/sqlite/files.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { verifyFile } from '../../../src/ledger/sqlite/verify.ts';
import { commit, opened, withFolder } from '../support.ts';

/** Resolves with the health as soon as its state is this one. */
function state(ledger: Ledger, wanted: LedgerHealth['state']): Promise<LedgerHealth> {
  return new Promise((resolve) => {
    const look = (health: LedgerHealth): void => {
      if (health.state !== wanted) return;
      off();
      resolve(health);
    };
    const off = ledger.onHealth(look);
    look(ledger.health());
  });
}

const heavy = (id: string): ReturnType<typeof commit> => commit(id, 0, opened({ title: id.padEnd(4_000, '.') }));

/** Appends until the ledger is suspended; what is still waiting then is returned as promises. */
async function fill(ledger: Ledger): Promise<{ acknowledged: string[]; waiting: Map<string, Promise<AppendResult>> }> {
  const acknowledged: string[] = [];
  const waiting = new Map<string, Promise<AppendResult>>();
  for (let i = 0; ledger.health().state === 'ready'; i += 1) {
    const id = `c${i}`;
    const result = ledger.append(heavy(id));
    waiting.set(id, result);
    const done = await Promise.race([result, state(ledger, 'suspended')]);
    if ('ok' in done) {
      assert.ok(done.ok);
      acknowledged.push(id);
      waiting.delete(id);
    }
  }
  return { acknowledged, waiting };
}

describe('a SQLite ledger whose storage fails', function () {
  this.timeout(60_000);

  it('acknowledges nothing on a disk that is full (PRAGMA max_page_count stands for the disk), and holds what it acknowledged', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home, maxPages: 120, limits: { queueRows: 5 } });
    const { acknowledged, waiting } = await fill(ledger);
    const health = ledger.health();
    assert.equal(health.state, 'suspended');
    assert.match(health.reason ?? '', /disk is full.*free some space/i);
    // The queue is bounded meanwhile.
    const more = Array.from({ length: 8 }, (_, i) => ledger.append(heavy(`m${i}`)).then(() => 'taken', (error: LedgerError) => error.code));
    assert.deepEqual(await Promise.race(more.slice(-1)), 'queue-full');
    assert.equal(ledger.health().queuedCommits <= 5, true);
    await ledger.close();
    const outcomes = await Promise.all([...more, ...[...waiting.values()].map((result) => result.then(() => 'taken', (error: LedgerError) => error.code))]);
    assert.deepEqual([...new Set(outcomes)].sort(), ['queue-full', 'unavailable']);
    const again = await openSqliteLedger({ home });
    assert.equal((await again.counts()).casesOpen, acknowledged.length);
    await again.close();
    assert.deepEqual(verifyFile(ledgerFiles({ home }), { projections: true }).findings, []);
  }));

  it('resumes by itself when a full disk (a tmpfs of 3 MB) has room again', function () {
    return withFolder(async (folder) => {
      const home = join(folder, 'small');
      mkdirSync(home);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', home], { stdio: 'pipe' });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        this.skip();
      }
      try {
        writeFileSync(join(home, 'ballast'), Buffer.alloc(1_000_000));
        const ledger = await openSqliteLedger({ home });
        const { acknowledged, waiting } = await fill(ledger);
        assert.match(ledger.health().reason ?? '', /disk/i);
        const late = ledger.append(heavy('late'));
        rmSync(join(home, 'ballast'));
        await state(ledger, 'ready');
        const results = await Promise.all([...waiting.values(), late]);
        assert.ok(results.every((result) => result.ok));
        assert.equal((await ledger.counts()).casesOpen, acknowledged.length + results.length);
        await ledger.close();
        assert.deepEqual(verifyFile(ledgerFiles({ home }), { projections: true }).findings, []);
      } finally {
        execFileSync('umount', [home]);
      }
    });
  });

  it('resumes by itself when another program no longer locks the database', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home });
    assert.ok((await ledger.append(commit('c0', 0, opened()))).ok);
    const other = new DatabaseSync(join(home, 'ledger.db'));
    other.exec('BEGIN IMMEDIATE');
    const waiting = ledger.append(commit('c1', 0, opened()));
    const health = await state(ledger, 'suspended');
    assert.match(health.reason ?? '', /Another program holds the ledger file locked/);
    // Reading goes on.
    assert.equal((await ledger.getCase('c0'))?.status, 'open');
    other.exec('ROLLBACK');
    other.close();
    assert.ok((await waiting).ok);
    await state(ledger, 'ready');
    assert.equal((await ledger.counts()).events, 2);
    await ledger.close();
  }));

  it('bounds its queue in bytes too, and lets a single large commit through', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home, limits: { queueBytes: 10_000, batchBytes: 2_000 } });
    const first = ledger.append(commit('c0', 0, opened({ title: 'x'.repeat(30_000) })));
    await assert.rejects(ledger.append(commit('c1', 0, opened())), (error: LedgerError) => error.code === 'queue-full');
    assert.ok((await first).ok);
    assert.ok((await ledger.append(commit('c1', 0, opened()))).ok);
    await ledger.close();
  }));
});

describe('opening a SQLite ledger', () => {
  const code = (expected: string, text: RegExp) => (error: LedgerError): boolean => error.code === expected && text.test(error.message);

  it('says in one line what is wrong with the path', () => withFolder(async (home) => {
    writeFileSync(join(home, 'file'), '');
    await assert.rejects(openSqliteLedger({ path: join(home, 'file', 'ledger.db') }), code('path', /^Cannot make the ledger's folder .*$/));
  }));

  it('refuses a file that is no ledger', () => withFolder(async (home) => {
    writeFileSync(join(home, 'ledger.db'), 'this is no database, however long it is. '.repeat(200));
    await assert.rejects(openSqliteLedger({ home }), code('corrupt', /is no Waybill ledger/));
    rmSync(join(home, 'ledger.db'));
    const other = new DatabaseSync(join(home, 'ledger.db'));
    other.exec('CREATE TABLE t (x)');
    other.close();
    await assert.rejects(openSqliteLedger({ home }), code('corrupt', /is no Waybill ledger/));
  }));

  it('refuses without its signing key, or with another one', () => withFolder(async (home) => {
    await (await openSqliteLedger({ home })).close();
    const keys = join(home, 'keys');
    const [name] = readdirSync(keys);
    const path = join(keys, name!);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(home, 'ledger.db')).mode & 0o777, 0o600);
    writeFileSync(path, 'rubbish');
    await assert.rejects(openSqliteLedger({ home }), code('key', /holds no signing key/));
    rmSync(path);
    await assert.rejects(openSqliteLedger({ home }), code('key', /^Cannot read the ledger's signing key .*Put it back/));
    chmodSync(keys, 0o700);
  }));

  it('refuses a ledger whose end does not fit its checkpoint', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home });
    assert.ok((await ledger.append(commit('c1', 0, opened()))).ok);
    await ledger.close();
    const db = new DatabaseSync(join(home, 'ledger.db'));
    db.exec('UPDATE events SET leaf = CAST(replace(CAST(leaf AS TEXT), \'dc-1\', \'dc-2\') AS BLOB)');
    db.close();
    await assert.rejects(openSqliteLedger({ home }), code('corrupt', /waybill ledger verify/));
  }));
});
