import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { Page, TaskFilter, TaskRow } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import type { SqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { commit, opened, taskCreated, withFolder } from '../support.ts';

const due = (hour: number): string => `2030-01-01T${String(hour).padStart(2, '0')}:00:00.000Z`;

/** Opens a case with a task; its key and title come from `name`. */
async function addTask(ledger: SqliteLedger, name: string, dueAt?: string, role = 'supervisor', title = `SSCC ${name}`): Promise<void> {
  const result = await ledger.append(commit(
    `case-${name}`, 0,
    opened({ keys: [name], title }),
    { ...taskCreated(`task-${name}`, `run-${name}`, dueAt, role), content: { title, question: 'Mehr geliefert als bestellt?', shown: {} } },
  ));
  assert.ok(result.ok, JSON.stringify(result));
}

async function pages(ledger: SqliteLedger, filter: TaskFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<TaskRow> = await ledger.listTasks(filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map((row) => row.task_id.replace('task-', '')));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

describe('work lists', () => {
  it('come by urgency: deadline first, none last, and page by page the same', async () => {
    await withFolder(async (folder) => {
      const ledger = await openSqliteLedger({ home: folder });
      try {
        await addTask(ledger, 'none-1');
        await addTask(ledger, 'late', due(9));
        await addTask(ledger, 'soon', due(7), 'buyer');
        await addTask(ledger, 'none-2', undefined, 'buyer');
        const filter = { status: 'open', sort: 'urgency' } as const;
        for (const limit of [1, 2, 10]) assert.deepEqual(await pages(ledger, filter, limit), ['soon', 'late', 'none-1', 'none-2']);
        assert.deepEqual(await pages(ledger, { ...filter, roles: ['buyer'] }, 1), ['soon', 'none-2']);
        assert.deepEqual(await pages(ledger, { ...filter, roles: [] }, 1), []);
        assert.deepEqual((await pages(ledger, { status: 'open', sort: 'newest' }, 10)).sort(), ['late', 'none-1', 'none-2', 'soon']);
        assert.deepEqual(await ledger.countTasks(due(8), 1_000), [
          { role: 'buyer', also_role: null, assignee: null, site: 'dc-1', open: 2, overdue: 1, dueWithinHour: 0 }, { role: 'supervisor', also_role: null, assignee: null, site: 'dc-1', open: 2, overdue: 0, dueWithinHour: 0 },
        ]);
        assert.equal((await ledger.countTasks('2030-01-01T08:30:00.000Z', 1_000))[1]?.dueWithinHour, 1);
        await assert.rejects(ledger.listTasks({ status: 'open', sort: 'newest' }, { limit: 1, cursor: (await ledger.listTasks(filter, { limit: 1 })).next! }), { code: 'bad-cursor' });
      } finally {
        await ledger.close();
      }
    });
  });

  it('find words in title, question and keys, in upper or lower case of any script', async () => {
    await withFolder(async (folder) => {
      const ledger = await openSqliteLedger({ home: folder });
      try {
        await addTask(ledger, 'ABC-1', undefined, 'supervisor', 'Überlieferung Äpfel');
        await addTask(ledger, 'abd-2');
        const words = (...each: string[]): Promise<string[]> => pages(ledger, { status: 'open', sort: 'urgency', words: each }, 1);
        assert.deepEqual(await words('ÜBERLIEFERUNG', 'äpf'), ['ABC-1']);
        assert.deepEqual(await words('abc'), ['ABC-1']);
        assert.deepEqual((await words('GELIEFERT', 'ab')).sort(), ['ABC-1', 'abd-2']);
        assert.deepEqual(await words('%'), []);
        const cases = async (q: string): Promise<string[]> => (await ledger.listCases({ q }, { limit: 10 })).items.map((row) => row.case_id).sort();
        assert.deepEqual(await cases('ab'), ['case-ABC-1', 'case-abd-2']);
        assert.deepEqual(await cases('ABD'), ['case-abd-2']);
        assert.deepEqual(await cases('sscc a'), ['case-abd-2']);
        assert.deepEqual(await cases('b'), []);
        assert.deepEqual(await cases('%'), []);
        assert.deepEqual((await ledger.listCases({ key: 'ABC-1' }, { limit: 10 })).items.length, 1);
        assert.deepEqual((await ledger.listCases({ key: 'abc-1' }, { limit: 10 })).items.length, 0);
      } finally {
        await ledger.close();
      }
    });
  });

  it('of many matches are met page by page from the newest on', async () => {
    await withFolder(async (folder) => {
      const ledger = await openSqliteLedger({ home: folder });
      try {
        await Promise.all(Array.from({ length: 2_100 }, (_, i) => addTask(ledger, `many-${String(i).padStart(5, '0')}`)));
        const seen = new Set<string>();
        let cursor: string | undefined;
        let last = '~';
        do {
          const page = await ledger.listCases({ q: 'MANY-' }, { limit: 150, ...(cursor === undefined ? {} : { cursor }) });
          for (const row of page.items) {
            assert.ok(row.case_id < last);
            last = row.case_id;
            seen.add(row.case_id);
          }
          cursor = page.next;
        } while (cursor !== undefined);
        assert.equal(seen.size, 2_100);
      } finally {
        await ledger.close();
      }
    });
  });

  it('open from a home whose tables are of an earlier version', async () => {
    await withFolder(async (folder) => {
      let ledger = await openSqliteLedger({ home: folder });
      await addTask(ledger, 'kept', due(9));
      await ledger.close();
      // The tables of the version before: tasks without their urgency, keys in another order, no word about the schema.
      const db = new DatabaseSync(join(folder, 'ledger.db'));
      db.exec(`DROP TABLE tasks; DROP TABLE case_keys; DROP TABLE quarantine;
        CREATE TABLE case_keys (value TEXT NOT NULL, type TEXT NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (value, type, case_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX case_keys_case ON case_keys(case_id);
        CREATE TABLE tasks (
          task_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, run_id TEXT NOT NULL, address TEXT NOT NULL, site TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL,
          quorum INTEGER NOT NULL, approvals INTEGER NOT NULL, created_at TEXT NOT NULL, due_at TEXT, decided_at TEXT, claimed_by TEXT,
          title TEXT NOT NULL, question TEXT NOT NULL, shown TEXT NOT NULL, facts_hash TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE quarantine (
          quarantine_id TEXT PRIMARY KEY, reason TEXT NOT NULL, message TEXT NOT NULL, received_at TEXT NOT NULL, site TEXT NOT NULL, device_id TEXT, topic TEXT,
          bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, head TEXT NOT NULL, status TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        UPDATE meta SET value = 'of another version' WHERE key = 'projection_schema'`);
      db.close();
      ledger = await openSqliteLedger({ home: folder });
      try {
        assert.deepEqual(await pages(ledger, { status: 'open', sort: 'urgency', words: ['kept'] }, 5), ['kept']);
        assert.equal((await ledger.listCases({ q: 'kept' }, { limit: 1 })).items[0]?.case_id, 'case-kept');
      } finally {
        await ledger.close();
      }
    });
  });
});
