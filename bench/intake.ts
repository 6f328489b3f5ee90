/**
 * From a scan to its PUBACK over real MQTT QoS 1: broker, Node-RED with Waybill and the publisher on the same two cores;
 * the yardstick is Node-RED without Waybill, `mqtt in` (QoS 1) → function, with the same broker and publisher.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../scripts/lib/paths.ts';
import type { PublishSummary } from './publisher.ts';
import { LoadProcess } from './support/load-process.ts';
import type { LoadOrder } from './support/load.ts';
import { intakeCloseFlow, intakeOnlyFlow } from './support/flows.ts';
import { MeasuredProcess } from './support/measured-process.ts';
import { freePorts } from './support/ports.ts';
import type { ProbeReading } from './support/probe-protocol.ts';
import { WaybillProcess } from './support/waybill-process.ts';

export interface Span {
  /** Scans a second that were acknowledged. */
  readonly rate: number;
  readonly latencyMs: PublishSummary['latencyMs'];
  readonly scans: number;
  readonly seconds: number;
  readonly process: ProbeReading;
  readonly publisherCores: number;
  /** Cases that the flow had closed when the last scan was acknowledged, a second; of bare Node-RED what its function saw. */
  readonly processedRate?: number;
  /** From the last acknowledgement until nothing was on its way any more, s. */
  readonly settleSeconds?: number;
}

export interface IntakeResult {
  readonly intakeOnly: Span; readonly intakeOnlyPaced: Span;
  readonly withClose: Span; readonly withClosePaced: Span;
  readonly bare: Span; readonly barePaced: Span;
}

/** Scans per second of the latency figures. */
const PACE = 1_000;
/** Unacknowledged scans of the sustained run: 8 devices with 64 each; an intake that waits for the disk needs some. */
const LOAD = { connections: 8, inflight: 64 } as const;
/** MQTT 3.1.1 brokers and devices allow more, but at 1,000/s nobody needs it. */
const PACED = { connections: 8, inflight: 64 } as const;

/** Three runs on one ledger, of handling units that do not overlap. */
const UNITS = { warmUp: { run: 'warm-up', what: 'units', from: 0 }, paced: { run: 'paced', what: 'units', from: 10_000_000 }, load: { run: 'load', what: 'units', from: 20_000_000 } } as const;

async function drive(target: MeasuredProcess, order: LoadOrder): Promise<{ summary: PublishSummary; process: ProbeReading; publisherCores: number }> {
  await target.ask('reset');
  const publisher = new LoadProcess(order);
  // The publisher ends with its summary, so its own reading is taken a little before.
  let publisherCores = 0;
  const watch = setInterval(() => { publisher.read().then((reading) => { publisherCores = reading.cpuCores; }, () => { publisherCores ||= 0; }); }, 500);
  try {
    const summary = await publisher.summary();
    return { summary, process: await target.read(), publisherCores };
  } finally {
    clearInterval(watch);
  }
}

function span(driven: Awaited<ReturnType<typeof drive>>, more: Partial<Span> = {}): Span {
  const { summary, process, publisherCores } = driven;
  return { rate: summary.rate, latencyMs: summary.latencyMs, scans: summary.acked, seconds: summary.seconds, process, publisherCores, ...more };
}

async function waybillSpans(flow: readonly object[], seconds: number, pacedSeconds: number, closes: boolean, nodeOptions: readonly string[]): Promise<readonly [Span, Span]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const waybill = await WaybillProcess.start({ home: path.join(folder, 'home'), port, mqttPort, erpUrl: 'http://127.0.0.1:9', flow, nodeOptions });
  const closed = async (): Promise<number> => (await waybill.ask('counts') as { casesClosed: number }).casesClosed;
  try {
    await new LoadProcess({ url: waybill.mqttUrl, rate: 'max', seconds: 3, ...LOAD, ...UNITS.warmUp }).summary();
    if (closes) await settled(waybill);
    const paced = span(await drive(waybill, { url: waybill.mqttUrl, rate: PACE, seconds: pacedSeconds, ...PACED, ...UNITS.paced }));
    if (closes) await settled(waybill);
    const before = await closed();
    const driven = await drive(waybill, { url: waybill.mqttUrl, rate: 'max', seconds, ...LOAD, ...UNITS.load });
    if (!closes) return [span(driven), paced];
    const processedRate = Math.round((await closed() - before) / driven.summary.seconds);
    return [span(driven, { processedRate, settleSeconds: await settled(waybill) }), paced];
  } finally {
    await waybill.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until no case is open. @returns seconds */
async function settled(waybill: WaybillProcess): Promise<number> {
  const from = performance.now();
  for (;;) {
    const { casesOpen } = await waybill.ask('counts') as { casesOpen: number };
    if (casesOpen === 0) return Number(((performance.now() - from) / 1_000).toFixed(1));
    await sleep(100);
  }
}

async function bareSpans(seconds: number, pacedSeconds: number): Promise<readonly [Span, Span]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const bare = new MeasuredProcess({ script: [path.join(ROOT, 'bench/support/bare-node-red.ts'), folder, String(port), String(mqttPort)], cwd: ROOT });
  const url = `mqtt://127.0.0.1:${mqttPort}`;
  const seen = async (): Promise<number> => Number(await bare.ask('counter'));
  /** What the broker has acknowledged may still be on its way to the flow. */
  const drained = async (): Promise<number> => {
    const from = performance.now();
    for (let before = -1, now = await seen(); now !== before; now = await seen()) {
      before = now;
      await sleep(300);
    }
    return Number(((performance.now() - from) / 1_000).toFixed(1));
  };
  try {
    await bare.printed(/subscribed/);
    await new LoadProcess({ url, rate: 'max', seconds: 3, ...LOAD, ...UNITS.warmUp }).summary();
    await drained();
    const paced = span(await drive(bare, { url, rate: PACE, seconds: pacedSeconds, ...PACED, ...UNITS.paced }));
    await drained();
    const before = await seen();
    const driven = await drive(bare, { url, rate: 'max', seconds, ...LOAD, ...UNITS.load });
    const processedRate = Math.round((await seen() - before) / driven.summary.seconds);
    return [span(driven, { processedRate, settleSeconds: await drained() }), paced];
  } finally {
    await bare.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param nodeOptions for the Waybill process, for example --cpu-prof */
export async function benchIntake(seconds: number, pacedSeconds: number, nodeOptions: readonly string[] = []): Promise<IntakeResult> {
  const [intakeOnly, intakeOnlyPaced] = await waybillSpans(intakeOnlyFlow(), seconds, pacedSeconds, false, nodeOptions);
  const [withClose, withClosePaced] = await waybillSpans(intakeCloseFlow(), seconds, pacedSeconds, true, nodeOptions);
  const [bare, barePaced] = await bareSpans(seconds, pacedSeconds);
  return { intakeOnly, intakeOnlyPaced, withClose, withClosePaced, bare, barePaced };
}

if (import.meta.main) {
  const [seconds = '10', ...nodeOptions] = process.argv.slice(2);
  console.log(JSON.stringify(await benchIntake(Number(seconds), Math.min(20, Number(seconds)), nodeOptions), null, 1));
}
