import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseRow, EMPTY_MATRIX, exceeds, inBase, matrixProblems, overlaps, sumOf } from '../../../src/domain/approval/index.ts';
import type { ApprovalMatrix, MatrixCondition, MatrixRow } from '../../../src/domain/approval/index.ts';

const level = { role: 'buyer', quorum: 1, deadline: 0, deadlineUnit: 'hours', working: false, onExpiry: 'reject', hold: 0 } as const;
const row = (id: string, more: Partial<MatrixRow> = {}): MatrixRow => ({ id, from: '', to: '', conditions: [], auto: false, levels: [level], ...more });
const matrix = (rows: readonly MatrixRow[], more: Partial<ApprovalMatrix> = {}): ApprovalMatrix => ({ ...EMPTY_MATRIX, amount: 'total', rows, ...more });
const codes = (given: ApprovalMatrix): readonly string[] => matrixProblems(given, { hasCalendar: false }).map((each) => each.code);

describe('approval matrix', () => {
  it('puts an amount into the band that begins with it', () => {
    const rows = [row('low', { to: '100' }), row('high', { from: '100' })];
    const chosen = (amount: string): string => {
      const choice = chooseRow(matrix(rows), {}, amount);
      return choice.kind === 'row' ? choice.row.id : choice.kind;
    };
    assert.deepEqual(['99.999999', '100', '100.000001'].map(chosen), ['low', 'high', 'high']);
    assert.equal(chooseRow(matrix([row('low', { to: '100' })]), {}, '100').kind, 'none');
    assert.equal(chooseRow(matrix([row('low', { to: '100' })]), {}, undefined).kind, 'none', 'without an amount no band fits');
  });

  it('compares decimals as decimals and never an absent fact', () => {
    const fits = (operator: MatrixCondition['operator'], value: string, facts: object): boolean => chooseRow(matrix([row('r', { conditions: [{ path: 'a.b', operator, value }] })]), facts as never, undefined).kind === 'row';
    assert.ok(fits('=', '10', { a: { b: '10.0' } }) && fits('in', 'x, 10', { a: { b: 10 } }) && fits('<', '9', { a: { b: '8.999' } }) && fits('>=', '2026-01-01', { a: { b: '2026-02-01' } }));
    assert.ok(!fits('<', '9', { a: { b: 'text' } }) && !fits('!=', '1', {}) && !fits('>', '1', { a: { b: null } }));
    assert.ok(fits('missing', '', {}) && fits('exists', '', { a: { b: 0 } }) && !fits('exists', '', { a: { b: '' } }));
  });

  it('leaves to the start of the flows what a parameter fills in, and judges the rest', () => {
    const hours = { ...level, deadline: '${hours}' as unknown as number };
    assert.deepEqual(codes(matrix([row('small', { to: '${limit}' }), row('large', { from: '${limit}', levels: [hours] })], { base: '${currency}', amount: 'total' })), []);
    assert.deepEqual(codes(matrix([row('a', { to: '${limit} EUR' })])), ['band']);
    assert.deepEqual(codes(matrix([row('a', { levels: [{ ...hours, role: '' }] })])), ['role']);
    assert.deepEqual(codes(matrix([row('a', { to: '${limit}' }), row('b', { to: '5' }), row('c', { from: '4' })])), ['overlap'], 'rows with bounds of their own');
  });

  it('names every mistake at its place', () => {
    assert.deepEqual(codes(matrix([row('a', { from: '5', to: '5' })])), ['band-empty']);
    assert.deepEqual(codes(matrix([row('a', { from: '-1' })])), ['band-negative']);
    assert.deepEqual(codes(matrix([row('a', { from: 'x' })])), ['band']);
    assert.deepEqual(codes(matrix([row('a', { from: '1' })], { amount: '' })), ['band-without-amount']);
    assert.deepEqual(codes(matrix([row('a', { to: '1' }), row('a', { from: '1' })])), ['row-id-twice']);
    assert.deepEqual(codes(matrix([row('a', { levels: [{ ...level, role: '', quorum: 0, deadline: -1, hold: 9_999 }] })])), ['role', 'quorum', 'deadline', 'hold']);
    assert.deepEqual(codes(matrix([row('a', { levels: [{ ...level, deadline: 4, working: true }] })])), ['no-calendar']);
    assert.deepEqual(codes(matrix([row('a', { levels: [] }), row('b', { auto: true })], { hit: 'first' })), ['no-level', 'auto-with-level']);
    assert.deepEqual(codes(matrix([row('a')], { base: 'EURO', rates: [{ currency: 'usd', rate: '0', from: '1.1.2026' }] })), ['base', 'rate-currency', 'rate', 'rate-day']);
    assert.deepEqual(codes(matrix([row('a', { to: '10' }), row('b', { from: '9' })])), ['overlap']);
    assert.deepEqual(codes(matrix([row('a', { to: '10' }), row('b', { from: '9' })], { hit: 'first' })), []);
  });

  const value = fc.constantFrom('1', '2', '3', '1.0', 'a', 'b');
  const condition: fc.Arbitrary<MatrixCondition> = fc.record({
    path: fc.constantFrom('x', 'y'), operator: fc.constantFrom('=', '!=', 'in', '<', '<=', '>', '>=', 'exists', 'missing'), value: fc.oneof(value, fc.tuple(value, value).map((pair) => pair.join(','))),
  });
  const band = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });
  const anyRow = fc.record({ from: band, to: band, conditions: fc.array(condition, { maxLength: 3 }) });

  it('rows that are not said to overlap never both fit, whatever the case', () => {
    const fact = fc.option(fc.constantFrom(1, 2, 3, '1', '2.5', 'a', 'b', 'c'), { nil: undefined });
    fc.assert(fc.property(anyRow, anyRow, fact, fact, fc.integer({ min: 0, max: 5 }), (first, second, x, y, amount) => {
      const rows = [first, second].map((each, index) => row(`r${index}`, { conditions: each.conditions, from: each.from === undefined ? '' : String(each.from), to: each.to === undefined ? '' : String(each.to) }));
      const facts = { ...(x === undefined ? {} : { x }), ...(y === undefined ? {} : { y }) };
      if (chooseRow(matrix(rows), facts, String(amount)).kind === 'several') assert.equal(overlaps(rows).length, 1);
    }), { numRuns: 3_000 });
  });

  it('counts money in decimals, and guesses nothing', () => {
    const rates = [{ currency: 'USD', rate: '0.90', from: '2026-01-01' }, { currency: 'USD', rate: '0.95', from: '2026-07-01' }];
    const on = (day: string, amount: unknown, currency: unknown = 'USD'): unknown => {
      const found = inBase(amount as never, currency as never, 'EUR', rates, day);
      return typeof found === 'string' ? found : found.amount;
    };
    assert.deepEqual([on('2026-06-30', '100.10'), on('2026-07-01', '100.10'), on('2026-07-01', 0.1, 'EUR')], ['90.09', '95.095', '0.1']);
    assert.deepEqual([on('2025-12-31', '1'), on('2026-07-01', '-1'), on('2026-07-01', '1e3'), on('2026-07-01', null), on('2026-07-01', '1', 'XXX'), on('2026-07-01', '1', null)],
      ['rate-missing', 'amount-negative', 'amount-invalid', 'amount-missing', 'currency-unknown', 'currency-missing']);
    assert.equal(sumOf(Array.from({ length: 10 }, () => '0.1')), '1');
    assert.deepEqual([exceeds({ amount: '500.01', currency: 'EUR' }, { amount: '500', currency: 'EUR' }), exceeds({ amount: '1', currency: 'EUR' }, { amount: '500', currency: 'USD' })], [true, undefined]);
  });
});
