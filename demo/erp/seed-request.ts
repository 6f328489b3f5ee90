/** POST /_seed: `{lines, asns}` to store as they are, or `{generate: {seed, count, from}}`. */
import { problem, type Problem } from './problem.ts';
import { demoData, type DemoData } from './seed.ts';

const LINE_TEXTS = ['po', 'line', 'gtin', 'ordered', 'received', 'unit', 'overDeliveryTolerancePercent', 'supplier', 'price', 'currency'] as const;
const ASN_TEXTS = ['asn', 'sscc', 'po', 'line', 'gtin', 'quantity', 'unit', 'supplier', 'deliveryNote'] as const;

const DEFAULTS = { received: '0', overDeliveryTolerancePercent: '5', supplier: 'S-0000', price: '1', currency: 'EUR', description: '', deliveryComplete: false, asn: 'ASN', deliveryNote: 'DN' };

function isRow(value: unknown, texts: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && texts.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

/** The data that a JSON body stands for, or the problem with it. */
export function readSeedRequest(body: unknown): DemoData | Problem {
  if (typeof body !== 'object' || body === null) return problem(400, 'invalid-body', 'A JSON object was expected.');
  const { generate, lines, asns } = body as { generate?: unknown; lines?: unknown; asns?: unknown };
  if (generate !== undefined) {
    const { seed = 1, count, from = 0 } = generate as Record<string, unknown>;
    if (![seed, count, from].every((n) => Number.isSafeInteger(n) && Number(n) >= 0) || Number(count) > 1_000_000) return problem(400, 'invalid-body', 'generate needs seed, count (at most 1,000,000) and from as whole numbers.');
    return demoData(Number(seed), Number(count), Number(from));
  }
  const withDefaults = (list: unknown): unknown[] => (Array.isArray(list) ? list.map((row: object) => ({ ...DEFAULTS, ...row })) : []);
  const data = { lines: withDefaults(lines), asns: withDefaults(asns) };
  if (!data.lines.every((row) => isRow(row, LINE_TEXTS)) || !data.asns.every((row) => isRow(row, ASN_TEXTS))) return problem(400, 'invalid-body', `A line needs ${LINE_TEXTS.join(', ')}; a handling unit needs ${ASN_TEXTS.join(', ')}; all of them texts.`);
  return data as unknown as DemoData;
}
