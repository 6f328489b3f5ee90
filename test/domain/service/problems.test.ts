import assert from 'node:assert/strict';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { serviceProblems } from '../../../src/domain/service/index.ts';
import type { Authentication, IdempotencyPlace, ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';
import { allDefinitionProblems } from '../../../src/governance/service/check.ts';
import { readServiceFolder } from '../../../src/governance/service/folder.ts';

const { definition: good } = readServiceFolder(path.join(ROOT, 'services', 'erp', 'goods-receipt'));
const operation = (name: string, changes: Partial<ServiceOperation>): Partial<ServiceDefinition> => ({ operations: { ...good.operations, [name]: { ...good.operations[name]!, ...changes } } });
const said = (changes: Partial<ServiceDefinition>): readonly string[] => serviceProblems({ ...good, ...changes }).map(({ at, message }) => `${at}: ${message}`);

function finds(changes: Partial<ServiceDefinition>, at: string, message: RegExp): void {
  const found = serviceProblems({ ...good, ...changes });
  assert.equal(found.length, 1, JSON.stringify(found));
  assert.equal(found[0]!.at, at);
  assert.match(found[0]!.message, message);
  assert.match(found[0]!.message, /^[A-Z0-9"][^\n]*\.$/s);
}

describe('what is wrong with a service definition', () => {
  it('is nothing for those of the repository', () => {
    assert.deepEqual(said({}), []);
    assert.deepEqual(allDefinitionProblems(readServiceFolder(path.join(ROOT, 'services', 'carrier', 'shipments')).definition), []);
  });

  it('is a business operation that is none, is there twice, or has no mapping of its contract', () => {
    const mapping = { rows: [{ to: '/po', from: '/number' }] };
    const reads = Object.keys(good.operations).filter((name) => good.operations[name]?.effect === 'reads');
    const [one = '', other = ''] = reads;
    const writes = Object.keys(good.operations).find((name) => good.operations[name]?.effect === 'writes') ?? '';
    const gives = { contract: 'inventory@1.0.0', mapping };
    finds(operation(one, { business: { as: 'fetch-stock' } }), `/operations/${one}/business/as`, /no business operation "fetch-stock"; it is one of read-purchase-order/);
    finds(operation(one, { business: { as: 'read-stock' } }), `/operations/${one}/business/gives`, /gives the contract "inventory"/);
    finds(operation(writes, { business: { as: 'read-stock', gives } }), `/operations/${writes}/business/as`, /"read-stock" reads, and the operation writes/);
    finds(operation(one, { business: { as: 'read-stock', gives: { contract: 'inventory@1.0.0', mapping: { rows: [{ to: 'lines' } as never] } } } }), `/operations/${one}/business/gives/mapping`, /./);
    const both = { operations: { ...operation(one, { business: { as: 'read-stock', gives } }).operations, ...Object.fromEntries([[other, { ...good.operations[other]!, business: { as: 'read-stock', gives } }]]) } };
    finds(both, `/operations/${other}/business/as`, /is "read-stock" already/);
  });

  it('is a limit, a time or a retry that contradicts another', () => {
    finds({ limits: { concurrency: 1, perSecond: 5, burst: 0 } }, '/limits/burst', /a burst of at least 1 is needed/);
    finds({ limits: { concurrency: 1, perSecond: 0, burst: 5 } }, '/limits/burst', /only beside "perSecond"/);
    finds({ limits: { concurrency: 1, perSecond: 1, burst: 5, quota: { calls: 4_000, per: 'hour' } } }, '/limits/quota/calls', /no more than 3600 calls fit into an hour/);
    finds({ limits: { concurrency: 9, perSecond: 0, burst: 0, quota: { calls: 5, per: 'day' } } }, '/limits/concurrency', /more than the quota of 5/);
    finds({ timeouts: { connectMs: 1_000, headersMs: 9_000, totalMs: 5_000 } }, '/timeouts/headersMs', /longer than the whole exchange/);
    finds({ retry: { ...good.retry, baseDelaySeconds: 90, maxDelaySeconds: 60 } }, '/retry/baseDelaySeconds', /longer than the longest one of 60 s/);
    finds({ retry: { ...good.retry, maxAttempts: 8, maxMinutes: 0 } }, '/retry/maxMinutes', /none of the 8 attempts is made again/);
    assert.deepEqual(said({ retry: { ...good.retry, maxAttempts: 1, maxMinutes: 0 } }), [], 'one attempt needs no time for more');
  });

  it('is a recovery that nobody can carry out', () => {
    finds(operation('postReceipt', { recovery: { by: 'safe' } }), '/operations/postReceipt/recovery/by', /not repeated at will/);
    finds(operation('postReceipt', { recovery: { by: 'query', operation: 'none', document: {} } }), '/operations/postReceipt/recovery/operation', /no operation "none"; name one of getShipNotice, /);
    finds(operation('postReceipt', { recovery: { by: 'query', operation: 'postReceipt', document: {} } }), '/operations/postReceipt/recovery/operation', /cannot ask itself/);
    finds(operation('postReceipt', { recovery: { by: 'query', operation: 'reverseReceipt', document: {} } }), '/operations/postReceipt/recovery/operation', /"reverseReceipt" writes/);
    const { idempotency: _key, ...without } = good.operations['postReceipt']!;
    finds({ operations: { postReceipt: without } }, '/operations/postReceipt/recovery/by', /needs a place for the key/);
  });

  it('is an idempotency key that fits nowhere', () => {
    const at = (idempotency: IdempotencyPlace, changes: Partial<ServiceOperation> = {}): Partial<ServiceDefinition> => operation('postReceipt', { idempotency, ...changes });
    const place = '/operations/postReceipt/idempotency';
    finds(at({ in: 'header', name: 'Idempotency Key' }), `${place}/name`, /cannot be the name of a header/);
    finds(at({ in: 'header', name: 'Host' }), `${place}/name`, /the transport's own/);
    finds(at({ in: 'header', name: 'Authorization' }), `${place}/name`, /holds credentials/);
    finds(at({ in: 'query', name: 'key&x' }), `${place}/name`, /name of a parameter/);
    finds(at({ in: 'field', name: 'reference' }), `${place}/name`, /no JSON Pointer into the request/);
    finds(at({ in: 'field', name: '/key' }), `${place}/name`, /lets nothing stand at \/key/);
    finds(at({ in: 'field', name: '/final' }), `${place}/name`, /lets no text stand at \/final/);
    finds(at({ in: 'field', name: '/line' }), `${place}/name`, /takes 17 characters at \/line, and the key has up to 22; say "maxLength": 17/);
    finds(at({ in: 'field', name: '/line', maxLength: 20 }), `${place}/maxLength`, /takes 17 characters/);
    assert.deepEqual(said(at({ in: 'field', name: '/line', maxLength: 17 })), []);
    assert.deepEqual(said(at({ in: 'field', name: '/order/key' }, { request: { $ref: '#/$defs/r', $defs: { r: { properties: { order: { allOf: [{ properties: { key: { type: 'string' } } }] } }, additionalProperties: false } } } })), [], 'through references and parts');
    finds(operation('getOrder', { idempotency: { in: 'header', name: 'Key' } }), '/operations/getOrder/idempotency', /reads needs no idempotency key/);
  });

  it('is a contract that lies elsewhere in part, or is of another dialect', () => {
    finds(operation('getOrder', { answer: { properties: { line: { $ref: 'https://example.com/line.json' } } } }), '/operations/getOrder/answer/properties/line/$ref', /lies elsewhere; a contract is complete in itself/);
    finds(operation('getOrder', { answer: { $ref: 'order.json#/$defs/x' } }), '/operations/getOrder/answer/$ref', /lies elsewhere/);
    finds(operation('getOrder', { answer: { $schema: 'http://json-schema.org/draft-07/schema#' } }), '/operations/getOrder/answer/$schema', /JSON Schema 2020-12/);
    assert.deepEqual(said(operation('getOrder', { answer: { properties: { $ref: { const: { $ref: 'https://example.com' } } }, examples: [{ $ref: 'x' }] } })), [], 'a member of that name, and data, are no references');
    assert.match(allDefinitionProblems({ ...good, ...operation('getOrder', { answer: { $ref: '#/$defs/none' } }) })[0]?.message ?? '', /The contract is no JSON Schema 2020-12: it refers to #\/\$defs\/none, which is not in it, and nothing is fetched: put what is meant into the contract itself\./);
    assert.match(allDefinitionProblems({ ...good, ...operation('getOrder', { answer: { type: 'texts' } }) })[0]?.message ?? '', /The contract is no JSON Schema 2020-12/);
  });

  it('is a sign-in that cannot be made', () => {
    const by = (authentication: Authentication): Partial<ServiceDefinition> => ({ authentication });
    finds(by({ kind: 'api-key', in: 'header', name: 'X API' }), '/authentication/name', /X-API-Key/);
    finds(by({ kind: 'api-key', in: 'header', name: 'Content-Length' }), '/authentication/name', /the transport's own/);
    finds(by({ kind: 'api-key', in: 'query', name: 'a=b' }), '/authentication/name', /name of a parameter/);
    for (const tokenUrl of ['http://login.example.com/token', 'https://me:secret@login.example.com/token', 'login.example.com', 'https://login.example.com/#x']) finds(by({ kind: 'oauth2-client-credentials', tokenUrl }), '/authentication/tokenUrl', /no address for tokens/);
    assert.deepEqual(said(by({ kind: 'oauth2-client-credentials', tokenUrl: 'http://127.0.0.1:8080/token' })), [], 'what does not leave the machine');
  });

  it('is said of the shape with the place first, one sentence each', () => {
    const { owner: _owner, ...rest } = good as ServiceDefinition & { readonly $schema?: string };
    const broken = { ...rest, version: '1', colour: 'red', authentication: { kind: 'api-key' }, masked: ['name'], timeouts: { ...good.timeouts, totalMs: 0 } };
    assert.deepEqual(allDefinitionProblems(broken).map(({ at, message }) => `${at}: ${message}`).sort(), [
      '/authentication: "in" is missing.', '/authentication: "name" is missing.',
      '/masked/0: must be a JSON Pointer, such as /customer/name.', '/timeouts/totalMs: must be >= 1.', '/version: must be three numbers with dots, such as 1.0.0 or 1.2.0-beta.1 (semver).',
      ': "colour" is not known here; mend its spelling or take it out.', ': "owner" is missing.',
    ]);
    assert.deepEqual(allDefinitionProblems({ ...good, authentication: { kind: 'none', tokenUrl: 'x' } }).map(({ at, message }) => `${at}: ${message}`), ['/authentication/tokenUrl: must not be given here.']);
    assert.match(allDefinitionProblems({ ...good, operations: { '1st': good.operations['getOrder'] } })[0]?.message ?? '', /"1st" cannot be the name of an operation/);
  });
});
