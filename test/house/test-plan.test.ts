import assert from 'node:assert/strict';

import { nextJob, planChunks, runQueue } from '../../scripts/lib/test-plan.ts';

const job = (name: string, busy = false): { name: string; busy: boolean } => ({ name, busy });

describe('the plan of a whole test run', () => {
  it('lets light neighbours of one area share a process, and what is long stand alone', () => {
    const chunks = planChunks(
      ['test/web/b.test.ts', 'test/web/a.test.ts', 'test/web/long.slow.test.ts', 'test/cli/c.test.ts'],
      { 'test/web/long.slow.test.ts': 90, 'test/web/a.test.ts': 30 },
    );
    assert.deepEqual(chunks.map(({ files }) => files), [['test/web/long.slow.test.ts'], ['test/web/a.test.ts', 'test/web/b.test.ts'], ['test/cli/c.test.ts']]);
    assert.deepEqual(chunks.map(({ name }) => name), ['test/web/long.slow.test.ts', 'test/web (2 files to b.test.ts)', 'test/cli/c.test.ts']);
  });

  it('begins with the longest, and takes every file once', () => {
    const files = Array.from({ length: 200 }, (_, i) => `test/area-${i % 7}/${i}${i % 3 === 0 ? '.slow' : ''}.test.ts`);
    const chunks = planChunks(files, {}, ['test/area-3']);
    assert.deepEqual(chunks.flatMap((chunk) => chunk.files).toSorted(), files.toSorted());
    assert.deepEqual(chunks.map(({ seconds }) => seconds), chunks.map(({ seconds }) => seconds).toSorted((a, b) => b - a));
    assert.ok(chunks.every(({ files: own, busy }) => own.every((file) => file.startsWith('test/area-3/') === busy)));
  });

  it('lets a busy job wait for another one while there is something else to do', () => {
    assert.equal(nextJob([job('a', true), job('b')], [job('c')])?.name, 'a');
    assert.equal(nextJob([job('a', true), job('b')], [job('c', true)])?.name, 'b');
    assert.equal(nextJob([job('a', true)], [job('c', true)])?.name, 'a');
    assert.equal(nextJob([], [job('c')]), undefined);
  });

  it('lets files share a process only when they need the same', () => {
    const needs = (file: string): readonly string[] => (file.includes('plc') ? ['server'] : []);
    const chunks = planChunks(['test/web/a.test.ts', 'test/web/b.plc.test.ts', 'test/web/c.test.ts', 'test/web/d.plc.test.ts'], {}, [], needs);
    assert.deepEqual(chunks.map(({ files, needs: own }) => [own, files]), [[[], ['test/web/a.test.ts', 'test/web/c.test.ts']], [['server'], ['test/web/b.plc.test.ts', 'test/web/d.plc.test.ts']]]);
  });

  it('begins a job after what it needs, also when that failed, and others meanwhile', async () => {
    const ran: string[] = [];
    const { promise: server, reject: fails } = Promise.withResolvers<undefined>();
    const done = runQueue([{ ...job('needs the server'), after: server }, job('a'), { ...job('b'), after: Promise.resolve() }], 2, async ({ name }) => {
      ran.push(name);
      await new Promise(setImmediate);
      return [];
    });
    while (ran.length < 2) await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepEqual(ran.toSorted(), ['a', 'b']);
    fails(new Error('no compiler'));
    await done;
    assert.equal(ran[2], 'needs the server');
  });

  it('goes on with the rest of a job that ended half done', async () => {
    const ran: string[] = [];
    let atOnce = 0;
    let most = 0;
    await runQueue([job('a'), job('b'), job('c')], 2, async ({ name }) => {
      ran.push(name);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      return name === 'a' ? [job('the rest of a')] : [];
    });
    assert.deepEqual(ran.toSorted(), ['a', 'b', 'c', 'the rest of a']);
    assert.equal(most, 2);
  });

  it('begins more beside the workers while there is room, nothing busy, and takes each job once', async () => {
    const ran: string[] = [];
    const open: (() => void)[] = [];
    let looks = 0;
    const done = runQueue([job('a'), job('b', true), job('c'), job('d'), job('e')], 1, async ({ name }) => {
      ran.push(name);
      await new Promise<void>((resolve) => { open.push(resolve); });
      return name === 'd' ? [job('the rest of d')] : [];
    }, { most: 2, hasRoom: async () => { await new Promise(setImmediate); looks += 1; return looks !== 2; } });
    while (looks < 10) await new Promise(setImmediate);
    assert.deepEqual(ran, ['a', 'c', 'd'], 'one and two beside it');
    while (ran.length < 6) { open.shift()?.(); await new Promise(setImmediate); }
    for (const finish of open) finish();
    await done;
    assert.deepEqual(ran.toSorted(), ['a', 'b', 'c', 'd', 'e', 'the rest of d']);
  });
});
