import { compareVersions } from './versions.ts';

type Version = readonly [number, number, number, string];

const VERSION = /^[v=]?\s*(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(?:-([0-9A-Za-z.-]+))?(?:\+\S*)?$/i;

/** Parts of a version or of a partial one: `1.2` has two. */
function read(text: string): { readonly version: Version; readonly parts: number } | undefined {
  if (text === '' || text === '*' || text.toLowerCase() === 'x') return { version: [0, 0, 0, ''], parts: 0 };
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const said = match.slice(1, 4).map((part) => (part === undefined || /^[x*]$/i.test(part) ? undefined : Number(part)));
  const parts = said.findIndex((part) => part === undefined);
  return { version: [said[0] ?? 0, said[1] ?? 0, said[2] ?? 0, match[4] ?? ''], parts: parts === -1 ? 3 : parts };
}

const textOf = ([major, minor, patch, pre]: Version): string => `${major}.${minor}.${patch}${pre === '' ? '' : `-${pre}`}`;

const compare = (a: Version, b: Version): number => compareVersions(textOf(a), textOf(b));

/** The first version after all that begin with these parts; what is below it is below its pre-releases as well. */
function after(version: Version, parts: number): Version {
  if (parts === 1) return [version[0] + 1, 0, 0, ''];
  return parts === 2 ? [version[0], version[1] + 1, 0, ''] : [version[0], version[1], version[2] + 1, ''];
}

const isBelow = (version: Version, [major, minor, patch]: Version): boolean => compare(version, [major, minor, patch, '0']) < 0;

function caret(version: Version, parts: number): Version {
  if (version[0] > 0 || parts === 1) return after(version, 1);
  return version[1] > 0 || parts === 2 ? after(version, 2) : after(version, 3);
}

function keeps(version: Version, comparator: string): boolean {
  const match = /^(>=|<=|>|<|=|\^|~>?)?\s*(.*)$/.exec(comparator)!;
  const [operator, said] = [match[1] ?? '', read(match[2]!)];
  if (said === undefined) return false;
  const { version: bound, parts } = said;
  const order = compare(version, bound);
  switch (operator) {
    case '>=': return order >= 0;
    case '<': return order < 0;
    case '>': return parts === 0 ? false : parts === 3 ? order > 0 : compare(version, after(bound, parts)) >= 0;
    case '<=': return parts === 0 || (parts === 3 ? order <= 0 : isBelow(version, after(bound, parts)));
    case '^': return parts === 0 || (order >= 0 && isBelow(version, caret(bound, parts)));
    case '~': case '~>': return parts === 0 || (order >= 0 && isBelow(version, after(bound, Math.min(parts, 2))));
    default: return parts === 0 || (parts === 3 ? order === 0 : order >= 0 && isBelow(version, after(bound, parts)));
  }
}

/**
 * Whether a version is in a range of semver: comparators, `^`, `~`, `x`, hyphens and `||`. A pre-release is in a range
 * only when the range names one of the same version (node-semver's rule). What cannot be read is in no range.
 */
export function isInRange(version: string, range: string): boolean {
  const said = read(version);
  if (said?.parts !== 3) return false;
  return range.split('||').some((part) => {
    const comparators = part.trim().replace(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2').replaceAll(/(>=|<=|>|<|=|\^|~>?)\s+/g, '$1').split(/\s+/);
    const prerelease = said.version[3] === '' || comparators.some((each) => {
      const bound = read(each.replace(/^(>=|<=|>|<|=|\^|~>?)/, ''));
      return bound !== undefined && bound.version[3] !== '' && compare([bound.version[0], bound.version[1], bound.version[2], ''], [said.version[0], said.version[1], said.version[2], '']) === 0;
    });
    return prerelease && comparators.every((each) => keeps(said.version, each));
  });
}

/** Whether a text is a range that `isInRange` reads: no comparator of it is lost. */
export function isRange(range: string): boolean {
  return range.split('||').every((part) => part.trim().replaceAll(/\s+-\s+/g, ' ').split(/\s+/).every((each) => read(each.replace(/^(>=|<=|>|<|=|\^|~>?)/, '')) !== undefined || /^(>=|<=|>|<|=|\^|~>?)$/.test(each)));
}
