import assert from 'node:assert/strict';
import fc from 'fast-check';
import { absolute, compare, divide, greatest, isDecimal, least, minus, plus, rounded, times } from '../../src/domain/decimals.ts';

/** Decimal text out of a whole number of millionths. */
const decimal = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map((millionths) => {
  const sign = millionths < 0n ? '-' : '';
  const digits = String(millionths < 0n ? -millionths : millionths).padStart(7, '0');
  return { text: `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`, millionths };
});
const scaled = (text: string): bigint => {
  const [whole = '', part = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole + part.padEnd(6, '0'));
  return text.startsWith('-') ? -size : size;
};

describe('exact decimals', () => {
  it('count where floats do not', () => {
    assert.equal(plus('0.1', '0.2'), '0.3');
    assert.equal(times('12345678901234567.89', '3'), '37037036703703703.67');
    assert.equal(minus('10', '0.1', '0.2'), '9.7');
    assert.equal(plus(['1', ['2.50']], 3), '6.5');
    assert.equal(plus(), '0');
    assert.equal(compare('10', '9.99'), 1);
    assert.equal(compare('1.0', '1.00'), 0);
    assert.equal(absolute('-4.20'), '4.2');
  });

  it('round half away from zero, once', () => {
    assert.equal(rounded('2.345', 2), '2.35');
    assert.equal(rounded('-2.345', 2), '-2.35');
    assert.equal(rounded('2.5', 2), '2.50');
    assert.equal(divide('1', '3'), '0.333333');
    assert.equal(divide('-1', '8', 2), '-0.13');
    assert.equal(divide('0.4449999999', '1', 2), '0.44');
  });

  it('choose the outermost', () => {
    assert.equal(least('10', '9.99', '11'), '9.99');
    assert.equal(greatest(['10', '9.99'], '10.01'), '10.01');
    assert.equal(least('-1', '1'), '-1');
    assert.throws(() => greatest(), /at least one/);
    assert.throws(() => least('1', 'x'), /no decimal number/);
  });

  it('know what they can count with', () => {
    for (const value of ['1', '-1.50', 0, 0.5]) assert.equal(isDecimal(value), true, String(value));
    for (const value of [undefined, null, '', '1,5', '1e3', NaN, Infinity, 1e16, {}, [], true]) assert.equal(isDecimal(value), false, String(value));
  });

  it('sums and differences are those of whole millionths', () => {
    fc.assert(fc.property(decimal, decimal, (a, b) => {
      assert.equal(scaled(plus(a.text, b.text)), a.millionths + b.millionths);
      assert.equal(scaled(minus(a.text, b.text)), a.millionths - b.millionths);
      assert.equal(compare(a.text, b.text), a.millionths < b.millionths ? -1 : a.millionths > b.millionths ? 1 : 0);
    }));
  });

  for (const wrong of ['12,50', '1e3', 'abc', ' ', '1.', NaN, Infinity, {}, true]) {
    it(`takes ${JSON.stringify(wrong)} for no number`, () => { assert.throws(() => plus('1', wrong), /no decimal number/); });
  }
  it('says what is missing, and divides by nothing', () => {
    assert.throws(() => minus(undefined, '1'), /missing/);
    assert.throws(() => plus('1', null), /missing/);
    assert.throws(() => divide('1', '0.00'), /zero/);
    assert.throws(() => rounded('1', 2.5), /decimal places/);
    assert.throws(() => rounded('1', undefined), /Nothing is no number of decimal places/);
  });
});
