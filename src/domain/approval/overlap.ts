import { satisfiable } from './conditions.ts';
import type { MatrixRow } from './matrix.ts';
import { decimalOf } from './money.ts';

/** Whether some amount lies in both bands. */
function bandsMeet(a: MatrixRow, b: MatrixRow): boolean {
  const before = (to: string, from: string): boolean => {
    const [end, start] = [decimalOf(to), decimalOf(from)];
    return end !== undefined && start !== undefined && end.lte(start);
  };
  return !before(a.to, b.from) && !before(b.to, a.from);
}

/** Whether a case can be thought of that fits both rows. */
export function overlap(a: MatrixRow, b: MatrixRow): boolean {
  if (!bandsMeet(a, b)) return false;
  const conditions = [...a.conditions, ...b.conditions];
  const paths = new Set(conditions.map((each) => each.path.trim()));
  return [...paths].every((path) => satisfiable(conditions.filter((each) => each.path.trim() === path)));
}

/** Pairs of rows that one case can fit, by their places. */
export function overlaps(rows: readonly MatrixRow[]): readonly (readonly [number, number])[] {
  return rows.flatMap((row, first) => rows.slice(first + 1).flatMap((other, after) => (overlap(row, other) ? [[first, first + 1 + after] as const] : [])));
}
