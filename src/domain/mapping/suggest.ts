import type { SchemaField } from '../contract/index.ts';
import type { MappingRow } from './mapping.ts';

/** A row that a form offers. `score` is from 0 to 1. */
export interface Suggestion {
  readonly row: MappingRow;
  readonly score: number;
}

/** Words that mean the same in orders, stock and invoices, in English, German and the names of SAP. */
const SAME: readonly (readonly string[])[] = [
  ['quantity', 'qty', 'menge', 'amountof', 'menge1', 'orderquantity'], ['unit', 'uom', 'unitofmeasure', 'einheit', 'meins'], ['item', 'material', 'article', 'product', 'artikel', 'sku', 'matnr'], ['supplier', 'vendor', 'lieferant', 'lifnr'], ['customer', 'kunde', 'kunnr', 'soldto'],
  ['number', 'no', 'nr', 'nummer', 'id'], ['order', 'purchaseorder', 'po', 'bestellung', 'ebeln'], ['lines', 'items', 'positions', 'positionen', 'rows'], ['line', 'position', 'pos', 'ebelp', 'linenumber', 'purchaseorderitem', 'orderitem', 'lineitem'], ['lot', 'batch', 'charge', 'charg'], ['expiry', 'expiration', 'shelflife', 'mhd', 'verfall'],
  ['site', 'plant', 'werk', 'werks', 'warehouse'], ['currency', 'waehrung', 'waers'], ['price', 'preis', 'netpr', 'netprice'], ['date', 'datum', 'day', 'on'], ['posting', 'budat'], ['name', 'bezeichnung', 'description'], ['value', 'wert', 'amount'], ['kind', 'type', 'art'],
];
const WORD_OF = new Map(SAME.flatMap(([first, ...others]) => [first!, ...others].map((word) => [word, first!] as const)));

/** `postingDate`, `POSTING_DATE`, `Buchungs-Datum`: small words, each by its common name. */
function wordsOf(name: string): readonly string[] {
  const whole = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const known = WORD_OF.get(whole);
  if (known !== undefined) return [known];
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '').map((word) => WORD_OF.get(word) ?? word);
}

/** How like two names are: words in common, twice what stands last, since that says what it is. */
function likeness(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return 0;
  const common = one.filter((word) => other.includes(word)).length;
  const last = one.at(-1) === other.at(-1) ? 1 : 0;
  return (2 * common + last) / (one.length + other.length + 1);
}

interface Leaf { readonly top: boolean; readonly field: SchemaField; readonly pointer: string; readonly words: readonly string[]; readonly parent: readonly string[] }

const MOST_LEAVES = 3_000;
const MOST_DEPTH = 6;
const ENOUGH = 0.6;

const isList = (field: SchemaField): boolean => field.types.includes('array');

function leavesOf(field: SchemaField, pointer: string, parent: readonly string[], found: Leaf[], depth: number): void {
  for (const member of field.members) {
    if (found.length >= MOST_LEAVES) return;
    const here = pointer + member.pointer.slice(field.pointer.length);
    const words = wordsOf(member.name);
    if (isList(member) || member.members.length === 0 || depth >= MOST_DEPTH) found.push({ top: depth === 0, field: member, pointer: here, words, parent });
    else leavesOf(member, here, words, found, depth + 1);
  }
}

const singular = (name: string): string => name.replace(/s$/, '');

/**
 * Rows by like names for what has none yet, in the order of the target; lists with the rows of their entries.
 * @param holder what the target is, so that the number of an order is like an order
 */
export function suggestRows(source: SchemaField, target: SchemaField, rows: readonly MappingRow[], holder = target.title ?? ''): readonly Suggestion[] {
  const taken = new Set(rows.map(({ to }) => to));
  const [from, into]: [Leaf[], Leaf[]] = [[], []];
  leavesOf(source, '', [], from, 0);
  leavesOf(target, '', wordsOf(holder), into, 0);
  const pairs = into.filter(({ pointer }) => !taken.has(pointer)).flatMap((place) => from.map((each) => ({ place, each, score: scoreOf(each, place) })).filter(({ score }) => score >= ENOUGH))
    .sort((one, other) => other.score - one.score || Number(other.place.field.required) - Number(one.place.field.required) || one.place.pointer.length - other.place.pointer.length);
  // each field once, where it fits best: what a person takes in one go must not fill what nobody meant
  const sources = new Set(rows.flatMap((row) => row.from ?? row.each ?? []));
  const used = new Set<Leaf>(from.filter(({ pointer }) => sources.has(pointer)));
  const best = pairs.filter(({ place, each }) => {
    const free = !used.has(place) && !used.has(each);
    if (free) used.add(place).add(each);
    return free;
  });
  return best.sort((one, other) => into.indexOf(one.place) - into.indexOf(other.place)).flatMap(({ place, each, score }): readonly Suggestion[] => {
    if (!isList(place.field)) return [{ row: { to: place.pointer, from: each.pointer }, score }];
    const [one, other] = [each.field.entry, place.field.entry];
    if (one === undefined || other === undefined) return [];
    if (other.members.length === 0) return [{ row: { to: place.pointer, each: each.pointer, rows: [{ to: '', from: '' }] }, score }];
    const below = suggestRows(one, other, [], singular(place.field.name)).map(({ row }) => row);
    return below.length === 0 ? [] : [{ row: { to: place.pointer, each: each.pointer, rows: below }, score }];
  });
}

function scoreOf(from: Leaf, into: Leaf): number {
  if (isList(from.field) !== isList(into.field)) return 0;
  if (!isList(from.field) && !fits(from.field, into.field)) return 0;
  const own = likeness(from.words, into.words);
  // `supplier.id` is like `Supplier`, and `quantity.value` like `Quantity`: the name of what holds it speaks too
  const held = into.parent.length === 0 ? 0 : Math.max(likeness(from.words, into.parent) * (isBearer(into.words) ? 1 : 0.55), likeness([...from.parent, ...from.words], [...into.parent, ...into.words]));
  return into.top ? Math.max(own, held) : Math.max(held, own * (likeness(from.parent, into.parent) >= ENOUGH ? 1 : 0.55));
}

/** A member that stands for what holds it. */
const isBearer = (words: readonly string[]): boolean => words.length === 1 && ['number', 'value', 'name'].includes(words[0]!) && words[0] !== 'name';

const KINDS = { string: 'scalar', number: 'scalar', integer: 'scalar', boolean: 'boolean', object: 'object', array: 'array', null: 'null' } as const;

function fits(from: SchemaField, into: SchemaField): boolean {
  if (from.types.length === 0 || into.types.length === 0) return true;
  return from.types.some((one) => into.types.some((other) => KINDS[one] === KINDS[other]));
}
