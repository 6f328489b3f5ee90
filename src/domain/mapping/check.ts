import type { JsonObject } from '../json.ts';
import { fieldAt, isNeeded, schemaField } from '../contract/index.ts';
import type { JsonType, SchemaField } from '../contract/index.ts';
import { constantFault, standsFor } from './constant.ts';
import type { Conversion, Mapping, MappingRow, Operand } from './mapping.ts';
import type { MappingProblem, MappingProblemCode } from './problem.ts';
import { listsOf, mappingProblems } from './shape.ts';

export interface CheckParts {
  readonly source?: JsonObject | boolean;
  readonly target?: JsonObject | boolean;
  /** Code lists that there are, `name@version`; absent: nobody looked. */
  readonly lists?: readonly string[];
}

interface Level {
  readonly rows: readonly MappingRow[];
  readonly path: string;
  readonly at: string;
  /** What an entry of the source is; undefined: not known. */
  readonly entry: SchemaField | undefined;
  readonly target: SchemaField | undefined;
}

/**
 * What will go wrong, found without a document: what the target needs and nobody gives, kinds that do not fit, places that the
 * schemas do not have, decimals that lose places. Warnings are what goes wrong with some documents only.
 */
export function checkMapping(mapping: Mapping, parts: CheckParts): readonly MappingProblem[] {
  const own = mappingProblems(mapping);
  if (own.length > 0) return own;
  const root = parts.source === undefined ? undefined : schemaField(parts.source);
  const problems: MappingProblem[] = [];
  const level: Level = { rows: mapping.rows, path: '', at: '', entry: root, target: parts.target === undefined ? undefined : schemaField(parts.target) };
  checkLevel(level, root, problems);
  if (parts.lists !== undefined) {
    const known = new Set(parts.lists);
    for (const list of listsOf(mapping)) if (!known.has(list)) problems.push({ code: 'list-unknown', row: rowWith(mapping.rows, list, ''), at: '', values: { list } });
  }
  return problems;
}

function rowWith(rows: readonly MappingRow[], list: string, path: string): string {
  const index = rows.findIndex((row) => listsOf({ rows: [row] }).includes(list));
  const row = rows[index];
  const place = path === '' ? String(index) : `${path}.${index}`;
  return row?.rows !== undefined && !listsOf({ rows: [{ ...row, rows: [] }] }).includes(list) ? rowWith(row.rows, list, place) : place;
}

function checkLevel(level: Level, root: SchemaField | undefined, problems: MappingProblem[]): void {
  const { rows, path, at, entry, target } = level;
  rows.forEach((row, index) => {
    const place = path === '' ? String(index) : `${path}.${index}`;
    const source = row.each ?? row.from;
    const say = (code: MappingProblemCode, values: Readonly<Record<string, string>> = {}, warning = false): void => {
      problems.push({ code, row: place, at: at + row.to, ...(source === undefined ? {} : { from: source }), values, ...(warning ? { warning: true } : {}) });
    };
    const to = lookUp(target, row.to);
    if (to === 'unknown') say('to-unknown', { to: row.to });
    else if (to === 'unnamed') say('to-unnamed', { to: row.to }, true);
    const found = source === undefined ? undefined : lookUp(source.startsWith('#') ? root : entry, source.replace(/^#/, ''));
    if (found === 'unknown' || found === 'unnamed') say('from-unknown', { from: source! }, found === 'unnamed');
    const [from, into] = [typeof found === 'string' ? undefined : found, typeof to === 'string' ? undefined : to];
    for (const operand of operandsOf(row)) {
      const there = lookUp(operand.startsWith('#') ? root : entry, operand.replace(/^#/, ''));
      if (there === 'unknown') say('from-unknown', { from: operand });
    }
    if (row.each === undefined) {
      if (into !== undefined) checkValue(row, from, into, target, say);
    } else {
      if (from !== undefined && from.types.length > 0 && !from.types.includes('array')) say('not-a-list-there', { from: row.each });
      if (into !== undefined && into.types.length > 0 && !into.types.includes('array')) say('kinds', { from: 'array', to: into.types.join(', ') });
      checkLevel({ rows: row.rows ?? [], path: place, at: `${at}${row.to}/*`, entry: from?.entry, target: into?.entry }, root, problems);
    }
  });
  if (target !== undefined) for (const field of neededOf(target, rows)) problems.push({ code: 'required-unmapped', row: path, at: at + field, values: { to: field } });
}

/** Undefined where nothing is known. */
function lookUp(field: SchemaField | undefined, pointer: string): SchemaField | 'unknown' | 'unnamed' | undefined {
  if (field === undefined) return undefined;
  const found = fieldAt(field, pointer);
  return found.known ? found.field : found.allowed ? 'unnamed' : 'unknown';
}

function operandsOf(row: MappingRow): readonly string[] {
  const place = (operand: Operand): readonly string[] => typeof operand === 'string' ? [] : [operand.at];
  return (row.convert ?? []).flatMap((each) => each.kind === 'unit' ? [...place(each.from), ...place(each.to)] : each.kind === 'packaging' ? place(each.gtin) : each.kind === 'minor-units' ? place(each.currency) : []);
}

/** What a level needs and its rows do not give. What holds a part that is mapped counts as there, and its own needs are asked for. */
function neededOf(target: SchemaField, rows: readonly MappingRow[]): readonly string[] {
  const pointers = rows.map(({ to }) => to);
  if (pointers.includes('')) return [];
  const visit = (field: SchemaField, pointer: string): readonly string[] => field.members.flatMap((member) => {
    const here = `${pointer}/${member.name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (pointers.includes(here)) return [];
    if (pointers.some((each) => each.startsWith(`${here}/`))) return visit(member, here);
    return member.required ? [here] : [];
  });
  return visit(target, '');
}


function checkValue(row: MappingRow, from: SchemaField | undefined, into: SchemaField, target: SchemaField | undefined, say: (code: MappingProblemCode, values?: Readonly<Record<string, string>>, warning?: boolean) => void): void {
  const wanted = into.types.filter((type) => type !== 'null');
  for (const constant of [row.value, row.default]) {
    const fault = constant === undefined ? undefined : constantFault(constant, into);
    if (fault !== undefined) say(fault.code, fault.values);
  }
  const given = typesAfter(from, row.convert ?? []);
  if (given.length > 0 && wanted.length > 0 && !given.some((type) => standsFor(type, wanted))) say('kinds', { from: given.join(', '), to: wanted.join(', ') });
  if (into.format === 'date-time' && from !== undefined && from.format !== 'date-time' && (row.convert ?? []).length === 0 && row.from !== undefined) say('zone-needed', { format: from.format ?? '' }, true);
  const room = into.decimal ?? (wanted.includes('integer') && !wanted.includes('number') ? { digits: 15, places: 0 } : undefined);
  const had = placesAfter(from, row.convert ?? []);
  if (room !== undefined && had !== undefined && had > room.places) say('too-fine-perhaps', { has: String(had), places: String(room.places) }, true);
  if (row.from !== undefined && from !== undefined && !from.required && row.default === undefined && target !== undefined && isNeeded(target, row.to)) say('may-be-missing', { from: row.from }, true);
}

function typesAfter(from: SchemaField | undefined, conversions: readonly Conversion[]): readonly JsonType[] {
  const last = conversions.at(-1);
  if (last === undefined) return from?.types.filter((type) => type !== 'null') ?? [];
  return last.kind === 'boolean' ? ['boolean'] : ['string'];
}

/** How many places a decimal can have after the conversions; undefined: not known. */
function placesAfter(from: SchemaField | undefined, conversions: readonly Conversion[]): number | undefined {
  for (const each of [...conversions].reverse()) {
    if (each.kind === 'round') return each.places;
    if (each.kind === 'unit' || (each.kind === 'packaging' && each.to === 'packages')) return 12;
  }
  const minor = conversions.find((each) => each.kind === 'minor-units');
  if (minor !== undefined) return minor.kind === 'minor-units' && minor.to === 'minor' ? 0 : 4;
  return from?.decimal?.places ?? (from?.types.join() === 'integer' ? 0 : undefined);
}
