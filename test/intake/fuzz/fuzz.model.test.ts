import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';

interface Outcome { readonly count: number; readonly slowest: number; readonly wrong?: string }

/** No input may take longer, ms: a scan is answered within 150, on a machine that does nothing else. */
const HANGS_AFTER_MS = 2_000;
/** Ten minutes in `npm run test:long`, ten seconds otherwise. */
const SECONDS = Number(process.env['WAYBILL_FUZZ_SECONDS'] ?? (process.env['WAYBILL_MODEL_RUNS'] === undefined ? 10 : 600));
const SEED = Number(process.env['WAYBILL_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

/** Runs the worker and watches it: an input that does not end ends the worker. */
async function run(): Promise<Outcome> {
  const watch = new SharedArrayBuffer(16);
  const place = new Float64Array(watch);
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { seed: SEED, seconds: SECONDS, watch } });
  return new Promise<Outcome>((resolve, reject) => {
    const timer = setInterval(() => {
      const since = place[1] ?? 0;
      if (since === 0 || Date.now() - since < HANGS_AFTER_MS) return;
      clearInterval(timer);
      void worker.terminate().then(() => reject(new Error(`input ${place[0]} takes longer than ${HANGS_AFTER_MS} ms (seed ${SEED})`)));
    }, 100);
    worker.once('message', (outcome: Outcome) => {
      clearInterval(timer);
      resolve(outcome);
    });
    worker.once('error', (error) => {
      clearInterval(timer);
      reject(error);
    });
  });
}

describe('parser and mapper, fed by chance', () => {
  it(`take anything for ${SECONDS} s without a throw and without a hang (seed ${SEED})`, async function () {
    this.timeout((SECONDS + 60) * 1_000);
    const { count, slowest, wrong } = await run();
    assert.equal(wrong, undefined, `WAYBILL_FUZZ_SEED=${SEED}`);
    assert.ok(count > SECONDS * 20, `${count} inputs only`);
    process.stdout.write(`      ${count} inputs, the slowest ${slowest.toFixed(1)} ms\n`);
  });
});
