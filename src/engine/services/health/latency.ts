/** Upper bounds of the bins in which the times of calls are counted, ms; what takes longer is in one bin more. */
export const LATENCY_BOUNDS: readonly number[] = [5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 30_000, 60_000, 120_000];

export const latencyBins = (): number[] => new Array<number>(LATENCY_BOUNDS.length + 1).fill(0);

export function binOf(ms: number): number {
  const bin = LATENCY_BOUNDS.findIndex((bound) => ms <= bound);
  return bin < 0 ? LATENCY_BOUNDS.length : bin;
}

/** The time within which this share of the calls was answered, ms, by a straight line through its bin; null without calls. */
export function percentile(bins: readonly number[], share: number): number | null {
  const all = bins.reduce((sum, each) => sum + each, 0);
  if (all === 0) return null;
  let rest = share * all;
  for (const [bin, count] of bins.entries()) {
    if (count > 0 && rest <= count) {
      const low = bin === 0 ? 0 : LATENCY_BOUNDS[bin - 1]!;
      const high = LATENCY_BOUNDS[bin] ?? low;
      return Math.round(low + ((high - low) * Math.max(0, rest)) / count);
    }
    rest -= count;
  }
  return LATENCY_BOUNDS.at(-1)!;
}
