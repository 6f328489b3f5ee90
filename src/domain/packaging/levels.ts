/** Packaging levels: how many base units a pallet, case or inner pack is. Pure. */
import { compare, times } from '../decimals.ts';
import { checkDigit, hasValidCheckDigit, isDigits } from '../gs1/check-digit.ts';

/** One row of the list: a trade item, and what it holds of which. */
export interface PackagingRow {
  /** GTIN-8, -12, -13 or -14 of the pack. */
  readonly gtin: string;
  /** GTIN of the next lower level; blank: the row names a base unit. */
  readonly contained: string;
  /** How many of it: decimal text, at most six decimals. */
  readonly quantity: string;
  /** Unit of measure of the base unit (UN/ECE Recommendation 20 or 21), as `EA` or `MTR`; blank: not said. */
  readonly unit: string;
}

/** What one of a trade item is in base units. */
export interface BaseUnits {
  /** 14 digits. */
  readonly gtin: string;
  /** How many base units one of it is: decimal text. `1` for the base unit itself. */
  readonly each: string;
  readonly unit?: string;
}

export type PackagingProblemCode =
  | 'too-many' | 'gtin-form' | 'contained-form' | 'check-digit' | 'twice' | 'itself' | 'quantity' | 'base-quantity' | 'unit' | 'circle' | 'open-end' | 'too-deep' | 'too-large' | 'too-fine' | 'derivation' | 'units-differ';

/** What is wrong with a row, counted from 1, and what the sentence about it needs. */
export interface PackagingProblem {
  readonly row: number;
  readonly code: PackagingProblemCode;
  readonly values: Readonly<Record<string, string>>;
}

export interface PackagingLevels {
  /** True when nothing is in the list: then nobody is asked. */
  readonly empty: boolean;
  of(gtin: string): BaseUnits | undefined;
  /** The base unit from which this GTIN-14 is built, when the list has it. */
  derivedFrom(gtin: string): string | undefined;
}

export const MOST_PACKAGING_ROWS = 5_000;
/** Pallet, layer, case, inner pack, each: nobody nests deeper than this. */
export const MOST_LEVELS = 8;
const QUANTITY = /^\d{1,9}(\.\d{1,6})?$/;
const UNIT = /^[A-Z0-9]{2,3}$/;
const MOST_UNITS = '999999999999';

/** A GTIN as 14 digits, or undefined (General Specifications §3.3.2: shorter ones are filled up with zeros). */
export function gtin14(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, '');
  return [8, 12, 13, 14].includes(digits.length) && isDigits(digits) ? digits.padStart(14, '0') : undefined;
}

/** Whether the indicator digit of a GTIN-14 is 1 to 8: a grouping whose GTIN is built from that of what it holds (§3.3.2). */
export function isGrouping(gtin: string): boolean {
  return gtin >= '1' && gtin < '9';
}

/** Whether the indicator digit is 9: how much it is stands on its label (§3.3.2). */
export function isVariableMeasure(gtin: string): boolean {
  return gtin.startsWith('9');
}

/** The twelve digits that a GTIN-14 takes over from the GTIN of what it holds (§3.3.2). */
function core(gtin: string): string {
  return gtin.slice(1, 13);
}

interface Row { readonly row: number; readonly gtin: string; readonly contained: string | undefined; readonly quantity: string; readonly unit: string }

/** What is wrong with a list; nothing when it can be used. */
export function packagingProblems(rows: readonly PackagingRow[]): readonly PackagingProblem[] {
  return readLevels(rows).problems;
}

/** The list as a scan is looked up in it; only a list without problems may be used. */
export function packagingLevels(rows: readonly PackagingRow[]): PackagingLevels & { readonly problems: readonly PackagingProblem[] } {
  const { known, units, problems } = readLevels(rows);
  return {
    problems,
    empty: known.size === 0,
    of(gtin) {
      const found = known.get(gtin);
      const unit = found === undefined ? undefined : units.get(found.gtin)?.unit;
      return found === undefined || unit === undefined ? found : { ...found, unit };
    },
    derivedFrom(gtin) {
      if (!isGrouping(gtin)) return undefined;
      const body = `0${core(gtin)}`;
      const base = body + checkDigit(body);
      return known.has(base) ? base : undefined;
    },
  };
}

interface Read { readonly known: Map<string, BaseUnits>; readonly units: Map<string, Row>; readonly problems: PackagingProblem[] }

function readLevels(rows: readonly PackagingRow[]): { readonly known: ReadonlyMap<string, BaseUnits>; readonly units: ReadonlyMap<string, Row>; readonly problems: readonly PackagingProblem[] } {
  const problems: PackagingProblem[] = [];
  if (rows.length > MOST_PACKAGING_ROWS) problems.push({ row: MOST_PACKAGING_ROWS + 1, code: 'too-many', values: { rows: String(rows.length), most: String(MOST_PACKAGING_ROWS) } });
  const read = new Map<string, Row>();
  rows.slice(0, MOST_PACKAGING_ROWS).forEach((each, index) => {
    const row = readRow(each, index + 1, problems);
    if (row === undefined) return;
    const earlier = read.get(row.gtin);
    if (earlier === undefined) read.set(row.gtin, row);
    else problems.push({ row: row.row, code: 'twice', values: { gtin: row.gtin, row: String(earlier.row) } });
  });
  const levels: Read = { known: new Map(), units: new Map(), problems };
  for (const row of read.values()) resolve(row, read, levels);
  return levels;
}

function readRow(each: PackagingRow, row: number, problems: PackagingProblem[]): Row | undefined {
  const wrong = (code: PackagingProblemCode, values: Readonly<Record<string, string>>): undefined => { problems.push({ row, code, values }); };
  const gtin = gtin14(each.gtin);
  if (gtin === undefined) return wrong('gtin-form', { gtin: each.gtin });
  const blank = each.contained.trim() === '';
  const contained = blank ? undefined : gtin14(each.contained);
  if (!blank && contained === undefined) return wrong('contained-form', { gtin: each.contained });
  for (const digits of [gtin, contained]) {
    if (digits !== undefined && !hasValidCheckDigit(digits)) return wrong('check-digit', { gtin: digits === gtin ? each.gtin : each.contained, digit: checkDigit(digits.slice(0, 13)) });
  }
  if (contained === gtin) return wrong('itself', { gtin: each.gtin });
  const quantity = each.quantity.trim();
  if (contained === undefined ? quantity !== '' && quantity !== '1' : !QUANTITY.test(quantity) || compare(quantity, '0') !== 1) return wrong(contained === undefined ? 'base-quantity' : 'quantity', { quantity });
  const unit = each.unit.trim().toUpperCase();
  if (unit !== '' && !UNIT.test(unit)) return wrong('unit', { unit: each.unit });
  return { row, gtin, contained, quantity: quantity === '' ? '1' : quantity, unit };
}

/** Goes down to the base unit; the first problem on the way ends it. */
function resolve(row: Row, rows: ReadonlyMap<string, Row>, { known, units, problems }: Read): void {
  const wrong = (code: PackagingProblemCode, values: Readonly<Record<string, string>>): void => { problems.push({ row: row.row, code, values }); };
  const below: string[] = [row.gtin];
  let each = '1';
  for (let at: Row | undefined = row; at !== undefined; at = at.contained === undefined ? undefined : rows.get(at.contained)) {
    if (at.contained === undefined) break;
    each = times(each, at.quantity);
    if (compare(each, MOST_UNITS) === 1) return wrong('too-large', { gtin: row.gtin, units: each });
    if (/\.\d{7}/.test(each)) return wrong('too-fine', { gtin: row.gtin, units: each });
    if (below.includes(at.contained)) return wrong('circle', { gtin: at.contained });
    below.push(at.contained);
    if (below.length > MOST_LEVELS) return wrong('too-deep', { gtin: row.gtin, most: String(MOST_LEVELS) });
  }
  const base = below.at(-1) as string;
  if (base !== row.gtin && !rows.has(base) && isGrouping(base)) return wrong('open-end', { gtin: base, indicator: base.slice(0, 1) });
  const [, first] = below;
  if (isGrouping(row.gtin) && first !== undefined && !below.slice(1).some((gtin) => core(gtin) === core(row.gtin))) {
    const body = `${row.gtin.slice(0, 1)}${core(first)}`;
    return wrong('derivation', { gtin: row.gtin, indicator: row.gtin.slice(0, 1), contained: first, expected: body + checkDigit(body) });
  }
  const counted = units.get(base);
  if (row.unit !== '' && counted === undefined) units.set(base, row);
  else if (row.unit !== '' && counted !== undefined && counted.unit !== row.unit) return wrong('units-differ', { gtin: base, unit: row.unit, other: counted.unit, row: String(counted.row) });
  known.set(row.gtin, { gtin: base, each });
  if (!known.has(base)) known.set(base, { gtin: base, each: '1' });
}
