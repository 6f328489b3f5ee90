import assert from 'node:assert/strict';

import fc from 'fast-check';

import { mergePatchBetween } from '../../src/domain/merge-patch.ts';
import { mergePatch, patchAt, valueAt } from '../../src/domain/index.ts';
import type { Json, JsonObject } from '../../src/domain/index.ts';

describe('JSON merge patch', () => {
  // RFC 7396, appendix A: the cases whose target and patch are objects.
  const appendix: readonly (readonly [target: string, patch: string, result: string])[] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ];
  for (const [target, patch, result] of appendix) {
    it(`RFC 7396 appendix A: ${target} with ${patch}`, () => {
      assert.deepEqual(mergePatch(JSON.parse(target) as JsonObject, JSON.parse(patch) as JsonObject), JSON.parse(result));
    });
  }

  it('keeps nulls inside arrays', () => {
    assert.deepEqual(mergePatch({}, { a: [null, { b: null }] }), { a: [null, { b: null }] });
  });

  it('drops __proto__ at every depth, and takes other inherited names as plain data', () => {
    const hostile = JSON.parse('{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true},"b":1},"constructor":{"prototype":{"admin":true}}}') as JsonObject;
    const result = mergePatch({ a: {} }, hostile);
    assert.deepEqual(Object.keys(result), ['a', 'constructor']);
    assert.equal((result as { admin?: unknown }).admin, undefined);
    assert.equal((result['a'] as { admin?: unknown }).admin, undefined);
    assert.equal(({} as { admin?: unknown }).admin, undefined);
  });

  it('never changes what it is given, and is idempotent', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>);
    fc.assert(fc.property(object, object, (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = mergePatch(target, patch);
      assert.equal(JSON.stringify([target, patch]), before);
      assert.deepEqual(mergePatch(once, patch), once);
    }));
  });

  describe('between two documents', () => {
    it('makes the second of the first, or there is none because of a null or a key that merging drops', () => {
      const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 2 }));
      const { document } = fc.letrec<{ document: JsonObject; value: Json }>((tie) => ({
        value: fc.oneof({ maxDepth: 3 }, leaf as fc.Arbitrary<Json>, tie('document')),
        document: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      }));
      let made = 0;
      fc.assert(fc.property(document, document, (from, to) => {
        const before = JSON.stringify([from, to]);
        const patch = mergePatchBetween(from, to);
        assert.equal(JSON.stringify([from, to]), before);
        if (patch === undefined) assert.match(before, /null|__proto__/);
        else {
          made += 1;
          assert.deepEqual(mergePatch(from, patch), to);
        }
      }), { numRuns: 2_000 });
      assert.ok(made > 200, `${made} patches`);
    });

    it('says only what is otherwise', () => {
      assert.deepEqual(mergePatchBetween({ a: { b: 1, c: { d: [1] } }, e: null, f: 2 }, { a: { b: 1, c: { d: [1, 2] } }, e: null }), { a: { c: { d: [1, 2] } }, f: null });
      assert.deepEqual(mergePatchBetween({ a: 1 }, { a: 1 }), {});
      assert.equal(mergePatchBetween({}, { a: { b: null } }), undefined);
    });
  });

  describe('valueAt', () => {
    const document: JsonObject = { po: { lines: [{ quantity: '5' }, { quantity: '6' }] }, empty: null };

    it('follows names and indexes', () => {
      assert.equal(valueAt(document, 'po.lines.1.quantity'), '6');
      assert.deepEqual(valueAt(document, 'po.lines.0'), { quantity: '5' });
      assert.equal(valueAt(document, 'empty'), null);
    });

    it('finds nothing where there is nothing', () => {
      for (const path of ['', 'nowhere', 'po.lines.2', 'po.lines.-1', 'po.lines.x', 'po.lines.length', 'empty.a', 'po.lines.0.quantity.0', 'constructor', '__proto__', 'po.toString']) {
        assert.equal(valueAt(document, path), undefined, path);
      }
    });
  });

  describe('patchAt', () => {
    it('puts a value where valueAt finds it', () => {
      const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,5}$/);
      fc.assert(fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()), (names, value) => {
        const path = names.join('.');
        assert.equal(valueAt(mergePatch({ other: 1 }, patchAt(path, value)), path), value);
      }));
    });

    it('merges an object at no path, and takes nothing else there', () => {
      assert.deepEqual(mergePatch({ a: 1 }, patchAt('', { b: 2 })), { a: 1, b: 2 });
      for (const value of ['text', 5, null, ['x']]) assert.throws(() => patchAt('', value), TypeError);
    });

    it('takes a null away, and adds to what is there', () => {
      assert.deepEqual(mergePatch({ a: { b: 1, c: 2 } }, patchAt('a.b', null)), { a: { c: 2 } });
      assert.deepEqual(mergePatch({ a: { b: 1 } }, patchAt('a.c', 2)), { a: { b: 1, c: 2 } });
    });
  });
});
