import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import Mocha from 'mocha';

/** What one file came to. */
export interface FileSummary {
  readonly file: string;
  /** What it took with its hooks. */
  readonly ms: number;
  /** Processor time of it and of the processes that it started and saw end, ms; 0 where the system does not tell (only Linux does). */
  readonly cpuMs: number;
  readonly passed: number;
  /** Full titles. */
  readonly skipped: readonly string[];
}

/** A failure with the text that tells it. */
export interface Failure {
  readonly file: string;
  readonly title: string;
  readonly text: string;
  /** The files that shared the process, of a failure that belongs to no single one of them. */
  readonly shared?: readonly string[];
}

/** What one mocha run came to; written as JSON to the file that `WAYBILL_TEST_SUMMARY` names. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  /** Full titles of skipped tests. */
  readonly skipped: readonly string[];
  /** Milliseconds and full titles of the ten slowest tests. */
  readonly slowest: readonly { readonly ms: number; readonly title: string }[];
  /** In the order of the run. */
  readonly files: readonly FileSummary[];
  readonly failures: readonly Failure[];
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
    const files = new Map<string, { ms: number; cpuMs: number; passed: number; skipped: string[] }>();
    const failures: Failure[] = [];
    let running: string | undefined = 'before the first file';
    let begun = { at: 0, cpuMs: 0 };
    let passed = 0;
    let failed = 0;
    const report = (): void => {
      const slowest = durations.toSorted((a, b) => b.ms - a.ms).slice(0, 10);
      writeSummary({ passed, failed, skipped, slowest, files: [...files].map(([file, one]) => ({ file, ...one, ms: Math.round(one.ms) })), failures, ...(running === undefined ? {} : { running }) });
    };
    const of = (file: string): NonNullable<ReturnType<typeof files.get>> => {
      const known = files.get(file) ?? { ms: 0, cpuMs: 0, passed: 0, skipped: [] };
      files.set(file, known);
      return known;
    };
    report();
    runner.on('pass', (test) => {
      passed += 1;
      of(relative(test.file)).passed += 1;
      durations.push({ ms: test.duration ?? 0, title: test.fullTitle() });
    });
    runner.on('fail', (test, error: Error) => {
      failed += 1;
      failures.push({ file: relative(test.file), title: test.fullTitle(), text: error.stack ?? error.message });
    });
    runner.on('pending', (test) => {
      skipped.push(test.fullTitle());
      of(relative(test.file)).skipped.push(test.fullTitle());
    });
    runner.on('suite', (suite) => {
      if (suite.parent?.root !== true) return;
      begun = { at: performance.now(), cpuMs: cpuMs() };
      running = relative(suite.file);
      report();
    });
    runner.on('suite end', (suite) => {
      if (suite.parent?.root !== true) return;
      const file = of(relative(suite.file));
      file.ms += performance.now() - begun.at;
      file.cpuMs += cpuMs() - begun.cpuMs;
    });
    runner.once('end', () => {
      running = undefined;
      report();
      setTimeout(() => {
        failed += 1;
        const text = `the tests are done, but these keep the process alive: ${process.getActiveResourcesInfo().join(', ')}`;
        const shared = [...files.keys()];
        failures.push({ file: shared.join(', '), title: 'the end of the process', text, ...(shared.length > 1 ? { shared } : {}) });
        report();
        console.error(text);
        process.exit(1);
      }, LINGER_LIMIT_MS).unref();
    });
  }
}

/** Processor time of this process and of those that it started and saw end, ms. */
function cpuMs(): number {
  const stat = '/proc/self/stat';
  if (!existsSync(stat)) return 0;
  const text = readFileSync(stat, 'utf8');
  // After the name in parentheses, from `state` on: utime, stime, cutime and cstime, in ticks of 10 ms (proc_pid_stat(5)).
  return text.slice(text.lastIndexOf(')') + 2).split(' ').slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
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
