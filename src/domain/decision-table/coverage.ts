import type { CompiledTable } from './compile.ts';
import { writeLiteral } from './literal.ts';
import type { Literal } from './literal.ts';
import { compare, contains, intersect, isEmpty, isOrdered, setKey } from './region.ts';
import type { Region } from './region.ts';
import { readLiteral } from './literal.ts';
import type { InputColumn } from './table.ts';

/** Findings about how the rules of a table cover the space of its inputs. */
export interface Coverage {
  /** Pairs of rules that both fit somewhere, by index. */
  readonly overlaps: readonly (readonly [number, number])[];
  /** Where no rule fits: a text for each input column. */
  readonly gaps: readonly (readonly string[])[];
  /** Rules that no value reaches because earlier ones take it all, by index. */
  readonly neverReached: readonly number[];
  /** Some cells are expressions: what they let pass is not known, and they were taken to let everything pass. */
  readonly partly: boolean;
  /** The space was too large to look at all of it. */
  readonly cut: boolean;
}

/** Boxes looked at, at most; a table of some hundred rules and a handful of columns stays below. */
const mostBoxes = 50_000;
const mostGaps = 20;

/** A piece of a column's values on which every rule's cell says the same. */
interface Atom { readonly sample: Literal; readonly text: string }

/** Points and the open stretches between them. */
function orderedAtoms(regions: readonly Region[]): Atom[] {
  const bounds: Literal[] = [];
  for (const region of regions) if (region.kind === 'ordered') for (const { from, to } of region.intervals) bounds.push(...[from, to].flatMap((bound) => (bound === undefined ? [] : [bound.value])));
  const points = bounds.sort(compare).filter((value, i, all) => i === 0 || compare(value, all[i - 1] as Literal) !== 0);
  return points.map((point): Atom => ({ sample: point, text: writeLiteral(point) }));
}

/** The pieces of one column as regions with a text, so that neighbours can be told together. */
interface Piece { readonly text: string; readonly holds: (region: Region) => boolean }

function piecesOf(column: InputColumn, regions: readonly Region[]): Piece[] {
  if (!isOrdered(column.type)) return setPieces(column, regions);
  const points = orderedAtoms(regions);
  const pieces: Piece[] = [];
  const between = (from: Atom | undefined, to: Atom | undefined): void => {
    const open: Region = {
      kind: 'ordered', missing: false,
      intervals: [{ from: from === undefined ? undefined : { value: from.sample, open: true }, to: to === undefined ? undefined : { value: to.sample, open: true } }],
    };
    const text = from === undefined ? (to === undefined ? '-' : `< ${to.text}`) : to === undefined ? `> ${from.text}` : `(${from.text}..${to.text})`;
    pieces.push({ text, holds: (region) => !isEmpty(intersect(region, open)) });
  };
  points.forEach((point, i) => {
    between(points[i - 1], point);
    pieces.push({ text: point.text, holds: (region) => contains(region, point.sample) });
  });
  between(points.at(-1), undefined);
  return pieces;
}

function setPieces(column: InputColumn, regions: readonly Region[]): Piece[] {
  const named = new Set(regions.flatMap((region) => (region.kind === 'set' ? [...region.values] : [])));
  const listed = column.type === 'boolean' ? ['true', 'false'] : column.values.map((value) => setKey(readLiteral(value) ?? { type: 'string', value }));
  const pieces = [...new Set([...listed, ...named])].map((key): Piece => ({ text: key, holds: (region) => region.kind === 'set' && region.values.has(key) !== region.inverted }));
  // Whatever else there may be; a list of values says that there is nothing else.
  if (listed.length === 0) pieces.push({ text: named.size === 0 ? '-' : `not(${[...named].join(', ')})`, holds: (region) => region.kind === 'set' && region.inverted });
  return pieces;
}

/** Tells neighbouring pieces of numbers or dates as one stretch: `< 5`, `5`, `(5..9)` become `< 9`. */
function joined(texts: readonly string[]): string {
  if (texts.length === 1) return texts[0] ?? '-';
  const [first = '', last = ''] = [texts[0], texts.at(-1)];
  const low = /^< /.test(first) ? undefined : /^\((.+)\.\./.exec(first)?.[1] ?? first;
  const high = /^> /.test(last) ? undefined : /\.\.(.+)\)$/.exec(last)?.[1] ?? last;
  const openLow = first.startsWith('(');
  const openHigh = last.endsWith(')') && last.startsWith('(');
  if (low === undefined && high === undefined) return '-';
  if (low === undefined) return `${openHigh ? '<' : '<='} ${high}`;
  if (high === undefined) return `${openLow ? '>' : '>='} ${low}`;
  return `${openLow ? '(' : '['}${low}..${high}${openHigh ? ')' : ']'}`;
}

interface Group { readonly text: string; readonly rules: readonly number[] }

/** Pieces of a column with the rules that let them pass, equal neighbours joined. */
function groupsOf(column: InputColumn, cells: readonly (Region | undefined)[], rules: readonly number[]): Group[] {
  const pieces = piecesOf(column, rules.flatMap((rule) => cells[rule] ?? []));
  const groups: { texts: string[]; rules: readonly number[]; key: string }[] = [];
  for (const piece of pieces) {
    const passed = rules.filter((rule) => {
      const region = cells[rule];
      return region === undefined || piece.holds(region);
    });
    const key = passed.join();
    const neighbour = isOrdered(column.type) ? groups.at(-1) : groups.find((group) => group.key === key);
    if (neighbour?.key === key) neighbour.texts.push(piece.text);
    else groups.push({ texts: [piece.text], rules: passed, key });
  }
  return groups.map((group) => ({ text: isOrdered(column.type) ? joined(group.texts) : group.texts.join(', '), rules: group.rules }));
}

/** Looks at every box of the space of inputs; regions of cells that only FEEL can tell are taken to be everything. */
export function coverage(compiled: CompiledTable): Coverage {
  const { inputs } = compiled.table;
  const cells = inputs.map((_column, i) => compiled.rules.map(({ when }) => {
    const condition = when[i];
    return condition?.kind === 'region' ? condition.region : undefined;
  }));
  const gaps: string[][] = [];
  const reached = new Set<number>();
  let boxes = 0;
  const walk = (column: number, rules: readonly number[], path: readonly string[]): void => {
    if (boxes > mostBoxes) return;
    boxes += 1;
    const definition = inputs[column];
    if (rules.length === 0) {
      if (gaps.length < mostGaps) gaps.push([...path, ...inputs.slice(column).map(() => '-')]);
      return;
    }
    if (definition === undefined) {
      reached.add(rules[0] ?? -1);
      return;
    }
    for (const group of groupsOf(definition, cells[column] ?? [], rules)) walk(column + 1, group.rules, [...path, group.text]);
  };
  walk(0, compiled.rules.map((_rule, i) => i), []);
  const unknown = compiled.rules.map(({ when }) => when.some((condition) => condition.kind === 'feel'));
  return {
    gaps, cut: boxes > mostBoxes, partly: unknown.includes(true), overlaps: overlapsOf(compiled, unknown),
    // A missing value is a box of its own that is not looked at, and an expression may leave room for later rules.
    neverReached: boxes > mostBoxes ? [] : compiled.rules.map((_rule, i) => i).filter((i) => !reached.has(i) && !unknown.slice(0, i + 1).includes(true) && !onlyForMissing(compiled, i)),
  };
}

function onlyForMissing(compiled: CompiledTable, rule: number): boolean {
  return (compiled.rules[rule]?.when ?? []).some((condition) => condition.kind === 'region' && condition.region.missing && isEmpty({ ...condition.region, missing: false } as Region));
}

function overlapsOf(compiled: CompiledTable, unknown: readonly boolean[]): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  compiled.rules.forEach((a, i) => {
    compiled.rules.slice(i + 1).forEach((b, offset) => {
      const j = i + 1 + offset;
      if (unknown[i] === true || unknown[j] === true || found.length >= 100) return;
      const apart = a.when.some((condition, column) => {
        const other = b.when[column];
        return condition.kind === 'region' && other?.kind === 'region' && isEmpty(intersect(condition.region, other.region));
      });
      if (!apart) found.push([i, j]);
    });
  });
  return found;
}
