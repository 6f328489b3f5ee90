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

const PART = /^(\^|~|>=|<=|>|<|=)?v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Whether a version is in a range as npm writes them: `^1.2.0`, `~1.2`, `1.x`, `>=1.0.0 <2.0.0`, alternatives by `||`. What cannot
 * be read fits nothing.
 */
export function inRange(version: string, range: string): boolean {
  return range.split('||').some((alternative) => {
    const parts = alternative.trim().replace(/(\^|~|>=|<=|>|<|=)\s+/g, '$1').split(/\s+/);
    return parts.every((part) => part === '' || part === '*' || part === 'x' || fits(version, part));
  });
}

function fits(version: string, part: string): boolean {
  const [, operator = '', major = '', minor, patch, pre = ''] = PART.exec(part) ?? [];
  if (major === '') return false;
  const given = [minor, patch].filter((each) => each !== undefined && each !== 'x' && each !== '*').length;
  const [a, b, c] = [Number(major), given > 0 ? Number(minor) : 0, given > 1 ? Number(patch) : 0];
  const low = `${a}.${b}.${c}${pre}`;
  const from = (least: string): boolean => compareVersions(version, least) >= 0;
  const below = (most: string): boolean => compareVersions(version, most) < 0;
  switch (operator) {
    case '>=': return from(low);
    case '>': return compareVersions(version, low) > 0;
    case '<': return below(low);
    case '<=': return compareVersions(version, low) <= 0;
    case '~': return from(low) && below(given === 0 ? `${a + 1}.0.0-0` : `${a}.${b + 1}.0-0`);
    case '^': return from(low) && below(a > 0 || given === 0 ? `${a + 1}.0.0-0` : b > 0 || given === 1 ? `0.${b + 1}.0-0` : `0.0.${c + 1}-0`);
    default: return given === 2 ? compareVersions(version, low) === 0 : from(low) && below(given === 0 ? `${a + 1}.0.0-0` : `${a}.${b + 1}.0-0`);
  }
}
