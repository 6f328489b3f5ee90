import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from './paths.ts';
import type { Chunk } from './test-plan.ts';
import type { Failure, TestSummary } from './test-reporter.ts';

/** What Node.js compiles is kept for the processes that follow: the tests start hundreds. */
const COMPILED = path.join(tmpdir(), 'waybill-test-compile-cache');
/** Longer than any chunk takes on a slow machine; mocha cannot end a test that never gives its thread back. */
const CHUNK_LIMIT_MS = 15 * 60_000;

/** Of a whole run: where more files have failed than this, it is no chance. */
const MOST_AGAIN = 6;

export type Job = ({ readonly kind: 'chunk'; readonly after?: Promise<unknown> } & Chunk) | { readonly kind: 'check'; readonly name: string; readonly command: string; readonly args: readonly string[]; readonly busy: boolean; readonly after?: never };

export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
}

const NOTHING: TestSummary = { passed: 0, failed: 0, skipped: [], slowest: [], files: [], failures: [] };

/**
 * Runs a program of node_modules/.bin with the terminal's own output, or with a file's; resolves with its exit code, 1 when it was
 * ended by a signal.
 */
export async function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, output: 'inherit' | 'ignore' | (string & {}) = 'inherit', limitMs?: number): Promise<number> {
  const bin = path.join(ROOT, 'node_modules/.bin');
  const file = output === 'inherit' || output === 'ignore' ? undefined : openSync(output, 'w');
  try {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', file ?? (output as 'inherit' | 'ignore'), file ?? (output as 'inherit' | 'ignore')],
      env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, ...env },
      ...(limitMs === undefined ? {} : { timeout: limitMs, killSignal: 'SIGKILL' as const }),
    });
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve(code ?? 1);
      });
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Runs mocha once; a run that ended before it could count anything counts as one failure. */
export async function runMocha(args: readonly string[], env: Readonly<Record<string, string>>, summaryFile: string, output: 'inherit' | (string & {}) = 'inherit', limitMs?: number): Promise<TestSummary> {
  rmSync(summaryFile, { force: true });
  const code = await run('mocha', args, { NODE_COMPILE_CACHE: COMPILED, ...env, WAYBILL_TEST_SUMMARY: summaryFile }, output, limitMs);
  const summary = existsSync(summaryFile) ? JSON.parse(readFileSync(summaryFile, 'utf8')) as TestSummary : NOTHING;
  if (code === 0 && summary.running === undefined) return summary;
  // mocha's own exit code is the number of failures: anything more than these is an end that it did not count.
  const { running } = summary;
  if (summary.failed > 0 && running === undefined) return summary;
  const file = running ?? '';
  const failure = { file, title: 'the end of the process', text: `mocha ended with exit code ${code}${file === '' ? '' : ` in ${file}`}; its output says more.` };
  return { ...summary, failed: summary.failed + 1, failures: [...summary.failures, failure] };
}

/** Runs the files of a chunk. When one of them ends the process, that is a failure, and the files after it are left to be run. */
export async function runChunk(chunk: Chunk, options: readonly string[], env: Readonly<Record<string, string>>, output: string): Promise<{ readonly summary: TestSummary; readonly left: readonly Job[] }> {
  const summary = await runMocha([...options, ...chunk.files], env, `${output}.json`, output, CHUNK_LIMIT_MS);
  if (summary.failed === 0) return { summary, left: [] };
  const begun = new Set([...summary.files.map(({ file }) => file), ...(summary.running === undefined ? [] : [summary.running])]);
  const rest = chunk.files.filter((file) => !begun.has(file));
  if (summary.running === undefined && summary.files.length > 0) return { summary, left: [] };
  // None has begun: one of them cannot be loaded. Alone, each says whether it is the one.
  if (rest.length === chunk.files.length) {
    return chunk.files.length === 1 ? { summary, left: [] } : { summary: NOTHING, left: chunk.files.map((file) => ({ ...chunk, kind: 'chunk', name: file, files: [file] })) };
  }
  return { summary, left: rest.length === 0 ? [] : [{ ...chunk, kind: 'chunk', name: `${chunk.name}, the rest`, files: rest }] };
}

export function addUp(summaries: readonly TestSummary[]): TestSummary {
  const total = (of: (summary: TestSummary) => number): number => summaries.reduce((sum, summary) => sum + of(summary), 0);
  return {
    passed: total(({ passed }) => passed), failed: total(({ failed }) => failed), skipped: summaries.flatMap(({ skipped }) => skipped),
    slowest: summaries.flatMap(({ slowest }) => slowest).toSorted((a, b) => b.ms - a.ms).slice(0, 10),
    files: summaries.flatMap(({ files }) => files), failures: summaries.flatMap(({ failures }) => failures),
  };
}

/** What a whole run came to when files that had failed beside others have run once more, alone. */
export interface Repeated {
  readonly tests: TestSummary;
  /** What failed the first time and passed the second: no failure of this run, and to be looked at. */
  readonly unsteady: readonly Failure[];
}

/**
 * Runs each file that failed once more, alone: what fails again is a failure, what passes now is unsteady. A process that did not end
 * after failed tests is a consequence of these: alone, its files show whether they keep their process alive, and where all of them
 * pass it is forgotten. Nothing is run again when more than {@link MOST_AGAIN} files failed, or when a failure belongs to no single
 * one of `files`, such as a process that did not end although its tests passed.
 *
 * @param files every file of the run
 * @param runAlone runs one of them
 */
export async function repeatFailed(first: TestSummary, files: readonly string[], runAlone: (file: string) => Promise<TestSummary>): Promise<Repeated> {
  const own = first.failures.filter(({ shared }) => shared === undefined);
  const failed = [...new Set(own.map(({ file }) => file))];
  const causesOf = ({ shared = [] }: Failure): readonly string[] => failed.filter((file) => shared.includes(file));
  const isKnown = first.failures.length === first.failed && failed.every((file) => files.includes(file))
    && first.failures.every((failure) => failure.shared === undefined || causesOf(failure).length > 0);
  if (failed.length === 0 || failed.length > MOST_AGAIN || !isKnown) return { tests: first, unsteady: [] };
  let tests = first;
  const unsteady: Failure[] = [];
  for (const file of failed) {
    const again = await runAlone(file);
    unsteady.push(...own.filter((failure) => failure.file === file && !again.failures.some(({ title }) => title === failure.title)));
    tests = addUp([without(tests, file), again]);
  }
  const failures = tests.failures.filter((failure) => failure.shared === undefined || causesOf(failure).some((cause) => tests.failures.some(({ file }) => file === cause)));
  return { tests: { ...tests, failed: tests.failed - (tests.failures.length - failures.length), failures }, unsteady };
}

/** The counts without those of one file. */
function without(tests: TestSummary, file: string): TestSummary {
  const own = tests.files.find((one) => one.file === file);
  const failures = tests.failures.filter((failure) => failure.file !== file);
  return {
    ...tests, passed: tests.passed - (own?.passed ?? 0), failed: tests.failed - (tests.failures.length - failures.length), failures,
    skipped: tests.skipped.filter((title) => own?.skipped.includes(title) !== true), files: tests.files.filter((one) => one.file !== file),
  };
}
