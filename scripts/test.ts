/**
 * Runs the tests and says at the end, on a line of its own, `N passed, N failed`.
 *
 *   all     build, typecheck and lint (each counts as one), then every test
 *   quick   every test but *.slow.test.ts and test/crash, without a build
 *   crash   test/crash in its long form (WAYBILL_CRASH_LONG=1)
 *   long    the deciders against plain reference models, 10,000 random runs each (WAYBILL_MODEL_RUNS)
 *
 * Further arguments go to mocha; files among them are run instead of the mode's own:
 *   npm run test:quick -- --grep quorum
 *   npm test -- test/house/build.test.ts
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './lib/paths.ts';
import type { TestSummary } from './lib/test-reporter.ts';

const RESULTS = path.join(ROOT, 'test-results');
const MOCHA_SUMMARY = path.join(RESULTS, 'mocha.json');
const CLOSING_LINE = path.join(RESULTS, 'closing-line.txt');

interface Mode {
  readonly checks: readonly (readonly [name: string, command: string, ...args: string[]])[];
  /** Options for mocha. */
  readonly mocha: readonly string[];
  /** The test files, as a glob. */
  readonly files: string;
  readonly env: Readonly<Record<string, string>>;
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

/** Runs a program of node_modules/.bin with the terminal's own output; resolves with its exit code. */
function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const bin = path.join(ROOT, 'node_modules/.bin');
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, ...env },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** Runs mocha; a run that ended before it could count anything counts as one failure. */
async function runMocha(mode: Mode, extra: readonly string[]): Promise<TestSummary> {
  rmSync(MOCHA_SUMMARY, { force: true });
  const files = extra.some((argument) => argument.endsWith('.ts')) ? [] : [mode.files];
  const code = await run('mocha', [...mode.mocha, ...files, ...extra], { ...mode.env, WAYBILL_TEST_SUMMARY: MOCHA_SUMMARY });
  const summary = existsSync(MOCHA_SUMMARY)
    ? (JSON.parse(readFileSync(MOCHA_SUMMARY, 'utf8')) as TestSummary)
    : { passed: 0, failed: 0, skipped: [], slowest: [], files: [] };
  return code !== 0 && summary.failed === 0 ? { ...summary, failed: 1 } : summary;
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
  for (const [check, command, ...args] of mode.checks) {
    const ok = (await run(command, args)) === 0;
    failedChecks += ok ? 0 : 1;
    outcomes.push(`${check} ${ok ? 'passed' : 'FAILED'}`);
  }
  const tests = await runMocha(mode, extra);
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
