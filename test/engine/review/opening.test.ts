import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { close, Desk, eventually } from './support/desk.ts';

describe('opening the engine', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  it('comes up suspended on a full disk, says why, and goes on by itself when there is room', async function () {
    this.timeout(30_000);
    desk = await Desk.open();
    await desk.close(true);
    // Takes the room that the ledger may use, and can give it back while the ledger is open.
    const other = new DatabaseSync(join(desk.home, 'ledger.db'));
    other.exec("CREATE TABLE other(bytes BLOB); INSERT INTO other SELECT randomblob(4000) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n)");
    const pages = Number(Object.values(other.prepare('PRAGMA page_count').get() ?? {})[0]);
    const reopen = async (): Promise<void> => { desk = await Desk.open({ home: desk.home, maxPages: pages, tuning: { drainMs: 200 } }); };
    await reopen();
    while (desk.engine.state === 'ready') {
      await Promise.race([desk.engine.quarantine({ site: 'dc-1', reason: 'test', message: 'x', bytes: Buffer.alloc(8_000, 'x') }), eventually(() => (desk.engine.state === 'ready' ? undefined : true))]);
    }
    // What room is left on the last pages is filled by starts themselves.
    for (let starts = 0; starts < 40; starts += 1) {
      await desk.crash();
      await reopen();
      if (desk.engine.state === 'suspended') break;
    }
    assert.equal(desk.engine.state, 'suspended');
    assert.match(desk.engine.reason ?? '', /full/);
    other.exec('DROP TABLE other');
    other.close();
    await eventually(() => (desk.engine.state === 'ready' ? true : undefined));
    desk.add({ id: 'scan', wires: [['close']] });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    await desk.closed((await desk.openCase('scan')).caseId);
    assert.equal((await desk.engine.ledger.readStream(`epoch:${desk.engine.epoch}`)).length, 1);
  });
});

describe('quarantine in a flood', () => {
  it('keeps every message, with its hash and length, and less of each', async function () {
    this.timeout(30_000);
    const desk = await Desk.open();
    try {
      const bytes = Buffer.alloc(5_000, 'x');
      const kept = await Promise.all(Array.from({ length: 600 }, () => desk.engine.quarantine({ site: 'dc-1', reason: 'unreadable', message: 'no label', bytes })));
      const last = kept.at(-1);
      assert.ok(last);
      const row = await desk.engine.ledger.getQuarantine(last.quarantineId);
      assert.deepEqual([row?.bytes, Buffer.from(row?.head ?? '', 'base64').length], [5_000, 1_024]);
      const first = await desk.engine.ledger.getQuarantine(kept[0]?.quarantineId ?? '');
      assert.equal(first?.sha256, row?.sha256);
      assert.equal((await desk.engine.ledger.counts()).quarantineHeld, 600);
    } finally {
      await desk.close();
    }
  });
});
