import { compareVersions } from './versions.ts';

type Test = (version: string) => boolean;

const VERSION = /^v?(\d+|[xX*])(?:\.(\d+|[xX*])(?:\.(\d+|[xX*])(?:-([0-9A-Za-z.-]+))?)?)?$/;

const version = (major: number, minor: number, patch: number): string => `${major}.${minor}.${patch}`;

/** One part of a range: `^1.2.3`, `~1.2`, `>=1.0.0`, `1.x`, `*`; undefined when it is none. */
function part(text: string): Test | undefined {
  const [, operator = '', rest = ''] = /^(\^|~|>=|<=|>|<|=)?\s*(.*)$/.exec(text) ?? [];
  const found = VERSION.exec(rest);
  if (found === null) return rest === '' && operator === '' ? () => true : undefined;
  const numbers = found.slice(1, 4).map((each) => (each === undefined || /^[xX*]$/.test(each) ? undefined : Number(each)));
  const [major, minor, patch] = numbers;
  const low = version(major ?? 0, minor ?? 0, patch ?? 0) + (found[4] === undefined ? '' : `-${found[4]}`);
  // Up to where the numbers that were said hold.
  const next = major === undefined ? undefined : minor === undefined ? version(major + 1, 0, 0) : patch === undefined ? version(major, minor + 1, 0) : undefined;
  const from: Test = (each) => compareVersions(each, low) >= 0;
  const below = (limit: string | undefined): Test => (each) => limit === undefined || compareVersions(each, `${limit}-0`) < 0;
  const both = (one: Test, other: Test): Test => (each) => one(each) && other(each);
  switch (operator) {
    case '^': return both(from, below(major === undefined ? undefined : major > 0 || minor === undefined ? version(major + 1, 0, 0) : minor > 0 || patch === undefined ? version(0, minor + 1, 0) : version(0, 0, patch + 1)));
    case '~': return both(from, below(next ?? version(major!, minor! + 1, 0)));
    case '>=': return from;
    case '<': return (each) => compareVersions(each, low) < 0;
    case '>': return next === undefined ? (each) => compareVersions(each, low) > 0 : (each) => compareVersions(each, next) >= 0;
    case '<=': return next === undefined ? (each) => compareVersions(each, low) <= 0 : below(next);
    default: return next !== undefined || major === undefined ? both(from, below(next)) : (each) => compareVersions(each, low) === 0;
  }
}

/** A range as package.json writes them: parts beside each other all hold, `||` is one or the other, `1.0.0 - 2.0.0` is from to. */
function tests(range: string): readonly (readonly Test[])[] | undefined {
  const sets = range.split('||').map((set) => set.trim().replace(/^(\S+)\s+-\s+(\S+)$/, '>=$1 <=$2').replace(/(\^|~|>=|<=|>|<|=)\s+/g, '$1').split(/\s+/).map(part));
  return sets.every((set): set is Test[] => set.every((each) => each !== undefined)) ? sets : undefined;
}

/** Whether a text is a range of versions. */
export function isRange(range: string): boolean {
  return range.length <= 100 && tests(range) !== undefined;
}

/** Whether a version is in a range; what is no range holds nothing. Versions before a release count by their order alone. */
export function inRange(of: string, range: string): boolean {
  return (range.length <= 100 ? tests(range) : undefined)?.some((set) => set.every((each) => each(of))) ?? false;
}
