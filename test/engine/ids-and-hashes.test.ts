import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { hmacSha256 } from '../../src/engine/support/hmac.ts';
import { uuidv7 } from '../../src/engine/support/ids.ts';

describe('ids and keyed hashes', () => {
  it('UUIDs are of version 7 and variant 10, rise strictly, and say their millisecond (RFC 9562 §5.7)', () => {
    const from = Date.now();
    const ids = Array.from({ length: 10_000 }, () => uuidv7());
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
    assert.deepEqual(ids.toSorted(), ids);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(new Set(ids.map((id) => id.slice(19))).size, ids.length, 'their random part repeats');
    const ms = Number.parseInt(ids[0]!.slice(0, 13).replace('-', ''), 16);
    assert.ok(ms >= from && ms <= from + 60_000);
  });

  it('HMAC is that of the runtime, for keys and texts of any length (RFC 2104)', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 300, maxLength: 2_000, unit: 'grapheme' })), (key, text) => {
      const expected = createHmac('sha256', key).update(text).digest('base64url');
      const hmac = hmacSha256(key);
      assert.equal(hmac(text), expected);
      assert.equal(hmac(text), expected, 'a second time');
    }), { numRuns: 40 });
  });
});
