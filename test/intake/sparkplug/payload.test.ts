import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { decodePayload, interpret, SparkplugPayloadError, type DataType, type PayloadMetric } from '../../../src/intake/sparkplug/index.ts';
import { rebirthRequest } from '../../../src/intake/sparkplug/rebirth.ts';
import { encodePayload, peerDecode, rawPayload } from './support/edge-node.ts';

const peerLong = createRequire(createRequire(import.meta.url).resolve('sparkplug-payload'))('long') as { fromString(text: string, unsigned?: boolean): unknown };

function value(metric: PayloadMetric | undefined, type = metric?.type): unknown {
  assert.ok(metric?.raw !== undefined && type !== undefined);
  const read = interpret(metric.raw, type);
  assert.ok(read.ok, read.ok ? '' : read.reason);
  return read.value;
}

function sent(type: string, given: unknown): unknown {
  return value(decodePayload(encodePayload({ timestamp: 1, seq: 0, metrics: [{ name: 'm', type, value: given }] })).metrics[0]);
}

const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

describe('Sparkplug payloads', () => {
  it('reads what another encoder writes: every plain data type', () => {
    const cases: [string, unknown, unknown][] = [
      ['Int8', -5, -5], ['Int16', -30_000, -30_000], ['Int32', -2_147_483_648, -2_147_483_648], ['UInt8', 250, 250], ['UInt16', 65_535, 65_535], ['UInt32', 4_294_967_295, 4_294_967_295],
      ['Int64', peerLong.fromString('-9223372036854775808'), '-9223372036854775808'], ['UInt64', peerLong.fromString('18446744073709551615', true), '18446744073709551615'],
      ['Float', 1.23, 1.23], ['Double', 89.341, 89.341], ['Boolean', true, true], ['Boolean', false, false],
      ['String', 'Palette Ä 6', 'Palette Ä 6'], ['Text', '', ''], ['UUID', 'a1', 'a1'], ['DateTime', 1_656_107_875_000, '2022-06-24T21:57:55.000Z'],
      ['Bytes', bytes(1, 2, 255), 'AQL/'], ['File', bytes(0), 'AA=='],
    ];
    for (const [type, given, expected] of cases) assert.deepEqual(sent(type, given), expected, type);
  });

  it('reads time, sequence, aliases, nulls, history and quality', () => {
    const payload = decodePayload(encodePayload({
      timestamp: 1_486_144_502_122, seq: 255,
      metrics: [
        { name: 'a', alias: 7, timestamp: 5, type: 'Int32', value: null },
        { name: 'b', type: 'Int32', value: 1, isHistorical: true, isTransient: true, properties: { Quality: { type: 'Int32', value: 500 }, engUnit: { type: 'String', value: 'kg' } } },
        { name: 'c', type: 'Int32', value: 1, properties: { Quality: { type: 'Int32', value: 0 } } },
      ],
    }));
    assert.deepEqual([payload.timestamp, payload.seq], [1_486_144_502_122, 255]);
    const [a, b, c] = payload.metrics;
    assert.deepEqual([a?.alias, a?.timestamp, a?.isNull, a?.quality], ['7', 5, true, 'good']);
    assert.deepEqual([b?.historical, b?.transient, b?.quality, b?.properties], [true, true, 'stale', { Quality: 500, engUnit: 'kg' }]);
    assert.equal(c?.quality, 'bad');
  });

  it('reads data sets, templates and property sets in property sets', () => {
    const payload = decodePayload(encodePayload({
      timestamp: 1, seq: 0,
      metrics: [
        { name: 'set', type: 'DataSet', value: { numOfColumns: 2, columns: ['sku', 'count'], types: ['String', 'Int32'], rows: [['A', 3], ['B', -1]] } },
        { name: 'udt', type: 'Template', value: { version: '1', templateRef: 'Motor', isDefinition: false, metrics: [{ name: 'rpm', type: 'Double', value: 12.5 }], parameters: [{ name: 'index', type: 'String', value: '0' }] } },
        { name: 'p', type: 'Int32', value: 1, properties: { deep: { type: 'PropertySet', value: { low: { type: 'Double', value: 1.5 } } } } },
      ],
    }));
    assert.deepEqual(value(payload.metrics[0]), { columns: ['sku', 'count'], types: ['String', 'Int32'], rows: [['A', 3], ['B', -1]] });
    assert.deepEqual(value(payload.metrics[1]), { version: '1', templateRef: 'Motor', isDefinition: false, metrics: [{ name: 'rpm', type: 'Double', value: 12.5 }], parameters: [{ name: 'index', type: 'String', value: '0' }] });
    assert.deepEqual(payload.metrics[2]?.properties, { deep: { low: 1.5 } });
  });

  it('reads arrays as the specification packs them (§6.4.16)', () => {
    const arrays: [DataType, Uint8Array, unknown][] = [
      ['Int8Array', bytes(0xe9, 0x7b), [-23, 123]],
      ['Int16Array', bytes(0xd0, 0x8a, 0x30, 0x75), [-30_000, 30_000]],
      ['Int32Array', bytes(0xff, 0xff, 0xff, 0xff, 0xfa, 0xaf, 0xcb, 0x12), [-1, 315_338_746]],
      ['Int64Array', bytes(0xce, 0x06, 0x72, 0xac, 0x18, 0x9c, 0xba, 0xc4), ['-4270929666821191986']],
      ['UInt8Array', bytes(0x17, 0xfa), [23, 250]],
      ['UInt16Array', bytes(0x1e, 0, 0x88, 0xcc), [30, 52_360]],
      ['UInt32Array', bytes(0x34, 0, 0, 0, 0x49, 0xfb, 0x55, 0xc4), [52, 3_293_969_225]],
      ['UInt64Array', bytes(0xd9, 0x9e, 0x02, 0xd1, 0xb2, 0x76, 0x37, 0xe4), ['16444743074749521625']],
      ['FloatArray', bytes(0xa4, 0x70, 0x9d, 0x3f), [1.23]],
      ['DoubleArray', bytes(0xd7, 0xa2, 0x05, 0x68, 0x5b, 0xb5, 0x28, 0x40), [12.354213]],
      ['BooleanArray', bytes(0x0c, 0, 0, 0, 0x34, 0xd0), [false, false, true, true, false, true, false, false, true, true, false, true]],
      ['StringArray', bytes(0x41, 0x42, 0x43, 0, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0), ['ABC', 'hello']],
      ['DateTimeArray', bytes(0xc7, 0xd0, 0x90, 0x75, 0x24, 0x01, 0, 0), ['2009-10-21T05:27:55.335Z']],
    ];
    for (const [type, packed, expected] of arrays) assert.deepEqual(value({ ...decodePayload(rawPayload(type, packed)).metrics[0] } as PayloadMetric), expected, type);
  });

  it('says what does not fit its data type instead of rounding or wrapping it', () => {
    const wrong = (raw: Parameters<typeof interpret>[0], type: DataType): string => {
      const read = interpret(raw, type);
      assert.equal(read.ok, false, type);
      return read.ok ? '' : read.reason;
    };
    assert.match(wrong({ kind: 'int', value: 300 }, 'Int8'), /300, which is no Int8/);
    assert.match(wrong({ kind: 'long', value: 2n ** 40n }, 'UInt32'), /no UInt32/);
    assert.match(wrong({ kind: 'double', value: NaN }, 'Double'), /NaN/);
    assert.match(wrong({ kind: 'float', value: Infinity }, 'Float'), /Infinity/);
    assert.match(wrong({ kind: 'string', value: '1' }, 'Int32'), /a string value, where its data type is Int32/);
    assert.match(wrong({ kind: 'bytes', value: bytes(1, 2, 3) }, 'Int16Array'), /3 bytes/);
    assert.match(wrong({ kind: 'bytes', value: bytes(9, 0, 0, 0, 1) }, 'BooleanArray'), /BooleanArray/);
    assert.match(wrong({ kind: 'bytes', value: bytes(0x41) }, 'StringArray'), /does not end/);
    assert.match(wrong({ kind: 'bytes', value: bytes(0xff, 0) }, 'StringArray'), /no UTF-8/);
    // two's complement of the width itself or of 32 bits: both are in use
    assert.deepEqual(interpret({ kind: 'int', value: 0xff }, 'Int8'), { ok: true, value: -1 });
    assert.deepEqual(interpret({ kind: 'int', value: 0xffff_ffff }, 'Int8'), { ok: true, value: -1 });
  });

  it('refuses what is too large, too deep or cut, and never throws anything else', () => {
    const limits = { bytes: 1_000, elements: 5, nameBytes: 10, valueBytes: 20, depth: 1 };
    const refused = (payload: Uint8Array): string => {
      try {
        decodePayload(payload, limits);
      } catch (error) {
        assert.ok(error instanceof SparkplugPayloadError);
        return error.code;
      }
      return 'taken';
    };
    const metric = (name: string, more: object): object => ({ name, type: 'String', value: 'x', ...more });
    assert.equal(refused(new Uint8Array(1_001)), 'too-long');
    assert.equal(refused(encodePayload({ timestamp: 1, seq: 0, metrics: [metric('a-name-of-twelve', {})] })), 'too-long');
    assert.equal(refused(encodePayload({ timestamp: 1, seq: 0, metrics: [metric('a', { value: 'x'.repeat(21) })] })), 'too-long');
    assert.equal(refused(encodePayload({ timestamp: 1, seq: 0, metrics: Array.from({ length: 6 }, () => metric('a', {})) })), 'too-many');
    assert.equal(refused(encodePayload({ timestamp: 1, seq: 0, metrics: [metric('a', { properties: { p: { type: 'PropertySet', value: { q: { type: 'String', value: 'x' } } } } })] })), 'too-many');
    assert.equal(refused(bytes(0x18, 0x80, 0x02)), 'malformed'); // seq 256
    assert.equal(refused(bytes(0x12, 0x7f)), 'malformed'); // a length beyond the end
    assert.equal(refused(bytes(0x0b)), 'malformed'); // a group
    const whole = encodePayload({ timestamp: 1, seq: 0, metrics: [metric('a', {})] });
    for (let cut = 1; cut < whole.length; cut += 1) assert.ok(['malformed', 'taken'].includes(refused(whole.subarray(0, cut))), String(cut));
  });

  it('takes any bytes without another error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
      try {
        for (const { raw, type } of decodePayload(payload).metrics) if (raw !== undefined && type !== undefined) interpret(raw, type);
      } catch (error) {
        assert.ok(error instanceof SparkplugPayloadError, String(error));
      }
    }), { numRuns: 3_000 });
  });

  it('takes a payload with any byte changed without another error', () => {
    const whole = encodePayload({
      timestamp: 1, seq: 3,
      metrics: [
        { name: 'set', type: 'DataSet', value: { numOfColumns: 1, columns: ['sku'], types: ['String'], rows: [['A']] } },
        { name: 'udt', type: 'Template', value: { version: '1', templateRef: 'Motor', isDefinition: false, metrics: [{ name: 'rpm', type: 'Double', value: 12.5 }], parameters: [{ name: 'index', type: 'String', value: '0' }] } },
        { name: 'b', alias: 4, type: 'Int32', value: 1, isHistorical: true, properties: { Quality: { type: 'Int32', value: 500 } } },
      ],
    });
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = Uint8Array.from(whole);
      for (const [at, byte] of changes) changed[at] = byte;
      try {
        for (const { raw, type } of decodePayload(changed).metrics) if (raw !== undefined && type !== undefined) interpret(raw, type);
      } catch (error) {
        assert.ok(error instanceof SparkplugPayloadError, String(error));
      }
    }), { numRuns: 3_000 });
  });

  it('whole numbers of 64 bits come back as they were sent', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (number) => {
      assert.equal(sent('Int64', peerLong.fromString(String(number))), String(number));
    }));
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
      assert.equal(sent('UInt64', peerLong.fromString(String(number), true)), String(number));
    }));
  });

  it('a rebirth request is NCMD data that another decoder reads: no sequence number, the metric by its name, true', () => {
    const { seq, timestamp, metrics } = peerDecode(rebirthRequest(1_700_000_000_000));
    assert.equal(seq, undefined);
    assert.equal(Number(timestamp), 1_700_000_000_000);
    assert.deepEqual((metrics ?? []).map(({ name, type, value: given, alias }) => [name, type, given, alias]), [['Node Control/Rebirth', 'Boolean', true, undefined]]);
  });
});
