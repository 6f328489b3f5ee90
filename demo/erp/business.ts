/**
 * What the templates of the package ask besides purchase orders and ship notices, so that each can be tried with
 * `npm start`: stock, replenishment, other sites, credit, supply. The data is the same for every item; what was posted counts.
 */
import type { Note } from './notes.ts';
import { problem, type Problem } from './problem.ts';
import { fromMillionths, toMillionths } from './seed.ts';
import type { ErpStore } from './store.ts';

/** Paths that are written to, and how a number of theirs begins and is called. */
const WRITES: readonly { readonly path: RegExp; readonly prefix: string; readonly named?: string }[] = [
  { path: /^\/sites\/[^/]+\/reservations(\/[^/]+)?$/, prefix: 'RS' },
  { path: /^\/locations\/[^/]+\/count-block$/, prefix: 'CB' },
  { path: /^\/(count-tasks|counts)$/, prefix: 'CT' },
  { path: /^\/stock-(adjustments|transfers|write-offs)$/, prefix: 'SA' },
  { path: /^\/stock-blocks(\/[^/]+\/release)?$/, prefix: 'SB', named: 'block' },
  { path: /^\/(warehouse-tasks|repacks)(\/[^/]+)?$/, prefix: 'WT' },
  { path: /^\/requisitions$/, prefix: 'PR' },
  { path: /^\/purchase-orders$/, prefix: 'PO' },
  { path: /^\/transfer-(orders|receipts)(\/[^/]+)?$/, prefix: 'TO' },
  { path: /^\/(intercompany-invoices|payment-releases)$/, prefix: 'IV' },
  { path: /^\/supplier-invoices$/, prefix: 'IV', named: 'document' },
  { path: /^\/(transport-bookings)(\/[^/]+)?$/, prefix: 'TB' },
  { path: /^\/damage-notices(\/[^/]+\/withdrawal)?$/, prefix: 'DN', named: 'claim' },
  { path: /^\/supplier-returns$/, prefix: 'SR' },
  { path: /^\/orders\/[^/]+\/(hold|confirmations|credit-release)$/, prefix: 'OC' },
  { path: /^\/orders\/[^/]+\/lines\/[^/]+\/(sourcing|backorder|cancellation)$/, prefix: 'OC' },
];

const AVAILABLE = '500';

export function isWrite(path: string): boolean {
  return WRITES.some((each) => each.path.test(path));
}

/** The answer to a request that was kept: its body with a number. */
export function confirmation({ id, path, body }: Note): object {
  const { prefix = '', named = 'number' } = WRITES.find((each) => each.path.test(path)) ?? {};
  const number = `${prefix}-${String(id).padStart(6, '0')}`;
  return { ...body, number, [named]: number };
}

const quantityOf = (value: unknown): bigint => toMillionths(value) ?? 0n;

/** Notes at a path that no later DELETE took back. */
function standing(store: ErpStore, path: string): readonly (Note & { readonly number: string })[] {
  const notes = store.notes.below(path);
  const gone = new Set(notes.filter(({ method }) => method === 'DELETE').map((note) => note.path));
  return notes.filter(({ method }) => method === 'POST').map((note) => ({ ...note, number: (confirmation(note) as { readonly number: string }).number })).filter(({ number }) => !gone.has(`${path}/${encodeURIComponent(number)}`));
}

function available(store: ErpStore, site: string, item: string): bigint {
  const held = standing(store, `/sites/${site}/reservations`).filter(({ body }) => body['item'] === item);
  return held.reduce((rest, { body }) => rest - quantityOf(body['quantity']), quantityOf(AVAILABLE));
}

/** Why a new request is not taken. */
export function refusal(store: ErpStore, method: string, path: string, body: Readonly<Record<string, unknown>>): Problem | undefined {
  const [, site] = /^\/sites\/([^/]+)\/reservations$/.exec(path) ?? [];
  if (method !== 'POST' || site === undefined || quantityOf(body['quantity']) <= available(store, site, String(body['item']))) return undefined;
  return problem(409, 'not-available', `Site ${site} has no longer ${String(body['quantity'])} of ${String(body['item'])}.`);
}

const dayIn = (days: number, now: number): string => new Date(now + days * 86_400_000).toISOString().slice(0, 10);

const stockLine = (item: string): object => ({ item, quantity: '120', unit: 'EA', price: '4.20', priceUnit: '1', class: 'B' });

function movements(store: ErpStore, location: string, from: string): readonly object[] {
  return standing(store, '/stock-adjustments').filter(({ body, notedAt }) => body['location'] === location && notedAt >= from)
    .flatMap(({ body }) => (Array.isArray(body['lines']) ? body['lines'] as object[] : []).map((line) => ({ ...line, reason: 'cycle-count' })));
}

function position(store: ErpStore, location: string, item: string): object {
  const mine = [...standing(store, '/warehouse-tasks').filter(({ body }) => body['to'] === location), ...standing(store, '/requisitions').filter(({ body }) => body['location'] === location)];
  return { onHand: '18', reserved: '0', openOrders: mine.filter(({ body }) => body['item'] === item).map(({ number, body }) => ({ number, quantity: body['quantity'] })), reserve: { location: 'R-09-01', quantity: '480' } };
}

function history(store: ErpStore, po: string): object | undefined {
  const lines = store.lines(po);
  if (lines.length === 0) return undefined;
  return {
    supplier: lines[0]!.supplier, currency: lines[0]!.currency, freight: '0.00', discountPercent: '0', terms: { days: 30, discountDays: 0 },
    lines: lines.map(({ line, unit, price, received }) => ({ line, unit, price, priceUnit: '1', priceUom: unit, received, invoiced: '0', conversions: [] })),
  };
}

function delivery(store: ErpStore, query: URLSearchParams, now: number): object | undefined {
  const asn = store.asn(query.get('sscc') ?? '');
  if (asn === undefined) return undefined;
  const { deliveryNote, supplier, gtin, lot, quantity, unit } = asn;
  return { deliveryNote, supplier, carrier: 'demo-carrier', mode: 'road', arrivedAt: new Date(now).toISOString(), gtin, lot, quantity, unit, price: store.line(asn.po, asn.line)?.price ?? '1.00', priceUnit: '1', currency: 'EUR', damageNoted: false };
}

const supply = (now: number): object => ({
  cost: '9.00', backorderDate: dayIn(10, now),
  sites: [{ site: 'dc-2', available: AVAILABLE, unit: 'EA', standard: { arrives: dayIn(3, now), freight: '18.00', carrier: 'demo-carrier' }, express: { arrives: dayIn(1, now), freight: '60.00', carrier: 'demo-express' } }],
});

/** The answer to a GET, or undefined when there is none. `now` is epoch milliseconds. */
export function businessAnswer(store: ErpStore, path: readonly string[], query: URLSearchParams, now: number): object | undefined {
  const [resource, id = '', sub, line, part] = path;
  const asked = (name: string): string => query.get(name) ?? '';
  switch (resource) {
    case 'stock': return { currency: 'EUR', lines: asked('items').split(',').filter((item) => item !== '').map(stockLine) };
    case 'stock-movements': return { lines: movements(store, asked('location'), new Date(asked('from')).toJSON() ?? '') };
    case 'replenishment-settings': return { location: asked('location'), item: asked('item'), unit: 'EA', min: '20', max: '100', pack: '12', supplier: 'S-77', price: '3.10', currency: 'EUR' };
    case 'stock-position': return position(store, asked('location'), asked('item'));
    case 'sites': return sub === 'availability' ? { available: fromMillionths(available(store, id, asked('item'))), unit: 'EA' } : undefined;
    case 'transfer-prices': return { price: '10.80', priceUnit: '1', cost: '10.00', currency: 'EUR', sameCompany: false };
    case 'customers': return sub === 'credit' ? { held: id.startsWith('HELD'), reason: 'overdue', open: '51000.00', limit: '50000.00', currency: 'EUR' } : undefined;
    case 'orders': return sub !== 'lines' || line === undefined ? undefined : part === 'supply' ? supply(now) : part === 'substitutes' ? { items: [] } : undefined;
    case 'suppliers': return { supplier: id, name: `Supplier ${id}`, blocked: false };
    case 'exchange-rates': return { rate: id === sub ? '1' : '0.92', date: asked('date') || dayIn(0, now) };
    case 'purchase-orders': return sub === 'history' ? history(store, id) : undefined;
    case 'deliveries': return delivery(store, query, now);
    default: return undefined;
  }
}
