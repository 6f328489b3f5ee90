import assert from 'node:assert/strict';
import { CloudEvent as Peer, HTTP, MQTT, type CloudEventV1 } from 'cloudevents';
import fc from 'fast-check';
import { decodeHeader, decodeHttp, decodeMqtt, encodeHeader, encodeHttp, encodeHttpBatch, encodeMqtt, instantOf } from '../../../src/intake/cloudevents/index.ts';
import type { CloudEvent, DecodedMessage, EventFaultCode } from '../../../src/intake/cloudevents/index.ts';

const limits = { maxBytes: 65_536 };
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const plain = { specversion: '1.0', id: 'A-1', source: '/erp/berlin', type: 'com.example.asn.sent' };

function one(message: DecodedMessage): CloudEvent {
  assert.ok(message.ok, JSON.stringify(message));
  const [first] = message.events;
  assert.ok(first?.ok, JSON.stringify(first));
  return first.event;
}

function refusal(message: DecodedMessage): EventFaultCode | undefined {
  if (!message.ok) return message.code;
  const [first] = message.events;
  return first === undefined || first.ok ? undefined : first.code;
}

const structured = (document: unknown): DecodedMessage => decodeMqtt(bytes(document), {}, limits);

describe('CloudEvents 1.0: attributes', () => {
  it('needs id, source, specversion and type (§3.2)', () => {
    for (const name of ['id', 'source', 'specversion', 'type'] as const) {
      assert.equal(refusal(structured({ ...plain, [name]: undefined })), 'event-attribute-missing', name);
      assert.equal(refusal(structured({ ...plain, [name]: null })), 'event-attribute-missing', `${name} null`);
      assert.equal(refusal(structured({ ...plain, [name]: '' })), 'event-attribute', `${name} empty`);
      assert.equal(refusal(structured({ ...plain, [name]: 7 })), 'event-attribute', `${name} number`);
    }
    assert.equal(refusal(structured({ ...plain, specversion: '0.3' })), 'event-version');
  });

  it('takes names of small letters and digits alone (§3.1)', () => {
    for (const name of ['Trace', 'trace-id', 'trace_id', 'spur ', 'ä', 'x'.repeat(65), '__proto__x']) assert.equal(refusal(structured({ ...plain, [name]: 'x' })), 'event-attribute', name);
    assert.deepEqual(one(structured({ ...plain, traceparent: '00-x', comexampleid2: 7, urgent: true })).extensions, { traceparent: '00-x', comexampleid2: 7, urgent: true });
  });

  it('takes extensions of the types that attributes have (§3.1)', () => {
    for (const value of [1.5, 2_147_483_648, [], {}, 'a\u0001', '\ud800', '\ufffe', 'x'.repeat(4_097)]) assert.equal(refusal(structured({ ...plain, ext: value })), typeof value === 'string' && !value.isWellFormed() ? 'event-not-json' : 'event-attribute', String(value));
    assert.equal(refusal(structured({ ...plain, ...Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`e${at}`, 'x'])) })), 'event-attribute');
  });

  it('has a URI reference as source, an absolute URI as dataschema, a media type as datacontenttype', () => {
    for (const source of ['/erp/berlin', 'https://erp.example/1?a=b', 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66', 'mailto:a@b.example', 'sensor-1', '%C3%A4']) assert.equal(one(structured({ ...plain, source })).source, source);
    for (const source of ['with space', 'ä', '%zz', '<x>', 'a\\b']) assert.equal(refusal(structured({ ...plain, source })), 'event-attribute', source);
    assert.equal(refusal(structured({ ...plain, dataschema: '/relative' })), 'event-attribute');
    assert.equal(one(structured({ ...plain, dataschema: 'https://x.example/asn#1' })).dataschema, 'https://x.example/asn#1');
    for (const datacontenttype of ['json', 'a/b/c', 'text/plain; charset', '']) assert.equal(refusal(structured({ ...plain, datacontenttype })), 'event-attribute', datacontenttype);
    assert.equal(one(structured({ ...plain, datacontenttype: 'text/plain; charset="utf-8"', data: 'x' })).data?.kind, 'text');
  });

  it('has an RFC 3339 time, and believes clocks of this age', () => {
    for (const time of ['2026-02-30T00:00:00Z', '2026-03-01', '2026-03-01T00:00:00', '2026-13-01T00:00:00Z', '2026-03-01T24:00:00Z', '2026-03-01T10:00:00+99:00', 'yesterday', '2025-02-29T00:00:00Z']) {
      assert.equal(refusal(structured({ ...plain, time })), 'event-attribute', time);
    }
    assert.equal(instantOf('2026-03-01t08:15:00.123456+01:00'), '2026-03-01T07:15:00.123Z');
    assert.equal(instantOf('2016-12-31T23:59:60Z'), '2016-12-31T23:59:59.000Z');
    assert.equal(one(structured({ ...plain, time: '2024-02-29T00:00:00Z' })).occurredAt, '2024-02-29T00:00:00.000Z');
    assert.equal(one(structured({ ...plain, time: '0001-01-01T00:00:00Z' })).occurredAt, undefined);
  });
});

describe('CloudEvents 1.0: formats and bindings', () => {
  it('reads data as JSON, text or bytes, and never both (JSON format §3.1)', () => {
    assert.deepEqual(one(structured({ ...plain, data: { sscc: '3' } })).data, { kind: 'json', value: { sscc: '3' } });
    assert.deepEqual(one(structured({ ...plain, data: 'x' })).data, { kind: 'json', value: 'x' });
    assert.deepEqual(one(structured({ ...plain, datacontenttype: 'application/vnd.x+json', data: [1] })).data, { kind: 'json', value: [1] });
    assert.deepEqual(one(structured({ ...plain, data_base64: 'AAE=' })).data, { kind: 'binary', base64: 'AAE=' });
    assert.equal(refusal(structured({ ...plain, data_base64: 'no base64' })), 'event-data');
    assert.equal(refusal(structured({ ...plain, data: 1, data_base64: 'AAE=' })), 'event-data');
    assert.equal(one(structured(plain)).data, undefined);
  });

  it('puts aside what is hostile', () => {
    const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
    const cases: readonly (readonly [DecodedMessage, EventFaultCode])[] = [
      [structured(`{"specversion":"1.0","id":"1","source":"/x","type":"t","data":${deep}}`), 'event-too-deep'],
      [structured('{"__proto__":{"x":1}}'), 'event-not-json'], [structured('{'), 'event-not-json'], [structured('  '), 'event-empty'], [structured('[]'), 'event-format'],
      [structured('"x"'), 'event-format'], [structured('{"a":1e999}'), 'event-not-json'], [decodeMqtt(Buffer.from([0xff, 0xfe]), {}, limits), 'event-not-utf8'],
      [decodeMqtt(Buffer.alloc(65_537, 0x20), {}, limits), 'event-too-large'], [decodeMqtt(bytes(plain), { contentType: 'application/cloudevents+avro' }, limits), 'event-format'],
      [decodeMqtt(bytes('{}'), { userProperties: { ...plain, id: ['1', '2'] } }, limits), 'event-attribute'],
      [decodeMqtt(bytes('{}'), { contentType: 'application/json', userProperties: { ...plain, datacontenttype: 'a/b' } }, limits), 'event-attribute'],
      [decodeHttp({ 'content-type': 'application/json' }, bytes('{}'), limits), 'event-format'],
      [decodeHttp({ 'content-type': 'application/cloudevents+xml' }, bytes('<x/>'), limits), 'event-format'],
      [decodeHttp({ 'ce-specversion': '1.0', 'ce-id': ['1', '2'] }, bytes(''), limits), 'event-attribute'],
      [decodeHttp({ 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/x', 'ce-type': 't', 'ce-datacontenttype': 'a/b' }, bytes(''), limits), 'event-attribute'],
      [decodeHttp({ 'ce-specversion': '1.0', 'ce-id': '%FF', 'ce-source': '/x', 'ce-type': 't' }, bytes(''), limits), 'event-attribute'],
      [decodeHttp({ 'content-type': 'application/cloudevents-batch+json' }, bytes(plain), limits), 'event-batch'],
      [decodeHttp({ 'content-type': 'application/cloudevents-batch+json' }, bytes([plain, plain]), { ...limits, maxEvents: 1 }), 'event-batch'],
      [decodeHttp({ 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/x', 'ce-type': 't' }, bytes('{'), limits), 'event-not-json'],
    ];
    for (const [message, code] of cases) assert.equal(refusal(message), code, JSON.stringify(message));
  });

  it('judges the events of a batch one by one (JSON format §4)', () => {
    const read = decodeHttp({ 'content-type': 'application/cloudevents-batch+json; charset=UTF-8' }, bytes([plain, { ...plain, id: '' }, plain]), limits);
    assert.ok(read.ok && read.batched);
    assert.deepEqual(read.events.map((event) => event.ok), [true, false, true]);
    const none = decodeHttp({ 'content-type': 'application/cloudevents-batch+json' }, bytes([]), limits);
    assert.ok(none.ok && none.events.length === 0);
  });

  it('decodes header values in one round, quoted or not (HTTP binding §3.1.3.2)', () => {
    assert.equal(encodeHeader('Euro € 😀 "x" 50%'), 'Euro%20%E2%82%AC%20%F0%9F%98%80%20%22x%22%2050%25');
    for (const [value, text] of [['Euro%20%e2%82%ac', 'Euro €'], ['"quoted \\"x\\""', 'quoted "x"'], ['%2541', '%41'], ['50%', '50%'], ['a b', 'a b']] as const) assert.equal(decodeHeader(value), text);
    assert.equal(decodeHeader('\u00e4'), undefined);
  });

  it('brings any text through headers unchanged', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => { assert.equal(decodeHeader(encodeHeader(text)), text); }));
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.string(), { nil: undefined }), fc.dictionary(fc.string(), fc.string()), (payload, contentType, userProperties) => {
      decodeMqtt(payload, { ...(contentType === undefined ? {} : { contentType }), userProperties }, limits);
      decodeHttp({ ...userProperties, ...(contentType === undefined ? {} : { 'content-type': contentType }) }, payload, limits);
    }), { numRuns: 300 });
    fc.assert(fc.property(fc.json(), (json) => { structured(json); }), { numRuns: 300 });
  });
});

describe('CloudEvents 1.0: beside the SDK of the project', () => {
  const sent = (): Peer<unknown> => new Peer({ ...plain, subject: 'Größe "x" 50%', time: '2026-03-01T08:15:00.000Z', datacontenttype: 'application/json', dataschema: 'https://x.example/s', traceparent: '00-1', data: { sscc: '340123450000000018', n: 3 } });
  const ours: CloudEvent = {
    id: 'A-1', source: '/erp/berlin', type: 'com.example.asn.sent', subject: 'Größe "x" 50%', time: '2026-03-01T08:15:00.000Z', occurredAt: '2026-03-01T08:15:00.000Z',
    datacontenttype: 'application/json', dataschema: 'https://x.example/s', extensions: { traceparent: '00-1' }, data: { kind: 'json', value: { sscc: '340123450000000018', n: 3 } },
  };
  const same = (event: CloudEventV1<unknown>): void => {
    const { id, source, type, subject, time, datacontenttype, dataschema, data } = event;
    assert.deepEqual({ id, source, type, subject, time, datacontenttype, dataschema, data, traceparent: event['traceparent'] }, {
      id: 'A-1', source: '/erp/berlin', type: 'com.example.asn.sent', subject: 'Größe "x" 50%', time: '2026-03-01T08:15:00.000Z', datacontenttype: 'application/json', dataschema: 'https://x.example/s',
      data: { sscc: '340123450000000018', n: 3 }, traceparent: '00-1',
    });
  };
  const headersOf = (headers: object): Record<string, string> => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

  it('reads what it sends over HTTP: structured, and binary of ASCII', () => {
    const whole = HTTP.structured(sent());
    assert.deepEqual(one(decodeHttp(headersOf(whole.headers), bytes(whole.body), limits)), ours);
    // the SDK does not percent-encode header values; an attribute of ASCII is the same either way
    const ascii = HTTP.binary(sent().cloneWith({ subject: 'plain' }));
    assert.deepEqual(one(decodeHttp(headersOf(ascii.headers), bytes(ascii.body), limits)), { ...ours, subject: 'plain' });
  });

  it('is read by it over HTTP: structured, binary and in batches', () => {
    const whole = encodeHttp(ours, 'structured');
    same(HTTP.toEvent({ headers: { ...whole.headers }, body: Buffer.from(whole.body).toString() }) as Peer<unknown>);
    const binary = encodeHttp({ ...ours, subject: 'plain' }, 'binary');
    same((HTTP.toEvent({ headers: { ...binary.headers }, body: Buffer.from(binary.body).toString() }) as Peer<unknown>).cloneWith({ subject: 'Größe "x" 50%' }));
    const batch = encodeHttpBatch([ours, ours]);
    const read = HTTP.toEvent({ headers: { ...batch.headers }, body: Buffer.from(batch.body).toString() });
    assert.ok(Array.isArray(read) && read.length === 2);
    read.forEach(same);
  });

  it('reads what it sends over MQTT and is read by it, binary and structured', () => {
    for (const mode of ['binary', 'structured'] as const) {
      const message = MQTT[mode](sent()) as { readonly payload?: unknown; readonly body?: unknown; readonly PUBLISH?: Record<string, string>; readonly 'User Properties'?: Record<string, string> };
      const contentType = message.PUBLISH?.['Content Type'] ?? message.PUBLISH?.['content-type'];
      const body = message.payload ?? message.body;
      const event = one(decodeMqtt(bytes(body), { ...(contentType === undefined ? {} : { contentType }), userProperties: userPropertiesOf(message['User Properties']) }, limits));
      assert.deepEqual(event, ours, mode);
      const written = encodeMqtt(ours, mode);
      const text = Buffer.from(written.payload).toString();
      // the SDK takes the parts of a message as a client library left them: parsed, and with the content type among the attributes
      same(MQTT.toEvent({
        headers: { ...written.userProperties, datacontenttype: written.contentType ?? '' }, body: mode === 'binary' ? JSON.parse(text) as unknown : text,
        PUBLISH: { 'Content Type': written.contentType },
      } as never) as Peer<unknown>);
    }
  });

  function userPropertiesOf(found: Record<string, string> | undefined): Record<string, string> {
    return Object.fromEntries(Object.entries(found ?? {}).filter(([, value]) => value !== undefined));
  }
});
