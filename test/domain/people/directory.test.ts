import assert from 'node:assert/strict';
import { exceeds } from '../../../src/domain/approval/index.ts';
import { conflictBetween, dutiesProblem, holdsRole, limitFor, moneyProblem } from '../../../src/domain/directory/index.ts';

const anna = { roles: ['buyer'], sites: ['dc-1'], disabled: false };

describe('who may', () => {
  it('holds a role with the role, the site and an enabled account', () => {
    assert.equal(holdsRole(anna, 'buyer', 'dc-1'), true);
    assert.equal(holdsRole({ ...anna, sites: ['*'] }, 'buyer', 'dc-9'), true);
    assert.equal(holdsRole(anna, 'buyer', 'dc-2'), false);
    assert.equal(holdsRole(anna, 'finance', 'dc-1'), false);
    assert.equal(holdsRole({ ...anna, disabled: true }, 'buyer', 'dc-1'), false);
    assert.equal(holdsRole({ ...anna, sites: [] }, 'buyer', 'dc-1'), false);
  });

  it('has the limit of the person before that of the role', () => {
    const limits = [{ role: 'buyer', amount: '1000.00', currency: 'EUR' }, { role: 'buyer', person: 'anna', amount: '50', currency: 'USD' }];
    assert.deepEqual(limitFor(limits, 'anna', 'buyer'), { amount: '50', currency: 'USD' });
    assert.deepEqual(limitFor(limits, 'ben', 'buyer'), { amount: '1000.00', currency: 'EUR' });
    assert.equal(limitFor(limits, 'anna', 'finance'), undefined);
  });

  it('compares amounts as decimals', () => {
    assert.equal(exceeds({ amount: '1000.0001', currency: 'EUR' }, { amount: '1000.00', currency: 'EUR' }), true);
    assert.equal(exceeds({ amount: '1000', currency: 'EUR' }, { amount: '1000.00', currency: 'EUR' }), false);
    assert.equal(exceeds({ amount: '99999999999999.99', currency: 'EUR' }, { amount: '100000000000000', currency: 'EUR' }), false);
  });

  it('finds conflicting duties either way round', () => {
    const pairs = [['buyer', 'receiver'], ['maker', 'checker']] as const;
    assert.deepEqual(conflictBetween(pairs, ['receiver'], ['buyer', 'clerk']), ['buyer', 'receiver']);
    assert.deepEqual(conflictBetween(pairs, ['maker'], ['checker']), ['maker', 'checker']);
    assert.equal(conflictBetween(pairs, ['buyer'], ['checker']), undefined);
  });

  it('says what is wrong with duties and limits', () => {
    const limit = { role: 'buyer', amount: '10', currency: 'EUR' };
    assert.equal(dutiesProblem([['a', 'b']], [limit, { ...limit, person: 'anna' }]), undefined);
    assert.match(dutiesProblem([['a', 'a']], []) ?? '', /conflicts with itself/);
    assert.match(dutiesProblem([['a', 'B role']], []) ?? '', /"B role" is no role/);
    assert.match(dutiesProblem([], [limit, limit]) ?? '', /two limits/);
    assert.match(dutiesProblem([], [{ ...limit, amount: '-1' }]) ?? '', /negative/);
    assert.match(dutiesProblem([], [{ ...limit, amount: '1e3' }]) ?? '', /no amount/);
    assert.match(moneyProblem({ amount: '1', currency: 'eur' }) ?? '', /no currency/);
  });
});
