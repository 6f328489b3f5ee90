import process from 'node:process';
import { lineCutsOf } from './fleet.ts';
import type { LineCut } from './fleet.ts';
import { checkText, compare } from './check.ts';
import { readDayOptions } from './day-options.ts';
import type { DayOptions } from './day-options.ts';
import { tallyOfLedger } from './ledger-tally.ts';
import { sitePlan } from './plan.ts';
import type { SitePlan } from './plan.ts';
import { daySummary, dayProgress, planText } from './day-report.ts';
import { SiteRunner } from './runner.ts';
import { TALLY_FORMAT, writeTally } from './tally.ts';
import type { LedgerTally, TallyFile } from './tally.ts';

/** How often the book is written while a run goes on, in ms: what reads it sees how far it is. */
const WRITE_MS = 2_000;

/** @throws UsageError, ProfileError, LedgerError */
export async function dayCommand(args: string[], help: string): Promise<number> {
  const options = readDayOptions(args);
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const startAt = Date.now();
  const plan = sitePlan({ ...options, startAt });
  const cuts = lineCutsOf(options);
  if (options.planOnly) {
    process.stdout.write(planText(plan, cuts, options.seconds));
    return 0;
  }
  const before = options.home === undefined ? undefined : tallyOfLedger(options.home, options.sites);
  return play(options, plan, cuts, { startAt, before });
}

async function play(options: DayOptions, plan: SitePlan, cuts: readonly LineCut[], run: { readonly startAt: number; readonly before: LedgerTally | undefined }): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  const { url, user, password, speed, maxOutstanding } = options;
  const runner = new SiteRunner({
    url, speed, maxOutstanding, plan, cuts, signal: stop.signal, connectTimeoutMs: 10_000, drainTimeoutMs: 60_000,
    ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }),
    name: `simulate-${Math.random().toString(36).slice(2, 8)}`,
  });
  const book = (finished: boolean): TallyFile => tallyFile(options, runner, { ...run, finished });
  const live = process.stdout.isTTY === true;
  let shown = 0;
  const ticker = setInterval(() => {
    if (options.tally !== undefined) writeTally(options.tally, book(false));
    if (!live && performance.now() - shown < 10_000) return;
    shown = performance.now();
    process.stdout.write(live ? `\r${dayProgress(runner, options.seconds)}\u001b[K` : `${dayProgress(runner, options.seconds)}\n`);
  }, live ? 500 : WRITE_MS);
  try {
    await runner.run();
  } catch (error) {
    if (stop.signal.aborted) return 1;
    const reason = error instanceof AggregateError ? String(error.errors[0]) : (error as Error).message;
    process.stderr.write(`waybill simulate: the broker at ${url} cannot be reached (${reason}); start it (npm start) or give another --url\n`);
    return 1;
  } finally {
    clearInterval(ticker);
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
  const tally = book(runner.planDone && !stop.signal.aborted);
  if (options.tally !== undefined) writeTally(options.tally, tally);
  process.stdout.write(`${live ? '\r\u001b[K' : ''}${daySummary(tally)}\n`);
  if (stop.signal.aborted) process.stdout.write('Ended early.\n');
  if (tally.messages.outstanding > 0) process.stderr.write(`waybill simulate: ${tally.messages.outstanding} messages were not acknowledged\n`);
  return Math.max(tally.messages.outstanding > 0 ? 1 : 0, options.verify ? verified(options, tally) : 0);
}

function verified(options: DayOptions, tally: TallyFile): number {
  const now = tallyOfLedger(options.home, options.sites);
  const rows = compare(tally, now);
  process.stdout.write(`\n${checkText(tally, now, rows)}\n`);
  return rows.every(({ agrees }) => agrees) ? 0 : 1;
}

function tallyFile(options: DayOptions, runner: SiteRunner, run: { readonly startAt: number; readonly before: LedgerTally | undefined; readonly finished: boolean }): TallyFile {
  const { tally } = runner;
  return {
    format: TALLY_FORMAT, finished: run.finished, writtenAt: new Date().toISOString(),
    profile: options.profile.name, seed: options.seed, run: options.run, speed: options.speed, sites: options.sites, from: options.from, simulatedSeconds: options.seconds,
    startedAt: new Date(run.startAt).toISOString(), url: options.url, realSeconds: Number(((Date.now() - run.startAt) / 1_000).toFixed(1)), planHash: runner.planHash,
    messages: {
      planned: tally.planned, sent: tally.sent, acknowledged: tally.acknowledged, outstanding: tally.sent - tally.acknowledged, neverSent: tally.planned - tally.sent, resent: tally.resent,
    },
    scans: { planned: tally.plannedScans, acknowledged: tally.acknowledgedScans },
    expected: { ...tally.expected, reasons: Object.fromEntries(tally.reasons) }, possible: { ...tally.possible }, missed: { ...tally.missed },
    bySite: Object.fromEntries(tally.sites), kinds: Object.fromEntries(tally.kinds),
    latencyMs: runner.latencies.summary(), peakPerSecond: runner.peakPerSecond, behindSeconds: Number(runner.behindSeconds.toFixed(1)), reconnects: runner.reconnects,
    outages: { lineCuts: runner.lineCuts, devicesOffline: runner.devicesOffline },
    ...(run.before === undefined ? {} : { before: run.before }),
  };
}
