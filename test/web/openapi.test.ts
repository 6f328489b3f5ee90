import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createApiRouter } from '../../src/web/server/api-router.ts';
import { operations } from '../../src/web/server/operations.ts';
import { permissions } from '../../src/web/server/permissions.ts';
import { problemTable, WebError } from '../../src/web/server/problems.ts';
import { requestValidator } from '../../src/web/server/validate.ts';
import { jpeg } from '../support/photos.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

interface Parameter { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: object }
interface DocumentedOperation {
  readonly operationId: string; readonly summary: string; readonly tags: string[]; readonly parameters: Parameter[];
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, { readonly schema?: object }> }>;
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly 'x-waybill-permission'?: string;
}
interface OpenApi {
  readonly openapi: string; readonly info: { readonly title: string; readonly version: string }; readonly servers: { readonly url: string }[];
  readonly paths: Record<string, Record<string, DocumentedOperation>>; readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: object };
}
interface Layer { readonly route?: { readonly path: string; readonly methods: Record<string, boolean> } }

describe('web: OpenAPI document', () => {
  let running: TestEngine;
  let server: TestServer;
  let document: OpenApi;
  let headers: { readonly authorization: string };

  before(async () => {
    running = await startEngine(async (store) => {
      headers = (await addPerson(store, 'admin', ['admin', 'receiving-supervisor'], ['*'])).headers;
      await addPerson(store, 'olga', ['operator']);
    });
    server = await startServer(() => running.engine, { version: '9.9.9' });
    document = (await ask(`${server.api}/openapi.json`)).body as unknown as OpenApi;
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const each = (): [path: string, method: string, operation: DocumentedOperation][] =>
    Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => [path, method, operation] as [string, string, DocumentedOperation]));

  it('is OpenAPI 3.1 with version and server', () => {
    assert.match(document.openapi, /^3\.1\./);
    assert.equal(document.info.version, '9.9.9');
    assert.deepEqual(document.servers, [{ url: '/waybill/api/v1' }]);
  });

  it('has every route of the router, and nothing that is no route', () => {
    const router = createApiRouter({ operations, version: '1', services: () => { throw new Error('not asked'); }, log: () => undefined });
    const form = (path: string): string => path.replace(/:(\w+)/g, '{$1}').replace(/\*(\w+)/g, '{$1}');
    const routed = (router.stack as unknown as Layer[]).flatMap(({ route }) =>
      (route === undefined ? [] : Object.keys(route.methods).filter((method) => method !== '_all').map((method) => `${method} ${form(route.path)}`)));
    const documented = each().map(([path, method]) => `${method} ${path}`);
    assert.deepEqual([...new Set(routed)].sort(), [...documented, 'get /openapi.json'].sort());
  });

  it('names every operation once, with a summary, a tag and a known permission', () => {
    const ids = each().map(([, , operation]) => operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [path, method, operation] of each()) {
      assert.ok(operation.summary.length > 3 && operation.tags.length === 1, `${method} ${path}`);
      const permission = operation['x-waybill-permission'];
      assert.ok(permission === undefined || (permissions as readonly string[]).includes(permission), permission);
    }
  });

  it('declares exactly the parameters of each path', () => {
    for (const [path, , operation] of each()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      assert.deepEqual(operation.parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name), inPath, path);
    }
  });

  it('has a success and problems for each operation', () => {
    for (const [path, , operation] of each()) {
      assert.ok(Object.keys(operation.responses).some((status) => status.startsWith('2')), path);
      for (const [status, response] of Object.entries(operation.responses)) {
        if (status.startsWith('2')) continue;
        assert.deepEqual(response.content?.['application/problem+json']?.schema, { $ref: '#/components/schemas/Problem' });
      }
    }
  });

  it('holds valid JSON Schemas whose references resolve', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'urn:waybill:api', ...document });
    const pointers: string[] = [];
    const walk = (value: unknown, pointer: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, inner] of Object.entries(value)) {
        const next = `${pointer}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;
        if (name === 'schema') pointers.push(next);
        walk(inner, next);
      }
    };
    walk(document, '');
    assert.ok(pointers.length > 40);
    for (const pointer of [...pointers, ...Object.keys(document.components.schemas).map((name) => `/components/schemas/${name}`)]) {
      const escaped = pointer.split('/').map(encodeURIComponent).join('/');
      assert.doesNotThrow(() => ajv.compile({ $ref: `urn:waybill:api#${escaped}` }), pointer);
    }
  });

  it('has schemas that the server itself can use, which it compiles only when they are asked for', () => {
    for (const operation of operations) {
      const { params, query, body } = requestValidator(operation);
      for (const check of [params, query, body]) {
        try {
          check({});
        } catch (error) {
          assert.ok(error instanceof WebError, `${operation.id}: ${String(error)}`);
        }
      }
    }
  });

  it('describes what the server really answers', async () => {
    const [caseId] = await Promise.all([
      running.scan({ kind: 'receipt', sscc: '340123450000000018', operator: 'olga' }), running.scan({ kind: 'odd', sscc: '340123450000000025', operator: 'olga' }),
      running.scan({ kind: 'ship', sscc: '340123450000000032', operator: 'olga' }),
      running.engine.quarantine({ site: 'dc-1', reason: 'malformed', message: 'Not JSON.', bytes: Buffer.from('x'), topic: 'acme/dc-1/x' }),
    ]);
    await running.engine.ledger.seal();
    const first = async (list: string, id: string) => await eventually(async () => {
      const { body } = await ask(`${server.api}/${list}`, { headers });
      return (body['items'] as Record<string, string>[])[0]?.[id];
    });
    const values: Record<string, string> = {
      site: 'dc-1', caseId, taskId: await first('tasks', 'taskId'), exceptionId: await first('exceptions', 'exceptionId'), deadLetterId: await first('dead-letters', 'deadLetterId'),
      quarantineId: await first('quarantine', 'quarantineId'), level: '0', index: `000.p/${running.engine.ledger.health().checkpointSize}`,
    };
    const { body: health } = await ask(`${server.api}/service-health`, { headers });
    values['rowId'] = String((health['rows'] as readonly { readonly id: string }[])[0]?.id);
    const uploaded = await fetch(`${server.api}/attachments`, { method: 'POST', headers: { ...headers, 'content-type': 'image/jpeg' }, body: Buffer.from(jpeg()) });
    values['sha256'] = (await uploaded.json() as { sha256: string }).sha256;
    await ask(`${server.api}/exceptions/${values['exceptionId'] ?? ''}/photos`, { method: 'POST', headers, json: { sha256: values['sha256'] } });
    const { body: replayed } = await ask(`${server.api}/dead-letters/replays`, { method: 'POST', headers, json: { ids: [values['deadLetterId']] } });
    values['batchId'] = String(replayed['batchId']);
    const { body: asked } = await ask(`${server.api}/change-requests`, { method: 'POST', headers, json: { kind: 'waiver', site: 'dc-1', family: 'returns', title: 'Label printer', reason: 'Its driver is a program.', rule: 'no-exec', scope: { fingerprints: ['f'] } } });
    values['changeId'] = String(asked['changeId']);
    await ask(`${server.api}/change-requests/${values['changeId']}/comment`, { method: 'POST', headers, json: { comment: 'Please.' } });
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema({ $id: 'urn:waybill:api', ...document });
    for (const [path, method, operation] of each()) {
      // A stream has no end to wait for; test/web/changes.test.ts has it.
      if (method !== 'get' || operation.responses['200']?.content?.['text/event-stream'] !== undefined) continue;
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!);
      const { status, headers: answered, body } = await ask(`${server.api}${address}`, { headers });
      assert.equal(status, 200, `${address}: ${JSON.stringify(body).slice(0, 300)}`);
      const content = Object.keys(operation.responses['200']?.content ?? {})[0] ?? '';
      const type = answered.get('content-type')?.split(';')[0];
      assert.equal(content === 'image/*' ? type?.replace(/\/.*/, '/*') : type, content.split(';')[0], address);
      if (content !== 'application/json') continue;
      const pointer = ['', 'paths', path.replace(/\//g, '~1'), 'get', 'responses', '200', 'content', 'application~1json', 'schema'].map(encodeURIComponent).join('/');
      const validate = ajv.compile({ $ref: `urn:waybill:api#${pointer}` });
      assert.ok(validate(body), `${address}: ${ajv.errorsText(validate.errors)}`);
    }
  });

  it('is accompanied by a page that names every address and every problem', () => {
    const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
    for (const [code, [status]] of Object.entries(problemTable)) assert.ok(page.includes(`| \`${code}\` | ${status} |`), code);
    for (const path of Object.keys(document.paths)) {
      const [head] = path.slice(1).split('/tile/');
      const known = page.includes(head!) || page.includes(`…/${path.split('/').at(-1) ?? ''}`);
      assert.ok(known, path);
    }
  });

  it('tells every problem code apart by one status and one sentence', () => {
    for (const [code, [status, title]] of Object.entries(problemTable)) {
      assert.match(code, /^[a-z-]+$/);
      assert.ok(status >= 400 && status < 600);
      assert.match(title, /\.$/);
    }
  });
});
