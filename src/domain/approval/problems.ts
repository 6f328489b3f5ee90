import type { ApprovalMatrix, MatrixLevel, MatrixRow } from './matrix.ts';
import { CURRENCY, decimalOf } from './money.ts';
import { overlaps } from './overlap.ts';
import { listed } from './conditions.ts';
import { ROLE } from '../directory/role.ts';

export type MatrixProblemCode =
  | 'row-id' | 'row-id-twice' | 'band' | 'band-negative' | 'band-empty' | 'band-without-amount' | 'condition-path' | 'condition-value'
  | 'no-level' | 'auto-with-level' | 'role' | 'quorum' | 'deadline' | 'hold' | 'no-calendar' | 'overlap'
  | 'base' | 'amount-path' | 'currency-path' | 'rate-currency' | 'rate' | 'rate-day' | 'rate-twice' | 'sum-keys' | 'sum-days' | 'sum-without-amount' | 'unreadable';

/** What is wrong with a matrix, and where: places count from 0. */
export interface MatrixProblem {
  readonly code: MatrixProblemCode;
  readonly row?: number;
  readonly level?: number;
  readonly condition?: number;
  readonly rate?: number;
  /** The other row of an overlap. */
  readonly other?: number;
}

export const PATH = /^[A-Za-z_$][\w$-]*(\.[A-Za-z0-9_$][\w$-]*)*$/;
const ROW_ID = /^[a-z0-9][a-z0-9._@-]{0,79}$/i;
/** A parameter that Node-RED fills in when the flows start; nobody can judge it before. */
const isParameter = (value: unknown): boolean => typeof value === 'string' && /^\$\{[A-Za-z_]\w*\}$/.test(value);
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Ten years; what is longer is a slip. */
const LONGEST = { minutes: 5_256_000, hours: 87_600, days: 3_650 } as const;
export const LONGEST_HOLD = 3_600;
const MOST_PEOPLE = 50;

function levelProblems(level: MatrixLevel, hasCalendar: boolean, at: { readonly row: number; readonly level: number }): MatrixProblem[] {
  const found: MatrixProblem[] = [];
  if (!ROLE.test(level.role)) found.push({ code: 'role', ...at });
  if (level.quorum !== 'any' && level.quorum !== 'all' && !(Number.isInteger(level.quorum) && level.quorum >= 1 && level.quorum <= MOST_PEOPLE)) found.push({ code: 'quorum', ...at });
  if (!isParameter(level.deadline) && !(Number.isFinite(level.deadline) && level.deadline >= 0 && level.deadline <= (LONGEST[level.deadlineUnit] ?? 0))) found.push({ code: 'deadline', ...at });
  if (level.working && level.deadline > 0 && !hasCalendar) found.push({ code: 'no-calendar', ...at });
  if (!(Number.isInteger(level.hold) && level.hold >= 0 && level.hold <= LONGEST_HOLD)) found.push({ code: 'hold', ...at });
  return found;
}

function bandProblems({ from, to }: MatrixRow, matrix: ApprovalMatrix, row: number): MatrixProblem[] {
  if (from === '' && to === '') return [];
  if (matrix.amount === '') return [{ code: 'band-without-amount', row }];
  if (isParameter(from) || isParameter(to)) return [];
  const [low, high] = [from === '' ? undefined : decimalOf(from), to === '' ? undefined : decimalOf(to)];
  if ((from !== '' && low === undefined) || (to !== '' && high === undefined)) return [{ code: 'band', row }];
  if (low?.lt(0) === true || high?.lt(0) === true) return [{ code: 'band-negative', row }];
  return high !== undefined && high.lte(low ?? 0) ? [{ code: 'band-empty', row }] : [];
}

function rowProblems(row: MatrixRow, index: number, matrix: ApprovalMatrix, hasCalendar: boolean): MatrixProblem[] {
  const found: MatrixProblem[] = [...bandProblems(row, matrix, index)];
  if (!ROW_ID.test(row.id)) found.push({ code: 'row-id', row: index });
  row.conditions.forEach(({ path, operator, value }, condition) => {
    if (!PATH.test(path.trim())) found.push({ code: 'condition-path', row: index, condition });
    const needed = operator !== 'exists' && operator !== 'missing';
    if (needed && (operator === 'in' ? listed(value).length === 0 : value.trim() === '')) found.push({ code: 'condition-value', row: index, condition });
  });
  if (row.auto && row.levels.length > 0) found.push({ code: 'auto-with-level', row: index });
  if (!row.auto && row.levels.length === 0) found.push({ code: 'no-level', row: index });
  row.levels.forEach((level, place) => found.push(...levelProblems(level, hasCalendar, { row: index, level: place })));
  return found;
}

function rateProblems({ rates, base }: ApprovalMatrix): MatrixProblem[] {
  const seen = new Set<string>();
  return rates.flatMap((each, rate): MatrixProblem[] => {
    const key = `${each.currency} ${each.from}`;
    const twice = seen.has(key);
    seen.add(key);
    const value = decimalOf(each.rate);
    return [
      ...(CURRENCY.test(each.currency) && each.currency !== base ? [] : [{ code: 'rate-currency', rate } as const]),
      ...(value?.gt(0) === true ? [] : [{ code: 'rate', rate } as const]),
      ...(each.from === '' || DAY.test(each.from) ? [] : [{ code: 'rate-day', rate } as const]),
      ...(twice ? [{ code: 'rate-twice', rate } as const] : []),
    ];
  });
}

/** Everything that is wrong with a matrix, the most general first. Pure, so that the editor says it where it is written and the deploy says it again. */
export function matrixProblems(matrix: ApprovalMatrix, options: { readonly hasCalendar: boolean }): readonly MatrixProblem[] {
  if (matrix.rows.length === 0) return [];
  const found: MatrixProblem[] = [];
  if (!CURRENCY.test(matrix.base) && !isParameter(matrix.base)) found.push({ code: 'base' });
  if (matrix.amount !== '' && !PATH.test(matrix.amount)) found.push({ code: 'amount-path' });
  if (matrix.currency !== '' && !PATH.test(matrix.currency)) found.push({ code: 'currency-path' });
  found.push(...rateProblems(matrix));
  const keys = listed(matrix.cumulative.keys);
  if (keys.length > 0) {
    if (!keys.every((path) => PATH.test(path))) found.push({ code: 'sum-keys' });
    if (matrix.amount === '') found.push({ code: 'sum-without-amount' });
    if (!isParameter(matrix.cumulative.days) && !(Number.isFinite(matrix.cumulative.days) && matrix.cumulative.days > 0 && matrix.cumulative.days <= 3_660)) found.push({ code: 'sum-days' });
  }
  matrix.rows.forEach((row, index) => {
    found.push(...rowProblems(row, index, matrix, options.hasCalendar));
    if (matrix.rows.findIndex((other) => other.id === row.id) < index) found.push({ code: 'row-id-twice', row: index });
  });
  const bandKnown = (index: number): boolean => !isParameter(matrix.rows[index]?.from) && !isParameter(matrix.rows[index]?.to);
  if (matrix.hit === 'unique') for (const [row, other] of overlaps(matrix.rows)) if (bandKnown(row) && bandKnown(other)) found.push({ code: 'overlap', row, other });
  return found;
}
