/**
 * Governed calls against an Express server in another process, on the same two cores: open → call of a service → close, with
 * contract, pace, quota, idempotency key, sign-in and the ledger's commits. The yardstick is the same request by a bare undici
 * pool from the same process in the same run.
 */
import path from 'node:path';
import { MeasuredProcess } from '../support/measured-process.ts';
import type { CallerFigures } from './caller.ts';

export type ServicesResult = CallerFigures & { readonly booked: number };

/** @param calls of each side at full speed; then `paced` a second for `seconds` */
export async function benchServices(calls: number, paced: number, seconds: number): Promise<ServicesResult> {
  const peer = new MeasuredProcess({ script: [path.join(import.meta.dirname, 'peer.ts')] });
  try {
    const [, port = ''] = await peer.printed(/\{"listening":\s*(\d+)\}/);
    const url = `http://127.0.0.1:${port}`;
    const caller = new MeasuredProcess({ script: [path.join(import.meta.dirname, 'caller.ts'), url, String(calls), String(paced), String(seconds)] });
    try {
      const [line] = await caller.printed(/\{"calls":.*\}/);
      const { booked } = await (await fetch(`${url}/stats`)).json() as { booked: number };
      return { ...JSON.parse(line ?? '{}') as CallerFigures, booked };
    } finally {
      await caller.end();
    }
  } finally {
    await peer.end();
  }
}
