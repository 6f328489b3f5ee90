import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/index.ts';
import { Positions } from '../../src/engine/positions.ts';
import { SiteLog } from '../../src/engine/site-log.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import '../support/kept-threads.ts';

const of = { what: 'plc', address: 'tab/alarms', site: 'dc-1', source: 'line 3' };
const STREAM = 'intake:plc:tab/alarms';
const alarm = (n: number, active = true): JsonObject => ({ condition: `ns=2;s=Line3.Conveyor${n}.Jam`, activation: `activation-${n}`, active, acknowledged: false, eventId: `00ff${n}`, name: `Jam ${n}` });
const standing = (count: number): { readonly [key: string]: JsonObject } => Object.fromEntries(Array.from({ length: count }, (_, n) => [`alarm ${n}`, alarm(n)]));

describe('how far an intake has come', () => {
  let home: string;
  let ledger: Ledger;
  const positions = (): Positions => new Positions(ledger, new SiteLog(ledger, { site: 'dc-1', legalEntity: 'acme' }));
  const written = async (): Promise<readonly { readonly base: number | undefined; readonly length: number }[]> => (await ledger.readStream(STREAM)).map((event) => {
    assert.equal(event.type, 'IntakePositionKept');
    return { base: event.type === 'IntakePositionKept' ? event.data.base : undefined, length: JSON.stringify(event.content).length };
  });

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'waybill-positions-'));
    ledger = await openSqliteLedger({ home });
  });
  afterEach(async () => {
    await ledger.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('is written whole where it is short', async () => {
    const mine = positions();
    for (let sequence = 1; sequence <= 3; sequence += 1) await mine.keep(of, sequence, { sequence, alarms: standing(2) });
    assert.deepEqual((await written()).map(({ base }) => base), [undefined, undefined, undefined]);
    assert.deepEqual(await positions().last(of), { sequence: 3, alarms: standing(2) });
  });

  it('is written as what changed where it is long, is the same after a restart, and grows by what happens', async () => {
    const alarms: { [key: string]: JsonObject } = { ...standing(400) };
    const mine = positions();
    await mine.keep(of, 0, { sequence: 0, alarms });
    for (let n = 1; n <= 100; n += 1) {
      // in place, as an intake may do it
      alarms[`alarm ${n}`] = alarm(n, false);
      delete alarms[`alarm ${n + 200}`];
      await mine.keep(of, n, { sequence: n, alarms });
      if (n % 20 === 0) assert.deepEqual(await positions().last(of), { sequence: n, alarms });
    }
    const events = await written();
    assert.equal(events[1]?.base, 1);
    const together = events.slice(1).reduce((sum, { length }) => sum + length, 0);
    assert.ok(together < 2 * events[0]!.length, `100 changes: ${together} characters, the whole: ${events[0]!.length}`);
  });

  it('is written whole again when the changes are longer than it, and after somebody else wrote', async () => {
    const mine = positions();
    const alarms: { [key: string]: JsonObject } = { ...standing(20) };
    for (let n = 0; n < 60; n += 1) {
      alarms[`alarm ${n % 20}`] = alarm(n % 20, n % 40 >= 20);
      await mine.keep(of, n, { sequence: n, alarms });
    }
    assert.ok((await written()).filter(({ base }) => base === undefined).length > 1);
    assert.deepEqual(await positions().last(of), { sequence: 59, alarms });
    const other = positions();
    assert.deepEqual(await other.last(of), { sequence: 59, alarms });
    await other.keep(of, 60, { sequence: 60, alarms: standing(30) });
    await mine.keep(of, 61, { sequence: 61, alarms });
    assert.deepEqual((await written()).slice(-2).map(({ base }) => base), [undefined, undefined]);
    assert.deepEqual(await positions().last(of), { sequence: 61, alarms });
  });

  it('is whole where a change cannot say it: a null', async () => {
    const mine = positions();
    await mine.keep(of, 1, { alarms: standing(40), last: 'a' });
    await mine.keep(of, 2, { alarms: standing(40), last: null });
    assert.deepEqual(await positions().last(of), { alarms: standing(40), last: null });
    assert.equal((await written())[1]?.base, undefined);
  });
});
