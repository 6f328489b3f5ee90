/**
 * A home with many open cases, each waiting for a person: how long a cold start takes until it is ready, and how much memory it
 * holds then. The yardstick is the same start on an empty home. The home is made through the engine, scan by scan, and kept in the
 * folder for temporary files, because that takes a while.
 */
import { hash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../scripts/lib/paths.ts';
import { approvalFlow } from './support/flows.ts';
import { LoadProcess } from './support/load-process.ts';
import { freePorts } from './support/ports.ts';
import { putFlow, WaybillProcess } from './support/waybill-process.ts';

export interface ColdStart {
  /** From the start of the process to 200 of /waybill/readyz. */
  readonly readySeconds: number;
  /** Resident memory when it was ready. */
  readonly rssReadyBytes: number;
  /** The most and the last of the ten seconds after that; nobody asked for a collection. */
  readonly rssMaxBytes: number;
  readonly rssBytes: number;
}

export interface OpenCasesResult {
  readonly cases: number;
  readonly ledgerBytes: number;
  /** How fast the home was made, cases a second; undefined when it was there already. */
  readonly madePerSecond?: number;
  /** After an orderly stop, after a SIGKILL, and on an empty home. */
  readonly clean: ColdStart;
  readonly killed: ColdStart;
  readonly empty: ColdStart;
}

const NOWHERE = 'http://127.0.0.1:9';

/** A home of another schema, or from another flow, is not used again. */
function cached(cases: number): string {
  const parts = ['src/ledger/sqlite/schema.ts', 'src/ledger/projections.ts', 'src/ledger/leaf.ts', 'src/domain/events.ts', 'bench/support/flows.ts'];
  const mark = hash('sha256', parts.map((part) => readFileSync(path.join(ROOT, part), 'utf8')).join('\0'), 'hex').slice(0, 12);
  return path.join(tmpdir(), `waybill-bench-open-${cases}-${mark}`);
}

async function openTasks(waybill: WaybillProcess): Promise<number> {
  return (await waybill.ask('counts') as { tasksOpen: number }).tasksOpen;
}

/** Makes the home by scans, waits until each has its task, and stops in order. @returns cases a second */
async function make(home: string, cases: number): Promise<number> {
  const making = `${home}-making`;
  rmSync(making, { recursive: true, force: true });
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const waybill = await WaybillProcess.start({ home: making, port, mqttPort, erpUrl: NOWHERE, flow: approvalFlow() });
  const from = performance.now();
  try {
    await new LoadProcess({ url: waybill.mqttUrl, rate: 'max', count: cases, connections: 4, inflight: 32, run: 'open', what: 'units', from: 0 }).summary();
    while (await openTasks(waybill) < cases) await sleep(200);
  } finally {
    await waybill.end();
  }
  const perSecond = Math.round(cases / ((performance.now() - from) / 1_000));
  renameSync(making, home);
  return perSecond;
}

async function coldStart(home: string, expected: number, end: NodeJS.Signals): Promise<ColdStart> {
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const waybill = WaybillProcess.spawn({ home, port, mqttPort, erpUrl: NOWHERE });
  try {
    const ms = await waybill.ready();
    const rssReadyBytes = waybill.rss();
    let rssMaxBytes = rssReadyBytes;
    for (let i = 0; i < 100; i += 1) {
      await sleep(100);
      rssMaxBytes = Math.max(rssMaxBytes, waybill.rss());
    }
    const rssBytes = waybill.rss();
    const found = await openTasks(waybill);
    if (found !== expected) throw new Error(`${found} tasks are open, there were ${expected}.`);
    return { readySeconds: Number((ms / 1_000).toFixed(2)), rssReadyBytes, rssMaxBytes, rssBytes };
  } finally {
    await waybill.end(end);
  }
}

/** A home of so many open tasks, made once and kept. */
export async function homeOfOpenTasks(cases: number): Promise<{ readonly home: string; readonly madePerSecond: number | undefined }> {
  const home = cached(cases);
  return { home, madePerSecond: existsSync(home) ? undefined : await make(home, cases) };
}

export async function benchOpenCases(cases: number): Promise<OpenCasesResult> {
  const { home, madePerSecond } = await homeOfOpenTasks(cases);
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  try {
    const full = path.join(folder, 'full');
    const bare = path.join(folder, 'empty');
    cpSync(home, full, { recursive: true });
    putFlow(bare, approvalFlow());
    const ledgerBytes = statSync(path.join(full, 'ledger.db')).size;
    const clean = await coldStart(full, cases, 'SIGKILL');
    const killed = await coldStart(full, cases, 'SIGTERM');
    await coldStart(bare, 0, 'SIGTERM'); // the first start of a home makes keys and accounts
    const empty = await coldStart(bare, 0, 'SIGTERM');
    return { cases, ledgerBytes, ...(madePerSecond === undefined ? {} : { madePerSecond }), clean, killed, empty };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify(await benchOpenCases(Number(process.argv[2] ?? 10_000)), null, 1));
