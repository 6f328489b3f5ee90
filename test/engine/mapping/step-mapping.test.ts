import assert from 'node:assert/strict';
import { stepMapping } from '../../../src/engine/mapping/step-mapping.ts';

const TARGET = { type: 'object', required: ['id'], properties: { id: { type: 'string' }, quantity: { type: 'string', 'x-waybill': { decimal: { digits: 12, places: 3 } } } } } as const;

describe('the mapping of a step', () => {
  it('is none where the node has none', () => {
    for (const value of [undefined, null, '']) assert.equal(stepMapping(value, 'request'), undefined);
  });

  it('makes the document that the operation asks for', () => {
    const mapping = stepMapping({ rows: [{ to: '/id', expression: 'order & "-" & line' }, { to: '/quantity', from: '/q' }] }, 'request');
    assert.deepEqual(mapping?.map({ order: '4500', line: 10, q: 12.5 }, TARGET), { document: { id: '4500-10', quantity: '12.5' } });
  });

  it('says what is wrong, with both places', () => {
    const mapped = stepMapping({ rows: [{ to: '/id', from: '/order' }, { to: '/quantity', from: '/q' }] }, 'request')?.map({ q: '1.123456789' }, TARGET);
    assert.ok(mapped !== undefined && 'said' in mapped);
    assert.equal(mapped.said, '/id ← /order: The source has nothing at /order, and the target needs it; ask the sender for it, or give a default. /quantity ← /q: "1.123456789" has 9 decimals, and 3 are allowed; nothing is rounded unasked: add a rounding rule, or have the sender mend it.');
    assert.deepEqual(mapped.problems.map(({ code, row }) => [code, row]), [['missing', '0'], ['too-fine', '1']]);
  });

  it('goes by the contract that the mapping itself names', () => {
    const mapped = stepMapping({ target: 'item@1.0.0', rows: [{ to: '/id', from: '/no' }, { to: '/baseUnit', value: 'EA' }, { to: '/shelfLifeDays', from: '/days' }] }, 'answer')?.map({ no: 7, days: '21' });
    assert.deepEqual(mapped, { document: { id: '7', baseUnit: 'EA', shelfLifeDays: 21 } });
  });

  it('that cannot be used is said when the node starts', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ rows: [{ to: '/a' }] }, /^ConfigError: The mapping of the request cannot be used: Nothing says where the value comes from/],
      [{ rows: [{ to: '/a', from: '/b', convert: [{ kind: 'codes', list: 'items@9.0.0', to: 'central' }] }] }, /needs the code list items@9\.0\.0, which the catalogue does not have/],
      [{ target: 'item@9.0.0', rows: [] }, /leads to the contract item@9\.0\.0, which the catalogue does not have/],
      [{ target: 'item@1.0.0', rows: [{ to: '/id', expression: 'a +' }] }, /is no JSONata/],
    ];
    for (const [value, message] of cases) assert.throws(() => stepMapping(value, 'request'), message);
  });
});
