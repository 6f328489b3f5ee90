import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { importOpenApi, OpenApiError } from '../../../src/connectors/openapi/index.ts';
import type { DriverCall, WireRequest } from '../../../src/connectors/driver.ts';
import { restDriver } from '../../../src/connectors/rest/driver.ts';
import { contractFaults } from '../../../src/engine/services/contracts.ts';
import type { Json } from '../../../src/domain/json.ts';

const options = { id: 'wms/orders', system: 'wms', date: '2026-03-02' };
const ORDERS = readFileSync(path.join(import.meta.dirname, 'orders.yaml'), 'utf8');

function firstRequest(definition: ReturnType<typeof importOpenApi>['definition'], name: string, document: Json): WireRequest {
  const operation = definition.operations[name];
  assert.ok(operation, name);
  const call: DriverCall = { service: definition, operation, document, idempotencyKey: 'key-1', repeated: false, memory: new Map(), now: 0 };
  const next = restDriver.call(call).next();
  assert.equal(next.done, false);
  return next.value as WireRequest;
}

describe('a service from an OpenAPI document', () => {
  it('takes over operations, parameters, contracts and sign-in of a document in YAML, version 3.0', () => {
    const { definition, notes } = importOpenApi(ORDERS, options);
    assert.deepEqual(Object.keys(definition.operations), ['listOrders', 'createOrder', 'getOrdersNumber', 'changeOrder']);
    assert.deepEqual([definition.title, definition.owner, definition.system, definition.authentication], ['Orders of a WMS', 'Warehouse IT', 'wms', { kind: 'oauth2-client-credentials', tokenUrl: 'https://login.example/token', scope: 'orders' }]);
    const { createOrder, changeOrder, listOrders } = definition.operations;
    assert.deepEqual([createOrder?.effect, createOrder?.recovery, createOrder?.idempotency], ['writes', { by: 'same-key' }, { in: 'header', name: 'Idempotency-Key', maxLength: 36 }]);
    assert.deepEqual([changeOrder?.recovery, listOrders?.recovery], [{ by: 'none' }, { by: 'safe' }]);
    assert.deepEqual(restDriver.problems(definition), []);
    assert.match(notes.join('\n'), /uploadLabel is left out: its body is image\/png/);
    assert.match(notes.join('\n'), /changeOrder: say where the idempotency key goes/);
    assert.match(notes.join('\n'), /names https:\/\/wms\.example\/v2/);
  });

  it('makes contracts that are complete in themselves, with circles, null and exclusive bounds', () => {
    const { definition } = importOpenApi(ORDERS, options);
    const faults = (name: string, document: Json): readonly string[] => contractFaults(definition.operations[name]?.request, document, name).map(({ at, message }) => `${at} ${message}`);
    const order = { number: 'A1', lines: [{ sku: '4711', quantity: '7.5', parent: { sku: '1', quantity: '1' } }], note: null };
    assert.deepEqual(faults('createOrder', order), []);
    assert.deepEqual(faults('createOrder', { ...order, lines: [{ sku: '4711', quantity: 'x', weight: 0 }], note: 7 }), [
      '/note must be string,null', '/lines/0/quantity must match pattern "^\\d+(\\.\\d+)?$" (a decimal number as text)', '/lines/0/weight must be > 0',
    ]);
    assert.deepEqual(faults('getOrdersNumber', {}), [' must have required property \'number\'']);
    assert.deepEqual(contractFaults(definition.operations['createOrder']?.answer, { id: 7 }, 'answer'), [{ at: '', message: 'must have required property \'number\'' }, { at: '', message: 'must have required property \'lines\'' }]);
    assert.deepEqual(contractFaults(definition.operations['createOrder']?.answer, { id: 7, number: 'A', lines: [] }, 'answer'), []);
  });

  it('is spoken by the driver: path, query, header, body and key', () => {
    const { definition } = importOpenApi(ORDERS, options);
    assert.deepEqual(firstRequest(definition, 'listOrders', { state: ['open', 'picked & packed'], page: 2 }), { method: 'GET', path: '/orders?state=open&state=picked%20%26%20packed&page=2', headers: { accept: 'application/json' }, body: undefined, safe: true });
    const change = firstRequest(definition, 'changeOrder', { 'number': '4/7 ä', 'If-Match': '"3"', 'body': { note: 'x' } });
    assert.deepEqual([change.method, change.path, change.headers['if-match'], change.headers['content-type'], change.body], ['PATCH', '/orders/4%2F7%20%C3%A4', '"3"', 'application/merge-patch+json', '{"note":"x"}']);
    const create = firstRequest(definition, 'createOrder', { number: 'A1' });
    assert.deepEqual([create.path, create.headers['idempotency-key'], create.body], ['/orders', 'key-1', '{"number":"A1"}']);
  });

  it('reads version 3.1 in JSON, with what stands beside a reference, and only the operations that are wanted', () => {
    const document = {
      openapi: '3.1.0', info: { title: 'T', version: '1' }, components: { schemas: { N: { type: ['integer', 'null'], exclusiveMinimum: 0 } }, securitySchemes: { k: { type: 'apiKey', in: 'query', name: 'key' } } },
      paths: { '/a': { get: { parameters: [{ name: 'n', in: 'query', schema: { $ref: '#/components/schemas/N', maximum: 9 } }], responses: { 200: { description: '' } } } }, '/b': { post: { operationId: 'b', responses: {} } } },
    };
    const { definition } = importOpenApi(JSON.stringify(document), { ...options, only: ['getA'] });
    assert.deepEqual(Object.keys(definition.operations), ['getA']);
    assert.deepEqual(definition.authentication, { kind: 'api-key', in: 'query', name: 'key' });
    const contract = definition.operations['getA']?.request;
    assert.deepEqual([{ n: 3 }, { n: null }, { n: 0 }, { n: 10 }].map((value) => contractFaults(contract, value, 'n').length), [0, 0, 1, 1]);
  });

  const broken = (more: object): string => JSON.stringify({ openapi: '3.0.3', info: {}, paths: { '/a': { post: { requestBody: { content: { 'application/json': { schema: more } } }, responses: {} } } } });
  for (const [what, text, said] of [
    ['a remote reference', broken({ $ref: 'https://evil.example/schema.json' }), /\/paths\/~1a\/post\/requestBody\/content\/application~1json\/schema\/\$ref: It refers to "https:\/\/evil\.example\/schema\.json", which is outside of the document and is not fetched; bundle/],
    ['a reference to a file', broken({ $ref: './order.yaml#/Order' }), /outside of the document/],
    ['a reference that leads nowhere', broken({ $ref: '#/components/schemas/Gone' }), /"#\/components\/schemas\/Gone", where nothing is/],
    ['Swagger 2', '{"swagger":"2.0"}', /have it converted/],
    ['another version', '{"openapi":"4.0.0"}', /OpenAPI 4\.0\.0 is not known/],
    ['no OpenAPI', 'just text', /holds no object/],
    ['broken JSON', '{"openapi":', /cannot be read/],
    ['broken YAML', 'a: [1\nb: 2', /cannot be read/],
    ['a document that multiplies itself', `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? 'a' : `b${i - 1}`},`.repeat(9)}]`).join('\n')}\nopenapi: 3.0.0\n`, /cannot be read/],
    ['no operation', '{"openapi":"3.0.0","info":{},"paths":{}}', /no operation/],
  ] as const) it(`refuses ${what}`, () => { assert.throws(() => importOpenApi(text, options), (error: Error) => error instanceof OpenApiError && said.test(error.message), what); });
});
