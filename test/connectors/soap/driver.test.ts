import assert from 'node:assert/strict';
import { DriverError } from '../../../src/connectors/driver.ts';
import type { DriverCall, Outcome, WireRequest, WireResult } from '../../../src/connectors/driver.ts';
import { importWsdl, soapDriver } from '../../../src/connectors/soap/index.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';

const wsdl = (types: string, use = 'literal'): string => `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
  <w:types>${types}</w:types>
  <w:message name="in"><w:part name="number" type="x:string"/><w:part name="order" type="t:Order"/></w:message><w:message name="out"><w:part name="state" type="t:State"/></w:message>
  <w:portType name="P"><w:operation name="put"><w:input message="t:in"/><w:output message="t:out"/></w:operation></w:portType>
  <w:binding name="B" type="t:P"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/><w:operation name="put"><s:operation soapAction="urn:put"/><w:input><s:body use="${use}" namespace="urn:rpc"/></w:input><w:output><s:body use="${use}" namespace="urn:rpc"/></w:output></w:operation></w:binding>
</w:definitions>`;
const TYPES = `<x:schema targetNamespace="urn:t"><x:complexType name="Base"><x:sequence><x:element name="id" type="x:long"/></x:sequence></x:complexType>
  <x:complexType name="Order"><x:complexContent><x:extension base="t:Base"><x:sequence><x:element name="due" type="x:dateTime" minOccurs="0"/><x:element name="part" type="t:Order" minOccurs="0" maxOccurs="unbounded"/></x:sequence></x:extension></x:complexContent></x:complexType>
  <x:simpleType name="State"><x:restriction base="x:string"><x:enumeration value="open"/><x:enumeration value="closed"/></x:restriction></x:simpleType></x:schema>`;
const options = { id: 'erp/orders', date: '2026-11-30', beside: (name: string): string => assert.fail(name) };

function imported(): ServiceDefinition {
  return importWsdl(wsdl(TYPES), options).definition;
}

function run(service: ServiceDefinition, document: DriverCall['document'], answer: string | WireResult, more: Partial<DriverCall> = {}): { readonly request: WireRequest; readonly outcome: Outcome } {
  const operation = service.operations['put'];
  assert.ok(operation !== undefined);
  const steps = soapDriver.call({ service, operation, document, idempotencyKey: undefined, repeated: false, memory: new Map(), now: Date.UTC(2026, 10, 30), ...more });
  const first = steps.next();
  assert.ok(first.done !== true);
  const last = steps.next(typeof answer === 'string' ? { kind: 'response', status: 200, headers: {}, body: Buffer.from(answer), truncated: false } : answer);
  assert.ok(last.done === true);
  return { request: first.value, outcome: last.value };
}

const answered = (body: string, ns = 'http://schemas.xmlsoap.org/soap/envelope/'): string => `<e:Envelope xmlns:e="${ns}"><e:Body>${body}</e:Body></e:Envelope>`;
const DONE = answered('<r:putResponse xmlns:r="urn:rpc"><state>open</state></r:putResponse>');
const ORDER = { number: 'N1', order: { id: '9223372036854775807', part: [{ id: '1' }] } };

describe('SOAP', () => {
  it('in RPC style names the element after the operation, and its parts are in no namespace', () => {
    const { request, outcome } = run(imported(), ORDER, DONE);
    assert.equal(request.headers['soapaction'], '"urn:put"');
    assert.equal(request.body, '<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><put xmlns="urn:rpc"><number xmlns="">N1</number><order xmlns=""><id xmlns="">9223372036854775807</id><part xmlns=""><id xmlns="">1</id></part></order></put></soap:Body></soap:Envelope>');
    assert.deepEqual(outcome, { kind: 'done', answer: { state: 'open' }, status: 200 });
  });

  it('refuses what the document lacks, or has otherwise, before anything is sent', () => {
    for (const [document, told] of [[{ number: 'N1' }, /nothing at \/order/], [{ number: 'N1', order: { id: 1.5 } }, /no decimal number/], [{ number: 'N1', order: { id: '1', due: '2026-11-30T08:15:00' } }, /without a zone/], [{ number: 'a\u0000', order: { id: '1' } }, /XML does not carry/], [{ number: 'N1', order: { id: '1', part: { id: '1' } } }, /no list/]] as const) {
      assert.throws(() => run(imported(), document, DONE), (error: unknown) => error instanceof DriverError && told.test(error.message));
    }
  });

  it('does not know what became of a call whose answer plays tricks, is something else, or is endless', () => {
    const bomb = `<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>${DONE}`;
    const fetching = `<!DOCTYPE a SYSTEM "file:///etc/passwd">${DONE}`;
    for (const answer of [bomb, fetching, '<html/>', answered('<other/>'), DONE.slice(0, 80), '', answered('<r:putResponse xmlns:r="urn:rpc"><state>open</state><state>open</state></r:putResponse>')]) {
      const { outcome } = run(imported(), ORDER, answer);
      assert.equal(outcome.kind, 'unknown', answer);
    }
    assert.equal(run(imported(), ORDER, { kind: 'response', status: 200, headers: {}, body: Buffer.from(DONE), truncated: true }).outcome.kind, 'unknown');
  });

  it('goes by what the service says of a fault', () => {
    const service = imported();
    const put = service.operations['put'];
    assert.ok(put !== undefined);
    const fault = (code: string, detail = ''): WireResult => ({ kind: 'response', status: 500, headers: {}, truncated: false, body: Buffer.from(answered(`<e:Fault><faultcode>e:${code}</faultcode><faultstring>No.</faultstring><detail>${detail}</detail></e:Fault>`)) });
    const known = { ...service, operations: { put: { ...put, binding: { ...put.binding, faults: { Locked: 'again', Changed: 'conflict' } } } } };
    assert.deepEqual([run(known, ORDER, fault('Server', '<q:Locked xmlns:q="urn:q">by kim</q:Locked>')).outcome.kind, run(known, ORDER, fault('Client', '<Changed/>')).outcome.kind, run(known, ORDER, fault('Client')).outcome.kind, run(known, ORDER, fault('Server')).outcome.kind, run(known, ORDER, fault('FailedAuthentication')).outcome], ['again', 'conflict', 'refused', 'unknown', { kind: 'again', problem: { title: 'No.', status: 500, code: 'FailedAuthentication', errorClass: 'not-authorised' }, hopeless: true }]);
  });

  it('signs in by WS-Security with a digest, and with the password itself over TLS only', () => {
    const service: ServiceDefinition = { ...imported(), authentication: { kind: 'session' } };
    const credentials = { user: 'kim', password: 'Quay7' };
    const { request } = run(service, ORDER, DONE, { credentials });
    assert.match(String(request.body), /PasswordDigest">[A-Za-z0-9+/]{27}=<.*<wsu:Created>2026-11-30T00:00:00.000Z</);
    assert.ok(!String(request.body).includes('Quay7'));
    const plain = { ...service, binding: { ...service.binding, security: 'password-text' } };
    assert.throws(() => run(plain, ORDER, DONE, { credentials, address: 'http://erp.example' }), /https/);
    assert.match(String(run(plain, ORDER, DONE, { credentials, address: 'https://erp.example' }).request.body), /PasswordText">Quay7</);
  });
});

describe('a WSDL', () => {
  it('becomes a draft whose contracts are complete, circles of types included', () => {
    const { definition, notes } = importWsdl(wsdl(TYPES), options);
    const { request, answer, binding } = definition.operations['put'] ?? {};
    assert.deepEqual(binding, { path: '/', action: 'urn:put', request: { name: 'put', ns: 'urn:rpc', type: '#put' }, answer: { name: 'putResponse', ns: 'urn:rpc', type: '#putResponse' } });
    assert.deepEqual(request, {
      type: 'object', properties: { number: { type: 'string' }, order: { $ref: '#/$defs/Order' } }, required: ['number', 'order'], additionalProperties: false,
      $defs: { Order: { type: 'object', properties: { id: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' }, due: { type: 'string' }, part: { type: 'array', items: { $ref: '#/$defs/Order' } } }, required: ['id'], additionalProperties: false } },
    });
    assert.deepEqual(answer, { type: 'object', properties: { state: { type: 'string', enum: ['open', 'closed'] } }, required: ['state'], additionalProperties: false });
    assert.deepEqual(soapDriver.problems(definition), []);
    assert.ok(notes.some((note) => note.includes('"recovery"')));
  });

  it('imports files beside it', () => {
    const text = wsdl('<x:schema><x:include schemaLocation="./types/orders.xsd"/></x:schema>');
    assert.deepEqual(Object.keys(importWsdl(text, { ...options, beside: (name) => (name === 'types/orders.xsd' ? TYPES.replace('<x:schema', '<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t"') : assert.fail(name)) }).definition.operations), ['put']);
  });

  for (const [what, text, told] of [
    ['an address', wsdl('<x:schema><x:import schemaLocation="https://evil.example/x.xsd"/></x:schema>'), /not fetched/], ['a file elsewhere', wsdl('<x:schema><x:include schemaLocation="../../etc/passwd"/></x:schema>'), /outside of its folder/],
    ['an absolute file', wsdl('<x:schema><x:include schemaLocation="/etc/passwd"/></x:schema>'), /not fetched/], ['entities', `<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>${wsdl(TYPES)}`, /DOCTYPE/], ['the encoding of SOAP', wsdl(TYPES, 'encoded'), /encoding of SOAP/],
    ['no WSDL', '<a/>', /no WSDL 1\.1/], ['a type that is nowhere', wsdl('<x:schema targetNamespace="urn:t"/>'), /nowhere in the document/],
  ] as const) it(`with ${what} is refused`, () => { assert.throws(() => importWsdl(text, options), told); });
});
