import Big from 'big.js';
import { csvFields, csvLines } from '../../domain/csv.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { decodeText, encodeText } from './charset.ts';
import { readField, writeField } from './field-value.ts';
import type { Layout, LayoutField, LayoutRecord } from './layout.ts';

/** What is wrong, with its place: one sentence each. */
export type Faults = readonly string[];

const mostLines = 200_000;
const mostFaults = 20;
/** Lines that one quoted field may go over. */
const mostJoined = 100;

/** The document of a file by its layout: a member for each record, an object or a list. What counts and sums is checked and left out. */
export function readRecords(bytes: Uint8Array, layout: Layout): { readonly document: JsonObject; readonly faults: Faults } {
  const text = decodeText(bytes, layout.charset);
  if (text === undefined) return { document: {}, faults: [`The file is no text in ${layout.charset}; ask for it in that character set, or mend the layout.`] };
  return new Reading(layout, text).result();
}

class Reading {
  readonly #layout: Layout;
  readonly #text: string;
  readonly #faults: string[] = [];
  readonly #found = new Map<string, JsonObject[]>();
  /** What fields that count or sum say, with their line. */
  readonly #said: { readonly line: number; readonly field: LayoutField; readonly value: string }[] = [];
  #columns = new Map<string, number>();

  constructor(layout: Layout, text: string) {
    this.#layout = layout;
    this.#text = text;
  }

  result(): { readonly document: JsonObject; readonly faults: Faults } {
    let lines = 0;
    for (const { at, line } of this.#lines()) {
      lines += 1;
      if (lines > mostLines) {
        this.#fault(`line ${at}`, `there are more than ${mostLines} lines; ask for smaller files`);
        break;
      }
      if (this.#faults.length >= mostFaults) break;
      this.#line(line, at);
    }
    this.#checkRecords();
    this.#checkTotals();
    return { document: this.#document(), faults: this.#faults };
  }

  #fault(place: string, problem: string): void {
    if (this.#faults.length < mostFaults) this.#faults.push(`In ${place}: ${problem}.`);
  }

  /** Lines, or cells of lines, from 1; empty ones are nothing. */
  * #lines(): Generator<{ readonly at: number; readonly line: string | readonly string[] }> {
    const lines = csvLines(this.#text);
    let names = this.#layout.format === 'csv' && this.#layout.names;
    for (let i = 0; i < lines.length; i++) {
      const at = i + 1;
      let line = lines[i] ?? '';
      if (line.trim() === '' || line === '\u001A') continue;
      if (this.#layout.format === 'fixed-width') {
        yield { at, line };
        continue;
      }
      let cells = csvFields(line, this.#layout.delimiter);
      for (let more = 0; cells === undefined && more < mostJoined && i + 1 < lines.length; more++) {
        i += 1;
        line += `\n${lines[i] ?? ''}`;
        cells = csvFields(line, this.#layout.delimiter);
      }
      if (cells === undefined) {
        this.#fault(`line ${at}`, 'a quotation mark is never closed');
        return;
      }
      if (names) {
        this.#columns = new Map(cells.map((name, column) => [name, column]));
        names = false;
      } else yield { at, line: cells };
    }
  }

  #line(line: string | readonly string[], at: number): void {
    const { records } = this.#layout;
    const record = records.find(({ fields }) => fields.some(({ is }) => is !== undefined) && fields.every((field) => field.is === undefined || this.#raw(line, field)?.trim() === field.is)) ?? records.find(({ fields }) => fields.every(({ is }) => is === undefined));
    if (record === undefined) {
      this.#fault(`line ${at}`, 'it is none of the records of the layout');
      return;
    }
    const object: { [name: string]: Json } = {};
    for (const field of record.fields) {
      const raw = this.#raw(line, field);
      if (raw === undefined && typeof field.column === 'string') {
        this.#fault('the line of names', `there is no column "${field.column}"`);
        return;
      }
      const read = readField(raw ?? '', field, this.#layout);
      if ('problem' in read) this.#fault(`line ${at}, ${field.name}`, read.problem);
      else if (read.value !== undefined && (field.counts !== undefined || field.sums !== undefined)) this.#said.push({ line: at, field, value: String(read.value) });
      else if (read.value !== undefined) object[field.name] = read.value;
    }
    const before = this.#found.get(record.name);
    if (before === undefined) this.#found.set(record.name, [object]);
    else if (record.many) before.push(object);
    else this.#fault(`line ${at}`, `"${record.name}" comes a second time`);
  }

  #raw(line: string | readonly string[], { column, start, width }: LayoutField): string | undefined {
    if (typeof line === 'string') return line.slice(start - 1, start - 1 + width);
    const index = typeof column === 'string' ? this.#columns.get(column) : (column ?? 0) - 1;
    return index === undefined ? undefined : line[index] ?? '';
  }

  #checkRecords(): void {
    for (const { name, required } of this.#layout.records) if (required && (this.#found.get(name) ?? []).length === 0) this.#fault('the file', `there is no record "${name}"`);
  }

  #checkTotals(): void {
    if (this.#faults.length > 0) return;
    for (const { line, field, value } of this.#said) {
      const is = totalOf(field, (name) => this.#found.get(name) ?? []);
      if (!new Big(value).eq(is)) this.#fault(`line ${line}, ${field.name}`, `it says ${value}, and ${field.counts === undefined ? `the sum of ${field.sums ?? ''}` : `the number of ${field.counts}`} is ${is}`);
    }
  }

  #document(): JsonObject {
    return Object.fromEntries(this.#layout.records.flatMap(({ name, many }): [string, Json][] => {
      const found = this.#found.get(name) ?? [];
      if (many) return [[name, found]];
      return found[0] === undefined ? [] : [[name, found[0]]];
    }));
  }
}

/** What a field that counts or sums has to say. */
function totalOf({ counts, sums = '' }: LayoutField, records: (name: string) => readonly JsonObject[]): string {
  if (counts !== undefined) return String(records(counts).length);
  const [record = '', name = ''] = sums.split('/');
  return records(record).reduce((sum, each) => sum.plus(typeof each[name] === 'string' ? each[name] : 0), new Big(0)).toFixed();
}

/** A document as the bytes of its file; what counts and sums is made anew. */
export function writeRecords(document: Json, layout: Layout): { readonly bytes: Buffer } | { readonly faults: Faults } {
  const faults: string[] = [];
  if (!isObject(document)) return { faults: ['The document has to be an object with a member for each record.'] };
  const known = new Set(layout.records.map(({ name }) => name));
  for (const name of Object.keys(document)) if (!known.has(name)) faults.push(`The layout has no record "${name}", so that it would be lost; it knows ${[...known].join(', ')}.`);
  const records = (name: string): readonly JsonObject[] => listOf(document[name]);
  const lines: string[] = layout.format === 'csv' && layout.names ? [namesOf(layout)] : [];
  for (const record of layout.records) {
    const given = records(record.name);
    if (given.length === 0 && record.required) faults.push(`The document has no "${record.name}".`);
    if (!record.many && given.length > 1) faults.push(`There is one "${record.name}" in a file, and the document has ${given.length}.`);
    for (const [i, object] of given.entries()) lines.push(lineOf(record, object, record.many ? `${record.name} ${i + 1}` : record.name, layout, records, faults));
    if (faults.length >= mostFaults) break;
  }
  if (faults.length > 0) return { faults: faults.slice(0, mostFaults) };
  const bytes = encodeText(lines.map((line) => line + layout.newline).join(''), layout.charset);
  return Buffer.isBuffer(bytes) ? { bytes } : { faults: [`The character ${JSON.stringify(bytes.character)} cannot be written in ${layout.charset}.`] };
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return (Array.isArray(value) ? value as readonly Json[] : value === undefined || value === null ? [] : [value]).filter(isObject);
}

function lineOf({ fields }: LayoutRecord, object: JsonObject, place: string, layout: Layout, records: (name: string) => readonly JsonObject[], faults: string[]): string {
  for (const name of Object.keys(object)) if (!fields.some((field) => field.name === name)) faults.push(`${place} has "${name}", which the layout does not know, so that it would be lost.`);
  const texts = fields.map((field) => {
    const value = field.counts === undefined && field.sums === undefined ? object[field.name] : totalOf(field, records);
    const written = writeField(value, field, layout);
    if ('text' in written) return written.text;
    faults.push(`${place}, ${field.name}: ${written.problem}.`);
    return '';
  });
  if (layout.format === 'csv') return cellsOf(fields, texts, layout).map((text) => quoted(text, layout.delimiter)).join(layout.delimiter);
  let line = '';
  for (const [i, field] of fields.entries()) line = line.padEnd(field.start - 1).slice(0, field.start - 1) + (texts[i] ?? '').padEnd(field.width) + line.slice(field.start - 1 + field.width);
  return line;
}

/** Columns by name in the order of the fields, those by number at their place. */
function cellsOf(fields: readonly LayoutField[], texts: readonly string[], layout: Layout): readonly string[] {
  const columns = columnsOf(layout);
  const cells = columns.map(() => '');
  for (const [i, { column }] of fields.entries()) cells[typeof column === 'number' ? column - 1 : columns.indexOf(column ?? '')] = texts[i] ?? '';
  return Array.from(cells, (cell) => cell ?? '');
}

function columnsOf({ records }: Layout): readonly string[] {
  const columns: string[] = [];
  for (const { column, name } of records.flatMap(({ fields }) => fields)) {
    if (typeof column === 'number') columns[column - 1] ??= name;
    else if (column !== undefined && !columns.includes(column)) columns.push(column);
  }
  return Array.from(columns, (each) => each ?? '');
}

function namesOf(layout: Layout): string {
  return columnsOf(layout).map((name) => quoted(name, layout.delimiter)).join(layout.delimiter);
}

function quoted(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
