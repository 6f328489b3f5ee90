import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { askedToWaitUntil } from '../../src/connectors/resilience/asked-to-wait.ts';
import { Pace } from '../../src/connectors/resilience/pace.ts';
import { Limits } from '../../src/engine/services/limits.ts';
import { QuotaBook } from '../../src/engine/services/quota-book.ts';
import { reportTo } from '../../src/engine/support/reporting.ts';

describe('the pace of calls', () => {
  it('lets a burst go at once and the rest evenly', () => {
    const pace = new Pace({ perSecond: 10, burst: 3 });
    assert.deepEqual([0, 0, 0, 0, 0].map((now) => pace.reserve(now)), [0, 0, 0, 100, 200]);
    assert.equal(pace.reserve(10_000), 10_000);
  });

  it('never lets more go in a second than the pace and the burst, in whatever rhythm they ask', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(400), { minLength: 1, maxLength: 200 }), (perSecond, burst, gaps) => {
      const pace = new Pace({ perSecond, burst });
      let now = 0;
      const times = gaps.map((gap) => pace.reserve(now += gap)).sort((a, b) => a - b);
      for (const from of times) assert.ok(times.filter((at) => at >= from && at < from + 1_000).length <= perSecond + burst);
    }));
  });

  it('holds everybody back while the other side wants it, and does not let them go all at once then', () => {
    const pace = new Pace({ perSecond: 10, burst: 5 });
    pace.pause(5_000);
    assert.deepEqual([0, 0, 0].map((now) => pace.reserve(now)), [5_000, 5_100, 5_200]);
  });
});

describe('what a system says of its limits', () => {
  const now = Date.parse('2026-03-02T08:00:00Z');
  for (const [status, headers, after] of [
    [429, { 'retry-after': '7' }, 7_000], [503, { 'retry-after': 'Mon, 02 Mar 2026 08:00:30 GMT' }, 30_000], [200, { 'retry-after': '7' }, undefined], [429, {}, undefined],
    [200, { ratelimit: '"default";r=0;t=30' }, 30_000], [200, { ratelimit: '"default";r=3;t=30' }, undefined], [429, { 'ratelimit': '"a";r=0;t=5, "day";r=0;t=60', 'retry-after': '10' }, 60_000],
    [200, { ratelimit: 'limit=100, remaining=0, reset=9' }, 9_000], [200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '4' }, 4_000],
    [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 12) }, 12_000], [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }, undefined], [429, { 'retry-after': '999999999' }, 86_400_000],
  ] as const) {
    it(`${status} ${JSON.stringify(headers)}`, () => { assert.equal(askedToWaitUntil(status, headers, now), after === undefined ? undefined : now + after); });
  }
});

describe('limits of a service', () => {
  let home: string;
  beforeEach(() => { home = mkdtempSync(path.join(tmpdir(), 'waybill-quota-')); });
  afterEach(() => { rmSync(home, { recursive: true, force: true }); });
  const file = (): string => path.join(home, 'quotas.json');
  const noon = Date.parse('2026-03-02T12:00:00Z');

  it('keeps a place for who waits, moves it when the system wants a pause, and counts a call when it goes', () => {
    const limits = new Limits(new QuotaBook(file()));
    const of = { concurrency: 4, perSecond: 1, burst: 1 };
    assert.deepEqual(['a', 'b', 'c', 'b'].map((id) => limits.admit('erp', of, id, noon)), [noon, noon + 1_000, noon + 2_000, noon + 1_000]);
    limits.heard('erp', of, 429, { 'retry-after': '60' }, noon);
    assert.equal(limits.admit('erp', of, 'b', noon + 1_000), noon + 60_000);
    assert.equal(limits.admit('erp', of, 'b', noon + 60_000), noon + 60_000);
    assert.equal(limits.view('erp', noon).waiting, 1);
    assert.equal(limits.admit('another', of, 'a', noon), noon);
  });

  it('holds to a quota over crashes: what was written ahead counts as used, what was closed in order does not', () => {
    const of = { concurrency: 4, perSecond: 0, burst: 0, quota: { calls: 300, per: 'hour' } } as const;
    const first = new Limits(new QuotaBook(file()));
    for (let i = 0; i < 100; i++) assert.equal(first.admit('erp', of, String(i), noon), noon);
    const book = new QuotaBook(file());
    const second = new Limits(book);
    assert.equal(book.used('erp')?.calls, 102, 'three were written down at a time');
    let made = 0;
    while (second.admit('erp', of, 'x', noon + made) === noon + made) made++;
    assert.equal(made, 198);
    assert.equal(second.admit('erp', of, 'x', noon + 9_000), noon + 3_600_000);
    assert.equal(second.admit('erp', of, 'x', noon + 3_600_000), noon + 3_600_000, 'a new window');
    book.close();
    assert.equal(new QuotaBook(file()).used('erp')?.calls, 1);
  });

  it('begins anew with a file that cannot be read, and says so', () => {
    const said: string[] = [];
    reportTo((text) => { said.push(text); });
    try {
      writeFileSync(file(), '{half');
      assert.equal(new QuotaBook(file()).used('erp'), undefined);
      assert.match(said.join(), /begin anew/);
    } finally {
      reportTo(() => undefined);
    }
  });
});
