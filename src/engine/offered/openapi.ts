import type { Json, JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { fieldSchemas } from '../../domain/service/index.ts';
import type { CallerProof, ServiceDefinition } from '../../domain/service/index.ts';
import { readBinding } from '../../connectors/rest/binding.ts';
import type { RestBinding } from '../../connectors/rest/binding.ts';
import type { KnownService } from '../services/source.ts';
import { mediaTypes, takesDocuments } from './media-types.ts';

/** Refusals that every operation may give, by their status. */
const REFUSALS: Readonly<Record<string, string>> = {
  400: 'The body is no JSON, or the idempotency key is missing.', 401: 'Who calls is not known; `detail` says why.', 403: 'The caller may not call this service.', 404: 'This site does not answer the operation.',
  408: 'The body did not come whole.', 409: 'A signed delivery was sent twice, or what it is about is done by another request.', 410: 'The version is retired, or the answer is no longer kept.',
  413: 'The body is too large.', 415: 'The body is not JSON.', 422: 'The request breaks its contract (`errors` names the places), or the key was used for another request.', 429: 'Too many requests; `Retry-After` says when to come again.',
  500: 'The request was worked, and nothing was answered.', 503: 'Nothing can be recorded now; nothing was.',
};

const DOCUMENT_REFUSALS: Readonly<Record<string, string>> = {
  409: 'What the document is known by has come before, with another document or in another way.', 415: 'The body is not announced as what is taken here.', 422: 'Nothing of it is taken; `errors` names the places, `acknowledgement` holds the acknowledgement that says so.',
};

const PROBLEM: JsonObject = {
  type: 'object', description: 'Problem details (RFC 9457).',
  properties: {
    type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' }, code: { type: 'string' },
    errors: { type: 'array', items: { type: 'object', properties: { pointer: { type: 'string', description: 'JSON Pointer into the request, in fragment form.' }, detail: { type: 'string' } } } },
  },
};
const PENDING: JsonObject = { type: 'object', properties: { status: { const: 'accepted' }, detail: { type: 'string' }, location: { type: 'string', description: 'Where to ask for the answer.' } }, required: ['status', 'location'] };

const SCHEMES: Readonly<Record<CallerProof, readonly [name: string, scheme: JsonObject]>> = {
  token: ['token', { type: 'http', scheme: 'bearer', description: 'A token that whoever looks after the site gives out.' }],
  oidc: ['oidc', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of an identity provider that is registered at the site.' }],
  mtls: ['mtls', { type: 'mutualTLS', description: 'A client certificate that is registered at the site.' }],
  signature: ['signature', { type: 'apiKey', in: 'header', name: 'webhook-signature', description: 'Standard Webhooks: `v1,` and the base64 of HMAC-SHA-256 over `<webhook-id>.<webhook-timestamp>.<body>`, beside the headers webhook-id and webhook-timestamp (seconds since 1970).' }],
};

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** A contract with its own definitions; where it is embedded, a reference into it has to lead to where it stands. */
function embedded(contract: Json, at: string): Json {
  if (Array.isArray(contract)) return (contract as readonly Json[]).map((each) => embedded(each, at));
  if (!isObject(contract)) return contract;
  return Object.fromEntries(Object.entries(contract).filter(([name]) => name !== '$schema').map(([name, value]) => [name, name === '$ref' && typeof value === 'string' && value.startsWith('#') ? `${at}${value.slice(1)}` : embedded(value, at)]));
}

/** What of the request's contract is the body: the schema at the body's pointer, without what parameters bring. */
function bodySchema(request: Json, { body = '', parameters }: RestBinding): Json {
  if (body !== '') {
    const found = fieldSchemas(request, body) ?? [];
    return found.length === 1 ? found[0]! : found.length === 0 ? {} : { allOf: found };
  }
  if (!isObject(request) || parameters.length === 0) return request;
  const gone = new Set(parameters.map(({ from }) => from.slice(1)));
  const { properties, required, ...rest } = request;
  return {
    ...rest, ...(isObject(properties) ? { properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !gone.has(name))) } : {}),
    ...(Array.isArray(required) ? { required: (required as readonly Json[]).filter((name) => !gone.has(String(name))) } : {}),
  };
}

interface Parts { readonly schemas: { [name: string]: Json } }

function placed({ schemas }: Parts, name: string, contract: Json): JsonObject {
  schemas[name] = embedded(contract, `#/components/schemas/${name}`);
  return { $ref: `#/components/schemas/${name}` };
}

function parametersOf({ parameters }: RestBinding, request: Json): JsonObject[] {
  return parameters.map(({ name, in: place, from, required, explode }) => {
    const [schema = {}] = fieldSchemas(request, from) ?? [];
    const { description, ...rest } = schema;
    return { name, in: place, required, ...(place === 'query' ? { style: 'form', explode } : {}), ...(typeof description === 'string' ? { description } : {}), schema: rest };
  });
}

/** Documents are taken as they are; their contract is of what stands in them, and no schema of the body. */
function documentOperation(definition: ServiceDefinition, name: string): readonly [path: string, method: string, operation: JsonObject] {
  const operation = definition.operations[name]!;
  const types = mediaTypes(definition, operation);
  const as = { schema: { type: 'string' } };
  return [readBinding(operation.binding).binding.path, 'post', {
    operationId: name, summary: operation.title, requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, as])) },
    responses: {
      200: {
        description: 'Everything that was taken is recorded. An interchange is answered by its acknowledgement (997, 999 or CONTRL); the same body again is answered the same.', headers: { RateLimit: { $ref: '#/components/headers/RateLimit' } },
        content: { ...(definition.protocol === 'edi' ? { [types[0]!]: as } : {}), 'application/json': { schema: { type: 'object', required: ['cases'], properties: { cases: { type: 'array', items: { type: 'string' } }, refused: { type: 'array', items: { type: 'object' } } } } } },
      },
      ...Object.fromEntries(Object.entries({ ...REFUSALS, ...DOCUMENT_REFUSALS }).filter(([status]) => status !== '400' && status !== '500').map(([status, description]) => [status, { description, content: problemContent }])),
    },
  }];
}

function operationOf(definition: ServiceDefinition, name: string, parts: Parts): readonly [path: string, method: string, operation: JsonObject] {
  const operation = definition.operations[name]!;
  const { binding } = readBinding(operation.binding);
  const request = (operation.request ?? {}) as Json;
  const key = operation.idempotency;
  const keyParameter: readonly JsonObject[] = key === undefined || key.in === 'field' ? [] : [{
    name: key.name, in: key.in, required: operation.effect === 'writes' && !definition.offered!.admits.includes('signature'), schema: { type: 'string', minLength: 1, maxLength: 255 },
    description: 'A key of your own for this request: sent again under it, the request is answered as it was and done no second time. A signed request may have its webhook-id instead.',
  }];
  const body = binding.body === undefined || operation.request === false ? {} : { requestBody: { required: true, content: { [binding.contentType]: { schema: placed(parts, `${name}.request`, bodySchema(request, binding)) } } } };
  return [binding.path, binding.method.toLowerCase(), {
    operationId: name, summary: operation.title, parameters: [...parametersOf(binding, request), ...keyParameter, { $ref: '#/components/parameters/Prefer' }], ...body,
    responses: {
      200: { description: 'The answer, as the case recorded it.', headers: { 'Waybill-Request': { $ref: '#/components/headers/Waybill-Request' }, 'RateLimit': { $ref: '#/components/headers/RateLimit' } }, ...(operation.answer === undefined || operation.answer === false ? {} : { content: { 'application/json': { schema: placed(parts, `${name}.answer`, operation.answer as Json) } } }) },
      202: { description: 'Recorded; its answer takes longer. `Location` says where to ask for it.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Pending' } } } },
      ...Object.fromEntries(Object.entries(REFUSALS).map(([status, description]) => [status, { description, content: problemContent }])),
    },
  }];
}

/** The OpenAPI 3.1 document of what a site offers: its operations here, contracts, sign-in and refusals. `address`: where the version is served. */
export function offerDocument(known: KnownService, address: string, here: ReadonlySet<string>): object {
  const { definition, status, sunset } = known;
  const parts: Parts = { schemas: { Problem: PROBLEM, Pending: PENDING } };
  const paths: { [path: string]: { [method: string]: Json } } = {};
  for (const name of Object.keys(definition.operations).filter((each) => here.has(each))) {
    const [path, method, operation] = takesDocuments(definition) ? documentOperation(definition, name) : operationOf(definition, name, parts);
    (paths[path] ??= {})[method] = { ...operation, ...(status === 'published' ? {} : { deprecated: true }) };
  }
  paths['/requests/{request}'] = {
    get: {
      operationId: 'waybillRequest', summary: 'What became of a request', parameters: [{ name: 'request', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }, { $ref: '#/components/parameters/Prefer' }],
      responses: { 200: { description: 'The answer, with the status that the operation gave.' }, 202: { description: 'It is still being worked.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Pending' } } } }, 404: { description: 'No such request of this caller.', content: problemContent } },
    },
  };
  const admits = definition.offered?.admits ?? [];
  return {
    openapi: '3.1.1', jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: definition.title, version: definition.version, description: [definition.description ?? '', ...(sunset === undefined ? [] : [`This version ends on ${sunset}.`])].filter((each) => each !== '').join('\n\n') || definition.title, 'x-waybill-owner': definition.owner },
    servers: [{ url: address }], security: admits.map((each) => ({ [SCHEMES[each][0]]: [] })), paths,
    components: {
      schemas: parts.schemas, securitySchemes: Object.fromEntries(admits.map((each) => [SCHEMES[each][0], SCHEMES[each][1]])),
      parameters: { Prefer: { name: 'Prefer', in: 'header', required: false, schema: { type: 'string' }, description: 'RFC 7240: `respond-async` for an answer at once, `wait=<seconds>` to wait no longer.' } },
      headers: { 'Waybill-Request': { description: 'Id of the request at this site.', schema: { type: 'string' } }, 'RateLimit': { description: 'What this caller has left.', schema: { type: 'string' } } },
    },
  };
}
