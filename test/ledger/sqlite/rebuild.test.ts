import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { projectionTables } from '../../../src/ledger/projections.ts';
import type { LedgerError } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { rebuild } from '../../../src/ledger/sqlite/rebuild.ts';
import { verifyFile } from '../../../src/ledger/sqlite/verify.ts';
import { ledgerFiles } from '../../../src/ledger/sqlite/files.ts';
import { histories } from '../histories.ts';
import { closed, commit, completed, entered, opened, taskCreated, withFolder } from '../support.ts';

function rowsOf(path: string): Record<string, unknown[]> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Object.fromEntries(projectionTables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]));
  } finally {
    db.close();
  }
}

describe('rebuild of the projections in SQLite', () => {
  it('gives the same rows as the commits did, for any history', async function () {
    this.timeout(120_000);
    await fc.assert(fc.asyncProperty(histories, (commits) => withFolder(async (home) => {
      const path = join(home, 'ledger.db');
      const ledger = await openSqliteLedger({ home });
      const results = await Promise.all(commits.map((one) => ledger.append(one)));
      await ledger.close();
      assert.ok(results.every((result) => result.ok));
      const before = rowsOf(path);
      const report = rebuild({ home });
      assert.deepEqual(report.differences, []);
      assert.equal(report.events, commits.reduce((sum, one) => sum + one.events.length, 0));
      const db = new DatabaseSync(path);
      for (const table of projectionTables) db.exec(`DELETE FROM ${table}`);
      db.close();
      assert.equal(rebuild({ home }).replaced, before['cases']!.length > 0);
      const after = rowsOf(path);
      // Counters at 0 need no row.
      for (const table of projectionTables.filter((name) => name !== 'counters')) assert.deepEqual(after[table], before[table], table);
      assert.deepEqual(verifyFile(ledgerFiles({ home }), { projections: true }).findings, []);
    })), { numRuns: 12 });
  });

  it('names the rows that differ and puts them right', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home });
    await ledger.append(commit('c1', 0, opened({ keys: ['k'] }), completed('scan', 't1')));
    await ledger.append(commit('c2', 0, opened(), entered('r1'), taskCreated('k1', 'r1')));
    await ledger.append(commit('c3', 0, opened(), closed()));
    await ledger.close();
    const db = new DatabaseSync(join(home, 'ledger.db'));
    db.exec(`UPDATE tasks SET status = 'approved'; DELETE FROM tokens; INSERT INTO reservations(scope, key_hash, holder, version) VALUES ('s', 'h', 'x', 1); UPDATE counters SET value = 7 WHERE name = 'cases_open'`);
    db.close();
    const named = (findings: readonly { table?: string; message: string }[]): string[] => findings.map(({ table, message }) => `${table}: ${message}`);
    assert.deepEqual(named(verifyFile(ledgerFiles({ home }), { projections: true }).findings), [
      'tokens: row token_id=t1 of tokens is missing; "waybill ledger rebuild" mends it',
      'tasks: row task_id=k1 of tasks differs from what the events say in status; "waybill ledger rebuild" mends it',
      'reservations: row scope=s key_hash=h of reservations follows from no event; "waybill ledger rebuild" mends it',
      'counters: row name=cases_open of counters differs from what the events say in value; "waybill ledger rebuild" mends it',
    ]);
    assert.deepEqual(rebuild({ home }).differences.map(({ table, kind }) => `${table} ${kind}`), ['tokens missing', 'tasks different', 'reservations unexpected', 'counters different']);
    assert.deepEqual(rebuild({ home }).differences, []);
    const again = await openSqliteLedger({ home });
    assert.equal((await again.getTask('k1'))?.status, 'open');
    assert.equal((await again.getToken('t1'))?.case_id, 'c1');
    await again.close();
  }));

  it('happens by itself when the tables are those of another version', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home });
    await ledger.append(commit('c1', 0, opened({ keys: ['k'] }), completed('scan', 't1')));
    await ledger.close();
    const before = rowsOf(join(home, 'ledger.db'));
    const db = new DatabaseSync(join(home, 'ledger.db'));
    db.exec(`DROP TABLE tokens; CREATE TABLE tokens (token_id TEXT); UPDATE meta SET value = 'of another version' WHERE key = 'projection_schema'`);
    db.close();
    assert.deepEqual(verifyFile(ledgerFiles({ home }), { projections: true }).findings.map(({ code, message }) => [code, /another version/.test(message)]), [['projection-differs', true]]);
    await (await openSqliteLedger({ home })).close();
    assert.deepEqual(rowsOf(join(home, 'ledger.db')), before);
  }));

  it('is refused while the ledger is open', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home });
    assert.throws(() => rebuild({ home }), (error: LedgerError) => error.code === 'held' && error.message.includes(String(process.pid)));
    await ledger.close();
  }));
});
