import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConcurrencyLimit } from '../../src/connectors/resilience/concurrency.ts';

/** Works whose end the test decides, with a record of what ran when. */
class Works {
  readonly started: number[] = [];
  most = 0;
  #running = 0;
  readonly #ends = new Map<number, { resolve: (value: number) => void; reject: (error: Error) => void }>();

  work = (id: number) => (): Promise<number> => {
    this.started.push(id);
    this.#running += 1;
    this.most = Math.max(this.most, this.#running);
    return new Promise<number>((resolve, reject) => { this.#ends.set(id, { resolve, reject }); }).finally(() => { this.#running -= 1; });
  };
  end(id: number): void {
    this.#ends.get(id)?.resolve(id);
  }
  fail(id: number): void {
    this.#ends.get(id)?.reject(new Error(`work ${id}`));
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => { setImmediate(resolve); });
}

describe('limit on works at once', () => {
  it('starts what fits at once, and the others in the order in which they came', async () => {
    const works = new Works();
    const limit = new ConcurrencyLimit(2);
    const all = [0, 1, 2, 3, 4].map((id) => limit.run(works.work(id)));
    await settled();
    assert.deepEqual(works.started, [0, 1]);
    works.end(1);
    await settled();
    assert.deepEqual(works.started, [0, 1, 2]);
    works.end(0);
    works.end(2);
    await settled();
    assert.deepEqual(works.started, [0, 1, 2, 3, 4]);
    works.end(3);
    works.end(4);
    assert.deepEqual(await Promise.all(all), [0, 1, 2, 3, 4]);
  });

  it('lets the next one go when a work fails, and gives its error to who asked for it', async () => {
    const works = new Works();
    const limit = new ConcurrencyLimit(1);
    const first = limit.run(works.work(0));
    const second = limit.run(works.work(1));
    await settled();
    works.fail(0);
    await assert.rejects(first, /work 0/);
    await settled();
    assert.deepEqual(works.started, [0, 1]);
    works.end(1);
    assert.equal(await second, 1);
  });

  it('lets the next one go when a work throws before it gives a promise', async () => {
    const limit = new ConcurrencyLimit(1);
    await assert.rejects(limit.run(() => { throw new Error('at once'); }), /at once/);
    assert.equal(await limit.run(() => Promise.resolve('free')), 'free');
  });

  it('never runs more than its number and runs everything, however works end', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean(), { maxLength: 30 }), fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), async (most, fates, picks) => {
      const works = new Works();
      const limit = new ConcurrencyLimit(most);
      const all = Promise.allSettled(fates.map((_fate, id) => limit.run(works.work(id))));
      const ended = new Set<number>();
      for (let i = 0; ended.size < fates.length; i += 1) {
        await settled();
        const running = works.started.filter((id) => !ended.has(id));
        const id = running[(picks[i % picks.length] ?? 0) % running.length] as number;
        ended.add(id);
        if (fates[id] === true) works.end(id);
        else works.fail(id);
      }
      const results = await all;
      assert.ok(works.most <= most);
      assert.deepEqual(works.started, fates.map((_fate, id) => id));
      assert.deepEqual(results.map((result) => result.status === 'fulfilled'), fates);
    }), { numRuns: 50 });
  });

  it('refuses a number that would let nothing run, for ever', () => {
    for (const bad of [0, -1, 0.4, Number.NaN]) assert.throws(() => new ConcurrencyLimit(bad), RangeError);
  });
});
