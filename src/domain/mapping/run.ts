import type { Json, JsonObject } from '../json.ts';
import { fieldAt, isNeeded, schemaField } from '../contract/index.ts';
import { pointerOf, pointerParts } from '../json-pointer.ts';
import type { SchemaField } from '../contract/index.ts';
import { codeLookup, codeListId } from './code-list.ts';
import { reader, stepOf, textOf } from './convert.ts';
import { Fault } from './fault.ts';
import type { Lookups, Place, Step } from './convert.ts';
import { fit } from './fit.ts';
import type { CodeList, ExpressionPort, Mapping, MappingRow } from './mapping.ts';
import type { MappingProblem } from './problem.ts';
import { exactDocument } from './read-document.ts';
import { packagingLevels } from '../packaging/index.ts';
import type { PackagingLevels } from '../packaging/index.ts';

/** Which source and which rule gave a place of the target. */
export interface Explanation {
  readonly at: string;
  readonly row: string;
  readonly by: 'from' | 'value' | 'expression' | 'each' | 'default';
  /** Place of the source; for `each` that of the list. */
  readonly from?: string;
  /** What was there before the conversions. */
  readonly read?: Json;
  /** After each conversion. */
  readonly steps: readonly { readonly kind: string; readonly value: Json }[];
  readonly value?: Json;
}

export interface MappingResult {
  /** What could be made; only to be used when there are no problems. */
  readonly document: Json;
  readonly problems: readonly MappingProblem[];
  /** With `explain`. */
  readonly explained?: readonly Explanation[];
}

export interface MappingParts {
  /** JSON Schema of the target: decides what is text and what is a number, and how fine a decimal may be. */
  readonly target?: JsonObject | boolean;
  readonly lists?: readonly CodeList[];
  /** Instead of those that the mapping brings. */
  readonly packaging?: PackagingLevels;
  /** Needed where a row has an expression. */
  readonly expressions?: ExpressionPort;
}

export interface CompiledMapping {
  /** @param source any JSON; `readDocument` keeps every digit of what was sent */
  run(source: Json, options?: { readonly explain?: boolean }): MappingResult;
}

/** So many problems of one document are named; whoever has more mends these first. */
export const MOST_PROBLEMS = 100;
/** Entries that one list may have. */
export const MOST_ENTRIES = 10_000;

interface Run {
  readonly problems: MappingProblem[];
  readonly explained: Explanation[] | undefined;
}

type Container = { [key: string]: Json } | Json[];
type CompiledRow = (place: Place, into: Holder, run: Run) => void;

/** What a document, or an entry of a list, becomes. */
interface Holder { value: Json | undefined; readonly at: string }

/** Makes a mapping ready to run, once. Give it only what `mappingProblems` finds nothing wrong with. @throws RangeError when an expression is no JSONata */
export function compileMapping(mapping: Mapping, parts: MappingParts = {}): CompiledMapping {
  const packaging = parts.packaging ?? (mapping.packaging === undefined ? undefined : packagingLevels(mapping.packaging));
  const lookups: Lookups = {
    lists: new Map((parts.lists ?? []).map((list) => [codeListId(list), codeLookup(list)])),
    ...(packaging === undefined ? {} : { packaging }),
  };
  const rows = compileRows(mapping.rows, '', parts.target === undefined ? undefined : schemaField(parts.target), lookups, parts.expressions);
  return {
    run(source, { explain = false } = {}) {
      const run: Run = { problems: [], explained: explain ? [] : undefined };
      const { document, imprecise } = exactDocument(source);
      for (const { at, value } of imprecise) run.problems.push({ code: 'imprecise', row: '', at: '', from: at, values: { value, digits: '15' } });
      const holder: Holder = { value: undefined, at: '' };
      const place: Place = { entry: document, root: document, at: '' };
      for (const row of rows) row(place, holder, run);
      return { document: holder.value ?? {}, problems: run.problems.slice(0, MOST_PROBLEMS), ...(run.explained === undefined ? {} : { explained: run.explained }) };
    },
  };
}

function compileRows(rows: readonly MappingRow[], path: string, target: SchemaField | undefined, lookups: Lookups, expressions: ExpressionPort | undefined): readonly CompiledRow[] {
  return rows.map((row, index) => {
    const place = path === '' ? String(index) : `${path}.${index}`;
    return row.each === undefined ? valueRow(row, place, target, lookups, expressions) : eachRow(row, row.each, place, target, lookups, expressions);
  });
}

const fieldOf = (target: SchemaField | undefined, pointer: string): SchemaField | undefined => {
  const found = target === undefined ? undefined : fieldAt(target, pointer);
  return found?.known === true ? found.field : undefined;
};

/** The place of the source as a pointer from the top. */
const placeOf = (place: Place, pointer: string): string => pointer.startsWith('#') ? pointer.slice(1) : place.at + pointer;

function eachRow(row: MappingRow, each: string, path: string, target: SchemaField | undefined, lookups: Lookups, expressions: ExpressionPort | undefined): CompiledRow {
  const read = reader(each);
  const list = fieldOf(target, row.to);
  const rows = compileRows(row.rows ?? [], path, list?.entry, lookups, expressions);
  const write = writer(row.to);
  const needed = row.required === true || (target !== undefined && isNeeded(target, row.to));
  return (place, into, run) => {
    const found = read(place);
    const [at, from] = [into.at + row.to, placeOf(place, each)];
    if (found === undefined || found === null) {
      if (needed) run.problems.push({ code: 'missing', row: path, at, from, values: { place: from } });
      return;
    }
    if (!Array.isArray(found)) {
      run.problems.push({ code: 'not-a-list', row: path, at, from, values: { value: JSON.stringify(found).slice(0, 60) } });
      return;
    }
    const entries = found as readonly Json[];
    if (entries.length > MOST_ENTRIES) {
      run.problems.push({ code: 'too-many', row: path, at, from, values: { has: String(entries.length), most: String(MOST_ENTRIES) } });
      return;
    }
    run.explained?.push({ at, row: path, by: 'each', from, steps: [] });
    write(into, entries.map((entry, index): Json => {
      const holder: Holder = { value: undefined, at: `${at}/${index}` };
      const here: Place = { entry, root: place.root, at: `${from}/${index}` };
      for (const below of rows) below(here, holder, run);
      return holder.value ?? {};
    }));
  };
}

function valueRow(row: MappingRow, path: string, target: SchemaField | undefined, lookups: Lookups, expressions: ExpressionPort | undefined): CompiledRow {
  const read = sourceOf(row, expressions);
  const steps = (row.convert ?? []).map((conversion): readonly [string, Step] => [conversion.kind, stepOf(conversion, lookups)]);
  const field = fieldOf(target, row.to);
  const needed = row.required === true || (target !== undefined && isNeeded(target, row.to));
  const write = writer(row.to);
  const by = row.from !== undefined ? 'from' : row.expression !== undefined ? 'expression' : 'value';
  return (place, into, run) => {
    const at = into.at + row.to;
    const from = row.from === undefined ? undefined : placeOf(place, row.from);
    const fail = ({ code, values }: Fault): void => { run.problems.push({ code, row: path, at, ...(from === undefined ? {} : { from }), values }); };
    const found = read(place);
    if (found instanceof Fault) return fail(found);
    const nothing = found === undefined || found === null || found === '';
    const value = nothing ? row.default : found;
    if (value === undefined) {
      if (needed) fail(new Fault('missing', { place: from ?? row.expression ?? '' }));
      return;
    }
    const trail = run.explained === undefined ? undefined : [] as { kind: string; value: Json }[];
    const made = nothing ? value : converted(value, steps, place, trail);
    const fitted = made instanceof Fault ? made : fit(made, field);
    run.explained?.push({ at, row: path, by: nothing ? 'default' : by, ...(from === undefined ? {} : { from }), ...(found === undefined ? {} : { read: found }), steps: trail ?? [], ...(fitted instanceof Fault ? {} : { value: fitted }) });
    if (fitted instanceof Fault) return fail(fitted);
    write(into, fitted);
  };
}

function sourceOf(row: MappingRow, expressions: ExpressionPort | undefined): (place: Place) => Json | undefined | Fault {
  if (row.from !== undefined) return reader(row.from);
  if (row.expression === undefined) {
    const constant = row.value === undefined ? undefined : exactDocument(row.value).document;
    return () => constant;
  }
  if (expressions === undefined) throw new RangeError('A row has an expression, and nothing is there to calculate it.');
  const calculate = expressions.compile(row.expression);
  return (place) => {
    const result = calculate(place.entry, place.root);
    if (!result.ok) return new Fault('expression-failed', { detail: result.detail });
    const float = floatIn(result.value);
    return float === undefined ? result.value as Json | undefined : new Fault('float', { value: String(float) });
  };
}

/** A number that JSONata counted with a fraction, or beyond what a float keeps: nobody knows its last digits. */
function floatIn(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e15 ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.values(value).map(floatIn).find((each) => each !== undefined);
}

function converted(value: Json, steps: readonly (readonly [string, Step])[], place: Place, trail: { kind: string; value: Json }[] | undefined): Json | Fault {
  let here: Json = value;
  for (const [kind, step] of steps) {
    const text = textOf(here);
    if (text instanceof Fault) return text;
    const next = step(text ?? '', place);
    if (next instanceof Fault) return next;
    here = next;
    trail?.push({ kind, value: here });
  }
  return here;
}

/** Puts a value at a place, and makes what holds it. */
function writer(pointer: string): (into: Holder, value: Json) => void {
  const parts = pointerParts(pointer);
  const last = parts.at(-1);
  if (last === undefined) return (into, value) => { into.value = value; };
  const isIndex = (part: string): boolean => /^(0|[1-9]\d{0,4})$/.test(part);
  return (into, value) => {
    if (typeof into.value !== 'object' || into.value === null) into.value = isIndex(parts[0]!) ? [] : {};
    let here = into.value as Container;
    for (let depth = 0; depth < parts.length - 1; depth += 1) {
      const part = parts[depth]!;
      const next = Object.hasOwn(here, part) ? (here as Readonly<Record<string, Json>>)[part] : undefined;
      here = typeof next === 'object' && next !== null ? next as Container : put(here, part, isIndex(parts[depth + 1]!) ? [] : {}) as Container;
    }
    put(here, last, value);
  };
}

/** Never by assignment alone: `__proto__` is a name like any other. */
function put(into: Container, name: string, value: Json): Json {
  Object.defineProperty(into, name, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

/** `/lines/0/quantity` as the schema has it: `/lines/* /quantity` without the blank. */
export function schemaPointer(pointer: string): string {
  return pointerOf(...pointerParts(pointer).map((part) => (/^\d+$/.test(part) ? '*' : part)));
}
