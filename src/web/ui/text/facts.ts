import type { Json, JsonObject } from '../api/types.ts';
import { formatDecimal, formatInstant, hasText, t } from '../locales/index.ts';

/** One fact with its label. */
export interface Fact { readonly path: string; readonly label: string; readonly value: string; readonly emphasis: boolean }
/** Objects of one list as a table. */
export interface FactTable { readonly path: string; readonly label: string; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }

export interface Facts {
  /** Numbers that the decision turns on, most telling first. */
  readonly figures: readonly Fact[];
  readonly rest: readonly Fact[];
  readonly tables: readonly FactTable[];
}

/** Names of figures, in the order in which they are shown; the first four stand out from the rest. */
const FIGURES = ['overBy', 'shortBy', 'difference', 'amount', 'received', 'total', 'ordered', 'expected', 'quantity', 'limit', 'tolerance'];
const EMPHASISED = new Set(['overBy', 'shortBy', 'difference']);
const UNITS = ['unit', 'uom', 'currency'];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DECIMAL = /^-?\d{1,18}(\.\d+)?$/;
const MAX_FIGURES = 4;

/** `receipt.overBy` → "Over by"; unknown names are split into words. */
export function labelOf(path: string): string {
  const name = nameOf(path);
  const key = `fact.${name}`;
  if (hasText(key)) return t(key);
  const words = name.replace(/[_-]+/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plain(value: Json): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? t('common.yes') : t('common.no');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

interface Leaf { readonly path: string; readonly value: Json; readonly unit: string | undefined }

/** Flattens objects, and lists of one object; longer lists become tables. */
function collect(object: JsonObject, prefix: string, leaves: Leaf[], tables: FactTable[], outer?: string): void {
  const unit = UNITS.map((name) => object[name]).find((value) => typeof value === 'string') ?? outer;
  for (const [name, value] of Object.entries(object)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (isObject(value)) collect(value, path, leaves, tables, unit);
    else if (Array.isArray(value) && value.length === 1 && isObject(value[0])) collect(value[0], path, leaves, tables, unit);
    else if (Array.isArray(value) && value.length > 1 && value.every(isObject)) tables.push(tableOf(path, value));
    else if (unit === undefined || !UNITS.includes(name)) leaves.push({ path, value: Array.isArray(value) && value.every((each) => typeof each !== 'object') ? value.map(plain).join(', ') || null : value, unit });
  }
}

function tableOf(path: string, rows: readonly JsonObject[]): FactTable {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    path, label: labelOf(path), columns: names.map(labelOf),
    rows: rows.map((row) => names.map((name) => (row[name] === undefined ? '' : figure(name, row[name])))),
  };
}

function figure(name: string, value: Json): string {
  // What ends is told by the clock on the wall.
  if ((name === 'until' || name === 'dueAt') && typeof value === 'string' && INSTANT.test(value)) return formatInstant(value);
  return FIGURES.includes(name) && DECIMAL.test(String(value)) ? formatDecimal(String(value)) : plain(value);
}

/** Where a figure ranks among those that tell most; -1 for everything else. */
function rankOf({ path, value }: Leaf): number {
  return DECIMAL.test(String(value)) ? FIGURES.indexOf(nameOf(path)) : -1;
}

function nameOf(path: string): string {
  return path.split('.').at(-1)!;
}

function factOf(leaf: Leaf): Fact {
  const number = rankOf(leaf) >= 0;
  const value = figure(nameOf(leaf.path), leaf.value);
  return {
    path: leaf.path, label: labelOf(leaf.path), value: number && leaf.unit !== undefined ? `${value} ${leaf.unit}` : value,
    emphasis: EMPHASISED.has(nameOf(leaf.path)) && number && Number(leaf.value) !== 0,
  };
}

/** Sorts facts into what stands out, what is listed and what is a table. */
export function factsOf(shown: JsonObject): Facts {
  const leaves: Leaf[] = [];
  const tables: FactTable[] = [];
  collect(shown, '', leaves, tables);
  const ranked = leaves.filter((leaf) => rankOf(leaf) >= 0).sort((a, b) => rankOf(a) - rankOf(b));
  const telling = new Set(ranked.slice(0, MAX_FIGURES));
  return { figures: [...telling].map(factOf), rest: leaves.filter((leaf) => !telling.has(leaf)).map(factOf), tables };
}

/** A part of a document: what stands under one of its names. The part without a path is the document itself. */
export interface Section { readonly path: string; readonly label: string; readonly facts: readonly Fact[]; readonly tables: readonly FactTable[] }

/** A document by its parts, in its own order; what is in no part comes first. */
export function sectionsOf(document: JsonObject): Section[] {
  const parts = Object.entries(document).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
  const loose = Object.fromEntries(Object.entries(document).filter(([, value]) => !isObject(value)));
  return [['', loose] as const, ...parts].flatMap(([path, part]) => {
    const leaves: Leaf[] = [];
    const tables: FactTable[] = [];
    collect(part, path, leaves, tables);
    return leaves.length + tables.length === 0 ? [] : [{ path, label: labelOf(path), facts: leaves.map(factOf), tables }];
  });
}
