/**
 * Reads a processor profile: what share of the busy time each function took, by itself and with what it called.
 *
 *   node bench/intake.ts 10 --cpu-prof --cpu-prof-dir=profiles
 *   node bench/profile.ts profiles/CPU.….cpuprofile [--within openCase] [--rows 40]
 *
 * `--within` leaves out the time before the first and after the last call of a function, so that the start does not count.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

interface ProfileNode { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }; readonly children?: readonly number[] }
interface Profile { readonly nodes: readonly ProfileNode[]; readonly samples: readonly number[]; readonly timeDeltas: readonly number[] }

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  return `${functionName || '(anonymous)'} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
}

/** @returns microseconds of the busy span by function, alone and with callees */
function shares(profile: Profile, within: string | undefined): { busy: number; idle: number; self: Map<string, number>; inclusive: Map<string, number> } {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const chain = (id: number): ProfileNode[] => {
    const found: ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) found.push(nodes.get(at)!);
    return found;
  };
  const chains = new Map(profile.nodes.map((node) => [node.id, chain(node.id)]));
  const wanted = (id: number): boolean => within === undefined || chains.get(id)!.some(({ callFrame }) => callFrame.functionName === within);
  const first = profile.samples.findIndex(wanted);
  const last = profile.samples.findLastIndex(wanted);
  const self = new Map<string, number>();
  const inclusive = new Map<string, number>();
  let busy = 0;
  let idle = 0;
  for (let i = Math.max(0, first); i <= last; i += 1) {
    const time = profile.timeDeltas[i] ?? 0;
    const stack = chains.get(profile.samples[i]!)!;
    if (stack[0]!.callFrame.functionName === '(idle)') {
      idle += time;
      continue;
    }
    busy += time;
    const own = nameOf(stack[0]!);
    self.set(own, (self.get(own) ?? 0) + time);
    for (const name of new Set(stack.map(nameOf))) inclusive.set(name, (inclusive.get(name) ?? 0) + time);
  }
  return { busy, idle, self, inclusive };
}

const { values, positionals: [file] } = parseArgs({ allowPositionals: true, options: { within: { type: 'string' }, rows: { type: 'string', default: '40' } } });
if (file === undefined) throw new Error('Say which profile: node bench/profile.ts <file.cpuprofile>');
const { busy, idle, self, inclusive } = shares(JSON.parse(readFileSync(file, 'utf8')) as Profile, values.within);
console.log(`busy ${(busy / 1e6).toFixed(1)} s, idle ${(idle / 1e6).toFixed(1)} s`);
for (const [title, table] of [['by itself', self], ['with what it calls', inclusive]] as const) {
  console.log(`\n${title}`);
  const rows = [...table].toSorted(([, a], [, b]) => b - a).slice(0, Number(values.rows));
  for (const [name, time] of rows) console.log(`${(100 * time / busy).toFixed(1).padStart(6)} %  ${name}`);
}
