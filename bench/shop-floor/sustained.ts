import { setTimeout as sleep } from 'node:timers/promises';
import { LoadProcess } from '../support/load-process.ts';
import type { ProbeReading } from '../support/probe-protocol.ts';
import { opened, order, Peak, until, withMosquitto } from './brokered.ts';

export interface SustainedSpan {
  /** Scans a second that the publisher was to send. */
  readonly asked: number;
  /** How long it sent. */
  readonly seconds: number;
  readonly published: number;
  readonly durable: number;
  /** Durable cases a second while the publisher sent. */
  readonly rate: number;
  /** From the broker's last PUBACK until the last case was durable, s. */
  readonly leftSeconds: number;
  readonly process: ProbeReading;
  readonly rssMaxBytes: number;
}

/** `rate` scans a second for so long, from Mosquitto into cases that are on disk before Mosquitto gets its acknowledgement. */
export function sustained(rate: number, seconds: number, nodeOptions: readonly string[] = []): Promise<SustainedSpan> {
  return withMosquitto(async ({ broker, waybill: start }) => {
    const waybill = await start(nodeOptions);
    const peak = new Peak(() => waybill.rss());
    try {
      const warmUp = await new LoadProcess({ url: broker.url, ...order, rate: 2_000, seconds: 3, inflight: 64, run: 'warm-up', from: 0 }).summary();
      const before = await until(warmUp.acked, () => opened(waybill));
      await waybill.ask('reset');
      const load = new LoadProcess({ url: broker.url, ...order, rate, seconds, inflight: 400, run: 'load', from: 20_000_000 });
      const { acked, seconds: sent } = await load.summary();
      const during = await opened(waybill) - before;
      const reading = await waybill.read();
      const after = performance.now();
      const durable = await until(before + acked, () => opened(waybill)) - before;
      return {
        asked: rate, seconds: sent, published: acked, durable, rate: Math.round(during / sent),
        leftSeconds: Number(((performance.now() - after) / 1_000).toFixed(1)), process: reading, rssMaxBytes: peak.bytes,
      };
    } finally {
      peak.stop();
      await waybill.end();
    }
  });
}

export interface BurstSpan {
  readonly scans: number;
  readonly durable: number;
  /** From the start of the process, which finds them all at the broker, until the last was durable, s. */
  readonly seconds: number;
  readonly rate: number;
  readonly rssMaxBytes: number;
  /** Of the same process before the burst. */
  readonly rssBeforeBytes: number;
}

/** The line was down: so many scans wait at the broker when the process comes back. */
export function burst(scans: number): Promise<BurstSpan> {
  return withMosquitto(async ({ broker, waybill: start }) => {
    // the first start makes the session at the broker; it is closed in order, so that nothing but the broker knows of the burst
    await (await subscribed(start)).end();
    await new LoadProcess({ url: broker.url, ...order, rate: 'max', count: scans, inflight: 400, run: 'burst', from: 0 }).summary();
    const from = performance.now();
    const waybill = await start();
    const rssBeforeBytes = waybill.rss();
    const peak = new Peak(() => waybill.rss());
    try {
      const durable = await until(scans, () => opened(waybill));
      const seconds = (performance.now() - from) / 1_000;
      return { scans, durable, seconds: Number(seconds.toFixed(1)), rate: Math.round(durable / seconds), rssMaxBytes: peak.bytes, rssBeforeBytes };
    } finally {
      peak.stop();
      await waybill.end();
    }
  });
}

/** `/readyz` is about the engine; the subscription follows within moments. */
async function subscribed<T>(start: () => Promise<T>): Promise<T> {
  const waybill = await start();
  await sleep(2_000);
  return waybill;
}
