import { open, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { Check } from '../run-checks.ts';

const megabyte = 1_048_576;
/** A slower disk makes devices wait for their acknowledgement. */
const slowMs = 20;
const block = Buffer.alloc(4_096, 0x57);

/** Durations of real writes with fsync in the folder, ms, sorted; stops after `budgetMs`. */
export async function measureFsync(folder: string, times: number, budgetMs: number): Promise<readonly number[]> {
  const file = path.join(folder, `.doctor-${process.pid}.tmp`);
  const handle = await open(file, 'wx', 0o600);
  const durations: number[] = [];
  try {
    const end = performance.now() + budgetMs;
    while (durations.length < times && performance.now() < end) {
      const started = performance.now();
      await handle.write(block, 0, block.length, durations.length * block.length);
      await handle.sync();
      durations.push(performance.now() - started);
    }
  } finally {
    await handle.close();
    await rm(file, { force: true });
  }
  return durations.sort((a, b) => a - b);
}

function rough(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en');
}

/** Room on the disk of the home, and how long it takes until something is really on it. */
export const disk: Check = {
  name: 'disk', title: 'Disk',
  async run({ home }, findings) {
    if (await stat(home).catch(() => undefined) === undefined) {
      findings.ok('not measured: there is no home folder yet');
      return;
    }
    const { bavail, bsize, files, ffree } = await statfs(home);
    const free = bavail * bsize;
    const shown = free >= 10_240 * megabyte ? `${Math.round(free / 1024 / megabyte)} GB free` : `${Math.round(free / megabyte)} MB free`;
    if (free < 200 * megabyte) findings.fail(shown, 'Free some space on the disk of the home: when it is full, Waybill takes nothing in until there is room.');
    else if (free < 2_048 * megabyte) findings.warn(shown, 'Free some space soon: when the disk is full, Waybill takes nothing in until there is room.');
    else findings.ok(shown);
    if (files > 0 && ffree / files < 0.01) findings.warn('nearly no inodes are free', 'Remove small files on this disk: without inodes no file can be made.');
    const durations = await measureFsync(home, 50, 1_500);
    const median = durations[Math.floor(durations.length / 2)] ?? 0;
    const slowest = durations.at(-1) ?? 0;
    const found = `an fsync takes ${rough(median)} ms (slowest ${rough(slowest)} ms of ${durations.length}): about ${rough(1_000 / Math.max(median, 0.001))} commits a second one after the other, several times that when scans come together and share one`;
    if (median > slowMs) findings.warn(found, 'Put the home on a faster disk (a local SSD): each scan waits for one fsync before it is acknowledged.');
    else findings.ok(found);
  },
};
