import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ROOT } from '../../../scripts/lib/paths.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { offerDocument } from '../../../src/engine/offered/openapi.ts';
import { documentOf } from '../../../src/engine/offered/request-document.ts';
import { operationAt } from '../../../src/engine/offered/routes.ts';
import { deliveryService } from '../../nodes/support/offered.ts';

interface Document {
  readonly servers: readonly { readonly url: string }[]; readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string; readonly deprecated?: boolean; readonly parameters: readonly { readonly name?: string; readonly required?: boolean; readonly schema?: object }[]; readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>> } }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>>; readonly securitySchemes: object };
}

const everything = ({ operations }: ServiceDefinition): ReadonlySet<string> => new Set(Object.keys(operations));
const made = (definition: ServiceDefinition, more: object = {}): Document => offerDocument({ definition, status: 'published', ...more }, `/waybill/services/${definition.id}/${definition.version}`, everything(definition)) as Document;

/** The services of the package that Waybill offers, with their samples. */
function offered(): { readonly definition: ServiceDefinition; readonly samples: readonly { readonly operation: string; readonly request: object; readonly answer: unknown }[] }[] {
  const folder = path.join(ROOT, 'services');
  return readdirSync(folder).flatMap((family) => readdirSync(path.join(folder, family)).map((name) => path.join(folder, family, name))).flatMap((place) => {
    const definition = JSON.parse(readFileSync(path.join(place, 'service.json'), 'utf8')) as ServiceDefinition;
    if (definition.offered === undefined) return [];
    return [{ definition, samples: readdirSync(path.join(place, 'samples')).map((file) => JSON.parse(readFileSync(path.join(place, 'samples', file), 'utf8')) as { operation: string; request: object; answer: unknown }) }];
  });
}

describe('the OpenAPI document of what is offered', () => {
  it('keeps the schema of OpenAPI 3.1, for every service of the package', async () => {
    const all = offered().map(({ definition }) => definition);
    assert.equal(all.length, 3);
    for (const definition of [...all, deliveryService()]) {
      const { valid, errors } = await new Validator().validate(structuredClone(made(definition)) as never);
      assert.ok(valid, `${definition.id}: ${JSON.stringify(errors)}`);
    }
  });

  it('has contracts by which the samples of the services are right, and others wrong', () => {
    for (const { definition, samples } of offered()) {
      const document = made(definition);
      const ajv = addFormats.default(new Ajv2020({ strict: false, validateFormats: true }));
      ajv.addSchema({ $id: 'https://it.example/', ...document });
      for (const { operation, request, answer } of samples) {
        const validate = ajv.getSchema(`https://it.example/#/components/schemas/${operation}.answer`);
        assert.ok(validate?.(answer), `${definition.id} ${operation}: ${JSON.stringify(validate?.errors)}`);
        assert.equal(validate?.({}), false);
        const [[method, described]] = Object.values(document.paths).flatMap((methods) => Object.entries(methods)).filter(([, each]) => each.operationId === operation) as [[string, Document['paths'][string][string]]];
        const names = new Set(described.parameters.map(({ name }) => name));
        if (described.requestBody === undefined) {
          assert.equal(method, 'get');
          continue;
        }
        const body = Object.fromEntries(Object.entries(request).filter(([name]) => !names.has(name)));
        const [{ schema }] = Object.values(described.requestBody.content) as [{ schema: { $ref: string } }];
        const takes = ajv.getSchema(`https://it.example/${schema.$ref}`);
        assert.ok(takes?.(body), `${operation}: ${JSON.stringify(takes?.errors)}`);
        assert.equal(takes?.(request), false, 'what the path brings is no part of the body');
      }
    }
  });

  it('names what the site answers, and nothing else; what goes is deprecated', () => {
    const definition = deliveryService();
    const document = offerDocument({ definition, status: 'deprecated', sunset: '2027-06-30' }, '/x', new Set(['status'])) as Document;
    assert.deepEqual(Object.keys(document.paths), ['/shipments/{shipment}', '/requests/{request}']);
    assert.equal(document.paths['/shipments/{shipment}']?.['get']?.deprecated, true);
    assert.deepEqual(document.security, [{ token: [] }, { oidc: [] }, { mtls: [] }, { signature: [] }]);
    const key = made(deliveryService({ offered: { admits: ['token'], maxBytes: 4_096, waitMs: 0 } })).paths['/shipments/{shipment}/delivery']?.['post']?.parameters.find(({ name }) => name === 'Idempotency-Key');
    assert.equal(key?.required, true);
  });
});

describe('a request as a document', () => {
  const definition = deliveryService();

  it('finds the operation by method and path, the fixed path before one with parameters', () => {
    const two = deliveryService({ operations: { one: { ...definition.operations['status']!, binding: { method: 'GET', path: '/shipments/{shipment}' } }, late: { ...definition.operations['status']!, binding: { method: 'GET', path: '/shipments/late' } } } });
    const found = operationAt(two, 'GET', '/shipments/late');
    assert.equal(found.kind === 'operation' && found.offered.name, 'late');
    const encoded = operationAt(two, 'GET', '/shipments/A%2FB%20C');
    assert.deepEqual(encoded.kind === 'operation' && [encoded.offered.name, encoded.parameters], ['one', { shipment: 'A/B C' }]);
    assert.deepEqual([operationAt(two, 'GET', '/shipments/%zz').kind, operationAt(two, 'GET', '/shipments/a/b').kind, operationAt(two, 'POST', '/shipments/a')], ['none', 'none', { kind: 'other-method', allow: ['GET'] }]);
  });

  it('reads parameters as their contract has them', () => {
    const match = operationAt(definition, 'GET', '/shipments/0012');
    assert.ok(match.kind === 'operation');
    const read = (query: string): unknown => documentOf(match.offered, undefined, match.parameters, new URLSearchParams(query), {});
    assert.deepEqual([read(''), read('lines=true'), read('lines=perhaps'), read('other=1')], [{ shipment: '0012' }, { shipment: '0012', lines: true }, { shipment: '0012', lines: 'perhaps' }, { shipment: '0012' }]);
  });
});
