/**
 * 24 hours of a large site at 60 times its speed against Waybill as `npm start` composes it: does its memory stay flat, does the
 * ledger verify, do its counts agree with the simulator's own book? Simulator, broker and Waybill share the cores.
 *
 *   node bench/day.ts --duration 1h --from 10:00     a short form, printed only
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { ROOT } from '../scripts/lib/paths.ts';
import type { CheckRow, TallyFile } from '../src/cli/simulate/site/index.ts';
import { dayPicture } from './support/day-picture.ts';
import { intakeCloseFlow } from './support/flows.ts';
import { MeasuredProcess } from './support/measured-process.ts';
import { freePorts } from './support/ports.ts';
import { WaybillProcess } from './support/waybill-process.ts';

export interface DaySample {
  /** Seconds since the first scan. */
  readonly at: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly acknowledged: number;
  readonly outstanding: number;
  readonly casesOpen: number;
  readonly casesClosed: number;
  /** Processes of the whole machine that run or wait, on average over a minute. */
  readonly load: number;
}

export interface DayResult {
  readonly profile: string; readonly seed: number; readonly speed: number; readonly from: string; readonly simulatedHours: number; readonly broker: string;
  readonly realSeconds: number;
  /** From the last acknowledgement until no case was on its way any more. */
  readonly settleSeconds: number;
  readonly messages: number; readonly scans: number; readonly acknowledged: number; readonly resent: number; readonly peakPerSecond: number;
  readonly latencyMs: TallyFile['latencyMs'];
  readonly outages: TallyFile['outages'];
  readonly cores: { readonly waybill: number; readonly simulator: number };
  readonly loopDelayP99: number;
  /** Mean load of the machine during the day; with nothing beside it, it is about the number of cores. */
  readonly meanLoad: number;
  readonly memory: { readonly firstBytes: number; readonly maxBytes: number; readonly endBytes: number; readonly growthPerHourBytes: number; readonly settledBytes: number };
  readonly samples: readonly DaySample[];
  readonly rows: readonly CheckRow[];
  readonly agrees: boolean;
  /** The most cases that were open at the same time. */
  readonly mostOpen: number;
  readonly stillOpen: number;
  readonly exceptions: number;
  readonly ledger: { readonly bytes: number; readonly events: number; readonly findings: number; readonly verifySeconds: number };
}

export interface DayOptions {
  readonly speed: number; readonly duration: string; readonly from: string; readonly profile: string; readonly seed: number;
  /** Keeps the home folder there instead of a temporary one. */
  readonly home?: string;
  readonly log?: (line: string) => void;
}

const SAMPLE_MS = 10_000;
const CLI = path.join(ROOT, 'src/cli/waybill.ts');
const run = promisify(execFile);

interface Counts { readonly casesOpen: number; readonly casesClosed: number; readonly exceptionsOpen: number }

function bookOf(file: string): TallyFile | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as TallyFile : undefined;
}

/** Bytes an hour by which the memory grows in the second half: a line through the samples by least squares. */
function growth(samples: readonly DaySample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const meanAt = half.reduce((sum, { at }) => sum + at, 0) / half.length;
  const meanRss = half.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / half.length;
  const spread = half.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  const slope = half.reduce((sum, { at, rssBytes }) => sum + (at - meanAt) * (rssBytes - meanRss), 0) / (spread || 1);
  return Math.round(slope * 3_600);
}

class DayRun {
  readonly #options: DayOptions;
  readonly #waybill: WaybillProcess;
  readonly #simulator: MeasuredProcess;
  readonly #tally: string;
  readonly #startedAt = performance.now();
  readonly samples: DaySample[] = [];
  simulatorCores = 0;

  constructor(options: DayOptions, waybill: WaybillProcess, tally: string) {
    this.#options = options;
    this.#waybill = waybill;
    this.#tally = tally;
    this.#simulator = new MeasuredProcess({ script: [
      CLI, 'simulate', 'day', '--profile', options.profile, '--seed', String(options.seed), '--speed', String(options.speed), '--duration', options.duration, '--from', options.from,
      '--url', waybill.mqttUrl, '--tally', tally,
    ], cwd: ROOT });
  }

  async sample(): Promise<void> {
    const [counts, reading] = [await this.#waybill.ask('counts') as Counts, await this.#waybill.read()];
    const book = bookOf(this.#tally);
    const sample: DaySample = {
      at: Math.round((performance.now() - this.#startedAt) / 100) / 10, rssBytes: this.#waybill.rss(), heapBytes: reading.heapUsedBytes, acknowledged: book?.messages.acknowledged ?? 0,
      outstanding: (book?.messages.planned ?? 0) - (book?.messages.acknowledged ?? 0), casesOpen: counts.casesOpen, casesClosed: counts.casesClosed,
      load: Number((loadavg()[0] ?? 0).toFixed(1)),
    };
    this.samples.push(sample);
    if (this.#simulator.running) this.simulatorCores = (await this.#simulator.read().catch(() => ({ cpuCores: this.simulatorCores }))).cpuCores;
    this.#options.log?.(`${sample.at.toFixed(0)} s · ${sample.acknowledged} acknowledged · ${sample.outstanding} outstanding · ${sample.casesOpen} open, ${sample.casesClosed} closed · resident ${Math.round(sample.rssBytes / 1e6)} MB, heap ${Math.round(sample.heapBytes / 1e6)} MB · loop p99 ${reading.loopDelayMs.p99} ms · cores ${reading.cpuCores} + ${this.simulatorCores} · load ${sample.load}`);
  }

  /** Resolves with the simulator's book when it has ended. */
  async play(): Promise<TallyFile> {
    while (this.#simulator.running) {
      const next = performance.now() + SAMPLE_MS;
      await this.sample();
      while (this.#simulator.running && performance.now() < next) await sleep(100);
    }
    await this.#simulator.end();
    const book = bookOf(this.#tally);
    if (book?.finished !== true) throw new Error(`The simulator did not come to its end:\n${this.#simulator.output}`);
    return book;
  }

  /** @returns seconds until no case was open, or an hour was over */
  async settled(): Promise<number> {
    const from = performance.now();
    let next = from + SAMPLE_MS;
    while (performance.now() - from < 3_600_000) {
      const { casesOpen } = await this.#waybill.ask('counts') as Counts;
      if (casesOpen === 0) break;
      await sleep(250);
      if (performance.now() >= next) {
        await this.sample();
        next = performance.now() + SAMPLE_MS;
      }
    }
    return Number(((performance.now() - from) / 1_000).toFixed(1));
  }

  async end(): Promise<void> {
    await this.#simulator.end();
  }
}

async function json<T>(args: readonly string[]): Promise<T> {
  const { stdout } = await run(process.execPath, [CLI, ...args], { cwd: ROOT, maxBuffer: 64 * 1_048_576 }).catch((error: { stdout?: string; code?: number } & Error) => {
    if (error.code === 1 && error.stdout !== undefined && error.stdout !== '') return { stdout: error.stdout };
    throw error;
  });
  return JSON.parse(stdout) as T;
}

export async function benchDay(options: DayOptions): Promise<DayResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-day-'));
  const home = options.home ?? path.join(folder, 'home');
  const tally = path.join(folder, 'tally.json');
  mkdirSync(home, { recursive: true });
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const waybill = await WaybillProcess.start({ home, port, mqttPort, erpUrl: 'http://127.0.0.1:9', flow: intakeCloseFlow() });
  const day = new DayRun(options, waybill, tally);
  try {
    await waybill.ask('reset');
    const book = await day.play();
    const during = await waybill.read();
    const settleSeconds = await day.settled();
    await day.sample();
    const counts = await waybill.ask('counts') as Counts;
    const settledBytes = (await waybill.ask('settle') as { rssBytes: number }).rssBytes;
    await waybill.end('SIGTERM', 120_000);
    options.log?.(waybill.output.slice(-2_000));
    const verifyFrom = performance.now();
    const verify = await json<{ events: number; findings: readonly unknown[]; more: number }>(['ledger', 'verify', '--json', '--home', home]);
    const verifySeconds = Math.round((performance.now() - verifyFrom) / 1_000);
    const check = await json<{ agrees: boolean; rows: readonly CheckRow[] }>(['simulate', 'check', '--json', '--home', home, '--tally', tally]);
    const rss = day.samples.map(({ rssBytes }) => rssBytes);
    return {
      profile: options.profile, seed: options.seed, speed: options.speed, from: options.from, simulatedHours: book.simulatedSeconds / 3_600, broker: 'aedes in the same process',
      realSeconds: book.realSeconds, settleSeconds, messages: book.messages.planned, scans: book.scans.planned, acknowledged: book.messages.acknowledged, resent: book.messages.resent,
      peakPerSecond: book.peakPerSecond, latencyMs: book.latencyMs, outages: book.outages, cores: { waybill: during.cpuCores, simulator: day.simulatorCores }, loopDelayP99: during.loopDelayMs.p99,
      meanLoad: Number((day.samples.reduce((sum, { load }) => sum + load, 0) / day.samples.length).toFixed(1)),
      memory: { firstBytes: rss[0] ?? 0, maxBytes: Math.max(...rss), endBytes: rss.at(-1) ?? 0, growthPerHourBytes: growth(day.samples), settledBytes },
      samples: day.samples, rows: check.rows, agrees: check.agrees, mostOpen: Math.max(...day.samples.map(({ casesOpen }) => casesOpen)), stillOpen: counts.casesOpen, exceptions: counts.exceptionsOpen,
      ledger: { bytes: statSync(path.join(home, 'ledger.db')).size, events: verify.events, findings: verify.findings.length + verify.more, verifySeconds },
    };
  } finally {
    await day.end();
    await waybill.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The picture beside the figures. */
export function writeDayPicture(result: DayResult, file: string): void {
  writeFileSync(file, dayPicture(result));
}

if (import.meta.main) {
  const { values } = parseArgs({ options: {
    speed: { type: 'string', default: '60' }, duration: { type: 'string', default: '1h' }, from: { type: 'string', default: '10:00' }, profile: { type: 'string', default: 'large-site' },
    seed: { type: 'string', default: '1' }, home: { type: 'string' }, out: { type: 'string' },
  } });
  const result = await benchDay({
    speed: Number(values.speed), duration: values.duration, from: values.from, profile: values.profile, seed: Number(values.seed), ...(values.home === undefined ? {} : { home: values.home }),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  if (values.out !== undefined) {
    writeFileSync(`${values.out}.json`, `${JSON.stringify(result, null, 1)}\n`);
    writeDayPicture(result, `${values.out}.svg`);
  }
  const { samples, ...figures } = result;
  console.log(JSON.stringify({ ...figures, samples: samples.length }, null, 1));
}
