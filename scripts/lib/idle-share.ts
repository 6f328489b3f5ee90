import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

function spent(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  return { idle: times.reduce((sum, { idle }) => sum + idle, 0), all: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0) };
}

/** Which share of this machine's processor time nobody uses in the next `ms`; 0 to 1. */
export async function idleShare(ms: number): Promise<number> {
  const before = spent();
  await sleep(ms);
  const after = spent();
  return after.all === before.all ? 0 : (after.idle - before.idle) / (after.all - before.all);
}
