/** One place of the protocol at which a process can end (PROTOCOL §9). `n` counts from 1 in one start of the engine. */
export type Boundary =
  /** The n-th commit: before it is given to the ledger, or when it is on disk and nobody has been told. */
  | { readonly kind: 'append'; readonly n: number; readonly at: 'before' | 'after' }
  /** The n-th delivery along a wire, of governed and plain nodes alike. */
  | { readonly kind: 'send'; readonly n: number; readonly at: 'before' | 'after' }
  /** The n-th request at the other system. */
  | { readonly kind: 'effect'; readonly n: number; readonly at: 'arrived' | 'committed' | 'answered' }
  /** The n-th acknowledgement: PUBACK or the answer to a person, before it leaves or when it has arrived. */
  | { readonly kind: 'answer'; readonly n: number; readonly at: 'before' | 'after' };

/** How often each boundary is passed in one run. */
export interface BoundaryCounts { readonly append: number; readonly send: number; readonly effect: number; readonly answer: number }

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** Every boundary of a run. */
export function boundariesOf(counts: BoundaryCounts): readonly Boundary[] {
  return [
    ...upTo(counts.append).flatMap((n): Boundary[] => [{ kind: 'append', n, at: 'before' }, { kind: 'append', n, at: 'after' }]),
    ...upTo(counts.send).flatMap((n): Boundary[] => [{ kind: 'send', n, at: 'before' }, { kind: 'send', n, at: 'after' }]),
    ...upTo(counts.effect).flatMap((n): Boundary[] => [
      { kind: 'effect', n, at: 'arrived' }, { kind: 'effect', n, at: 'committed' }, { kind: 'effect', n, at: 'answered' },
    ]),
    ...upTo(counts.answer).flatMap((n): Boundary[] => [{ kind: 'answer', n, at: 'before' }, { kind: 'answer', n, at: 'after' }]),
  ];
}

/**
 * Of boundaries that leave the same on disk and outside, one: between two commits that is the end right after the first or right
 * before the second, taken in turns; a delivery along a wire lies between two commits and is memory of the process alone, so every
 * third is taken. At requests and answers the world outside knows something else each time: all of them.
 */
export function distinctBoundariesOf(counts: BoundaryCounts): readonly Boundary[] {
  const turn = (n: number): Boundary['at'] & ('before' | 'after') => (n % 2 === 0 ? 'before' : 'after');
  const commits = upTo(counts.append).map((n): Boundary => (n % 2 === 0 && n < counts.append ? { kind: 'append', n: n + 1, at: 'before' } : { kind: 'append', n, at: 'after' }));
  return [
    { kind: 'append', n: 1, at: 'before' }, ...commits,
    ...boundariesOf({ ...counts, append: 0 }).filter(({ kind, n, at }) => kind !== 'send' || (n % 3 === 2 && at === turn((n + 1) / 3))),
  ];
}

/** `append 7 before` */
export function nameOf(boundary: Boundary): string {
  return `${boundary.kind} ${boundary.n} ${boundary.at}`;
}
