import assert from 'node:assert/strict';
import type { Json } from '../../../src/domain/json.ts';
import { inferSchema, schemaField } from '../../../src/domain/contract/index.ts';
import { checkMapping, codeListProblems, constantOf, listsOf, MAPPING_PROBLEM_CODES, mappingProblems, mappingProblemText, suggestRows } from '../../../src/domain/mapping/index.ts';
import type { Mapping } from '../../../src/domain/mapping/index.ts';

const SOURCE = {
  type: 'object', additionalProperties: false, required: ['no', 'rows'],
  properties: { no: { type: 'string' }, at: { type: 'string' }, flag: { type: 'boolean' }, rows: { type: 'array', items: { $ref: '#/$defs/row' } }, tree: { $ref: '#' } },
  $defs: { row: { type: 'object', additionalProperties: false, properties: { qty: { type: 'string', 'x-waybill': { decimal: { digits: 12, places: 6 } } }, mat: { type: 'string' } } } },
} as const;
const TARGET = {
  type: 'object', additionalProperties: false, required: ['number', 'lines', 'status'],
  properties: { number: { type: 'string' }, status: { enum: ['open'], type: 'string' }, at: { type: 'string', format: 'date-time' }, lines: { type: 'array', items: { type: 'object', required: ['item', 'quantity'], properties: { item: { type: 'object', required: ['id', 'kind'], properties: { id: { type: 'string' }, kind: { type: 'string' } } }, quantity: { type: 'string', 'x-waybill': { decimal: { digits: 12, places: 3 } } } } } } },
} as const;

const found = (mapping: unknown, lists?: readonly string[]): readonly string[] => checkMapping(mapping as Mapping, { source: SOURCE, target: TARGET, ...(lists === undefined ? {} : { lists }) }).map(({ code, row, at, warning }) => `${row}:${code}:${at}${warning === true ? ' (warning)' : ''}`);

describe('the check of a mapping', () => {
  it('finds what the target needs, kinds that do not fit, unknown places, and decimals that lose places', () => {
    assert.deepEqual(found({ rows: [
      { to: '/number', from: '/flag' }, { to: '/nowhere', from: '/no' }, { to: '/at', from: '/at' },
      { to: '/lines', each: '/rows', rows: [{ to: '/item/id', from: '/mad' }, { to: '/quantity', from: '/qty' }] },
    ] }), [
      '0:kinds:/number', '0:may-be-missing:/number (warning)', '1:to-unknown:/nowhere', '2:zone-needed:/at (warning)', '3.0:from-unknown:/lines/*/item/id', '3.1:too-fine-perhaps:/lines/*/quantity (warning)', '3.1:may-be-missing:/lines/*/quantity (warning)',
      '3:required-unmapped:/lines/*/item/kind', ':required-unmapped:/status',
    ]);
  });

  it('has nothing against a mapping that is right', () => {
    assert.deepEqual(found({ rows: [
      { to: '/number', from: '/no' }, { to: '/status', value: 'open' }, { to: '/at', from: '/at', convert: [{ kind: 'date', format: 'DD.MM.YYYY HH:mm', zone: 'Europe/Berlin', as: 'date-time' }] },
      { to: '/lines', each: '/rows', rows: [{ to: '/item/id', from: '/mat', required: true, default: 'x', convert: [{ kind: 'codes', list: 'items@1.0.0', to: 'central' }] }, { to: '/item/kind', value: 'g' }, { to: '/quantity', from: '/qty', default: '0', convert: [{ kind: 'round', places: 3, mode: 'half-even' }] }] },
    ] }, ['items@1.0.0']), []);
  });

  it('judges constants and what stands in by everything that the schema says of them', () => {
    const target = {
      type: 'object', additionalProperties: false,
      properties: {
        whole: { type: 'integer', minimum: 1, maximum: 99 }, qty: { type: 'string', 'x-waybill': { decimal: { digits: 6, places: 3 } } }, rate: { type: 'number', multipleOf: 0.01 }, day: { type: 'string', format: 'date' }, at: { type: 'string', format: 'date-time' },
        gtin: { type: 'string', pattern: String.raw`^\d{14}$` }, ref: { type: 'string', minLength: 2, maxLength: 5 }, odd: { type: 'string', pattern: '(' }, mode: { enum: ['road', 'rail', 7, null] }, yes: { type: ['boolean', 'null'] },
        to: { type: 'object', additionalProperties: false, required: ['city'], properties: { city: { type: 'string' }, country: { type: 'string', enum: ['DE'] } } }, marks: { type: 'array', items: { type: 'string', maxLength: 3 } }, either: { oneOf: [{ type: 'string', maxLength: 2 }, { type: 'string', maxLength: 9 }] },
      },
    };
    const said = (to: string, value: Json): string => checkMapping({ rows: [{ to: `/${to}`, value }] }, { target }).map(({ code }) => code).join();
    const cases: readonly (readonly [to: string, value: Json, code: string])[] = [
      ['whole', 12, ''], ['whole', '12', ''], ['whole', 'a dozen', 'constant-whole'], ['whole', '1.5', 'constant-whole'], ['whole', 0, 'constant-least'], ['whole', 100, 'constant-most'], ['whole', true, 'constant'],
      ['qty', '1250.125', ''], ['qty', '1,5', 'constant-decimal'], ['qty', '', 'constant-decimal'], ['qty', '1.1234', 'constant-places'], ['qty', '1.1230', ''], ['qty', '1234567', 'constant-digits'], ['rate', '0.12', ''], ['rate', '0.123', 'constant-places'], ['rate', '12345678901234.56', 'constant-digits'],
      ['day', '2028-02-29', ''], ['day', '2026-02-29', 'constant-date'], ['day', '02.03.2026', 'constant-date'], ['at', '2026-03-02T08:00:00+01:00', ''], ['at', '2026-03-02T08:00:00', 'constant-time'], ['at', '2026-03-02T25:00:00Z', 'constant-time'],
      ['gtin', '04012345678901', ''], ['gtin', '4012', 'constant-pattern'], ['ref', 'ab', ''], ['ref', 'a', 'constant-short'], ['ref', 'äöüßäö', 'constant-long'], ['ref', '🚚🚚🚚🚚🚚', ''], ['odd', 'x', ''], ['mode', 'rail', ''], ['mode', 7, ''], ['mode', null, ''], ['mode', '7', 'not-a-choice'],
      ['yes', true, ''], ['yes', 'true', 'constant'], ['to', { city: 'Bonn' }, ''], ['to', {}, 'constant-member'], ['to', { city: 'Bonn', zip: '1' }, 'constant-extra'], ['to', { city: 'Bonn', country: 'FR' }, 'not-a-choice'], ['to', 'Bonn', 'constant'],
      ['marks', ['a', 'abc'], ''], ['marks', ['a', 'abcd'], 'constant-long'], ['marks', '[', 'constant'], ['either', 'seven77', ''],
    ];
    for (const [to, value, code] of cases) assert.equal(said(to, value), code, `${to} = ${JSON.stringify(value)}`);
    assert.deepEqual(checkMapping({ rows: [{ to: '/whole', from: '/n', default: 'none' }] }, { target }).map(({ code }) => code), ['constant-whole']);
  });

  it('says which row names a code list that there is not', () => {
    const mapping: Mapping = { rows: [{ to: '/number', from: '/no' }, { to: '/lines', each: '/rows', rows: [{ to: '/item/id', from: '/mat', convert: [{ kind: 'codes', list: 'items@2.0.0', to: 'central' }] }] }] };
    assert.deepEqual(listsOf(mapping), ['items@2.0.0']);
    assert.ok(found(mapping, ['items@1.0.0']).includes('1.0:list-unknown:'));
  });

  it('takes anything that calls itself a mapping', () => {
    const codes = (value: unknown): readonly string[] => mappingProblems(value).map(({ code }) => code);
    assert.deepEqual([codes(null), codes({}), codes({ rows: [1] })], [['shape'], ['shape'], ['shape']]);
    assert.deepEqual(codes({ rows: [{ to: 'x', from: '/a' }] }), ['to-form']);
    assert.deepEqual([codes({ rows: [], packaging: 1 }), codes({ rows: [], packaging: [{ gtin: '1', contained: '', quantity: '', unit: '' }] })], [['packaging-list'], ['packaging-list']]);
    assert.deepEqual(codes({ rows: [{ to: '/a' }, { to: '/a', from: '/b', value: 1 }, { to: '/c', from: 'b' }, { to: '/d', expression: ' ' }, { to: '/e', each: '/f' }] }), ['no-source', 'twice', 'several-sources', 'from-form', 'expression-form', 'rows-missing']);
    const convert = (...conversions: unknown[]): readonly string[] => codes({ rows: [{ to: '/a', from: '/b', convert: conversions }] });
    assert.deepEqual(convert({ kind: 'magic' }, { kind: 'round', places: 99, mode: 'half-up' }, { kind: 'unit', from: 'kg', to: 'KGM' }, { kind: 'date', format: 'D/M/YY', as: 'date' }, { kind: 'date', format: 'YYYYMMDD HHmm', as: 'date-time' }, { kind: 'date', format: 'iso', zone: 'Berlin', as: 'date' }, { kind: 'codes', list: 'x', to: 'central' }),
      ['shape', 'places', 'unit-code', 'format-unknown', 'zone-needed', 'zone-unknown', 'list-unknown']);
  });

  it('has a sentence in both languages for every code', () => {
    for (const code of MAPPING_PROBLEM_CODES) for (const language of ['en', 'de'] as const) assert.match(mappingProblemText({ code, row: '', at: '', values: {} }, language), /\S.{20,}/, code);
  });

  it('follows a schema that leads back into itself', () => {
    assert.deepEqual(checkMapping({ rows: [{ to: '/number', from: '/tree/tree/no' }, { to: '/status', value: 'open' }, { to: '/lines', each: '/tree/rows', rows: [{ to: '/item', value: { id: '1', kind: 'g' } }, { to: '/quantity', value: '1' }] }] }, { source: SOURCE, target: TARGET }).filter(({ warning }) => warning !== true), []);
  });

  it('offers rows by like names, lists with their entries', () => {
    const sap = inferSchema([{ PurchaseOrder: '4500', Supplier: 'S1', WAERS: 'EUR', Items: [{ PurchaseOrderItem: '10', Material: 'M', OrderQuantity: '1.5' }] }]);
    const target = { title: 'Purchase order', type: 'object', properties: { number: { type: 'string' }, currency: { type: 'string' }, supplier: { type: 'object', properties: { id: { type: 'string' } } }, lines: { type: 'array', items: { type: 'object', properties: { number: { type: 'string' }, item: { type: 'object', properties: { id: { type: 'string' } } }, quantity: { type: 'object', properties: { value: { type: 'string' } } } } } } } } as const;
    assert.deepEqual(suggestRows(schemaField(sap), schemaField(target), []).map(({ row }) => row), [
      { to: '/number', from: '/PurchaseOrder' }, { to: '/currency', from: '/WAERS' }, { to: '/supplier/id', from: '/Supplier' },
      { to: '/lines', each: '/Items', rows: [{ to: '/number', from: '/PurchaseOrderItem' }, { to: '/item/id', from: '/Material' }, { to: '/quantity/value', from: '/OrderQuantity' }] },
    ]);
  });

  it('reads constants as a form has them', () => {
    assert.deepEqual(['EUR', '12', '1.50', 'true', '{"a": 1}', '[x', '0012'].map(constantOf), ['EUR', 12, '1.50', true, { a: 1 }, '[x', '0012']);
  });

  it('says what is wrong with a code list', () => {
    assert.deepEqual(codeListProblems({ name: 'items', version: '1.0.0', title: 'Items', owner: 'it', entries: [{ site: '1', central: 'a' }, { site: '1', central: 'b' }, { site: '' }] }), ['entries/1: the code "1" stands in entries/0 already; a code of the site means one thing', 'entries/2: needs texts "site" and "central"']);
    assert.equal(codeListProblems(null).length, 5);
  });
});
