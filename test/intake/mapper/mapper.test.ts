import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withCheckDigit } from '../../../src/intake/gs1/index.ts';
import { createScanMapper, QUARANTINE_MESSAGES, type MapperOptions, type MapResult, type QuarantineReason, type Scan } from '../../../src/intake/mapper/index.ts';

const receivedAt = Date.UTC(2026, 5, 1);
const SSCC = withCheckDigit('34012345000000001');
const CODE = `]C100${SSCC}`;
const GTIN = '09521234543213';

function map(payload: unknown, options: Partial<MapperOptions> = {}, topic?: Record<string, string>): MapResult {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return createScanMapper({ preset: 'auto', ...options })(bytes, topic === undefined ? { receivedAt } : { receivedAt, topic });
}

function scan(payload: unknown, options: Partial<MapperOptions> = {}, topic?: Record<string, string>): Scan {
  const result = map(payload, options, topic);
  assert.ok(result.ok, result.ok ? '' : `${result.reason}: ${result.detail}`);
  assert.equal(result.scans.length, 1);
  return result.scans[0] as Scan;
}

function reason(payload: unknown, options: Partial<MapperOptions> = {}): QuarantineReason {
  const result = map(payload, options);
  assert.ok(!result.ok);
  assert.equal(result.message, QUARANTINE_MESSAGES[result.reason]);
  return result.reason;
}

describe('Scan mapper: presets', () => {
  it('reads bare text with framing and line ends', () => {
    for (const text of [CODE, `${CODE}\r\n`, `\u0002${CODE}\u0003`, `  ${CODE}  `]) {
      for (const preset of ['auto', 'plain-text'] as const) {
        const read = scan(text, { preset });
        assert.equal(read.code, CODE);
        assert.equal(read.gs1?.sscc, SSCC);
        assert.equal(read.transportId, undefined);
      }
    }
  });

  it('takes framing away inside JSON too', () => {
    assert.equal(scan({ code: `\u0002${CODE}\r\n` }).code, CODE);
    assert.equal(reason({ code: '\r\n' }), 'missing-code');
  });

  it('keeps a separator at the end of a label', () => {
    assert.equal(scan(`]C110AB\x1d\n`).gs1?.lot, 'AB');
  });

  it('takes device and operator from the topic when the message does not name them', () => {
    const read = scan(CODE, {}, { station: 'dock-1', device: 'ring-3', operator: 'op-9' });
    assert.equal(read.deviceId, 'ring-3');
    assert.equal(read.operatorId, 'op-9');
  });

  it('reads its own form', () => {
    const read = scan({ id: 'e-1', code: `]E0${GTIN.slice(1)}`, device: 'ring-7', operator: 'op-12', po: 4500000001, line: '10', quantity: '012.50', time: '2026-05-31T22:00:00+02:00', final: true, reverse: false, deliveryNote: 'DN-7', temperature: 4.5 });
    assert.deepEqual({ ...read, gs1: read.gs1?.gtin }, {
      code: `]E0${GTIN.slice(1)}`, extra: { temperature: 4.5 }, transportId: 'e-1', deviceId: 'ring-7', operatorId: 'op-12', gs1: GTIN,
      po: '4500000001', line: '10', deliveryNote: 'DN-7', final: true, reverse: false, quantity: '12.5', occurredAt: '2026-05-31T20:00:00.000Z',
    });
  });

  it('makes a transport id of device and sequence, and none of a sequence alone', () => {
    assert.equal(scan({ code: CODE, device: 'ring-7', sequence: 41 }).transportId, 'ring-7:41');
    assert.equal(scan({ code: CODE, sequence: 41 }).transportId, undefined);
    assert.equal(scan({ code: CODE, sequence: 41 }, {}, { device: 'r' }).transportId, 'r:41');
  });

  it('reads ProGlove scan events, and refuses its other events', () => {
    const event = { api_version: '1.0', event_type: 'scan', event_id: '02114da8-feae-46e3-8b00-a3f7ea8672df', time_created: 1546300800000, scan_code: CODE, device_serial: 'MDMR000000064', gateway_serial: 'PGGW000000058' };
    for (const preset of ['auto', 'proglove'] as const) {
      const read = scan(`${JSON.stringify(event)}\n`, { preset });
      assert.equal(read.transportId, event.event_id);
      assert.equal(read.deviceId, 'MDMR000000064');
      assert.equal(read.occurredAt, '2019-01-01T00:00:00.000Z');
      assert.deepEqual(read.extra, { api_version: '1.0', gateway_serial: 'PGGW000000058' });
      assert.equal(reason({ ...event, event_type: 'button_pressed', scan_code: undefined }, { preset }), 'not-a-scan');
    }
  });

  it('reads Zebra batches: tags with ids of their own, bar codes without', () => {
    const message = {
      type: 'BALANCED_PERFORMANCE', timestamp: '2026-05-19T14:15:22Z',
      data: {
        tagData: [{ EPCid: '3174257BF4499602D2000000', eventNum: 1, peakRssi: -39 }, { EPCid: '3074257BF7194E4000001A85', eventNum: 2 }, { EPCid: 'BEDD11112222333344445555', eventNum: 3 }],
        barcodeData: [{ symbology: 'CODE_128', decodedBarcode: SSCC }],
      },
    };
    for (const preset of ['auto', 'zebra-rfd'] as const) {
      const result = map(message, { preset }, { device: 'RFD40-1' });
      assert.ok(result.ok);
      assert.deepEqual(result.scans.map((one) => [one.transportId, one.gs1?.sscc ?? one.gs1?.gtin]), [
        ['RFD40-1:2026-05-19T14:15:22Z:1:3174257BF4499602D2000000', '106141412345678908'],
        ['RFD40-1:2026-05-19T14:15:22Z:2:3074257BF7194E4000001A85', '80614141123458'],
        [undefined, SSCC],
      ]);
      assert.deepEqual(result.rejections.map((one) => [one.reason, one.index, one.code]), [['not-gs1', 2, 'BEDD11112222333344445555']]);
      assert.equal(result.scans[0]?.extra['peakRssi'], -39);
    }
    assert.equal(reason({ type: 'heartBeatEVT' }, { preset: 'zebra-rfd' }), 'not-a-scan');
    assert.equal(reason({ ...message, data: { tagData: [] } }), 'not-a-scan');
  });

  it('reads configured places, also of a list', () => {
    const pointers = { code: '/read/0/text', id: '/meta/a~1b', device: '/dev', quantity: '/qty', time: '/at' };
    const read = scan({ read: [{ text: CODE }], meta: { 'a/b': 'x-1' }, dev: 7, qty: 3, at: 1780000000 }, { preset: 'custom', pointers });
    assert.equal(read.transportId, 'x-1');
    assert.equal(read.deviceId, '7');
    assert.equal(read.quantity, '3');
    assert.equal(read.occurredAt, '2026-05-28T20:26:40.000Z');
    const list = map({ rows: [{ c: CODE }, { c: 'zzz' }, 5] }, { preset: 'custom', pointers: { items: '/rows', code: '/c' } });
    assert.ok(list.ok);
    assert.equal(list.scans.length, 1);
    assert.deepEqual(list.rejections.map((one) => one.reason), ['not-gs1', 'missing-code']);
    assert.throws(() => createScanMapper({ preset: 'custom', pointers: { code: 'read' } }), /JSON pointer/);
    assert.throws(() => createScanMapper({ preset: 'custom' }), /JSON pointer/);
  });

  it('lets quantity and order of the label stand in for what the message does not say', () => {
    const label = `]C102${GTIN}3748\x1d400PO-77`;
    assert.deepEqual([scan(label).quantity, scan(label).po], ['48', 'PO-77']);
    const read = scan({ code: label, quantity: 47, po: 'PO-78' });
    assert.deepEqual([read.quantity, read.po, read.gs1?.quantity], ['47', 'PO-78', '48']);
  });
});

describe('Scan mapper: what goes to quarantine', () => {
  const cases: readonly [QuarantineReason, unknown, Partial<MapperOptions>?][] = [
    ['payload-too-large', 'x'.repeat(65_537)],
    ['payload-too-large', 'x'.repeat(11), { maxPayloadBytes: 10 }],
    ['empty-payload', ''],
    ['empty-payload', ' \r\n'],
    ['invalid-utf8', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
    ['invalid-utf8', '{"code":"x","note":"\\ud800"}'],
    ['malformed-json', '{"code": '],
    ['malformed-json', CODE, { preset: 'waybill' }],
    ['json-too-deep', `{"code":"x","n":${'['.repeat(20)}${']'.repeat(20)}}`],
    ['json-too-deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['unknown-format', { hello: 1 }],
    ['unknown-format', '7', { preset: 'waybill' }],
    ['missing-code', { id: 'x' }],
    ['missing-code', { id: 'x', code: '' }],
    ['missing-code', '[]'],
    ['bad-field', { code: { a: 1 } }],
    ['bad-field', { code: CODE, po: {} }],
    ['bad-field', { code: CODE, device: 'a\u0000b' }],
    ['bad-field', { code: CODE, final: 'maybe' }],
    ['bad-field', `{"code":"${CODE}","__proto__":{"admin":true}}`],
    ['field-too-long', { code: CODE, operator: 'x'.repeat(65) }],
    ['field-too-long', { code: '1'.repeat(4_297) }],
    ['bad-quantity', { code: CODE, quantity: -1 }],
    ['bad-quantity', { code: CODE, quantity: 0 }],
    ['bad-quantity', { code: CODE, quantity: '1e3' }],
    ['bad-quantity', { code: CODE, quantity: 1e21 }],
    ['bad-quantity', { code: CODE, quantity: '1.1234567' }],
    ['bad-quantity', { code: CODE, quantity: '12,5' }],
    ['bad-quantity', { code: CODE, quantity: true }],
    ['not-gs1', 'LOC-A-01'],
    ['unknown-ai', ']C105123'],
    ['truncated', CODE.slice(0, -4)],
    ['bad-check-digit', CODE.slice(0, -1) + ((Number(CODE.at(-1)) + 1) % 10)],
    ['bad-check-digit', { id: 'x', code: '9521234543214' }],
    ['bad-date', `]C101${GTIN}17261399`],
    ['bad-character', ']C110A\u0000'],
    ['too-long', `]C110${'A'.repeat(21)}`],
    ['conflicting-elements', ']C110A\x1d10B'],
    ['missing-code', ']C1'],
  ];
  for (const [expected, payload, options] of cases) {
    const shown = payload instanceof Uint8Array ? 'bytes' : (typeof payload === 'string' ? payload : JSON.stringify(payload)).slice(0, 48);
    it(`${expected}: ${JSON.stringify(shown)}`, () => assert.equal(reason(payload, options ?? {}), expected));
  }

  it('keeps what identifies the scan with the rejection', () => {
    const result = map({ id: 'e-9', device: 'ring-7', code: '9521234543214' });
    assert.ok(!result.ok);
    assert.deepEqual([result.transportId, result.deviceId, result.code], ['e-9', 'ring-7', '9521234543214']);
  });

  it('lets other labels pass where they are allowed, but no damaged GS1 code', () => {
    const options = { codes: 'any' } as const;
    assert.equal(scan('LOC-A-01', options).gs1, undefined);
    assert.equal(scan('7-ABC', options).gs1, undefined);
    assert.equal(scan(CODE, options).gs1?.sscc, SSCC);
    assert.equal(reason('9521234543214', options), 'bad-check-digit');
    assert.equal(reason(CODE.slice(0, -4), options), 'truncated');
  });

  it('holds no goods back for a clock that cannot be read', () => {
    for (const time of ['yesterday', 5, null, '2026-13-01T00:00:00Z', 1e300]) {
      const read = scan({ code: CODE, time });
      assert.equal(read.occurredAt, undefined);
      assert.deepEqual(read.extra, time === null ? {} : { time });
    }
  });

  it('accepts a quantity of nothing only with the last receipt of a line', () => {
    assert.equal(scan({ code: CODE, quantity: '0.0', final: true }).quantity, '0');
  });

  it('judges two-digit years by the time of receipt', () => {
    const mapper = createScanMapper({ preset: 'auto' });
    const label = Buffer.from(`]C101${GTIN}17800101`);
    const expiry = (at: number): string | undefined => {
      const result = mapper(label, { receivedAt: at });
      return result.ok ? result.scans[0]?.gs1?.expiry : undefined;
    };
    assert.deepEqual([expiry(Date.UTC(2026, 0, 1)), expiry(Date.UTC(2031, 0, 1)), expiry(Date.UTC(2029, 11, 31))], ['1980-01-01', '2080-01-01', '1980-01-01']);
  });
});

describe('Scan mapper: no input makes it throw', () => {
  it('gives scans or a reason for any bytes and any JSON', () => {
    const key = fc.constantFrom('code', 'id', 'device', 'quantity', 'final', 'time', 'po', 'scan_code', 'event_type', 'data', 'tagData', 'barcodeData', 'sequence', '__proto__');
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(CODE), fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })), fc.string({ unit: 'binary' }));
    const payload = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.oneof(fc.dictionary(key, value), fc.array(fc.dictionary(key, value), { maxLength: 3 })).map((document) => Buffer.from(JSON.stringify(document))));
    const preset = fc.constantFrom('auto', 'plain-text', 'proglove', 'zebra-rfd', 'waybill', 'custom' as const);
    fc.assert(fc.property(payload, preset, fc.constantFrom('gs1', 'any' as const), (bytes, chosen, codes) => {
      const result = createScanMapper({ preset: chosen, codes, pointers: { code: '/code', items: '' } })(bytes, { receivedAt });
      if (result.ok) assert.ok(result.scans.length > 0);
      else assert.ok(result.reason in QUARANTINE_MESSAGES);
    }), { numRuns: 3_000 });
  });
});
