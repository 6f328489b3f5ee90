import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from '../../scripts/lib/paths.ts';
import { addUp, runChunk } from '../../scripts/lib/test-run.ts';
import type { Job } from '../../scripts/lib/test-run.ts';
import type { TestSummary } from '../../scripts/lib/test-reporter.ts';

describe('a whole test run', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-test-run-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  /** Runs these files as one chunk, and what it leaves behind after it. */
  async function ran(texts: Readonly<Record<string, string>>): Promise<TestSummary> {
    const files = Object.entries(texts).map(([name, text]) => {
      writeFileSync(path.join(folder, name), text);
      return path.relative(ROOT, path.join(folder, name)).split(path.sep).join('/');
    });
    const summaries: TestSummary[] = [];
    const waiting: Job[] = [{ kind: 'chunk', name: 'chunk', files, seconds: 1, busy: false }];
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
});
