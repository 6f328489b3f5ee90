import type { IncomingHttpHeaders } from 'node:http';
import type { Json, JsonObject } from '../../domain/json.ts';
import { withPointer } from '../../domain/json-pointer.ts';
import { fieldSchemas } from '../../domain/service/index.ts';
import type { RestParameter } from '../../connectors/rest/binding.ts';
import type { OfferedOperation } from './routes.ts';

/** Levels that JSON may be nested. */
const DEEPEST = 100;

/** Whether JSON is nested deeper than whoever walks through it would survive. */
function isTooDeep(value: Json): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) as readonly Json[] : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** Reads a body. A sentence that says what to do when it is no JSON. */
export function readBody(bytes: Uint8Array): { readonly value: Json } | { readonly wrong: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { wrong: 'The body is not UTF-8; send JSON in UTF-8.' };
  }
  try {
    const value = JSON.parse(text) as Json;
    return isTooDeep(value) ? { wrong: `The body is nested deeper than ${DEEPEST} levels; send it flatter.` } : { value };
  } catch (error) {
    return { wrong: `The body is not JSON: ${(error as Error).message.slice(0, 200)}. Mend it and send it again.` };
  }
}

const types = (schemas: readonly JsonObject[]): readonly string[] => schemas.flatMap(({ type }) => (Array.isArray(type) ? type as readonly string[] : typeof type === 'string' ? [type] : []));

/** A parameter is text; where its contract asks for a number, a truth value or a list, it is read as one. */
function readAs(text: string, asked: readonly string[]): Json {
  if (asked.length === 0 || asked.includes('string')) return text;
  if ((asked.includes('integer') || asked.includes('number')) && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return Number(text);
  if (asked.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function given({ name, in: place, explode }: RestParameter, path: Readonly<Record<string, string>>, query: URLSearchParams, headers: IncomingHttpHeaders): readonly string[] {
  if (place === 'path') return path[name] === undefined ? [] : [path[name]];
  if (place === 'header') return headers[name.toLowerCase()] === undefined ? [] : [String(headers[name.toLowerCase()])];
  const all = query.getAll(name);
  return explode ? all : all.slice(-1);
}

/**
 * The document that a request is, put together as the operation's binding says: parameters at their pointers, and the body at its own. It is what
 * `connectors/rest` takes apart when it calls.
 */
export function documentOf({ operation, binding }: OfferedOperation, body: Json | undefined, path: Readonly<Record<string, string>>, query: URLSearchParams, headers: IncomingHttpHeaders): Json {
  let document: Json = binding.body === undefined || body === undefined ? {} : withPointer({}, binding.body, body);
  for (const parameter of binding.parameters) {
    const values = given(parameter, path, query, headers);
    if (values.length === 0) continue;
    const schemas = fieldSchemas(operation.request as Json | undefined, parameter.from) ?? [];
    const asked = types(schemas);
    const each = asked.includes('array') ? (parameter.explode ? values : values.flatMap((value) => value.split(','))) : undefined;
    const items = fieldSchemas(operation.request as Json | undefined, `${parameter.from}/0`) ?? [];
    document = withPointer(document, parameter.from, each === undefined ? readAs(values.at(-1)!, asked) : each.map((value) => readAs(value, types(items))));
  }
  return document;
}
