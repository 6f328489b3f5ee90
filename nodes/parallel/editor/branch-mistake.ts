import type { Branch } from '../migrations.ts';

/** Names become keys of the gathered message. The same form as in the engine (src/engine/patterns/parallel.ts). */
const BRANCH_NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,39}$/u;

/** What is wrong with the branches of a parallel, as a sentence; undefined when nothing is. */
export function branchMistake(branches: readonly Branch[], text: (key: string, values?: Readonly<Record<string, string | number>>) => string): string | undefined {
  if (branches.length < 2 || branches.length > 10) return text('error.count', { count: branches.length });
  const names = new Set<string>();
  for (const { name } of branches) {
    if (name === '') return text('error.blank');
    if (!BRANCH_NAME.test(name)) return text('error.name', { name });
    if (names.has(name)) return text('error.twice', { name });
    names.add(name);
  }
  return undefined;
}
