import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import Mocha from 'mocha';

/** What one mocha run came to; written as JSON to the file that `WAYBILL_TEST_SUMMARY` names. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  /** Full titles of skipped tests. */
  readonly skipped: readonly string[];
  /** Milliseconds and full titles of the ten slowest tests. */
  readonly slowest: readonly { readonly ms: number; readonly title: string }[];
  /** What each file took with its hooks, in the order of the run. */
  readonly files: readonly { readonly file: string; readonly ms: number }[];
  /** Each failure with the text that tells it. */
  readonly failures: readonly { readonly file: string; readonly title: string; readonly text: string }[];
  /** The file that runs now; absent when all is done. What is still there afterwards ended the process. */
  readonly running?: string;
}

/** How long the process may live on after its last test before that counts as a failure, in ms. */
const LINGER_LIMIT_MS = 20_000;

/**
 * Mocha's own `spec` reporter, which also leaves a summary behind and ends a process that its tests
 * keep alive by sockets, workers or timers that they did not close: that counts as one failure.
 */
export default class TestReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: string[] = [];
    const durations: { ms: number; title: string }[] = [];
    const files = new Map<string, number>();
    const failures: TestSummary['failures'][number][] = [];
    let running: string | undefined = 'before the first file';
    let begun = 0;
    let passed = 0;
    let failed = 0;
    const report = (): void => {
      const slowest = durations.toSorted((a, b) => b.ms - a.ms).slice(0, 10);
      writeSummary({ passed, failed, skipped, slowest, files: [...files].map(([file, ms]) => ({ file, ms: Math.round(ms) })), failures, ...(running === undefined ? {} : { running }) });
    };
    report();
    runner.on('pass', (test) => {
      passed += 1;
      durations.push({ ms: test.duration ?? 0, title: test.fullTitle() });
    });
    runner.on('fail', (test, error: Error) => {
      failed += 1;
      failures.push({ file: relative(test.file), title: test.fullTitle(), text: error.stack ?? error.message });
    });
    runner.on('pending', (test) => {
      skipped.push(test.fullTitle());
    });
    runner.on('suite', (suite) => {
      if (suite.parent?.root !== true) return;
      begun = performance.now();
      running = relative(suite.file);
      report();
    });
    runner.on('suite end', (suite) => {
      if (suite.parent?.root !== true) return;
      const file = relative(suite.file);
      files.set(file, (files.get(file) ?? 0) + performance.now() - begun);
    });
    runner.once('end', () => {
      running = undefined;
      report();
      setTimeout(() => {
        failed += 1;
        const text = `the tests are done, but these keep the process alive: ${process.getActiveResourcesInfo().join(', ')}`;
        failures.push({ file: [...files.keys()].join(', '), title: 'the end of the process', text });
        report();
        console.error(text);
        process.exit(1);
      }, LINGER_LIMIT_MS).unref();
    });
  }
}

function relative(file: string | undefined): string {
  return file === undefined ? '' : path.relative(process.cwd(), file).split(path.sep).join('/');
}

function writeSummary(summary: TestSummary): void {
  const file = process.env['WAYBILL_TEST_SUMMARY'];
  if (file !== undefined && file !== '') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(summary));
  }
}
