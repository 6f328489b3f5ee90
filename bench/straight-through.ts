/**
 * Straight-through cases end to end: scan over MQTT → validate with a reservation → goods receipt at the demo ERP in its own
 * process → close; and the receiving flow as it ships, which asks the ERP twice before it posts. The yardstick is the bare
 * HTTP client of the call node against the same ERP, with as many calls at once.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scenarioAt } from '../src/cli/simulate/demo-data/index.ts';
import { sendRequest } from '../src/connectors/rest/http-json.ts';
import { ErpProcess } from './support/erp-process.ts';
import { straightThroughFlow } from './support/flows.ts';
import { LoadProcess } from './support/load-process.ts';
import { dataFor } from './support/load.ts';
import { freePorts } from './support/ports.ts';
import type { ProbeReading } from './support/probe-protocol.ts';
import { WaybillProcess } from './support/waybill-process.ts';

export interface StraightThroughRun {
  readonly cases: number;
  /** From the first scan to the last close. */
  readonly seconds: number;
  readonly casesPerSecond: number;
  readonly process: ProbeReading;
  readonly erpCores: number;
}

export interface StraightThroughResult {
  readonly shortest: StraightThroughRun;
  readonly receiving: StraightThroughRun;
  /** Goods receipts a second of the bare client. */
  readonly bareCallsPerSecond: number;
}

interface Counts { readonly casesOpen: number; readonly casesClosed: number; readonly exceptionsOpen: number; readonly deadLettersOpen: number; readonly quarantineHeld: number; readonly tasksOpen: number }

/** Scans on their way at once: enough to keep the flow busy, few enough that a scan's way stays short. */
const LOAD = { connections: 8, inflight: 16 } as const;
/** Calls at once of the call node by default. */
const CALLS_AT_ONCE = 32;
const WARM_UP = 500;

async function run(what: 'goods' | 'receiving', cases: number, flow: readonly object[] | undefined, nodeOptions: readonly string[]): Promise<StraightThroughRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const erp = await ErpProcess.start(path.join(folder, 'erp.sqlite'));
  // Scenarios that are passed over on the way have to be numbered too.
  const from = { warmUp: 0, measured: 1_000_000 };
  await erp.post('/_seed', dataFor(what, from.warmUp, WARM_UP));
  await erp.post('/_seed', dataFor(what, from.measured, cases));
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const waybill = await WaybillProcess.start({ home: path.join(folder, 'home'), port, mqttPort, erpUrl: erp.url, nodeOptions, ...(flow === undefined ? {} : { flow }) });
  try {
    await new LoadProcess({ url: waybill.mqttUrl, rate: 'max', count: WARM_UP, ...LOAD, run: 'warm-up', what, from: from.warmUp }).summary();
    await closedAll(waybill, WARM_UP);
    await Promise.all([waybill.ask('reset'), erp.ask('reset')]);
    const load = new LoadProcess({ url: waybill.mqttUrl, rate: 'max', count: cases, ...LOAD, run: 'load', what, from: from.measured });
    // The clock starts with the first case, so that making the plan does not count.
    while ((await waybill.ask('metrics') as { counters: Record<string, number> }).counters['cases_opened'] === WARM_UP) await sleep(2);
    const startedAt = performance.now();
    await load.summary();
    await closedAll(waybill, WARM_UP + cases);
    const seconds = (performance.now() - startedAt) / 1_000;
    const [process, erpReading] = [await waybill.read(), await erp.read()];
    const { receipts } = await erp.stats();
    if (receipts !== cases + WARM_UP) throw new Error(`The ERP has ${receipts} receipts of ${cases + WARM_UP} cases.`);
    return { cases, seconds: Number(seconds.toFixed(2)), casesPerSecond: Math.round(cases / seconds), process, erpCores: erpReading.cpuCores };
  } finally {
    await waybill.end();
    await erp.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until so many cases are closed. Rejects when one went another way. */
async function closedAll(waybill: WaybillProcess, cases: number): Promise<void> {
  for (;;) {
    const counts = await waybill.ask('counts') as Counts;
    if (counts.exceptionsOpen + counts.deadLettersOpen + counts.quarantineHeld + counts.tasksOpen > 0) {
      throw new Error(`Not every case went straight through: ${JSON.stringify(counts)} ${JSON.stringify(await waybill.ask('exceptions'))}`);
    }
    if (counts.casesClosed === cases) return;
    await sleep(20);
  }
}

async function bareCalls(calls: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const erp = await ErpProcess.start(path.join(folder, 'erp.sqlite'));
  await erp.post('/_seed', dataFor('goods', 0, calls));
  try {
    let next = 0;
    const caller = async (): Promise<void> => {
      while (next < calls) {
        const { po, line, gtin } = scenarioAt(7, next++).lines[0]!;
        const result = await sendRequest({
          method: 'POST', url: `${erp.url}/goods-receipts`, timeoutMs: 30_000,
          headers: { accept: 'application/json', 'content-type': 'application/json', 'idempotency-key': randomUUID() },
          body: JSON.stringify({ po, line, gtin, quantity: '1', unit: 'EA', postingDate: '2026-06-01', reference: randomUUID() }),
        });
        if (result.kind !== 'response' || result.status !== 201) throw new Error(`The ERP answered ${JSON.stringify(result)}`);
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
    return Math.round(calls / ((performance.now() - startedAt) / 1_000));
  } finally {
    await erp.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param cases of the shortest flow; the receiving flow gets a quarter */
export async function benchStraightThrough(cases: number, nodeOptions: readonly string[] = []): Promise<StraightThroughResult> {
  const shortest = await run('goods', cases, straightThroughFlow(), nodeOptions);
  const receiving = await run('receiving', Math.ceil(cases / 4), undefined, nodeOptions);
  return { shortest, receiving, bareCallsPerSecond: await bareCalls(Math.min(cases, 10_000)) };
}

if (import.meta.main) {
  const [cases = '2000', ...nodeOptions] = process.argv.slice(2);
  console.log(JSON.stringify(await benchStraightThrough(Number(cases), nodeOptions), null, 1));
}
