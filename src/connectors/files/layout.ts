import type { JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { isDateFormat, isZone, readsOffset, readsTime } from '../../domain/mapping/date-format.ts';

/** One field of a record. Of a file by columns `column` says where it is: the name in the first line, or a number from 1; else `start` (from 1) and `width`. */
export interface LayoutField {
  readonly name: string;
  readonly column: string | number | undefined;
  readonly start: number;
  readonly width: number;
  readonly as: 'text' | 'decimal' | 'integer' | 'date' | 'date-time';
  /** Of dates: tokens as in `DD.MM.YYYY`. */
  readonly format: string;
  /** Decimals that are not written: `0012500` with 2 is 125.00. */
  readonly scale: number | undefined;
  readonly required: boolean;
  /** Numbers are filled with zeros in front unless it says blanks. */
  readonly fill: 'zeros' | 'blanks';
  /** Written always, and refused when it is another. */
  readonly is: string | undefined;
  /** Name of the record whose number this field says, or `record/field` whose sum. */
  readonly counts: string | undefined;
  readonly sums: string | undefined;
}

export interface LayoutRecord {
  readonly name: string;
  /** A list of them, else one. */
  readonly many: boolean;
  readonly required: boolean;
  readonly fields: readonly LayoutField[];
}

/** What stands in a file: lines of records, told apart by the fields of theirs that always have the same text. */
export interface Layout {
  readonly format: 'csv' | 'fixed-width';
  readonly charset: Charset;
  readonly newline: '\n' | '\r\n';
  readonly delimiter: string;
  /** The first line has the names of the columns. */
  readonly names: boolean;
  readonly decimal: '.' | ',';
  /** Of times without an offset (IANA). */
  readonly zone: string | undefined;
  readonly records: readonly LayoutRecord[];
}

export const CHARSETS = ['utf-8', 'latin1', 'cp1252'] as const;
export type Charset = typeof CHARSETS[number];

export interface LayoutProblem { readonly at: string; readonly message: string }

/** Reads a layout as a binding has it, with what is wrong about it: one sentence each. */
export function readLayout(value: unknown, format: Layout['format']): { readonly layout: Layout; readonly problems: readonly LayoutProblem[] } {
  const problems: LayoutProblem[] = [];
  const wrong = (at: string, message: string): void => { problems.push({ at: `/layout${at}`, message }); };
  const given = isObject(value) ? value : {};
  const charset = text(given['charset']) || 'utf-8';
  if (!(CHARSETS as readonly string[]).includes(charset)) wrong('/charset', `"${charset}" is no character set that is read; write one of ${CHARSETS.join(', ')}.`);
  const delimiter = typeof given['delimiter'] === 'string' ? given['delimiter'] : ';';
  if (format === 'csv' && !/^[^"\r\nA-Za-z0-9]$/.test(delimiter)) wrong('/delimiter', 'The delimiter is one character, and no letter, digit or quotation mark.');
  const zone = text(given['zone']);
  if (zone !== '' && !isZone(zone)) wrong('/zone', `"${zone}" is no time zone; write one such as Europe/Berlin.`);
  const records = (Array.isArray(given['records']) ? given['records'] as readonly unknown[] : []).map((each, i) => recordOf(isObject(each) ? each : {}, format, `/records/${i}`, wrong));
  if (records.length === 0) wrong('/records', 'Describe the records: {"name": "lines", "many": true, "fields": […]}.');
  if (new Set(records.map(({ name }) => name)).size !== records.length) wrong('/records', 'Two records have the same name; give each its own.');
  if (records.filter(({ fields }) => fields.every(({ is }) => is === undefined)).length > 1) wrong('/records', 'Records are told apart by a field with "is"; only one of them can be without.');
  const layout: Layout = { format, charset: charset as Charset, newline: given['newline'] === '\r\n' ? '\r\n' : '\n', delimiter, names: given['names'] === true, decimal: given['decimal'] === ',' ? ',' : '.', zone: zone === '' ? undefined : zone, records };
  for (const [i, record] of records.entries()) for (const [j, field] of record.fields.entries()) for (const message of fieldProblems(field, layout)) wrong(`/records/${i}/fields/${j}`, message);
  return { layout, problems };
}

function recordOf(given: JsonObject, format: Layout['format'], at: string, wrong: (at: string, message: string) => void): LayoutRecord {
  const name = text(given['name']);
  if (!/^[A-Za-z_]\w{0,63}$/.test(name)) wrong(`${at}/name`, 'A record needs a name of letters, digits and underscores.');
  const fields = (Array.isArray(given['fields']) ? given['fields'] as readonly unknown[] : []).map((each) => fieldOf(isObject(each) ? each : {}));
  if (fields.length === 0) wrong(`${at}/fields`, 'A record needs fields.');
  if (new Set(fields.map((field) => field.name)).size !== fields.length) wrong(`${at}/fields`, 'Two fields of a record have the same name; give each its own.');
  if (format === 'fixed-width') {
    const sorted = [...fields].sort((a, b) => a.start - b.start);
    for (const [i, field] of sorted.entries()) {
      const before = sorted[i - 1];
      if (before !== undefined && before.start + before.width > field.start) wrong(`${at}/fields`, `The fields "${before.name}" and "${field.name}" overlap; mend "start" or "width".`);
    }
  }
  return { name, many: given['many'] === true, required: given['required'] !== false, fields };
}

function fieldOf(given: JsonObject): LayoutField {
  const { column, start, width, scale } = given;
  const as = text(given['as']) as LayoutField['as'];
  const optional = (name: string): string | undefined => (typeof given[name] === 'string' && given[name] !== '' ? given[name] : undefined);
  return {
    name: text(given['name']), column: typeof column === 'number' || typeof column === 'string' ? column : undefined, start: typeof start === 'number' ? start : 0, width: typeof width === 'number' ? width : 0,
    as: as === ('' as string) ? 'text' : as, format: text(given['format']), scale: typeof scale === 'number' ? scale : undefined, required: given['required'] === true,
    fill: given['fill'] === 'blanks' ? 'blanks' : 'zeros', is: optional('is'), counts: optional('counts'), sums: optional('sums'),
  };
}

function* fieldProblems({ name, column, start, width, as, format, scale, counts, sums }: LayoutField, layout: Layout): Generator<string> {
  if (!/^[A-Za-z_]\w{0,63}$/.test(name)) yield 'A field needs a name of letters, digits and underscores.';
  if (!['text', 'decimal', 'integer', 'date', 'date-time'].includes(as)) yield `"${as}" is no kind of field; write text, decimal, integer, date or date-time.`;
  if (layout.format === 'fixed-width' && !(Number.isInteger(start) && start >= 1 && Number.isInteger(width) && width >= 1 && start + width <= 32_768)) yield `"${name}" needs a "start" from 1 and a "width".`;
  if (layout.format === 'csv' && (column === undefined || (typeof column === 'number' && !(Number.isInteger(column) && column >= 1 && column <= 1_000)))) yield `"${name}" needs a "column": its name in the first line, or its number from 1.`;
  if (layout.format === 'csv' && typeof column === 'string' && !layout.names) yield `"${name}" is found by the name of its column, and the file has no line of names; say "names": true, or write the number.`;
  if (as === 'date' || as === 'date-time') {
    if (!isDateFormat(format)) yield `"${name}" needs a "format" of tokens such as DD.MM.YYYY.`;
    else if (as === 'date-time' && readsTime(format) && !readsOffset(format) && layout.zone === undefined) yield `"${name}" is a time without an offset; say in the layout of which "zone" it is.`;
  }
  if (scale !== undefined && !(as === 'decimal' && Number.isInteger(scale) && scale >= 0 && scale <= 12)) yield `"${name}" has a "scale" that is none: 0 to 12 decimals that are not written, of a decimal.`;
  const of = counts ?? sums?.split('/')[0];
  const summed = layout.records.find((record) => record.name === of);
  if (of !== undefined && summed?.many !== true) yield `"${name}" counts or sums "${of}", which is no list of records of this layout.`;
  if (sums !== undefined && summed?.fields.some((field) => field.name === sums.split('/')[1] && field.as === 'decimal') !== true) yield `"${name}" sums "${sums}", which is no decimal of this layout; write record/field.`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
