import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { close, Desk, eventually } from './review/support/desk.ts';

/** PROTOCOL §4 and DESIGN "acknowledge after commit": a disk that is full. */
describe('a ledger that takes no commits', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  it('stops intake, says why, keeps what was acknowledged, and goes on by itself', async function () {
    this.timeout(90_000);
    desk = await Desk.open();
    await desk.close(true);
    const room = new OtherFile(join(desk.home, 'ledger.db'));
    desk = await Desk.open({ home: desk.home, maxPages: room.pages + 30, tuning: { drainMs: 200 } });
    wire(desk);
    await desk.start();
    const accepting: boolean[] = [];
    desk.engine.onAccepting((now) => accepting.push(now));
    const acknowledged = new Set<string>();
    const asked: Promise<unknown>[] = [];
    while (desk.engine.state === 'ready') {
      const opening = desk.openCase('scan', { document: { filler: 'x'.repeat(2_000) } }).then(({ caseId }) => acknowledged.add(caseId));
      asked.push(opening);
      await Promise.race([opening, eventually(() => (desk.engine.state === 'suspended' ? true : undefined))]);
    }
    assert.equal(desk.engine.accepting(), false);
    assert.match(desk.engine.reason ?? '', /full/);
    assert.deepEqual(accepting, [false]);
    await assert.rejects(desk.openCase('scan'), (error: { code?: string }) => error.code === 'unavailable');
    const before = acknowledged.size;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    assert.equal(acknowledged.size, before, 'something was acknowledged while the disk was full');

    room.free();
    await eventually(() => (desk.engine.state === 'ready' ? true : undefined));
    assert.equal(desk.engine.accepting(), true);
    await Promise.all(asked);
    assert.equal(acknowledged.size, asked.length);
    for (const caseId of acknowledged) await desk.closed(caseId);
    await eventually(() => {
      const { tokens_in_flight: tokens, steps_active: steps, mailboxes } = desk.engine.metrics().gauges;
      return tokens === 0 && steps === 0 && mailboxes === 0 ? true : undefined;
    });
    assert.equal((await desk.engine.ledger.counts()).casesOpen, 0);
  });

  it('loses nothing that was acknowledged when the process ends meanwhile', async function () {
    this.timeout(90_000);
    desk = await Desk.open();
    await desk.close(true);
    const room = new OtherFile(join(desk.home, 'ledger.db'));
    desk = await Desk.open({ home: desk.home, maxPages: room.pages + 30, tuning: { drainMs: 200 } });
    wire(desk);
    await desk.start();
    const acknowledged = new Set<string>();
    while (desk.engine.state === 'ready') {
      const opening = desk.openCase('scan', { document: { filler: 'x'.repeat(2_000) } }).then(({ caseId }) => acknowledged.add(caseId), () => undefined);
      await Promise.race([opening, eventually(() => (desk.engine.state === 'suspended' ? true : undefined))]);
    }
    await desk.crash();
    desk = await Desk.open({ home: desk.home });
    wire(desk);
    await desk.start();
    assert.ok(acknowledged.size > 0);
    for (const caseId of acknowledged) await desk.closed(caseId);
  });
});

function wire(desk: Desk): void {
  desk.add({ id: 'scan', wires: [['end']] });
  desk.add({ id: 'end', wires: [], pattern: close });
}

/** Something else that takes room on the disk: here in the file itself, whose pages are counted. */
class OtherFile {
  readonly #path: string;
  readonly pages: number;

  constructor(path: string) {
    this.#path = path;
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE other(bytes BLOB); INSERT INTO other VALUES (zeroblob(4000000));');
    this.pages = Number((db.prepare('PRAGMA page_count').get() as { page_count: number }).page_count);
    db.close();
  }

  free(): void {
    const db = new DatabaseSync(this.#path);
    db.exec('PRAGMA busy_timeout = 5000; DELETE FROM other;');
    db.close();
  }
}
