/**
 * Runs the tests and says at the end, on a line of its own, `N passed, N failed`.
 *
 *   all     build, then typecheck, lint and lint of types (each of the four counts as one) and every test but *.long.test.ts, from a queue for two workers and
 *           for what fits in beside them; with WAYBILL_REQUIRE_ALL=1 the peers that Debian does not have are built meanwhile, and what
 *           needs one of them waits for it
 *   quick   every test but *.slow.test.ts and test/crash, without a build
 *   crash   test/crash in its long form (WAYBILL_CRASH_LONG=1)
 *   long    the deciders against plain reference models, 10,000 random runs each (WAYBILL_MODEL_RUNS), ten minutes of chance for
 *           parser and mapper (WAYBILL_FUZZ_SECONDS), *.long.test.ts, and tests that otherwise leave combinations out
 *           (WAYBILL_EVERY_COMBINATION)
 *
 * Further arguments go to mocha; files among them are run instead of the mode's own:
 *   npm run test:quick -- --grep quorum
 *   npm test -- test/house/build.test.ts
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { idleShare } from './lib/idle-share.ts';
import { ROOT } from './lib/paths.ts';
import { PEERS, peersOf } from './lib/test-peers.ts';
import type { Peer } from './lib/test-peers.ts';
import { planChunks, runQueue } from './lib/test-plan.ts';
import { addUp, repeatFailed, run, runChunk, runMocha } from './lib/test-run.ts';
import type { Job, Outcome, Repeated } from './lib/test-run.ts';
import type { TestSummary } from './lib/test-reporter.ts';

const RESULTS = path.join(ROOT, 'test-results');
const CLOSING_LINE = path.join(RESULTS, 'closing-line.txt');
/** Seconds by test file, of those that take some: which files are begun first, and which share a process. */
const DURATIONS = path.join(ROOT, 'test/durations.json');
/** Of whole runs. */
const WORKERS = 2;
/** Most tests wait a third of their time: further jobs begin while so much of the machine is idle for so long. */
const SPARE = { most: 3, idle: 0.4, lookMs: 3_000 } as const;

type Check = readonly [name: string, command: string, ...args: string[]];

interface Mode {
  /** Done first, one after the other. */
  readonly checks: readonly Check[];
  /** Done in the queue with the tests. */
  readonly beside?: readonly Check[];
  /** Options for mocha. */
  readonly mocha: readonly string[];
  /** The test files, as a glob. */
  readonly files: string;
  readonly env: Readonly<Record<string, string>>;
}

const EVERY_TEST = 'test/**/*.test.ts';
/** Of the long form alone. */
const LONG = '.long.test.ts';
/** Their tests start several processes at once. */
const BUSY: readonly string[] = ['test/crash'];

const MODES: Readonly<Record<string, Mode>> = {
  all: {
    checks: [['build', 'node', 'scripts/build.ts']],
    beside: [['typecheck', 'node', 'scripts/typecheck.ts'], ['lint', 'eslint', '--max-warnings', '0', '.'], ['lint of types', 'oxlint', '--type-aware', '--deny-warnings']],
    mocha: ['--forbid-only'],
    files: EVERY_TEST,
    env: {},
  },
  quick: {
    checks: [],
    mocha: ['--ignore', 'test/**/*.slow.test.ts', '--ignore', `test/**/*${LONG}`, '--ignore', 'test/crash/**'],
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
    files: 'test/**/{*.model,*.long,accessibility.slow,at-rest.slow,merkle,pack.slow,scenarios,sidebar.slow,templates}.test.ts',
    env: { WAYBILL_EVERY_COMBINATION: '1', WAYBILL_MODEL_RUNS: process.env['WAYBILL_MODEL_RUNS'] ?? '10000' },
  },
};

/** Those that are being built or installed. */
type Peers = ReadonlyMap<Peer, Promise<void>>;

/** Begins to build and install what Debian does not have. Where that fails, the tests that need it say so. */
function preparePeers(): Peers {
  return new Map(Object.entries(PEERS).map(([peer, { script }]) => [peer as Peer, prepared(peer, script)]));
}

async function prepared(peer: string, script: string): Promise<void> {
  const output = outputOf(peer);
  const began = performance.now();
  const code = await run('bash', [script], {}, output);
  console.log(`── ${peer}: ${((performance.now() - began) / 1000).toFixed(0)} s\n${code === 0 ? 'is there' : `could not be built; the tests that need it will fail:\n${readFileSync(output, 'utf8').trimEnd()}`}\n`);
}

/** Every check and test from one queue, longest first. What a job prints comes when it ends, in one piece. */
async function fromQueue(mode: Mode, peers: Peers): Promise<Repeated & { readonly checks: readonly Outcome[] }> {
  const measured = existsSync(DURATIONS) ? JSON.parse(readFileSync(DURATIONS, 'utf8')) as Record<string, number> : {};
  const files = globSync(mode.files, { cwd: ROOT }).map((file) => file.split(path.sep).join('/')).filter((file) => !file.endsWith(LONG));
  const jobs: Job[] = [
    ...(mode.beside ?? []).map(([name, command, ...args]): Job => ({ kind: 'check', name, command, args, busy: true })),
    ...planChunks(files, measured, BUSY, peersOf).map((chunk): Job => ({ kind: 'chunk', ...chunk, ...(chunk.needs.length === 0 ? {} : { after: Promise.all(chunk.needs.map(async (peer) => { await peers.get(peer as Peer); })) }) })),
  ];
  const checks: Outcome[] = [];
  const summaries: TestSummary[] = [];
  await runQueue(jobs, Math.min(WORKERS, availableParallelism()), async (job) => {
    const output = outputOf(job.name);
    const began = performance.now();
    if (job.kind === 'check') {
      checks.push({ name: job.name, ok: (await run(job.command, job.args, {}, output)) === 0 });
      return printed(job, output, began, []);
    }
    const { summary, left } = await runChunk(job, [...mode.mocha], mode.env, output);
    summaries.push(summary);
    return printed(job, output, began, left);
  }, { most: SPARE.most, hasRoom: async () => (await idleShare(SPARE.lookMs)) > SPARE.idle });
  const repeated = await repeatFailed(addUp(summaries), files, async (file) => {
    const job: Job = { kind: 'chunk', name: `${file}, once more and alone`, files: [file], seconds: 0, busy: true, needs: [] };
    const began = performance.now();
    const { summary } = await runChunk(job, [...mode.mocha], mode.env, outputOf(job.name));
    printed(job, outputOf(job.name), began, []);
    return summary;
  });
  return { checks, ...repeated };
}

function outputOf(name: string): string {
  return path.join(RESULTS, 'jobs', `${name.replaceAll(/[^\w.-]+/g, '-')}.txt`);
}

function printed(job: Job, output: string, began: number, left: readonly Job[]): readonly Job[] {
  console.log(`── ${job.name}: ${((performance.now() - began) / 1000).toFixed(0)} s\n${readFileSync(output, 'utf8').trimEnd()}\n`);
  return left;
}

/** The longest files with their processor time, so that test/durations.json can follow; all of them are in test-results/mocha.json. */
function sayLongest(tests: TestSummary): void {
  for (const { file, ms, cpuMs } of tests.files.filter((one) => one.ms >= 10_000).toSorted((a, b) => b.ms - a.ms)) {
    console.log(`long: ${(ms / 1000).toFixed(0)} s ${file} (processor ${(cpuMs / 1000).toFixed(0)} s)`);
  }
}

async function main(name: string, extra: readonly string[]): Promise<number> {
  const mode = MODES[name];
  if (mode === undefined) {
    console.error(`test: "${name}" is none of ${Object.keys(MODES).join(', ')}`);
    return 2;
  }
  rmSync(path.join(RESULTS, 'jobs'), { recursive: true, force: true });
  mkdirSync(path.join(RESULTS, 'jobs'), { recursive: true });
  rmSync(CLOSING_LINE, { force: true });
  const whole = mode.beside !== undefined && extra.length === 0;
  // Where it fails, the tests that need it say so.
  const installing = whole ? run('node', ['test/house/support/install-all.ts'], {}, 'ignore') : undefined;
  const peers: Peers = whole && process.env['WAYBILL_REQUIRE_ALL'] === '1' ? preparePeers() : new Map();
  const outcomes: Outcome[] = [];
  for (const [check, command, ...args] of [...mode.checks, ...(whole ? [] : mode.beside ?? [])]) {
    outcomes.push({ name: check, ok: (await run(command, args)) === 0 });
  }
  const named = extra.some((argument) => argument.endsWith('.ts'));
  const { checks, tests, unsteady } = whole
    ? await fromQueue(mode, peers)
    : { checks: [], unsteady: [], tests: await runMocha([...mode.mocha, ...(named ? [] : [mode.files]), ...extra], mode.env, path.join(RESULTS, 'mocha.json')) };
  await Promise.all([installing, ...peers.values()]);
  writeFileSync(path.join(RESULTS, 'mocha.json'), JSON.stringify(tests));
  outcomes.push(...checks);
  const failed = tests.failed + outcomes.filter(({ ok }) => !ok).length;
  const closing = `${tests.passed + outcomes.filter(({ ok }) => ok).length} passed, ${failed} failed`;
  if (whole) sayLongest(tests);
  for (const title of tests.skipped) {
    console.log(`skipped: ${title}`);
  }
  for (const { ms, title } of tests.slowest.filter((test) => test.ms > 1000)) {
    console.log(`slow: ${(ms / 1000).toFixed(1)} s ${title}`);
  }
  // Once more at the end, where one looks: their own place is far above.
  for (const [word, failures] of [['unsteady', unsteady], ['failed', whole ? tests.failures : []]] as const) {
    for (const { file, title, text } of failures) console.log(`${word}: ${title} (${file})\n${text.replaceAll(/^/gm, '  ')}\n`);
  }
  console.log(`${[...outcomes.map((one) => `${one.name} ${one.ok ? 'passed' : 'FAILED'}`), `tests: ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped.length} skipped${unsteady.length === 0 ? '' : `, ${unsteady.length} of those that passed unsteady: failed beside others, passed alone`}`].join('; ')}\n${closing}`);
  writeFileSync(CLOSING_LINE, `${closing}\n`);
  return failed === 0 ? 0 : 1;
}

const [mode = 'all', ...extra] = process.argv.slice(2);
process.exitCode = await main(mode, extra);
