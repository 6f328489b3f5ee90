import { isPointer } from '../../domain/json-pointer.ts';
import type { Json, JsonObject } from '../../domain/json.ts';

/** Where a value of the document goes in a request over HTTP. */
export interface RestParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  /** JSON Pointer into the document; default the member of that name. */
  readonly from: string;
  readonly required: boolean;
  /** A list as several parameters of one name (the default), or as one with commas. */
  readonly explode: boolean;
}

/** How an operation is spoken over HTTP; `binding` of a `rest` service. */
export interface RestBinding {
  readonly method: string;
  /** Below the system's address; `{name}` is a path parameter. */
  readonly path: string;
  readonly parameters: readonly RestParameter[];
  /** JSON Pointer of what is sent as the body, blank for the whole document; undefined: no body. */
  readonly body: string | undefined;
  /** A form, or JSON of some type: `application/merge-patch+json`. */
  readonly contentType: string;
  /** What to do when the system says that somebody else changed it meanwhile. */
  readonly conflict: { readonly statuses: readonly number[]; readonly newer: string | undefined; readonly read: boolean };
}

export interface BindingProblem { readonly at: string; readonly message: string }

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const withoutBody = new Set(['GET', 'HEAD', 'DELETE']);

/** Reads a binding: what it says, and what is wrong with it, one sentence each. */
export function readBinding(binding: JsonObject): { readonly binding: RestBinding; readonly problems: readonly BindingProblem[] } {
  const problems: BindingProblem[] = [];
  const wrong = (at: string, message: string): void => { problems.push({ at, message }); };
  const method = text(binding['method']).toUpperCase() || 'POST';
  if (!methods.has(method)) wrong('/method', `"${method}" is no method that is used; write one of ${[...methods].join(', ')}.`);
  const path = text(binding['path']);
  if (!path.startsWith('/')) wrong('/path', 'The path has to begin with a slash; it is below the system\'s address.');
  if (/[?#]/.test(path)) wrong('/path', 'The path holds a query or a fragment; list query parameters under "parameters".');
  const parameters = list(binding['parameters']).map((each, index) => parameterOf(object(each), `/parameters/${index}`, wrong));
  for (const name of namesIn(path)) {
    if (!parameters.some((parameter) => parameter.in === 'path' && parameter.name === name)) parameters.push({ name, in: 'path', from: `/${escaped(name)}`, required: true, explode: false });
  }
  for (const { name } of parameters.filter((parameter) => parameter.in === 'path')) {
    if (!namesIn(path).includes(name)) wrong('/path', `The path has no place for its parameter "${name}"; write {${name}} into it.`);
  }
  const body = binding['body'];
  if (typeof body === 'string' && !isPointer(body)) wrong('/body', `"${body}" is no JSON Pointer; write one such as /body, or blank for the whole document.`);
  const contentType = text(binding['contentType']) || 'application/json';
  if (!/^application\/(x-www-form-urlencoded|([\w.+-]+\+)?json)$/.test(contentType)) wrong('/contentType', `"${contentType}" is not sent; JSON of any kind and application/x-www-form-urlencoded are.`);
  const conflict = object(binding['conflict']);
  return {
    problems,
    binding: {
      method, path, parameters,
      body: typeof body === 'string' ? body : body === false || withoutBody.has(method) ? undefined : '',
      contentType,
      conflict: {
        statuses: Array.isArray(conflict['statuses']) ? list(conflict['statuses']).filter((status): status is number => typeof status === 'number') : [409, 412],
        newer: typeof conflict['newer'] === 'string' ? conflict['newer'] : undefined, read: conflict['read'] === true,
      },
    },
  };
}

function parameterOf(given: JsonObject, at: string, wrong: (at: string, message: string) => void): RestParameter {
  const name = text(given['name']);
  if (name === '') wrong(`${at}/name`, 'A parameter has no name; give it the one that the system knows.');
  const place = given['in'];
  if (place !== 'path' && place !== 'query' && place !== 'header') wrong(`${at}/in`, `A parameter goes into path, query or header, not into "${text(place)}".`);
  const from = typeof given['from'] === 'string' ? given['from'] : `/${escaped(name)}`;
  if (!isPointer(from)) wrong(`${at}/from`, `"${from}" is no JSON Pointer; write one such as /number.`);
  const where = place === 'path' || place === 'header' ? place : 'query';
  return { name, in: where, from, required: where === 'path' || given['required'] === true, explode: given['explode'] !== false && where === 'query' };
}

function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? '');
}
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value as readonly Json[] : [];
}
function object(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as JsonObject : {};
}
