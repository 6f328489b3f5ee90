/** Time from a first millisecond up to, and without, a last one; ms since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The same time in order, without gaps of nothing and without overlaps. */
export function united(spans: readonly Span[]): Span[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to <= from) continue;
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** What of the spans is in none of the others. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left = [...spans];
  for (const other of others) {
    left = left.flatMap(({ from, to }) => (other.to <= from || other.from >= to ? [{ from, to }] : [{ from, to: other.from }, { from: other.to, to }].filter((part) => part.to > part.from)));
  }
  return left;
}

/** What of the spans is within limits. */
export function within(spans: readonly Span[], from: number, to: number): Span[] {
  return spans.map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) })).filter((span) => span.to > span.from);
}
