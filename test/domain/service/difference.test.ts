import assert from 'node:assert/strict';
import { leastVersion, raisedEnough, serviceDifference, weightOf } from '../../../src/domain/service/index.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';
import { contractChanges } from '../../../src/domain/service/contract-change.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

const operation: ServiceOperation = {
  title: 'Post', effect: 'writes', idempotency: { in: 'header', name: 'Idempotency-Key' }, recovery: { by: 'same-key' }, binding: {},
  request: { type: 'object', properties: { number: { type: 'string', maxLength: 10 }, unit: { enum: ['EA', 'KG'] } }, required: ['number'], additionalProperties: false },
  answer: { type: 'object', properties: { receipt: { type: 'string' } }, required: ['receipt'] },
};

const service = (changes: Partial<ServiceDefinition> = {}, post: Partial<ServiceOperation> = {}): ServiceDefinition => ({
  id: 'erp/x', version: '1.0.0', title: 'X', owner: 'IT', system: 'erp', protocol: 'rest', objects: [{ object: 'stock', authoritative: true, steward: 'Ada' }],
  operations: { post: { ...operation, ...post } }, authentication: { kind: 'bearer' }, limits: { concurrency: 4, perSecond: 10, burst: 10 }, timeouts: { connectMs: 1, headersMs: 1, totalMs: 1 },
  retry: { maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 1, maxDelaySeconds: 1 }, circuit: { failures: 1, openSeconds: 1 }, classification: 'internal', ...changes,
});

const request = (change: (schema: { properties: Record<string, JsonObject>; required: string[] } & Record<string, unknown>) => void): Partial<ServiceOperation> => {
  const schema = structuredClone(operation.request) as never;
  change(schema);
  return { request: schema };
};

describe('the difference of two versions of a service', () => {
  const weighs = (after: ServiceDefinition): string | undefined => weightOf(serviceDifference(service(), after));

  it('weighs each change by what it means for those who call', () => {
    const cases: readonly [string, string | undefined, ServiceDefinition][] = [
      ['nothing', undefined, service()],
      ['an operation gone', 'breaking', service({ operations: { other: operation } })],
      ['an operation more', 'adding', service({ operations: { post: operation, other: operation } })],
      ['it reads where it wrote', 'breaking', service({}, { effect: 'reads' })],
      ['a field required', 'breaking', service({}, request((schema) => { schema.required.push('unit'); }))],
      ['a shorter field', 'breaking', service({}, request((schema) => { schema.properties['number'] = { type: 'string', maxLength: 8 }; }))],
      ['a longer field', 'adding', service({}, request((schema) => { schema.properties['number'] = { type: 'string', maxLength: 20 }; }))],
      ['a unit less', 'breaking', service({}, request((schema) => { schema.properties['unit'] = { enum: ['EA'] }; }))],
      ['a field more that may be given', 'adding', service({}, request((schema) => { schema.properties['lot'] = { type: 'string' }; }))],
      ['a request where none was needed', 'adding', service({}, { request: true })],
      ['an answer that may lack something', 'breaking', service({}, { answer: { type: 'object', properties: { receipt: { type: 'string' } } } })],
      ['an answer that says more', 'adding', service({}, { answer: { type: 'object', properties: { receipt: { type: 'string', minLength: 1 } }, required: ['receipt'] } })],
      ['an answer without a field', 'breaking', service({}, { answer: { type: 'object', required: ['receipt'] } })],
      ['another pattern', 'breaking', service({}, request((schema) => { schema.properties['number'] = { type: 'string', maxLength: 10, pattern: '^A' }; }))],
      ['words alone', undefined, service({}, request((schema) => { schema.properties['number'] = { type: 'string', maxLength: 10, title: 'Number' }; }))],
      ['the key elsewhere', 'breaking', service({}, { idempotency: { in: 'header', name: 'X-Key' } })],
      ['no key any more', 'breaking', service({}, { idempotency: undefined } as never)],
      ['another sign-in', 'breaking', service({ authentication: { kind: 'basic' } })],
      ['another system', 'breaking', service({ system: 'wms' })],
      ['fewer calls a second', 'adding', service({ limits: { concurrency: 4, perSecond: 5, burst: 10 } })],
      ['no limit any more', 'repair', service({ limits: { concurrency: 0, perSecond: 10, burst: 10 } })],
      ['a quota', 'adding', service({ limits: { concurrency: 4, perSecond: 10, burst: 10, quota: { calls: 5, per: 'day' } } })],
      ['another way to speak it', 'repair', service({}, { binding: { path: '/v2' } })],
      ['another steward', undefined, service({ objects: [{ object: 'stock', authoritative: true, steward: 'Bert' }] })],
      ['no longer the one that counts', 'adding', service({ objects: [{ object: 'stock', authoritative: false, steward: 'Ada' }] })],
    ];
    assert.deepEqual(cases.map(([name, , after]) => [name, weighs(after)]), cases.map(([name, weight]) => [name, weight]));
  });

  it('compares what is referred to, ends where references are a circle, and says where it cannot tell', () => {
    const node = (more: JsonObject): JsonObject => ({ $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, ...more } } } });
    assert.deepEqual(contractChanges(node({}), node({})), []);
    assert.deepEqual(contractChanges(node({ a: { type: 'string' } }), node({ a: { type: 'integer' } })).map(({ at, how }) => [at, how]), [['/properties/a', 'unclear']]);
    assert.deepEqual(contractChanges({ type: ['string', 'null'] }, { type: 'string' })[0]?.how, 'narrower');
    assert.deepEqual(contractChanges({ type: 'integer' }, { type: 'number' })[0]?.how, 'wider');
    assert.deepEqual(contractChanges({ oneOf: [{ const: 1 }, { const: 2 }] }, { oneOf: [{ const: 2 }, { const: 1 }, { const: 3 }] }).map(({ how, message }) => [how, message]), [['wider', '1 of the forms are new']]);
    assert.deepEqual(contractChanges({ items: { maxLength: 3 } }, { items: false }).map(({ at, how }) => [at, how]), [['/items', 'narrower']]);
    assert.deepEqual(contractChanges(undefined, false).map(({ how }) => how), ['narrower']);
  });
});

describe('the version of a service', () => {
  it('is raised by the weight of what changed, below 1.0.0 one place further right', () => {
    assert.deepEqual((['breaking', 'adding', 'repair'] as const).map((weight) => leastVersion('1.2.3', weight)), ['2.0.0', '1.3.0', '1.2.4']);
    assert.deepEqual((['breaking', 'adding', 'repair'] as const).map((weight) => leastVersion('0.2.3', weight)), ['0.3.0', '0.2.4', '0.2.4']);
    assert.deepEqual([['2.0.0', 'breaking'], ['1.9.0', 'breaking'], ['1.3.0', 'adding'], ['1.2.9', 'adding'], ['2.0.0-beta.1', 'breaking'], ['3.0.0', 'repair']].map(([version, weight]) => raisedEnough('1.2.3', version!, weight as never)), [true, false, true, false, true, true]);
  });
});
