import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { parseGs1, type Gs1Result } from '../../../src/intake/gs1/index.ts';
import { allAis } from '../../../src/intake/gs1/ai-table.ts';

type Row = readonly [input: string, expected: string | boolean | null, option?: string];

const vectors = read<Readonly<Record<string, readonly Row[]>>>('engine.json');
const dictionary = read<{ readonly identifiers: readonly (readonly [ai: string, kind: string, format: string])[] }>('dictionary.json').identifiers;
const differences = read<Readonly<Record<string, readonly (readonly [section: string, input: string])[]>>>('differences.json');
const byAi = new Map(allAis().map((spec) => [spec.ai, spec]));

interface Part { readonly charset: string | undefined; readonly min: number; readonly max: number }

/** Parts of one character set and of a length of their own are one part. */
function joined(parts: readonly Part[]): string {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last !== undefined && last.charset === part.charset && last.min === last.max && part.min === part.max) merged[merged.length - 1] = { ...last, min: last.min + part.min, max: last.max + part.max };
    else merged.push(part);
  }
  return merged.map(({ charset, min, max }) => `${charset}${min}-${max}`).join(' ');
}

function read<T>(file: string): T {
  const { source: _source, ...rest } = JSON.parse(readFileSync(path.join(ROOT, 'test/vectors/gs1', file), 'utf8')) as Record<string, unknown>;
  return rest as T;
}

/** The unbracketed element string, with ^ for FNC1, that the elements make. */
function written(result: Gs1Result): string | null {
  if (!result.ok) return null;
  return `^${result.elements.map(({ ai, value }, at) => `${ai}${value}${at === result.elements.length - 1 || byAi.get(ai)?.predefined === true ? '' : '^'}`).join('')}`;
}

/** What we are given for a row, and whether what we make of it is what the engine makes of it. */
const SECTIONS: Readonly<Record<string, (row: Row) => boolean>> = {
  'bracketed': ([input, expected]) => written(parse(input.replaceAll('\\(', '('))) === expected,
  'data': ([input, expected]) => parse(input).ok === (expected === 'ok'),
  'element strings': ([input, expected]) => parse(`]C1${input.replace(/^\^/, '').replaceAll('^', '\x1d')}`).ok === expected,
  'digital link': ([input, expected]) => written(parse(input)) === expected,
  'scan data': ([input, expected]) => written(parse(input)) === carried(expected as string | null),
};

function parse(code: string): Gs1Result {
  return parseGs1(code, { referenceYear: 2026 });
}

/** The engine gives back a symbol's text; what of it is GS1 data is our business. */
function carried(data: string | null): string | null {
  if (data === null || data.startsWith('^')) return data;
  if (/^https?:|^HTTPS?:/.test(data)) return written(parse(data));
  return /^\d+$/.test(data) ? `^01${data.padStart(14, '0')}` : data.includes('|') ? data : null;
}

const isDifferent = (section: string, input: string): boolean => Object.values(differences).some((rows) => rows.some(([where, what]) => where === section && what === input));

describe('GS1 vectors of gs1-syntax-engine', () => {
  for (const [section, agrees] of Object.entries(SECTIONS)) {
    const rows = vectors[section] ?? [];
    it(`${section}: ${rows.length} vectors, all but those that docs/gs1.md names`, () => {
      assert.ok(rows.length > 20);
      assert.deepEqual(rows.filter((row) => !isDifferent(section, row[0]) && !agrees(row)), []);
    });
  }

  it('what is called a difference is one, and its reason stands in docs/gs1.md', () => {
    const page = readFileSync(path.join(ROOT, 'docs/gs1.md'), 'utf8');
    for (const [reason, rows] of Object.entries(differences)) {
      assert.ok(page.includes(`| \`${reason}\` | ${rows.length} |`), `${reason}: ${rows.length}`);
      for (const [section, input] of rows) {
        const differing = (vectors[section] ?? []).filter((row) => row[0] === input && !(SECTIONS[section] as (row: Row) => boolean)(row));
        assert.ok(differing.length > 0, `${section}: ${input}`);
      }
    }
  });

  it('no vector makes the parser throw, whatever stands before and behind it', () => {
    for (const [input] of Object.values(vectors).flat()) {
      for (const code of [input, `]C1${input}`, `${input}\x1d`, input.slice(0, -1), input.slice(1), `${input}${input}`]) assert.equal(typeof parse(code).ok, 'boolean');
    }
  });
});

describe('GS1 syntax dictionary', () => {
  const each = dictionary.flatMap(([range, kind, format]) => {
    const [first = '', last = first] = range.split('-');
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_none, at) => ({ ai: String(Number(first) + at).padStart(first.length, '0'), kind, format }));
  });

  it('every application identifier is in the table, coupon codes excepted', () => {
    assert.ok(each.length > 480);
    assert.deepEqual(each.map(({ ai }) => ai).filter((ai) => !byAi.has(ai)), ['8110', '8112']);
    const known = new Set(each.map(({ ai }) => ai));
    assert.deepEqual([...byAi.keys()].filter((ai) => !known.has(ai)), []);
  });

  it('with its lengths, its character sets, and whether FNC1 ends it', () => {
    for (const { ai, kind, format } of each) {
      const spec = byAi.get(ai);
      if (spec === undefined) continue;
      const parts = format.split(' ').map((part) => {
        const [, optional, charset, upTo, length] = /^(\?)?([nxyz])(\.\.)?(\d+)/.exec(part) ?? [];
        const max = Number(length);
        return { charset: charset === 'z' ? 'x' : charset, min: optional !== undefined ? 0 : upTo !== undefined ? 1 : max, max };
      });
      assert.equal(joined(spec.components), joined(parts), ai);
      assert.equal(spec.predefined, kind === 'predefined', ai);
    }
  });

  it('with its check digits and dates', () => {
    const marks = [['csum', 'digit'], ['yymmd0', 'date'], ['yymmdd', 'date-with-day'], ['iso4217', 'currency']] as const;
    for (const { ai, format } of each) {
      const spec = byAi.get(ai);
      if (spec === undefined) continue;
      for (const [mark, check] of marks) {
        const said = format.split(' ').filter((part) => part.split(':')[1]?.split(',').includes(mark)).length;
        assert.equal(spec.components.filter((part) => part.check === check).length, said, `${ai} ${mark}`);
      }
    }
  });
});
