import type { Weight } from './difference.ts';

type Core = readonly [major: number, minor: number, patch: number];

const coreOf = (version: string): Core => {
  const [major = 0, minor = 0, patch = 0] = (version.split('-')[0] ?? '').split('.').map(Number);
  return [major, minor, patch];
};

/** The least version that may follow by a change of this weight (semver.org 2.0.0, clauses 4, 6 to 8; below 1.0.0 one place further right). */
export function leastVersion(before: string, weight: Weight): string {
  const [major, minor, patch] = coreOf(before);
  const place = weight === 'breaking' ? 0 : weight === 'adding' ? 1 : 2;
  const at = major === 0 ? Math.min(place + 1, 2) : place;
  return at === 0 ? `${major + 1}.0.0` : at === 1 ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

/** Whether a version is raised enough for a change; a pre-release of the version that fits is enough. */
export function raisedEnough(before: string, after: string, weight: Weight): boolean {
  const [least, now] = [coreOf(leastVersion(before, weight)), coreOf(after)];
  const at = [0, 1, 2].find((i) => least[i] !== now[i]);
  return at === undefined || now[at]! > least[at]!;
}
