import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceOperation } from '../../domain/service/index.ts';
import { OpenApiError } from './openapi-error.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import { isObject } from '../../domain/json.ts';
import { listOf, objectOf, textOf } from './read.ts';
import { resolved } from './references.ts';
import type { Contracts } from './schema.ts';

/** An operation that could be taken over, or why not. */
export type ImportedOperation = { readonly operation: ServiceOperation; readonly notes: readonly string[] } | { readonly left: string };

interface Parameter { readonly name: string; readonly in: 'path' | 'query' | 'header'; readonly member: string; readonly required: boolean; readonly explode: boolean; readonly schema: Json; readonly at: string; readonly description: string }

/** Headers that are the transport's or the contract's own (OpenAPI 3.1 §4.8.12.1). */
const ownHeaders = new Set(['accept', 'content-type', 'authorization']);

/** One operation of a document. @throws OpenApiError for what is broken */
export function importOperation(document: JsonObject, contracts: Contracts, path: string, method: string, given: JsonObject, shared: readonly Json[], at: string): ImportedOperation {
  const read = parametersOf(document, [...shared, ...listOf(given['parameters'])], at);
  if (typeof read === 'string') return { left: read };
  const body = bodyOf(document, given['requestBody'], `${at}/requestBody`);
  if (typeof body === 'string') return { left: body };
  const { parameters, key } = read;
  const wrapped = parameters.length > 0;
  const bodyMember = parameters.some(({ member }) => member === 'body') ? 'content' : 'body';
  const answer = answerOf(document, given['responses'], `${at}/responses`);
  const effect = method === 'get' || method === 'head' ? 'reads' as const : 'writes' as const;
  const title = (textOf(given['summary']) || textOf(given['description']).split('\n')[0] || `${method.toUpperCase()} ${path}`).replace(/[\r\n]+/g, ' ').slice(0, 120);
  return {
    notes: effect === 'writes' && key === undefined ? ['say where the idempotency key goes, or by which operation is asked what became of a call; until then a person is asked'] : [],
    operation: {
      title, effect,
      ...(wrapped || body !== undefined ? { request: requestOf(contracts, parameters, body, bodyMember) } : { request: false }),
      ...(answer === undefined ? {} : { answer: contracts.contract(answer.schema, answer.at, 'answer') }),
      ...(key === undefined || effect === 'reads' ? {} : { idempotency: key }),
      recovery: { by: effect === 'reads' ? 'safe' : key === undefined ? 'none' : 'same-key' },
      binding: {
        method: method.toUpperCase(), path,
        ...(wrapped ? { parameters: parameters.map(({ name, in: place, member, required, explode }): Json => ({ name, in: place, from: pointerOf(member), ...(required ? { required } : {}), ...(place === 'query' && !explode ? { explode } : {}) })) } : {}),
        ...(body === undefined ? { body: false } : wrapped ? { body: pointerOf(bodyMember) } : {}),
        ...(body === undefined || body.type === 'application/json' ? {} : { contentType: body.type }),
      },
    },
  };
}

function parametersOf(document: JsonObject, given: readonly Json[], at: string): { readonly parameters: readonly Parameter[]; readonly key: ServiceOperation['idempotency'] } | string {
  const found = new Map<string, Parameter>();
  let key: ServiceOperation['idempotency'];
  for (const [index, each] of given.entries()) {
    const { value, at: place } = resolved(document, each, `${at}/parameters/${index}`);
    const [name, where] = [textOf(value['name']), textOf(value['in'])];
    const required = value['required'] === true;
    if (where === 'header' && ownHeaders.has(name.toLowerCase())) continue;
    if (where === 'header' && name.toLowerCase() === 'idempotency-key') {
      const { maxLength } = objectOf(value['schema']);
      key = { in: 'header', name, ...(typeof maxLength === 'number' && maxLength >= 8 ? { maxLength } : {}) };
      continue;
    }
    const style = textOf(value['style']);
    const usual = style === '' || (where === 'query' ? style === 'form' : style === 'simple');
    if ((where !== 'path' && where !== 'query' && where !== 'header') || !usual || value['schema'] === undefined || objectOf(value['schema'])['type'] === 'object') {
      if (required) return `its parameter "${name}" (${where}${style === '' ? '' : `, ${style}`}) is of a kind that is not sent`;
      continue;
    }
    const clash = [...found.values()].some((other) => other.name === name && other.in !== where);
    found.set(`${where} ${name}`, { name, in: where, member: clash ? `${name}_${where}` : name, required: required || where === 'path', explode: value['explode'] !== false, schema: value['schema'], at: `${place}/schema`, description: textOf(value['description']) });
  }
  return { parameters: [...found.values()], key };
}

interface Body { readonly schema: Json; readonly at: string; readonly required: boolean; readonly type: string }

function bodyOf(document: JsonObject, given: Json | undefined, at: string): Body | undefined | string {
  if (given === undefined) return undefined;
  const { value, at: place } = resolved(document, given, at);
  const content = objectOf(value['content']);
  const types = Object.keys(content);
  const json = types.find((type) => /^application\/([\w.+-]*\+)?json\b/i.test(type)) ?? types.find((type) => type === '*/*');
  const form = types.find((type) => /^application\/x-www-form-urlencoded\b/i.test(type));
  const type = json ?? form;
  if (type === undefined) return `its body is ${types.slice(0, 3).join(', ') || 'of no type'}, and only JSON and forms are sent`;
  return { schema: objectOf(content[type])['schema'] ?? true, at: `${place}${pointerOf('content', type, 'schema')}`, required: value['required'] === true, type: json === undefined ? 'application/x-www-form-urlencoded' : type === '*/*' ? 'application/json' : (type.split(';')[0] ?? type).trim() };
}

function requestOf(contracts: Contracts, parameters: readonly Parameter[], body: Body | undefined, bodyMember: string): JsonObject | boolean {
  if (parameters.length === 0 && body !== undefined) return contracts.contract(body.schema, body.at, 'request');
  const definitions: { [name: string]: Json } = {};
  const member = (schema: Json, at: string, description = ''): Json => {
    const contract = contracts.contract(schema, at, 'request');
    if (typeof contract === 'boolean') return contract;
    const { $defs: brought, ...rest } = contract;
    Object.assign(definitions, objectOf(brought));
    return description === '' || rest['description'] !== undefined ? rest : { ...rest, description };
  };
  const properties = Object.fromEntries([
    ...parameters.map((each): [string, Json] => [each.member, member(each.schema, each.at, each.description)]), ...(body === undefined ? [] : [[bodyMember, member(body.schema, body.at)] as [string, Json]]),
  ]);
  const required = [...parameters.filter((each) => each.required).map((each) => each.member), ...(body?.required === true ? [bodyMember] : [])];
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false, ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }) };
}

/** The contract of the first good answer; none where it has no JSON. */
function answerOf(document: JsonObject, given: Json | undefined, at: string): { readonly schema: Json; readonly at: string } | undefined {
  const responses = objectOf(given);
  const status = Object.keys(responses).filter((each) => /^2(\d\d|XX)$/i.test(each)).sort()[0] ?? (responses['default'] === undefined ? undefined : 'default');
  if (status === undefined || status === 'default') return undefined;
  const { value, at: place } = resolved(document, responses[status], `${at}/${status}`);
  const content = objectOf(value['content']);
  const type = Object.keys(content).find((each) => /^application\/([\w.+-]*\+)?json\b/i.test(each));
  const schema = type === undefined ? undefined : objectOf(content[type])['schema'];
  if (type === undefined || schema === undefined) return undefined;
  if (!isObject(schema) && typeof schema !== 'boolean') throw new OpenApiError('There should be a schema.', `${place}${pointerOf('content', type, 'schema')}`);
  return { schema, at: `${place}${pointerOf('content', type, 'schema')}` };
}
