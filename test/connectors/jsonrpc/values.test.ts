import assert from 'node:assert/strict';
import { readExactJson, writeExactJson } from '../../../src/connectors/jsonrpc/exact-json.ts';
import { fill, holds } from '../../../src/connectors/jsonrpc/expression.ts';
import { fromTryton, toTryton } from '../../../src/connectors/jsonrpc/tryton-values.ts';
import { typed, type WireType } from '../../../src/connectors/jsonrpc/typed.ts';
import { DriverError } from '../../../src/connectors/driver.ts';
import type { Json } from '../../../src/domain/json.ts';

const wire = (value: Json, type: WireType): string => writeExactJson(toTryton(typed(value, type, '/document/value')));

describe('values of JSON-RPC', () => {
  it('reads every digit of a number, and writes exactly those that it was given', () => {
    assert.deepEqual(readExactJson('[1, 40.0, 0.1, 123456789012345678901234567890, 12345678901234567.25, 1e-7, -0.50]'), [1, '40', '0.1', '123456789012345678901234567890', '12345678901234567.25', '0.0000001', '-0.5']);
    assert.equal(wire('0.123456789', 'float'), '0.123456789');
    assert.equal(wire('7.50', 'decimal'), '{"__class__":"Decimal","decimal":"7.50"}');
  });

  it('refuses a quantity that a float of the system would round, a number that is none, and a float of ours', () => {
    assert.throws(() => wire('1234567890123456.789', 'float'), /more digits than the system can keep/);
    assert.throws(() => wire('12,5', 'decimal'), (error) => error instanceof DriverError && error.at === '/value' && /decimal number as text/.test(error.message));
    assert.throws(() => wire(0.1, 'decimal'), /decimal number as text/);
  });

  it('brings a moment to UTC, and refuses one without a time zone', () => {
    assert.equal(wire('2026-11-29T23:30:00.5+01:00', 'datetime'), '{"__class__":"datetime","year":2026,"month":11,"day":29,"hour":22,"minute":30,"second":0,"microsecond":500000}');
    assert.throws(() => wire('2026-11-29T23:30:00', 'datetime'), /has no time zone; write one behind it/);
    assert.throws(() => wire('2026-02-30T10:00:00Z', 'datetime'), /has to be a moment/);
  });

  it('takes a day as a day: no time, and none that the calendar has not', () => {
    assert.equal(wire('2026-11-29', 'date'), '{"__class__":"date","year":2026,"month":11,"day":29}');
    for (const value of ['2026-02-30', '2026-11-29T00:00:00Z', '29.11.2026', 20261129]) assert.throws(() => wire(value, 'date'), /has to be a calendar date/);
  });

  it('reads Tryton\'s types as text', () => {
    const text = '{"d":{"__class__":"Decimal","decimal":"12.40"},"e":{"__class__":"Decimal","decimal":"1E+3"},"on":{"__class__":"date","year":2026,"month":1,"day":2},"at":{"__class__":"datetime","year":2026,"month":1,"day":2,"hour":3,"minute":4,"second":5,"microsecond":6},"t":{"__class__":"time","hour":3,"minute":4,"second":0,"microsecond":0},"span":{"__class__":"timedelta","seconds":90.5},"b":{"__class__":"bytes","base64":"YWI=\\n"}}';
    assert.deepEqual(fromTryton(text), { d: '12.40', e: '1000', on: '2026-01-02', at: '2026-01-02T03:04:05.000006Z', t: '03:04:00', span: '90.5', b: 'YWI=' });
    assert.throws(() => fromTryton('{"x":{"__class__":"Decimal","decimal":"NaN"}}'), SyntaxError);
  });
});

describe('expressions of a binding', () => {
  const scope = { document: { order: 'PO1', lines: [{ id: 1, quantity: '0.1' }, { id: 2, quantity: '0.2' }] }, key: 'k', steps: { open: [{ line: 2, quantity: '0.20' }] } };

  it('puts values in as values: what looks like a domain or an expression in a document stays text and data', () => {
    const evil = { ...scope, document: { order: '\'], ["1", "=", "1"]', nested: { $get: '/key' } } };
    assert.deepEqual(fill([['number', '=', { $get: '/document/order' }]], evil), [['number', '=', '\'], ["1", "=", "1"]']]);
    assert.deepEqual(fill({ $get: '/document/nested' }, evil), { $get: '/key' });
  });

  it('goes through lists, finds, counts, and adds exactly', () => {
    assert.deepEqual(fill({ $each: '/document/lines', as: 'line', where: { atMost: ['0.15', { $get: '/line/quantity' }] }, give: { $get: '/line/id' } }, scope), [2]);
    assert.equal(fill({ $sum: { $each: '/document/lines', as: 'line', give: { $get: '/line/quantity' } } }, scope), '0.3');
    assert.equal(fill({ $minus: ['1', '0.9'] }, scope), '0.1');
    assert.equal(fill({ $count: '/document/lines' }, scope), 2);
    assert.deepEqual(fill({ $concat: [[0], { $each: '/document/lines', as: 'line', give: { $get: '/line/id' } }] }, scope), [0, 1, 2]);
    assert.equal(fill({ $first: '/document/lines', as: 'line', where: { equal: [{ $get: '/line/id' }, 9] }, else: null }, scope), null);
    assert.equal(fill({ $text: ['purchase.line,', { $get: '/document/lines/0/id' }] }, scope), 'purchase.line,1');
  });

  it('says what the document lacks, with its place', () => {
    assert.throws(() => fill({ $get: '/document/supplier' }, scope), (error) => error instanceof DriverError && error.at === '/supplier');
    assert.throws(() => fill({ $each: '/document/order', give: 1 }, scope), /has to be a list/);
  });

  it('compares decimals as decimals', () => {
    assert.equal(holds({ same: ['0.20', '0.2'] }, scope), true);
    assert.equal(holds({ equal: ['0.20', '0.2'] }, scope), false);
    assert.equal(holds({ some: { in: '/steps/open', as: 'open', holds: { same: [{ $get: '/open/quantity' }, { $get: '/document/lines/1/quantity' }] } } }, scope), true);
    assert.equal(holds({ every: { in: '/document/lines', as: 'line', holds: { not: { empty: { $get: '/line/id' } } } } }, scope), true);
    assert.throws(() => holds({ atMost: ['many', '1'] }, scope), DriverError);
  });
});
