/**
 * Runs the tests and says at the end, on a line of its own, `N passed, N failed`.
 *
 *   all     build, typecheck and lint (each counts as one), then every test, in two lanes side by side
 *   quick   every test but *.slow.test.ts and test/crash, without a build
 *   crash   test/crash in its long form (WAYBILL_CRASH_LONG=1)
 *   long    the deciders against plain reference models, 10,000 random runs each (WAYBILL_MODEL_RUNS)
 *
 * Further arguments go to mocha; files among them are run instead of the mode's own:
 *   npm run test:quick -- --grep quorum
 *   npm test -- test/house/build.test.ts
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from './lib/paths.ts';
import type { TestSummary } from './lib/test-reporter.ts';

const RESULTS = path.join(ROOT, 'test-results');
const MOCHA_SUMMARY = path.join(RESULTS, 'mocha.json');
/** What Node.js compiles is kept for the processes that follow: the tests start hundreds. */
const COMPILED = path.join(tmpdir(), 'waybill-test-compile-cache');
const CLOSING_LINE = path.join(RESULTS, 'closing-line.txt');

interface Mode {
  readonly checks: readonly (readonly [name: string, command: string, ...args: string[]])[];
  /** Options for mocha. */
  readonly mocha: readonly string[];
  /** The test files, as a glob. */
  readonly files: string;
  readonly env: Readonly<Record<string, string>>;
  /** Patterns of files that another lane runs at the same time: they mostly wait, for browsers and for processes that start. */
  readonly aside?: readonly string[];
}

const EVERY_TEST = 'test/**/*.test.ts';

const MODES: Readonly<Record<string, Mode>> = {
  all: {
    checks: [
      ['build', 'node', 'scripts/build.ts'],
      ['typecheck', 'node', 'scripts/typecheck.ts'],
      ['lint', 'eslint', '--max-warnings', '0', '.'],
    ],
    mocha: ['--forbid-only'],
    files: EVERY_TEST,
    env: {},
    aside: ['test/{crash,demo,docs,editor,journeys}/**/*.test.ts', 'test/web/*.slow.test.ts'],
  },
  quick: {
    checks: [],
    mocha: ['--ignore', 'test/**/*.slow.test.ts', '--ignore', 'test/crash/**'],
    files: EVERY_TEST,
    env: {},
  },
  crash: {
    checks: [['build', 'node', 'scripts/build.ts', '--if-stale']],
    mocha: [],
    files: 'test/crash/**/*.test.ts',
    env: { WAYBILL_CRASH_LONG: '1' },
  },
  long: {
    checks: [],
    mocha: [],
    files: 'test/**/*.model.test.ts',
    env: { WAYBILL_MODEL_RUNS: process.env['WAYBILL_MODEL_RUNS'] ?? '10000' },
  },
};

/** Runs a program of node_modules/.bin with the terminal's own output, or with that of a file; resolves with its exit code. */
function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, output: 'inherit' | 'ignore' | number = 'inherit'): Promise<number> {
  const bin = path.join(ROOT, 'node_modules/.bin');
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', output, output],
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, ...env },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

const NOTHING: TestSummary = { passed: 0, failed: 0, skipped: [], slowest: [], files: [] };

/** Runs mocha once; a run that ended before it could count anything counts as one failure. */
async function lane(mode: Mode, args: readonly string[], summaryFile: string, output: 'inherit' | number = 'inherit'): Promise<TestSummary> {
  rmSync(summaryFile, { force: true });
  const code = await run('mocha', [...mode.mocha, ...args], { NODE_COMPILE_CACHE: COMPILED, ...mode.env, WAYBILL_TEST_SUMMARY: summaryFile }, output);
  const summary = existsSync(summaryFile) ? JSON.parse(readFileSync(summaryFile, 'utf8')) as TestSummary : NOTHING;
  return code !== 0 && summary.failed === 0 ? { ...summary, failed: 1 } : summary;
}

/** What one lane prints is held back until the other is done. */
async function twoLanes(mode: Mode, aside: readonly string[]): Promise<TestSummary> {
  const held = path.join(RESULTS, 'aside.txt');
  const output = openSync(held, 'w');
  const [main, beside] = await Promise.all([
    lane(mode, [...aside.flatMap((pattern) => ['--ignore', pattern]), mode.files], path.join(RESULTS, 'mocha-main.json')),
    lane(mode, aside, path.join(RESULTS, 'mocha-aside.json'), output),
  ]);
  closeSync(output);
  console.log(readFileSync(held, 'utf8'));
  return {
    passed: main.passed + beside.passed, failed: main.failed + beside.failed, skipped: [...main.skipped, ...beside.skipped],
    slowest: [...main.slowest, ...beside.slowest].toSorted((a, b) => b.ms - a.ms).slice(0, 10), files: [...main.files, ...beside.files],
  };
}

async function runMocha(mode: Mode, extra: readonly string[]): Promise<TestSummary> {
  const named = extra.some((argument) => argument.endsWith('.ts'));
  const summary = mode.aside !== undefined && extra.length === 0 && availableParallelism() > 1
    ? await twoLanes(mode, mode.aside)
    : await lane(mode, [...(named ? [] : [mode.files]), ...extra], MOCHA_SUMMARY);
  writeFileSync(MOCHA_SUMMARY, JSON.stringify(summary));
  return summary;
}

async function main(name: string, extra: readonly string[]): Promise<number> {
  const mode = MODES[name];
  if (mode === undefined) {
    console.error(`test: "${name}" is none of ${Object.keys(MODES).join(', ')}`);
    return 2;
  }
  mkdirSync(RESULTS, { recursive: true });
  rmSync(CLOSING_LINE, { force: true });
  const outcomes: string[] = [];
  let failedChecks = 0;
  // Where it fails, the tests that need it say so.
  const installing = mode.aside === undefined || extra.length > 0 ? undefined : run('node', ['test/house/support/install-all.ts'], {}, 'ignore');
  for (const [check, command, ...args] of mode.checks) {
    const ok = (await run(command, args)) === 0;
    failedChecks += ok ? 0 : 1;
    outcomes.push(`${check} ${ok ? 'passed' : 'FAILED'}`);
  }
  const tests = await runMocha(mode, extra);
  await installing;
  const failed = tests.failed + failedChecks;
  const closing = `${tests.passed + mode.checks.length - failedChecks} passed, ${failed} failed`;
  for (const title of tests.skipped) {
    console.log(`skipped: ${title}`);
  }
  for (const { ms, title } of tests.slowest.filter((test) => test.ms > 1000)) {
    console.log(`slow: ${(ms / 1000).toFixed(1)} s ${title}`);
  }
  outcomes.push(`tests: ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped.length} skipped`);
  console.log(`${outcomes.join('; ')}\n${closing}`);
  writeFileSync(CLOSING_LINE, `${closing}\n`);
  return failed === 0 ? 0 : 1;
}

const [mode = 'all', ...extra] = process.argv.slice(2);
process.exitCode = await main(mode, extra);
