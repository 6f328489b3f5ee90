/**
 * Loaded into a measured process with `node --import`: answers the questions of its parent over the IPC channel, so that
 * the process itself stays as it ships. Worker threads inherit the option and do nothing here.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import type { ProbeAnswer, ProbeQuestion, ProbeReading } from './probe-protocol.ts';

/** Sampling interval of the delay, ms. It is part of every sample, so it is taken off again. */
const RESOLUTION_MS = 2;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let cpuFrom = process.cpuUsage();
let since = performance.now();

function milliseconds(nanoseconds: number): number {
  return Number(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS).toFixed(2));
}

function read(): ProbeReading {
  const cpu = process.cpuUsage(cpuFrom);
  const seconds = (performance.now() - since) / 1_000;
  const memory = process.memoryUsage();
  return {
    loopDelayMs: { p50: milliseconds(delay.percentile(50)), p99: milliseconds(delay.percentile(99)), max: milliseconds(delay.max) },
    cpuCores: Number(((cpu.user + cpu.system) / 1e6 / seconds).toFixed(2)),
    rssBytes: memory.rss, heapUsedBytes: memory.heapUsed,
  };
}

interface Measured { metrics(): { readonly counters: Readonly<Record<string, number>>; readonly gauges: Readonly<Record<string, number>> }; readonly ledger?: { counts(): Promise<object>; health(): object; listExceptions(filter: object, page: { limit: number }): Promise<{ items: readonly { code: string; message: string }[] }> } }

async function answer(question: ProbeQuestion): Promise<unknown> {
  const globals = globalThis as { [key: symbol]: unknown; gc?: (options: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void };
  const waybill = globals[Symbol.for('waybill')] as Measured | undefined;
  switch (question.ask) {
    case 'reset':
      delay.reset();
      cpuFrom = process.cpuUsage();
      since = performance.now();
      return null;
    case 'read': return read();
    case 'settle':
      // An ordinary collection leaves the freed pages in V8's pool, so that the resident memory stays as it was.
      globals.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      return read();
    case 'counts': return { ...await waybill?.ledger?.counts() };
    case 'metrics': return { ...waybill?.metrics(), health: waybill?.ledger?.health() };
    case 'exceptions': return (await waybill?.ledger?.listExceptions({ status: 'open' }, { limit: 5 }))?.items.map(({ code, message }) => `${code}: ${message}`);
    case 'counter': return (globals[Symbol.for('waybill.bench.counter')] as { n: number } | undefined)?.n ?? 0;
  }
}

if (isMainThread && process.send !== undefined) {
  delay.enable();
  process.on('message', (question: ProbeQuestion) => {
    answer(question).then(
      (value) => process.send?.({ id: question.id, value } satisfies ProbeAnswer),
      (error: unknown) => process.send?.({ id: question.id, error: String(error) } satisfies ProbeAnswer),
    );
  });
  process.channel?.unref();
}
