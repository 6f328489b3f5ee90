/** Order of two semantic versions (semver.org 2.0.0, clause 11): below zero when the first is the older. Build metadata does not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (const i of [0, 1, 2] as const) {
    if (left.core[i] !== right.core[i]) return left.core[i]! - right.core[i]!;
  }
  if (left.pre.length === 0 || right.pre.length === 0) return right.pre.length - left.pre.length;
  for (let i = 0; i < Math.max(left.pre.length, right.pre.length); i += 1) {
    const order = comparePre(left.pre[i], right.pre[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function parts(version: string): { readonly core: readonly number[]; readonly pre: readonly string[] } {
  const [main = '', ...pre] = (version.split('+')[0] ?? '').split('-');
  const core = main.split('.').map(Number);
  return { core: [0, 1, 2].map((i) => (Number.isFinite(core[i]) ? core[i]! : 0)), pre: pre.length === 0 ? [] : pre.join('-').split('.') };
}

/** Numbers come before words, what is missing before what is there. */
function comparePre(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return Number(a) - Number(b);
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
