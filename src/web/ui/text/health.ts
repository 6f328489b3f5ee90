import type { SystemView } from '../api/console-types.ts';
import type { TextKey } from '../locales/index.ts';

/** Something that is not fine: what, with the numbers, and what to do about it. */
export interface Finding { readonly key: string; readonly tone: 'bad' | 'warn'; readonly what: TextKey; readonly todo: TextKey; readonly values: Readonly<Record<string, string | number>> }

/** A commit is one fsync; half a second of it means that the disk is in trouble. */
const SLOW_COMMIT_MS = 500;
const MUCH_QUEUED = 5_000;
const LITTLE_SPACE = 2 * 1024 ** 3;
const NO_SPACE = 256 * 1024 ** 2;
const OLD_CHECKPOINT_MS = 60_000;

/** What is not fine, worst first. */
export function findingsOf(system: SystemView, now: number): Finding[] {
  const { engine, ledger, circuits, disk } = system;
  const found: Finding[] = [];
  const add = (key: string, tone: Finding['tone'], values: Finding['values'] = {}): void => {
    found.push({ key: `${key} ${JSON.stringify(values)}`, tone, what: `health.${key}` as TextKey, todo: `health.${key}.todo` as TextKey, values });
  };
  if (engine.state !== 'ready') add('engine', 'bad', { reason: engine.reason ?? '', state: engine.state });
  if (disk.freeBytes !== null && disk.freeBytes < LITTLE_SPACE) add('disk', disk.freeBytes < NO_SPACE ? 'bad' : 'warn', { free: bytesText(disk.freeBytes) });
  for (const circuit of circuits) if (circuit.state !== 'closed') add('circuit', 'warn', { system: circuit.system, n: circuit.failures });
  if (ledger === null) return found;
  if (ledger.state !== 'ready' && engine.state === 'ready') add('ledger', 'bad', { reason: ledger.reason ?? '' });
  if (ledger.queuedCommits > MUCH_QUEUED) add('queue', 'bad', { n: ledger.queuedCommits });
  if (ledger.commitMs.p99 > SLOW_COMMIT_MS) add('slow', 'warn', { ms: Math.round(ledger.commitMs.p99) });
  const unsigned = ledger.lastPosition - ledger.checkpointSize;
  if (unsigned > 0 && ledger.checkpointAt !== undefined && ledger.checkpointAt !== null && now - Date.parse(ledger.checkpointAt) > OLD_CHECKPOINT_MS) add('checkpoint', 'warn', { n: unsigned });
  return found.sort((a, b) => (a.tone === b.tone ? 0 : a.tone === 'bad' ? -1 : 1));
}

/** `1.4 GiB`, with the binary units that disks are counted in. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${new Intl.NumberFormat(document.documentElement.lang || 'en', { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 }).format(value)} ${units[unit]}`;
}
