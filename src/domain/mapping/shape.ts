import type { Json } from '../json.ts';
import { UNIT_CODE } from '../contract/index.ts';
import { isPointer } from '../json-pointer.ts';
import { isDateFormat, isZone, readsOffset, readsTime } from './date-format.ts';
import { packagingProblems, packagingProblemText } from '../packaging/index.ts';
import type { PackagingRow } from '../packaging/index.ts';
import { CONVERSION_KINDS, ROUNDINGS } from './mapping.ts';
import type { Conversion, Mapping, MappingRow, Operand } from './mapping.ts';
import type { MappingProblem, MappingProblemCode } from './problem.ts';

export const MOST_ROWS = 2_000;
const MOST_DEPTH = 6;
const MOST_CONVERSIONS = 10;
const LONGEST = 4_096;
const LIST_ID = /^[a-z0-9]+(-[a-z0-9]+)*@\d+\.\d+\.\d+$/;

type Loose = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST;

const isSourcePointer = (text: unknown): text is string => isText(text) && isPointer(text.startsWith('#') ? text.slice(1) : text);

/** What is wrong with a mapping by itself, whatever the schemas; nothing when it can be run. Takes anything, as it comes from a file or a form. */
export function mappingProblems(value: unknown): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  if (!isObject(value) || !Array.isArray(value['rows'])) return [{ code: 'shape', row: '', at: '', values: { what: 'rows' } }];
  const packaging = packagingProblem(value['packaging']);
  if (packaging !== undefined) problems.push({ code: 'packaging-list', row: '', at: '', values: { detail: packaging } });
  const counted = { rows: 0 };
  rowsProblems(value['rows'], '', '', problems, counted);
  if (counted.rows > MOST_ROWS) problems.push({ code: 'too-many', row: '', at: '', values: { has: String(counted.rows), most: String(MOST_ROWS) } });
  return problems;
}

function packagingProblem(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const isRow = (row: unknown): boolean => isObject(row) && ['gtin', 'contained', 'quantity', 'unit'].every((key) => isText(row[key]));
  if (!Array.isArray(value) || !value.every(isRow)) return 'a list of rows with gtin, contained, quantity and unit is needed.';
  const [first] = packagingProblems(value as readonly PackagingRow[]);
  return first === undefined ? undefined : packagingProblemText(first);
}

/** A mapping out of anything, or what is wrong with it. */
export function readMapping(value: unknown): { readonly mapping: Mapping } | { readonly problems: readonly MappingProblem[] } {
  const problems = mappingProblems(value);
  return problems.length === 0 ? { mapping: value as unknown as Mapping } : { problems };
}

function rowsProblems(rows: readonly unknown[], path: string, at: string, problems: MappingProblem[], counted: { rows: number }): void {
  const seen = new Set<string>();
  rows.forEach((row, index) => {
    counted.rows += 1;
    const place = path === '' ? String(index) : `${path}.${index}`;
    const say = (code: MappingProblemCode, values: Readonly<Record<string, string>> = {}): void => { problems.push({ code, row: place, at: isObject(row) && isText(row['to']) ? at + row['to'] : at, values }); };
    if (!isObject(row) || place.split('.').length > MOST_DEPTH) return say('shape', { what: 'row' });
    const { to } = row;
    if (!isText(to) || !isPointer(to)) return say('to-form', { to: String(to) });
    if (seen.has(to)) say('twice', { to });
    seen.add(to);
    sourceProblems(row, say);
    conversionsProblems(row['convert'], say);
    if (row['required'] !== undefined && typeof row['required'] !== 'boolean') say('shape', { what: 'required' });
    if (row['each'] !== undefined) {
      if (Array.isArray(row['rows']) && row['rows'].length > 0) rowsProblems(row['rows'], place, `${at}${to}/*`, problems, counted);
      else say('rows-missing');
    }
  });
}

type Say = (code: MappingProblemCode, values?: Readonly<Record<string, string>>) => void;

function sourceProblems(row: Loose, say: Say): void {
  const given = ['from', 'value', 'expression', 'each'].filter((key) => row[key] !== undefined);
  if (given.length === 0) return say('no-source');
  if (given.length > 1) return say('several-sources', { sources: given.join(', ') });
  const [kind] = given;
  if ((kind === 'from' || kind === 'each') && !isSourcePointer(row[kind])) say('from-form', { from: String(row[kind]) });
  if (kind === 'expression' && (!isText(row['expression']) || row['expression'].trim() === '')) say('expression-form');
}

function conversionsProblems(value: unknown, say: Say): void {
  if (value === undefined) return;
  if (!Array.isArray(value) || value.length > MOST_CONVERSIONS) return say('shape', { what: 'convert' });
  for (const each of value as readonly unknown[]) {
    if (!isObject(each) || !CONVERSION_KINDS.includes(each['kind'] as Conversion['kind'])) say('shape', { what: 'convert' });
    else conversionProblem(each as unknown as Conversion, say);
  }
}

const isOperand = (value: unknown): value is Operand => isText(value) ? value !== '' : isObject(value) && isSourcePointer(value['at']) && (value['list'] === undefined || LIST_ID.test(String(value['list'])));

/** What is wrong with one conversion, whose members may be anything. */
function conversionProblem(conversion: Conversion, say: Say): void {
  switch (conversion.kind) {
    case 'trim': case 'upper': case 'lower': return;
    case 'decimal': return void (['.', ','].includes(conversion.mark) && conversion.grouping !== conversion.mark || say('shape', { what: 'decimal' }));
    case 'round': return void (Number.isInteger(conversion.places) && conversion.places >= 0 && conversion.places <= 12 && ROUNDINGS.includes(conversion.mode) || say('places'));
    case 'packaging': return void (isOperand(conversion.gtin) && ['base-units', 'packages'].includes(conversion.to) || say('shape', { what: 'packaging' }));
    case 'minor-units': return void (isOperand(conversion.currency) && ['major', 'minor'].includes(conversion.to) || say('shape', { what: 'minor-units' }));
    case 'codes': return void (LIST_ID.test(String(conversion.list)) && ['central', 'site'].includes(conversion.to) || say('list-unknown', { list: String(conversion.list ?? '') }));
    case 'boolean': return void ([conversion.yes, conversion.no].every((list) => Array.isArray(list) && list.every(isText)) || say('shape', { what: 'boolean' }));
    case 'unit':
      for (const unit of [conversion.from, conversion.to]) if (!isOperand(unit) || (typeof unit === 'string' && !UNIT_CODE.test(unit))) say('unit-code', { unit: typeof unit === 'string' ? unit : '' });
      return;
    case 'date': case 'format-date': {
      const { format, zone } = conversion;
      if (!isText(format) || !isDateFormat(format)) return say('format-unknown', { format: String(format ?? '') });
      if (zone !== undefined && (!isText(zone) || !isZone(zone))) return say('zone-unknown', { zone: String(zone) });
      const local = readsTime(format) && !readsOffset(format);
      if (local && zone === undefined && !(conversion.kind === 'date' && conversion.as === 'date' && format !== 'odata-v2')) say('zone-needed', { format });
      if (conversion.kind === 'date' && conversion.as === 'date-time' && !readsTime(format) && format !== 'iso') say('zone-needed', { format });
    }
  }
}

/** Rows with what is in their lists, each with its place. */
export function everyRow(rows: readonly MappingRow[], path = ''): readonly { readonly row: MappingRow; readonly path: string }[] {
  return rows.flatMap((row, index) => {
    const place = path === '' ? String(index) : `${path}.${index}`;
    return [{ row, path: place }, ...everyRow(row.rows ?? [], place)];
  });
}

/** Code lists that a mapping looks in. */
export function listsOf({ rows }: Mapping): readonly string[] {
  const operand = (value: Operand): readonly string[] => typeof value === 'string' || value.list === undefined ? [] : [value.list];
  return [...new Set(everyRow(rows).flatMap(({ row }) => (row.convert ?? []).flatMap((each) => each.kind === 'codes' ? [each.list]
    : each.kind === 'unit' ? [...operand(each.from), ...operand(each.to)] : each.kind === 'packaging' ? operand(each.gtin) : each.kind === 'minor-units' ? operand(each.currency) : [])))];
}

/** A constant as a form has it in a text: JSON where it reads as such, else the text itself. */
export function constantOf(text: string): Json {
  if (!/^(true|false|null|-?\d{1,15}|[[{"].*)$/s.test(text.trim())) return text;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
