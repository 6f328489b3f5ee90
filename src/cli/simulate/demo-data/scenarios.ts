/**
 * The demo's data, made from a seed: the n-th receiving scenario with its purchase orders, advance ship notices and the
 * handling units that stand on the dock. Pure; every scenario can be made without the others, so that the demo ERP and
 * the simulator agree without talking to each other.
 */
import { withCheckDigit } from '../../../intake/gs1/index.ts';
import { fromMillionths, toMillionths } from './decimal.ts';
import { ARTICLES, SUPPLIERS, type Article, type Supplier } from './goods.ts';
import { Random, seedAt } from './random.ts';

/** What a scenario leads to when its handling units are received in their order and nothing else happens. */
export type ScenarioKind =
  /** One handling unit holds what is open on the line. */
  | 'exact'
  /** One handling unit holds less, and more will come. */
  | 'short'
  /** One handling unit holds less, and it is the last. */
  | 'short-final'
  /** One handling unit holds more, within the tolerance of the line. */
  | 'over-within'
  /** One handling unit holds more than the tolerance allows. */
  | 'over-beyond'
  /** Two handling units, each within the tolerance, are jointly beyond it. */
  | 'joint-over'
  /** A handling unit with an ASN for one line, and loose goods of two more lines that are scanned by GTIN. */
  | 'mixed-pallet'
  /** A handling unit of which the ERP knows nothing. */
  | 'no-asn'
  /** A handling unit for a line whose delivery is complete. */
  | 'closed-line';

/** How often each kind comes up, per hundred. */
export const SCENARIO_MIX: Readonly<Record<ScenarioKind, number>> = {
  'exact': 60, 'short': 8, 'short-final': 3, 'over-within': 8, 'over-beyond': 5, 'joint-over': 3, 'mixed-pallet': 8, 'no-asn': 3, 'closed-line': 2,
};

/** Shape of GET /purchase-orders/{po}/lines/{line}; quantities are decimal strings. */
export interface PurchaseOrderLine {
  readonly po: string;
  readonly line: string;
  readonly gtin: string;
  readonly description: string;
  readonly ordered: string;
  readonly received: string;
  readonly unit: string;
  readonly overDeliveryTolerancePercent: string;
  readonly deliveryComplete: boolean;
  readonly supplier: string;
  readonly price: string;
  readonly currency: string;
}

/** Shape of GET /asns/{sscc}. */
export interface AsnUnit {
  readonly asn: string;
  readonly sscc: string;
  readonly po: string;
  readonly line: string;
  readonly gtin: string;
  readonly lot?: string;
  readonly quantity: string;
  readonly unit: string;
  readonly supplier: string;
  readonly deliveryNote: string;
}

/** Goods without an SSCC of their own, scanned by GTIN with order, line and quantity. */
export interface LooseGoods {
  readonly po: string;
  readonly line: string;
  readonly gtin: string;
  readonly lot?: string;
  readonly quantity: string;
  readonly unit: string;
  readonly deliveryNote: string;
}

export interface Scenario {
  readonly index: number;
  readonly kind: ScenarioKind;
  readonly lines: readonly PurchaseOrderLine[];
  readonly asns: readonly AsnUnit[];
  /** SSCCs on the dock, in the order in which they are scanned; `no-asn` has one that is in no ASN. */
  readonly ssccs: readonly string[];
  readonly loose: readonly LooseGoods[];
}

/** Percent of over-delivery that every line of the demo tolerates. */
export const TOLERANCE_PERCENT = '5';

/** The demo ERP's purchase orders are numbered from here. */
const FIRST_PO = 4_500_000_000;

/** `part` percent of `quantity`, rounded down to whole units. */
function percentOf(quantity: number, part: number): number {
  return Math.floor((quantity * part) / 100);
}

/** GTIN-14 of the `number`-th article of a supplier: indicator 0, prefix, item reference. */
function gtinOf(supplier: Supplier, article: number): string {
  return withCheckDigit(`0${supplier.prefix}${String(article).padStart(5, '0')}`);
}

/** SSCC: extension digit 3, prefix, serial reference of nine digits (GS1 General Specifications §2.2.1). */
function ssccOf(supplier: Supplier, seed: number, index: number, unit: number): string {
  // two digits of the seed keep the numbers of different seeds apart
  const serial = (Math.abs(seed) % 100) * 10_000_000 + index * 3 + unit;
  return withCheckDigit(`3${supplier.prefix}${String(serial % 1_000_000_000).padStart(9, '0')}`);
}

/** Quantities of the handling units for what is `open` on the line, by kind. */
function unitQuantities(kind: ScenarioKind, open: number, random: Random): readonly number[] {
  switch (kind) {
    case 'exact':
    case 'mixed-pallet':
    case 'no-asn':
    case 'closed-line': return [open];
    case 'short':
    case 'short-final': return [percentOf(open, random.between(40, 90))];
    case 'over-within': return [open + Math.max(1, percentOf(open, random.between(2, 4)))];
    case 'over-beyond': return [open + Math.max(2, percentOf(open, random.between(8, 40)))];
    case 'joint-over': return [percentOf(open, 60), percentOf(open, 60)];
  }
}

/** The `index`-th scenario of a seed, from 0. */
export function scenarioAt(seed: number, index: number): Scenario {
  const random = new Random(seedAt(seed, index));
  const kind = random.weighted(SCENARIO_MIX);
  const supplierNumber = Math.floor(random.next() * SUPPLIERS.length);
  const supplier = SUPPLIERS[supplierNumber] as Supplier;
  const po = String(FIRST_PO + (Math.abs(seed) % 100) * 5_000_000 + index);
  const used = kind === 'mixed-pallet' ? 3 : 1;
  const lineCount = Math.max(used, random.between(1, 4));
  const firstArticle = random.between(0, ARTICLES.length - 1);

  const lines: PurchaseOrderLine[] = [];
  for (let i = 0; i < lineCount; i += 1) {
    const number = (firstArticle + i) % ARTICLES.length;
    const article = ARTICLES[number] as Article;
    // 40 units at least, so that tolerances of whole units exist; whole pallets beyond it
    const ordered = Math.max(40, article.pallet * random.between(1, 3));
    const closed = kind === 'closed-line' && i === 0;
    lines.push({
      po, line: String((i + 1) * 10), gtin: gtinOf(supplier, number + 1), description: article.name,
      ordered: String(ordered), received: closed ? String(ordered) : '0', unit: article.unit,
      overDeliveryTolerancePercent: TOLERANCE_PERCENT, deliveryComplete: closed, supplier: supplier.id, price: article.price, currency: 'EUR',
    });
  }

  const deliveryNote = `DN-${supplier.id.slice(2)}-${po.slice(-7)}`;
  const lotOf = (line: PurchaseOrderLine): { lot?: string } => {
    const article = ARTICLES[(firstArticle + Number(line.line) / 10 - 1) % ARTICLES.length] as Article;
    return article.lot ? { lot: `L${String(random.between(1, 52)).padStart(2, '0')}${String(random.between(100, 999))}` } : {};
  };
  const line = lines[0] as PurchaseOrderLine;
  const quantities = unitQuantities(kind, Number(line.ordered), random);
  const ssccs = quantities.map((_, unit) => ssccOf(supplier, seed, index, unit));
  const asns = kind === 'no-asn' ? [] : quantities.map((quantity, unit): AsnUnit => ({
    asn: `ASN-${po.slice(-7)}`, sscc: ssccs[unit] as string, po, line: line.line, gtin: line.gtin, ...lotOf(line),
    quantity: String(quantity), unit: line.unit, supplier: supplier.id, deliveryNote,
  }));
  const loose = lines.slice(1, used).map((extra, i): LooseGoods => ({
    po, line: extra.line, gtin: extra.gtin, ...lotOf(extra), quantity: extra.ordered, unit: extra.unit, deliveryNote: `${deliveryNote}-${i + 2}`,
  }));
  return { index, kind, lines, asns, ssccs, loose };
}

/** Scenarios `from` to `from + count - 1` of a seed. */
export function* scenarios(seed: number, count: number, from = 0): Generator<Scenario> {
  for (let index = from; index < from + count; index += 1) yield scenarioAt(seed, index);
}

/** What POST /_seed takes: lines and handling units, all scenarios together. */
export interface DemoData {
  readonly lines: readonly PurchaseOrderLine[];
  readonly asns: readonly AsnUnit[];
}

/** All lines and handling units of `list`. */
export function dataOf(list: Iterable<Scenario>): DemoData {
  const lines: PurchaseOrderLine[] = [];
  const asns: AsnUnit[] = [];
  for (const scenario of list) {
    lines.push(...scenario.lines);
    asns.push(...scenario.asns);
  }
  return { lines, asns };
}

/** The data of scenarios `from` to `from + count - 1` of a seed. */
export function demoData(seed: number, count: number, from = 0): DemoData {
  return dataOf(scenarios(seed, count, from));
}

/** The most that may be received on a line without a person: ordered × (100 + tolerance) / 100, exactly. */
export function mostWithinTolerance(line: Pick<PurchaseOrderLine, 'ordered' | 'overDeliveryTolerancePercent'>): string {
  const ordered = toMillionths(line.ordered) ?? 0n;
  const percent = toMillionths(line.overDeliveryTolerancePercent) ?? 0n;
  return fromMillionths(ordered + (ordered * percent) / 100_000_000n);
}
