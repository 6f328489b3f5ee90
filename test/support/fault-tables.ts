import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import type { PlannedFault } from './fault-proxy.ts';

/** What each kind of fault is, for people. */
export function faultName({ fault }: PlannedFault, system: string): string {
  switch (fault.kind) {
    case 'status': return `answered with ${fault.status}`;
    case 'cut-before': return `line broken before ${system} got it`;
    case 'cut-after': return 'done, answer lost';
    case 'half': return 'done, line broken in the answer';
    case 'half-sealed': return 'done, half an answer that looks whole';
    case 'late': return `reaches ${system} when the caller has given it up`;
    case 'slow': return `done at once, answer after ${fault.ms / 1_000} s`;
    case 'then': return 'done, Node-RED killed before it knew';
    case 'while': return `${system} killed at its work, and started again`;
    case 'first': return 'token ends on the way';
    case 'web-page': return 'done, a page to sign in instead of the answer';
    case 'none': return 'nothing';
  }
}

export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** The faults that struck, by kind, with where and how often. */
export function faultTable(struck: readonly PlannedFault[], system: string, where: (at: RegExp) => string): string {
  const groups = Map.groupBy(struck.filter(({ fault }) => fault.kind !== 'none'), (each) => faultName(each, system));
  return table(['Fault', 'At'], [...groups].map(([name, each]) => [name, [...Map.groupBy(each, ({ at }) => where(at))].map(([place, times]) => (times.length === 1 ? place : `${place} (${times.length}×)`)).join(', ')]));
}

/** Where the last run left its tables, for whoever wants to see them. */
export function keepTables(name: string, ...parts: readonly string[]): void {
  const folder = path.join(ROOT, 'test-results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), `${parts.join('\n\n')}\n`);
}
