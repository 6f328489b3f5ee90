import Big from 'big.js';
import type { JsonObject } from '../json.ts';
import { holds } from './conditions.ts';
import type { ApprovalMatrix, MatrixRow } from './matrix.ts';

/** Which row decides about a case, and why. */
export type RowChoice =
  | { readonly kind: 'row'; readonly row: MatrixRow; readonly place: number; readonly because: readonly string[] }
  | { readonly kind: 'none' }
  /** Hit policy `unique`, and several fit. */
  | { readonly kind: 'several'; readonly rows: readonly string[] };

function inBand({ from, to }: MatrixRow, amount: string | undefined): boolean {
  if (from === '' && to === '') return true;
  if (amount === undefined) return false;
  const value = new Big(amount);
  return (from === '' || value.gte(from)) && (to === '' || value.lt(to));
}

/** What held, in words that an approver can check. */
function reasons(row: MatrixRow, base: string): readonly string[] {
  const band = row.from === '' && row.to === '' ? []
    : row.to === '' ? [`amount >= ${row.from} ${base}`] : row.from === '' ? [`amount < ${row.to} ${base}`] : [`${row.from} <= amount < ${row.to} ${base}`];
  return [...band, ...row.conditions.map(({ path, operator, value }) => (operator === 'exists' || operator === 'missing' ? `${path} ${operator}` : `${path} ${operator} ${value}`))];
}

/**
 * The row for a case. No row is never an approval: whoever asks has to stop then.
 * @param amount in the base currency, with what was summed up; undefined when the matrix has no amount
 */
export function chooseRow(matrix: ApprovalMatrix, facts: JsonObject, amount: string | undefined): RowChoice {
  const fitting = matrix.rows.map((row, place) => ({ row, place })).filter(({ row }) => inBand(row, amount) && row.conditions.every((each) => holds(each, facts)));
  const [first] = fitting;
  if (first === undefined) return { kind: 'none' };
  if (matrix.hit === 'unique' && fitting.length > 1) return { kind: 'several', rows: fitting.map(({ row }) => row.id) };
  return { kind: 'row', ...first, because: reasons(first.row, matrix.base) };
}
