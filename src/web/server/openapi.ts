import type { Operation, Schema } from './operation.ts';
import { problemTable, type ProblemCode } from './problems.ts';
import { componentSchemas } from './schemas.ts';

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', minLength: 1, maxLength: 255 },
  description: 'A repeat with the same key happens once and gets the first answer again.',
};
const PIN = {
  name: 'X-Waybill-Pin', in: 'header', required: false, schema: { type: 'string' },
  description: 'Needed on shared devices: PIN of who makes the write. `X-Waybill-As` names them (sign-in name or badge, percent-encoded) when it is not the signed-in person.',
};
const CSRF = {
  name: 'X-Waybill-CSRF', in: 'header', required: false, schema: { type: 'string' },
  description: 'Needed when the session cookie signs the request; `GET /me` has it.',
};

/** Problems that every operation of a kind can answer with. */
function problemsOf(operation: Operation): ProblemCode[] {
  return [
    ...(operation.access === 'public' ? [] : ['not-signed-in', 'token-invalid', 'not-allowed', 'scope-missing'] as const),
    ...(operation.method === 'get' || operation.access === 'public' || operation.pin === 'never' ? [] : ['pin-required', 'pin-missing', 'pin-wrong', 'too-many-attempts'] as const),
    ...(operation.method === 'get' ? [] : ['cross-site', 'csrf-token', 'body-malformed', 'body-too-large', 'media-type'] as const),
    ...(operation.command ? ['idempotency-key-invalid', 'idempotency-key-reused', 'idempotency-in-progress', 'engine-not-ready'] as const : []),
    'request-invalid', 'not-found', 'ledger-unavailable', 'accounts-unavailable', 'internal',
    ...(operation.problems ?? []),
  ];
}

/** Replaces inlined shared schemas by references to their components. */
function referenced(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(referenced);
  if (typeof schema !== 'object' || schema === null) return schema;
  const name = Object.keys(componentSchemas).find((each) => componentSchemas[each] === schema);
  return name === undefined ? inner(schema) : { $ref: `#/components/schemas/${name}` };
}

function inner(schema: object): object {
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, referenced(value)]));
}

function responses(operation: Operation): object {
  const { status, description, schema, contentType = 'application/json' } = operation.success;
  const binary = schema === undefined && contentType !== 'application/json';
  const success = {
    description,
    ...(schema === undefined && !binary ? {} : { content: { [contentType]: schema === undefined ? {} : { schema: referenced(schema) } } }),
  };
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(problemsOf(operation))) {
    const [each, title] = problemTable[code];
    byStatus.set(each, [...byStatus.get(each) ?? [], `\`${code}\`: ${title}`]);
  }
  if (operation.command) {
    for (const [each, what] of [[403, 'The engine refused it.'], [409, 'It is no longer as the caller saw it.'], [422, 'The command is not valid.']] as const) {
      byStatus.set(each, [...byStatus.get(each) ?? [], `A code of the engine: ${what}`]);
    }
  }
  const refusals = [...byStatus].sort(([a], [b]) => a - b).map(([each, lines]) => [
    String(each), { description: lines.join('\n\n'), content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
  ]);
  return { [String(status)]: success, ...Object.fromEntries(refusals) };
}

function parameters(operation: Operation): object[] {
  const list = (place: 'path' | 'query', schemas: Readonly<Record<string, Schema>> = {}): object[] => Object.entries(schemas).map(([name, schema]) => {
    const { description, ...rest } = schema;
    return { name, in: place, required: place === 'path', ...(description === undefined ? {} : { description }), schema: referenced(rest) };
  });
  const headers = operation.method === 'get' ? [] : [...(operation.command ? [IDEMPOTENCY_KEY] : []), ...(operation.access === 'public' ? [] : [CSRF]), ...(operation.access === 'public' || operation.pin === 'never' ? [] : [PIN])];
  return [...list('path', operation.params), ...list('query', operation.query), ...headers];
}

/** The OpenAPI 3.1 document of the operations; `server` is the API's path, for example `/waybill/api/v1`. */
export function openApiDocument(operations: readonly Operation[], version: string, server: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method] = {
      operationId: operation.id, tags: [operation.tag], summary: operation.summary,
      ...(operation.description === undefined ? {} : { description: operation.description }),
      ...(operation.access === 'public' ? { security: [] } : {}),
      ...(operation.access === 'public' || operation.access === 'signed-in' ? {} : { 'x-waybill-permission': operation.access }),
      parameters: parameters(operation),
      ...(operation.rawBody === undefined ? {} : {
        requestBody: { required: true, content: Object.fromEntries(operation.rawBody.types.map((type) => [type, {}])) },
      }),
      ...(operation.body === undefined ? {} : {
        requestBody: { required: operation.bodyOptional !== true, content: { 'application/json': { schema: referenced(operation.body) } } },
      }),
      responses: responses(operation),
    };
  }
  return {
    openapi: '3.1.1',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Waybill API', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Cases, tasks, exceptions and the ledger of a Waybill site. Lists are paged by cursor, errors are RFC 9457 problem details with a stable `code`, commands take an Idempotency-Key.',
    },
    servers: [{ url: server }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(operations.map((operation) => operation.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(componentSchemas).map(([name, schema]) => [name, inner(schema)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'API token of `waybill token create`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'waybill-session', description: 'Cookie of `POST /session`; its name carries the port (http) or a __Secure- prefix (https).' },
      },
    },
  };
}
