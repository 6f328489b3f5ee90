import Big from 'big.js';
import { writeLiteral } from './literal.ts';
import type { Literal } from './literal.ts';
import type { Bound, CellTest, SimpleTest } from './unary-test.ts';
import type { ColumnType, InputColumn } from './table.ts';

/**
 * The values that a cell lets pass. Of numbers and dates: intervals that are sorted and do not touch. Of texts and truth values: a set,
 * or all but a set. A missing value (null) is told apart: `-` lets it pass, an interval does not.
 */
export type Region = OrderedRegion | SetRegion;
export interface Interval { readonly from: Bound | undefined; readonly to: Bound | undefined }
export interface OrderedRegion { readonly kind: 'ordered'; readonly intervals: readonly Interval[]; readonly missing: boolean }
export interface SetRegion { readonly kind: 'set'; readonly values: ReadonlySet<string>; readonly inverted: boolean; readonly missing: boolean }

export function isOrdered(type: ColumnType): boolean {
  return type === 'number' || type === 'decimal' || type === 'date';
}

/** Order of two literals of one type: below 0, 0, above 0. */
export function compare(a: Literal, b: Literal): number {
  if (a.type === 'number' && b.type === 'number') return new Big(a.value).cmp(b.value);
  // ISO days are in order as texts.
  if (a.type === 'date' && b.type === 'date') return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  throw new TypeError(`${a.type} and ${b.type} have no order`);
}

/** Value of a set: what a text or truth value is compared by. */
export function setKey(literal: Literal): string {
  return writeLiteral(literal);
}

export function everything(type: ColumnType, missing: boolean): Region {
  return isOrdered(type) ? { kind: 'ordered', intervals: [{ from: undefined, to: undefined }], missing } : { kind: 'set', values: new Set(), inverted: true, missing };
}

function isEmptyInterval({ from, to }: Interval): boolean {
  if (from === undefined || to === undefined) return false;
  const order = compare(from.value, to.value);
  return order > 0 || (order === 0 && (from.open || to.open));
}

/** The later of two beginnings. */
function later(a: Bound | undefined, b: Bound | undefined): Bound | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = compare(a.value, b.value);
  return order > 0 || (order === 0 && a.open) ? a : b;
}
/** The earlier of two ends. */
function earlier(a: Bound | undefined, b: Bound | undefined): Bound | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = compare(a.value, b.value);
  return order < 0 || (order === 0 && a.open) ? a : b;
}

export function intersect(a: Region, b: Region): Region {
  const missing = a.missing && b.missing;
  if (a.kind === 'ordered' && b.kind === 'ordered') {
    const intervals = a.intervals.flatMap((x) => b.intervals.map((y) => ({ from: later(x.from, y.from), to: earlier(x.to, y.to) }))).filter((each) => !isEmptyInterval(each));
    return { kind: 'ordered', intervals, missing };
  }
  if (a.kind !== 'set' || b.kind !== 'set') throw new TypeError('regions of different columns');
  if (a.inverted && b.inverted) return { kind: 'set', values: new Set([...a.values, ...b.values]), inverted: true, missing };
  const [plain, other] = a.inverted ? [b, a] : [a, b];
  return { kind: 'set', values: new Set([...plain.values].filter((value) => other.values.has(value) !== other.inverted)), inverted: false, missing };
}

export function isEmpty(region: Region): boolean {
  return !region.missing && (region.kind === 'ordered' ? region.intervals.length === 0 : !region.inverted && region.values.size === 0);
}

/** What `not(…)` lets pass. A missing value passes where it is not named (FEEL: null is not in an interval). */
function complement(region: Region): Region {
  if (region.kind === 'set') return { ...region, inverted: !region.inverted, missing: !region.missing };
  let rest: Interval[] = [{ from: undefined, to: undefined }];
  for (const { from, to } of region.intervals) {
    rest = rest.flatMap((each) => [
      ...(from === undefined ? [] : [{ from: each.from, to: earlier(each.to, { value: from.value, open: !from.open }) }]),
      ...(to === undefined ? [] : [{ from: later(each.from, { value: to.value, open: !to.open }), to: each.to }]),
    ]).filter((each) => !isEmptyInterval(each));
  }
  return { kind: 'ordered', intervals: rest, missing: !region.missing };
}

function regionOfTest(test: SimpleTest, type: ColumnType): Region {
  if (test.kind === 'equal' && test.value.type === 'null') {
    return isOrdered(type) ? { kind: 'ordered', intervals: [], missing: true } : { kind: 'set', values: new Set(), inverted: false, missing: true };
  }
  if (!isOrdered(type)) return { kind: 'set', values: new Set(test.kind === 'equal' ? [setKey(test.value)] : []), inverted: false, missing: false };
  const interval = test.kind === 'interval' ? { from: test.from, to: test.to } : { from: { value: test.value, open: false }, to: { value: test.value, open: false } };
  return { kind: 'ordered', intervals: isEmptyInterval(interval) ? [] : [interval], missing: false };
}

function union(a: Region, b: Region): Region {
  // Only the atoms of the check look into it, so that intervals may overlap.
  if (a.kind === 'ordered' && b.kind === 'ordered') return { kind: 'ordered', intervals: [...a.intervals, ...b.intervals], missing: a.missing || b.missing };
  if (a.kind !== 'set' || b.kind !== 'set') throw new TypeError('regions of different columns');
  return { kind: 'set', values: new Set([...a.values, ...b.values]), inverted: false, missing: a.missing || b.missing };
}

/** Region of a cell; undefined when only FEEL can tell. Literals have to fit the column's type. */
export function regionOf(test: CellTest, column: Pick<InputColumn, 'type'>): Region | undefined {
  if (test.kind === 'any') return everything(column.type, true);
  if (test.kind === 'feel') return undefined;
  const region = test.tests.map((each) => regionOfTest(each, column.type)).reduce(union);
  return test.negated ? complement(region) : region;
}

/** Whether a value is in a region; null is a missing one. */
export function contains(region: Region, value: Literal): boolean {
  if (value.type === 'null') return region.missing;
  if (region.kind === 'set') return region.values.has(setKey(value)) !== region.inverted;
  return region.intervals.some(({ from, to }) => {
    const low = from === undefined ? 1 : compare(value, from.value);
    const high = to === undefined ? -1 : compare(value, to.value);
    return (low > 0 || (low === 0 && from?.open === false)) && (high < 0 || (high === 0 && to?.open === false));
  });
}
