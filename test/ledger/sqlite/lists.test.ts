import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PageRequest } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { SqliteReader } from '../../../src/ledger/sqlite/reader.ts';
import { withFolder } from '../support.ts';

/** Collects the plans of every statement that a call makes. */
function plansOf(reader: SqliteReader, call: () => unknown): string[] {
  const sql: string[] = [];
  const { cache } = reader;
  const { all, get } = cache;
  cache.all = (text, ...values) => { sql.push(text); return all.call(cache, text, ...values); };
  cache.get = (text, ...values) => { sql.push(text); return get.call(cache, text, ...values); };
  call();
  cache.all = all;
  cache.get = get;
  return sql.flatMap((text) => reader.db.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...Array.from({ length: text.split('?').length - 1 }, () => 'x')).map((row) => String(row['detail'])));
}

describe('lists in SQLite', () => {
  const cursor = Buffer.from('["a","b"]').toString('base64url');
  const one = Buffer.from('["a"]').toString('base64url');
  const page: PageRequest = { limit: 10, cursor };
  const first: PageRequest = { limit: 10 };
  const byKey: PageRequest = { limit: 10, cursor: one };

  const calls: Record<string, (reader: SqliteReader) => unknown> = {
    'open tasks': (reader) => reader.listTasks({ status: 'open' }, page),
    'open tasks of a role at a site': (reader) => reader.listTasks({ status: 'open', roles: ['r'], sites: ['s', 't'] }, first),
    'tasks of a case': (reader) => reader.listTasks({ caseId: 'c' }, byKey),
    'all tasks': (reader) => reader.listTasks({}, byKey),
    'approved tasks': (reader) => reader.listTasks({ status: 'approved' }, page),
    'open exceptions of a queue': (reader) => reader.listExceptions({ status: 'open', queue: 'q' }, page),
    'open dead letters': (reader) => reader.listDeadLetters({ status: 'open' }, page),
    'held quarantine': (reader) => reader.listQuarantine({ status: 'held' }, page),
    'open cases': (reader) => reader.listCases({ status: 'open' }, byKey),
    'cases by key': (reader) => reader.listCases({ key: 'k' }, byKey),
    'all cases': (reader) => reader.listCases({}, first),
    'timers that are due': (reader) => reader.timersDue('t', 10),
    'the next timer': (reader) => reader.nextTimerDue('t'),
    'tokens of earlier epochs': (reader) => reader.tokensBefore(1, 'a', 10),
    'a stream': (reader) => reader.readStream('s', 1),
    'events from a position': (reader) => reader.readAll(1, 10),
  };

  it('never read a whole table nor sort one', () => withFolder(async (home) => {
    await (await openSqliteLedger({ home })).close();
    const reader = new SqliteReader(join(home, 'ledger.db'));
    for (const [name, call] of Object.entries(calls)) {
      const plans = plansOf(reader, () => call(reader));
      assert.ok(plans.length > 0, name);
      // A list without any condition walks its index or key in order; that is a scan that stops at the page's end.
      const bad = plans.filter((plan) => /TEMP B-TREE/.test(plan) || (/^SCAN/.test(plan) && !/^SCAN (t|cases)$/.test(plan)));
      assert.deepEqual(bad, [], `${name}: ${plans.join(' | ')}`);
    }
    reader.close();
  }));
});
