import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlNumbers } from '../../src/engine/services/numbers.ts';
import { SiteLog } from '../../src/engine/site-log.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts';
import '../support/kept-threads.ts';

describe('control numbers in the ledger', () => {
  let home: string;
  let ledger: Ledger;
  let now = Date.now();
  const open = async (): Promise<ControlNumbers> => {
    ledger = await openSqliteLedger({ home });
    return another();
  };
  /** As another process of the site has them: nothing in common but the ledger. */
  const another = (): ControlNumbers => new ControlNumbers(ledger, new SiteLog(ledger, { site: 'dc-1', legalEntity: 'acme' }), (scope, text) => `${scope}-${Buffer.from(text).toString('base64url')}`, () => now);
  const pair = { name: 'x12 ZZ:A>ZZ:B', last: 999_999_999 };
  beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'waybill-numbers-')); });
  afterEach(async () => {
    await ledger.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('are counted for each sequence, and a purpose keeps its number and its time, over restarts as well', async () => {
    let numbers = await open();
    assert.equal(await numbers.last(pair.name), 0);
    const [one, two, other] = [await numbers.take(pair, 'effect-1', 'dc-1'), await numbers.take(pair, 'effect-2', 'dc-1'), await numbers.take({ ...pair, name: 'x12 ZZ:A>ZZ:C' }, 'effect-1', 'dc-1')];
    assert.deepEqual([one.number, two.number, other.number], [1, 2, 1]);
    await ledger.close();
    numbers = await open();
    assert.deepEqual([await numbers.take(pair, 'effect-1', 'dc-1'), (await numbers.take(pair, 'effect-3', 'dc-1')).number, await numbers.last(pair.name)], [one, 3, 3]);
  });

  it('are never the same for two purposes, whoever takes them at the same time', async () => {
    const all = [await open(), another(), another()];
    const taken = await Promise.all(Array.from({ length: 60 }, (_none, i) => all[i % 3]!.take(pair, `effect-${i % 40}`, 'dc-1').then(({ number }) => [`effect-${i % 40}`, number] as const)));
    const byPurpose = Map.groupBy(taken, ([purpose]) => purpose);
    assert.equal(byPurpose.size, 40);
    for (const [purpose, given] of byPurpose) assert.equal(new Set(given.map(([, number]) => number)).size, 1, purpose);
    assert.deepEqual([...new Set(taken.map(([, number]) => number))].sort((a, b) => a - b), Array.from({ length: 40 }, (_none, i) => i + 1));
  });

  it('begin again behind the last one', async () => {
    const numbers = await open();
    const short = { name: 'short', last: 2 };
    assert.deepEqual([await numbers.take(short, 'a', 'dc-1'), await numbers.take(short, 'b', 'dc-1'), await numbers.take(short, 'c', 'dc-1')].map(({ number }) => number), [1, 2, 1]);
  });

  it('tell a document that goes on from one that comes again, and from another one under its number', async () => {
    const numbers = await open();
    const document = { standard: 'x12', sender: 'B', receiver: 'A', controlNumber: '000000007', sha256: 'h1', claim: 'c1', file: 'r1.edi', site: 'dc-1' };
    const kinds: string[] = [];
    for (const more of [{}, {}, { claim: 'c2' }, { claim: 'c3', sha256: 'h2' }, { controlNumber: '000000008', claim: 'c4' }, { sender: 'C', claim: 'c5' }]) {
      const received = await numbers.receive({ ...document, ...more });
      kinds.push('file' in received ? `${received.kind} of ${received.file}` : received.kind);
    }
    assert.deepEqual(kinds, ['new', 'again', 'duplicate of r1.edi', 'other of r1.edi', 'new', 'new']);
    const both = await Promise.all([numbers, another()].map((each, i) => each.receive({ ...document, controlNumber: '000000009', claim: `d${i}` })));
    assert.deepEqual(both.map(({ kind }) => kind).sort(), ['duplicate', 'new']);
  });

  it('are forgotten after more than a year, when a partner has begun anew', async () => {
    const numbers = await open();
    const document = { standard: 'x12', sender: 'B', receiver: 'A', controlNumber: '1', sha256: 'h1', claim: 'c1', file: 'r1.edi', site: 'dc-1' };
    const kinds = [(await numbers.receive(document)).kind];
    now += 401 * 86_400_000;
    kinds.push((await numbers.receive({ ...document, sha256: 'h2', claim: 'c2' })).kind, (await numbers.receive({ ...document, sha256: 'h2', claim: 'c2' })).kind);
    assert.deepEqual(kinds.slice(0, 2), ['new', 'new']);
    now = Date.now();
  });

  it('name no partner where nothing can be erased', async () => {
    const numbers = await open();
    await numbers.take(pair, 'effect-1', 'dc-1');
    const [event] = (await ledger.readAll(1, 10)).filter(({ type }) => type === 'ControlNumberTaken');
    assert.deepEqual([JSON.stringify(event?.data).includes('ZZ'), event?.content], [false, { sequence: pair.name }]);
  });
});
