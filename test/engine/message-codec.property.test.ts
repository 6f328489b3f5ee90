import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, maxMessageLength, MessageError } from '../../src/engine/support/message-codec.ts';

/** Property names as flows have them, and the ones that could be taken for the codec's own tags. */
const key = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('$buffer', '$date', '$decimal', '$object', 'payload', 'constructor', 'toString', 'v', 'p', 'left'))
  .filter((name) => name !== '__proto__');
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.boolean(), fc.constant(null),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)), fc.date({ noInvalidDate: true }),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(key, tie('value'), { maxKeys: 4 })),
})).value;
const carried = key.filter((name) => !['req', 'res', '_msgid', 'waybill', '_event', '_linkSource'].includes(name));
const message = fc.dictionary(carried, value, { maxKeys: 5 });

/** -0 has no JSON form of its own (RFC 8259 §6), and prototypes do not travel. */
function plain(input: unknown): unknown {
  if (Object.is(input, -0)) return 0;
  if (Array.isArray(input)) return input.map(plain);
  if (typeof input !== 'object' || input === null || Buffer.isBuffer(input) || input instanceof Date) return input;
  return Object.fromEntries(Object.entries(input).map(([name, inner]) => [name, plain(inner)]));
}

describe('durable form of messages', () => {
  it('gives back what went in, and the same text when it goes in again', () => {
    fc.assert(fc.property(message, (msg) => {
      const text = encodeMessage(msg);
      const decoded = decodeMessage(text);
      assert.deepEqual(plain(decoded), plain(msg));
      assert.equal(encodeMessage(decoded), text);
      assert.notEqual(decodeMessage(text), decoded);
    }));
  });

  it('is a fresh object each time', () => {
    fc.assert(fc.property(message, (msg) => {
      const text = encodeMessage(msg);
      const first = decodeMessage(text);
      first['changed'] = true;
      for (const inner of Object.values(first)) if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !Buffer.isBuffer(inner) && !(inner instanceof Date)) (inner as Record<string, unknown>)['changed'] = true;
      assert.equal(encodeMessage(decodeMessage(text)), text);
    }));
  });

  const refused = (msg: object, pattern: RegExp): void => {
    assert.throws(() => encodeMessage(msg), (error: unknown) => error instanceof MessageError && error.code === 'not-encodable' && pattern.test(error.message));
  };

  it('refuses what JSON cannot carry, and names the property', () => {
    refused({ payload: { list: [1, Number.NaN] } }, /msg\.payload\.list\[1\] is NaN/);
    refused({ payload: Number.POSITIVE_INFINITY }, /msg\.payload is Infinity/);
    refused({ payload: { n: 1n } }, /msg\.payload\.n is a BigInt/);
    refused({ payload: new Date(Number.NaN) }, /invalid date/);
    const cycle: Record<string, unknown> = { payload: {} };
    (cycle['payload'] as Record<string, unknown>)['again'] = cycle['payload'];
    refused(cycle, /refers to itself/);
    let deep: object = {};
    for (let i = 0; i < 100; i += 1) deep = { deep };
    refused({ payload: deep }, /nested too deeply/);
  });

  it('carries one object twice, which is no cycle', () => {
    const shared = { a: 1 };
    assert.deepEqual(decodeMessage(encodeMessage({ one: shared, two: shared })), { one: { a: 1 }, two: { a: 1 } });
  });

  it('leaves req, res and functions behind and names them', () => {
    const text = encodeMessage({ payload: { f: () => 1, g: 2 }, req: {}, res: {}, _msgid: 'x', waybill: {} });
    assert.deepEqual(JSON.parse(text), { v: 1, p: { payload: { g: 2 } }, left: ['payload.f', 'req', 'res'] });
  });

  it('refuses what is too large to travel', () => {
    assert.throws(() => encodeMessage({ payload: 'x'.repeat(maxMessageLength) }), (error: unknown) => error instanceof MessageError && error.code === 'too-large');
  });

  it('refuses the envelope of a newer version', () => {
    assert.throws(() => decodeMessage('{"v":2,"p":{}}'), /newer Waybill/);
  });
});
