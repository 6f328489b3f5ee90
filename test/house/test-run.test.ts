import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from '../../scripts/lib/paths.ts';
import { addUp, repeatFailed, runChunk } from '../../scripts/lib/test-run.ts';
import type { Job } from '../../scripts/lib/test-run.ts';
import type { Failure, TestSummary } from '../../scripts/lib/test-reporter.ts';

describe('a whole test run', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-test-run-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  /** Writes these files; gives their paths. */
  const written = (texts: Readonly<Record<string, string>>): readonly string[] => Object.entries(texts).map(([name, text]) => {
    writeFileSync(path.join(folder, name), text);
    return path.relative(ROOT, path.join(folder, name)).split(path.sep).join('/');
  });

  /** Runs these files as one chunk, and what it leaves behind after it. */
  const ran = async (texts: Readonly<Record<string, string>>): Promise<TestSummary> => runAll(written(texts));
  async function runAll(files: readonly string[]): Promise<TestSummary> {
    const summaries: TestSummary[] = [];
    const waiting: Job[] = [{ kind: 'chunk', name: 'chunk', files, seconds: 1, busy: false, needs: [] }];
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      assert.ok(job.kind === 'chunk');
      const { summary, left } = await runChunk(job, [], {}, path.join(folder, 'output.txt'));
      summaries.push(summary);
      waiting.unshift(...left);
    }
    return addUp(summaries);
  }
  const one = (title: string, body = ''): string => `describe(${JSON.stringify(title)}, () => { it('works', () => { ${body} }); });`;

  it('counts a file that ends its process as one failure, and goes on with those after it', async () => {
    const { passed, failed, failures } = await ran({ 'a.test.cjs': one('a'), 'b.test.cjs': one('b', 'process.kill(process.pid, "SIGKILL");'), 'c.test.cjs': one('c'), 'd.test.cjs': one('d', 'throw new Error("no");') });
    assert.deepEqual([passed, failed], [2, 2]);
    assert.deepEqual(failures.map(({ file }) => path.basename(file)), ['b.test.cjs', 'd.test.cjs']);
    assert.match(failures[1]?.text ?? '', /^Error: no/);
  });

  it('counts a file that cannot be loaded as one failure, and runs its neighbours', async () => {
    const { passed, failed } = await ran({ 'a.test.cjs': one('a'), 'b.test.cjs': 'this is no JavaScript', 'c.test.cjs': one('c') });
    assert.deepEqual([passed, failed], [2, 1]);
  });

  /** Fails in its first process, and does `then` in those after it. */
  const first = (then: string): string => `const fs = require('node:fs'); const been = __filename + '.been'; if (fs.existsSync(been)) { ${then} } else { fs.writeFileSync(been, ''); throw new Error('by chance'); }`;

  it('runs a file that failed once more, alone: what passes then counts as passed, and is named', async () => {
    const files = written({ 'a.test.cjs': one('a'), 'b.test.cjs': `describe('b', () => { it('is whole', () => {}); it('is unsteady', () => { ${first('')} }); it('comes after'); });`, 'c.test.cjs': one('c', first('throw new Error("again");')) });
    const before = await runAll(files);
    assert.deepEqual([before.passed, before.failed, before.skipped.length], [2, 2, 1]);
    const alone: string[] = [];
    const { tests, unsteady } = await repeatFailed(before, files, (file) => {
      alone.push(path.basename(file));
      return runAll([file]);
    });
    assert.deepEqual(alone, ['b.test.cjs', 'c.test.cjs']);
    assert.deepEqual([tests.passed, tests.failed, tests.skipped.length, tests.files.length], [3, 1, 1, 3]);
    assert.deepEqual(unsteady.map(({ title, text }) => [title, text.split('\n')[0]]), [['b is unsteady', 'Error: by chance']]);
    assert.match(tests.failures.map(({ title, text }) => `${title}: ${text}`).join(), /^c works: Error: again/);
  });

  it('takes a file that ended its process for what it does alone', async () => {
    const files = written({ 'a.test.cjs': one('a'), 'b.test.cjs': one('b', first('').replace(/throw new Error\(.*?\);/, 'process.kill(process.pid, "SIGKILL");')), 'c.test.cjs': one('c') });
    const { tests, unsteady } = await repeatFailed(await runAll(files), files, (file) => runAll([file]));
    assert.deepEqual([tests.passed, tests.failed, unsteady.map(({ title }) => title)], [3, 0, ['the end of the process']]);
  });

  /** What a process said whose tests are done, and which does not end. */
  const lingering = (files: readonly string[]): Failure => ({ file: files.join(', '), title: 'the end of the process', text: 'these keep the process alive: Timeout', shared: files });

  it('forgets that a process did not end when the files that failed in it pass alone', async () => {
    const files = written({ 'a.test.cjs': one('a'), 'b.test.cjs': one('b', first('')), 'c.test.cjs': one('c', first('')) });
    const before = await runAll(files);
    const alone: string[] = [];
    const { tests, unsteady } = await repeatFailed({ ...before, failed: before.failed + 1, failures: [...before.failures, lingering(files)] }, files, (file) => {
      alone.push(path.basename(file));
      return runAll([file]);
    });
    assert.deepEqual(alone, ['b.test.cjs', 'c.test.cjs']);
    assert.deepEqual([tests.passed, tests.failed, tests.failures, unsteady.map(({ title }) => title)], [3, 0, [], ['b works', 'c works']]);
  });

  it('keeps a process that did not end a failure when one of its files fails again, or none had failed in it', async () => {
    const files = written({ 'a.test.cjs': one('a'), 'b.test.cjs': one('b', first('')), 'c.test.cjs': one('c', first('throw new Error("again");')) });
    const before = await runAll(files);
    const failed = await repeatFailed({ ...before, failed: before.failed + 1, failures: [...before.failures, lingering(files)] }, files, (file) => runAll([file]));
    assert.deepEqual([failed.tests.passed, failed.tests.failed, failed.tests.failures.map(({ title }) => title)], [2, 2, ['the end of the process', 'c works']]);
    const elsewhere = { ...before, failed: before.failed + 1, failures: [...before.failures, lingering(['test/x.test.ts', 'test/y.test.ts'])] };
    assert.equal((await repeatFailed(elsewhere, files, () => Promise.reject(new Error('it ran once more')))).tests, elsewhere);
  });

  it('repeats nothing when many failed, or nobody knows which file it was', async () => {
    const of = (files: readonly string[]): TestSummary => ({ passed: 0, failed: files.length, skipped: [], slowest: [], files: [], failures: files.map((file) => ({ file, title: file, text: 'no' })) });
    const nobody = (): Promise<TestSummary> => Promise.reject(new Error('it ran once more'));
    const many = of(['1', '2', '3', '4', '5', '6', '7']);
    assert.equal((await repeatFailed(many, many.failures.map(({ file }) => file), nobody)).tests, many);
    const unknown = of(['1', '']);
    assert.equal((await repeatFailed(unknown, ['1'], nobody)).tests, unknown);
  });
});
