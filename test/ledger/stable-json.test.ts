import assert from 'node:assert/strict';
import fc from 'fast-check';
import { configure } from 'safe-stable-stringify';
import { stableJson } from '../../src/ledger/stable-json.ts';

const library = configure({ strict: true, circularValue: Error });

describe('stable JSON', () => {
  it('is what safe-stable-stringify writes, for any value', () => {
    fc.assert(fc.property(fc.anything({ withDate: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true, key: fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('__proto__', 'toJSON', 'b', 'a')) }), (value) => {
      let expected: string | undefined;
      try {
        expected = library(value);
      } catch {
        assert.throws(() => stableJson(value));
        return;
      }
      assert.equal(stableJson(value), expected);
    }), { numRuns: 2_000 });
  });

  it('sorts keys at every depth, numbers among them as text', () => {
    assert.equal(stableJson({ b: [{ d: 1, c: { z: null, y: '' } }], a: undefined, 10: 1, 9: 2 }), '{"10":1,"9":2,"b":[{"c":{"y":"","z":null},"d":1}]}');
  });

  it('leaves what it is given as it is', () => {
    const value = { b: { d: 1, c: 2 }, a: [{ z: 1, y: 2 }] };
    assert.equal(stableJson(value), '{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}');
    assert.equal(JSON.stringify(value), '{"b":{"d":1,"c":2},"a":[{"z":1,"y":2}]}');
  });

  it('refuses what has no JSON form, however deep', () => {
    const circle: Record<string, unknown> = {};
    circle['in'] = [circle];
    for (const bad of [Number.NaN, 1n, circle]) assert.throws(() => stableJson({ a: [{ b: bad }] }));
    assert.equal(stableJson(undefined), undefined);
  });
});
