import assert from 'node:assert/strict';

import { emptyReservation, parseDecimal, release, reserve } from '../../src/domain/index.ts';
import { only } from './support/given.ts';

describe('reservation of a quantity', () => {
  describe('parseDecimal', () => {
    it('takes decimal strings exactly', () => {
      for (const text of ['0', '5', '-5', '0.1', '999999999999.999999', '-0.000001']) assert.equal(only(parseDecimal(text)).toFixed(), text);
      assert.equal(only(parseDecimal('007.500')).toFixed(), '7.5');
      assert.equal(only(parseDecimal('0.1')).plus(only(parseDecimal('0.2'))).toFixed(), '0.3');
    });

    it('takes numbers, rounded to six places', () => {
      assert.equal(only(parseDecimal(0.1 + 0.2)).toFixed(), '0.3');
      assert.equal(only(parseDecimal(12.3456789)).toFixed(), '12.345679');
      assert.equal(only(parseDecimal(-7)).toFixed(), '-7');
    });

    it('refuses everything else', () => {
      const bad = ['', ' 5', '5 ', '+5', '.5', '5.', '1e3', '0x10', '5,0', '１', '1234567890123', '0.1234567', 'NaN', 'Infinity', '5\n', NaN, Infinity, -Infinity, 1e12, -1e12, null, undefined, true, 5n, [], ['5'], {}];
      for (const value of bad) assert.equal(parseDecimal(value), undefined, String(value));
    });
  });

  describe('reserve', () => {
    it('adds to the total of all cases', () => {
      assert.deepEqual(reserve(emptyReservation, '5', '10'), { quantity: '5', total: '5', limit: '10', overBy: '0', version: 1 });
      assert.deepEqual(reserve({ total: '5', version: 1 }, '5.0', '10.00'), { quantity: '5', total: '10', limit: '10', overBy: '0', version: 2 });
    });

    it('says by how much the total is over the limit', () => {
      assert.deepEqual(reserve({ total: '8', version: 3 }, '2.5', '10'), { quantity: '2.5', total: '10.5', limit: '10', overBy: '0.5', version: 4 });
    });

    it('takes a reversal, which is never over', () => {
      assert.deepEqual(reserve({ total: '15', version: 3 }, '-2', '10'), { quantity: '-2', total: '13', limit: '10', overBy: '0', version: 4 });
    });

    it('takes zero, which moves nothing and is never over', () => {
      for (const quantity of ['0', '0.000000', 0]) {
        assert.deepEqual(reserve({ total: '15', version: 3 }, quantity, '10'), { quantity: '0', total: '15', limit: '10', overBy: '0', version: 4 });
      }
    });

    it('takes no bad number', () => {
      for (const quantity of ['five', '', undefined, Number.NaN]) assert.equal(reserve(emptyReservation, quantity, '10'), undefined, String(quantity));
      assert.equal(reserve(emptyReservation, '1', 'ten'), undefined);
    });

    it('writes no negative zero', () => {
      assert.equal(only(reserve({ total: '5', version: 1 }, '-5', '-0')).total, '0');
      assert.equal(only(reserve({ total: '5', version: 1 }, '-5', '-0')).limit, '0');
      assert.equal(only(reserve({ total: '-5', version: 1 }, '5', 0)).total, '0');
    });
  });

  describe('release', () => {
    it('gives back what was held', () => {
      assert.deepEqual(release({ total: '10.5', version: 4 }, '2.5'), { total: '8', version: 5 });
      assert.deepEqual(release({ total: '-2', version: 4 }, '-2'), { total: '0', version: 5 });
    });
  });
});
