import type { ErpProcess } from '../../../bench/support/erp-process.ts';

/** One call in ten goes wrong, each time in another way: refused, done without an answer, slow, slower than the caller waits, cut off. */
const MODES = [
  { mode: 'error', status: 500 },
  { mode: 'drop-after-commit' },
  { mode: 'slow', delayMs: 200 },
  { mode: 'error', status: 503 },
  { mode: 'slow', delayMs: 2_500 },
  { mode: 'drop-after-commit' },
  { mode: 'down' },
] as const;

/** Has the ERP fail 10 % of its calls until it is stopped; the way it fails changes every `everyMs`. */
export function badDays(erp: ErpProcess, seed: number, everyMs = 250): { stop(): Promise<void> } {
  let turn = 0;
  let pending: Promise<void> = Promise.resolve();
  const change = (): void => {
    const mode = MODES[turn % MODES.length]!;
    turn += 1;
    pending = pending.then(() => erp.post('/_faults', { ...mode, rate: 0.1, seed: seed + turn }));
  };
  change();
  const timer = setInterval(change, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await pending;
    },
  };
}
