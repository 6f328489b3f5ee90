import type { MappingRow } from '../../../governance/gate/rules/mapping.ts';

/** A row while somebody works on it. */
export type EditedRow = { -readonly [K in keyof MappingRow]: K extends 'rows' ? EditedRow[] : MappingRow[K] };

/** A row with the rows beside it. */
export interface Found {
  readonly row: EditedRow;
  readonly rows: EditedRow[];
  readonly index: number;
  /** Places from the top, `4.1`. */
  readonly path: string;
}

const ENTRIES = '/*';

/** `/lines/* /item` without the blank is `/lines`, then `/item` in every entry. */
function segmentsOf(pointer: string): readonly string[] {
  const parts = pointer.split('/*/');
  return parts.map((part, index) => index === 0 ? part.replace(/\/\*$/, '') : `/${part}`.replace(/\/\*$/, '')).concat(pointer.endsWith(ENTRIES) ? [''] : []);
}

/** The row of a place of the target, with `*` for entries; undefined where there is none. */
export function findRow(rows: EditedRow[], pointer: string): Found | undefined {
  let here = rows;
  let found: Found | undefined;
  for (const segment of segmentsOf(pointer)) {
    const index = here.findIndex(({ to }) => to === segment);
    const row = here[index];
    if (row === undefined) return undefined;
    found = { row, rows: here, index, path: found === undefined ? String(index) : `${found.path}.${index}` };
    here = row.rows ?? [];
  }
  return found;
}

/** The place of the target of a row by its path, with `*` for entries. */
export function pointerOf(rows: readonly EditedRow[], path: string): string {
  let here = rows;
  let pointer = '';
  for (const [depth, index] of path.split('.').map(Number).entries()) {
    const row = here[index];
    if (row === undefined) return pointer;
    pointer += `${depth === 0 ? '' : ENTRIES}${row.to}`;
    here = row.rows ?? [];
  }
  return pointer;
}

/** The lists around a place of the target, the outermost first. */
export function listsAround(rows: EditedRow[], pointer: string): readonly Found[] {
  const segments = segmentsOf(pointer).slice(0, -1);
  return segments.flatMap((_segment, index) => findRow(rows, segments.slice(0, index + 1).join(ENTRIES)) ?? []);
}

/** Where the entries of a target's list come from: a place of the source with `*`, '' outside of lists; undefined where a list has no source. */
export function entryPlace(rows: EditedRow[], pointer: string): string | undefined {
  let place = '';
  const lists = segmentsOf(pointer).slice(0, -1);
  const around = listsAround(rows, pointer);
  if (around.length < lists.length) return undefined;
  for (const { row: { each } } of around) {
    if (each === undefined || each === '') return undefined;
    place = `${each.startsWith('#') ? each.slice(1) : place + each}${ENTRIES}`;
  }
  return place;
}

/** A place of the source as a row writes it: from the entry where it stands in it, from the top elsewhere. Undefined: it is in a list that the row is not in. */
export function relativePlace(source: string, entry: string): string | undefined {
  if (entry !== '' && (source === entry || source.startsWith(`${entry}/`))) {
    const rest = source.slice(entry.length);
    return rest.includes(ENTRIES) ? undefined : rest;
  }
  if (source.includes(ENTRIES)) return undefined;
  return entry === '' ? source : `#${source}`;
}

/** What a row's `from` or `each` is from the top. */
export const absolutePlace = (written: string, entry: string): string => written.startsWith('#') ? written.slice(1) : entry + written;

/** Makes the row of a place, and those of the lists around it as far as the source tells where they come from. */
export function makeRow(rows: EditedRow[], pointer: string, source?: string): EditedRow {
  let here = rows;
  const segments = segmentsOf(pointer);
  // the lists of the source that hold the field, for lists of the target that have none yet
  const places = source === undefined ? [] : segmentsOf(source).slice(0, -1);
  segments.slice(0, -1).forEach((segment, depth) => {
    let row = here.find(({ to }) => to === segment);
    if (row === undefined) here.push(row = { to: segment, each: places[depth] ?? '', rows: [] });
    else if ((row.each === undefined || row.each === '') && places[depth] !== undefined) row.each = places[depth];
    here = row.rows ??= [];
  });
  const last = segments.at(-1)!;
  let row = here.find(({ to }) => to === last);
  if (row === undefined) here.push(row = { to: last });
  return row;
}

/** Takes the row of a place away, and lists that hold nothing then. */
export function removeRow(rows: EditedRow[], pointer: string): void {
  const found = findRow(rows, pointer);
  if (found === undefined) return;
  found.rows.splice(found.index, 1);
}

export const SOURCES = ['from', 'value', 'expression', 'each'] as const;
export type SourceKind = typeof SOURCES[number];

export const kindOf = (row: EditedRow): SourceKind | undefined => SOURCES.find((kind) => row[kind] !== undefined);

/** What a row says, in a few characters. */
export function rowSummary(row: EditedRow): string {
  const kind = kindOf(row);
  const from = kind === 'value' ? `“${typeof row.value === 'string' ? row.value : JSON.stringify(row.value)}”` : kind === 'expression' ? `ƒ ${row.expression ?? ''}` : row[kind ?? 'from'] ?? '';
  return `${String(from)}${(row.convert ?? []).map(({ kind: each }) => ` · ${each}`).join('')}`;
}

/** How many places of the target have a source. */
export function countRows(rows: readonly EditedRow[]): number {
  return rows.reduce((sum, row) => sum + (kindOf(row) === undefined ? 0 : 1) + countRows(row.rows ?? []), 0);
}
