import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compare } from '../../../src/domain/decimals.ts';
import { compileMapping, exactDocument, mappingProblemSentence, mappingProblemText, readDocument } from '../../../src/domain/mapping/index.ts';
import type { CodeList, ExpressionPort, MappingParts, MappingRow } from '../../../src/domain/mapping/index.ts';
import { packagingLevels } from '../../../src/domain/packaging/index.ts';
import type { Json } from '../../../src/domain/json.ts';

const UNITS: CodeList = { name: 'units-berlin', version: '1.0.0', title: 'Units', owner: 'it', entries: [{ site: 'ST', central: 'EA' }, { site: 'STK', central: 'EA' }, { site: 'KG', central: 'KGM' }, { site: 'LB', central: 'LBR' }] };

const run = (rows: readonly MappingRow[], source: Json, parts: MappingParts = {}): ReturnType<ReturnType<typeof compileMapping>['run']> => compileMapping({ rows }, parts).run(source);
const made = (rows: readonly MappingRow[], source: Json, parts: MappingParts = {}): Json => {
  const { document, problems } = run(rows, source, parts);
  assert.deepEqual(problems, []);
  return document;
};
const wrong = (rows: readonly MappingRow[], source: Json, parts: MappingParts = {}): readonly string[] => run(rows, source, parts).problems.map((each) => `${each.row} ${each.code} ${each.at} ${each.from ?? ''}`.trim());
const decimal = (places: number): MappingParts => ({ target: { type: 'object', properties: { q: { type: 'string', 'x-waybill': { decimal: { digits: 15, places } } } } } });

describe('a mapping', () => {
  it('takes fields, constants and defaults, and lists entry by entry', () => {
    const rows: readonly MappingRow[] = [
      { to: '/number', from: '/Order~1No' }, { to: '/currency', value: 'EUR' }, { to: '/terms', from: '/Terms', default: 'net 30' }, { to: '/none', from: '/Nothing' },
      { to: '/lines', each: '/Items', rows: [{ to: '/no', from: '/Pos' }, { to: '/order', from: '#/Order~1No' }, { to: '/marks', each: '/Marks', rows: [{ to: '', from: '' }] }] },
    ];
    assert.deepEqual(made(rows, { 'Order/No': '4500', 'Terms': '', 'Nothing': null, 'Items': [{ Pos: 10, Marks: ['a', 'b'] }, { Pos: 20 }] }), {
      number: '4500', currency: 'EUR', terms: 'net 30', lines: [{ no: 10, order: '4500', marks: ['a', 'b'] }, { no: 20, order: '4500' }],
    });
  });

  it('names source, target and row of what is missing or no list', () => {
    assert.deepEqual(wrong([{ to: '/a', from: '/b', required: true }, { to: '/l', each: '/m', rows: [{ to: '/x', from: '/y', required: true }] }], { m: [{ y: 1 }, {}] }), ['0 missing /a /b', '1.0 missing /l/1/x /m/1/y']);
    assert.deepEqual(wrong([{ to: '/l', each: '/m', rows: [{ to: '/x', from: '/y' }] }], { m: { y: 1 } }), ['0 not-a-list /l /m']);
    assert.deepEqual(wrong([{ to: '/a', from: '/constructor', required: true }], {}), ['0 missing /a /constructor']);
  });

  it('never makes a float', () => {
    const source = readDocument('{"q": 0.1, "big": 12345678901234567890, "small": 1e-7, "whole": 5, "keeps": 1.10}');
    assert.deepEqual(source, { q: '0.1', big: '12345678901234567890', small: '0.0000001', whole: 5, keeps: '1.10' });
    assert.deepEqual(exactDocument({ q: 0.1, n: [1.5] }), { document: { q: '0.1', n: ['1.5'] }, imprecise: [] });
    assert.deepEqual(wrong([{ to: '/q', from: '/q' }], { q: 0.1 + 0.2 }), ['imprecise  /q']);
    assert.deepEqual(wrong([{ to: '/q', from: '/q' }], { q: 2 ** 60 }), ['imprecise  /q']);
    const port: ExpressionPort = { compile: () => () => ({ ok: true, value: { sum: 0.1 + 0.2 } }) };
    assert.deepEqual(wrong([{ to: '/q', expression: 'a' }], {}, { expressions: port }), ['0 float /q']);
  });

  it('says what to do about a quantity with nine decimals, and rounds only by a rule', () => {
    const [problem] = run([{ to: '/q', from: '/q' }], readDocument('{"q": 1.123456789}'), decimal(3)).problems;
    assert.equal(problem?.code, 'too-fine');
    assert.equal(mappingProblemSentence(problem), '/q ← /q: "1.123456789" has 9 decimals, and 3 are allowed; nothing is rounded unasked: add a rounding rule, or have the sender mend it.');
    assert.match(mappingProblemText(problem, 'de'), /hat 9 Nachkommastellen, erlaubt sind 3/);
    assert.deepEqual(made([{ to: '/q', from: '/q' }], { q: '1.500000000' }, decimal(3)), { q: '1.500' });
    const rounded = (mode: 'half-up' | 'half-even' | 'up' | 'down', q: string): Json => made([{ to: '/q', from: '/q', convert: [{ kind: 'round', places: 3, mode }] }], { q }, decimal(3));
    assert.deepEqual([rounded('half-up', '1.1235'), rounded('half-even', '1.1225'), rounded('up', '1.1231'), rounded('down', '-1.1239')], [{ q: '1.124' }, { q: '1.122' }, { q: '1.124' }, { q: '-1.123' }]);
    assert.deepEqual(wrong([{ to: '/q', from: '/q' }], { q: '1234567890123456' }, decimal(3)), ['0 too-large /q /q']);
  });

  it('converts units exactly, by codes of the site, and says when it cannot', () => {
    const to = (unit: string): readonly MappingRow[] => [{ to: '/q', from: '/q', convert: [{ kind: 'unit', from: { at: '/u', list: 'units-berlin@1.0.0' }, to: unit }] }];
    const parts: MappingParts = { lists: [UNITS] };
    assert.deepEqual(made(to('KGM'), { q: '10', u: 'LB' }, parts), { q: '4.5359237' });
    assert.deepEqual(made(to('EA'), { q: '3.5', u: 'STK' }, parts), { q: '3.5' });
    assert.deepEqual(wrong(to('KGM'), { q: '1', u: 'PAL' }, parts), ['0 code-missing /q /q']);
    assert.match(mappingProblemText(run(to('KGM'), { q: '1', u: 'PAL' }, parts).problems[0]!), /^The code "PAL" is not in the code list units-berlin@1\.0\.0; add it there/);
    assert.deepEqual(wrong(to('KGM'), { q: '1', u: 'ST' }, parts), ['0 unit-kinds /q /q']);
    assert.deepEqual(wrong(to('KGM'), { q: '1' }, parts), ['0 operand-missing /q /q']);
    // pounds out of kilograms go on for ever: twelve places, which the contract refuses
    assert.deepEqual(wrong(to('LBR'), { q: '1', u: 'KG' }, { ...parts, ...decimal(3) }), ['0 too-fine /q /q']);
  });

  it('a unit there and back is the same quantity', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.constantFrom(['GRM', 'KGM'], ['TNE', 'GRM'], ['INH', 'MTR'], ['DZN', 'EA'], ['LTR', 'MTQ'], ['CMT', 'KMT']), (millis, [one, other]) => {
      const q = `${millis / 1000n}.${String(millis % 1000n).padStart(3, '0')}`;
      const there = made([{ to: '', from: '', convert: [{ kind: 'unit', from: one!, to: other! }, { kind: 'unit', from: other!, to: one! }] }], q);
      assert.equal(compare(there, q), 0, `${q} became ${String(there)}`);
    }), { numRuns: 200 });
  });

  it('converts packages by the packaging levels', () => {
    const packaging = packagingLevels([{ gtin: '19506000134359', contained: '9506000134352', quantity: '12', unit: 'EA' }]);
    const pack = (to: 'base-units' | 'packages', q: string, gtin = '19506000134359', parts: MappingParts = { packaging }): readonly string[] | Json => {
      const { document, problems } = run([{ to: '', from: '/q', convert: [{ kind: 'packaging', gtin: { at: '/g' }, to }] }], { q, g: gtin }, parts);
      return problems[0]?.code ?? document;
    };
    assert.deepEqual([pack('base-units', '20'), pack('packages', '240'), pack('packages', '241'), pack('base-units', '1', '9506000117843'), pack('base-units', '1', '1', {})], ['240', '20', 'uneven', 'pack-unknown', 'no-packaging']);
    const own = compileMapping({ rows: [{ to: '', from: '', convert: [{ kind: 'packaging', gtin: '19506000134359', to: 'base-units' }] }], packaging: [{ gtin: '19506000134359', contained: '9506000134352', quantity: '12', unit: 'EA' }] });
    assert.equal(own.run('2').document, '24');
  });

  it('knows how small money is counted', () => {
    const money = (q: string, currency: string, to: 'major' | 'minor'): unknown => {
      const { document, problems } = run([{ to: '', from: '/q', convert: [{ kind: 'minor-units', currency: { at: '/c' }, to }] }], { q, c: currency });
      return problems[0]?.code ?? document;
    };
    assert.deepEqual([money('1050', 'EUR', 'major'), money('10.50', 'EUR', 'minor'), money('1050', 'JPY', 'major'), money('1.234', 'KWD', 'minor'), money('1.005', 'EUR', 'minor'), money('1', 'XYZ', 'minor'), money('10.5', 'EUR', 'major')],
      ['10.50', '1050', '1050', '1234', 'too-fine', 'currency-unknown', 'too-fine']);
  });

  it('reads decimals as people write them', () => {
    const read = (q: string): unknown => {
      const { document, problems } = run([{ to: '', from: '', convert: [{ kind: 'decimal', mark: ',', grouping: '.' }] }], q);
      return problems[0]?.code ?? document;
    };
    assert.deepEqual([read('1.250,50'), read('12,5-'), read('+3'), read('1,2,3'), read('about 5')], ['1250.50', '-12.5', '3', 'no-decimal', 'no-decimal']);
  });

  it('turns kinds into each other only where nothing is lost', () => {
    const target = { type: 'object', properties: { n: { type: 'number' }, i: { type: 'integer' }, s: { type: 'string', maxLength: 4 }, b: { type: 'boolean' }, e: { enum: ['x'], type: 'string' } } } as const;
    assert.deepEqual(made([{ to: '/n', from: '/a' }, { to: '/s', from: '/b' }, { to: '/i', from: '/c' }, { to: '/b', from: '/d', convert: [{ kind: 'boolean', yes: ['X'], no: ['-'] }] }], { a: '1.10', b: 4711, c: '7', d: 'X' }, { target }), { n: 1.1, s: '4711', i: 7, b: true });
    assert.deepEqual(wrong([{ to: '/n', from: '/a' }, { to: '/i', from: '/b' }, { to: '/s', from: '/c' }, { to: '/b', from: '/b' }, { to: '/e', from: '/b' }], { a: '1.2345678901234567', b: '1.5', c: 'abcde' }, { target }),
      ['0 imprecise /n /a', '1 too-fine /i /b', '2 too-long /s /c', '3 type /b /b', '4 not-a-choice /e /b']);
  });

  it('explains each place: which source, which rule, what became of it', () => {
    const { explained } = compileMapping({ rows: [{ to: '/l', each: '/m', rows: [{ to: '/q', from: '/q', convert: [{ kind: 'decimal', mark: ',' }, { kind: 'round', places: 1, mode: 'half-up' }] }, { to: '/c', from: '/c', default: 'EUR' }] }] }).run({ m: [{ q: '1,25' }] }, { explain: true });
    assert.deepEqual(explained, [
      { at: '/l', row: '0', by: 'each', from: '/m', steps: [] },
      { at: '/l/0/q', row: '0.0', by: 'from', from: '/m/0/q', read: '1,25', steps: [{ kind: 'decimal', value: '1.25' }, { kind: 'round', value: '1.3' }], value: '1.3' },
      { at: '/l/0/c', row: '0.1', by: 'default', from: '/m/0/c', steps: [], value: 'EUR' },
    ]);
  });

  it('takes __proto__ for a name like any other', () => {
    const document = made([{ to: '/__proto__/x', from: '/__proto__/y' }], readDocument('{"__proto__": {"y": "1"}}'));
    assert.equal(JSON.stringify(document), '{"__proto__":{"x":"1"}}');
    assert.equal(({} as { x?: string }).x, undefined);
  });
});
