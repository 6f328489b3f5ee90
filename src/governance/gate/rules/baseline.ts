import type { Finding } from './rule.ts';

/** A breach that was there when the baseline was taken. */
export interface BaselineEntry {
  readonly rule: string;
  readonly fingerprint: string;
  readonly place: string;
}

/** What an existing site starts with: its breaches of that day are admitted, new ones are not. */
export interface Baseline {
  readonly version: 1;
  /** ISO instant. */
  readonly takenAt: string;
  readonly findings: readonly BaselineEntry[];
}

/** Length of a fingerprint without the number that tells equal breaches apart. */
const BARE = 32;

/** The breaches of today, those of the level `error`. */
export function takeBaseline(findings: readonly Finding[], now: string): Baseline {
  const errors = findings.filter(({ level, rule }) => level === 'error' && rule !== 'malformed-flows');
  return { version: 1, takenAt: now, findings: errors.map(({ rule, fingerprint, place }) => ({ rule, fingerprint, place })) };
}

/** A baseline from what a file holds; undefined when it is none. */
export function readBaseline(value: unknown): Baseline | undefined {
  const { version, takenAt, findings } = (value ?? {}) as Partial<Baseline>;
  if (version !== 1 || typeof takenAt !== 'string' || !Array.isArray(findings)) return undefined;
  const entries = (findings as readonly unknown[]).filter((each): each is BaselineEntry =>
    typeof each === 'object' && each !== null && (['rule', 'fingerprint', 'place'] as const).every((key) => typeof (each as BaselineEntry)[key] === 'string'));
  return { version, takenAt, findings: entries };
}

/**
 * Which of the findings the baseline admits. An entry admits one finding: the one at its very node, else one that is
 * equal to it. So what was copied from an admitted breach is a new breach.
 */
export function admittedBy(baseline: Baseline, findings: readonly Finding[]): ReadonlySet<Finding> {
  const places = new Map<string, BaselineEntry[]>();
  const left = new Set(baseline.findings);
  for (const entry of left) {
    const same = places.get(entry.place);
    if (same === undefined) places.set(entry.place, [entry]);
    else same.push(entry);
  }
  const admitted = new Set<Finding>();
  for (const finding of findings) {
    const entry = places.get(finding.place)?.pop();
    if (entry?.rule !== finding.rule) continue;
    admitted.add(finding);
    left.delete(entry);
  }
  const equal = new Map<string, number>();
  for (const { fingerprint } of left) equal.set(fingerprint.slice(0, BARE), (equal.get(fingerprint.slice(0, BARE)) ?? 0) + 1);
  for (const finding of findings) {
    const count = equal.get(finding.fingerprint.slice(0, BARE)) ?? 0;
    if (admitted.has(finding) || count === 0) continue;
    equal.set(finding.fingerprint.slice(0, BARE), count - 1);
    admitted.add(finding);
  }
  return admitted;
}
