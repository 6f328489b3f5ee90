import { csvFields, csvLines, csvSeparator } from '../csv.ts';
import { gtin14, type PackagingRow } from './levels.ts';

/** A row with the line of the list in which it stands, counted from 1. */
export interface ListedPackaging extends PackagingRow { readonly line: number }

export interface PackagingListProblem { readonly line: number; readonly code: 'no-columns' | 'open-quote' | 'too-many-fields' }

type Column = keyof PackagingRow;

/** What people call the columns; the first line may name them. */
const COLUMNS: Readonly<Record<string, Column>> = {
  gtin: 'gtin', pack: 'gtin', packgtin: 'gtin', package: 'gtin',
  contained: 'contained', contains: 'contained', containedgtin: 'contained', base: 'contained', basegtin: 'contained', nextlowerlevelgtin: 'contained',
  quantity: 'quantity', qty: 'quantity', units: 'quantity', baseunits: 'quantity', count: 'quantity', quantityofnextlowerlevel: 'quantity',
  unit: 'unit', uom: 'unit', unitofmeasure: 'unit',
};
const IN_ORDER: readonly Column[] = ['gtin', 'contained', 'quantity', 'unit'];

/**
 * Reads a pasted list, separated by comma, semicolon or tab. Without a line of column names the columns are GTIN, contained
 * GTIN, quantity, unit. What the rows say is not judged here.
 */
export function readPackagingList(text: string): { readonly rows: readonly ListedPackaging[]; readonly problems: readonly PackagingListProblem[] } {
  const lines = csvLines(text);
  const head = lines.findIndex((line) => line.trim() !== '');
  const first = lines[head] ?? '';
  // a first line of one GTIN alone has none
  const separator = csvSeparator(lines.find((line) => /[;\t,]/.test(line)) ?? first);
  const cells = csvFields(first, separator) ?? [];
  const named = cells.map((cell) => COLUMNS[cell.toLowerCase().replace(/[\s_-]/g, '')]);
  const headless = gtin14(cells[0] ?? '') !== undefined;
  const columns = headless ? IN_ORDER : named;
  if (!columns.includes('gtin')) return { rows: [], problems: first === '' ? [] : [{ line: head + 1, code: 'no-columns' }] };
  const rows: ListedPackaging[] = [];
  const problems: PackagingListProblem[] = [];
  lines.forEach((line, index) => {
    if (index < head || (index === head && !headless) || line.trim() === '') return;
    const fields = csvFields(line, separator);
    if (fields === undefined) problems.push({ line: index + 1, code: 'open-quote' });
    else if (fields.slice(columns.length).some((field) => field !== '')) problems.push({ line: index + 1, code: 'too-many-fields' });
    else {
      const of = (column: Column): string => fields[columns.indexOf(column)] ?? '';
      // spreadsheets of some languages write a decimal comma, where it does not separate fields
      rows.push({ line: index + 1, gtin: of('gtin'), contained: of('contained'), quantity: of('quantity').replace(/^(\d+),(\d+)$/, '$1.$2'), unit: of('unit') });
    }
  });
  return { rows, problems };
}
