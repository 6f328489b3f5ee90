/**
 * GS1 labels read in a second: the parser alone, and the mapper from the bytes of a scanner's message on. Yardstick of the
 * same run: JSON.parse of what was read, in turns, on the same core.
 */
import { parseGs1, withCheckDigit } from '../src/intake/gs1/index.ts';
import { createScanMapper } from '../src/intake/mapper/index.ts';

export interface Gs1BenchRow {
  readonly what: string;
  /** Labels, messages or documents a second: the median of the rounds. */
  readonly perSecond: number;
  readonly json: number;
}

export interface Gs1BenchResult { readonly labels: number; readonly rounds: number; readonly rows: readonly Gs1BenchRow[] }

const LABELS = 1_000;
const NOW = Date.UTC(2026, 10, 29);

const digits = (n: number, length: number): string => String(n * 7_919 + 104_729).padStart(length, '0').slice(-length);
const gtin = (n: number): string => withCheckDigit(`0${digits(n, 12)}`);

const KINDS: Readonly<Record<string, (n: number) => string>> = {
  'handling unit: SSCC': (n) => `]C100${withCheckDigit(digits(n, 17))}`,
  'pallet: SSCC, content, count, lot, best before': (n) => `]C100${withCheckDigit(digits(n, 17))}02${gtin(n)}15270331${'37'}${1 + (n % 99)}\x1d10L${n}`,
  'item: GTIN, expiry, lot, serial number': (n) => `]d201${gtin(n)}1727033110L${n}\x1d21S${digits(n, 8)}`,
  'catch weight: GTIN, weight, price': (n) => `]e001${gtin(n)}3103${digits(n, 6)}3922${digits(n, 4)}`,
  'Digital Link: GTIN, lot, serial number, expiry': (n) => `https://id.gs1.org/01/${gtin(n)}/10/L${n}/21/S${digits(n, 8)}?17=270331`,
};

/** Measures in turns, so that what else the machine does falls on both. */
function inTurns(rounds: number, roundMs: number, one: (at: number) => unknown, other: (at: number) => unknown): readonly [number, number] {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds + 1; round += 1) {
    for (const [side, act] of [one, other].entries()) {
      const began = performance.now();
      let done = 0;
      while (performance.now() - began < roundMs) {
        for (let at = 0; at < LABELS; at += 1) act(at);
        done += LABELS;
      }
      if (round > 0) rates[side]?.push(done / (performance.now() - began) * 1_000); // the first round is for the compiler
    }
  }
  const median = (list: readonly number[]): number => Math.round([...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0);
  return [median(rates[0]), median(rates[1])];
}

export function benchGs1(quick: boolean): Gs1BenchResult {
  const [rounds, roundMs] = quick ? [3, 100] : [9, 500];
  const all: string[] = [];
  const row = (what: string, codes: readonly string[]): Gs1BenchRow => {
    const results = codes.map((code) => parseGs1(code, { referenceYear: 2026 }));
    const wrong = results.findIndex((result) => !result.ok);
    if (wrong >= 0) throw new Error(`the bench made a label that cannot be read: ${codes[wrong]}`);
    const documents = results.map((result) => JSON.stringify(result));
    const [perSecond, json] = inTurns(rounds, roundMs, (at) => parseGs1(codes[at] as string, { referenceYear: 2026 }), (at) => JSON.parse(documents[at] as string) as unknown);
    return { what, perSecond, json };
  };
  const rows = Object.entries(KINDS).map(([what, make]) => {
    const codes = Array.from({ length: LABELS }, (_none, n) => make(n));
    all.push(...codes.slice(0, LABELS / Object.keys(KINDS).length));
    return row(what, codes);
  });
  return { labels: LABELS, rounds, rows: [...rows, row('all five, in turns', all), mapped(all, rounds, roundMs)] };
}

/** A scanner's JSON, from its bytes to a checked scan; the yardstick reads the same bytes as JSON and looks no further. */
function mapped(codes: readonly string[], rounds: number, roundMs: number): Gs1BenchRow {
  const map = createScanMapper({ preset: 'waybill' });
  const messages = codes.map((code, n) => Buffer.from(JSON.stringify({ id: `e-${n}`, code, operator: 'anna', quantity: '12' })));
  const broken = messages.find((message) => !map(message, { receivedAt: NOW }).ok);
  if (broken !== undefined) throw new Error(`the bench made a message that cannot be read: ${broken.toString()}`);
  const [perSecond, json] = inTurns(rounds, roundMs, (at) => map(messages[at] as Buffer, { receivedAt: NOW }), (at) => JSON.parse((messages[at] as Buffer).toString('utf8')) as unknown);
  return { what: 'the mapper: a message of a scanner with one of them', perSecond, json };
}
