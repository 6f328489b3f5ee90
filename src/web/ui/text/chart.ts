/** Round values for an axis from 0 up to at least `highest`: 1, 2 or 5 times a power of ten apart. */
export function ticksFor(highest: number, about = 4): number[] {
  if (!(highest > 0)) return [0, 1];
  const rough = highest / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const count = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Points of a line; gaps in time longer than `gapMs` break it. */
export function linePath(points: readonly { readonly at: number; readonly x: number; readonly y: number }[], gapMs: number): string {
  return points.map(({ at, x, y }, index) => `${index === 0 || at - points[index - 1]!.at > gapMs ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}
