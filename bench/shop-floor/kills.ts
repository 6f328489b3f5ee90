import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../scripts/lib/paths.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts';
import type { PublishSummary } from '../publisher.ts';
import { ssccOf } from '../publisher.ts';
import { LoadProcess } from '../support/load-process.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { freePorts } from '../support/ports.ts';
import { opened, order, Peak, until, withMosquitto } from './brokered.ts';
import type { Bench } from './brokered.ts';

/** What one taker of the messages came to when everything had come to rest. */
export interface KillsResult {
  readonly seconds: number;
  readonly kills: number;
  readonly brokerRestarts: number;
  /** Acknowledged to the publisher by the broker. */
  readonly published: number;
  /** Sent again by the publisher, because a restart of the broker took the acknowledgement away. */
  readonly resent: number;
  /** Of the published ones, not there at the end. */
  readonly lost: number;
  /** There more than once. */
  readonly doubled: number;
  /** Pairs of a device's neighbouring messages that stand the other way round. */
  readonly outOfOrder: number;
  readonly rssMaxBytes: number;
}

export interface KillsOptions { readonly rate: number; readonly seconds: number; readonly kills: number; readonly brokerEverySeconds: number }

interface Taker { end(signal?: NodeJS.Signals, patienceMs?: number): Promise<void>; rss(): number }

interface Run { readonly summary: PublishSummary; readonly brokerRestarts: number; readonly rssMaxBytes: number; readonly last: Taker }

/** Sends, restarts the broker, kills and starts the taker again, and resolves with the taker that runs in the end. */
async function underKills(bench: Bench, start: () => Promise<Taker>, { rate, seconds, kills, brokerEverySeconds }: KillsOptions): Promise<Run> {
  let taker = await start();
  await sleep(2_000);
  const peak = new Peak(() => taker.rss());
  const load = new LoadProcess({ url: bench.broker.url, ...order, rate, seconds, inflight: 400, run: 'kills', from: 0 });
  let sending = true;
  const summary = load.summary().finally(() => { sending = false; });
  let brokerRestarts = 0;
  const restarts = (async () => {
    for (;;) {
      await sleep(brokerEverySeconds * 1_000);
      if (!sending) return;
      await bench.broker.stop(); // in order: it writes its sessions down
      await bench.broker.run();
      brokerRestarts += 1;
    }
  })();
  for (let i = 0; i < kills; i += 1) {
    await sleep((seconds / (kills + 0.5)) * 1_000 * 0.9);
    await taker.end('SIGKILL');
    taker = await start();
  }
  const sent = await summary;
  await restarts;
  peak.stop();
  return { summary: sent, brokerRestarts, rssMaxBytes: peak.bytes, last: taker };
}

/** @param numbers message numbers in the order in which they were kept */
function judged(numbers: readonly number[], run: Run, { seconds, kills }: KillsOptions): KillsResult {
  const seen = new Set<number>();
  const latest = new Map<number, number>();
  let doubled = 0;
  let outOfOrder = 0;
  for (const i of numbers) {
    if (seen.has(i)) {
      doubled += 1;
      continue;
    }
    seen.add(i);
    const device = i % 16;
    if ((latest.get(device) ?? -1) > i) outOfOrder += 1;
    else latest.set(device, i);
  }
  let lost = 0;
  for (let i = 0; i < run.summary.acked; i += 1) if (!seen.has(i)) lost += 1;
  return { seconds, kills, brokerRestarts: run.brokerRestarts, published: run.summary.acked, resent: run.summary.resent, lost, doubled, outOfOrder, rssMaxBytes: run.rssMaxBytes };
}

/** Message numbers of the cases, in the order of the ledger. */
async function recordedIn(home: string): Promise<readonly number[]> {
  const ledger = await openSqliteLedger({ home, site: 'dc-1', now: Date.now });
  const numbers: number[] = [];
  try {
    for (let at = 1; ; ) {
      const events = await ledger.readAll(at, 20_000);
      if (events.length === 0) return numbers;
      for (const event of events) {
        if (event.type !== 'ScanRecorded') continue;
        const { code } = (event.content ?? {}) as { readonly code?: string };
        const sscc = code?.slice(-18) ?? '';
        const i = Number(sscc.slice(8, 17));
        if (ssccOf(i) !== sscc) throw new Error(`The ledger has a code that was never sent: ${String(code)}`);
        numbers.push(i);
      }
      at = (events.at(-1)?.position ?? at) + 1;
    }
  } finally {
    await ledger.close();
  }
}

export function waybillUnderKills(options: KillsOptions): Promise<KillsResult> {
  return withMosquitto(async (bench) => {
    let process = await bench.waybill();
    let started = false;
    const run = await underKills(bench, async () => {
      if (started) process = await bench.waybill();
      started = true;
      return process;
    }, options);
    // what the last process has opened since its start grows until nothing is left at the broker
    await until(Infinity, () => opened(process));
    await run.last.end();
    return judged(await recordedIn(bench.home), run, options);
  });
}

export function bareUnderKills(options: KillsOptions): Promise<KillsResult> {
  return withMosquitto(async (bench) => {
    const file = path.join(bench.folder, 'kept.txt');
    const [port = 0] = await freePorts(1);
    const run = await underKills(bench, async () => {
      const bare = new MeasuredProcess({ script: [path.join(ROOT, 'bench/support/bare-node-red.ts'), path.join(bench.folder, 'bare'), String(port), String(bench.broker.port), file], cwd: ROOT });
      await bare.printed(/started/u);
      return bare;
    }, options);
    const lines = (): Promise<number> => Promise.resolve(existsSync(file) ? readFileSync(file).length : 0);
    await until(Infinity, lines);
    await run.last.end('SIGTERM', 3_000);
    // a line that a kill cut in two is a message that is not there
    const numbers = readFileSync(file, 'utf8').split('\n').flatMap((line) => {
      const [, i] = /^\{"id":"kills-(\d+)",.*\}$/u.exec(line) ?? [];
      return i === undefined ? [] : [Number(i)];
    });
    return judged(numbers, run, options);
  });
}
